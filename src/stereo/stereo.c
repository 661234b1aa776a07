// SPDX-License-Identifier: MIT
#include "stereo/stereo.h"

#include "plane/pool.h"
#include "stereo/disparity.h"
#include "stereo/fill/fill.h"
#include "stereo/sample/sample.h"
#include "stereo/upsample/upsample.h"
#include "stereo/warp/warp.h"

enum { EYES = 2 };

// What one worker needs for a group of rows that share their chroma.
struct scratch {
    int32_t *targets;
    int32_t *maps[2];  // of the first and the last luma row
    int32_t *chroma_map;
};

struct stereo {
    struct rl_stereo_params params;
    struct rl_warp_fns warp;
    struct rl_sample_fns sample;
    struct rl_pool pools[EYES];

    // For pictures of this size; made anew when it changes.
    int width, height;
    struct rl_disparity disparities[EYES];
    uint16_t *depth;            // width x height, rows without gaps
    int32_t *numbers;           // the memory of all scratches
    struct scratch *scratches;  // one a slot
};

// One frame's work, as the row workers see it.
struct work {
    struct stereo *stereo;
    const AVFrame *picture;
    struct rl_upsample_map map;
    struct rl_plane from[3];
    struct rl_plane to[EYES][3];
    int wanted[EYES];        // this eye is made, not referenced
    int chroma_w, chroma_h;  // log2 of the subsampling; 0 for RGB
    int wide;                // samples are uint16_t
    int max;
};

static void drop_size(struct stereo *stereo)
{
    free(stereo->depth);
    free(stereo->numbers);
    free(stereo->scratches);
    stereo->depth = NULL;
    stereo->numbers = NULL;
    stereo->scratches = NULL;
    stereo->width = stereo->height = 0;
}

static enum relief_status take_size(struct stereo *stereo, int width, int height,
                                    struct relief_error *err)
{
    if (stereo->width == width && stereo->height == height)
        return RELIEF_OK;
    drop_size(stereo);
    const struct rl_stereo_params *params = &stereo->params;
    size_t slots = (size_t)rl_workers_slots(params->workers);
    size_t room = (size_t)width + RL_WARP_PAD;
    stereo->depth = malloc(((size_t)width * (size_t)height + RL_WARP_PAD) * sizeof *stereo->depth);
    stereo->numbers = malloc(slots * 4 * room * sizeof *stereo->numbers);
    stereo->scratches = malloc(slots * sizeof *stereo->scratches);
    if (!stereo->depth || !stereo->numbers || !stereo->scratches) {
        drop_size(stereo);
        return rl_fail_memory(err);
    }
    for (size_t i = 0; i < slots; i++) {
        int32_t *own = stereo->numbers + i * 4 * room;
        stereo->scratches[i] = (struct scratch){own, {own + room, own + 2 * room}, own + 3 * room};
    }
    for (int eye = 0; eye < EYES; eye++)
        stereo->disparities[eye] = rl_disparity_make(
            (enum rl_eye_side)eye, params->anchor, params->divergence, params->convergence, width);
    stereo->width = width;
    stereo->height = height;
    return RELIEF_OK;
}

static void upsample_rows(void *arg, int begin, int end, int slot)
{
    (void)slot;
    const struct work *work = arg;
    struct stereo *stereo = work->stereo;
    for (int y = begin; y < end; y++)
        rl_upsample_row(stereo->depth + (size_t)y * (size_t)stereo->width, stereo->width,
                        stereo->height, y, &work->map);
}

static void sample_row(const struct work *work, int eye, int plane, int y, const int32_t *map)
{
    const struct rl_plane *from = &work->from[plane], *to = &work->to[eye][plane];
    const struct rl_sample_fns *fns = &work->stereo->sample;
    rl_sample_row_fn fn = work->wide ? fns->row16 : fns->row8;
    fn(rl_plane_row(to, y), rl_plane_row(from, y), from->width, map, to->width, work->max);
}

// Luma rows [y, end) and the chroma row that goes with them.
static void warp_group(const struct work *work, int eye, int y, int end, struct scratch *scratch)
{
    struct stereo *stereo = work->stereo;
    const struct rl_disparity *disparity = &stereo->disparities[eye];
    int luma_planes = work->chroma_w || work->chroma_h ? 1 : 3;
    for (int row = y; row < end; row++) {
        int32_t *map = scratch->maps[row > y];
        const uint16_t *depth = stereo->depth + (size_t)row * (size_t)stereo->width;
        stereo->warp.map_row(map, depth, stereo->width, disparity, scratch->targets);
        rl_fill_row(map, depth, stereo->width);
        for (int plane = 0; plane < luma_planes; plane++)
            sample_row(work, eye, plane, row, map);
    }
    if (luma_planes == 3)
        return;
    rl_warp_chroma_row(scratch->chroma_map, work->to[eye][1].width, work->chroma_w,
                       scratch->maps[0], scratch->maps[end - y > 1], disparity);
    sample_row(work, eye, 1, y >> work->chroma_h, scratch->chroma_map);
    sample_row(work, eye, 2, y >> work->chroma_h, scratch->chroma_map);
}

static void warp_rows(void *arg, int begin, int end, int slot)
{
    const struct work *work = arg;
    int step = 1 << work->chroma_h;
    for (int y = begin; y < end; y += step)
        for (int eye = 0; eye < EYES; eye++)
            if (work->wanted[eye])
                warp_group(work, eye, y, y + step < end ? y + step : end,
                           &work->stereo->scratches[slot]);
}

static void describe(struct work *work, struct stereo *stereo, const struct rl_frame *frame)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(
        (enum AVPixelFormat)frame->picture->format);
    struct rl_plane depth = rl_frame_plane(frame->depth, 0);
    *work = (struct work){
        .stereo = stereo,
        .picture = frame->picture,
        .map = {(const float *)depth.data, depth.stride, depth.width, depth.height},
        .chroma_w = desc->flags & AV_PIX_FMT_FLAG_RGB ? 0 : desc->log2_chroma_w,
        .chroma_h = desc->flags & AV_PIX_FMT_FLAG_RGB ? 0 : desc->log2_chroma_h,
        .wide = desc->comp[0].depth > 8,
        .max = (1 << desc->comp[0].depth) - 1,
    };
    for (int plane = 0; plane < 3; plane++)
        work->from[plane] = rl_frame_plane(frame->picture, plane);
}

// The view of one eye: the source itself where the formula moves nothing, else an empty picture
// that the workers will paint.
static AVFrame *begin_eye(struct stereo *stereo, struct work *work, int eye)
{
    const AVFrame *picture = work->picture;
    if (rl_disparity_is_none(&stereo->disparities[eye]))
        return av_frame_clone(picture);
    AVFrame *view = rl_pool_get(&stereo->pools[eye], (enum AVPixelFormat)picture->format,
                                picture->width, picture->height, picture);
    if (!view)
        return NULL;
    work->wanted[eye] = 1;
    for (int plane = 0; plane < 3; plane++)
        work->to[eye][plane] = rl_frame_plane(view, plane);
    return view;
}

static enum relief_status make_views(struct stereo *stereo, struct rl_frame *frame,
                                     struct relief_error *err)
{
    struct work work;
    enum relief_status status = take_size(stereo, frame->picture->width, frame->picture->height,
                                          err);
    if (status)
        return status;
    describe(&work, stereo, frame);
    if ((stereo->params.eyes & RL_EYE_LEFT) && !(frame->left = begin_eye(stereo, &work, 0)))
        return rl_fail_memory(err);
    if ((stereo->params.eyes & RL_EYE_RIGHT) && !(frame->right = begin_eye(stereo, &work, 1)))
        return rl_fail_memory(err);
    if (!work.wanted[0] && !work.wanted[1])
        return RELIEF_OK;
    rl_workers_rows(stereo->params.workers, stereo->height, 1, upsample_rows, &work);
    rl_workers_rows(stereo->params.workers, stereo->height, 1 << work.chroma_h, warp_rows, &work);
    return RELIEF_OK;
}

static enum relief_status push(void *state, struct rl_frame *frame, const struct rl_sink *out,
                               struct relief_error *err)
{
    enum relief_status status = make_views(state, frame, err);
    if (status) {
        rl_frame_free(&frame);
        return status;
    }
    return out->take(out->user, frame, err);
}

static enum relief_status flush(void *state, const struct rl_sink *out, struct relief_error *err)
{
    (void)state;
    (void)out;
    (void)err;
    return RELIEF_OK;
}

static void close_stage(void *state)
{
    struct stereo *stereo = state;
    drop_size(stereo);
    for (int eye = 0; eye < EYES; eye++)
        rl_pool_clear(&stereo->pools[eye]);
    free(stereo);
}

static const struct rl_stage_type stereo_type = {"stereo", push, flush, close_stage};

enum relief_status rl_stereo_open(struct rl_stage *stage, const struct rl_stereo_params *params,
                                  struct relief_error *err)
{
    struct stereo *stereo = calloc(1, sizeof *stereo);
    if (!stereo)
        return rl_fail_memory(err);
    stereo->params = *params;
    rl_warp_init(&stereo->warp, params->cpu);
    rl_sample_init(&stereo->sample, params->cpu);
    *stage = (struct rl_stage){&stereo_type, stereo};
    return RELIEF_OK;
}
