// SPDX-License-Identifier: MIT
//
// One cell of the other rows, shared by their versions so that they agree.
#ifndef RL_STEADY_SMOOTH_CELLS_H
#define RL_STEADY_SMOOTH_CELLS_H

#include "steady/smooth/smooth.h"

static inline float rl_cell_least(float a, float b)
{
    return a < b ? a : b;
}

static inline float rl_cell_most(float a, float b)
{
    return a > b ? a : b;
}

static inline float rl_cell_clamp(float value, float low, float high)
{
    return rl_cell_least(rl_cell_most(value, low), high);
}

static inline float rl_cell_abs(float value)
{
    return value < 0 ? -value : value;
}

// The rows around one that has trust given to it.
struct rl_cell_luma {
    const float *here, *above, *below;
    int width;
};

static inline float rl_cell_trust(float trust, float carried, struct rl_cell_luma luma, int x,
                                  struct rl_light light, float tolerance)
{
    const float left = luma.here[x ? x - 1 : 0];
    const float right = luma.here[x < luma.width - 1 ? x + 1 : x];
    const float slope = (rl_cell_abs(right - left) + rl_cell_abs(luma.below[x] - luma.above[x])) *
                        .5f;
    const float unlike = rl_cell_abs(luma.here[x] - (light.gain * carried + light.offset));
    return trust * rl_cell_clamp(2 - unlike / (tolerance + slope), 0, 1);
}

static inline void rl_cell_blend(float *depth, float *count, const float *const a[3],
                                 const float *own, struct rl_carried w, int x, int width,
                                 const struct rl_smooth_how *how)
{
    const int left = x ? x - 1 : 0, right = x < width - 1 ? x + 1 : x;
    float least = a[0][left], most = least;
    for (int i = 0; i < 3; i++) {
        least = rl_cell_least(least,
                              rl_cell_least(a[i][left], rl_cell_least(a[i][x], a[i][right])));
        most = rl_cell_most(most, rl_cell_most(a[i][left], rl_cell_most(a[i][x], a[i][right])));
    }
    const float trust = w.trust[x], now = a[1][x];
    const float slack = how->slack[0] + (how->slack[1] - how->slack[0]) * (trust * trust);
    const float known = rl_cell_clamp(w.depth[x], least - slack, most + slack);
    const float n = w.count[x] * trust, sum = n + own[x];
    depth[x] = now + (known - now) * (n / rl_cell_most(sum, RL_SMOOTH_NOTHING));
    count[x] = rl_cell_least(sum, how->most);
}

static inline void rl_cell_mix(float *depth, float *count, struct rl_carried w, int x, float behind)
{
    const float there = w.count[x] * w.trust[x], here = count[x];
    const float weight = behind * (there / (there + 1)) + 1e-6f;
    const float other = (1 - behind) * (here / (here + 1)) + 1e-6f;
    depth[x] = depth[x] + (w.depth[x] - depth[x]) * (weight / (weight + other));
    count[x] = rl_cell_most(here, there);
}

// How far a value lies beyond the knee, bent; 0 .. KNEE.
static inline float rl_cell_bend(float beyond, float by)
{
    const float x = rl_cell_most(beyond, 0) * (1 / RL_SMOOTH_KNEE);
    return rl_cell_least(x / (1 + by * x), 1) * RL_SMOOTH_KNEE;
}

static inline float rl_cell_finish(float depth, const struct rl_smooth_finish *how)
{
    const float low = RL_SMOOTH_KNEE, high = 1 - RL_SMOOTH_KNEE;
    const float value = (depth - how->far) * how->scale;
    const float middle = rl_cell_clamp(value, low, high);
    return value == value ? (middle + rl_cell_bend(value - high, how->bend_near)) -
                                rl_cell_bend(low - value, how->bend_far)
                          : 0;
}

#endif
