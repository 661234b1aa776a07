// SPDX-License-Identifier: MIT
//
// Looks in turns. A network says of a picture and of its mirror image not quite the same, and the
// mean of both has fewer errors. Where a picture goes on from the one before, one look is enough:
// what the other one said of the frame before is carried along motion.
//
// 1. Of the newest frame are kept, for each cell, the mean of both looks, and the skew: what the
//    mirrored picture gave less what the plain one did.
// 2. With one look, S, as the mean is S + skew / 2 for a plain and S - skew / 2 for a mirrored one.
//    With k the confidence of motion, and W what is carried, skew = (1 - k) * W(skew) +
//    k * (mirrored - plain), one of them seen and the other carried. So where a frame shows what
//    the one before did not, the skew goes on as it was there, and no seam opens.
// 3. One thread.
#ifndef RL_DEPTH_LOOKS_H
#define RL_DEPTH_LOOKS_H

#include "plane/frame.h"

// Cells of the active area; all zero is empty.
struct rl_looks {
    int width, height;
    float *mean, *skew;            // of the newest frame
    float *next_mean, *next_skew;  // of the one to come
    float *spread[2];              // rows of motion at the map's columns
    int spread_row[2];             // which
    float *memory;                 // of all
};

// Nothing is kept yet: the first frame needs both looks. Fails with RELIEF_E_MEMORY.
enum relief_status rl_looks_init(struct rl_looks *looks, int width, int height,
                                 struct relief_error *err);
void rl_looks_clear(struct rl_looks *looks);

// Row y of the skew of the frame to come, to be filled when both looks are there.
float *rl_looks_skew_row(struct rl_looks *looks, int y);

// The area of frame->depth holds what one look gave; it becomes the mean of both. The frame before
// has been kept, and frame->motion_back leads to it.
void rl_looks_complete(struct rl_looks *looks, struct rl_frame *frame, bool mirrored);

// The frame to come, whose area of depth holds the mean of both looks, becomes the newest.
void rl_looks_keep(struct rl_looks *looks, const struct rl_frame *frame);

#endif
