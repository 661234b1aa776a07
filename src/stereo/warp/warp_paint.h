// SPDX-License-Identifier: MIT
//
// How source samples are painted into a row's map: the definition that all versions share. A gap
// is what lies between two neighbours; `t` says where samples land, RL_PAINT_AHEAD farther on, so
// that the first pixel at or behind that place is t >> 8.
#ifndef RL_STEREO_WARP_WARP_PAINT_H
#define RL_STEREO_WARP_WARP_PAINT_H

#include "stereo/warp/warp.h"

enum { RL_PAINT_AHEAD = 255 };  // 1/256 px

// The sample i alone, on targets from `begin` to `end` (1/256 px).
static inline void rl_paint_sample(int32_t *map, int width, int i, int32_t begin, int32_t end)
{
    int x = begin >> 8, last = end >> 8;
    for (x = x < 0 ? 0 : x; x < last && x < width; x++)
        map[x] = 256 * i;
}

// The surface between samples i and i + 1, which land at `begin` and `end`.
static inline void rl_paint_surface(int32_t *map, int width, int i, int32_t begin, int32_t end)
{
    int x = begin >> 8, last = end >> 8;
    for (x = x < 0 ? 0 : x; x < last && x < width; x++)
        map[x] = 256 * i + (256 * x + RL_PAINT_AHEAD - begin) * 256 / (end - begin);
}

static inline int rl_paint_is_joined(int32_t begin, int32_t end)
{
    return end > begin && end - begin < RL_WARP_TEAR;
}

static inline int rl_paint_is_torn(const int32_t *t, int i, int width)
{
    return i >= 0 && i + 1 < width && t[i + 1] - t[i] >= RL_WARP_TEAR;
}

// Half a pixel beyond sample i, where its surface ends: to the right (side 1) or left (0) of it.
static inline void rl_paint_end(int32_t *map, int width, const int32_t *t, int i, int side)
{
    if (i < 0 || i >= width || (rl_paint_is_torn(t, i, width) && rl_paint_is_torn(t, i - 1, width)))
        return;
    rl_paint_sample(map, width, i, side ? t[i] : t[i] - 128, side ? t[i] + 128 : t[i]);
}

// The gap between samples i and i + 1; before the first and behind the last there is one, too.
static inline void rl_paint_gap(int32_t *map, int width, const int32_t *t, int i, int leftwards)
{
    if (i >= 0 && i + 1 < width && rl_paint_is_joined(t[i], t[i + 1])) {
        rl_paint_surface(map, width, i, t[i], t[i + 1]);
        return;
    }
    rl_paint_end(map, width, t, leftwards ? i + 1 : i, !leftwards);
    rl_paint_end(map, width, t, leftwards ? i : i + 1, leftwards);
}

// The gaps [begin, end), in the order in which the nearer is painted last.
static inline void rl_paint_gaps(int32_t *map, int width, const int32_t *t, int begin, int end,
                                 int leftwards)
{
    for (int k = begin; k < end; k++)
        rl_paint_gap(map, width, t, leftwards ? begin + end - 1 - k : k, leftwards);
}

#endif
