// SPDX-License-Identifier: MIT
#include "steady/smooth/smooth.h"

#include "base/cpu.h"
#include "steady/smooth/carry.h"

#include <assert.h>
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

void rl_smooth_motion_row(struct rl_carry_motion *row, const struct rl_memory *from,
                          const struct rl_motion_view *motion, int y)
{
    const float my = rl_carry_clamp(
        ((float)y + .5f) * ((float)motion->height / (float)from->height) - .5f,
        (float)(motion->height - 1));
    const int top = (int)my < motion->height - 2 ? (int)my : motion->height - 2;
    const float f = my - (float)top, to_x = (float)from->width / (float)motion->width;
    const float to_y = (float)from->height / (float)motion->height;
    const float *dx = motion->dx + top * motion->stride, *dy = motion->dy + top * motion->stride;
    const float *trust = motion->confidence + top * motion->stride;
    const ptrdiff_t below = motion->stride;
    for (int x = 0; x < motion->width; x++) {
        row->dx[x] = (dx[x] + (dx[x + below] - dx[x]) * f) * to_x;
        row->dy[x] = (dy[x] + (dy[x + below] - dy[x]) * f) * to_y;
        row->trust[x] = trust[x] + (trust[x + below] - trust[x]) * f;
    }
    row->cells = (float)motion->width / (float)from->width;
    row->last = motion->width - 2;
    assert(row->last >= 0 && motion->width <= RL_SMOOTH_MOTION_MAX);
}

static void carry_row(struct rl_carried to, const struct rl_memory *from,
                      const struct rl_motion_view *motion, int y)
{
    struct rl_carry_motion row;
    rl_smooth_motion_row(&row, from, motion, y);
    for (int x = 0; x < from->width; x++)
        rl_carry_cell(to, from, &row, x, y);
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
        depth[x] = now + (known - now) * (n / (n + how->weight));
        count[x] = least_of(n + how->weight, how->most);
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

static float bend_of(float reach, float width)
{
    const float a = 1 + reach / (RL_SMOOTH_KNEE * width);
    return a > 1 ? 1 - 1 / a : 0;
}

struct rl_smooth_finish rl_smooth_finish_of(float far, float near, float reach_far,
                                            float reach_near)
{
    const float width = near - far;
    return (struct rl_smooth_finish){far, 1 / width, bend_of(far - reach_far, width),
                                     bend_of(reach_near - near, width)};
}

// How far a value lies beyond the knee, bent; in [0, KNEE].
static float bend(float beyond, float by)
{
    const float x = most_of(beyond, 0) * (1 / RL_SMOOTH_KNEE);
    return least_of(x / (1 + by * x), 1) * RL_SMOOTH_KNEE;
}

static void finish_row(float *d, const float *depth, int width, const struct rl_smooth_finish *how)
{
    const float low = RL_SMOOTH_KNEE, high = 1 - RL_SMOOTH_KNEE;
    for (int x = 0; x < width; x++) {
        const float value = (depth[x] - how->far) * how->scale;
        const float middle = clamp(value, low, high);
        d[x] = value == value ? (middle + bend(value - high, how->bend_near)) -
                                    bend(low - value, how->bend_far)
                              : 0;
    }
}

#ifdef RL_HAVE_AVX2
void rl_smooth_init_avx2(struct rl_smooth_fns *fns);
#endif

void rl_smooth_init(struct rl_smooth_fns *fns, unsigned cpu)
{
    (void)cpu;
    *fns = (struct rl_smooth_fns){carry_row, trust_row, least_row, mean_row,
                                  blend_row, mix_row,   finish_row};
#ifdef RL_HAVE_AVX2
    if (cpu & RL_CPU_AVX2)
        rl_smooth_init_avx2(fns);
#endif
}
