// SPDX-License-Identifier: MIT
#include "job/preview.h"

#include "job/plan.h"
#include "media/read.h"
#include "plane/convert.h"

static enum relief_status keep_frame(void *user, struct rl_frame *frame, struct relief_error *err)
{
    (void)err;
    struct rl_frame **kept = user;
    rl_frame_free(kept);
    *kept = frame;
    return RELIEF_OK;
}

static enum relief_status pull_once(void *user, struct rl_frame **frame, struct relief_error *err)
{
    (void)err;
    struct rl_frame **source = user;
    *frame = *source;
    *source = NULL;
    return RELIEF_OK;
}

// The last picture of the film stands for times behind it.
static enum relief_status read_frame(struct rl_reader *reader, const char *input,
                                     struct rl_frame **frame, struct relief_error *err)
{
    enum relief_status status = rl_reader_next(reader, frame, err);
    if (status == RELIEF_OK && !*frame)
        status = rl_fail(err, RELIEF_E_INPUT, "%s: no picture at this time", input);
    return status;
}

static enum relief_status run(const struct rl_plan *plan, struct rl_frame **frame,
                              atomic_bool *stop, struct relief_error *err)
{
    struct rl_frame *result = NULL;
    struct rl_pipeline_params pipeline = {
        .pull = pull_once,
        .pull_user = frame,
        .stage_count = plan->stage_count,
        .drain = {keep_frame, &result},
        .single_thread = true,
        .stop = stop,
    };
    memcpy(pipeline.stages, plan->stages, sizeof pipeline.stages);
    enum relief_status status = rl_pipeline_run(&pipeline, err);
    rl_frame_free(frame);
    *frame = result;
    return status;
}

enum relief_status rl_preview(struct relief_context *ctx, const char *input, int64_t time_us,
                              const struct relief_params *params, struct relief_image *image,
                              struct relief_error *err)
{
    atomic_bool stop = false;
    struct rl_reader *reader = NULL;
    struct rl_frame *frame = NULL;
    struct rl_plan plan = {0};
    struct rl_reader_params reading = {
        .start_us = time_us,
        .threads = params->threads,
        .format = AV_PIX_FMT_NONE,
        .stop = &stop,
        .log = &ctx->log,
    };
    enum relief_status status = rl_reader_open(&reader, input, &reading, err);
    if (status == RELIEF_OK)
        status = rl_plan_open(&plan, ctx, params, rl_reader_source(reader), &stop, false, err);
    if (status == RELIEF_OK)
        status = read_frame(reader, input, &frame, err);
    if (status == RELIEF_OK)
        status = run(&plan, &frame, &stop, err);
    if (status == RELIEF_OK)
        status = rl_convert_to_rgba(frame->output, image, err);
    rl_frame_free(&frame);
    rl_plan_close(&plan);
    rl_reader_close(&reader);
    return status;
}
