// SPDX-License-Identifier: MIT
//
// What other pictures show of a hole and had better not be taken: the thing that hides it, where
// their maps let it end too early. It is blurred by motion, or its outline lies elsewhere there.
#ifndef RL_STEREO_DOUBT_H
#define RL_STEREO_DOUBT_H

#include "stereo/sight.h"

// The values of a seam, from and to, and those of the thing at the other end of its run.
struct rl_doubt_seam {
    int low[RL_FILL_PLANES], high[RL_FILL_PLANES];
    int thing_low[RL_FILL_PLANES], thing_high[RL_FILL_PLANES];
};

// From and to which of `count` values, one at least, the seam goes in a plane.
void rl_doubt_measure(struct rl_doubt_seam *seam, int plane, const int values[], int count);

// The same of the thing, from pixel (x, y) of the view on, which is outside of the run; after the
// seam.
void rl_doubt_measure_thing(struct rl_doubt_seam *seam, const struct rl_fill *fill, int x, int y,
                            int inwards);

// Where a find lies: in the frame that is worked on, where something hides it, and in that which
// shows it.
struct rl_doubt_places {
    struct rl_place here, seen;
};

// True when a picture shows just what hides the hole here, within some levels.
bool rl_doubt_is_same(const struct rl_sight *sight, const struct rl_place *place,
                      const struct rl_place *here, const struct rl_fill_cell *hole);

// True when the values found for a hole are off the seam, more like what hides it here, and lie
// close beside something nearer where they are seen. What was hidden there is not doubted: it was
// found earlier.
bool rl_doubt_is_thing(const struct rl_sight *sight, const struct rl_doubt_seam *seam,
                       const struct rl_doubt_places *places, const struct rl_fill_cell *hole,
                       const int values[RL_FILL_PLANES]);

#endif
