// SPDX-License-Identifier: MIT
#include "steady/steady.h"

#include "plane/pool.h"
#include "plane/small.h"
#include "steady/align.h"
#include "steady/range.h"
#include "steady/smooth/smooth.h"
#include "steady/trend.h"
#include "steady/watch.h"

#include <math.h>

#include <libavutil/common.h>

enum { HELD_MAX = RL_RANGE_AHEAD + RL_SKIPPED_MAX + 2 };

static const float most_ratio = 8;  // of the ranges of two frames of a shot
static const double anchor_s = 6;   // how long the way to the anchor takes

static const struct rl_smooth_how levels[] = {
    [RELIEF_STEADY_LIGHT] = {3, {.01f, .04f}, 8},
    [RELIEF_STEADY_NORMAL] = {12, {.02f, .1f}, 8},
    [RELIEF_STEADY_STRONG] = {24, {.03f, .25f}, 10},
};

// Planes of a memory, as a picture: GBRAPF32. TRUST is used while it is being made.
enum { DEPTH, COUNT, LUMA, TRUST, PLANES };

enum { MEANS = 5 };  // of trust, one after the other; odd, so that the last one ends in its plane

// A frame on its way through.
struct held {
    struct rl_frame *frame;
    AVFrame *memory;        // NULL until its depth is known; in the shot's units
    struct rl_limits seen;  // likewise
    struct rl_scale scale;  // from the network's units to the shot's
    bool begins;            // nothing before it is known
};

struct steady {
    struct rl_steady_params params;
    struct rl_smooth_fns fns;
    struct held held[HELD_MAX];   // oldest first
    int held_count, known_count;  // of those, how many have their memory
    AVFrame *last;                // memory of the newest frame that has one
    float last_range;             // and how wide that one's range is
    struct rl_align align;
    struct rl_trend trend;
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

static struct rl_motion_view view_of(const AVFrame *motion)
{
    return (struct rl_motion_view){plane_of(motion, RL_MOTION_DX),
                                   plane_of(motion, RL_MOTION_DY),
                                   plane_of(motion, RL_MOTION_CONFIDENCE),
                                   stride_of(motion),
                                   motion->width,
                                   motion->height};
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

// The cells of a map that lie in the frame's active area.
static struct rl_area area_in(const struct rl_frame *frame, const AVFrame *map)
{
    struct rl_frame with_map = *frame;
    AVFrame shape = {.width = map->width, .height = map->height, .format = AV_PIX_FMT_GRAYF32};
    with_map.depth = &shape;
    return rl_frame_depth_area(&with_map);
}

// False, and 0 to 1, when there is no finite value.
static bool measure(struct rl_limits *seen, const struct rl_plane *plane, const float *count,
                    struct rl_area area)
{
    const struct rl_range_cells cells = {(const float *)(const void *)plane->data,
                                         count,
                                         plane->stride / (ptrdiff_t)sizeof(float),
                                         area.x0,
                                         area.y0,
                                         area.x1,
                                         area.y1};
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
    float *from = spare, *to = trust;
    for (int pass = 0; pass < MEANS; pass++) {
        for (int y = 0; y < carried->height; y++) {
            rows_around(rows, from, stride, y, carried->height);
            steady->fns.mean_row(to + y * stride, rows, carried->width);
        }
        FFSWAP(float *, from, to);
    }
}

// `from`, carried to the frame whose luma is given; its planes are depth, count, luma as they
// arrive, and trust. `frames` is 1, or -1 when time goes backward.
static AVFrame *carry(struct steady *steady, const AVFrame *from, const AVFrame *motion,
                      const float *luma, ptrdiff_t stride, int frames)
{
    AVFrame *carried = new_memory(steady, from->width, from->height);
    if (!carried)
        return NULL;
    const struct rl_memory memory = memory_of(from);
    const struct rl_motion_view view = view_of(motion);
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
    rl_trend_apply(&steady->trend, plane_of(carried, DEPTH), stride_of(carried), carried->width,
                   carried->height, (float)frames);
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
    steady->trend = (struct rl_trend){0};
    held->begins = true;
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
    const struct rl_area area = area_in(held->frame, now);
    const ptrdiff_t stride = stride_of(now);
    const struct rl_align_planes planes = {plane_of(now, DEPTH),
                                           plane_of(w, DEPTH),
                                           plane_of(w, TRUST),
                                           stride,
                                           stride_of(w),
                                           area.x0,
                                           area.y0,
                                           area.x1,
                                           area.y1,
                                           held->seen.near - held->seen.far};
    const struct rl_motion_view view = view_of(held->frame->motion_back);
    AVFrame *memory = held->memory;
    held->scale = rl_align_next(&steady->align, &planes);
    apply(plane_of(now, DEPTH), stride, now->width, now->height, held->scale);
    const float range = planes.width * held->scale.scale;
    rl_trend_learn(&steady->trend, plane_of(now, DEPTH), plane_of(w, DEPTH), plane_of(w, TRUST),
                   stride, stride_of(w), now->width, now->height, &view, range);
    // The mean is over time: where the network looks at every fourth frame only, over fewer maps.
    struct rl_smooth_how how = levels[steady->params.level];
    how.slack[0] *= range;
    how.slack[1] *= range;
    how.most = fmaxf(how.most / (float)(steady->held_count - steady->known_count), 3);
    for (int y = 0; y < now->height; y++) {
        const float *here = plane_of(now, DEPTH) + y * stride;
        const float *const rows[3] = {y ? here - stride : here, here,
                                      y < now->height - 1 ? here + stride : here};
        const struct rl_carried to = carried_row(memory, y);
        steady->fns.blend_row(to.depth, to.count, rows, carried_row(w, y), now->width, &how);
    }
    const struct rl_scale pull = rl_align_pull(&steady->align, anchor_s * steady->range.frame_rate);
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

// A frame without a map, for the time being: what came before it.
static enum relief_status carry_in(struct steady *steady, struct held *held,
                                   struct relief_error *err)
{
    const AVFrame *last = steady->last, *motion = held->frame->motion_back;
    if (!last || !motion || held->frame->cut)
        return rl_fail(err, RELIEF_E_FAILED, "steady: the first frame of a shot has no depth");
    held->memory = new_memory(steady, last->width, last->height);
    if (!held->memory)
        return rl_fail_memory(err);
    const ptrdiff_t stride = stride_of(held->memory);
    float *luma = plane_of(held->memory, LUMA);
    rl_small_luma(luma, stride, last->width, last->height, held->frame->picture);
    AVFrame *w = carry(steady, last, motion, luma, stride, 1);
    if (!w)
        return rl_fail_memory(err);
    held->scale = steady->align.last;
    only_carried(held->memory, w);
    av_frame_free(&w);
    return RELIEF_OK;
}

// False where a shot begins. Also where the map's range has nothing to do with what is remembered:
// what a network says of a black picture is no measure for what comes out of it.
static bool goes_on(const struct steady *steady, const struct held *held, bool any)
{
    const AVFrame *last = steady->last, *map = held->frame->depth;
    const float range = (held->seen.near - held->seen.far) * steady->align.last.scale;
    return last && held->frame->motion_back && !held->frame->cut && last->width == map->width &&
           last->height == map->height && map->width > 1 && map->height > 1 &&
           (!any ||
            (range <= most_ratio * steady->last_range && steady->last_range <= most_ratio * range));
}

static enum relief_status take_in(struct steady *steady, struct held *held,
                                  struct relief_error *err)
{
    const AVFrame *map = held->frame->depth;
    enum relief_status status = RELIEF_OK;
    if (!map)
        return carry_in(steady, held, err);
    const struct rl_plane plane = rl_frame_plane(map, 0);
    const bool any = measure(&held->seen, &plane, NULL, area_in(held->frame, map));
    held->memory = new_memory(steady, map->width, map->height);
    if (!held->memory)
        return rl_fail_memory(err);
    const ptrdiff_t stride = stride_of(held->memory);
    float *luma = plane_of(held->memory, LUMA);
    rl_small_luma(luma, stride, map->width, map->height, held->frame->picture);
    if (!goes_on(steady, held, any)) {
        begin_shot(steady, held);
    } else {
        AVFrame *now = new_memory(steady, map->width, map->height);
        AVFrame *w = carry(steady, steady->last, held->frame->motion_back, luma, stride, 1);
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

// The newest frame has its memory.
static void remember(struct steady *steady, const struct held *held)
{
    av_frame_free(&steady->last);
    steady->last = av_frame_clone(held->memory);
}

// Frames without a map, between two that have one, hear from the one behind them, too.
static enum relief_status carry_back(struct steady *steady, struct relief_error *err)
{
    const int newest = steady->held_count - 1, first = steady->known_count;
    for (int i = newest - 1; i >= first; i--) {
        const struct held *held = &steady->held[i];
        const AVFrame *behind = steady->held[i + 1].memory, *motion = held->frame->motion_ahead;
        if (!motion || steady->held[i + 1].begins)
            break;
        AVFrame *w = carry(steady, behind, motion, plane_of(held->memory, LUMA),
                           stride_of(held->memory), -1);
        if (!w)
            return rl_fail_memory(err);
        const float way = (float)(i - first + 1) / (float)(newest - first + 1);
        for (int y = 0; y < w->height; y++) {
            const struct rl_carried to = carried_row(held->memory, y);
            steady->fns.mix_row(to.depth, to.count, carried_row(w, y), w->width, way);
        }
        av_frame_free(&w);
    }
    return RELIEF_OK;
}

// All that are held have got all that they can.
static void settle(struct steady *steady)
{
    for (; steady->known_count < steady->held_count; steady->known_count++) {
        struct held *held = &steady->held[steady->known_count];
        const struct rl_plane plane = rl_frame_plane(held->memory, DEPTH);
        measure(&held->seen, &plane, plane_of(held->memory, COUNT),
                area_in(held->frame, held->memory));
        steady->last_range = held->seen.near - held->seen.far;
    }
}

// ---------------------------------------------------------------------------------------------
// Leaving

static enum relief_status normalise(struct steady *steady, struct rl_frame *frame,
                                    struct rl_plane from, struct rl_limits limits,
                                    struct relief_error *err)
{
    const float scale = 1 / (limits.near - limits.far);
    AVFrame *final = rl_pool_get(&steady->maps, AV_PIX_FMT_GRAYF32, from.width, from.height, NULL);
    if (!final)
        return rl_fail_memory(err);
    const struct rl_plane to = rl_frame_plane(final, 0);
    for (int y = 0; y < from.height; y++) {
        const float *row = (const float *)(const void *)rl_plane_row(&from, y);
        float *out = (float *)(void *)rl_plane_row(&to, y);
        for (int x = 0; x < from.width; x++) {
            float d = (row[x] - limits.far) * scale;
            out[x] = d >= 1 ? 1 : d > 0 ? d : 0;  // what is not a number is far
        }
    }
    av_frame_free(&frame->depth);
    frame->depth = final;
    frame->depth_is_final = true;
    return RELIEF_OK;
}

// A cell that is the mean of n frames knew (n - 1) / n of it before. A frame without a map of its
// own has nothing but that.
static enum relief_status show_known(struct steady *steady, struct held *held,
                                     struct relief_error *err)
{
    const AVFrame *memory = held->memory;
    AVFrame *known = rl_pool_get(&steady->maps, AV_PIX_FMT_GRAYF32, memory->width, memory->height,
                                 NULL);
    if (!known)
        return rl_fail_memory(err);
    const struct rl_plane to = rl_frame_plane(known, 0);
    for (int y = 0; y < memory->height; y++) {
        const float *count = carried_row(memory, y).count;
        float *row = (float *)(void *)rl_plane_row(&to, y);
        for (int x = 0; x < memory->width; x++) {
            const float before = held->frame->depth_skipped ? count[x] : count[x] - 1;
            row[x] = before > 0 ? before / (before + 1) : 0;
        }
    }
    held->frame->known = known;
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
           !(count && steady->held[count].begins)) {
        ahead[count] = steady->held[count].seen;
        count++;
    }
    steady->held_count--;
    steady->known_count--;
    memmove(steady->held, steady->held + 1, (size_t)steady->held_count * sizeof held);
    rl_range_next(&steady->range, ahead, count, held.begins, held.scale.scale);
    const struct rl_limits limits = to_shot(
        rl_range_credible(&steady->range, to_network(steady->range.at, held.scale)), held.scale);
    enum relief_status status = normalise(steady, held.frame, rl_frame_plane(held.memory, DEPTH),
                                          limits, err);
    if (status == RELIEF_OK && steady->params.show_known)
        status = show_known(steady, &held, err);
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
    settle(steady);
    while (status == RELIEF_OK && steady->held_count)
        status = pass_on(steady, out, err);
    return status;
}

static enum relief_status by_itself(struct steady *steady, struct rl_frame *frame,
                                    const struct rl_sink *out, struct relief_error *err)
{
    const struct rl_plane plane = rl_frame_plane(frame->depth, 0);
    struct rl_limits seen;
    measure(&seen, &plane, NULL, area_in(frame, frame->depth));
    enum relief_status status = normalise(steady, frame, plane,
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
    if (frame->depth_is_final)
        return out->take(out->user, frame, err);
    if (steady->params.level == RELIEF_STEADY_OFF && frame->depth)
        return by_itself(steady, frame, out, err);
    struct held *held = &steady->held[steady->held_count++];
    *held = (struct held){.frame = frame};
    enum relief_status status = take_in(steady, held, err);
    if (status != RELIEF_OK)
        return status;
    remember(steady, held);
    if (held->frame->depth) {
        status = carry_back(steady, err);
        settle(steady);
    }
    while (status == RELIEF_OK && steady->known_count > RL_RANGE_AHEAD)
        status = pass_on(steady, out, err);
    return status;
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
