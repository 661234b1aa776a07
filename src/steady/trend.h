// SPDX-License-Identifier: MIT
//
// How depth changes from frame to frame in each part of the picture: what a camera drives towards
// comes nearer all the time, and a mean of the past would always lag behind.
//
// The picture is cut into RL_TREND_W x RL_TREND_H parts. Each has a trend, added to what is carried
// from one frame to the next, and corrected by a share of what the new map is found to differ from
// that, on average over its trusted cells: the velocity of an alpha-beta filter. Where the picture
// stands still there is no trend.
#ifndef RL_STEADY_TREND_H
#define RL_STEADY_TREND_H

#include "steady/smooth/smooth.h"

enum { RL_TREND_W = 16, RL_TREND_H = 9 };

struct rl_trend {
    float per_frame[RL_TREND_H][RL_TREND_W];
};

// Adds `times` the trend to each value of a plane; strides in floats.
void rl_trend_apply(const struct rl_trend *trend, float *values, ptrdiff_t stride, int width,
                    int height, float times);

// Learns from the difference between what was expected, trend included, and the new map, whose near
// and far are `range` apart.
void rl_trend_learn(struct rl_trend *trend, const float *map, const float *expected,
                    const float *trust, ptrdiff_t map_stride, ptrdiff_t stride, int width,
                    int height, const struct rl_motion_view *motion, float range);

#endif
