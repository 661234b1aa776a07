// SPDX-License-Identifier: MIT
//
// What shots use of the range, what is warned about, and the curve of depth.
#include "check.h"

#include "scene.h"

#include <string.h>

enum { W = 200, H = 40, FRAMES = 6, CUT = 4 };

static double nearest;

// Far left, screen in the middle, `nearest` on the right; one odd cell in 8000 does not count.
static double steps(double x, double y)
{
    if (x < 1 && y < 1)
        return 1;
    return x < W / 3.0 ? 0.1 : x < W * 2 / 3.0 ? 0.5 : nearest;
}

static double plain(double x, double y)
{
    (void)x, (void)y;
    return 0.5;
}

struct lines {
    int wide, behind;
};

static void line(void *user, enum relief_log_level level, const char *text)
{
    struct lines *lines = user;
    lines->wide += level == RELIEF_LOG_WARN && strstr(text, "tires most eyes");
    lines->behind += level == RELIEF_LOG_WARN && strstr(text, "makes eyes diverge");
}

static enum relief_status drop(void *user, struct rl_frame *frame, struct relief_error *err)
{
    (void)user, (void)err;
    rl_frame_free(&frame);
    return RELIEF_OK;
}

// Two shots, the first to d = 0.6, the second to d = 0.9. Their nearest parallax is in `near`.
static struct lines run(float divergence, float screen_width_mm, float near[2], float far[2])
{
    const struct scene scene = {plain, steps, 0, 0};
    struct lines lines = {0};
    struct relief_log_sink sink = {line, &lines, RELIEF_LOG_WARN};
    struct rl_log log;
    rl_log_init(&log, &sink);
    struct rl_stereo_params params = {.divergence = divergence,
                                      .convergence = 0.5f,
                                      .screen_width_mm = screen_width_mm,
                                      .eyes = RL_EYES_BOTH,
                                      .log = &log};
    struct rl_sink out = {drop, NULL};
    struct rl_stage stage;
    if (rl_stereo_open(&stage, &params, NULL))
        return lines;
    for (int t = 0; t < FRAMES; t++) {
        nearest = t < CUT ? 0.6 : 0.9;
        struct rl_frame *frame = scene_draw(&scene, AV_PIX_FMT_YUV420P, W, H);
        frame->index = t;
        frame->cut = t == 0 || t == CUT;
        CHECK_INT(stage.type->push(stage.state, frame, &out, NULL), RELIEF_OK);
    }
    CHECK_INT(stage.type->flush(stage.state, &out, NULL), RELIEF_OK);
    const struct rl_comfort *comfort = rl_stereo_comfort(&stage);
    CHECK_INT(comfort->count, 2);
    CHECK_INT(comfort->shots[0].frames, CUT);
    CHECK_INT(comfort->shots[1].first, CUT);
    for (int i = 0; i < 2; i++) {
        near[i] = comfort->shots[i].nearest;
        far[i] = comfort->shots[i].farthest;
    }
    stage.type->close(stage.state);
    rl_log_clear(&log);
    return lines;
}

static void shots_are_measured(void)
{
    float near[2], far[2];
    struct lines lines = run(4, 0, near, far);
    CHECK_NEAR(near[0], (0.5 - 0.6) * 4, 0.01);
    CHECK_NEAR(near[1], (0.5 - 0.9) * 4, 0.01);
    CHECK_NEAR(far[0], (0.5 - 0.1) * 4, 0.01);
    CHECK_INT(lines.wide, 1);  // 2 % and 3.2 %
    CHECK_INT(lines.behind, 0);
    CHECK_INT(run(3, 0, near, far).wide, 0);
}

static void points_beyond_infinity_are_warned_about(void)
{
    float near[2], far[2];
    CHECK_INT(run(2, 8000, near, far).behind, 0);  // 0.8 % of 8 m: 64 mm
    CHECK_INT(run(2, 8400, near, far).behind, 2);
}

static double half(double x, double y)
{
    (void)x, (void)y;
    return 0.5;
}

static void curve_bends_depth(void)
{
    const struct scene scene = {scene_grain, half, 0, 0};
    struct rl_stereo_params params = {
        .divergence = 5, .convergence = 0.5f, .curve = 0.4f, .eyes = RL_EYES_BOTH};
    struct rl_frame *frame = scene_views(scene_draw(&scene, AV_PIX_FMT_YUV420P, 400, H), &params);
    double moved = scene_shift(frame->right, frame->picture, 0, 9, 60, 340, -3, 3);
    CHECK_NEAR(moved, -0.4 * 0.25 * 5 / 100 * 400 / 2, 1.0 / 16);  // d 0.5 becomes 0.6
    rl_frame_free(&frame);
}

int main(void)
{
    RUN(shots_are_measured);
    RUN(points_beyond_infinity_are_warned_about);
    RUN(curve_bends_depth);
    return check_result();
}
