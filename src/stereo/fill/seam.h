// SPDX-License-Identifier: MIT
//
// Kernel: soft outlines. Where two neighbours of a finished row lie on surfaces more than
// RL_SEAM_STEP apart, each takes a part of the other: outlines lose their stairs, and a depth edge
// that lies a pixel beside the picture's shows less. A pixel between two steps stays as it is: so
// thin a thing has nothing to give away.
#ifndef RL_STEREO_FILL_SEAM_H
#define RL_STEREO_FILL_SEAM_H

#include <stdint.h>

enum { RL_SEAM_STEP = 24 };  // 1/16 px

// `row` has `width` samples, uint16_t when `wide`; `near` is as in fill.h, without holes.
void rl_seam_row(void *row, const int16_t *near, int width, int wide);

#endif
