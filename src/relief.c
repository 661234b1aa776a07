// SPDX-License-Identifier: MIT
//
// The public functions that are not defined where their data lives: check the arguments, then one
// call down. Options are in base/options, status words in base/error.c.
#include "base/file.h"
#include "base/c_locale.h"
#include "base/options/options.h"
#include "base/str.h"
#include "job/job.h"
#include "job/plan.h"
#include "job/preview.h"

#include <strings.h>

#define TEXT_OF(number) #number
#define VERSION_TEXT(major, minor, patch) TEXT_OF(major) "." TEXT_OF(minor) "." TEXT_OF(patch)

const char *relief_version(void)
{
    return VERSION_TEXT(RELIEF_VERSION_MAJOR, RELIEF_VERSION_MINOR, RELIEF_VERSION_PATCH);
}

enum relief_status relief_context_create(struct relief_context **out,
                                         const struct relief_log_sink *sink,
                                         struct relief_error *err)
{
    *out = NULL;
    struct relief_context *ctx = calloc(1, sizeof *ctx);
    if (!ctx)
        return rl_fail_memory(err);
    rl_log_init(&ctx->log, sink);
    enum relief_status status = rl_depth_cache_create(&ctx->networks, err);
    if (status != RELIEF_OK) {
        relief_context_free(&ctx);
        return status;
    }
    *out = ctx;
    return RELIEF_OK;
}

void relief_context_free(struct relief_context **ctx)
{
    struct relief_context *c = *ctx;
    *ctx = NULL;
    if (!c)
        return;
    rl_depth_cache_free(&c->networks);
    rl_log_clear(&c->log);
    free(c);
}

enum relief_status relief_probe(struct relief_context *ctx, const char *path,
                                struct relief_media_info *info, struct relief_error *err)
{
    RL_C_LOCALE;
    (void)ctx;
    *info = (struct relief_media_info){0};
    return rl_probe(path, info, err);
}

enum relief_status relief_look_ahead(struct relief_outlook *outlook,
                                     const struct relief_params *params,
                                     const struct relief_media_info *info, struct relief_error *err)
{
    RL_C_LOCALE;
    return rl_plan_look_ahead(outlook, params, info, err);
}

static bool has_linear(enum relief_format format)
{
    return format == RELIEF_FORMAT_ARCD || format == RELIEF_FORMAT_AGMD ||
           format == RELIEF_FORMAT_AYBD;
}

static enum relief_status check_params(const struct relief_params *params, struct relief_error *err)
{
    enum relief_status status = rl_options_check(params, err);
    // An option that nothing would come of is a mistake that the user wants to hear of.
    if (status == RELIEF_OK && params->depth_in[0] && params->depth_out[0])
        status = rl_fail(err, RELIEF_E_ARGUMENT,
                         "--depth-out: depth maps that were read with "
                         "--depth-in are not stored again");
    if (status == RELIEF_OK && params->linear && !has_linear(params->format))
        status = rl_fail(err, RELIEF_E_ARGUMENT,
                         "--linear: is for the formats arcd, agmd and aybd");
    return status;
}

// A name may say that its file holds both views.
static enum relief_status settle_format(struct relief_job *job, struct relief_error *err)
{
    const char *extension = rl_path_extension(job->output);
    enum relief_format *format = &job->params.format;
    const bool jps = !strcasecmp(extension, "jps"), mpo = !strcasecmp(extension, "mpo");
    if ((!jps && !mpo) || *format == RELIEF_FORMAT_SBSL || *format == RELIEF_FORMAT_SBSR)
        return RELIEF_OK;
    if (*format != RELIEF_FORMAT_ARCC) {
        rl_fail(err, RELIEF_E_ARGUMENT, "%s: .%s files hold two whole views side by side",
                job->output, extension);
        rl_hint(err, "-f sbsl or -f sbsr");
        return RELIEF_E_ARGUMENT;
    }
    // JPS is for crossed eyes by custom.
    *format = jps ? RELIEF_FORMAT_SBSR : RELIEF_FORMAT_SBSL;
    return RELIEF_OK;
}

enum relief_status relief_job_create(struct relief_job **out, struct relief_context *ctx,
                                     const char *input, const char *output,
                                     const struct relief_params *params, struct relief_error *err)
{
    RL_C_LOCALE;
    *out = NULL;
    enum relief_status status = check_params(params, err);
    if (status == RELIEF_OK && (!input || !*input))
        status = rl_fail(err, RELIEF_E_ARGUMENT, "no input was named");
    if (status == RELIEF_OK && (!output || !*output))
        status = rl_fail(err, RELIEF_E_ARGUMENT, "no output was named");
    if (status != RELIEF_OK)
        return status;
    struct relief_job *job = calloc(1, sizeof *job);
    if (!job)
        return rl_fail_memory(err);
    pthread_mutex_init(&job->mutex, NULL);
    job->ctx = ctx;
    job->params = *params;
    job->input = rl_str_format("%s", input);
    job->output = rl_str_format("%s", output);
    status = job->input && job->output ? settle_format(job, err) : rl_fail_memory(err);
    if (status != RELIEF_OK)
        relief_job_free(&job);
    *out = job;
    return status;
}

enum relief_status relief_job_run(struct relief_job *job, relief_progress_fn progress, void *user,
                                  struct relief_error *err)
{
    RL_C_LOCALE;
    if (atomic_exchange(&job->started, true))
        return rl_fail(err, RELIEF_E_ARGUMENT, "%s: a job runs only once", job->input);
    job->progress = progress;
    job->progress_user = user;
    return rl_job_convert(job, err);
}

void relief_job_cancel(struct relief_job *job)
{
    atomic_store(&job->cancelled, true);
    atomic_store(&job->stop, true);
}

void relief_job_progress(const struct relief_job *job, struct relief_progress *progress)
{
    rl_job_snapshot((struct relief_job *)(uintptr_t)job, progress);
}

void relief_job_free(struct relief_job **job)
{
    struct relief_job *j = *job;
    *job = NULL;
    if (!j)
        return;
    pthread_mutex_destroy(&j->mutex);
    free(j->input);
    free(j->output);
    free(j);
}

const char *relief_view_name(enum relief_view view)
{
    static const char *const names[RELIEF_VIEW_COUNT] = {"output", "source",   "depth", "left",
                                                         "right",  "anaglyph", "sbs"};
    return (unsigned)view < RELIEF_VIEW_COUNT ? names[view] : NULL;
}

enum relief_status relief_viewer_create(struct relief_viewer **viewer, struct relief_context *ctx,
                                        const char *path, int longest_px, struct relief_error *err)
{
    RL_C_LOCALE;
    *viewer = NULL;
    if (!path || !*path)
        return rl_fail(err, RELIEF_E_ARGUMENT, "no input was named");
    return rl_viewer_create(viewer, ctx, path, longest_px, err);
}

enum relief_status relief_viewer_render(struct relief_viewer *viewer, int64_t time_us,
                                        const struct relief_params *params, enum relief_view view,
                                        struct relief_image *image, struct relief_error *err)
{
    RL_C_LOCALE;
    *image = (struct relief_image){0};
    enum relief_status status = check_params(params, err);
    if (status == RELIEF_OK && time_us < 0)
        status = rl_fail(err, RELIEF_E_ARGUMENT, "a time before the film's beginning");
    if (status == RELIEF_OK && (unsigned)view >= RELIEF_VIEW_COUNT)
        status = rl_fail(err, RELIEF_E_ARGUMENT, "there is no such view: %d", (int)view);
    return status == RELIEF_OK ? rl_viewer_render(viewer, time_us, params, view, image, err)
                               : status;
}

void relief_viewer_free(struct relief_viewer **viewer)
{
    rl_viewer_free(viewer);
}

enum relief_status relief_preview(struct relief_context *ctx, const char *input, int64_t time_us,
                                  const struct relief_params *params, struct relief_image *image,
                                  struct relief_error *err)
{
    RL_C_LOCALE;
    struct relief_viewer *viewer = NULL;
    *image = (struct relief_image){0};
    enum relief_status status = relief_viewer_create(&viewer, ctx, input, 0, err);
    if (status == RELIEF_OK)
        status = relief_viewer_render(viewer, time_us, params, RELIEF_VIEW_OUTPUT, image, err);
    relief_viewer_free(&viewer);
    return status;
}

enum relief_status relief_models(struct relief_context *ctx, struct relief_model_info *models,
                                 size_t capacity, size_t *count, struct relief_error *err)
{
    RL_C_LOCALE;
    (void)ctx;
    return rl_models_list(models, capacity, count, err);
}

enum relief_status relief_models_find(struct relief_context *ctx, const char *name,
                                      struct relief_model_info *model, struct relief_error *err)
{
    RL_C_LOCALE;
    (void)ctx;
    *model = (struct relief_model_info){0};
    return rl_models_find(name, model, err);
}

enum relief_status relief_models_get(struct relief_context *ctx, const char *name,
                                     relief_download_fn progress, void *user,
                                     struct relief_error *err)
{
    RL_C_LOCALE;
    return rl_models_get(name, progress, user, &ctx->log, err);
}

enum relief_status relief_models_check(struct relief_context *ctx, const char *name,
                                       struct relief_error *err)
{
    RL_C_LOCALE;
    return rl_models_check(name, &ctx->log, err);
}

enum relief_status relief_models_remove(struct relief_context *ctx, const char *name,
                                        struct relief_error *err)
{
    RL_C_LOCALE;
    (void)ctx;
    return rl_models_remove(name, err);
}

size_t relief_devices(struct relief_context *ctx, struct relief_device *devices, size_t capacity)
{
    RL_C_LOCALE;
    (void)ctx;
    return rl_depth_devices(devices, capacity);
}
