// SPDX-License-Identifier: MIT
//
// Loops over a row of cells (upsample.h), which compilers make as wide as they are told: every
// version has them from here.
#ifndef RL_STEREO_UPSAMPLE_CELLS_ROWS_H
#define RL_STEREO_UPSAMPLE_CELLS_ROWS_H

#include "stereo/upsample/upsample.h"
#include "stereo/upsample/upsample_place.h"

static const float step_begin = 0.6f, step_gain = 6.7f;  // of the range of 3x3 in that of 5x5
static const float noise = 0.01f;                        // of depth: less than this is no step
static const float snap = 1.5f;  // how fast a cell's depth goes to an end of its step

static float at_least(float a, float b)
{
    return a > b ? a : b;
}

static float at_most(float a, float b)
{
    return a < b ? a : b;
}

// 0..1
static float part(float a)
{
    return at_least(at_most(a, 1), 0);
}

// d + 2 * softness * (d - mean of 3x3), within the 3x3 cells' depths.
static void sharpen_cells(float *restrict to, const float *const rows[3], int width, float softness)
{
    const float *a = rows[0], *b = rows[1], *c = rows[2];
    for (int x = 0; x < width; x++) {
        float low = b[x], high = b[x], sum = 0;
        for (int k = -1; k <= 1; k++) {
            float l = at_most(at_most(a[x + k], b[x + k]), c[x + k]);
            float h = at_least(at_least(a[x + k], b[x + k]), c[x + k]);
            low = at_most(low, l);
            high = at_least(high, h);
            sum += (k ? 1.0f : 2.0f) * (a[x + k] + 2 * b[x + k] + c[x + k]);
        }
        float d = b[x] + 2 * softness * (b[x] - sum * (1.0f / 16));
        to[x] = at_least(at_most(d, high), low);
    }
}

enum { FIT = 64 };  // cells that are fitted at once

// The lowest and the highest depth of three and of five rows, with the cells beside.
struct columns {
    float low3[FIT + 4], high3[FIT + 4], low5[FIT + 4], high5[FIT + 4];
};

static void look_down(struct columns *columns, const float *const rows[5], int x, int count)
{
    for (int k = 0; k < count; k++) {
        const int at = x + k;
        float low = at_most(at_most(rows[1][at], rows[2][at]), rows[3][at]);
        float high = at_least(at_least(rows[1][at], rows[2][at]), rows[3][at]);
        columns->low3[k] = low;
        columns->high3[k] = high;
        columns->low5[k] = at_most(low, at_most(rows[0][at], rows[4][at]));
        columns->high5[k] = at_least(high, at_least(rows[0][at], rows[4][at]));
    }
}

// The lowest and the highest depth of the 3x3 cells around, and of the 5x5.
struct ranges {
    float far[FIT], near[FIT], farthest[FIT], nearest[FIT];
};

static void look_across(struct ranges *restrict ranges, const struct columns *columns, int count)
{
    const float *low = columns->low5, *high = columns->high5;
    for (int k = 0; k < count; k++) {
        const float *low3 = columns->low3 + k + 1, *high3 = columns->high3 + k + 1;
        ranges->near[k] = at_least(at_least(high3[0], high3[1]), high3[2]);
        ranges->far[k] = at_most(at_most(low3[0], low3[1]), low3[2]);
        float nearest = at_least(at_least(high[k], high[k + 1]),
                                 at_least(high[k + 3], high[k + 4]));
        float farthest = at_most(at_most(low[k], low[k + 1]), at_most(low[k + 3], low[k + 4]));
        ranges->nearest[k] = at_least(nearest, high[k + 2]);
        ranges->farthest[k] = at_most(farthest, low[k + 2]);
    }
}

// Raises thin things, and tells steps from slopes.
static void raise_thin(const struct rl_upsample_fitted *to, struct ranges *restrict ranges,
                       const float *const rows[5], int x, int count)
{
    float *restrict step = to->step + x, *restrict depth = to->depth + x;
    const float *above = rows[1] + x, *at = rows[2] + x, *below = rows[3] + x;
    for (int k = 0; k < count; k++) {
        float ridge = at_most(at[k] - at[k - 1], at[k] - at[k + 1]);
        ridge = at_least(at_least(ridge, at_most(at[k] - above[k], at[k] - below[k])), 0);
        const float d = at_most(at[k] + ridge, ranges->nearest[k]);
        const float near = at_least(ranges->near[k], d), far = ranges->far[k];
        const float range = ranges->nearest[k] - ranges->farthest[k];
        step[k] = part(((near - far) / (range + noise) - step_begin) * step_gain);
        ranges->near[k] = near;
        depth[k] = d;
    }
}

// picked[k] = own[k] at a step.
static void pick(float *restrict picked, const float *restrict own, const float *restrict step,
                 int count)
{
    for (int k = 0; k < count; k++) {
        const float a = own[k], b = picked[k];
        picked[k] = step[k] > 0 ? a : b;
    }
}

// Says on which side of a step cells are, and draws them there. One choice a loop: compilers make
// branches of several.
static void take_sides(const struct rl_upsample_fitted *to, struct ranges *restrict ranges,
                       float softness, int x, int count)
{
    const float *restrict step = to->step + x;
    float *restrict depth = to->depth + x;
    float *restrict votes_far = to->far + x, *restrict votes_near = to->near + x;
    const float *nearest = ranges->nearest, *farthest = ranges->farthest;
    float *restrict where = ranges->near, *restrict snapped = ranges->far;
    pick(ranges->nearest, ranges->near, step, count);
    pick(ranges->farthest, ranges->far, step, count);
    for (int k = 0; k < count; k++)
        where[k] = part((depth[k] - farthest[k]) /
                        at_least(nearest[k] - farthest[k], RL_UPSAMPLE_LOW));
    for (int k = 0; k < count; k++)
        snapped[k] = part(0.5f + (where[k] - 0.5f) * snap);
    for (int k = 0; k < count; k++) {
        const float d = farthest[k] + snapped[k] * (nearest[k] - farthest[k]);
        votes_far[k] = rl_place_fourth(1 - where[k]);
        votes_near[k] = rl_place_fourth(where[k]);
        depth[k] = depth[k] + softness * step[k] * (d - depth[k]);
    }
}

static void fit_cells(const struct rl_upsample_fitted *to, const float *const rows[5], int width,
                      float softness)
{
    struct columns columns;
    struct ranges ranges;
    for (int x = 0; x < width; x += FIT) {
        const int count = x + FIT < width ? FIT : width - x;
        look_down(&columns, rows, x - 2, count + 4);
        look_across(&ranges, &columns, count);
        raise_thin(to, &ranges, rows, x, count);
        take_sides(to, &ranges, softness, x, count);
    }
}

// Three rows of cells by their weights.
static void mix_cells(float *restrict to, const float *const rows[3], const float down[3],
                      int width)
{
    for (int x = -1; x <= width; x++)
        to[x] = down[0] * rows[0][x] + down[1] * rows[1][x] + down[2] * rows[2][x];
}

#endif
