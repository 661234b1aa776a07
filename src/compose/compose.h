// SPDX-License-Identifier: MIT
//
// The compose stage: left and right (or depth) -> frame->output, the picture to be encoded.
//
// 1. Names and meanings are those of FFmpeg's stereo3d, but for two: amber-blue anaglyphs have the
//    left view in amber, as the glasses want; interleaved formats keep the source's size.
// 2. The output has the working format of the views (but for deep_depth); it is made at their own
//    bit depth. Anaglyph
//    matrices act on gamma-coded RGB; for YUV pictures they are folded with the picture's own
//    matrix and range into one affine map of YUV, so that nothing is rounded twice.
// 3. One frame comes out for each that goes in, but for al and ar (two, each for half of the time;
//    all times in half ticks) and for wiggle of a single picture (as many as it takes).
// 4. The number of workers and the CPU level never change a sample.
#ifndef RL_COMPOSE_COMPOSE_H
#define RL_COMPOSE_COMPOSE_H

#include "base/log.h"
#include "base/stage.h"
#include "base/workers.h"
#include "plane/frame.h"

struct rl_compose_params {
    enum relief_format format;
    bool deep_depth;             // `depth` is written as GRAY16, whatever the source has
    bool linear;                 // Dubois's anaglyphs in linear light
    float fov_degrees;           // VR180: what the camera saw from left to right
    AVRational time_base;        // of the frames
    AVRational frame_rate;       // average; 0/1 when unknown
    int still_turns;             // wiggle of a single picture: how often both views are shown; 0:
                                 // the source is a film
    unsigned cpu;                // rl_cpu_flags()
    struct rl_workers *workers;  // may be NULL
    struct rl_log *log;
};

enum relief_status rl_compose_open(struct rl_stage *stage, const struct rl_compose_params *params,
                                   struct relief_error *err);

// What the composed pictures look like, and which clock counts their times.
struct rl_compose_shape {
    int width, height;
    AVRational sample_aspect;
    int ticks;  // of the output for one of the source: 2 for al and ar, 1 for others
};

// For pictures of the given size and shape: full formats double a side, half ones keep both and the
// display aspect. Odd sizes of packings are rounded down, so that views meet where chroma samples
// begin. Fails with RELIEF_E_ARGUMENT when the format has no such pictures (hdmi).
enum relief_status rl_compose_shape_of(struct rl_compose_shape *shape, enum relief_format format,
                                       float fov_degrees, enum AVPixelFormat pixels, int width,
                                       int height, AVRational sample_aspect,
                                       struct relief_error *err);

// Which views a format needs (bits of enum rl_eyes in stereo.h: 1 left, 2 right); 0 for depth
// and rgbd.
unsigned rl_compose_eyes(enum relief_format format);

#endif
