// SPDX-License-Identifier: MIT
//
// The one interface of all stages: frames in, frames out, in order.
//
// 1. A stage knows no neighbours, no queues and no files; job/pipeline.c gives it a thread.
// 2. push takes over the frame and hands on, through `out`, zero or more frames, now or later.
//    Frames leave in the order in which they came, each exactly once.
// 3. flush hands on what is still held; no push follows it.
// 4. On failure a stage returns a status and keeps no frame; only close follows.
// 5. All calls of one stage come from one thread at a time.
#ifndef RL_BASE_STAGE_H
#define RL_BASE_STAGE_H

#include "base/error.h"

struct rl_frame;

// Where a stage's frames go. Takes over the frame, whatever it returns. A status other than
// RELIEF_OK means that nobody wants more frames: the stage returns it.
struct rl_sink {
    enum relief_status (*take)(void *user, struct rl_frame *frame, struct relief_error *err);
    void *user;
};

struct rl_stage_type {
    const char *name;  // static: "depth", "stereo", ...
    enum relief_status (*push)(void *stage, struct rl_frame *frame, const struct rl_sink *out,
                               struct relief_error *err);
    enum relief_status (*flush)(void *stage, const struct rl_sink *out, struct relief_error *err);
    void (*close)(void *stage);
};

struct rl_stage {
    const struct rl_stage_type *type;
    void *state;
};

#endif
