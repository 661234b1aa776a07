// SPDX-License-Identifier: MIT
//
// The steady stage: relative inverse depth -> d in 0..1 that does not breathe.
//
// 1. frame->depth is replaced by a map of the same size with depth_is_final set; 1 is the nearest
//    of the shot's range, 0 the farthest.
// 2. Near and far are robust percentiles of the map, smoothed over time (see range.h); they start
//    anew at each cut, never on one frame's minimum and maximum.
// 3. Frames come with frame->cut and motion as the watch stage sets them (see watch.h).
// 4. Frames whose depth is final already (imported maps) pass untouched.
#ifndef RL_STEADY_STEADY_H
#define RL_STEADY_STEADY_H

#include "base/log.h"
#include "base/stage.h"
#include "plane/frame.h"

struct rl_steady_params {
    double frame_rate;  // frames per second; 0 = unknown, 25 is assumed
    struct rl_log *log;
};

enum relief_status rl_steady_open(struct rl_stage *stage, const struct rl_steady_params *params,
                                  struct relief_error *err);

#endif
