// SPDX-License-Identifier: MIT
//
// A picture's luma, averaged down to a few hundred cells across: enough to see motion by.
#ifndef RL_PLANE_SMALL_H
#define RL_PLANE_SMALL_H

#include "plane/frame.h"
#include "plane/sum/sum.h"

enum { RL_SMALL_CELLS = 256 * 144, RL_SMALL_LEAST = 16 };

// The size that a picture is brought down to: its shape, about RL_SMALL_CELLS cells, or its own
// size when that is less; sides are at least RL_SMALL_LEAST.
void rl_small_size(int picture_width, int picture_height, int *width, int *height);

// Rows of `stride` floats, 0 .. 255 whatever the depth and range; of RGB pictures green is
// taken.
void rl_small_luma(const struct rl_sum_fns *fns, float *luma, ptrdiff_t stride, int width,
                   int height, const AVFrame *picture);

#endif
