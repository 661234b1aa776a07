// SPDX-License-Identifier: MIT
#include "job/job.h"

enum { SAMPLE_EVERY_MS = 200 };

void rl_job_sample_speed(struct relief_job *job)
{
    int64_t now_ns = rl_now_ns();
    struct rl_speed *speed = &job->speed;
    pthread_mutex_lock(&job->mutex);
    int last = (speed->count + RL_SPEED_SAMPLES - 1) % RL_SPEED_SAMPLES;
    if (!speed->count || now_ns - speed->time_ns[last] >= SAMPLE_EVERY_MS * INT64_C(1000000)) {
        int place = speed->count++ % RL_SPEED_SAMPLES;
        speed->time_ns[place] = now_ns;
        speed->frames[place] = job->frames_done;
    }
    pthread_mutex_unlock(&job->mutex);
}

// Frames per second since the oldest sample that is kept.
static double recent_fps(const struct rl_speed *speed, int64_t now_ns, int64_t frames_done)
{
    if (!speed->count)
        return 0;
    int oldest = speed->count < RL_SPEED_SAMPLES ? 0 : speed->count % RL_SPEED_SAMPLES;
    double seconds = (double)(now_ns - speed->time_ns[oldest]) * 1e-9;
    return seconds > 0.01 ? (double)(frames_done - speed->frames[oldest]) / seconds : 0;
}

void rl_job_snapshot(struct relief_job *job, struct relief_progress *progress)
{
    *progress = (struct relief_progress){.eta_seconds = -1};
    progress->frames_done = job->frames_done;
    progress->frames_expected = job->frames_expected;
    progress->frames_resumed = job->frames_resumed;
    for (int i = 0; i < RELIEF_STAGE_COUNT; i++)
        progress->stages[i].name = rl_slot_names[i];
    if (!job->begin_ns)
        return;
    int64_t now_ns = job->end_ns ? job->end_ns : rl_now_ns();
    progress->elapsed_seconds = (double)(now_ns - job->begin_ns) * 1e-9;
    pthread_mutex_lock(&job->mutex);
    progress->fps = recent_fps(&job->speed, now_ns, progress->frames_done);
    for (int i = 0; i < job->node_count; i++)
        progress->stages[job->slots[i]].busy_seconds += (double)job->busy_ns[i] * 1e-9;
    pthread_mutex_unlock(&job->mutex);
    if (progress->frames_expected > 0 && progress->fps > 0) {
        double left = (double)(progress->frames_expected - progress->frames_done);
        progress->eta_seconds = left > 0 ? left / progress->fps : 0;
    }
}
