// SPDX-License-Identifier: MIT
//
// Kernel: soft outlines (outline.h). Each of two neighbours of a finished row with an outline
// between them takes a part of the other: outlines lose their stairs, and a depth edge that lies a
// pixel beside the picture's shows less. A pixel between two outlines stays as it is: so thin a
// thing has nothing to give away.
#ifndef RL_STEREO_FILL_SEAM_H
#define RL_STEREO_FILL_SEAM_H

#include <stdint.h>

enum { RL_SEAM_PART = 38 };  // of 256, taken from each neighbour across an edge

struct rl_seam_fns {
    // `row` has `width` samples, uint16_t when `wide`; `near` is as in fill.h, without holes, and
    // `outlines` has a bit for each of its blocks.
    void (*row)(void *row, const int16_t *near, const uint64_t *outlines, int width, int wide);
};

void rl_seam_init(struct rl_seam_fns *fns, unsigned cpu);

// Plain C: the outlines behind the pixels [begin, end) of a row.
void rl_seam_some(void *row, const int16_t *near, int begin, int end, int width, int wide);

#endif
