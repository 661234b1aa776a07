// SPDX-License-Identifier: MIT
#include "steady/steady.h"

#include "plane/small.h"
#include "steady/memory.h"
#include "steady/watch.h"

#include <math.h>

#include <libavutil/common.h>

enum { HELD_MAX = RL_RANGE_AHEAD + RL_SKIPPED_MAX + 2 };

static const float most_ratio = 8;  // of the ranges of two frames of a shot
static const double anchor_s = 6;   // how long the way to the anchor takes

// Contrast of a picture, in luma: from `noise` on its map says something, from noise + `clear` on
// it counts in full. What was known is forgotten after so many frames of blackness.
static const float noise = 1.5f, clear = 6;
enum { DARK_FRAMES = 4 };

static const struct rl_smooth_how levels[] = {
    [RELIEF_STEADY_LIGHT] = {3, {.01f, .04f}, 8, 1},
    [RELIEF_STEADY_NORMAL] = {12, {.02f, .1f}, 8, 1},
    [RELIEF_STEADY_STRONG] = {24, {.03f, .25f}, 10, 1},
};

// A frame on its way through.
struct held {
    struct rl_frame *frame;
    AVFrame *memory;        // NULL until its depth is known; in the shot's units
    struct rl_limits seen;  // likewise
    struct rl_scale scale;  // from the network's units to the shot's
    float worth;            // of its map: 0 a black picture, 1 a picture
    float news;             // how much of it was not known before, 0 .. 1
    bool begins;            // nothing before it is known
};

struct steady {
    struct rl_steady_params params;
    struct held held[HELD_MAX];   // oldest first
    int held_count, known_count;  // of those, how many have their memory
    AVFrame *last;                // memory of the newest frame that has one
    float last_range;             // and how wide that one's range is
    float known_worth;            // the most that a map of the shot was worth
    int dark_count;               // frames of blackness up to the newest
    struct rl_align align;
    struct rl_range range;
    struct rl_carrier carrier;
    struct rl_sum_fns small;
    struct rl_pool maps;
};

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

// What a held frame's memory says, those cells aside that nobody knew before.
static void measure_memory(struct held *held)
{
    const struct rl_plane plane = rl_frame_plane(held->memory, RL_MEMORY_DEPTH);
    measure(&held->seen, &plane, rl_memory_plane(held->memory, RL_MEMORY_COUNT),
            area_in(held->frame, held->memory));
}

// What a network's map of a picture is worth, by the mean deviation of its luma.
static float worth_of(const AVFrame *memory, struct rl_area area)
{
    double sum = 0, deviation = 0;
    int count = 0;
    for (int y = area.y0 + 1; y < area.y1; y += 4)
        for (int x = area.x0 + 1; x < area.x1; x += 4, count++)
            sum += rl_memory_row(memory, y).luma[x];
    for (int y = area.y0 + 1; y < area.y1; y += 4)
        for (int x = area.x0 + 1; x < area.x1; x += 4)
            deviation += fabs(rl_memory_row(memory, y).luma[x] - sum / count);
    return count ? av_clipf(((float)(deviation / count) - noise) / clear, 0, 1) : 1;
}

// ---------------------------------------------------------------------------------------------
// A frame with a map

static struct rl_scale compose(struct rl_scale outer, struct rl_scale inner)
{
    return (struct rl_scale){outer.scale * inner.scale, outer.scale * inner.shift + outer.shift};
}

static void begin_shot(struct steady *steady, struct held *held)
{
    const struct rl_limits own = rl_range_credible(&steady->range, held->seen);
    held->scale.scale = 1 / (own.near - own.far);
    held->scale.shift = -own.far * held->scale.scale;
    rl_align_begin(&steady->align, held->scale);
    steady->carrier.trend = (struct rl_trend){0};
    steady->known_worth = held->worth;
    held->begins = true;
    rl_memory_take_map(held->memory, held->frame->depth, held->seen, held->scale);
    rl_memory_fill(held->memory, RL_MEMORY_COUNT, held->worth);
}

// A shot begins in the dark: all is flat, and nothing is known.
static void begin_blank(struct steady *steady, struct held *held)
{
    held->scale = (struct rl_scale){1, 0};
    rl_align_begin(&steady->align, held->scale);
    steady->carrier.trend = (struct rl_trend){0};
    steady->known_worth = 0;
    held->begins = true;
    rl_memory_fill(held->memory, RL_MEMORY_DEPTH, 0);
    rl_memory_fill(held->memory, RL_MEMORY_COUNT, 0);
}

// Out of the dark: frames that are held and were darker than this one learn what they showed.
static enum relief_status tell_before(struct steady *steady, struct relief_error *err)
{
    for (int i = steady->held_count - 2; i >= 0; i--) {
        struct held *held = &steady->held[i], *next = &steady->held[i + 1];
        if (next->frame->cut || !held->frame->motion_ahead || !held->memory ||
            held->worth >= steady->known_worth || held->memory->width != next->memory->width ||
            held->memory->height != next->memory->height)
            break;
        AVFrame *w = rl_memory_carry(&steady->carrier, next->memory, held->frame->motion_ahead,
                                     rl_memory_plane(held->memory, RL_MEMORY_LUMA),
                                     rl_memory_stride(held->memory), -1);
        if (!w)
            return rl_fail_memory(err);
        rl_memory_only(held->memory, w);
        av_frame_free(&w);
        held->scale = next->scale;
        held->begins = true;
        next->begins = false;
        if (i < steady->known_count)
            measure_memory(held);
    }
    return RELIEF_OK;
}

// `now` holds the new map in the network's units; what is carried in `w`.
static void go_on(struct steady *steady, struct held *held, AVFrame *now, const AVFrame *w)
{
    const struct rl_area area = area_in(held->frame, now);
    const ptrdiff_t stride = rl_memory_stride(now);
    float *map = rl_memory_plane(now, RL_MEMORY_DEPTH);
    const float *known = rl_memory_plane(w, RL_MEMORY_DEPTH);
    const float *trust = rl_memory_plane(w, RL_MEMORY_TRUST);
    const struct rl_align_planes planes = {
        map,     known,   trust,   stride,  rl_memory_stride(w),
        area.x0, area.y0, area.x1, area.y1, held->seen.near - held->seen.far};
    const struct rl_motion_view view = rl_memory_motion(held->frame->motion_back);
    held->scale = rl_align_next(&steady->align, &planes);
    rl_memory_scale(now, held->scale);
    const float range = planes.width * held->scale.scale;
    rl_trend_learn(&steady->carrier.trend, map, known, trust, stride, planes.known_stride,
                   now->width, now->height, &view, range);
    // The mean is over time: where the network looks at every fourth frame only, over fewer maps.
    struct rl_smooth_how how = levels[steady->params.level];
    how.slack[0] *= range;
    how.slack[1] *= range;
    how.most = fmaxf(how.most / (float)(steady->held_count - steady->known_count), 3);
    how.weight = held->worth;
    for (int y = 0; y < now->height; y++) {
        const float *here = map + y * stride;
        const float *const rows[3] = {y ? here - stride : here, here,
                                      y < now->height - 1 ? here + stride : here};
        const struct rl_carried to = rl_memory_row(held->memory, y);
        steady->carrier.fns.blend_row(to.depth, to.count, rows, rl_memory_row(w, y), now->width,
                                      &how);
    }
    const struct rl_scale pull = rl_align_pull(&steady->align, anchor_s * steady->range.frame_rate);
    rl_memory_scale(held->memory, pull);
    held->scale = compose(pull, held->scale);
    steady->known_worth = fmaxf(steady->known_worth, held->worth);
}

// ---------------------------------------------------------------------------------------------
// Arriving

// A frame without a map, or with one that says nothing, for the time being: what came before it.
static enum relief_status carry_in(struct steady *steady, struct held *held,
                                   struct relief_error *err)
{
    const AVFrame *memory = held->memory;
    AVFrame *w = rl_memory_carry(&steady->carrier, steady->last, held->frame->motion_back,
                                 rl_memory_plane(memory, RL_MEMORY_LUMA), rl_memory_stride(memory),
                                 1);
    if (!w)
        return rl_fail_memory(err);
    held->scale = steady->align.last;
    rl_memory_only(held->memory, w);
    av_frame_free(&w);
    return RELIEF_OK;
}

static enum relief_status add_map(struct steady *steady, struct held *held,
                                  struct relief_error *err)
{
    const AVFrame *map = held->frame->depth;
    enum relief_status status = RELIEF_OK;
    AVFrame *now = rl_memory_new(&steady->carrier, map->width, map->height);
    AVFrame *w = rl_memory_carry(&steady->carrier, steady->last, held->frame->motion_back,
                                 rl_memory_plane(held->memory, RL_MEMORY_LUMA),
                                 rl_memory_stride(held->memory), 1);
    if (now && w) {
        rl_memory_take_map(now, map, held->seen, (struct rl_scale){1, 0});
        go_on(steady, held, now, w);
    } else {
        status = rl_fail_memory(err);
    }
    av_frame_free(&now);
    av_frame_free(&w);
    return status;
}

// False where a shot begins.
static bool goes_on(const struct steady *steady, const struct held *held)
{
    const AVFrame *last = steady->last, *now = held->memory;
    return last && held->frame->motion_back && !held->frame->cut && last->width == now->width &&
           last->height == now->height && now->width > 1 && now->height > 1;
}

// Whether what is remembered is no measure for a map: it comes from a far darker picture, or the
// map's range has nothing to do with it.
static bool is_news(const struct steady *steady, const struct held *held)
{
    const float range = (held->seen.near - held->seen.far) * steady->align.last.scale;
    return held->worth > 2 * steady->known_worth || range > most_ratio * steady->last_range ||
           steady->last_range > most_ratio * range;
}

static enum relief_status take_in(struct steady *steady, struct held *held,
                                  struct relief_error *err)
{
    const AVFrame *map = held->frame->depth, *size = map ? map : steady->last;
    if (!map && !(size && held->frame->motion_back && !held->frame->cut))
        return rl_fail(err, RELIEF_E_FAILED, "steady: the first frame of a shot has no depth");
    held->memory = rl_memory_new(&steady->carrier, size->width, size->height);
    if (!held->memory)
        return rl_fail_memory(err);
    rl_small_luma(&steady->small, rl_memory_plane(held->memory, RL_MEMORY_LUMA),
                  rl_memory_stride(held->memory), size->width, size->height, held->frame->picture);
    held->worth = worth_of(held->memory, area_in(held->frame, held->memory));
    steady->dark_count = held->worth > 0 ? 0 : steady->dark_count + 1;
    if (steady->dark_count >= DARK_FRAMES)
        steady->known_worth = 0;
    if (!map)
        return carry_in(steady, held, err);
    const struct rl_plane plane = rl_frame_plane(map, 0);
    const bool any = measure(&held->seen, &plane, NULL, area_in(held->frame, map)) &&
                     held->worth > 0;
    if (!goes_on(steady, held)) {
        if (any)
            begin_shot(steady, held);
        else
            begin_blank(steady, held);
        return RELIEF_OK;
    }
    if (!any)
        return carry_in(steady, held, err);
    if (!is_news(steady, held))
        return add_map(steady, held, err);
    begin_shot(steady, held);
    return tell_before(steady, err);
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
        AVFrame *w = rl_memory_carry(&steady->carrier, behind, motion,
                                     rl_memory_plane(held->memory, RL_MEMORY_LUMA),
                                     rl_memory_stride(held->memory), -1);
        if (!w)
            return rl_fail_memory(err);
        const float way = (float)(i - first + 1) / (float)(newest - first + 1);
        for (int y = 0; y < w->height; y++) {
            const struct rl_carried to = rl_memory_row(held->memory, y);
            steady->carrier.fns.mix_row(to.depth, to.count, rl_memory_row(w, y), w->width, way);
        }
        av_frame_free(&w);
    }
    return RELIEF_OK;
}

// A cell that was known in two frames before is no news.
static float news_of(const struct held *held)
{
    const struct rl_area area = area_in(held->frame, held->memory);
    const float own = held->frame->depth_skipped ? 0 : held->worth;
    double known = 0;
    int count = 0;
    for (int y = area.y0 + 1; y < area.y1; y += 4)
        for (int x = area.x0 + 1; x < area.x1; x += 4, count++)
            known += av_clipf((rl_memory_row(held->memory, y).count[x] - own) / 2, 0, 1);
    return count && !held->begins ? 1 - (float)(known / count) : 0;
}

// All that are held have got all that they can.
static void settle(struct steady *steady)
{
    for (; steady->known_count < steady->held_count; steady->known_count++) {
        struct held *held = &steady->held[steady->known_count];
        measure_memory(held);
        held->news = news_of(held);
        steady->last_range = held->seen.near - held->seen.far;
    }
}

// ---------------------------------------------------------------------------------------------
// Leaving

static enum relief_status normalise(struct steady *steady, struct rl_frame *frame,
                                    struct rl_plane from, struct rl_limits limits,
                                    struct rl_limits reach, struct relief_error *err)
{
    const struct rl_smooth_finish finish = rl_smooth_finish_of(limits.far, limits.near, reach.far,
                                                               reach.near);
    AVFrame *final = rl_pool_get(&steady->maps, AV_PIX_FMT_GRAYF32, from.width, from.height, NULL);
    if (!final)
        return rl_fail_memory(err);
    const struct rl_plane to = rl_frame_plane(final, 0);
    for (int y = 0; y < from.height; y++)
        steady->carrier.fns.finish_row((float *)(void *)rl_plane_row(&to, y),
                                       (const float *)(const void *)rl_plane_row(&from, y),
                                       from.width, &finish);
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
        const float *count = rl_memory_row(memory, y).count;
        float *row = (float *)(void *)rl_plane_row(&to, y);
        for (int x = 0; x < memory->width; x++) {
            const float before = held->frame->depth_skipped ? count[x] : count[x] - held->worth;
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
    rl_range_next(&steady->range, ahead, count, held.begins, held.scale.scale, held.news);
    const struct rl_limits limits = to_shot(
        rl_range_credible(&steady->range, to_network(steady->range.at, held.scale)), held.scale);
    enum relief_status status = normalise(steady, held.frame,
                                          rl_frame_plane(held.memory, RL_MEMORY_DEPTH), limits,
                                          steady->range.reach, err);
    if (status == RELIEF_OK && steady->params.show_known)
        status = show_known(steady, &held, err);
    av_frame_free(&held.memory);
    if (status == RELIEF_OK)
        return out->take(out->user, held.frame, err);
    rl_frame_free(&held.frame);
    return status;
}

static void drop_all(struct steady *steady)
{
    for (int i = 0; i < steady->held_count; i++) {
        rl_frame_free(&steady->held[i].frame);
        av_frame_free(&steady->held[i].memory);
    }
    steady->held_count = steady->known_count = 0;
}

static enum relief_status flush(void *stage, const struct rl_sink *out, struct relief_error *err)
{
    struct steady *steady = stage;
    enum relief_status status = RELIEF_OK;
    settle(steady);
    while (status == RELIEF_OK && steady->held_count)
        status = pass_on(steady, out, err);
    drop_all(steady);
    return status;
}

static enum relief_status by_itself(struct steady *steady, struct rl_frame *frame,
                                    const struct rl_sink *out, struct relief_error *err)
{
    const struct rl_plane plane = rl_frame_plane(frame->depth, 0);
    struct rl_limits seen;
    measure(&seen, &plane, NULL, area_in(frame, frame->depth));
    const struct rl_limits limits = rl_range_credible(&steady->range, seen);
    enum relief_status status = normalise(steady, frame, plane, limits, limits, err);
    if (status == RELIEF_OK)
        return out->take(out->user, frame, err);
    rl_frame_free(&frame);
    return status;
}

static enum relief_status hold(struct steady *steady, struct rl_frame *frame,
                               const struct rl_sink *out, struct relief_error *err)
{
    struct held *held = &steady->held[steady->held_count++];
    *held = (struct held){.frame = frame};
    enum relief_status status = take_in(steady, held, err);
    if (status != RELIEF_OK)
        return status;
    remember(steady, held);
    if (!steady->last)
        return rl_fail_memory(err);
    if (held->frame->depth) {
        status = carry_back(steady, err);
        settle(steady);
    }
    while (status == RELIEF_OK && steady->known_count > RL_RANGE_AHEAD)
        status = pass_on(steady, out, err);
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
    const enum relief_status status = hold(steady, frame, out, err);
    if (status != RELIEF_OK)
        drop_all(steady);
    return status;
}

static void close_stage(void *stage)
{
    struct steady *steady = stage;
    drop_all(steady);
    av_frame_free(&steady->last);
    rl_pool_clear(&steady->carrier.pool);
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
    steady->carrier.luma_tolerance = levels[params->level].luma_tolerance;
    rl_smooth_init(&steady->carrier.fns, params->cpu);
    rl_sum_init(&steady->small, params->cpu);
    *stage = (struct rl_stage){&type, steady};
    return RELIEF_OK;
}
