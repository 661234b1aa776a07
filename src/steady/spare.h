// SPDX-License-Identifier: MIT
//
// Which frames the network may be spared: those in which nothing is to be seen that its next looks,
// before and behind, do not show as well.
//
// 1. What is news at a place: how much brighter or darker it has become since the look before, or
//    will be at the one behind, where motion leads to neither of both. What moves so that it can be
//    followed is no news, what is uncovered was not there before but is behind, and texture that
//    motion loses, leaves or waves, looks the same as a whole.
// 2. One small thing is enough: the worst place counts, a twenty-fifth of the width, not the mean.
// 3. One thread.
#ifndef RL_STEADY_SPARE_H
#define RL_STEADY_SPARE_H

#include "plane/frame.h"
#include "plane/motion/motion.h"

// A frame, as far as it matters here.
struct rl_spare_frame {
    const AVFrame *back, *ahead;  // motion, see plane/frame.h
    const float *luma;            // of rl_spare_luma()
};

// How many values there are for motion of this size.
size_t rl_spare_count(int width, int height);

// The luma around every second cell of every second row, 0 .. 255; `level` has its borders.
void rl_spare_luma(float *luma, const struct rl_motion_level *level);

// The news, in luma, at the worst place of frames[at], when the network looks at frames[0] and at
// frames[last]. All frames but the first have motion back, all but the last have it ahead.
// `scratch` holds rl_spare_count() values.
float rl_spare_news(const struct rl_spare_frame *frames, int at, int last, float *scratch);

#endif
