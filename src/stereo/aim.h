// SPDX-License-Identifier: MIT
//
// The aim stage: which depth lies on the screen, and how far the screen's edges come forward.
//
// 1. Sets frame->aim from picture and final depth, before the stereo stage looks at them.
// 2. The subject is the depth that most of the picture has, where each place counts for more the
//    nearer it is to the middle of the picture, the nearer to the camera, the sharper, and the more
//    it stands out from the farthest of its row, as a person does and a wall or ground does not. A
//    window of a seventh of the range is counted together. The screen never lies behind 0.35 of the
//    range, so that two thirds of it at most come forward. Where the screen's width is known, it
//    lies so far back that nothing is farther behind it than eyes are apart (comfort.h).
// 3. At either side, what touches the border is as near as an eighth of its height is, at least.
// 4. A shot begins where its first RL_AIM_AHEAD + 1 frames say (the median; for borders the nearest
//    that lasts two frames). Within a shot values move like damped springs, the screen not faster
//    than RL_AIM_SPEED a second, borders quickly outwards and slowly back. Nothing jumps but at a
//    cut.
// 5. Holds up to RL_AIM_AHEAD frames back.
#ifndef RL_STEREO_AIM_H
#define RL_STEREO_AIM_H

#include "base/stage.h"
#include "plane/frame.h"

enum { RL_AIM_AHEAD = 8 };

#define RL_AIM_SPEED 0.2f  // of the range of depth

struct rl_aim_params {
    bool screen;            // find the subject; else frame->aim.screen is `convergence`
    bool borders;           // find what touches the borders; else frame->aim.borders are 0
    float convergence;      // 0..1
    float curve;            // of stereo.h, is applied to what is found
    double frame_rate;      // frames per second; 0 = unknown, 25 is assumed
    float divergence;       // % of width
    float screen_width_mm;  // 0: not known
};

enum relief_status rl_aim_open(struct rl_stage *stage, const struct rl_aim_params *params,
                               struct relief_error *err);

// What one frame says by itself, as depth 0..1.
float rl_aim_subject(const struct rl_frame *frame);
float rl_aim_border(const struct rl_frame *frame, bool right);

#endif
