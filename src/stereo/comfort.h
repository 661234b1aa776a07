// SPDX-License-Identifier: MIT
//
// How much depth a film really uses, shot by shot, and what eyes say to it.
//
// 1. Parallax is x_right - x_left in per cent of the picture's width, negative in front of the
//    screen. The nearest and the farthest thousandth of a frame's map do not count.
// 2. A shot that uses more than RL_COMFORT_RANGE is warned about; so is, when the screen's width is
//    known, one that has points farther behind the screen than eyes are apart.
// 3. Shots beyond RL_COMFORT_SHOTS are counted to the last one.
#ifndef RL_STEREO_COMFORT_H
#define RL_STEREO_COMFORT_H

#include "base/log.h"
#include "plane/frame.h"

enum { RL_COMFORT_SHOTS = 8192 };

#define RL_COMFORT_RANGE 3.0f  // % of the width: the customary bound of cinema and television
#define RL_COMFORT_EYES 65.0f  // mm between the eyes

struct rl_shot {
    int64_t first, frames;    // index of its first frame, and how many
    float nearest, farthest;  // parallax, %
};

struct rl_comfort {
    struct rl_shot *shots;
    size_t count;
    float screen_width_mm;  // 0: not known
    struct rl_log *log;
};

// False when out of memory.
bool rl_comfort_open(struct rl_comfort *comfort, float screen_width_mm, struct rl_log *log);
void rl_comfort_close(struct rl_comfort *comfort);

// The nearest and the farthest depth of a frame's map, 0..1, by rule 1.
void rl_comfort_measure(const struct rl_frame *frame, float *nearest, float *farthest);

// Counts a frame whose parallax reaches from `nearest` to `farthest`. A shot is judged when the
// next one begins.
void rl_comfort_count(struct rl_comfort *comfort, const struct rl_frame *frame, float nearest,
                      float farthest);

// Judges the last shot.
void rl_comfort_end(struct rl_comfort *comfort);

#endif
