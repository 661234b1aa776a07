// SPDX-License-Identifier: MIT
//
// The rim of a near thing that lies on what is behind it, as maps end too early: beside a run of
// holes it stays behind as crumbs. It is told by its values: they are off those of the surface
// farther out, and not as far off the thing's. What is as wide as rims can be is something else.
// What fades out of it goes with it: the thing's colour, blurred or spread by a codec, and the halo
// around it of a picture that was sharpened; left behind, they draw the outline on the wall again.
// Where it parts well from the surface it goes on beside the thing, where it belongs.
//
// Rows hang together, and so do frames where fill->remembers is set: from row to row a rim gets
// wider or narrower by a pixel at most.
#ifndef RL_STEREO_FILL_RIM_H
#define RL_STEREO_FILL_RIM_H

#include "stereo/fill/fill.h"

#include <stdlib.h>

// On an even surface can be seen what is off by more than so many levels of 255; and a halo is off
// to one side by such a part of how far the thing is off to the other.
enum { RL_RIM_SEEN = 2, RL_RIM_HALO = 3 };

// True when a value may come from a thing that is brighter or darker than a surface by so much: it
// is mixed of both, or a halo. `off` is by how much the value is brighter than the surface.
static inline bool rl_rim_is_mixed(int off, int brighter, int darker)
{
    return abs(off) <= (off > 0 ? brighter : darker) ||
           abs(off) * RL_RIM_HALO <= (off > 0 ? darker : brighter);
}

// The two ends of a run: the first pixel of its own surface, and of the thing.
struct rl_rim {
    int own, thing, y;
    int outwards;  // from holes to the own surface: 1 to the right, -1 to the left
    int near;      // of that
};

// How many pixels from `own` on, outwards, belong to the thing; rows are asked in their order,
// after fill->rims was cleared. *goes says whether they go with it, or are only replaced: those of
// an uneven surface may be its own.
int rl_rim_count(const struct rl_fill *fill, const struct rl_rim *rim, bool *goes);

#endif
