// SPDX-License-Identifier: MIT
//
// A job: one input, one output, one set of parameters, run once.
//
// 1. Order of opening: reader, plan (stages), writer; of ending: what is stored beside the output,
//    the writer, the report. A failure in between leaves no output under its final name.
// 2. What is read is never replaced by what is written, not even by the report of the refusal.
// 3. Progress is kept in atomics and one short-held mutex: asking for it never waits for work.
#ifndef RL_JOB_JOB_H
#define RL_JOB_JOB_H

#include "job/context.h"
#include "job/plan.h"
#include "media/write.h"

#include <pthread.h>

enum { RL_SPEED_SAMPLES = 32 };

// How fast it goes: a ring of (time, frames) pairs, a few seconds long.
struct rl_speed {
    int64_t time_ns[RL_SPEED_SAMPLES], frames[RL_SPEED_SAMPLES];
    int count;
};

struct relief_job {
    struct relief_context *ctx;
    char *input, *output;
    struct relief_params params;
    atomic_bool stop;       // the pipeline's: set by a cancel and by a failure
    atomic_bool cancelled;  // set by relief_job_cancel()
    atomic_bool started;

    atomic_llong frames_done, frames_expected;
    atomic_llong frames_resumed;    // fixed before frames flow
    atomic_llong begin_ns, end_ns;  // of relief_job_run(); 0 = not yet
    _Atomic int64_t busy_ns[RL_PIPELINE_STAGES_MAX + 2];
    int slots[RL_PIPELINE_STAGES_MAX + 2];  // of the pipeline's nodes; fixed before frames flow
    pthread_mutex_t mutex;                  // guards speed and node_count
    struct rl_speed speed;
    int node_count;  // 0 until the stages are open

    relief_progress_fn progress;  // of the run
    void *progress_user;
};

int64_t rl_now_ns(void);

// The whole conversion; what relief_job_run() promises.
enum relief_status rl_job_convert(struct relief_job *job, struct relief_error *err);

// A consistent snapshot; what relief_job_progress() promises.
void rl_job_snapshot(struct relief_job *job, struct relief_progress *progress);

// Take a sample of the speed; called by the running thread now and then.
void rl_job_sample_speed(struct relief_job *job);

// Write the JSON report to params.report. `err` holds the job's outcome; `failure` what went wrong
// with the report itself.
enum relief_status rl_job_report(struct relief_job *job, const struct rl_source *source,
                                 const struct rl_writer *writer, const struct rl_plan *plan,
                                 const struct relief_error *outcome, struct relief_error *failure);

#endif
