// SPDX-License-Identifier: MIT
//
// A run of holes in one row of a view, and the seam: pixels beside it, at its own side, that show
// the surface which goes on in the hole.
#ifndef RL_STEREO_RUN_H
#define RL_STEREO_RUN_H

#include "stereo/doubt.h"
#include "stereo/sight.h"

enum {
    RL_RUN_SEAM = 8,       // pixels beside a hole that are looked at; every second is compared, and
    RL_RUN_SEAM_ROWS = 3,  // every fourth in the rows so far above and below
};

// `count` entries of the list from `first` on, from its own side inwards.
struct rl_run {
    struct rl_fill_cell *first;
    int index;  // of `first` in the list
    int count, outwards, near;
    struct rl_sight_span span;    // of `near`
    struct rl_sight_pixels seen;  // of the view beside the run, to be compared; none: too few
    int values[RL_FILL_PLANES][RL_RUN_SEAM];
    struct rl_doubt_seam seam;
    bool is_cut_off;                     // by slivers, whose depth it has
    const struct rl_fill_cell *ends[2];  // see rl_run_find_ends()
};

// How near a pixel of the view is, see fill/fill.h.
static inline int rl_run_near(const struct rl_fill *fill, int x, int y)
{
    return fill->levels[0].near[y * fill->levels[0].stride + x];
}

// The run that begins with hole `index` of the list; its seam and its ends are not set.
void rl_run_begin(struct rl_run *run, const struct rl_sight *sight, int index);

// Finds the seam, of at least `least` pixels in the run's own row. Between the two may be slivers,
// where depth lies halfway, and their holes.
void rl_run_look_beside(const struct rl_fill *fill, struct rl_run *run, int least);

// Finds the first and the last pixel of the run that are still missing.
void rl_run_find_ends(const struct rl_fill *fill, struct rl_run *run);

#endif
