// SPDX-License-Identifier: MIT
//
// The stage: what comes out of it, and what of it.
#include "check.h"

#include "base/cpu.h"
#include "compose/compose.h"
#include "plane/pool.h"

#include <libavutil/stereo3d.h>

static enum relief_status keep(void *user, struct rl_frame *frame, struct relief_error *err)
{
    (void)err;
    *(struct rl_frame **)user = frame;
    return RELIEF_OK;
}

// A picture of one colour, the same in all of it.
static AVFrame *flat(enum AVPixelFormat format, int width, int height, const int sample[3])
{
    struct rl_pool pool = {0};
    AVFrame *picture = rl_pool_get(&pool, format, width, height, NULL);
    rl_pool_clear(&pool);
    for (int i = 0; i < 3; i++) {
        struct rl_plane plane = rl_frame_plane(picture, i);
        for (int y = 0; y < plane.height; y++)
            for (int x = 0; x < plane.width; x++)
                rl_plane_row(&plane, y)[x] = (uint8_t)sample[i];
    }
    return picture;
}

static struct rl_frame *run(enum relief_format format, AVFrame *left, AVFrame *right)
{
    struct rl_compose_params params = {.format = format, .cpu = rl_cpu_flags(-1)};
    struct rl_stage stage;
    struct rl_frame *frame = rl_frame_create(), *done = NULL;
    struct rl_sink sink = {keep, &done};
    frame->left = left;
    frame->right = right;
    frame->picture = left ? av_frame_clone(left) : NULL;
    CHECK_INT(rl_compose_open(&stage, &params, NULL), RELIEF_OK);
    CHECK_INT(stage.type->push(stage.state, frame, &sink, NULL), RELIEF_OK);
    stage.type->close(stage.state);
    return done;
}

static void red_comes_from_the_left_eye(void)
{
    // BT.601, limited range.
    static const int black[3] = {16, 128, 128}, white[3] = {235, 128, 128};
    struct rl_frame *frame = run(RELIEF_FORMAT_ARCC, flat(AV_PIX_FMT_YUV420P, 37, 21, white),
                                 flat(AV_PIX_FMT_YUV420P, 37, 21, black));
    CHECK_INT(frame->output->data[0][0], 81);
    CHECK_INT(frame->output->data[1][0], 90);
    CHECK_INT(frame->output->data[2][0], 240);
    rl_frame_free(&frame);
    frame = run(RELIEF_FORMAT_ARCC, flat(AV_PIX_FMT_YUV420P, 37, 21, black),
                flat(AV_PIX_FMT_YUV420P, 37, 21, white));
    CHECK_INT(frame->output->data[0][0], 170);
    CHECK_INT(frame->output->data[1][0], 166);
    CHECK_INT(frame->output->data[2][0], 16);
    rl_frame_free(&frame);
}

static void every_format_has_its_size(void)
{
    static const int grey[3] = {99, 128, 128};
    for (int format = 0; format < RELIEF_FORMAT_COUNT; format++)
        for (int width = 1; width < 40; width++) {
            int w, h, height = 40 - width;
            AVRational aspect;
            struct rl_frame *frame;
            if (format == RELIEF_FORMAT_DEPTH)
                continue;
            frame = run(format, flat(AV_PIX_FMT_YUV420P, width, height, grey),
                        flat(AV_PIX_FMT_YUV420P, width, height, grey));
            rl_compose_size(format, AV_PIX_FMT_YUV420P, width, height, (AVRational){4, 3}, &w, &h,
                            &aspect);
            CHECK_INT(frame->output->width, w);
            CHECK_INT(frame->output->height, h);
            CHECK_INT(aspect.num, 4);
            rl_frame_free(&frame);
        }
}

int main(void)
{
    RUN(red_comes_from_the_left_eye);
    RUN(every_format_has_its_size);
    return check_result();
}
