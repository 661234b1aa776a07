// SPDX-License-Identifier: MIT
#include "steady/steady.h"

#include "plane/pool.h"
#include "plane/small.h"
#include "steady/align.h"
#include "steady/range.h"
#include "steady/smooth/smooth.h"
#include "steady/watch.h"

#include <math.h>

#include <libavutil/common.h>

enum { HELD_MAX = RL_RANGE_AHEAD + RL_SKIPPED_MAX + 2 };

static const double anchor_s = 6;  // how long the way to the anchor takes

static const struct rl_smooth_how levels[] = {
    [RELIEF_STEADY_LIGHT] = {3, {.01f, .04f}, 8},
    [RELIEF_STEADY_NORMAL] = {12, {.02f, .2f}, 8},
    [RELIEF_STEADY_STRONG] = {24, {.03f, .25f}, 10},
};

// Planes of a memory, as a picture: GBRAPF32. TRUST is used while it is being made.
enum { DEPTH, COUNT, LUMA, TRUST, PLANES };

// A frame on its way through.
struct held {
    struct rl_frame *frame;
    AVFrame *memory;        // NULL until its depth is known; in the shot's units
    struct rl_limits seen;  // likewise
    struct rl_scale scale;  // from the network's units to the shot's
};

struct steady {
    struct rl_steady_params params;
    struct rl_smooth_fns fns;
    struct held held[HELD_MAX];   // oldest first
    int held_count, known_count;  // of those, how many have their memory
    AVFrame *last;                // memory of the newest frame that has one
    struct rl_align align;
    struct rl_range range;
    struct rl_pool memories, maps;
};

// ---------------------------------------------------------------------------------------------
// Planes

static float *plane_of(const AVFrame *memory, int plane)
{
    return (float *)(void *)memory->data[plane];
}

static ptrdiff_t stride_of(const AVFrame *memory)
{
    return memory->linesize[0] / (ptrdiff_t)sizeof(float);
}

static struct rl_memory memory_of(const AVFrame *memory)
{
    return (struct rl_memory){plane_of(memory, DEPTH), plane_of(memory, COUNT),
                              plane_of(memory, LUMA),  stride_of(memory),
                              memory->width,           memory->height};
}

static struct rl_carried carried_row(const AVFrame *memory, int y)
{
    const ptrdiff_t at = y * stride_of(memory);
    return (struct rl_carried){plane_of(memory, DEPTH) + at, plane_of(memory, COUNT) + at,
                               plane_of(memory, LUMA) + at, plane_of(memory, TRUST) + at};
}

static AVFrame *new_memory(struct steady *steady, int width, int height)
{
    return rl_pool_get(&steady->memories, AV_PIX_FMT_GBRAPF32, width, height, NULL);
}

// False, and 0 to 1, when there is no finite value.
static bool measure(struct rl_limits *seen, const struct rl_frame *frame, const float *values,
                    const float *count, ptrdiff_t stride)
{
    const struct rl_area area = rl_frame_depth_area(frame);
    const struct rl_range_cells cells = {values, count, stride, area.x0, area.y0, area.x1, area.y1};
    *seen = (struct rl_limits){0, 1};
    return rl_range_measure(&cells, seen);
}

// ---------------------------------------------------------------------------------------------
// Carrying what is remembered to another frame

// How light changed between what is carried and what is seen, on trusted cells; none when that
// explains little.
static struct rl_light light_of(const AVFrame *carried, const float *luma, ptrdiff_t stride)
{
    double sums[2] = {0}, spreads[2] = {0}, as_is = 0, matched = 0;
    int count = 0;
    struct rl_light light = {1, 0};
    for (int pass = 0; pass < 3; pass++)
        for (int y = 2; y < carried->height; y += 4) {
            const struct rl_carried row = carried_row(carried, y);
            for (int x = 2; x < carried->width; x += 4) {
                if (row.trust[x] < .5f)
                    continue;
                const double a = luma[y * stride + x], b = row.luma[x];
                if (pass == 0) {
                    sums[0] += a;
                    sums[1] += b;
                    count++;
                } else if (pass == 1) {
                    spreads[0] += fabs(a - sums[0] / count);
                    spreads[1] += fabs(b - sums[1] / count);
                } else {
                    const double gain = av_clipd((spreads[0] + count) / (spreads[1] + count), .25,
                                                 4);
                    light = (struct rl_light){(float)gain,
                                              (float)((sums[0] - gain * sums[1]) / count)};
                    as_is += fabs(a - b);
                    matched += fabs(a - light.gain * b - light.offset);
                }
            }
        }
    return as_is > 1.25 * matched ? light : (struct rl_light){1, 0};
}

// What is around a row of a plane, the border's rows going on beyond it.
static void rows_around(const float *rows[5], const float *plane, ptrdiff_t stride, int y,
                        int height)
{
    for (int i = 0; i < 5; i++)
        rows[i] = plane + av_clip(y + i - 2, 0, height - 1) * stride;
}

// Trust as the mean of the least around; `spare` is a plane that may be overwritten.
static void soften(struct steady *steady, AVFrame *carried, float *spare)
{
    const ptrdiff_t stride = stride_of(carried);
    float *trust = plane_of(carried, TRUST);
    const float *rows[5];
    for (int y = 0; y < carried->height; y++) {
        rows_around(rows, trust, stride, y, carried->height);
        steady->fns.least_row(spare + y * stride, rows, carried->width);
    }
    for (int y = 0; y < carried->height; y++) {
        rows_around(rows, spare, stride, y, carried->height);
        steady->fns.mean_row(trust + y * stride, rows, carried->width);
    }
}

// `from`, carried to the frame whose luma is given; its planes are depth, count, luma as they
// arrive, and trust.
static AVFrame *carry(struct steady *steady, const AVFrame *from, const AVFrame *motion,
                      const float *luma, ptrdiff_t stride)
{
    AVFrame *carried = new_memory(steady, from->width, from->height);
    if (!carried)
        return NULL;
    const struct rl_memory memory = memory_of(from);
    const struct rl_motion_view view = {plane_of(motion, RL_MOTION_DX),
                                        plane_of(motion, RL_MOTION_DY),
                                        plane_of(motion, RL_MOTION_CONFIDENCE),
                                        stride_of(motion),
                                        motion->width,
                                        motion->height};
    for (int y = 0; y < from->height; y++)
        steady->fns.carry_row(carried_row(carried, y), &memory, &view, y);
    const struct rl_light light = light_of(carried, luma, stride);
    for (int y = 0; y < from->height; y++) {
        const struct rl_carried row = carried_row(carried, y);
        const float *here = luma + y * stride;
        steady->fns.trust_row(row.trust, row.luma, here, y ? here - stride : here,
                              y < from->height - 1 ? here + stride : here, from->width, light,
                              levels[steady->params.level].luma_tolerance);
    }
    soften(steady, carried, plane_of(carried, LUMA));  // which has served
    return carried;
}

// ---------------------------------------------------------------------------------------------
// A frame with a map

// A wild value must not spoil sums: what is far outside of the map's range is brought to its edge,
// what is not a number takes the value before it.
static void take_map(float *to, ptrdiff_t stride, const AVFrame *map, struct rl_limits seen,
                     struct rl_scale scale)
{
    const struct rl_plane from = rl_frame_plane(map, 0);
    const float width = seen.near - seen.far;
    const float least = seen.far - 2 * width, most = seen.near + 2 * width;
    float last = seen.far;
    for (int y = 0; y < map->height; y++, to += stride) {
        const float *row = (const float *)(const void *)rl_plane_row(&from, y);
        for (int x = 0; x < map->width; x++) {
            if (isfinite(row[x]))
                last = fminf(fmaxf(row[x], least), most);
            to[x] = scale.scale * last + scale.shift;
        }
    }
}

static struct rl_scale compose(struct rl_scale outer, struct rl_scale inner)
{
    return (struct rl_scale){outer.scale * inner.scale, outer.scale * inner.shift + outer.shift};
}

static void apply(float *values, ptrdiff_t stride, int width, int height, struct rl_scale scale)
{
    for (int y = 0; y < height; y++, values += stride)
        for (int x = 0; x < width; x++)
            values[x] = scale.scale * values[x] + scale.shift;
}

static void begin_shot(struct steady *steady, struct held *held)
{
    const struct rl_limits own = rl_range_credible(&steady->range, held->seen);
    held->scale.scale = 1 / (own.near - own.far);
    held->scale.shift = -own.far * held->scale.scale;
    rl_align_begin(&steady->align, held->scale);
    AVFrame *memory = held->memory;
    take_map(plane_of(memory, DEPTH), stride_of(memory), held->frame->depth, held->seen,
             held->scale);
    for (int y = 0; y < memory->height; y++) {
        float *count = carried_row(memory, y).count;
        for (int x = 0; x < memory->width; x++)
            count[x] = 1;
    }
}

// `now` holds the new map in the network's units; what is carried in `w`.
static void go_on(struct steady *steady, struct held *held, AVFrame *now, const AVFrame *w)
{
    const struct rl_area area = rl_frame_depth_area(held->frame);
    const ptrdiff_t stride = stride_of(now);
    const struct rl_align_planes planes = {plane_of(now, DEPTH),
                                           plane_of(w, DEPTH),
                                           plane_of(w, TRUST),
                                           stride,
                                           stride_of(w),
                                           area.x0,
                                           area.y0,
                                           area.x1,
                                           area.y1};
    AVFrame *memory = held->memory;
    held->scale = rl_align_next(&steady->align, &planes);
    apply(plane_of(now, DEPTH), stride, now->width, now->height, held->scale);
    for (int y = 0; y < now->height; y++) {
        const float *here = plane_of(now, DEPTH) + y * stride;
        const float *const rows[3] = {y ? here - stride : here, here,
                                      y < now->height - 1 ? here + stride : here};
        const struct rl_carried to = carried_row(memory, y);
        steady->fns.blend_row(to.depth, to.count, rows, carried_row(w, y), now->width,
                              &levels[steady->params.level]);
    }
    const struct rl_scale pull = rl_align_pull(&steady->align, held->scale,
                                               anchor_s * steady->range.frame_rate);
    apply(plane_of(memory, DEPTH), stride_of(memory), memory->width, memory->height, pull);
    held->scale = compose(pull, held->scale);
}

// Nothing is known of this frame but what came before it.
static void only_carried(AVFrame *memory, const AVFrame *w)
{
    for (int y = 0; y < memory->height; y++) {
        const struct rl_carried from = carried_row(w, y), to = carried_row(memory, y);
        for (int x = 0; x < memory->width; x++) {
            to.depth[x] = from.depth[x];
            to.count[x] = from.count[x] * from.trust[x];
        }
    }
}

static enum relief_status take_in(struct steady *steady, struct held *held,
                                  struct relief_error *err)
{
    const AVFrame *map = held->frame->depth, *last = steady->last;
    const AVFrame *motion = held->frame->motion_back;
    enum relief_status status = RELIEF_OK;
    const struct rl_plane plane = rl_frame_plane(map, 0);
    const bool any = measure(&held->seen, held->frame, (const float *)(const void *)plane.data,
                             NULL, plane.stride / (ptrdiff_t)sizeof(float));
    held->memory = new_memory(steady, map->width, map->height);
    if (!held->memory)
        return rl_fail_memory(err);
    const ptrdiff_t stride = stride_of(held->memory);
    float *luma = plane_of(held->memory, LUMA);
    rl_small_luma(luma, stride, map->width, map->height, held->frame->picture);
    bool same_shot = last && motion && !held->frame->cut && last->width == map->width &&
                     last->height == map->height;
    if (!same_shot) {
        held->frame->cut = true;
        begin_shot(steady, held);
    } else {
        AVFrame *now = new_memory(steady, map->width, map->height);
        AVFrame *w = carry(steady, last, motion, luma, stride);
        if (now && w && !any) {
            held->scale = steady->align.last;
            only_carried(held->memory, w);
        } else if (now && w) {
            take_map(plane_of(now, DEPTH), stride_of(now), map, held->seen,
                     (struct rl_scale){1, 0});
            go_on(steady, held, now, w);
        } else {
            status = rl_fail_memory(err);
        }
        av_frame_free(&now);
        av_frame_free(&w);
    }
    return status;
}

static void remember(struct steady *steady, struct held *held)
{
    measure(&held->seen, held->frame, plane_of(held->memory, DEPTH),
            plane_of(held->memory, COUNT), stride_of(held->memory));
    av_frame_free(&steady->last);
    steady->last = av_frame_clone(held->memory);
}

// ---------------------------------------------------------------------------------------------
// Leaving

static enum relief_status normalise(struct steady *steady, struct rl_frame *frame,
                                    const float *from, ptrdiff_t stride, struct rl_limits limits,
                                    struct relief_error *err)
{
    const float scale = 1 / (limits.near - limits.far);
    const int width = frame->depth->width, height = frame->depth->height;
    AVFrame *final = rl_pool_get(&steady->maps, AV_PIX_FMT_GRAYF32, width, height, NULL);
    if (!final)
        return rl_fail_memory(err);
    const struct rl_plane to = rl_frame_plane(final, 0);
    for (int y = 0; y < height; y++, from += stride) {
        float *out = (float *)(void *)rl_plane_row(&to, y);
        for (int x = 0; x < width; x++) {
            float d = (from[x] - limits.far) * scale;
            out[x] = d >= 1 ? 1 : d > 0 ? d : 0;  // what is not a number is far
        }
    }
    av_frame_free(&frame->depth);
    frame->depth = final;
    frame->depth_is_final = true;
    return RELIEF_OK;
}

static struct rl_limits to_network(struct rl_limits limits, struct rl_scale scale)
{
    return (struct rl_limits){(limits.far - scale.shift) / scale.scale,
                              (limits.near - scale.shift) / scale.scale};
}

static struct rl_limits to_shot(struct rl_limits limits, struct rl_scale scale)
{
    return (struct rl_limits){scale.scale * limits.far + scale.shift,
                              scale.scale * limits.near + scale.shift};
}

static enum relief_status pass_on(struct steady *steady, const struct rl_sink *out,
                                  struct relief_error *err)
{
    struct held held = steady->held[0];
    struct rl_limits ahead[RL_RANGE_AHEAD + 1];
    int count = 0;
    while (count < steady->known_count && count <= RL_RANGE_AHEAD &&
           !(count && steady->held[count].frame->cut)) {
        ahead[count] = steady->held[count].seen;
        count++;
    }
    steady->held_count--;
    steady->known_count--;
    memmove(steady->held, steady->held + 1, (size_t)steady->held_count * sizeof held);
    rl_range_next(&steady->range, ahead, count, held.frame->cut, held.scale.scale);
    const struct rl_limits limits = to_shot(
        rl_range_credible(&steady->range, to_network(steady->range.at, held.scale)), held.scale);
    enum relief_status status = normalise(steady, held.frame, plane_of(held.memory, DEPTH),
                                          stride_of(held.memory), limits, err);
    av_frame_free(&held.memory);
    if (status == RELIEF_OK)
        return out->take(out->user, held.frame, err);
    rl_frame_free(&held.frame);
    return status;
}

static enum relief_status flush(void *stage, const struct rl_sink *out, struct relief_error *err)
{
    struct steady *steady = stage;
    enum relief_status status = RELIEF_OK;
    while (status == RELIEF_OK && steady->held_count)
        status = pass_on(steady, out, err);
    return status;
}

static enum relief_status by_itself(struct steady *steady, struct rl_frame *frame,
                                    const struct rl_sink *out, struct relief_error *err)
{
    const struct rl_plane plane = rl_frame_plane(frame->depth, 0);
    const float *values = (const float *)(const void *)plane.data;
    const ptrdiff_t stride = plane.stride / (ptrdiff_t)sizeof(float);
    struct rl_limits seen;
    measure(&seen, frame, values, NULL, stride);
    enum relief_status status = normalise(steady, frame, values, stride,
                                          rl_range_credible(&steady->range, seen), err);
    if (status == RELIEF_OK)
        return out->take(out->user, frame, err);
    rl_frame_free(&frame);
    return status;
}

static enum relief_status push(void *stage, struct rl_frame *frame, const struct rl_sink *out,
                               struct relief_error *err)
{
    struct steady *steady = stage;
    if (frame->depth_is_final || !frame->depth)
        return out->take(out->user, frame, err);
    if (steady->params.level == RELIEF_STEADY_OFF)
        return by_itself(steady, frame, out, err);
    struct held *held = &steady->held[steady->held_count++];
    *held = (struct held){.frame = frame};
    enum relief_status status = take_in(steady, held, err);
    if (status != RELIEF_OK)
        return status;
    remember(steady, held);
    steady->known_count++;
    return steady->held_count > RL_RANGE_AHEAD ? pass_on(steady, out, err) : RELIEF_OK;
}

static void close_stage(void *stage)
{
    struct steady *steady = stage;
    for (int i = 0; i < steady->held_count; i++) {
        rl_frame_free(&steady->held[i].frame);
        av_frame_free(&steady->held[i].memory);
    }
    av_frame_free(&steady->last);
    rl_pool_clear(&steady->memories);
    rl_pool_clear(&steady->maps);
    free(steady);
}

enum relief_status rl_steady_open(struct rl_stage *stage, const struct rl_steady_params *params,
                                  struct relief_error *err)
{
    static const struct rl_stage_type type = {"steady", push, flush, close_stage};
    struct steady *steady = calloc(1, sizeof *steady);
    if (!steady)
        return rl_fail_memory(err);
    steady->params = *params;
    rl_range_init(&steady->range, params->frame_rate);
    rl_smooth_init(&steady->fns, params->cpu);
    *stage = (struct rl_stage){&type, steady};
    return RELIEF_OK;
}
