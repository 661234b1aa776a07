// SPDX-License-Identifier: MIT
//
// What the camera really saw of a hole, in the frames before and after.
//
// 1. The surface at the hole's own side is followed from frame to frame by the motion fields, as
//    long as they are sure of it, it stays as far as it is, and there is no cut. What is hidden
//    beside it moves as it does.
// 2. A frame shows a pixel of the hole when its own map has nothing nearer there or close around,
//    and its row of pixels beside the hole looks like this frame's (the seam fits). The nearest
//    such frame in time is taken.
// 3. Pixels found so are no holes any more: bit 0 of their near value is cleared. The fill goes on
//    from them.
#ifndef RL_STEREO_FILM_H
#define RL_STEREO_FILM_H

#include "plane/frame.h"
#include "stereo/disparity.h"
#include "stereo/fill/fill.h"

enum { RL_FILM_BACK = 6, RL_FILM_AHEAD = 4 };

// The frames around the one that is worked on; NULL where there is none, or one of another size.
struct rl_film {
    const struct rl_frame *now;
    float curve;                                  // of stereo.h
    const struct rl_frame *back[RL_FILM_BACK];    // the frame before first
    const struct rl_frame *ahead[RL_FILM_AHEAD];  // the frame behind first
};

// True when there is any frame to look at.
bool rl_film_has_more(const struct rl_film *film);

// Looks for the holes that are listed in `fill`, whose values are planes `first_plane` .. of the
// view that `disparity` makes; chroma planes have 2^shift_x by 2^shift_y luma samples to one.
void rl_film_find(const struct rl_film *film, struct rl_fill *fill, int first_plane, int shift_x,
                  int shift_y, const struct rl_disparity *disparity);

#endif
