// SPDX-License-Identifier: MIT
#include "job/job.h"

#include "base/file.h"
#include "base/str.h"
#include "job/resume.h"
#include "job/store.h"
#include "media/pictures.h"
#include "media/stills.h"

#include <errno.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

// What a running job has open.
struct conversion {
    struct relief_job *job;
    struct rl_reader *reader;
    struct rl_writer *writer;
    struct rl_plan plan;
    struct rl_source written;  // the source as the writer sees it: by the clock of the output
    struct rl_resumption resumption;
    bool may_report;  // the report replaces nothing that is needed
};

int64_t rl_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static enum relief_status open_reader(struct conversion *c, struct relief_error *err)
{
    const struct relief_params *params = &c->job->params;
    struct rl_reader_params reader = {
        .start_us = params->start_us,
        .duration_us = params->duration_us,
        .threads = params->threads,
        .format = AV_PIX_FMT_NONE,
        .max_height = params->max_height,
        .stop = &c->job->stop,
        .log = &c->job->ctx->log,
    };
    enum relief_status status = rl_reader_open(&c->reader, c->job->input, &reader, err);
    if (status == RELIEF_OK)
        c->job->frames_expected = rl_reader_source(c->reader)->frame_count;
    return status;
}

// A transport stream keeps a broadcaster's clock; elsewhere the film begins at 0 without it.
static bool keeps_clock(const struct relief_job *job)
{
    const char *extension = rl_path_extension(job->output);
    return !job->params.start_us &&
           (!strcasecmp(extension, "ts") || !strcasecmp(extension, "m2ts") ||
            !strcasecmp(extension, "mts"));
}

// Frames in turn come twice as often, and count in half ticks.
static const struct rl_source *written_source(struct conversion *c)
{
    const int ticks = c->plan.shape.ticks;
    c->written = *rl_reader_source(c->reader);
    c->written.time_base.den *= ticks;
    c->written.frame_rate.num *= ticks;
    c->written.start_pts *= keeps_clock(c->job) ? 0 : ticks;
    c->written.end_pts *= ticks;
    c->written.frame_count *= ticks;
    c->job->frames_expected *= ticks;
    return &c->written;
}

static enum relief_encoder encoder_of(const struct conversion *c)
{
    const char *output = c->job->output;
    const bool film = !rl_path_is_pattern(output) && !rl_is_still_name(output);
    return c->plan.deep_depth && film ? RELIEF_ENCODER_FFV1 : c->job->params.encoder;
}

static enum relief_status open_writer(struct conversion *c, struct relief_error *err)
{
    const struct relief_params *params = &c->job->params;
    const struct rl_source *source = written_source(c);
    struct rl_writer_params writer = {
        .encoder = encoder_of(c),
        .crf = params->crf,
        .preset = params->preset,
        .pix_fmt = params->pix_fmt,
        .speed = params->speed,
        .threads = params->threads,
        .overwrite = params->overwrite != 0,
        .layout = params->format,
        .width = c->plan.shape.width,
        .height = c->plan.shape.height,
        .format = c->plan.deep_depth ? AV_PIX_FMT_GRAY16 : source->format,
        .sample_aspect = c->plan.shape.sample_aspect,
        .copy_streams = true,
        .log = &c->job->ctx->log,
    };
    enum relief_status status = rl_writer_open(&c->writer, c->job->output, source, &writer, err);
    if (status == RELIEF_OK)
        rl_reader_on_packet(c->reader, rl_writer_packet, c->writer);
    return status;
}

// What is read is never replaced, whatever "overwrite" says, and nothing is written twice.
static enum relief_status check_clashes(const struct relief_job *job, struct relief_error *err)
{
    const struct relief_params *p = &job->params;
    const char *const read[] = {job->input, p->depth_in, p->model};
    const char *const written[] = {job->output, p->depth_out, p->report};
    for (size_t i = 0; i < sizeof written / sizeof *written; i++) {
        for (size_t j = 0; j < sizeof read / sizeof *read; j++)
            if (rl_pictures_are_hit(read[j], written[i]))
                return rl_fail(err, RELIEF_E_OUTPUT, "%s: is an input and cannot be written",
                               written[i]);
        for (size_t j = 0; j < i && *written[i]; j++)
            if (!strcmp(written[i], written[j]) || rl_path_same(written[i], written[j]))
                return rl_fail(err, RELIEF_E_OUTPUT, "%s: cannot be written twice", written[i]);
    }
    if (*p->keep &&
        (rl_store_all_hits(p->keep, job->input) || rl_store_all_hits(p->keep, p->depth_in)))
        return rl_fail(err, RELIEF_E_OUTPUT, "%s: holds the input and cannot be written", p->keep);
    return RELIEF_OK;
}

static enum relief_status check_path(const struct relief_job *job, const char *path,
                                     struct relief_error *err)
{
    if (!*path || !strcmp(path, "-") || rl_path_is_pattern(path))
        return RELIEF_OK;
    struct rl_part part;
    enum relief_status status = rl_part_open(&part, path, job->params.overwrite != 0, err);
    rl_part_discard(&part);
    return status;
}

// Cheap refusals come first: nobody waits for a network to learn that the output exists, or for the
// whole film to learn that the report has no place. A mistyped input is the first thing to hear of.
static enum relief_status check_paths(struct conversion *c, struct relief_error *err)
{
    const struct relief_job *job = c->job;
    struct relief_error clash = {0};
    c->may_report = check_clashes(job, &clash) == RELIEF_OK;
    bool is_file = strcmp(job->input, "-") != 0 && !rl_path_is_pattern(job->input);
    if (is_file && access(job->input, R_OK))
        return rl_fail_errno(err, RELIEF_E_INPUT, errno, "%s: cannot be read", job->input);
    if (clash.status != RELIEF_OK)
        return rl_error_pass(err, &clash);
    enum relief_status status = check_path(job, job->output, err);
    return status == RELIEF_OK ? check_path(job, job->params.report, err) : status;
}

static void map_slots(struct conversion *c)
{
    struct relief_job *job = c->job;
    int count = c->plan.stage_count + 2;
    job->slots[0] = RL_SLOT_READ;
    for (int i = 0; i < c->plan.stage_count; i++)
        job->slots[i + 1] = c->plan.slots[i];
    job->slots[count - 1] = RL_SLOT_WRITE;
    pthread_mutex_lock(&job->mutex);
    job->node_count = count;
    pthread_mutex_unlock(&job->mutex);
}

// What an earlier run encoded goes to the muxer in step with the streams beside it.
static enum relief_status replay(struct conversion *c, const struct rl_frame *frame,
                                 struct relief_error *err)
{
    const int ticks = c->plan.shape.ticks;
    const bool is_known = frame && frame->index < c->resumption.pictures / ticks;
    return rl_writer_replay(c->writer, is_known ? frame->pts * ticks : INT64_MAX, err);
}

static enum relief_status pull(void *user, struct rl_frame **frame, struct relief_error *err)
{
    struct conversion *c = user;
    for (;;) {
        enum relief_status status = rl_reader_next(c->reader, frame, err);
        if (status == RELIEF_OK && c->resumption.pictures)
            status = replay(c, *frame, err);
        if (status == RELIEF_OK && c->job->cancelled)
            status = rl_fail_cancelled(err);
        if (status != RELIEF_OK)
            rl_frame_free(frame);
        if (!*frame || (*frame)->index >= c->resumption.first)
            return status;
        rl_frame_free(frame);
        atomic_fetch_add(&c->job->frames_done, c->plan.shape.ticks);
    }
}

static enum relief_status drain(void *user, struct rl_frame *frame, struct relief_error *err)
{
    struct conversion *c = user;
    enum relief_status status = RELIEF_OK;
    if (c->resumption.next++ >= c->resumption.pictures)
        status = rl_writer_frame(c->writer, frame, frame->output, err);
    rl_frame_free(&frame);
    if (status == RELIEF_OK)
        atomic_fetch_add(&c->job->frames_done, 1);
    return status;
}

static void tick(void *user)
{
    struct conversion *c = user;
    struct relief_job *job = c->job;
    struct relief_progress progress;
    if (job->cancelled)
        job->stop = true;
    rl_job_sample_speed(job);
    if (!job->progress)
        return;
    rl_job_snapshot(job, &progress);
    job->progress(job->progress_user, &progress);
}

static enum relief_status run_pipeline(struct conversion *c, struct relief_error *err)
{
    struct rl_pipeline_params pipeline = {
        .pull = pull,
        .pull_user = c,
        .stage_count = c->plan.stage_count,
        .drain = {drain, c},
        .single_thread = c->job->params.threads == 1,
        .queue_frames = 2,
        .stop = &c->job->stop,
        .tick = tick,
        .tick_user = c,
        .busy_ns = c->job->busy_ns,
    };
    memcpy(pipeline.stages, c->plan.stages, sizeof pipeline.stages);
    map_slots(c);
    return rl_pipeline_run(&pipeline, err);
}

static enum relief_status convert(struct conversion *c, struct relief_error *err)
{
    struct relief_job *job = c->job;
    enum relief_status status = check_paths(c, err);
    if (status == RELIEF_OK)
        status = open_reader(c, err);
    if (status == RELIEF_OK)
        status = rl_plan_open(&c->plan, job->ctx, &job->params, rl_reader_source(c->reader),
                              job->output, &job->stop, RL_PLAN_JOB, err);
    if (status == RELIEF_OK)
        status = open_writer(c, err);
    if (status == RELIEF_OK)
        status = rl_resume_open(&c->resumption, c->writer, job, rl_reader_source(c->reader),
                                &c->plan, err);
    job->frames_resumed = c->resumption.pictures;
    if (status == RELIEF_OK) {
        rl_info(&job->ctx->log, "%s: %dx%d, depth %s", job->input,
                rl_reader_source(c->reader)->width, rl_reader_source(c->reader)->height,
                c->plan.summary);
        status = run_pipeline(c, err);
    }
    if (status == RELIEF_OK && job->frames_done == 0)
        status = rl_fail(err, RELIEF_E_INPUT, "%s: no picture could be decoded", job->input);
    if (status == RELIEF_OK)
        status = rl_plan_finish(&c->plan, err);
    if (status == RELIEF_OK)
        status = rl_writer_finish(c->writer, err);
    return status;
}

enum relief_status rl_job_convert(struct relief_job *job, struct relief_error *err)
{
    struct conversion c = {.job = job};
    struct relief_error outcome = {0}, failure = {0};
    job->begin_ns = rl_now_ns();
    convert(&c, &outcome);
    job->end_ns = rl_now_ns();
    // A cancel may surface as a read or write that was cut short: it is a cancel all the same.
    if (job->cancelled && outcome.status != RELIEF_OK) {
        outcome = (struct relief_error){0};
        rl_fail_cancelled(&outcome);
    }
    const struct rl_source *source = c.reader ? rl_reader_source(c.reader) : NULL;
    if (job->params.report[0] && c.may_report)
        rl_job_report(job, source, c.writer, &c.plan, &outcome, &failure);
    rl_error_pass(&outcome, &failure);
    if (outcome.status != RELIEF_OK && !*outcome.hint && c.writer && rl_writer_can_go_on(c.writer))
        rl_hint(&outcome, "the same command once more: it goes on where this one stopped");
    rl_plan_close(&c.plan);
    rl_writer_close(&c.writer);
    rl_reader_close(&c.reader);
    return rl_error_pass(err, &outcome);
}
