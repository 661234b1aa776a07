// SPDX-License-Identifier: MIT
//
// A picture's luma, averaged down to a stamp: what cuts, bars and still parts are told by.
//
// Values are 0 .. 255 whatever the picture's depth and range; of RGB pictures green is taken.
#ifndef RL_STEADY_THUMB_H
#define RL_STEADY_THUMB_H

#include "plane/frame.h"

enum { RL_THUMB_W = 64, RL_THUMB_H = 36, RL_THUMB_SIZE = RL_THUMB_W * RL_THUMB_H };

struct rl_thumb {
    float luma[RL_THUMB_SIZE];
};

// A rectangle of cells: x0 <= x < x1, y0 <= y < y1.
struct rl_thumb_area {
    int x0, y0, x1, y1;
};

void rl_thumb_of(struct rl_thumb *thumb, const AVFrame *picture);

// The same from a picture's small luma (see plane/small.h).
void rl_thumb_of_luma(struct rl_thumb *thumb, const float *luma, ptrdiff_t stride, int width,
                      int height);

// The area without the black bars of letter- and pillarboxed films, and without the row of cells
// that they share with the picture. False, and all of it, when too little is left to be sure: a
// dark picture.
bool rl_thumb_active(const struct rl_thumb *thumb, struct rl_thumb_area *area);

// The smallest area that holds both.
struct rl_thumb_area rl_thumb_join(struct rl_thumb_area a, struct rl_thumb_area b);

// How much of a map (GRAYF32 of any size) lies in each cell, averaged; values that are not finite
// are left out.
void rl_thumb_of_map(float cells[RL_THUMB_SIZE], const AVFrame *map);

#endif
