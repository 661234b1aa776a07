// SPDX-License-Identifier: MIT
//
// Kernel: what stands in the holes of a row's map.
//
// 1. A run of holes is filled from its background side: the neighbour whose d is smaller, or, where
//    both are about as far, the one with more to show; at the border of the picture from the inner
//    side.
// 2. The background goes on as its mirror image, seen from the edge of the run: the hole takes
//    over source positions, so all planes are filled alike. Positions nearer than the background
//    beside the run, and filled ones, are never taken; what there is is mirrored to and fro.
// 3. The background samples next to the edge are mixed with the near thing, as a rule: as many as
//    `mixed_px` says, one where chroma is whole, else those that a chroma sample spans. They are
//    replaced too.
// 4. A row whose every target is a hole comes from the same place of the source.
#ifndef RL_STEREO_FILL_FILL_H
#define RL_STEREO_FILL_FILL_H

#include <stdint.h>

// `depth` is the source row that `map` points into, both of `width` samples.
void rl_fill_row(int32_t *map, const uint16_t *depth, int width, int mixed_px);

#endif
