// SPDX-License-Identifier: MIT
//
// What of a near thing lies beside its depth does not stay on what is behind it.
#include "check.h"

#include "scene.h"

#include <math.h>

enum { W = 640, H = 24 };

static const struct rl_stereo_params defaults = {
    .divergence = 5, .convergence = 0.5f, .anchor = RELIEF_ANCHOR_BOTH, .eyes = RL_EYES_BOTH};

static double blurred_texture(double x, double y)
{
    (void)y;
    return 0.25 + 0.3 * erfc((x - 319.5) / 3);
}

static double blurred_ramp(double x, double y)
{
    (void)y;
    return 0.5 * erfc((x - 319.5) / 6);
}

// What is mixed of a thing and the wall goes with the thing, and leaves no ghost on the wall.
static void blurred_outlines_leave_no_ghost(void)
{
    const struct scene scene = {blurred_texture, blurred_ramp, W / 4, H / 4};
    struct rl_frame *frame = scene_views(scene_draw(&scene, AV_PIX_FMT_YUV444P, W, H), &defaults);
    const int outline = 320 - W * 5 / 400;
    CHECK(scene_sample(frame->right, 0, outline - 3, H / 2) > 0.7);
    for (int x = outline + 3; x < outline + 40; x++)
        CHECK(scene_sample(frame->right, 0, x, H / 2) < 0.31);
    rl_frame_free(&frame);
}

// A thing with a bright rim, which its depth leaves out.
static double rimmed_texture(double x, double y)
{
    (void)y;
    return x < 312 ? 0.5 : x < 320 ? 0.95 : 0.25;
}

static double early_ramp(double x, double y)
{
    (void)y;
    return 0.5 * erfc((x - 315.5) / 6);
}

// What of a thing lies beside its depth is taken from the wall, where holes begin.
static void rims_do_not_stay_behind(void)
{
    const struct scene scene = {rimmed_texture, early_ramp, W / 4, H / 4};
    struct rl_frame *frame = scene_views(scene_draw(&scene, AV_PIX_FMT_YUV444P, W, H), &defaults);
    const int outline = 320 - W * 5 / 400;
    for (int x = outline + 3; x < outline + 40; x++)
        CHECK(scene_sample(frame->right, 0, x, H / 2) < 0.31);
    rl_frame_free(&frame);
}

// It goes with the thing, up to where that ends, though its depth does not.
static void rims_go_with_the_thing(void)
{
    const struct scene scene = {rimmed_texture, early_ramp, W / 4, H / 4};
    struct rl_frame *frame = scene_views(scene_draw(&scene, AV_PIX_FMT_YUV420P, W, H), &defaults);
    const int outline = 320 - W * 5 / 400;
    for (int x = outline - 6; x < outline - 1; x++) {
        CHECK(scene_sample(frame->right, 0, x, H / 2) > 0.9);
        CHECK(scene_sample(frame->right, 1, x / 2, H / 4) > 0.85);
    }
    rl_frame_free(&frame);
}

static double fades_by;

// A dark thing before an even wall, which it tints over eight pixels.
static double tinting_texture(double x, double y)
{
    (void)y;
    const double there = x < 320 ? 0 : fmax(0, 1 - (x - 320) / 8);
    return x < 320 ? 0.2 : 0.6 + fades_by * there;
}

static double exact_ramp(double x, double y)
{
    (void)y;
    return 0.5 * erfc((x - 319.5) / 6);
}

// What a thing's colour or its halo leaves on the wall around it goes with the thing, too.
static void what_fades_does_not_stay_behind(void)
{
    static const enum AVPixelFormat formats[] = {AV_PIX_FMT_YUV444P, AV_PIX_FMT_YUV420P};
    for (int i = 0; i < 4; i++) {
        fades_by = i % 2 ? 0.04 : -0.04;
        const struct scene scene = {tinting_texture, exact_ramp, W / 4, H / 4};
        struct rl_frame *frame = scene_views(scene_draw(&scene, formats[i / 2], W, H), &defaults);
        const int step = i / 2 ? 2 : 1, outline = (320 - W * 5 / 400) / step;
        for (int x = outline + 10 / step; x < outline + 60 / step; x++) {
            CHECK_NEAR(scene_sample(frame->right, 0, x * step, H / 2), 0.6, 0.015);
            CHECK_NEAR(scene_sample(frame->right, 1, x, H / 2 / step), 0.6, 0.015);
        }
        rl_frame_free(&frame);
    }
}

int main(void)
{
    RUN(blurred_outlines_leave_no_ghost);
    RUN(rims_do_not_stay_behind);
    RUN(rims_go_with_the_thing);
    RUN(what_fades_does_not_stay_behind);
    return check_result();
}
