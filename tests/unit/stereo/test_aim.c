// SPDX-License-Identifier: MIT
//
// Which depth comes to lie on the screen, and the floating window.
#include "check.h"

#include "scene.h"

#include "stereo/aim.h"

#include <math.h>
#include <string.h>

enum { W = 320, H = 180, FRAMES = 120, CUT = 60 };

// A wall at 0.2, ground that rises to 0.9 at the bottom, and a person.
static double person_x, person_d, person_width;

static bool is_person(double x, double y)
{
    return fabs(x - person_x) < person_width && y > H * 0.25 && y < H * 0.9;
}

static double depth(double x, double y)
{
    const double ground = 0.2 + (y / H - 0.6) * 1.75;
    return is_person(x, y) ? person_d : ground > 0.2 ? ground : 0.2;
}

static double texture(double x, double y)
{
    return is_person(x, y) ? 0.5 + 0.3 * sin(x) * cos(y) : 0.5 + 0.1 * scene_grain(x, y);
}

static const struct scene scene = {texture, depth, 96, 54};

static void subjects_are_found(void)
{
    static const double places[] = {0.35, 0.5, 0.62}, depths[] = {0.45, 0.6, 0.85};
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++) {
            person_x = places[i] * W;
            person_d = depths[k];
            person_width = 35;
            struct rl_frame *frame = scene_draw(
                &scene, i == 1 ? AV_PIX_FMT_YUV420P10 : AV_PIX_FMT_YUV420P, W, H);
            CHECK_NEAR(rl_aim_subject(frame), person_d, 0.06);
            rl_frame_free(&frame);
        }
}

// Plain, small and off the middle, before a wall full of texture that is most of the picture.
static double busy_wall(double x, double y)
{
    return is_person(x, y) ? 0.3 : 0.5 + 0.4 * sin(x) * cos(y);
}

static void what_stands_out_is_the_subject(void)
{
    static const struct scene drawn = {busy_wall, depth, 96, 54};
    person_x = 0.58 * W;
    person_d = 0.7;
    person_width = 17;
    struct rl_frame *frame = scene_draw(&drawn, AV_PIX_FMT_YUV420P, W, H);
    CHECK_NEAR(rl_aim_subject(frame), person_d, 0.06);
    rl_frame_free(&frame);
}

// Nothing but far wall and ground: the screen does not go back so far that all of it comes forward.
static void the_screen_is_never_far_behind(void)
{
    person_width = 0;
    struct rl_frame *frame = scene_draw(&scene, AV_PIX_FMT_YUV420P, W, H);
    CHECK(rl_aim_subject(frame) >= 0.35f);
    rl_frame_free(&frame);
}

struct path {
    struct rl_aim aims[FRAMES];
    int count;
};

static enum relief_status note(void *user, struct rl_frame *frame, struct relief_error *err)
{
    (void)err;
    struct path *path = user;
    CHECK_INT(frame->index, path->count);
    CHECK(frame->aim.is_set);
    path->aims[path->count++] = frame->aim;
    rl_frame_free(&frame);
    return RELIEF_OK;
}

// The first shot: somebody walks towards the camera. The second: he stands, far away, and at the
// left border.
static void run(struct path *path, const struct rl_aim_params *params)
{
    struct rl_sink out = {note, path};
    struct rl_stage stage;
    *path = (struct path){0};
    if (rl_aim_open(&stage, params, NULL))
        abort();
    for (int t = 0; t < FRAMES; t++) {
        person_x = t < CUT ? W / 2.0 : W * 0.4;
        person_d = t < CUT ? 0.4 + 0.4 * t / CUT : 0.4;
        person_width = t < CUT ? 20 + 30.0 * t / CUT : 25;
        struct rl_frame *frame = scene_draw(&scene, AV_PIX_FMT_YUV420P, W, H);
        frame->index = t;
        frame->cut = t == 0 || t == CUT;
        CHECK_INT(stage.type->push(stage.state, frame, &out, NULL), RELIEF_OK);
    }
    CHECK_INT(stage.type->flush(stage.state, &out, NULL), RELIEF_OK);
    CHECK_INT(path->count, FRAMES);
    stage.type->close(stage.state);
}

static void the_screen_follows_gently_and_jumps_at_cuts(void)
{
    static struct path path;
    const struct rl_aim_params params = {.screen = true, .convergence = 0.5f, .frame_rate = 25};
    run(&path, &params);
    CHECK_NEAR(path.aims[0].screen, 0.4, 0.08);
    CHECK(path.aims[CUT - 1].screen > 0.6f);  // he came to 0.8
    CHECK_NEAR(path.aims[CUT].screen, 0.4, 0.06);
    for (int t = 1; t < FRAMES; t++) {
        const float step = fabsf(path.aims[t].screen - path.aims[t - 1].screen);
        if (t != CUT)
            CHECK(step <= RL_AIM_SPEED / 25 * 1.001f);
        if (t < CUT)
            CHECK(path.aims[t].screen >= path.aims[t - 1].screen - 0.002f);
    }
}

// 5 % of 4 m are 200 mm, of which 65 may lie behind the screen.
static void nothing_lies_farther_behind_than_eyes_are_apart(void)
{
    static struct path path;
    run(&path, &(struct rl_aim_params){
                   .screen = true, .frame_rate = 25, .divergence = 5, .screen_width_mm = 4000});
    for (int t = 0; t < FRAMES; t++)
        CHECK_NEAR(path.aims[t].screen, 65.0 / 200, 1e-5);
}

static void a_fixed_screen_stays(void)
{
    static struct path path;
    const struct rl_aim_params params = {.borders = true, .convergence = 0.3f, .frame_rate = 25};
    run(&path, &params);
    for (int t = 0; t < FRAMES; t++)
        CHECK_NEAR(path.aims[t].screen, 0.3, 1e-6);
}

// Something near moves in from the left: the left border comes forward, smoothly.
static void borders_come_forward(void)
{
    static struct path path;
    const struct rl_aim_params params = {.borders = true, .convergence = 0.5f, .frame_rate = 25};
    struct rl_sink out = {note, &path};
    struct rl_stage stage;
    path = (struct path){0};
    if (rl_aim_open(&stage, &params, NULL))
        abort();
    person_d = 0.95;
    person_width = 40;
    for (int t = 0; t < FRAMES; t++) {
        person_x = t < 40 ? 160 : 20;
        struct rl_frame *frame = scene_draw(&scene, AV_PIX_FMT_YUV420P, W, H);
        frame->index = t;
        frame->cut = t == 0;
        CHECK_INT(stage.type->push(stage.state, frame, &out, NULL), RELIEF_OK);
    }
    CHECK_INT(stage.type->flush(stage.state, &out, NULL), RELIEF_OK);
    stage.type->close(stage.state);
    const float ground = path.aims[0].borders[0];  // seven eighths down
    CHECK_NEAR(ground, 0.68, 0.05);
    CHECK_NEAR(path.aims[FRAMES - 1].borders[0], 0.95, 0.02);
    CHECK_NEAR(path.aims[FRAMES - 1].borders[1], ground, 0.01);
    for (int t = 1; t < FRAMES; t++)
        CHECK(fabsf(path.aims[t].borders[0] - path.aims[t - 1].borders[0]) < 0.02f);
}

static double middle(double x, double y)
{
    (void)x, (void)y;
    return 0.5;
}

// How many columns at a side are black all over; the fraction of one more in *part.
static int black_columns(const AVFrame *view, int plane, bool right, double black)
{
    const struct rl_plane p = rl_frame_plane(view, plane);
    int count = 0;
    for (; count < p.width; count++)
        for (int y = 0; y < p.height; y++)
            if (fabs(scene_sample(view, plane, right ? p.width - 1 - count : count, y) - black) >
                0.002)
                return count;
    return count;
}

static void strips_are_as_wide_as_the_parallax(void)
{
    static const enum AVPixelFormat formats[] = {AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUV444P10,
                                                 AV_PIX_FMT_GBRP};
    static const double blacks[] = {16 / 255.0, 64 / 1023.0, 0};
    const struct scene flat = {scene_grain, middle, 0, 0};
    for (int f = 0; f < 3; f++)
        for (int anchor = 0; anchor < 3; anchor++) {
            const struct rl_stereo_params params = {.divergence = 5,
                                                    .convergence = 0.5f,
                                                    .anchor = (enum relief_anchor)anchor,
                                                    .eyes = RL_EYES_BOTH};
            struct rl_frame *frame = scene_draw(&flat, formats[f], W, H);
            frame->aim = (struct rl_aim){true, 0.5f, {0.9f, 0.7f}};
            AVFrame *source = av_frame_clone(frame->picture);
            frame = scene_views(frame, &params);
            // 0.4 and 0.2 of 16 pixels: 6.4 and 3.2
            CHECK_INT(black_columns(frame->left, 0, false, blacks[f]), 6);
            CHECK_INT(black_columns(frame->right, 0, true, blacks[f]), 3);
            CHECK_INT(black_columns(frame->left, 0, true, blacks[f]), 0);
            CHECK_INT(black_columns(frame->right, 0, false, blacks[f]), 0);
            if (f == 0)
                CHECK_INT(black_columns(frame->left, 1, false, 128 / 255.0), 3);
            CHECK(scene_same(source, frame->picture));  // nobody painted on the source
            av_frame_free(&source);
            rl_frame_free(&frame);
        }
}

static void the_screen_of_the_frame_counts(void)
{
    const struct scene flat = {scene_grain, middle, 0, 0};
    const struct rl_stereo_params params = {
        .divergence = 5, .convergence = 0.5f, .eyes = RL_EYES_BOTH};
    struct rl_frame *frame = scene_draw(&flat, AV_PIX_FMT_YUV420P, 400, 40);
    frame->aim = (struct rl_aim){true, 0.7f, {0, 0}};
    frame = scene_views(frame, &params);
    double moved = scene_shift(frame->right, frame->picture, 0, 9, 60, 340, -3, 3);
    CHECK_NEAR(moved, 0.2 * 5 / 100 * 400 / 2, 1.0 / 16);
    rl_frame_free(&frame);
}

int main(void)
{
    RUN(subjects_are_found);
    RUN(what_stands_out_is_the_subject);
    RUN(the_screen_is_never_far_behind);
    RUN(the_screen_follows_gently_and_jumps_at_cuts);
    RUN(nothing_lies_farther_behind_than_eyes_are_apart);
    RUN(a_fixed_screen_stays);
    RUN(borders_come_forward);
    RUN(strips_are_as_wide_as_the_parallax);
    RUN(the_screen_of_the_frame_counts);
    return check_result();
}
