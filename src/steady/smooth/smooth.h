// SPDX-License-Identifier: MIT
//
// Kernel: what earlier frames knew of depth, carried along motion and blended with what this frame
// says. Rows in, rows out; all of float, in cells of the depth map.
//
// A memory is three planes of the map's size: depth, count (how many frames a cell's depth is the
// mean of, 0 = nothing known) and luma (the picture at the map's size, 0 .. 255).
//
// 1. Carrying: cell x takes depth, count and luma from where its motion leads, bilinearly; beyond
//    the border the border's. Motion is given at a size of its own and read bilinearly.
//    The count is divided by 1 + RL_SMOOTH_FADE * (|dx| + |dy|) / width: what moves may come nearer
//    or go away, so its mean is made of fewer frames; and flicker does not show there.
// 2. Trust of 0 .. 1 is the motion's confidence times how alike the luma of both ends is:
//    clamp(2 - |luma - carried| / (tolerance + slope), 0, 1), slope the luma's own gradient.
//    Each cell then has the mean of the least trust in 5 x 5 cells, taken several times over: doubt
//    reaches beyond where it arose, and trust does not follow a thing's texture, or grain in the
//    dark, whose patches would show in the depth.
// 3. Blending: with n = count * trust, the carried depth W counts n times, the depth A seen now m
//    times, once as a rule: A + (W - A) * n / (n + m). So a cell that is new shows what the network
//    says now, its mean is soon one of several frames, and a cell that was wrong is soon forgotten.
// 4. Before, W is brought to within [least - t, most + t] of A's 3 x 3 cells around, with
//    t = slack[0] + (slack[1] - slack[0]) * trust^2: where a thing moves before another, what is
//    left behind of its depth cannot differ from all that is seen there now.
// 5. A map of a dark picture counts less than once, of a black one not at all; a mean counts once
//    for each frame that it is made of. Afterwards count = min(n + m, most).
// 6. Finishing: d = (depth - far) / (near - far). What lies beyond near or far is not cut off,
//    which would make it flat, but bent in: from RL_SMOOTH_KNEE before the end, x = distance / KNEE
//    goes to x / (1 + (1 - 1/a) x), which begins with the slope of 1 and ends at 1 for x = a, the
//    reach.
#ifndef RL_STEADY_SMOOTH_SMOOTH_H
#define RL_STEADY_SMOOTH_SMOOTH_H

#include <stddef.h>

#define RL_SMOOTH_FADE 30.0f
#define RL_SMOOTH_KNEE .25f
#define RL_SMOOTH_NOTHING 1e-6f  // a count that is none

enum { RL_SMOOTH_MOTION_MAX = 1024 };  // columns of motion

// Planes of one size; stride in floats, the same for all.
struct rl_memory {
    float *depth, *count, *luma;
    ptrdiff_t stride;
    int width, height;
};

// dx, dy and confidence in cells of their own size.
struct rl_motion_view {
    const float *dx, *dy, *confidence;
    ptrdiff_t stride;
    int width, height;
};

// What is carried to one row.
struct rl_carried {
    float *depth, *count, *luma, *trust;  // trust is the motion's confidence alone
};

// How light changed from what is remembered to what is seen: luma = gain * remembered + offset.
struct rl_light {
    float gain, offset;
};

struct rl_smooth_how {
    float most;            // frames that a mean is made of at most
    float slack[2];        // see 4, in units of depth
    float luma_tolerance;  // see 2
};

// See 6; `bend` is 1 - 1/a.
struct rl_smooth_finish {
    float far, scale;  // d = (depth - far) * scale
    float bend_far, bend_near;
};

// How depths from far to near become 0 to 1, those down to reach_far and up to reach_near bent in.
struct rl_smooth_finish rl_smooth_finish_of(float far, float near, float reach_far,
                                            float reach_near);

struct rl_smooth_fns {
    void (*carry_row)(struct rl_carried to, const struct rl_memory *from,
                      const struct rl_motion_view *motion, int y);
    // Trust of a row by the luma of both ends, see 2; `luma` is the row seen, with `above` and
    // `below` for its slope.
    void (*trust_row)(float *trust, const float *carried, const float *luma, const float *above,
                      const float *below, int width, struct rl_light light, float tolerance);
    // The least, and the mean, of 5 x 5 values: rows[0..4] are two above to two below, the border's
    // going on beyond it. `to` has room for 4 values more than `width`.
    void (*least_row)(float *to, const float *const rows[5], int width);
    void (*mean_row)(float *to, const float *const rows[5], int width);
    // a[0..2]: the rows of A above, here and below; `own` is how often each cell of A counts.
    // `depth` and `count` take the result; they may be those of `w`.
    void (*blend_row)(float *depth, float *count, const float *const a[3], const float *own,
                      struct rl_carried w, int width, const struct rl_smooth_how *how);
    // A frame without a map: what was carried to it from before lies in `depth` and `count`, what
    // was carried from behind in `w`. The mean of both, weighted by how much is known of each and
    // how near it is: `behind` is how much of the way lies before it, 0 .. 1.
    void (*mix_row)(float *depth, float *count, struct rl_carried w, int width, float behind);
    // See 6. What is not a number becomes 0.
    void (*finish_row)(float *d, const float *depth, int width, const struct rl_smooth_finish *how);
};

void rl_smooth_init(struct rl_smooth_fns *fns, unsigned cpu);

#endif
