// SPDX-License-Identifier: MIT
//
// Frames on their way through the steady stage, and what is measured of each.
//
// 1. A line holds them oldest first. Each has its memory as soon as it is there (shot.h): what the
//    past knows of it, and its own map. The first known_count have it for good, frames without a
//    map included, and have been measured; the first final_count know what the frames behind them
//    say, too (behind.h).
// 2. Frames and pictures are the line's until rl_line_take_first().
#ifndef RL_STEADY_HELD_H
#define RL_STEADY_HELD_H

#include "steady/memory.h"
#include "steady/watch.h"

enum { RL_HELD_MAX = RL_RANGE_AHEAD + RL_SKIPPED_MAX + 2 };

struct rl_held {
    struct rl_frame *frame;
    AVFrame *memory;        // what is known of its depth, in the shot's units
    AVFrame *own;           // what its map alone says, likewise; NULL where that is all, or nothing
    AVFrame *final;         // what is known in the end; NULL as long as it is `memory`
    struct rl_limits seen;  // likewise; of the network's map, in its units, before it is known
    struct rl_scale scale;  // from the network's units to the shot's
    struct rl_scale pull;   // from the shot's units one frame earlier
    float worth;            // of its map: 0 a black picture, 1 a picture
    float news;             // how much of it was not known before, 0 .. 1
    float still;            // how much was, and has not moved
    bool begins;            // nothing before it is known
};

struct rl_line {
    struct rl_held held[RL_HELD_MAX];
    int count, known_count, final_count;
};

// The cells of a map, or memory, that lie in the frame's active area.
struct rl_area rl_held_area(const struct rl_frame *frame, const AVFrame *map);

// The limits of a map, as seen in its frame. False, and 0 to 1, when there is no finite value.
bool rl_held_measure_map(struct rl_limits *seen, const struct rl_frame *frame, const AVFrame *map);

// Sets `seen` to what the memory says, those cells aside that nobody knew before.
void rl_held_measure(struct rl_held *held);

// What a network's map of a picture is worth, by the mean deviation of the luma in the memory.
float rl_held_worth(const struct rl_held *held);

// Sets `news`, the share of the memory's cells that were not known in two frames before, and
// `still`, the share of those that were and are where they were.
void rl_held_compare(struct rl_held *held);

// All but the frame's own.
void rl_held_free_pictures(struct rl_held *held);

// The oldest leaves; its pictures are the caller's.
struct rl_held rl_line_take_first(struct rl_line *line);

void rl_line_clear(struct rl_line *line);

#endif
