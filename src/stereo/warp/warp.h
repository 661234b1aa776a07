// SPDX-License-Identifier: MIT
//
// Kernel: for one row of one eye, where each target pixel comes from.
//
// 1. Source pixel i lands at t(i) = 256 * i + s(D(i)), 1/256 pixel (see stereo/disparity.h).
// 2. Neighbours i, i+1 with 0 < t(i+1) - t(i) < RL_WARP_TEAR lie on one surface: the targets
//    between them come from the positions between i and i+1, in proportion.
// 3. Other neighbours lie on two surfaces: each ends half a pixel beyond its last sample, nothing
//    is stretched between them. A sample with such a stretch on both sides is the middle of a soft
//    edge, belongs to no surface, and is not painted.
// 4. Near covers far: of two source positions for one target the one whose d is larger stays. In
//    an eye where near things move right that is the left one of the two, so painting from right
//    to left needs no comparison of depths; mirrored for the other eye (McMillan's order).
// 5. A target that nothing lands on holds RL_WARP_HOLE.
#ifndef RL_STEREO_WARP_WARP_H
#define RL_STEREO_WARP_WARP_H

#include "stereo/disparity.h"

#define RL_WARP_HOLE INT32_MIN
#define RL_WARP_NO_NEAR (-0x7f80)

enum {
    RL_WARP_TEAR = 640,  // 1/256 px between the images of two neighbours: they are torn apart
    RL_WARP_PAD = 32,    // entries a vector may touch behind the last
};

struct rl_warp_fns {
    // map[0..width): source positions in 1/256 px, 0 .. 256 * (width - 1), or RL_WARP_HOLE.
    // `targets` is scratch of width + RL_WARP_PAD entries, `map` has room for as many.
    void (*map_row)(int32_t *map, const uint16_t *depth, int width,
                    const struct rl_disparity *disparity, int32_t *targets);

    // near[x] = how far target x was moved, 1/16 px, rounded down to even, larger is nearer;
    // RL_WARP_NO_NEAR in holes, which become positions of no displacement in `map`. Nothing is
    // written behind the last.
    void (*near_row)(int16_t *near, int32_t *map, int width, const struct rl_disparity *disparity);

    // One position of `map` for each sample of a plane with 2^shift luma samples to one, in 1/256
    // of its own pixels. `a` and `b` are the maps, without holes, of the two luma rows beside it
    // (the same twice where rows are not halved). Where these see different surfaces the nearer
    // counts. Both have room for RL_WARP_PAD more.
    void (*chroma_row)(int32_t *map, int count, int shift, const int32_t *a, const int32_t *b,
                       const struct rl_disparity *disparity);

    // The same for near rows: a hole where either has one, else the nearer of the two. Nothing is
    // written behind the last; `a` and `b` have room for RL_WARP_PAD more.
    void (*chroma_near_row)(int16_t *near, int count, int shift, const int16_t *a,
                            const int16_t *b);
};

void rl_warp_init(struct rl_warp_fns *fns, unsigned cpu);

#endif
