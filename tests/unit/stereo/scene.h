// SPDX-License-Identifier: MIT
//
// Synthetic scenes for the tests of the stereo room: textured planes at known depth, drawn into
// any working format, sent through the stage, and measured.
#ifndef RL_TESTS_STEREO_SCENE_H
#define RL_TESTS_STEREO_SCENE_H

#include "stereo/stereo.h"

// What stands at a point of the source picture, in pixels of its luma plane.
struct scene {
    double (*texture)(double x, double y);  // brightness 0..1, smooth
    double (*depth)(double x, double y);    // d 0..1
    int map_width, map_height;              // of the depth map; 0: the picture's
};

// A frame of the scene with its final depth at picture size. Chroma planes hold the texture too.
struct rl_frame *scene_draw(const struct scene *scene, enum AVPixelFormat format, int width,
                            int height);

// Sends one frame through a freshly opened stage. The result belongs to the caller.
struct rl_frame *scene_views(struct rl_frame *frame, const struct rl_stereo_params *params);

// A smooth texture without period below 200 px.
double scene_grain(double x, double y);

// Sample (x, y) of a plane as 0..1.
double scene_sample(const AVFrame *picture, int plane, int x, int y);

// By how many pixels `view` is shifted to the right against `source` around columns [x0, x1) of
// row y: the best match over sub-pixel shifts of the source within [low, high].
double scene_shift(const AVFrame *view, const AVFrame *source, int plane, int y, int x0, int x1,
                   double low, double high);

// True when both pictures hold the same samples in every plane.
bool scene_same(const AVFrame *a, const AVFrame *b);

#endif
