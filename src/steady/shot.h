// SPDX-License-Identifier: MIT
//
// What is remembered of a shot, and how a new frame's map joins it.
//
// 1. Each map is brought to the scale and shift of what is remembered (align.h) and blended with
//    that along motion (smooth/). A cut forgets everything; so does a picture that comes out of the
//    dark, since what a network says of a black picture is worth nothing.
// 2. A frame without a map takes over what was known before it.
#ifndef RL_STEADY_SHOT_H
#define RL_STEADY_SHOT_H

#include "base/error.h"
#include "plane/sum/sum.h"
#include "steady/held.h"

struct rl_shot {
    AVFrame *last;      // memory of the newest frame
    float last_range;   // how wide the range is of the newest one that is known
    float known_worth;  // the most that a map of the shot was worth
    int dark_count;     // frames of blackness up to the newest
    struct rl_align align;
    struct rl_carrier carrier;
    struct rl_sum_fns small;
};

void rl_shot_init(struct rl_shot *shot, enum relief_steady level, unsigned cpu);

void rl_shot_clear(struct rl_shot *shot);

// Gives the newest frame of the line its memory, and what lacked depth before it, too. `range` is
// the film's so far.
enum relief_status rl_shot_take(struct rl_shot *shot, struct rl_line *line,
                                const struct rl_range *range, struct relief_error *err);

// All that are held have got all that they can: they are known.
void rl_shot_settle(struct rl_shot *shot, struct rl_line *line);

#endif
