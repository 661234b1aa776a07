// SPDX-License-Identifier: MIT
#include "steady/steady.h"

#include "plane/pool.h"
#include "steady/cuts.h"
#include "steady/range.h"

#include <math.h>

// Frames wait here until it is known whether they begin a shot.
struct steady {
    struct rl_frame *held[RL_CUTS_AHEAD + 1];  // oldest first
    struct rl_thumb thumbs[RL_CUTS_AHEAD + 1];
    int held_count;
    int64_t done_count;  // frames handed on
    struct rl_cuts cuts;
    struct rl_range range;
    struct rl_pool pool;
    struct rl_log *log;
};

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

// Decide about the oldest frame and hand it on.
static enum relief_status pass_on(struct steady *steady, const struct rl_sink *out,
                                  struct relief_error *err)
{
    struct rl_frame *frame = steady->held[0];
    const struct rl_thumb thumb = steady->thumbs[0];
    steady->held_count--;
    memmove(steady->held, steady->held + 1, (size_t)steady->held_count * sizeof *steady->held);
    memmove(steady->thumbs, steady->thumbs + 1, (size_t)steady->held_count * sizeof thumb);
    frame->cut = rl_cuts_at(&steady->cuts, steady->done_count++);
    if (frame->cut)
        rl_trace(steady->log, "steady: frame %lld begins a shot", (long long)frame->index);
    if (frame->depth && !frame->depth_is_final) {
        rl_range_push(&steady->range, frame->depth, &thumb, steady->cuts.area, frame->cut);
        enum relief_status status = normalise(steady, frame, err);
        if (status != RELIEF_OK) {
            rl_frame_free(&frame);
            return status;
        }
    }
    return out->take(out->user, frame, err);
}

static enum relief_status push(void *stage, struct rl_frame *frame, const struct rl_sink *out,
                               struct relief_error *err)
{
    struct steady *steady = stage;
    struct rl_thumb *thumb = &steady->thumbs[steady->held_count];
    rl_thumb_of(thumb, frame->picture);
    rl_cuts_add(&steady->cuts, thumb);
    steady->held[steady->held_count++] = frame;
    return steady->held_count > RL_CUTS_AHEAD ? pass_on(steady, out, err) : RELIEF_OK;
}

static enum relief_status flush(void *stage, const struct rl_sink *out, struct relief_error *err)
{
    struct steady *steady = stage;
    enum relief_status status = RELIEF_OK;
    while (status == RELIEF_OK && steady->held_count)
        status = pass_on(steady, out, err);
    return status;
}

static void close_stage(void *stage)
{
    struct steady *steady = stage;
    for (int i = 0; i < steady->held_count; i++)
        rl_frame_free(&steady->held[i]);
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
    rl_cuts_init(&steady->cuts);
    rl_range_init(&steady->range, params->frame_rate);
    *stage = (struct rl_stage){&type, steady};
    return RELIEF_OK;
}
