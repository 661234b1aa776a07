// SPDX-License-Identifier: MIT
#include "job/plan.h"

#include "base/cpu.h"
#include "base/file.h"
#include "base/str.h"
#include "compose/compose.h"
#include "depth/bars.h"
#include "job/import.h"
#include "job/store.h"
#include "job/thrift.h"
#include "media/read.h"
#include "media/stills.h"
#include "media/write.h"
#include "steady/steady.h"
#include "steady/watch.h"
#include "stereo/aim.h"
#include "stereo/stereo.h"

const char *const rl_slot_names[RELIEF_STAGE_COUNT] = {"read",   "depth",   "steady",
                                                       "stereo", "compose", "write"};

// What opening a stage needs; bundled so that the openers below stay short.
struct opening {
    struct rl_plan *plan;
    struct relief_context *ctx;
    const struct relief_params *params;
    const struct rl_source *source;
    const char *output;  // NULL: nothing is written
    const atomic_bool *stop;
    unsigned cpu;
    struct relief_error *err;
};

static struct rl_stage *next_stage(struct rl_plan *plan, enum rl_stage_slot slot)
{
    plan->slots[plan->stage_count] = (int)slot;
    return &plan->stages[plan->stage_count++];
}

static enum relief_status open_depth(struct opening *o)
{
    struct rl_stage *stage = next_stage(o->plan, RL_SLOT_DEPTH);
    if (o->params->depth_in[0]) {
        struct rl_import_params import = {o->params->depth_in, o->stop, &o->ctx->log};
        rl_str_copy(o->plan->summary, sizeof o->plan->summary, o->params->depth_in);
        return rl_import_open(stage, &import, o->err);
    }
    struct rl_depth_params depth = {
        .cache = o->ctx->networks,
        .model = o->params->model,
        .size = o->params->depth_size,
        .device = o->params->device,
        .precision = o->params->precision,
        .tta = o->params->tta,
        .threads = o->params->threads,
        .width = o->source->width,
        .height = o->source->height,
        .sample_aspect = o->source->sample_aspect,
        .log = &o->ctx->log,
    };
    struct rl_stage network;
    enum relief_status status = rl_depth_open(&network, &depth, o->err);
    if (status != RELIEF_OK)
        return status;
    rl_str_copy(o->plan->summary, sizeof o->plan->summary, rl_depth_summary(&network));
    return rl_thrift_open(stage, network, o->err);
}

static enum relief_status open_watch(struct opening *o)
{
    // Imported maps are there for every frame; off means that each frame is seen by itself.
    bool every = o->params->depth_in[0] || o->params->steady == RELIEF_STEADY_OFF;
    struct rl_watch_params watch = {.depth_every = every ? 1 : o->params->depth_every,
                                    .depth_follows = !every,
                                    .cpu = o->cpu,
                                    .log = &o->ctx->log};
    return rl_watch_open(next_stage(o->plan, RL_SLOT_STEADY), &watch, o->err);
}

static enum relief_status open_steady(struct opening *o, bool storing)
{
    struct rl_steady_params steady = {o->params->steady, av_q2d(o->source->frame_rate), o->cpu,
                                      storing && o->params->keep[0], &o->ctx->log};
    return rl_steady_open(next_stage(o->plan, RL_SLOT_STEADY), &steady, o->err);
}

static enum relief_status open_aim(struct opening *o)
{
    const bool automatic = o->params->convergence < 0;
    struct rl_aim_params aim = {
        .screen = automatic,
        .borders = o->params->window == RELIEF_WINDOW_ON,
        .convergence = automatic ? 0.5f : o->params->convergence,
        .curve = o->params->curve,
        .frame_rate = av_q2d(o->source->frame_rate),
        .divergence = o->params->divergence,
        .screen_width_mm = o->params->screen_width,
    };
    if (!aim.screen && !aim.borders)
        return RELIEF_OK;
    return rl_aim_open(next_stage(o->plan, RL_SLOT_STEREO), &aim, o->err);
}

static enum relief_status open_stereo(struct opening *o, unsigned eyes)
{
    struct rl_stereo_params stereo = {
        .divergence = o->params->divergence,
        .convergence = o->params->convergence,
        .anchor = o->params->anchor,
        .eyes = eyes,
        .fill = o->params->fill,
        .curve = o->params->curve,
        .screen_width_mm = o->params->screen_width,
        .cpu = o->cpu,
        .workers = o->plan->workers,
        .log = &o->ctx->log,
    };
    return rl_stereo_open(next_stage(o->plan, RL_SLOT_STEREO), &stereo, o->err);
}

// A single picture that wiggles is a film of three seconds, or once to and fro where it loops.
static int still_turns(const char *output)
{
    bool loops = rl_path_is_pattern(output) || rl_str_ends(output, ".gif") ||
                 rl_str_ends(output, ".apng");
    return loops ? 1 : 10;
}

// Depth maps keep their 16 bits where the output can hold them: pictures, and FFV1, which is what
// Matroska gets when nobody asks for something else.
static bool keeps_deep_depth(const struct relief_params *params, const char *output)
{
    const bool picture = output && (rl_path_is_pattern(output) || rl_is_still_name(output));
    const bool matroska = output && (!strcmp(output, "-") || rl_str_ends(output, ".mkv"));
    return output && params->format == RELIEF_FORMAT_DEPTH &&
           (params->encoder == RELIEF_ENCODER_FFV1 ||
            (params->encoder == RELIEF_ENCODER_AUTO && (picture || matroska)));
}

static enum relief_status open_compose(struct opening *o)
{
    struct rl_compose_params compose = {
        .format = o->params->format,
        .deep_depth = o->plan->deep_depth,
        .linear = o->params->linear != 0,
        .fov_degrees = o->params->fov,
        .time_base = o->source->time_base,
        .frame_rate = o->source->frame_rate,
        .still_turns = o->output && o->source->is_still ? still_turns(o->output) : 0,
        .cpu = o->cpu,
        .workers = o->plan->workers,
        .log = &o->ctx->log,
    };
    return rl_compose_open(next_stage(o->plan, RL_SLOT_COMPOSE), &compose, o->err);
}

static enum relief_status open_depth_stages(struct opening *o, bool storing)
{
    enum relief_status status = RELIEF_OK;
    if (o->params->bars == RELIEF_BARS_AUTO)
        status = rl_bars_open(next_stage(o->plan, RL_SLOT_DEPTH), &o->ctx->log, o->err);
    if (status == RELIEF_OK)
        status = open_watch(o);
    if (status == RELIEF_OK)
        status = open_depth(o);
    return status == RELIEF_OK ? open_steady(o, storing) : status;
}

static enum relief_status open_view_stages(struct opening *o, const struct rl_store_params *store)
{
    bool keep = store && o->params->keep[0];
    unsigned eyes = keep ? RL_EYES_BOTH : rl_compose_eyes(o->params->format);
    enum relief_status status = RELIEF_OK;
    if (eyes)
        status = open_aim(o);
    if (eyes && status == RELIEF_OK)
        status = open_stereo(o, eyes);
    if (status == RELIEF_OK && keep)
        status = rl_store_all_open(next_stage(o->plan, RL_SLOT_WRITE), o->params->keep, store,
                                   o->err);
    return status == RELIEF_OK ? open_compose(o) : status;
}

static enum relief_status open_stages(struct opening *o, unsigned parts)
{
    struct rl_store_params store = {o->source, o->params->overwrite, &o->ctx->log};
    bool storing = parts & RL_PLAN_STORE;
    enum relief_status status = RELIEF_OK;
    if (parts & RL_PLAN_DEPTH)
        status = open_depth_stages(o, storing);
    if (status == RELIEF_OK && storing && o->params->depth_out[0])
        status = rl_store_depth_open(next_stage(o->plan, RL_SLOT_WRITE), o->params->depth_out,
                                     &store, o->err);
    if (status == RELIEF_OK && (parts & RL_PLAN_VIEWS))
        status = open_view_stages(o, storing ? &store : NULL);
    return status;
}

enum relief_status rl_plan_open(struct rl_plan *plan, struct relief_context *ctx,
                                const struct relief_params *params, const struct rl_source *source,
                                const char *output, const atomic_bool *stop, unsigned parts,
                                struct relief_error *err)
{
    *plan = (struct rl_plan){.deep_depth = keeps_deep_depth(params, output)};
    struct opening opening = {.plan = plan,
                              .ctx = ctx,
                              .params = params,
                              .source = source,
                              .output = output,
                              .stop = stop,
                              .cpu = rl_cpu_flags(params->cpu_mask),
                              .err = err};
    enum relief_status status = rl_compose_shape_of(&plan->shape, params->format, params->fov,
                                                    source->format, source->width, source->height,
                                                    source->sample_aspect, err);
    if (status == RELIEF_OK && params->threads != 1)
        status = rl_workers_create(&plan->workers, params->threads, err);
    return status == RELIEF_OK ? open_stages(&opening, parts) : status;
}

enum relief_status
rl_plan_look_ahead(struct relief_outlook *outlook, const struct relief_params *params,
                   const struct relief_media_info *info, struct relief_error *err)
{
    const AVRational aspect = {info->sample_aspect_num, info->sample_aspect_den};
    enum AVPixelFormat pixels = av_get_pix_fmt(info->pix_fmt);
    struct rl_compose_shape shape;
    int width = info->width, height = info->height;
    if (pixels != AV_PIX_FMT_NONE)
        pixels = rl_format_working(pixels);
    if (pixels == AV_PIX_FMT_NONE)
        pixels = AV_PIX_FMT_YUV420P;
    rl_reader_limit(&width, &height, params->max_height);
    enum relief_status status = rl_compose_shape_of(&shape, params->format, params->fov, pixels,
                                                    width, height, aspect, err);
    *outlook = (struct relief_outlook){shape.width, shape.height, params->encoder, shape.ticks};
    if (params->encoder == RELIEF_ENCODER_AUTO && strcmp(info->kind, "picture") != 0)
        outlook->encoder = rl_writer_wants_h265(pixels, shape.width, shape.height)
                               ? RELIEF_ENCODER_H265
                               : RELIEF_ENCODER_H264;
    return status;
}

enum relief_status rl_plan_finish(struct rl_plan *plan, struct relief_error *err)
{
    enum relief_status status = RELIEF_OK;
    for (int i = 0; i < plan->stage_count && status == RELIEF_OK; i++)
        status = rl_store_finish(&plan->stages[i], err);
    return status;
}

void rl_plan_close(struct rl_plan *plan)
{
    for (int i = 0; i < plan->stage_count; i++)
        if (plan->stages[i].type)
            plan->stages[i].type->close(plan->stages[i].state);
    rl_workers_free(&plan->workers);
    *plan = (struct rl_plan){0};
}
