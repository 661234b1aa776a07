// SPDX-License-Identifier: MIT
#include "steady/range.h"

#include <math.h>

#include <libavutil/common.h>

enum { BINS = 2048, LOOKS = 12, FEW = 64 };

static const float far_share = .01f, near_share = .99f;
static const double outward_s = .33, inward_s = 2, usual_s = 20;     // time constants
static const float least_of_usual = .3f, least_of_magnitude = .03f;  // of the range's width
static const float still_luma = 2.5f;               // a cell whose luma changes less has not moved
static const int still_least = RL_THUMB_SIZE / 12;  // fewer still cells tell too little

void rl_range_init(struct rl_range *range, double frame_rate)
{
    *range = (struct rl_range){.frame_rate = frame_rate > 0 ? frame_rate : 25};
}

struct window {
    struct rl_plane map;
    int x0, y0, x1, y1;
};

static struct window window_of(const AVFrame *map, struct rl_thumb_area area)
{
    const int w = map->width, h = map->height;
    struct window window = {rl_frame_plane(map, 0), area.x0 * w / RL_THUMB_W,
                            area.y0 * h / RL_THUMB_H, area.x1 * w / RL_THUMB_W,
                            area.y1 * h / RL_THUMB_H};
    if (window.x1 <= window.x0 || window.y1 <= window.y0)
        window = (struct window){window.map, 0, 0, w, h};
    return window;
}

static size_t find_limits(const struct window *window, float *low, float *high)
{
    size_t count = 0;
    *low = INFINITY;
    *high = -INFINITY;
    for (int y = window->y0; y < window->y1; y++) {
        const float *row = (const float *)rl_plane_row(&window->map, y);
        for (int x = window->x0; x < window->x1; x++)
            if (isfinite(row[x])) {
                *low = fminf(*low, row[x]);
                *high = fmaxf(*high, row[x]);
                count++;
            }
    }
    return count;
}

static void count_bins(const struct window *window, float low, float high, unsigned bins[BINS])
{
    const double scale = BINS / ((double)high - low);
    for (int y = window->y0; y < window->y1; y++) {
        const float *row = (const float *)rl_plane_row(&window->map, y);
        for (int x = window->x0; x < window->x1; x++)
            if (row[x] >= low && row[x] <= high)
                bins[FFMIN((int)((row[x] - low) * scale), BINS - 1)]++;
    }
}

// The value below which `rank` of the values in [low, high] lie. Looks again, into one bin of the
// look before, as long as that bin holds many: a single wild value may have put all others there.
static float select_rank(const struct window *window, double rank, float low, float high)
{
    float value = low;
    for (int look = 0; look < LOOKS && high > low; look++) {
        unsigned bins[BINS] = {0};
        const double width = ((double)high - low) / BINS;
        int i = 0;
        count_bins(window, low, high, bins);
        for (; i < BINS - 1 && rank > bins[i]; i++)
            rank -= bins[i];
        low = (float)(low + width * i);
        high = (float)(low + width);
        value = (float)(low + width * (bins[i] ? av_clipd(rank / bins[i], 0, 1) : 0));
        if (bins[i] < FEW)
            break;
    }
    return value;
}

bool rl_range_percentiles(const AVFrame *map, struct rl_thumb_area area, const float shares[2],
                          float values[2])
{
    const struct window window = window_of(map, area);
    float low, high;
    size_t count = find_limits(&window, &low, &high);
    for (int i = 0; i < 2 && count; i++)
        values[i] = select_rank(&window, shares[i] * (double)count, low, high);
    return count > 0;
}

// now = scale * before + shift
struct change {
    float scale, shift;
};

// How the values of still cells have changed since the last frame. Spread against spread, not a
// regression: that would shrink the scale a little at every frame by the noise of the map.
static struct change change_of(const struct rl_range *range, const float cells[RL_THUMB_SIZE],
                               const struct rl_thumb *luma, struct rl_thumb_area area)
{
    struct change change = {1, 0};
    // The second and third time, cells whose map does not fit the change are left out.
    for (int pass = 0; pass < 3; pass++) {
        double before = 0, now = 0, before2 = 0, now2 = 0;
        int count = 0;
        const float tolerance = pass ? .05f * (range->near - range->far) * change.scale : INFINITY;
        for (int y = area.y0; y < area.y1; y++)
            for (int x = area.x0; x < area.x1; x++) {
                int i = y * RL_THUMB_W + x;
                float a = range->cells[i], b = cells[i];
                if (fabsf(luma->luma[i] - range->luma.luma[i]) > still_luma ||
                    fabsf(b - change.scale * a - change.shift) > tolerance)
                    continue;
                before += a;
                now += b;
                before2 += (double)a * a;
                now2 += (double)b * b;
                count++;
            }
        if (count < still_least)
            return (struct change){1, 0};
        before /= count;
        now /= count;
        double spread = before2 / count - before * before, spread_now = now2 / count - now * now;
        double scale = spread > 0 && spread_now > 0 ? sqrt(spread_now / spread) : 1;
        change.scale = (float)av_clipd(scale, .8, 1.25);
        change.shift = (float)(now - change.scale * before);
    }
    return change;
}

static float approach(float from, float to, double seconds, double frame_rate)
{
    return from + (to - from) * (float)(1 - exp(-1 / (seconds * frame_rate)));
}

// Widen around the middle to what is credible.
static void guard_width(struct rl_range *range)
{
    float least = fmaxf(least_of_usual * range->usual_width,
                        least_of_magnitude * fmaxf(fabsf(range->near), fabsf(range->far)));
    float lacking = fmaxf(least, 1e-6f) - (range->near - range->far);
    if (lacking > 0) {
        range->near += lacking / 2;
        range->far -= lacking / 2;
    }
}

void rl_range_push(struct rl_range *range, const AVFrame *map, const struct rl_thumb *luma,
                   struct rl_thumb_area area, bool cut)
{
    const float shares[2] = {far_share, near_share};
    const double rate = range->frame_rate;
    float seen[2] = {0, 1}, cells[RL_THUMB_SIZE];
    bool found = rl_range_percentiles(map, area, shares, seen);
    rl_thumb_of_map(cells, map);
    if (!range->started || (cut && found)) {
        range->far = seen[0];
        range->near = seen[1];
    } else if (found) {
        struct change change = change_of(range, cells, luma, area);
        range->far = range->far * change.scale + change.shift;
        range->near = range->near * change.scale + change.shift;
        range->far = approach(range->far, seen[0], seen[0] < range->far ? outward_s : inward_s,
                              rate);
        range->near = approach(range->near, seen[1], seen[1] > range->near ? outward_s : inward_s,
                               rate);
    }
    float width = range->near - range->far;
    if (found)
        range->usual_width = range->started ? approach(range->usual_width, width, usual_s, rate)
                                            : width;
    guard_width(range);
    range->started = range->started || found;
    range->luma = *luma;
    memcpy(range->cells, cells, sizeof cells);
}
