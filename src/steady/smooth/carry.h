// SPDX-License-Identifier: MIT
//
// One cell of carry_row(), shared by its versions so that they agree.
#ifndef RL_STEADY_SMOOTH_CARRY_H
#define RL_STEADY_SMOOTH_CARRY_H

#include "steady/smooth/smooth.h"

// A row of motion between two of its rows, in cells of the map, and what its columns are read by.
struct rl_carry_motion {
    float dx[RL_SMOOTH_MOTION_MAX], dy[RL_SMOOTH_MOTION_MAX], trust[RL_SMOOTH_MOTION_MAX];
    float cells;  // columns of motion to one of the map
    int last;     // the column before the last
};

// Where between the cells of a plane a value is read.
struct rl_corner {
    ptrdiff_t at;
    float fx, fy;
};

// Makes the row of motion that row y of the map reads.
void rl_smooth_motion_row(struct rl_carry_motion *row, const struct rl_memory *from,
                          const struct rl_motion_view *motion, int y);

static inline float rl_carry_clamp(float value, float high)
{
    value = value > 0 ? value : 0;
    return value < high ? value : high;
}

static inline float rl_carry_sample(const float *from, ptrdiff_t stride, struct rl_corner c)
{
    const float *p = from + c.at, *q = p + stride;
    const float above = p[0] + (p[1] - p[0]) * c.fx, below = q[0] + (q[1] - q[0]) * c.fx;
    return above + (below - above) * c.fy;
}

static inline void rl_carry_cell(struct rl_carried to, const struct rl_memory *from,
                                 const struct rl_carry_motion *motion, int x, int y)
{
    const float mx = rl_carry_clamp(((float)x + .5f) * motion->cells - .5f,
                                    (float)(motion->last + 1));
    const int column = (int)mx < motion->last ? (int)mx : motion->last;
    const float f = mx - (float)column;
    const float dx = motion->dx[column] + (motion->dx[column + 1] - motion->dx[column]) * f;
    const float dy = motion->dy[column] + (motion->dy[column + 1] - motion->dy[column]) * f;
    const float there_x = rl_carry_clamp((float)x + dx, (float)(from->width - 1));
    const float there_y = rl_carry_clamp((float)y + dy, (float)(from->height - 1));
    const int left = (int)there_x < from->width - 2 ? (int)there_x : from->width - 2;
    const int top = (int)there_y < from->height - 2 ? (int)there_y : from->height - 2;
    const struct rl_corner c = {top * from->stride + left, there_x - (float)left,
                                there_y - (float)top};
    const float moved = (dx < 0 ? -dx : dx) + (dy < 0 ? -dy : dy);
    const float age = 1 + RL_SMOOTH_FADE * moved / (float)from->width;
    to.trust[x] = motion->trust[column] + (motion->trust[column + 1] - motion->trust[column]) * f;
    to.depth[x] = rl_carry_sample(from->depth, from->stride, c);
    to.count[x] = rl_carry_sample(from->count, from->stride, c) / age;
    to.luma[x] = rl_carry_sample(from->luma, from->stride, c);
}

#endif
