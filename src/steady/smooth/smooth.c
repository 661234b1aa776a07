// SPDX-License-Identifier: MIT
#include "steady/smooth/smooth.h"

#include "base/cpu.h"

#include <math.h>

static float least_of(float a, float b)
{
    return a < b ? a : b;
}

static float most_of(float a, float b)
{
    return a > b ? a : b;
}

static float clamp(float value, float low, float high)
{
    return least_of(most_of(value, low), high);
}

// Where between the cells of a plane a value is read: at[0], the next column, the next row.
struct corner {
    ptrdiff_t at;
    float fx, fy;
};

// A position within the plane, such that the cells to the right and below exist.
static struct corner corner_at(float x, float y, int width, int height, ptrdiff_t stride)
{
    x = clamp(x, 0, (float)(width - 1));
    y = clamp(y, 0, (float)(height - 1));
    int left = (int)x, top = (int)y;
    left = left > width - 2 ? width - 2 : left;
    top = top > height - 2 ? height - 2 : top;
    return (struct corner){top * stride + left, x - (float)left, y - (float)top};
}

static float sample(const float *from, ptrdiff_t stride, struct corner c)
{
    const float *p = from + c.at, *q = p + stride;
    const float above = p[0] + (p[1] - p[0]) * c.fx, below = q[0] + (q[1] - q[0]) * c.fx;
    return above + (below - above) * c.fy;
}

static void carry_row(struct rl_carried to, const struct rl_memory *from,
                      const struct rl_motion_view *motion, int y)
{
    const float to_cells_x = (float)motion->width / (float)from->width;
    const float to_cells_y = (float)motion->height / (float)from->height;
    const float of_cells_x = (float)from->width / (float)motion->width;
    const float of_cells_y = (float)from->height / (float)motion->height;
    const float my = ((float)y + .5f) * to_cells_y - .5f;
    for (int x = 0; x < from->width; x++) {
        const float mx = ((float)x + .5f) * to_cells_x - .5f;
        struct corner c = corner_at(mx, my, motion->width, motion->height, motion->stride);
        const float dx = sample(motion->dx, motion->stride, c) * of_cells_x;
        const float dy = sample(motion->dy, motion->stride, c) * of_cells_y;
        to.trust[x] = sample(motion->confidence, motion->stride, c);
        c = corner_at((float)x + dx, (float)y + dy, from->width, from->height, from->stride);
        to.depth[x] = sample(from->depth, from->stride, c);
        const float age = 1 + RL_SMOOTH_FADE * (fabsf(dx) + fabsf(dy)) / (float)from->width;
        to.count[x] = sample(from->count, from->stride, c) / age;
        to.luma[x] = sample(from->luma, from->stride, c);
    }
}

static void trust_row(float *trust, const float *carried, const float *luma, const float *above,
                      const float *below, int width, struct rl_light light, float tolerance)
{
    for (int x = 0; x < width; x++) {
        const float left = luma[x ? x - 1 : 0], right = luma[x < width - 1 ? x + 1 : x];
        const float slope = (fabsf(right - left) + fabsf(below[x] - above[x])) * .5f;
        const float unlike = fabsf(luma[x] - (light.gain * carried[x] + light.offset));
        trust[x] *= clamp(2 - unlike / (tolerance + slope), 0, 1);
    }
}

// Columns first; each result then needs those two to both sides. They are made four places ahead
// in `to`, and overwritten from the left.
static void least_row(float *to, const float *const rows[5], int width)
{
    float *column = to + 4;
    for (int x = 0; x < width; x++)
        column[x] = least_of(least_of(least_of(rows[0][x], rows[1][x]), rows[2][x]),
                             least_of(rows[3][x], rows[4][x]));
    const float last = column[width - 1], first = column[0];
    float a = first, b = first;
    for (int x = 0; x < width; x++) {
        const float c = column[x], d = x + 1 < width ? column[x + 1] : last;
        const float e = x + 2 < width ? column[x + 2] : last;
        to[x] = least_of(least_of(least_of(a, b), c), least_of(d, e));
        a = b;
        b = c;
    }
}

static void mean_row(float *to, const float *const rows[5], int width)
{
    float *column = to + 4;
    for (int x = 0; x < width; x++)
        column[x] = (((rows[0][x] + rows[1][x]) + rows[2][x]) + (rows[3][x] + rows[4][x])) * .04f;
    const float last = column[width - 1], first = column[0];
    float a = first, b = first;
    for (int x = 0; x < width; x++) {
        const float c = column[x], d = x + 1 < width ? column[x + 1] : last;
        const float e = x + 2 < width ? column[x + 2] : last;
        to[x] = ((a + b) + c) + (d + e);
        a = b;
        b = c;
    }
}

static void blend_row(float *depth, float *count, const float *const a[3], struct rl_carried w,
                      int width, const struct rl_smooth_how *how)
{
    for (int x = 0; x < width; x++) {
        const int left = x ? x - 1 : 0, right = x < width - 1 ? x + 1 : x;
        float least = a[0][left], most = least;
        for (int i = 0; i < 3; i++) {
            least = least_of(least, least_of(a[i][left], least_of(a[i][x], a[i][right])));
            most = most_of(most, most_of(a[i][left], most_of(a[i][x], a[i][right])));
        }
        const float trust = w.trust[x], now = a[1][x];
        const float slack = how->slack[0] + (how->slack[1] - how->slack[0]) * (trust * trust);
        const float known = clamp(w.depth[x], least - slack, most + slack);
        const float n = w.count[x] * trust;
        depth[x] = now + (known - now) * (n / (n + 1));
        count[x] = least_of(n + 1, how->most);
    }
}

static void mix_row(float *depth, float *count, struct rl_carried w, int width, float behind)
{
    for (int x = 0; x < width; x++) {
        const float there = w.count[x] * w.trust[x], here = count[x];
        const float weight = behind * (there / (there + 1)) + 1e-6f;
        const float other = (1 - behind) * (here / (here + 1)) + 1e-6f;
        depth[x] = depth[x] + (w.depth[x] - depth[x]) * (weight / (weight + other));
        count[x] = most_of(here, there);
    }
}

void rl_smooth_init(struct rl_smooth_fns *fns, unsigned cpu)
{
    (void)cpu;
    *fns = (struct rl_smooth_fns){carry_row, trust_row, least_row, mean_row, blend_row, mix_row};
}
