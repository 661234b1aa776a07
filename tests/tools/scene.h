// SPDX-License-Identifier: MIT
//
// The moving scene that draw_clip films: a chequered floor, three balls of which one bounces, an
// evening sky. Traced by rays, so that perspective, shading, shadows and occlusion are as in the
// world, and depth is something that a network can find.
//
// 1. A picture is a function of its size and the time alone.
#ifndef RL_TESTS_SCENE_H
#define RL_TESTS_SCENE_H

// One colour, R G B, 0..1, gamma-coded.
struct colour {
    float r, g, b;
};

// What the camera sees at pixel centre (x, y) of a width x height picture at `seconds`.
struct colour scene_pixel(int x, int y, int width, int height, double seconds);

// Height of the bouncing ball over the floor, 0 when it touches; it bounces once a second.
double scene_bounce(double seconds);

#endif
