// SPDX-License-Identifier: MIT
//
// How one source sample is painted into a row's map: the definition that all versions share.
#ifndef RL_STEREO_WARP_WARP_PAINT_H
#define RL_STEREO_WARP_WARP_PAINT_H

#include "stereo/warp/warp.h"

// The first target pixel at or behind `t`.
static inline int rl_paint_first_pixel(int32_t t)
{
    return (t + 255) >> 8;
}

// The sample i alone, on targets from `begin` to `end` (1/256 px).
static inline void rl_paint_sample(int32_t *map, int width, int i, int32_t begin, int32_t end)
{
    int x = rl_paint_first_pixel(begin), last = rl_paint_first_pixel(end);
    for (x = x < 0 ? 0 : x; x < last && x < width; x++)
        map[x] = 256 * i;
}

// The surface between samples i and i + 1, which land at `begin` and `end`.
static inline void rl_paint_surface(int32_t *map, int width, int i, int32_t begin, int32_t end)
{
    int x = rl_paint_first_pixel(begin), last = rl_paint_first_pixel(end);
    for (x = x < 0 ? 0 : x; x < last && x < width; x++)
        map[x] = 256 * i + (256 * x - begin) * 256 / (end - begin);
}

static inline int rl_paint_is_joined(int32_t begin, int32_t end)
{
    return end > begin && end - begin < RL_WARP_TEAR;
}

static inline int rl_paint_is_torn(const int32_t *t, int i, int width)
{
    return i >= 0 && i + 1 < width && t[i + 1] - t[i] >= RL_WARP_TEAR;
}

// What lies between sample i and its right neighbour, and the ends of surfaces there.
static inline void rl_paint_right_of(int32_t *map, int width, const int32_t *t, int i)
{
    if (i + 1 < width && rl_paint_is_joined(t[i], t[i + 1]))
        rl_paint_surface(map, width, i, t[i], t[i + 1]);
    else if (!rl_paint_is_torn(t, i, width) || !rl_paint_is_torn(t, i - 1, width))
        rl_paint_sample(map, width, i, t[i], t[i] + 128);
}

static inline void rl_paint_left_of(int32_t *map, int width, const int32_t *t, int i)
{
    if (i > 0 && rl_paint_is_joined(t[i - 1], t[i]))
        return;
    if (!rl_paint_is_torn(t, i, width) || !rl_paint_is_torn(t, i - 1, width))
        rl_paint_sample(map, width, i, t[i] - 128, t[i]);
}

// The samples [begin, end), in the order in which the nearer is painted last.
static inline void rl_paint_samples(int32_t *map, int width, const int32_t *t, int begin, int end,
                                    int leftwards)
{
    for (int k = begin; k < end; k++) {
        int i = leftwards ? begin + end - 1 - k : k;
        if (!leftwards)
            rl_paint_left_of(map, width, t, i);
        rl_paint_right_of(map, width, t, i);
        if (leftwards)
            rl_paint_left_of(map, width, t, i);
    }
}

#endif
