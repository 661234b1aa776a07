// SPDX-License-Identifier: MIT
//
// Where one shot ends and the next begins, told from thumbnails as they come.
//
// Two thumbnails differ by what remains after the one of more contrast has been brought to the
// light of the other and one has been shifted onto the other, relative to the lesser contrast: 0
// the same, .4 to 1 unrelated. So a flash, a strobe, a fade and a pan differ little. A frame begins
// a shot when it differs much from the frame before it, far more than its neighbours differ among
// each other, and when neither the frames before come back after it (a flash) nor it resembles one
// shortly before (strobe), nor those beside it are nearer to each other than to it. A frame without
// contrast, black above all, begins nothing: what comes out of it does.
// A decision therefore waits for RL_CUTS_AHEAD frames behind the one in question.
#ifndef RL_STEADY_CUTS_H
#define RL_STEADY_CUTS_H

#include "steady/thumb.h"

enum { RL_CUTS_AHEAD = 2, RL_CUTS_BEHIND = 6, RL_CUTS_RING = 16 };

struct rl_cuts {
    struct rl_thumb ring[RL_CUTS_RING];  // thumbnail of frame n at n % RL_CUTS_RING
    float step[RL_CUTS_RING];            // difference of frame n from frame n - 1
    struct rl_thumb_area area;           // what has not always been bars
    bool area_known;                     // false: all that came was dark
    int64_t count;                       // thumbnails taken so far
};

void rl_cuts_init(struct rl_cuts *cuts);

// Takes the next frame's thumbnail.
void rl_cuts_add(struct rl_cuts *cuts, const struct rl_thumb *thumb);

// True when frame `index` begins a shot. To be asked once for each frame in order, at the latest
// when RL_CUTS_AHEAD frames behind it have been added; with fewer, at the end of the film.
bool rl_cuts_at(struct rl_cuts *cuts, int64_t index);

// The thumbnail of frame `index`, one of the last RL_CUTS_RING that were taken.
const struct rl_thumb *rl_cuts_thumb(const struct rl_cuts *cuts, int64_t index);

// How much two thumbnails differ within the area; 0 .. 1.
float rl_cuts_difference(const struct rl_thumb *a, const struct rl_thumb *b,
                         struct rl_thumb_area area);

#endif
