// SPDX-License-Identifier: MIT
#include "stereo/disparity.h"

#include <math.h>

// Which part of the parallax this eye takes: x_right - x_left is p in all three cases.
static double eye_share(enum rl_eye_side side, enum relief_anchor anchor)
{
    if (anchor == RELIEF_ANCHOR_BOTH)
        return side == RL_SIDE_LEFT ? -0.5 : 0.5;
    if (anchor == RELIEF_ANCHOR_LEFT)
        return side == RL_SIDE_LEFT ? 0 : 1;
    return side == RL_SIDE_LEFT ? -1 : 0;
}

struct rl_disparity rl_disparity_make(enum rl_eye_side side, enum relief_anchor anchor,
                                      double divergence, double convergence, int width)
{
    double range = eye_share(side, anchor) * divergence / 100 * width * 256;
    double slope = -range / 65535;
    int shift = 30;
    while (shift > 1 && fabs(ldexp(slope, shift)) >= 16383)
        shift--;
    return (struct rl_disparity){
        .scale = (int32_t)lround(ldexp(slope, shift)),
        .offset = (int32_t)lround(range * convergence),
        .shift = shift,
    };
}

int rl_disparity_is_none(const struct rl_disparity *disparity)
{
    return !disparity->scale && !disparity->offset;
}
