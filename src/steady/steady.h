// SPDX-License-Identifier: MIT
//
// The steady stage: relative inverse depth -> d in 0..1 that stands still.
//
// 1. frame->depth is replaced by a map of the same size with depth_is_final set; 1 is the nearest
//    of the shot's range, 0 the farthest.
// 2. Frames come with frame->cut and motion as the watch stage sets them (see watch.h). Each map is
//    brought to the scale and shift of what is remembered of the shot (align.h), blended along
//    motion with that (smooth/) and with what the frames behind it say (behind.h), and mapped to
//    0..1 by near and far that move slowly (range.h). A cut forgets everything.
// 3. A frame without a map (depth_skipped) gets one from the frames with maps before and behind it,
//    along motion. The first frame of a shot always has a map.
// 4. Holds up to RL_RANGE_AHEAD frames back, and as many more as lie between two maps.
// 5. With RELIEF_STEADY_OFF nothing is held or remembered: each map by its own percentiles.
// 6. Frames whose depth is final already (imported maps) pass untouched.
#ifndef RL_STEADY_STEADY_H
#define RL_STEADY_STEADY_H

#include "base/log.h"
#include "base/stage.h"
#include "plane/frame.h"

struct rl_steady_params {
    enum relief_steady level;
    double frame_rate;  // frames per second; 0 = unknown, 25 is assumed
    unsigned cpu;       // features that kernels may use
    bool show_known;    // make frame->known, too
    struct rl_log *log;
};

enum relief_status rl_steady_open(struct rl_stage *stage, const struct rl_steady_params *params,
                                  struct relief_error *err);

#endif
