// SPDX-License-Identifier: MIT
//
// The formula of stereo.h on scenes whose geometry is known.
#include "check.h"

#include "scene.h"

enum { W = 400, H = 24 };

static double flat_depth;

static double flat(double x, double y)
{
    (void)x;
    (void)y;
    return flat_depth;
}

static const struct rl_stereo_params defaults = {
    .divergence = 5, .convergence = 0.5f, .anchor = RELIEF_ANCHOR_BOTH, .eyes = RL_EYES_BOTH};

// p(d) = (C - d) * V/100 * W, and what each eye takes of it.
static void check_plane(const struct rl_stereo_params *params, double d)
{
    const struct scene scene = {scene_grain, flat};
    flat_depth = d;
    struct rl_frame *frame = scene_views(scene_draw(&scene, AV_PIX_FMT_YUV420P, W, H), params);
    double p = (params->convergence - d) * params->divergence / 100 * W;
    double left = params->anchor == RELIEF_ANCHOR_BOTH   ? -p / 2
                  : params->anchor == RELIEF_ANCHOR_LEFT ? 0
                                                         : -p;
    double right = left + p;
    for (int plane = 0; plane < 2; plane++) {
        double scale = plane ? 2 : 1;
        int x0 = 40 / (int)scale, x1 = (W - 40) / (int)scale, y = plane ? 5 : 11;
        double l = scale * scene_shift(frame->left, frame->picture, plane, y, x0, x1,
                                       left / scale - 1, left / scale + 1);
        double r = scale * scene_shift(frame->right, frame->picture, plane, y, x0, x1,
                                       right / scale - 1, right / scale + 1);
        CHECK_NEAR(l, left, 1.0 / 16);
        CHECK_NEAR(r, right, 1.0 / 16);
    }
    rl_frame_free(&frame);
}

static void planes_move_by_the_formula(void)
{
    static const double depths[] = {0, 0.1, 0.27, 0.5, 0.731, 1};
    static const float convergences[] = {0, 0.5f, 1};
    for (int anchor = 0; anchor < 3; anchor++)
        for (int c = 0; c < 3; c++)
            for (int i = 0; i < 6; i++) {
                struct rl_stereo_params params = defaults;
                params.anchor = (enum relief_anchor)anchor;
                params.convergence = convergences[c];
                check_plane(&params, depths[i]);
            }
}

int main(void)
{
    RUN(planes_move_by_the_formula);
    return check_result();
}
