// SPDX-License-Identifier: MIT
//
// Kernel: dense motion between two small luma pictures, by inverse search on patches (Kroeger et
// al., "Fast Optical Flow using Dense Inverse Search", 2016), from coarse to fine.
//
// 1. For every patch P of picture A, the displacement (u, v) that minimises the sum over P of
//    (B(x + u, y + v) - A(x, y) - m)^2, m the mean of the difference: brightness may change.
//    Gauss-Newton steps with the gradients of A, bilinear samples of B, all in float.
// 2. A patch begins at the best of its parent on the coarser level, its neighbours to the left and
//    above, and rest; flat patches stay where they began.
// 3. A pixel's motion is the mean of the patches over it, each weighted by 1 / max(1, |B - A|) at
//    the pixel: at the border of two motions the one that explains the pixel counts.
// 4. Units are pixels of the small picture: what is seen at (x, y) in A lies at (x + dx, y + dy)
//    in B. Beyond its border a picture goes on with its border's values.
// 5. All memory is the caller's. One thread for one rl_motion_work; pictures are only read.
#ifndef RL_PLANE_MOTION_MOTION_H
#define RL_PLANE_MOTION_MOTION_H

#include <stddef.h>

enum {
    RL_MOTION_PATCH = 8,   // side of a patch; the distance of two patches is half of it
    RL_MOTION_PAD = 16,    // pixels that a level goes on beyond its border
    RL_MOTION_LEAST = 16,  // least side of a picture
    RL_MOTION_LEVELS = 5,
};

struct rl_motion_level {
    int width, height;
    ptrdiff_t stride;  // floats from one row to the next, of all three
    float *luma;       // pixel (0, 0); valid RL_MOTION_PAD beyond every border
    float *gx, *gy;    // gradients, luma per pixel
};

// A small luma picture (0 .. 255), halved again and again, and its gradients.
struct rl_motion_picture {
    struct rl_motion_level levels[RL_MOTION_LEVELS];  // finest first
    int count;
};

// One displacement for each patch, rows of patches one after the other.
struct rl_motion_grid {
    int columns, rows;
    float *u, *v;
};

struct rl_motion_work {
    struct rl_motion_grid grids[RL_MOTION_LEVELS];
    float *sums[3];  // of weights, weighted u, weighted v
};

// How a picture's patch differs from another's, moved; sums over the patch.
struct rl_motion_sums {
    float d, dd, dgx, dgy;  // of the difference, its square, and its products with the gradients
};

// Motion of each pixel, in rows.
struct rl_motion_field {
    const float *dx, *dy;
    ptrdiff_t stride;
};

// Two pictures, the motion from a to b, and back.
struct rl_motion_pair {
    const struct rl_motion_level *a, *b;
    struct rl_motion_field field, back;
};

struct rl_motion_fns {
    // Patches of `a`, its gradients, and of `b` sampled (fx, fy) of 0 .. 1 right of and below its
    // pixels; all with the same stride. Sums are made in eight columns, which are then added as
    // ((0+4) + (2+6)) + ((1+5) + (3+7)).
    void (*compare)(struct rl_motion_sums *sums, const float *a, const float *gx, const float *gy,
                    const float *b, ptrdiff_t stride, float fx, float fy);
    // Adds a patch's weights and weighted motion to the three pictures of sums.
    void (*spread)(float *const sums[3], ptrdiff_t sums_stride, const float *a, const float *b,
                   ptrdiff_t stride, float fx, float fy, float u, float v);
    // Row y of rl_motion_confidence().
    void (*confidence_row)(float *confidence, const struct rl_motion_pair *pair, int y);
};

void rl_motion_init(struct rl_motion_fns *fns, unsigned cpu);

// Floats that a picture, or the work on a pair, of this size needs.
size_t rl_motion_picture_room(int width, int height);
size_t rl_motion_work_room(int width, int height);

void rl_motion_picture_init(struct rl_motion_picture *picture, int width, int height,
                            float *memory);
void rl_motion_work_init(struct rl_motion_work *work, int width, int height, float *memory);

// Makes the coarser levels, borders and gradients, after level 0's luma has been written.
void rl_motion_picture_finish(struct rl_motion_picture *picture);

// `to`, of the same size, becomes `from` with its luma as gain * luma + offset.
void rl_motion_picture_relight(struct rl_motion_picture *to, const struct rl_motion_picture *from,
                               float gain, float offset);

// Motion from `a` to `b`, pictures of one size, into rows of `stride` floats.
void rl_motion_search(const struct rl_motion_fns *fns, const struct rl_motion_picture *a,
                      const struct rl_motion_picture *b, struct rl_motion_work *work, float *dx,
                      float *dy, ptrdiff_t stride);

// How `field` holds: for each pixel of `a` 1 where going along it to `b` and back along `back`
// returns to within a fraction of a pixel and both pictures look alike there, 0 where it leads
// elsewhere or out of the picture.
void rl_motion_confidence(const struct rl_motion_fns *fns, float *confidence, ptrdiff_t stride,
                          const struct rl_motion_picture *a, const struct rl_motion_picture *b,
                          struct rl_motion_field field, struct rl_motion_field back);

#endif
