// SPDX-License-Identifier: MIT
//
// The compose stage: left and right (or depth) -> frame->output, the picture to be encoded.
//
// 1. Names and meanings are those of FFmpeg's stereo3d, but for two: amber-blue anaglyphs have the
//    left view in amber, as the glasses want; interleaved formats keep the source's size.
// 2. The output has the working format of the views; it is made at their own bit depth. Anaglyph
//    matrices act on gamma-coded RGB; for YUV pictures they are folded with the picture's own
//    matrix and range into one affine map of YUV, so that nothing is rounded twice.
// 3. The number of workers and the CPU level never change a sample.
#ifndef RL_COMPOSE_COMPOSE_H
#define RL_COMPOSE_COMPOSE_H

#include "base/log.h"
#include "base/stage.h"
#include "base/workers.h"
#include "plane/frame.h"

struct rl_compose_params {
    enum relief_format format;
    unsigned cpu;                // rl_cpu_flags()
    struct rl_workers *workers;  // may be NULL
    struct rl_log *log;
};

enum relief_status rl_compose_open(struct rl_stage *stage, const struct rl_compose_params *params,
                                   struct relief_error *err);

// What the output will look like for pictures of the given size and shape: full formats double a
// side, all others keep both. The display aspect of half formats stays the source's. Odd sizes of
// packings are rounded down, so that views meet where chroma samples begin.
void rl_compose_size(enum relief_format format, enum AVPixelFormat pixels, int width, int height,
                     AVRational sample_aspect, int *output_width, int *output_height,
                     AVRational *output_aspect);

// Which views a format needs (bits of enum rl_eyes in stereo.h: 1 left, 2 right); 0 for depth.
unsigned rl_compose_eyes(enum relief_format format);

#endif
