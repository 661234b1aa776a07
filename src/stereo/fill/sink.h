// SPDX-License-Identifier: MIT
//
// Kernel: how far away the surface is that a run of holes belongs to, see rule 2 of fill.h.
#ifndef RL_STEREO_FILL_SINK_H
#define RL_STEREO_FILL_SINK_H

#include "stereo/fill/fill.h"

// A run of `count` holes: the near value of its leftmost cell, `stride` cells from row to row, of
// which there are `up` above and `down` below that may be looked at.
struct rl_sink_run {
    const int16_t *near;
    ptrdiff_t stride;
    int count, up, down;
    int side;   // which end is its own: 1 the right one, -1 the left one
    int depth;  // what `near` is at its own side
};

struct rl_sink_fns {
    // depths[x]: the farthest of `depth` and of what lies at x in the rows up to k/2 above and
    // below, k - 1 cells away from its own side; holes do not count. The last block of
    // RL_FILL_BLOCK depths is written to as a whole.
    void (*run)(int16_t *depths, const struct rl_sink_run *run);
};

void rl_sink_init(struct rl_sink_fns *fns, unsigned cpu);

#endif
