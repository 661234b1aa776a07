// SPDX-License-Identifier: MIT
//
// What the tests of the depth stage share: pictures of one colour, and a run of the stage that
// keeps what comes out.
#ifndef RL_TESTS_DEPTH_RUN_H
#define RL_TESTS_DEPTH_RUN_H

#include "check.h"

#include "depth/depth.h"
#include "plane/pool.h"

enum { OUT_MAX = 32 };

struct outcome {
    enum relief_status status;
    struct relief_error err;
    char summary[192];
    int count;
    struct rl_frame *frames[OUT_MAX];
    int pushed_before[OUT_MAX];  // how many frames had gone in when this one came out
    int pushed;
};

static inline AVFrame *flat_picture(enum AVPixelFormat format, int width, int height,
                                    const int sample[3])
{
    struct rl_pool pool = {0};
    AVFrame *picture = rl_pool_get(&pool, format, width, height, NULL);
    rl_pool_clear(&pool);
    bool deep = av_pix_fmt_desc_get(format)->comp[0].depth > 8;
    for (int i = 0; i < 3; i++) {
        struct rl_plane plane = rl_frame_plane(picture, i);
        for (int y = 0; y < plane.height; y++)
            for (int x = 0; x < plane.width; x++)
                if (deep)
                    ((uint16_t *)(void *)rl_plane_row(&plane, y))[x] = (uint16_t)sample[i];
                else
                    rl_plane_row(&plane, y)[x] = (uint8_t)sample[i];
    }
    return picture;
}

static inline float depth_at(const struct rl_frame *frame, int x, int y)
{
    struct rl_plane plane = rl_frame_plane(frame->depth, 0);
    return ((const float *)(const void *)rl_plane_row(&plane, y))[x];
}

static inline enum relief_status keep_frame(void *user, struct rl_frame *frame,
                                            struct relief_error *err)
{
    struct outcome *o = user;
    (void)err;
    o->pushed_before[o->count] = o->pushed;
    o->frames[o->count++] = frame;
    return RELIEF_OK;
}

static inline void outcome_clear(struct outcome *o)
{
    for (int i = 0; i < o->count; i++)
        rl_frame_free(&o->frames[i]);
}

// Run `count` pictures through the stage; takes over the pictures. `o` must be cleared.
static inline void run_stage(struct outcome *o, const struct rl_depth_params *params,
                             AVFrame **pictures, int count)
{
    struct rl_stage stage;
    struct rl_sink sink = {keep_frame, o};
    *o = (struct outcome){0};
    o->status = rl_depth_open(&stage, params, &o->err);
    if (o->status == RELIEF_OK)
        snprintf(o->summary, sizeof o->summary, "%s", rl_depth_summary(&stage));
    for (int i = 0; i < count; i++) {
        struct rl_frame *frame = rl_frame_create();
        frame->index = i;
        frame->picture = pictures[i];
        if (o->status != RELIEF_OK) {
            rl_frame_free(&frame);
            continue;
        }
        o->pushed++;
        o->status = stage.type->push(stage.state, frame, &sink, &o->err);
    }
    if (o->status == RELIEF_OK)
        o->status = stage.type->flush(stage.state, &sink, &o->err);
    if (stage.type)
        stage.type->close(stage.state);
}

#endif
