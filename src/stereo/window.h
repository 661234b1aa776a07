// SPDX-License-Identifier: MIT
//
// The frames around the one that is worked on: some that were, and some that are still to come.
//
// 1. Frames leave in the order in which they came. A wide window holds RL_FILM_AHEAD of them back,
//    a narrow one none.
// 2. Of frames that left, references to picture, map and motion stay, RL_FILM_BACK of them.
#ifndef RL_STEREO_WINDOW_H
#define RL_STEREO_WINDOW_H

#include "stereo/film.h"

enum { RL_WINDOW_SIZE = RL_FILM_BACK + 1 + RL_FILM_AHEAD };

struct rl_window {
    struct rl_frame *frames[RL_WINDOW_SIZE];
    int count, now;  // frames[now] is the next to leave
    bool wide;
};

void rl_window_init(struct rl_window *window, bool wide);
void rl_window_clear(struct rl_window *window);

// Takes over the frame.
void rl_window_push(struct rl_window *window, struct rl_frame *frame);

// True when the next frame to leave has all the frames ahead that it is to see.
bool rl_window_is_ready(const struct rl_window *window);
bool rl_window_has_frames(const struct rl_window *window);

// What the next frame to leave sees of its shot; valid until the push after rl_window_take().
void rl_window_look(const struct rl_window *window, struct rl_film *film);

// Hands out the next frame. False, and NULL, when out of memory.
bool rl_window_take(struct rl_window *window, struct rl_frame **frame);

#endif
