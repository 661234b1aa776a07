// SPDX-License-Identifier: MIT
//
// Kernel: soft outlines (outline.h). Each of two neighbours of a finished row with an outline
// between them takes a part of the other: outlines lose their stairs, and a depth edge that lies a
// pixel beside the picture's shows less. A pixel between two outlines stays as it is: so thin a
// thing has nothing to give away.
#ifndef RL_STEREO_FILL_SEAM_H
#define RL_STEREO_FILL_SEAM_H

#include <stdint.h>

// `row` has `width` samples, uint16_t when `wide`; `near` is as in fill.h, without holes, and
// `outlines` has the flags of its blocks.
void rl_seam_row(void *row, const int16_t *near, const uint8_t *outlines, int width, int wide);

#endif
