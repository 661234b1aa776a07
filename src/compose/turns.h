// SPDX-License-Identifier: MIT
//
// Formats that show the views one after the other.
//
//     al, ar     every frame twice: one eye for the first half of its time, the other for the rest
//     wiggle     a film: its own frames, a view for some 0.14 s, then the other; a single picture:
//                both views in turn, so often that it is a film
//
// 1. al and ar count in half ticks of the source's time base, so that halves are whole numbers; a
//    frame of unknown length is taken as long as the average one.
// 2. Wiggling keeps the clock: whose turn it is depends on the time since the first frame alone.
#ifndef RL_COMPOSE_TURNS_H
#define RL_COMPOSE_TURNS_H

#include "compose/compose.h"

struct rl_turns {
    enum relief_format format;  // RELIEF_FORMAT_COUNT: none of these
    int64_t average;            // ticks of an average frame
    int64_t period;             // ticks of one view when wiggling
    int64_t origin;             // the first frame's time
    bool has_origin;
    int still_turns;
    int count, given;  // frames that the one under way becomes, and has become
};

// Ticks of the output for one tick of the source.
int rl_turns_ticks(enum relief_format format);

void rl_turns_init(struct rl_turns *turns, const struct rl_compose_params *params);

// Begin with a frame that holds both views.
void rl_turns_begin(struct rl_turns *turns, const struct rl_frame *frame);

bool rl_turns_left(const struct rl_turns *turns);

// A frame of its own with the next output; NULL when out of memory. `frame` stays the caller's.
struct rl_frame *rl_turns_next(struct rl_turns *turns, const struct rl_frame *frame);

#endif
