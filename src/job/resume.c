// SPDX-License-Identifier: MIT
#include "job/resume.h"

#include "base/file.h"
#include "base/str.h"

#include <stdlib.h>
#include <sys/stat.h>

static const double lead_seconds = 10;  // of a shot that is begun anew

static char *name_file(const char *path)
{
    struct stat info;
    if (!*path || stat(path, &info))
        return rl_str_format("%s", path);
    return rl_str_format("%s %lld bytes of %lld.%09ld", path, (long long)info.st_size,
                         (long long)info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
}

// Options that leave every pixel as it is.
static void forget_running(struct relief_params *params)
{
    struct relief_params usual;
    relief_params_default(&usual);
    params->threads = usual.threads;
    params->cpu_mask = usual.cpu_mask;
    params->overwrite = usual.overwrite;
    params->name_tokens = usual.name_tokens;
    params->progress = usual.progress;
    params->log = usual.log;
    params->report[0] = 0;
}

static char *name_conversion(const struct relief_job *job, const struct rl_plan *plan)
{
    struct relief_params params = job->params;
    forget_running(&params);
    const size_t size = relief_params_print(&params, NULL, 0) + 1;
    char *input = name_file(job->input), *depth = name_file(job->params.depth_in),
         *model = name_file(job->params.model), *options = malloc(size), *name = NULL;
    if (options)
        relief_params_print(&params, options, size);
    if (input && depth && model && options)
        name = rl_str_format("relief %s\n%s\n%s\n%s\n%s\n%s", relief_version(), input, options,
                             plan->summary, depth, model);
    free(input);
    free(depth);
    free(model);
    free(options);
    return name;
}

// A file that can be read once more, as a film of which nothing else is stored.
static bool can_go_on(const struct relief_job *job, const struct rl_source *source)
{
    struct stat info;
    return job->params.resume == RELIEF_RESUME_ON && !source->is_still && !source->is_sequence &&
           !job->params.depth_out[0] && !job->params.keep[0] && stat(job->input, &info) == 0 &&
           S_ISREG(info.st_mode);
}

enum relief_status rl_resume_open(struct rl_resumption *resumption, struct rl_writer *writer,
                                  const struct relief_job *job, const struct rl_source *source,
                                  const struct rl_plan *plan, struct relief_error *err)
{
    struct rl_resume resume = {0};
    *resumption = (struct rl_resumption){0};
    if (!can_go_on(job, source))
        return RELIEF_OK;
    char *name = name_conversion(job, plan);
    enum relief_status status = name ? rl_writer_keep(writer, name, &resume, err)
                                     : rl_fail_memory(err);
    free(name);
    if (status != RELIEF_OK || !resume.pictures)
        return status;
    const int ticks = plan->shape.ticks;
    const int64_t lead = (int64_t)(lead_seconds * av_q2d(source->frame_rate)),
                  frame = resume.pictures / ticks;
    resumption->pictures = resume.pictures;
    resumption->first = FFMAX(resume.shot / ticks, frame - FFMAX(lead, 0));
    resumption->next = resumption->first * ticks;
    rl_warn(&job->ctx->log,
            "%s: goes on at frame %lld, where an earlier run stopped (--resume off "
            "begins anew)",
            job->output, (long long)frame);
    return RELIEF_OK;
}
