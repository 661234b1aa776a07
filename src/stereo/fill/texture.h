// SPDX-License-Identifier: MIT
//
// Kernel: lines and textures go on into holes that were filled by a membrane (pyramid.h).
//
// 1. The seam of a run of holes are pixels beside it on its own side, and above and below those. It
//    is looked for farther out on the same surface; where it is found again, at an offset (dx, dy),
//    what lies beside it there goes on into the hole (exemplar-based inpainting, Criminisi et al.
//    2004, with one offset a run instead of a patch a pixel).
// 2. With D the variance of the difference between the seam and what it is like, and A its own,
//    r = 1 - D / 2A says how far one tells the other. Lines and edges that run into the hole have r
//    near 1, a texture without order near 0: its mean is the best guess then. A hole pixel m gets
//        m + w * (v + c - m) + (1 - w) * g,  w = ((4r - 1) / 3)^2, 0 below r = 1/4
//    v the sample at the offset, c the mean difference at the seam, and g the grain: by how much v
//    differs from the mean of its four neighbours, limited.
// 3. Only what was seen or found is copied, never what was filled, and nothing that is nearer than
//    the run by more than `tolerance`. Runs of less than four holes, and those without such a
//    place, stay as they are.
// 4. Rows hang together: an offset holds until another is clearly better, and r changes slowly. So
//    do frames, where `remembers` is set.
// 5. Holes are worked on by one thread in the order of their list. What is copied is never what was
//    filled, so the pixels of a run do not depend on each other.
// 6. Samples have 12 bits at most: of those with more, the upper 12.
#ifndef RL_STEREO_FILL_TEXTURE_H
#define RL_STEREO_FILL_TEXTURE_H

#include "stereo/fill/fill.h"

enum {
    RL_TEXTURE_ROWS = 7,    // of a seam
    RL_TEXTURE_PIXELS = 8,  // of each
    RL_TEXTURE_BITS = 12,
    RL_TEXTURE_GRAIN = 4,  // g at most, of 255
    RL_TEXTURE_SLOPE = 2,  // rows from one of the offsets that are tried to the next
    RL_TEXTURE_FITS = 25,  // that are tried at once, at most
};

// Known cells are of a surface when near lies between these, both even.
struct rl_texture_surface {
    int16_t low, high;
};

// The seam of a run: rows of pixels as they lie in the picture. There is a row more than is used.
struct rl_texture_seam {
    struct rl_texture_surface surface;
    int x, y, step;  // its first pixel, and rows from one row to the next
    int outwards;    // 1: it goes on to the right, -1: to the left
    int count;       // pixels that are compared, for which
    int16_t used[RL_TEXTURE_ROWS + 1][RL_TEXTURE_PIXELS];  // ... is -1, else 0
    int16_t values[RL_FILL_PLANES][RL_TEXTURE_ROWS + 1][RL_TEXTURE_PIXELS];
};

// Of the used pixels that are known at an offset, too: sums of samples, of differences between
// here and there, and of squares.
struct rl_texture_sums {
    int count;
    int value[RL_FILL_PLANES], difference[RL_FILL_PLANES];
    int varies, differs;
};

// How a seam fits somewhere: a square for each pixel and plane, of so many pixels.
struct rl_texture_fit {
    int differs, count;
};

// What is copied: pixels x .. x + count - 1 of a row, from (dx, dy) away.
struct rl_texture_patch {
    struct rl_texture_surface surface;
    int x, y, count, dx, dy;
    int weight;                    // w, of 256
    int brighter[RL_FILL_PLANES];  // c
};

struct rl_texture_fns {
    // Finds the pixels that are compared, every second from the run on as far as they are of the
    // surface, and their values; x, y, step, outwards and surface are set.
    void (*look)(const struct rl_fill *fill, struct rl_texture_seam *seam);

    // By how much the seam differs there, a square for each pixel and plane, scaled to as many
    // pixels as are used; INT64_MAX when that is `most` or more, or a quarter is not there.
    int64_t (*compare)(const struct rl_fill *fill, const struct rl_texture_seam *seam, int dx,
                       int dy, int64_t most);

    // The same of `count` places, RL_TEXTURE_SLOPE rows below each other; see rl_texture_cost().
    // The seam's step is as large, or larger.
    void (*fit)(const struct rl_fill *fill, const struct rl_texture_seam *seam, int dx, int dy,
                int count, struct rl_texture_fit fits[]);

    void (*measure)(const struct rl_fill *fill, const struct rl_texture_seam *seam, int dx, int dy,
                    struct rl_texture_sums *sums);

    // How many of `count` cells are of the surface; RL_FILL_BORDER cells behind may be read.
    int (*count)(const int16_t *near, int count, struct rl_texture_surface surface);

    void (*copy)(const struct rl_fill *fill, const struct rl_texture_patch *patch);
};

void rl_texture_init(struct rl_texture_fns *fns, unsigned cpu);

// Goes over the holes of the list whose bit 0 is still set.
void rl_texture_fill(struct rl_fill *fill);

// Bits that samples are cut by, rule 6.
static inline int rl_texture_cut(const struct rl_fill *fill)
{
    return fill->bits > RL_TEXTURE_BITS ? fill->bits - RL_TEXTURE_BITS : 0;
}

// What compare() returns for a sum over `count` pixels.
static inline int64_t rl_texture_cost(const struct rl_texture_seam *seam, int64_t sum, int count,
                                      int64_t most)
{
    sum *= seam->count;
    if (count * 4 < seam->count * 3 || (most < INT64_MAX && sum >= most * count))
        return INT64_MAX;
    return sum / count;
}

// The definition in plain C, for what lies near the picture's border. A sample that is not of the
// surface is -1.
int rl_texture_sample(const struct rl_fill *fill, struct rl_texture_surface surface, int plane,
                      int x, int y);
void rl_texture_look(const struct rl_fill *fill, struct rl_texture_seam *seam);
int64_t rl_texture_compare(const struct rl_fill *fill, const struct rl_texture_seam *seam, int dx,
                           int dy, int64_t most);
void rl_texture_measure(const struct rl_fill *fill, const struct rl_texture_seam *seam, int dx,
                        int dy, struct rl_texture_sums *sums);
void rl_texture_copy(const struct rl_fill *fill, const struct rl_texture_patch *patch);

#endif
