// SPDX-License-Identifier: MIT
#include "compose/compose.h"

#include "compose/colour.h"
#include "compose/grey.h"
#include "compose/hdmi.h"
#include "compose/interleave.h"
#include "compose/merge.h"
#include "compose/packing.h"
#include "compose/sphere.h"
#include "compose/turns.h"
#include "plane/pool.h"

struct compose {
    struct rl_compose_params params;
    struct rl_packing packing;
    struct rl_half_fns half;
    struct rl_merge merge;
    struct rl_grey grey;
    struct rl_sphere sphere;
    struct rl_turns turns;
    struct rl_pool pool;
    AVFrame *part;  // a part of the output, for what draws whole pictures
};

static enum relief_status hdmi_shape(struct rl_compose_shape *shape, int width, int height,
                                     struct relief_error *err)
{
    int blank = rl_hdmi_blank(height);
    if (!blank) {
        rl_fail(err, RELIEF_E_ARGUMENT, "hdmi: frame packing is for 720 or 1080 lines, not %d",
                height);
        rl_hint(err, "abl puts views of any size one above the other");
        return RELIEF_E_ARGUMENT;
    }
    shape->width = width;
    shape->height = 2 * height + blank;
    return RELIEF_OK;
}

enum relief_status rl_compose_shape_of(struct rl_compose_shape *shape, enum relief_format format,
                                       float fov_degrees, enum AVPixelFormat pixels, int width,
                                       int height, AVRational sample_aspect,
                                       struct relief_error *err)
{
    const struct rl_packing packing = rl_packing_of(format);
    *shape = (struct rl_compose_shape){.sample_aspect = sample_aspect,
                                       .ticks = rl_turns_ticks(format)};
    if (format == RELIEF_FORMAT_HDMI)
        return hdmi_shape(shape, width, height, err);
    if (format == RELIEF_FORMAT_VR180) {
        shape->height = rl_sphere_size(fov_degrees, width, height, sample_aspect);
        shape->width = 2 * shape->height;
        shape->sample_aspect = (AVRational){1, 1};
        return RELIEF_OK;
    }
    rl_packing_view_size(&packing, pixels, width, height, &shape->width, &shape->height);
    shape->width *= packing.across;
    shape->height *= packing.down;
    return RELIEF_OK;
}

unsigned rl_compose_eyes(enum relief_format format)
{
    switch (format) {
    case RELIEF_FORMAT_ML:
        return 1;
    case RELIEF_FORMAT_MR:
        return 2;
    case RELIEF_FORMAT_DEPTH:
    case RELIEF_FORMAT_RGBD:
        return 0;
    default:
        return 3;
    }
}

// What is said of the source's picture, but does not hold for the composed one.
static void drop_stale_side_data(AVFrame *output)
{
    static const enum AVFrameSideDataType stale[] = {
        AV_FRAME_DATA_STEREO3D,          AV_FRAME_DATA_PANSCAN,
        AV_FRAME_DATA_MOTION_VECTORS,    AV_FRAME_DATA_REGIONS_OF_INTEREST,
        AV_FRAME_DATA_VIDEO_ENC_PARAMS,  AV_FRAME_DATA_DETECTION_BBOXES,
        AV_FRAME_DATA_FILM_GRAIN_PARAMS,
    };
    for (size_t i = 0; i < sizeof stale / sizeof *stale; i++)
        av_frame_remove_side_data(output, stale[i]);
}

// The views that the format needs, or the map.
static enum relief_status check_frame(const struct compose *compose, const struct rl_frame *frame,
                                      struct relief_error *err)
{
    unsigned eyes = rl_compose_eyes(compose->params.format);
    const AVFrame *left = frame->left, *right = frame->right;
    if (((eyes & 1) && !left) || ((eyes & 2) && !right) ||
        (!eyes && (!frame->depth || !frame->picture)))
        return rl_fail(err, RELIEF_E_FAILED, "compose: frame %lld lacks a view or its depth",
                       (long long)frame->index);
    if (eyes == 3 && (left->format != right->format || left->width != right->width ||
                      left->height != right->height))
        return rl_fail(err, RELIEF_E_FAILED, "compose: the views of frame %lld do not match",
                       (long long)frame->index);
    return RELIEF_OK;
}

// The picture, and beside it its depth.
static enum relief_status draw_rgbd(struct compose *compose, const struct rl_frame *frame,
                                    struct relief_error *err)
{
    struct rl_workers *workers = compose->params.workers;
    const AVFrame *output = frame->output;
    const bool deep = av_pix_fmt_desc_get((enum AVPixelFormat)output->format)->comp[0].depth > 8;
    AVFrame *part = compose->part;
    rl_packing_picture(&compose->packing, &compose->half, workers, frame->picture, frame->picture,
                       output);
    part->format = output->format;
    part->width = output->width / 2;
    part->height = output->height;
    part->color_range = output->color_range;
    part->colorspace = output->colorspace;
    for (int i = 0; i < 3; i++) {
        struct rl_plane plane = rl_frame_plane(output, i);
        part->data[i] = plane.data + ((ptrdiff_t)(plane.width / 2) << deep);
        part->linesize[i] = output->linesize[i];
    }
    return rl_grey_picture(&compose->grey, workers, frame, part, err);
}

// Into frame->output, which has the format's size.
static enum relief_status draw(struct compose *compose, const struct rl_frame *frame,
                               struct relief_error *err)
{
    const struct rl_compose_params *p = &compose->params;
    struct rl_interleaving how;
    if (p->format == RELIEF_FORMAT_DEPTH)
        return rl_grey_picture(&compose->grey, p->workers, frame, frame->output, err);
    if (p->format == RELIEF_FORMAT_RGBD)
        return draw_rgbd(compose, frame, err);
    if (p->format == RELIEF_FORMAT_VR180)
        return rl_sphere_picture(&compose->sphere, p->fov_degrees, p->workers, frame->left,
                                 frame->right, frame->output, err);
    if (rl_format_is_anaglyph(p->format))
        return rl_merge_picture(&compose->merge, p->format, p->linear, p->workers, frame->left,
                                frame->right, frame->output, err);
    if (p->format == RELIEF_FORMAT_HDMI)
        rl_hdmi_picture(p->workers, frame->left, frame->right, frame->output);
    else if (rl_interleaving_of(&how, p->format))
        rl_interleave_picture(&how, p->workers, frame->left, frame->right, frame->output);
    else
        rl_packing_picture(&compose->packing, &compose->half, p->workers, frame->left, frame->right,
                           frame->output);
    return RELIEF_OK;
}

static enum relief_status make_output(struct compose *compose, struct rl_frame *frame,
                                      struct relief_error *err)
{
    const AVFrame *like = frame->left ? frame->left : frame->right;
    struct rl_compose_shape shape;
    if (!rl_compose_eyes(compose->params.format))
        like = frame->picture;
    const bool deep = compose->params.format == RELIEF_FORMAT_DEPTH && compose->params.deep_depth;
    enum AVPixelFormat pixels = deep ? AV_PIX_FMT_GRAY16 : (enum AVPixelFormat)like->format;
    enum relief_status status = rl_compose_shape_of(
        &shape, compose->params.format, compose->params.fov_degrees, pixels, like->width,
        like->height, like->sample_aspect_ratio, err);
    if (status != RELIEF_OK)
        return status;
    frame->output = rl_pool_get(&compose->pool, pixels, shape.width, shape.height, like);
    if (!frame->output)
        return rl_fail_memory(err);
    frame->output->sample_aspect_ratio = shape.sample_aspect;
    if (deep)
        frame->output->color_range = AVCOL_RANGE_JPEG;
    return draw(compose, frame, err);
}

static enum relief_status compose_frame(struct compose *compose, struct rl_frame *frame,
                                        struct relief_error *err)
{
    enum relief_status status = check_frame(compose, frame, err);
    if (status != RELIEF_OK)
        return status;
    av_frame_free(&frame->output);
    if (compose->params.format == RELIEF_FORMAT_ML || compose->params.format == RELIEF_FORMAT_MR) {
        bool left = compose->params.format == RELIEF_FORMAT_ML;
        frame->output = av_frame_clone(left ? frame->left : frame->right);
        status = frame->output ? RELIEF_OK : rl_fail_memory(err);
    } else {
        status = make_output(compose, frame, err);
    }
    if (status == RELIEF_OK)
        drop_stale_side_data(frame->output);
    return status;
}

static enum relief_status push_turns(struct compose *compose, struct rl_frame *frame,
                                     const struct rl_sink *out, struct relief_error *err)
{
    enum relief_status status = check_frame(compose, frame, err);
    struct rl_turns *turns = &compose->turns;
    rl_turns_begin(turns, frame);
    while (status == RELIEF_OK && rl_turns_left(turns)) {
        struct rl_frame *next = rl_turns_next(turns, frame);
        if (!next)
            status = rl_fail_memory(err);
        if (status == RELIEF_OK) {
            drop_stale_side_data(next->output);
            status = out->take(out->user, next, err);
        }
    }
    rl_frame_free(&frame);
    return status;
}

static enum relief_status push(void *stage, struct rl_frame *frame, const struct rl_sink *out,
                               struct relief_error *err)
{
    struct compose *compose = stage;
    if (compose->turns.format != RELIEF_FORMAT_COUNT)
        return push_turns(compose, frame, out, err);
    enum relief_status status = compose_frame(compose, frame, err);
    if (status == RELIEF_OK)
        return out->take(out->user, frame, err);
    rl_frame_free(&frame);
    return status;
}

static enum relief_status flush(void *stage, const struct rl_sink *out, struct relief_error *err)
{
    (void)stage, (void)out, (void)err;
    return RELIEF_OK;
}

static void close_stage(void *stage)
{
    struct compose *compose = stage;
    rl_merge_clear(&compose->merge);
    rl_grey_clear(&compose->grey);
    rl_sphere_clear(&compose->sphere);
    rl_pool_clear(&compose->pool);
    if (compose->part) {
        // It never owned what it points to.
        memset(compose->part->data, 0, sizeof compose->part->data);
        av_frame_free(&compose->part);
    }
    free(compose);
}

enum relief_status rl_compose_open(struct rl_stage *stage, const struct rl_compose_params *params,
                                   struct relief_error *err)
{
    static const struct rl_stage_type type = {"compose", push, flush, close_stage};
    struct compose *compose = calloc(1, sizeof *compose);
    if (!compose)
        return rl_fail_memory(err);
    compose->part = av_frame_alloc();
    if (!compose->part) {
        free(compose);
        return rl_fail_memory(err);
    }
    compose->params = *params;
    rl_turns_init(&compose->turns, params);
    compose->packing = rl_packing_of(params->format);
    rl_half_init(&compose->half, params->cpu);
    rl_merge_init(&compose->merge, params->cpu);
    rl_sphere_init(&compose->sphere, params->cpu);
    *stage = (struct rl_stage){&type, compose};
    return RELIEF_OK;
}
