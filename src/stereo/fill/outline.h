// SPDX-License-Identifier: MIT
//
// Kernel: which cells of a near row are holes, and which blocks of it have outlines, so that others
// need not be looked at again.
#ifndef RL_STEREO_FILL_OUTLINE_H
#define RL_STEREO_FILL_OUTLINE_H

#include "stereo/fill/fill.h"

// Between neighbours that differ by more lies an outline, 1/16 px.
enum { RL_OUTLINE_STEP = 24 };

struct rl_outline_fns {
    // A bit for each of `blocks` blocks of RL_FILL_BLOCK cells behind one of which an outline lies,
    // and one for each cell that is a hole, see rl_fill_next(); the rest of the last words is
    // anything. A block and a cell behind the last are read, too.
    void (*row)(uint64_t *outlines, uint64_t *gaps, const int16_t *near, int blocks);
};

void rl_outline_init(struct rl_outline_fns *fns, unsigned cpu);

// True when an outline lies between cell x and the next.
static inline int rl_outline_is_behind(const int16_t *near, int x)
{
    return (uint16_t)(near[x + 1] - near[x] + RL_OUTLINE_STEP) > 2 * RL_OUTLINE_STEP;
}

#endif
