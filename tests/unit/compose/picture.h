// SPDX-License-Identifier: MIT
//
// Pictures that the tests of compose draw and read: any working format, one sample at a time.
#ifndef RL_TESTS_COMPOSE_PICTURE_H
#define RL_TESTS_COMPOSE_PICTURE_H

#include "check.h"

#include "base/cpu.h"
#include "compose/compose.h"
#include "plane/pool.h"

static inline int depth_of(const AVFrame *picture)
{
    return av_pix_fmt_desc_get((enum AVPixelFormat)picture->format)->comp[0].depth;
}

static inline int get(const AVFrame *picture, int index, int x, int y)
{
    struct rl_plane plane = rl_frame_plane(picture, index);
    x = x < 0 ? 0 : x >= plane.width ? plane.width - 1 : x;
    y = y < 0 ? 0 : y >= plane.height ? plane.height - 1 : y;
    const uint8_t *row = rl_plane_row(&plane, y);
    return depth_of(picture) > 8 ? ((const uint16_t *)row)[x] : row[x];
}

static inline void set(AVFrame *picture, int index, int x, int y, int value)
{
    struct rl_plane plane = rl_frame_plane(picture, index);
    uint8_t *row = rl_plane_row(&plane, y);
    if (depth_of(picture) > 8)
        ((uint16_t *)row)[x] = (uint16_t)value;
    else
        row[x] = (uint8_t)value;
}

static inline AVFrame *make_picture(enum AVPixelFormat format, int width, int height)
{
    struct rl_pool pool = {0};
    AVFrame *picture = rl_pool_get(&pool, format, width, height, NULL);
    rl_pool_clear(&pool);
    return picture;
}

// A picture of one colour; samples as they are stored.
static inline AVFrame *make_flat(enum AVPixelFormat format, int width, int height,
                                 const int sample[3])
{
    AVFrame *picture = make_picture(format, width, height);
    for (int i = 0; i < 3; i++) {
        struct rl_plane plane = rl_frame_plane(picture, i);
        for (int y = 0; y < plane.height; y++)
            for (int x = 0; x < plane.width; x++)
                set(picture, i, x, y, sample[i]);
    }
    return picture;
}

// True when all samples of all planes are the same.
static inline int same_samples(const AVFrame *a, const AVFrame *b)
{
    if (a->format != b->format || a->width != b->width || a->height != b->height)
        return 0;
    for (int i = 0; i < 3; i++) {
        struct rl_plane pa = rl_frame_plane(a, i), pb = rl_frame_plane(b, i);
        for (int y = 0; y < pa.height; y++)
            if (memcmp(rl_plane_row(&pa, y), rl_plane_row(&pb, y),
                       (size_t)pa.width << (depth_of(a) > 8)))
                return 0;
    }
    return 1;
}

static inline enum relief_status keep_frame(void *user, struct rl_frame *frame,
                                            struct relief_error *err)
{
    (void)err;
    rl_frame_free(user);  // of several frames the last one stays
    *(struct rl_frame **)user = frame;
    return RELIEF_OK;
}

// One frame through the stage. Takes over the pictures; `depth` may be NULL.
static inline struct rl_frame *compose_with(enum relief_format format, AVFrame *left,
                                            AVFrame *right, AVFrame *depth, unsigned cpu,
                                            struct rl_workers *workers)
{
    struct rl_compose_params params = {
        .format = format, .fov_degrees = 70, .cpu = cpu, .workers = workers};
    struct rl_stage stage = {0};
    struct rl_frame *frame = rl_frame_create(), *done = NULL;
    struct rl_sink sink = {keep_frame, &done};
    frame->left = left;
    frame->right = right;
    frame->depth = depth;
    frame->picture = av_frame_clone(left ? left : right);
    CHECK_INT(rl_compose_open(&stage, &params, NULL), RELIEF_OK);
    CHECK_INT(stage.type->push(stage.state, frame, &sink, NULL), RELIEF_OK);
    stage.type->close(stage.state);
    return done;
}

static inline struct rl_frame *compose_pair(enum relief_format format, AVFrame *left,
                                            AVFrame *right)
{
    return compose_with(format, left, right, NULL, rl_cpu_flags(-1), NULL);
}

// A generator of one's own: the same numbers everywhere.
static inline unsigned next_random(unsigned *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

#endif
