// SPDX-License-Identifier: MIT
//
// Kernel: which blocks of a near row have holes, and which have outlines, so that others need not
// be looked at again.
#ifndef RL_STEREO_FILL_OUTLINE_H
#define RL_STEREO_FILL_OUTLINE_H

#include "stereo/fill/fill.h"

// Between neighbours that differ by more lies an outline, 1/16 px.
enum { RL_OUTLINE_STEP = 24 };

// Flags of a block: a cell of it is a hole; an outline lies behind one of its cells.
enum { RL_OUTLINE_HOLE = 1, RL_OUTLINE_EDGE = 2 };

struct rl_outline_fns {
    // Flags of `blocks` blocks of RL_FILL_BLOCK cells; the cell behind the last is read, too.
    void (*row)(uint8_t *flags, const int16_t *near, int blocks);
};

void rl_outline_init(struct rl_outline_fns *fns, unsigned cpu);

// True when an outline lies between cell x and the next.
static inline int rl_outline_is_behind(const int16_t *near, int x)
{
    return (uint16_t)(near[x + 1] - near[x] + RL_OUTLINE_STEP) > 2 * RL_OUTLINE_STEP;
}

#endif
