// SPDX-License-Identifier: MIT
//
// The stereo stage: picture and final depth -> the two eyes' views.
//
// 1. p(d) = x_right - x_left = (C - d) * V/100 * W pixels, V divergence in per cent, C convergence,
//    W the picture's width. anchor both: x_left = x - p/2, x_right = x + p/2;
//    left: x_right = x + p; right: x_left = x - p. Held to 1/16 pixel.
// 2. Near covers far, always. What opens behind a near edge is filled from the far side.
// 3. Views have the picture's format, size and colour tags, at its own bit depth; planes are moved
//    at their own resolution, nothing goes through RGB.
// 4. A depth map of about the picture's size is taken as it is; a smaller one is fitted to the
//    picture's colours first (upsample/upsample.h).
// 5. An eye that the formula leaves where it is, is a reference to the source picture.
// 6. The work is done within frame->area, as if there were nothing around; bars are copied. W stays
//    the whole picture's width.
// 7. Where frame->aim is set, its screen takes the place of C, and where a border of it lies before
//    the screen, a strip of the left eye's left side, or of the right eye's right side, is black,
//    as wide as the parallax of that depth (mask.h).
// 8. The number of workers and the CPU level never change a sample.
#ifndef RL_STEREO_STEREO_H
#define RL_STEREO_STEREO_H

#include "base/log.h"
#include "base/stage.h"
#include "base/workers.h"
#include "plane/frame.h"
#include "stereo/comfort.h"

enum rl_eyes { RL_EYE_LEFT = 1, RL_EYE_RIGHT = 2, RL_EYES_BOTH = 3 };

struct rl_stereo_params {
    float divergence;       // % of width
    float convergence;      // 0..1
    float curve;            // -1..1: d' = d + curve * d * (1 - d), applied before the formula
    float screen_width_mm;  // 0: not known; for warnings only
    enum relief_anchor anchor;
    unsigned eyes;               // enum rl_eyes: which views are wanted; the other stays NULL
    enum relief_fill fill;       // RELIEF_FILL_FILM holds RL_FILM_AHEAD frames back
    unsigned cpu;                // rl_cpu_flags()
    struct rl_workers *workers;  // may be NULL
    struct rl_log *log;
};

enum relief_status rl_stereo_open(struct rl_stage *stage, const struct rl_stereo_params *params,
                                  struct relief_error *err);

// What the shots so far use; the stage keeps it until it is closed. NULL when it is another stage.
const struct rl_comfort *rl_stereo_comfort(const struct rl_stage *stage);

#endif
