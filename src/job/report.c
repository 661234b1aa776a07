// SPDX-License-Identifier: MIT
#include "job/job.h"

#include "base/file.h"
#include "base/json.h"
#include "stereo/stereo.h"

#include <errno.h>

static json_t *describe_source(const struct rl_source *source)
{
    return json_pack("{s:i, s:i, s:s, s:i, s:i, s:b}", "width", source->width, "height",
                     source->height, "pix_fmt", av_get_pix_fmt_name(source->format),
                     "frame_rate_num", source->frame_rate.num, "frame_rate_den",
                     source->frame_rate.den, "still", (int)source->is_still);
}

static json_t *describe_streams(const struct rl_writer *writer)
{
    size_t count = 0;
    const struct rl_stream_fate *fates = rl_writer_fates(writer, &count);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list,
                              json_pack("{s:i, s:s, s:s, s:s, s:s}", "index", fates[i].index,
                                        "kind", fates[i].kind, "codec", fates[i].codec, "outcome",
                                        fates[i].outcome, "reason", fates[i].reason));
    return list;
}

static json_t *describe_stages(const struct relief_progress *progress)
{
    json_t *stages = json_object();
    for (int i = 0; i < RELIEF_STAGE_COUNT; i++)
        json_object_set_new(stages, progress->stages[i].name,
                            json_real(progress->stages[i].busy_seconds));
    return stages;
}

static json_t *describe_job(struct relief_job *job, const struct relief_error *outcome)
{
    struct relief_progress progress;
    char options[4096];
    rl_job_snapshot(job, &progress);
    relief_params_print(&job->params, options, sizeof options);
    double seconds = progress.elapsed_seconds;
    int64_t converted = progress.frames_done - progress.frames_resumed;
    return json_pack("{ss so so so ss so sI sI sf sf so}", "version", relief_version(), "input",
                     rl_json_text(job->input), "output", rl_json_text(job->output), "options",
                     rl_json_text(options), "status", relief_status_name(outcome->status),
                     "message", rl_json_text(outcome->message), "frames",
                     (json_int_t)progress.frames_done, "frames_resumed",
                     (json_int_t)progress.frames_resumed, "seconds", seconds, "fps",
                     seconds > 0 && converted > 0 ? (double)converted / seconds : 0.0,
                     "stage_seconds", describe_stages(&progress));
}

static enum relief_status store(const json_t *report, const char *path, bool overwrite,
                                struct relief_error *err)
{
    struct rl_part part;
    enum relief_status status = rl_part_open(&part, path, overwrite, err);
    if (status == RELIEF_OK && json_dump_file(report, part.part, JSON_INDENT(2)))
        status = rl_fail_errno(err, RELIEF_E_OUTPUT, errno, "%s: cannot be written", path);
    if (status == RELIEF_OK)
        status = rl_part_commit(&part, err);
    rl_part_discard(&part);
    return status;
}

static json_t *describe_shots(const struct rl_comfort *comfort)
{
    json_t *shots = json_array();
    for (size_t i = 0; i < comfort->count; i++) {
        const struct rl_shot *shot = &comfort->shots[i];
        json_array_append_new(shots,
                              json_pack("{s:I, s:I, s:f, s:f}", "first_frame",
                                        (json_int_t)shot->first, "frames", (json_int_t)shot->frames,
                                        "nearest_parallax_percent", (double)shot->nearest,
                                        "farthest_parallax_percent", (double)shot->farthest));
    }
    return shots;
}

static void add_shots(json_t *report, const struct rl_plan *plan)
{
    for (int i = 0; i < plan->stage_count; i++) {
        const struct rl_comfort *comfort = rl_stereo_comfort(&plan->stages[i]);
        if (comfort)
            json_object_set_new(report, "shots", describe_shots(comfort));
    }
}

enum relief_status rl_job_report(struct relief_job *job, const struct rl_source *source,
                                 const struct rl_writer *writer, const struct rl_plan *plan,
                                 const struct relief_error *outcome, struct relief_error *failure)
{
    json_t *report = describe_job(job, outcome);
    if (!report)
        return rl_fail_memory(failure);
    if (source)
        json_object_set_new(report, "source", describe_source(source));
    if (plan->summary[0])
        json_object_set_new(report, "depth", json_string(plan->summary));
    add_shots(report, plan);
    if (writer)
        json_object_set_new(report, "streams", describe_streams(writer));
    enum relief_status status = store(report, job->params.report, job->params.overwrite != 0,
                                      failure);
    json_decref(report);
    return status;
}
