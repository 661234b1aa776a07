// SPDX-License-Identifier: MIT
#include "steady/shot.h"

#include "plane/small.h"
#include "steady/behind.h"

#include <math.h>

static const float most_ratio = 8;  // of the ranges of two frames of a shot
static const double anchor_s = 6;   // how long the way to the anchor takes

enum { DARK_FRAMES = 4 };  // of blackness, after which what was known is forgotten

static const struct rl_smooth_how levels[] = {
    [RELIEF_STEADY_LIGHT] = {3, {.01f, .06f}, 8},
    [RELIEF_STEADY_NORMAL] = {12, {.03f, .14f}, 10},
    [RELIEF_STEADY_STRONG] = {24, {.04f, .3f}, 10},
};

void rl_shot_init(struct rl_shot *shot, enum relief_steady level, unsigned cpu)
{
    *shot = (struct rl_shot){.carrier.how = levels[level]};
    rl_smooth_init(&shot->carrier.fns, cpu);
    rl_sum_init(&shot->small, cpu);
}

void rl_shot_clear(struct rl_shot *shot)
{
    av_frame_free(&shot->last);
    rl_pool_clear(&shot->carrier.pool);
}

// ---------------------------------------------------------------------------------------------
// A shot begins

static void begin(struct rl_shot *shot, struct rl_held *held, struct rl_scale scale, float worth)
{
    held->scale = scale;
    held->pull = (struct rl_scale){1, 0};
    held->begins = true;
    rl_align_begin(&shot->align, scale);
    shot->carrier.trend = (struct rl_trend){0};
    shot->known_worth = worth;
    rl_memory_fill(held->memory, RL_MEMORY_COUNT, worth);
}

static void begin_shot(struct rl_shot *shot, struct rl_held *held, const struct rl_range *range)
{
    const struct rl_limits own = rl_range_credible(range, held->seen);
    const float scale = 1 / (own.near - own.far);
    begin(shot, held, (struct rl_scale){scale, -own.far * scale}, held->worth);
    rl_memory_take_map(held->memory, held->frame->depth, held->seen, held->scale);
}

// In the dark: all is flat, and nothing is known.
static void begin_blank(struct rl_shot *shot, struct rl_held *held)
{
    begin(shot, held, (struct rl_scale){1, 0}, 0);
    rl_memory_fill(held->memory, RL_MEMORY_DEPTH, 0);
}

// ---------------------------------------------------------------------------------------------
// A shot goes on

static struct rl_scale compose(struct rl_scale outer, struct rl_scale inner)
{
    return (struct rl_scale){outer.scale * inner.scale, outer.scale * inner.shift + outer.shift};
}

// The newest frame's map, brought to the scale of what is remembered. Returns how wide its range is
// in the shot's units.
static float align(struct rl_shot *shot, struct rl_held *held, const AVFrame *w)
{
    AVFrame *now = held->own;
    const struct rl_area area = rl_held_area(held->frame, now);
    const ptrdiff_t stride = rl_memory_stride(now);
    float *map = rl_memory_plane(now, RL_MEMORY_DEPTH);
    const float *known = rl_memory_plane(w, RL_MEMORY_DEPTH);
    const float *trust = rl_memory_plane(w, RL_MEMORY_TRUST);
    const struct rl_align_planes planes = {
        map,
        known,
        rl_memory_plane(held->memory, RL_MEMORY_TRUST),
        stride,
        rl_memory_stride(w),
        area.x0,
        area.y0,
        area.x1,
        area.y1,
        held->seen.near - held->seen.far,
    };
    const struct rl_motion_view view = rl_memory_motion(held->frame->motion_back);
    held->scale = rl_align_next(&shot->align, &planes);
    rl_memory_scale(now, held->scale);
    const float range = planes.width * held->scale.scale;
    rl_trend_learn(&shot->carrier.trend, map, known, trust, stride, planes.known_stride, now->width,
                   now->height, &view, range);
    return range;
}

// `own` holds the new map in the network's units; what is carried in `w`. The frame is the `gap`th
// since the last one with a map.
static void go_on(struct rl_shot *shot, struct rl_held *held, const AVFrame *w, int gap,
                  double frame_rate)
{
    const float range = align(shot, held, w);
    // The mean is over time: where the network looks at every fourth frame only, over fewer maps.
    const float most = fmaxf(shot->carrier.how.most / (float)gap, 3);
    rl_memory_blend(&shot->carrier, held->memory, held->own, w, range, most);
    held->pull = rl_align_pull(&shot->align, anchor_s * frame_rate);
    rl_memory_scale(held->memory, held->pull);
    rl_memory_scale(held->own, held->pull);
    held->scale = compose(held->pull, held->scale);
    shot->known_worth = fmaxf(shot->known_worth, held->worth);
}

// What is remembered, carried to a frame. NULL when out of memory.
static AVFrame *carried_to(struct rl_shot *shot, const struct rl_held *held)
{
    return rl_memory_carry(&shot->carrier, shot->last, held->frame->motion_back,
                           rl_memory_plane(held->memory, RL_MEMORY_LUMA),
                           rl_memory_stride(held->memory), 1);
}

// TRUST of the newest frame's memory: how far what is carried to it in `w` can be believed, all the
// way from the last map, `gap` frames before. What was lost on the way is lost, however well the
// last step went.
static void take_trust(const struct rl_shot *shot, AVFrame *memory, const AVFrame *w, int gap)
{
    for (int y = 0; y < w->height; y++) {
        const float *step = rl_memory_row(w, y).trust, *before = rl_memory_row(shot->last, y).trust;
        float *trust = rl_memory_row(memory, y).trust;
        for (int x = 0; x < w->width; x++)
            trust[x] = gap > 1 ? step[x] * before[x] : step[x];
    }
}

// A frame without a map, or with one that says nothing, for the time being: what came before it.
static enum relief_status carry_in(struct rl_shot *shot, struct rl_held *held, int gap,
                                   struct relief_error *err)
{
    AVFrame *w = carried_to(shot, held);
    if (!w)
        return rl_fail_memory(err);
    held->scale = shot->align.last;
    held->pull = (struct rl_scale){1, 0};
    rl_memory_only(held->memory, w);
    take_trust(shot, held->memory, w, gap);
    av_frame_free(&w);
    return RELIEF_OK;
}

static enum relief_status add_map(struct rl_shot *shot, struct rl_held *held, int gap,
                                  double frame_rate, struct relief_error *err)
{
    const AVFrame *map = held->frame->depth;
    enum relief_status status = RELIEF_OK;
    AVFrame *w = carried_to(shot, held);
    held->own = rl_memory_new(&shot->carrier, map->width, map->height);
    if (held->own && w) {
        rl_memory_take_map(held->own, map, held->seen, (struct rl_scale){1, 0});
        rl_memory_fill(held->own, RL_MEMORY_COUNT, held->worth);
        rl_memory_take_luma(held->own, held->memory);
        take_trust(shot, held->memory, w, gap);
        go_on(shot, held, w, gap, frame_rate);
    } else {
        status = rl_fail_memory(err);
    }
    av_frame_free(&w);
    return status;
}

// ---------------------------------------------------------------------------------------------
// Which of both

// False where a shot begins.
static bool goes_on(const struct rl_shot *shot, const struct rl_held *held)
{
    const AVFrame *last = shot->last, *now = held->memory;
    return last && held->frame->motion_back && !held->frame->cut && last->width == now->width &&
           last->height == now->height && now->width > 1 && now->height > 1;
}

// Whether what is remembered is no measure for a map: it comes from a far darker picture, or the
// map's range has nothing to do with it.
static bool is_news(const struct rl_shot *shot, const struct rl_held *held)
{
    const float range = (held->seen.near - held->seen.far) * shot->align.last.scale;
    return held->worth > 2 * shot->known_worth || range > most_ratio * shot->last_range ||
           shot->last_range > most_ratio * range;
}

// The memory with the picture's luma, and what a map of that is worth.
static enum relief_status look_at(struct rl_shot *shot, struct rl_held *held,
                                  struct relief_error *err)
{
    const AVFrame *map = held->frame->depth, *size = map ? map : shot->last;
    if (!map && !(size && held->frame->motion_back && !held->frame->cut))
        return rl_fail(err, RELIEF_E_FAILED, "steady: the first frame of a shot has no depth");
    held->memory = rl_memory_new(&shot->carrier, size->width, size->height);
    if (!held->memory)
        return rl_fail_memory(err);
    rl_small_luma(&shot->small, rl_memory_plane(held->memory, RL_MEMORY_LUMA),
                  rl_memory_stride(held->memory), size->width, size->height, held->frame->picture);
    held->worth = rl_held_worth(held);
    shot->dark_count = held->worth > 0 ? 0 : shot->dark_count + 1;
    if (shot->dark_count >= DARK_FRAMES)
        shot->known_worth = 0;
    return RELIEF_OK;
}

static enum relief_status take_map(struct rl_shot *shot, struct rl_line *line,
                                   const struct rl_range *range, int gap, struct relief_error *err)
{
    struct rl_held *held = &line->held[line->count - 1];
    const bool any = rl_held_measure_map(&held->seen, held->frame, held->frame->depth) &&
                     held->worth > 0;
    if (!goes_on(shot, held)) {
        if (any)
            begin_shot(shot, held, range);
        else
            begin_blank(shot, held);
        return RELIEF_OK;
    }
    if (!any)
        return carry_in(shot, held, gap, err);
    if (!is_news(shot, held))
        return add_map(shot, held, gap, range->frame_rate, err);
    begin_shot(shot, held, range);
    return rl_behind_light_up(&shot->carrier, line, shot->known_worth, err);
}

enum relief_status rl_shot_take(struct rl_shot *shot, struct rl_line *line,
                                const struct rl_range *range, struct relief_error *err)
{
    struct rl_held *held = &line->held[line->count - 1];
    const int gap = line->count - line->known_count;
    enum relief_status status = look_at(shot, held, err);
    if (status == RELIEF_OK)
        status = held->frame->depth ? take_map(shot, line, range, gap, err)
                                    : carry_in(shot, held, gap, err);
    if (status != RELIEF_OK)
        return status;
    av_frame_free(&shot->last);
    shot->last = av_frame_clone(held->memory);
    if (!shot->last)
        return rl_fail_memory(err);
    if (!held->frame->depth)
        return RELIEF_OK;
    status = rl_behind_fill(&shot->carrier, line, err);
    rl_shot_settle(shot, line);
    return status;
}

void rl_shot_settle(struct rl_shot *shot, struct rl_line *line)
{
    for (; line->known_count < line->count; line->known_count++) {
        struct rl_held *held = &line->held[line->known_count];
        rl_held_measure(held);
        rl_held_compare(held);
        shot->last_range = held->seen.near - held->seen.far;
    }
}
