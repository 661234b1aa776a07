// SPDX-License-Identifier: MIT
#include "compose/compose.h"

#include "compose/colour.h"
#include "compose/grey.h"
#include "compose/interleave.h"
#include "compose/merge.h"
#include "compose/packing.h"
#include "plane/pool.h"

struct compose {
    struct rl_compose_params params;
    struct rl_packing packing;
    struct rl_half_fns half;
    struct rl_merge merge;
    struct rl_grey grey;
    struct rl_pool pool;
};

void rl_compose_size(enum relief_format format, enum AVPixelFormat pixels, int width, int height,
                     AVRational sample_aspect, int *output_width, int *output_height,
                     AVRational *output_aspect)
{
    const struct rl_packing packing = rl_packing_of(format);
    rl_packing_view_size(&packing, pixels, width, height, output_width, output_height);
    *output_width *= packing.across;
    *output_height *= packing.down;
    *output_aspect = sample_aspect;
}

unsigned rl_compose_eyes(enum relief_format format)
{
    switch (format) {
    case RELIEF_FORMAT_ML:
        return 1;
    case RELIEF_FORMAT_MR:
        return 2;
    case RELIEF_FORMAT_DEPTH:
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

static enum relief_status draw(struct compose *compose, struct rl_frame *frame,
                               struct relief_error *err)
{
    const enum relief_format format = compose->params.format;
    struct rl_workers *workers = compose->params.workers;
    const AVFrame *like = frame->left ? frame->left : frame->right;
    if (format == RELIEF_FORMAT_DEPTH)
        like = frame->picture;
    enum AVPixelFormat pixels = (enum AVPixelFormat)like->format;
    int width, height;
    AVRational aspect;
    rl_compose_size(format, pixels, like->width, like->height, like->sample_aspect_ratio, &width,
                    &height, &aspect);
    frame->output = rl_pool_get(&compose->pool, pixels, width, height, like);
    if (!frame->output)
        return rl_fail_memory(err);
    frame->output->sample_aspect_ratio = aspect;
    if (format == RELIEF_FORMAT_DEPTH)
        return rl_grey_picture(&compose->grey, workers, frame->depth, frame->output, err);
    if (rl_format_is_anaglyph(format))
        return rl_merge_picture(&compose->merge, format, workers, frame->left, frame->right,
                                frame->output, err);
    struct rl_interleaving how;
    if (rl_interleaving_of(&how, format))
        rl_interleave_picture(&how, workers, frame->left, frame->right, frame->output);
    else
        rl_packing_picture(&compose->packing, &compose->half, workers, frame->left, frame->right,
                           frame->output);
    return RELIEF_OK;
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
        status = draw(compose, frame, err);
    }
    if (status == RELIEF_OK)
        drop_stale_side_data(frame->output);
    return status;
}

static enum relief_status push(void *stage, struct rl_frame *frame, const struct rl_sink *out,
                               struct relief_error *err)
{
    enum relief_status status = compose_frame(stage, frame, err);
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
    rl_pool_clear(&compose->pool);
    free(compose);
}

enum relief_status rl_compose_open(struct rl_stage *stage, const struct rl_compose_params *params,
                                   struct relief_error *err)
{
    static const struct rl_stage_type type = {"compose", push, flush, close_stage};
    struct compose *compose = calloc(1, sizeof *compose);
    if (!compose)
        return rl_fail_memory(err);
    compose->params = *params;
    compose->packing = rl_packing_of(params->format);
    rl_half_init(&compose->half, params->cpu);
    rl_merge_init(&compose->merge, params->cpu);
    *stage = (struct rl_stage){&type, compose};
    return RELIEF_OK;
}
