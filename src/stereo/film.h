// SPDX-License-Identifier: MIT
//
// What the camera really saw of a hole, in the frames before and after, and what stood there in the
// view of the frame before.
//
// 1. The surface at the hole's own side is followed from frame to frame, as long as it stays as far
//    as it is and there is no cut. What is hidden beside it moves as it does. Its motion is the one
//    of several with which the pixels beside the hole, the seam, look alike: none at all, that of
//    the row above, what the motion fields say at some distances (beside a moving thing they are
//    off). Slivers between the hole and its surface, of a depth halfway, are passed over.
// 2. First comes the view of the frame before: what was seen there, or had been found, stays as it
//    is for as long as it is hidden. Then come the frames around, the nearest in time first. One
//    shows a pixel of the hole when its own map has nothing nearer there or close around and the
//    seam fits.
//    In small films, what shows just what stands in front of the hole in this frame is no find,
//    from the hole's own side on: the maps disagree about an outline, nothing came out.
//    In all, what is more like that thing than like the seam is none close beside an outline of the
//    frame that shows it (doubt.h): the thing is wider there than its depth.
// 3. Pixels found so are no holes any more: bit 0 of their near value is cleared. The fill goes on
//    from them.
// 4. What was made up in the view before is kept beside the hole's list, and mixed with what is
//    made up now: fills do not shimmer, and still follow. While the whole picture gets
//    brighter or darker, all that is taken from that view does so as its seam does.
#ifndef RL_STEREO_FILM_H
#define RL_STEREO_FILM_H

#include "plane/frame.h"
#include "stereo/disparity.h"
#include "stereo/fill/fill.h"
#include "stereo/sample/sample.h"

enum { RL_FILM_BACK = 2, RL_FILM_AHEAD = 4 };

// Part of what is made up that is taken over from the frame before, of 8: as a rule, and where
// nothing moves.
enum { RL_FILM_KEPT = 6, RL_FILM_KEPT_STILL = 7 };

// The frames around the one that is worked on; NULL where there is none, or one of another size.
struct rl_film {
    const struct rl_frame *now;
    float curve;  // of stereo.h
    const struct rl_sample_fns *sample;
    const struct rl_frame *back[RL_FILM_BACK];    // the frame before first
    const struct rl_frame *ahead[RL_FILM_AHEAD];  // the frame behind first
};

// The finished view of the frame before, and its near values in the layout of level 0.
struct rl_before {
    const AVFrame *view;  // NULL: there is none
    const int16_t *near;
    int32_t offset;  // of its disparity
};

// True when there is any frame to look at.
bool rl_film_has_more(const struct rl_film *film);

// Looks for the holes that are listed in `fill`, whose values are planes `first_plane` .. of the
// view that `disparity` makes; chroma planes have 2^shift_x by 2^shift_y luma samples to one. For
// each hole of the list and each plane kept[] gets what was made up before, times two and one more
// where nothing moves, or -1.
void rl_film_find(const struct rl_film *film, const struct rl_before *before, struct rl_fill *fill,
                  int first_plane, int shift_x, int shift_y, const struct rl_disparity *disparity,
                  int32_t *kept);

// After the fill: mixes with what was kept.
void rl_film_settle(struct rl_fill *fill, const int32_t *kept);

#endif
