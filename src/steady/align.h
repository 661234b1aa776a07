// SPDX-License-Identifier: MIT
//
// The scale and shift that bring a network's map, free in both, to what is remembered of the shot.
//
// 1. remembered = scale * map + shift on trusted cells, robustly: cells that do not fit count less
//    and less (Tukey's weights in a few rounds). The scale is that of spreads, not of a regression:
//    that would shrink it a little at every frame by the noise of the map.
// 2. Where too little can be trusted the frame before lends its scale and shift.
// 3. The anchor of a shot is the mean of the scales and shifts so far: what the network says all by
//    itself, averaged. Errors of many small steps would add up; so what is remembered is drawn a
//    little towards it in each frame, by as much as recent scales have left it.
#ifndef RL_STEADY_ALIGN_H
#define RL_STEADY_ALIGN_H

#include <stdbool.h>
#include <stddef.h>

// value = scale * map + shift
struct rl_scale {
    float scale, shift;
};

struct rl_align {
    struct rl_scale last, recent, anchor;  // the newest, the mean of a second, that of the shot
    int count;                             // frames of the shot so far
};

// Planes of one size; strides in floats.
struct rl_align_planes {
    const float *map, *known, *trust;
    ptrdiff_t map_stride, known_stride;  // trust has known's
    int x0, y0, x1, y1;                  // cells that count
    float width;                         // of the map's range, from the far to the near
};

// A shot begins: `first` is how its first map is taken.
void rl_align_begin(struct rl_align *align, struct rl_scale first);

// The next map's scale and shift.
struct rl_scale rl_align_next(struct rl_align *align, const struct rl_align_planes *planes);

// How remembered values are to be drawn towards the anchor, as value' = scale * value + shift, when
// the whole way takes `frames` frames.
struct rl_scale rl_align_pull(const struct rl_align *align, double frames);

#endif
