// SPDX-License-Identifier: MIT
#include "steady/steady.h"

#include "plane/pool.h"
#include "steady/range.h"

#include <math.h>

struct steady {
    struct rl_thumb_area area;  // what has not always been bars
    bool area_known, started;
    struct rl_range range;
    struct rl_pool pool;
    struct rl_log *log;
};

static void take_in_area(struct steady *steady, const struct rl_thumb *thumb)
{
    struct rl_thumb_area active;
    const bool known = rl_thumb_active(thumb, &active);
    if (!steady->started || (known && !steady->area_known))
        steady->area = active;
    else if (known)
        steady->area = rl_thumb_join(steady->area, active);
    steady->area_known = steady->area_known || known;
    steady->started = true;
}

static enum relief_status normalise(struct steady *steady, struct rl_frame *frame,
                                    struct relief_error *err)
{
    const AVFrame *map = frame->depth;
    const float far = steady->range.far, scale = 1 / (steady->range.near - far);
    AVFrame *final = rl_pool_get(&steady->pool, AV_PIX_FMT_GRAYF32, map->width, map->height, map);
    if (!final)
        return rl_fail_memory(err);
    const struct rl_plane from = rl_frame_plane(map, 0), to = rl_frame_plane(final, 0);
    for (int y = 0; y < from.height; y++) {
        const float *row = (const float *)rl_plane_row(&from, y);
        float *out = (float *)rl_plane_row(&to, y);
        for (int x = 0; x < from.width; x++) {
            float d = (row[x] - far) * scale;
            out[x] = d >= 1 ? 1 : d > 0 ? d : 0;  // what is not a number is far
        }
    }
    av_frame_free(&frame->depth);
    frame->depth = final;
    frame->depth_is_final = true;
    return RELIEF_OK;
}

static enum relief_status push(void *stage, struct rl_frame *frame, const struct rl_sink *out,
                               struct relief_error *err)
{
    struct steady *steady = stage;
    struct rl_thumb thumb;
    if (frame->depth && !frame->depth_is_final) {
        rl_thumb_of(&thumb, frame->picture);
        take_in_area(steady, &thumb);
        rl_range_push(&steady->range, frame->depth, &thumb, steady->area, frame->cut);
        enum relief_status status = normalise(steady, frame, err);
        if (status != RELIEF_OK) {
            rl_frame_free(&frame);
            return status;
        }
    }
    return out->take(out->user, frame, err);
}

static enum relief_status flush(void *stage, const struct rl_sink *out, struct relief_error *err)
{
    (void)stage, (void)out, (void)err;
    return RELIEF_OK;
}

static void close_stage(void *stage)
{
    struct steady *steady = stage;
    rl_pool_clear(&steady->pool);
    free(steady);
}

enum relief_status rl_steady_open(struct rl_stage *stage, const struct rl_steady_params *params,
                                  struct relief_error *err)
{
    static const struct rl_stage_type type = {"steady", push, flush, close_stage};
    struct steady *steady = calloc(1, sizeof *steady);
    if (!steady)
        return rl_fail_memory(err);
    steady->log = params->log;
    rl_range_init(&steady->range, params->frame_rate);
    *stage = (struct rl_stage){&type, steady};
    return RELIEF_OK;
}
