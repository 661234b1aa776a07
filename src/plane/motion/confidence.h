// SPDX-License-Identifier: MIT
//
// One pixel of confidence_row(), shared by its versions so that they agree.
#ifndef RL_PLANE_MOTION_CONFIDENCE_H
#define RL_PLANE_MOTION_CONFIDENCE_H

#include "plane/motion/motion.h"

// The way back's error, squared, of which half is believed: pixels, as many more where the picture
// is smooth, since there the way may be a little longer or shorter, and a share of the way.
#define RL_CONFIDENCE_PX2 .3f
#define RL_CONFIDENCE_SMOOTH2 8.0f
#define RL_CONFIDENCE_SHARE2 .01f
// What counts as the same brightness: luma, and shares of its gradient.
#define RL_CONFIDENCE_LUMA 6.0f
// The right and lower borders of what is sampled, so that the corner's right and lower ones exist.
#define RL_CONFIDENCE_SHORT .001f

static inline float rl_confidence_clamp(float value, float low, float high)
{
    value = value > low ? value : low;
    return value < high ? value : high;
}

static inline float rl_confidence_abs(float value)
{
    return value < 0 ? -value : value;
}

static inline float rl_confidence_sample(const float *p, ptrdiff_t stride, float fx, float fy)
{
    const float *q = p + stride;
    return (1 - fy) * ((1 - fx) * p[0] + fx * p[1]) + fy * ((1 - fx) * q[0] + fx * q[1]);
}

static inline float rl_confidence_cell(const struct rl_motion_pair *pair, int x, int y)
{
    const struct rl_motion_level *a = pair->a, *b = pair->b;
    const struct rl_motion_field *back = &pair->back;
    const float right = (float)a->width - 1, bottom = (float)a->height - 1;
    const ptrdiff_t at = y * pair->field.stride + x, in_a = y * a->stride + x;
    const float u = pair->field.dx[at], v = pair->field.dy[at];
    const float tx = (float)x + u, ty = (float)y + v;
    if (!(tx >= -.5f && tx <= right + .5f && ty >= -.5f && ty <= bottom + .5f))
        return 0;
    const float cx = rl_confidence_clamp(tx, 0, right - RL_CONFIDENCE_SHORT);
    const float cy = rl_confidence_clamp(ty, 0, bottom - RL_CONFIDENCE_SHORT);
    const int left = (int)cx, top = (int)cy;
    const float fx = cx - (float)left, fy = cy - (float)top;
    const ptrdiff_t there = top * back->stride + left, in_b = top * b->stride + left;
    const float ru = u + rl_confidence_sample(back->dx + there, back->stride, fx, fy);
    const float rv = v + rl_confidence_sample(back->dy + there, back->stride, fx, fy);
    const float slope = rl_confidence_abs(a->gx[in_a]) + rl_confidence_abs(a->gy[in_a]);
    const float smooth = RL_CONFIDENCE_SMOOTH2 / (1 + slope * slope);
    const float error = (ru * ru + rv * rv) /
                        ((RL_CONFIDENCE_PX2 + smooth) + RL_CONFIDENCE_SHARE2 * (u * u + v * v));
    const float luma = rl_confidence_sample(b->luma + in_b, b->stride, fx, fy);
    const float unlike = rl_confidence_abs(luma - a->luma[in_a]) / (RL_CONFIDENCE_LUMA + slope);
    return rl_confidence_clamp(1.5f - error, 0, 1) * rl_confidence_clamp(2 - unlike, 0, 1);
}

#endif
