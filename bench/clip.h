// SPDX-License-Identifier: MIT
//
// Frames of a real clip as they reach the stereo stage.
#ifndef BENCH_CLIP_H
#define BENCH_CLIP_H

#include "base/stage.h"

// Reads the first `count` frames of a clip as 4:2:0 of 8 bits, with bars found, motion watched and
// steady depth of the built-in model in float32, and gives them to `sink`, which owns them.
enum relief_status bench_read_clip(const char *path, int count, const struct rl_sink *sink,
                                   struct relief_error *err);

#endif
