// SPDX-License-Identifier: MIT
//
// The watch stage: looks at the picture alone, before any depth is known.
//
// 1. Sets frame->cut on the first frame of a shot, and on no other.
// 2. Sets frame->motion_back and frame->motion_ahead (see plane/frame.h) within a shot.
// 3. Sets frame->depth_skipped where the network may be spared: with depth_every = N on all but
//    each N-th frame of a shot, with 0 where all that is to be seen can be found in the frames
//    before or behind that it looks at (spare.h). Never on the first frame of a shot nor on the
//    last, and on at most RL_SKIPPED_MAX in a row, with 0 two.
// 4. If asked to, sets frame->depth_follows where motion is small and leads to where nearly all of
//    the picture's detail was in the frame before. Never on the first frame of a shot.
// 5. Holds RL_WATCH_AHEAD frames back, because a cut shows by what comes after it.
#ifndef RL_STEADY_WATCH_H
#define RL_STEADY_WATCH_H

#include "base/log.h"
#include "base/stage.h"
#include "plane/frame.h"
#include "steady/cuts.h"

enum {
    RL_WATCH_AHEAD = RL_CUTS_AHEAD + 1,
    RL_SKIPPED_MAX = 7,  // frames in a row that the network may be spared
};

struct rl_watch_params {
    int depth_every;     // the network looks at every N-th frame; 0 = where the picture asks for it
    bool depth_follows;  // it may look less closely where the picture goes on, see 4
    unsigned cpu;        // features that kernels may use
    struct rl_log *log;
};

enum relief_status rl_watch_open(struct rl_stage *stage, const struct rl_watch_params *params,
                                 struct relief_error *err);

#endif
