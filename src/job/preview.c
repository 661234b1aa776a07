// SPDX-License-Identifier: MIT
#include "job/preview.h"

#include "base/options/options.h"
#include "base/str.h"
#include "compose/colour.h"
#include "job/plan.h"
#include "media/read.h"
#include "plane/convert.h"

enum { KEPT = 8 };

// A picture of the film, and its depth as far as it was wanted.
struct kept {
    int64_t time_us;
    struct rl_frame *frame;  // NULL: an empty place
    struct rl_source source;
    char *depth_key;  // the options that frame->depth was made with; NULL when there is none yet
    uint64_t used;    // the viewer's count of renders at the last use
};

struct relief_viewer {
    struct relief_context *ctx;
    char *path;
    int longest_px;
    pthread_mutex_t mutex;  // held while rendering: guards what follows
    struct kept kept[KEPT];
    uint64_t renders;
};

enum relief_status rl_viewer_create(struct relief_viewer **out, struct relief_context *ctx,
                                    const char *path, int longest_px, struct relief_error *err)
{
    struct relief_viewer *viewer = calloc(1, sizeof *viewer);
    *out = NULL;
    if (!viewer)
        return rl_fail_memory(err);
    pthread_mutex_init(&viewer->mutex, NULL);
    viewer->ctx = ctx;
    viewer->longest_px = longest_px;
    viewer->path = rl_str_format("%s", path);
    if (!viewer->path) {
        rl_viewer_free(&viewer);
        return rl_fail_memory(err);
    }
    *out = viewer;
    return RELIEF_OK;
}

static void clear_kept(struct kept *kept)
{
    rl_frame_free(&kept->frame);
    free(kept->depth_key);
    *kept = (struct kept){0};
}

void rl_viewer_free(struct relief_viewer **viewer)
{
    struct relief_viewer *v = *viewer;
    *viewer = NULL;
    if (!v)
        return;
    for (int i = 0; i < KEPT; i++)
        clear_kept(&v->kept[i]);
    pthread_mutex_destroy(&v->mutex);
    free(v->path);
    free(v);
}

static enum relief_status reduce(struct rl_frame *frame, int longest_px, struct relief_error *err)
{
    AVFrame *reduced = rl_convert_reduce(frame->picture, longest_px);
    if (!reduced)
        return rl_fail_memory(err);
    av_frame_free(&frame->picture);
    frame->picture = reduced;
    return RELIEF_OK;
}

// What the plan asks of a source, without what the reader takes with it.
static struct rl_source source_of(const struct rl_reader *reader, const struct rl_frame *frame)
{
    struct rl_source source = *rl_reader_source(reader);
    source.path = NULL;
    source.demuxer = NULL;
    source.first = NULL;
    source.width = frame->picture->width;
    source.height = frame->picture->height;
    return source;
}

static enum relief_status read_picture(struct relief_viewer *viewer, struct kept *kept,
                                       int64_t time_us, int threads, struct relief_error *err)
{
    struct rl_reader *reader = NULL;
    struct rl_reader_params reading = {
        .start_us = time_us,
        .threads = threads,
        .format = AV_PIX_FMT_NONE,
        .log = &viewer->ctx->log,
    };
    enum relief_status status = rl_reader_open(&reader, viewer->path, &reading, err);
    if (status == RELIEF_OK)
        status = rl_reader_next(reader, &kept->frame, err);
    if (status == RELIEF_OK && !kept->frame)
        status = rl_fail(err, RELIEF_E_INPUT, "%s: no picture at this time", viewer->path);
    if (status == RELIEF_OK)
        status = reduce(kept->frame, viewer->longest_px, err);
    if (status == RELIEF_OK)
        kept->source = source_of(reader, kept->frame);
    rl_reader_close(&reader);
    kept->time_us = time_us;
    if (status != RELIEF_OK)
        clear_kept(kept);
    return status;
}

// The picture of that time, from the kept ones or from the film.
static enum relief_status find_picture(struct relief_viewer *viewer, int64_t time_us, int threads,
                                       struct kept **found, struct relief_error *err)
{
    struct kept *oldest = &viewer->kept[0];
    enum relief_status status = RELIEF_OK;
    *found = NULL;
    for (struct kept *k = viewer->kept; k < viewer->kept + KEPT; k++) {
        if (k->frame && k->time_us == time_us)
            *found = k;
        if (!k->frame || (oldest->frame && k->used < oldest->used))
            oldest = k;
    }
    if (!*found) {
        clear_kept(oldest);
        status = read_picture(viewer, oldest, time_us, threads, err);
        *found = oldest;
    }
    (*found)->used = ++viewer->renders;
    return status;
}

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
    if (status == RELIEF_OK && !result)
        status = rl_fail(err, RELIEF_E_FAILED, "preview: no stage gave a frame");
    return status;
}

// A frame of its own through a part of the plan: *made is the caller's.
static enum relief_status pass(struct relief_viewer *viewer, const struct kept *kept,
                               const struct relief_params *params, enum rl_plan_parts part,
                               struct rl_frame **made, struct relief_error *err)
{
    atomic_bool stop = false;
    struct rl_plan plan = {0};
    *made = rl_frame_clone(kept->frame);
    enum relief_status status = *made ? RELIEF_OK : rl_fail_memory(err);
    if (status == RELIEF_OK)
        status = rl_plan_open(&plan, viewer->ctx, params, &kept->source, NULL, &stop, part, err);
    if (status == RELIEF_OK)
        status = run(&plan, made, &stop, err);
    rl_plan_close(&plan);
    if (status != RELIEF_OK)
        rl_frame_free(made);
    return status;
}

// "name=value" of every option that acts on the depth map; NULL when out of memory.
static char *depth_key(const struct relief_params *params)
{
    const size_t size = (size_t)8 * RELIEF_TEXT_MAX;
    char *key = calloc(1, size);
    for (size_t i = 0; key && i < rl_option_count; i++) {
        const struct relief_option *option = &rl_option_table[i];
        char value[RELIEF_TEXT_MAX];
        if (option->group != RL_GROUP_DEPTH || option->type == RL_OPT_ALIAS ||
            option->type == RL_OPT_COMMAND)
            continue;
        rl_option_get(option, params, value, sizeof value);
        rl_str_add(key, size, "%s=%s\n", option->name, value);
    }
    return key;
}

static enum relief_status need_depth(struct relief_viewer *viewer, struct kept *kept,
                                     const struct relief_params *params, struct relief_error *err)
{
    struct rl_frame *made = NULL;
    char *key = depth_key(params);
    if (!key)
        return rl_fail_memory(err);
    if (kept->depth_key && !strcmp(kept->depth_key, key)) {
        free(key);
        return RELIEF_OK;
    }
    // An older map would stand in the way of the new one.
    av_frame_free(&kept->frame->depth);
    kept->frame->depth_is_final = false;
    free(kept->depth_key);
    kept->depth_key = NULL;
    enum relief_status status = pass(viewer, kept, params, RL_PLAN_DEPTH, &made, err);
    if (status == RELIEF_OK) {
        rl_frame_free(&kept->frame);
        kept->frame = made;
        kept->depth_key = key;
    } else {
        free(key);
    }
    return status;
}

// The format that shows `view`.
static enum relief_format format_of(enum relief_view view, enum relief_format wanted)
{
    switch (view) {
    case RELIEF_VIEW_DEPTH:
        return RELIEF_FORMAT_DEPTH;
    case RELIEF_VIEW_LEFT:
        return RELIEF_FORMAT_ML;
    case RELIEF_VIEW_RIGHT:
        return RELIEF_FORMAT_MR;
    case RELIEF_VIEW_SBS:
        return RELIEF_FORMAT_SBSL;
    case RELIEF_VIEW_ANAGLYPH:
        return rl_format_is_anaglyph(wanted) ? wanted : RELIEF_FORMAT_ARCC;
    default:
        return wanted;
    }
}

static enum relief_status render(struct relief_viewer *viewer, int64_t time_us,
                                 const struct relief_params *params, enum relief_view view,
                                 struct relief_image *image, struct relief_error *err)
{
    struct kept *kept = NULL;
    struct rl_frame *made = NULL;
    struct relief_params shown = *params;
    shown.format = format_of(view, params->format);
    enum relief_status status = find_picture(viewer, time_us, params->threads, &kept, err);
    if (status != RELIEF_OK || view == RELIEF_VIEW_SOURCE)
        return status == RELIEF_OK ? rl_convert_to_rgba(kept->frame->picture, image, err) : status;
    status = need_depth(viewer, kept, params, err);
    if (status == RELIEF_OK)
        status = pass(viewer, kept, &shown, RL_PLAN_VIEWS, &made, err);
    if (status == RELIEF_OK)
        status = rl_convert_to_rgba(made->output, image, err);
    rl_frame_free(&made);
    return status;
}

enum relief_status rl_viewer_render(struct relief_viewer *viewer, int64_t time_us,
                                    const struct relief_params *params, enum relief_view view,
                                    struct relief_image *image, struct relief_error *err)
{
    pthread_mutex_lock(&viewer->mutex);
    enum relief_status status = render(viewer, time_us, params, view, image, err);
    pthread_mutex_unlock(&viewer->mutex);
    return status;
}
