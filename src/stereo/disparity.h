// SPDX-License-Identifier: MIT
//
// From depth to displacement: the formula of stereo.h in fixed point, for one eye.
//
// 1. A depth sample D is 0..65535 for d = 0..1, 1 nearest.
// 2. The eye sees the source pixel x at x + s, with s in 1/256 pixel of the luma plane:
//    s(D) = offset + (D * scale + 2^(shift-1)) >> shift, within 1/64 pixel of the formula.
// 3. |scale| < 2^14, so that the sum fits 32 bits.
#ifndef RL_STEREO_DISPARITY_H
#define RL_STEREO_DISPARITY_H

#include <relief/relief.h>

struct rl_disparity {
    int32_t scale;   // sign: positive moves near things right (left eye), negative left
    int32_t offset;  // 1/256 px, the displacement of d = 0
    int shift;       // 1..30
};

enum rl_eye_side { RL_SIDE_LEFT = 0, RL_SIDE_RIGHT = 1 };

// `divergence` in per cent of `width` pixels, `convergence` 0..1.
struct rl_disparity rl_disparity_make(enum rl_eye_side side, enum relief_anchor anchor,
                                      double divergence, double convergence, int width);

// True when the eye sees the source picture as it is.
int rl_disparity_is_none(const struct rl_disparity *disparity);

#endif
