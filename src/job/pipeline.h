// SPDX-License-Identifier: MIT
//
// The pipeline: a source, stages, and a drain, each in its own thread with a bounded queue in
// between, or all in the calling thread.
//
// 1. End of stream flows down: source -> flush of each stage -> drain. Stop flows up: the first
//    failure, or a cancel, stops all queues; all threads have ended when rl_pipeline_run() returns.
// 2. The first failure in time is the one reported.
// 3. Only queues block; no lock is held while a stage works.
// 4. One thread or several: the same frames in the same order.
#ifndef RL_JOB_PIPELINE_H
#define RL_JOB_PIPELINE_H

#include "base/stage.h"
#include "plane/frame.h"

#include <stdatomic.h>
#include <stdbool.h>

enum { RL_PIPELINE_STAGES_MAX = 12 };

struct rl_pipeline_params {
    // Gives the next frame, NULL at the end.
    enum relief_status (*pull)(void *user, struct rl_frame **frame, struct relief_error *err);
    void *pull_user;

    struct rl_stage stages[RL_PIPELINE_STAGES_MAX];  // in order; closed by the caller
    int stage_count;

    struct rl_sink drain;  // takes the finished frames

    bool single_thread;
    int queue_frames;  // capacity of each queue

    atomic_bool *stop;  // set from outside to cancel, and by the pipeline when something failed

    // Called every 100 ms by the thread in rl_pipeline_run(), and once at the end; may be NULL.
    // With single_thread: between frames.
    void (*tick)(void *user);
    void *tick_user;

    // Nanoseconds each stage has worked so far: [0] the source, [1..] stages, the last the drain.
    _Atomic int64_t *busy_ns;
};

// Returns RELIEF_E_CANCELLED when *stop was set from outside.
enum relief_status rl_pipeline_run(const struct rl_pipeline_params *params,
                                   struct relief_error *err);

#endif
