// SPDX-License-Identifier: MIT
#include "steady/smooth/smooth.h"

#include "base/cpu.h"
#include "steady/smooth/carry.h"
#include "steady/smooth/cells.h"

#include <assert.h>

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
    const struct rl_cell_luma rows = {luma, above, below, width};
    for (int x = 0; x < width; x++)
        trust[x] = rl_cell_trust(trust[x], carried[x], rows, x, light, tolerance);
}

// Columns first; each result then needs those two to both sides. They are made four places ahead
// in `to`, and overwritten from the left.
static void least_row(float *to, const float *const rows[5], int width)
{
    float *column = to + 4;
    for (int x = 0; x < width; x++)
        column[x] = rl_cell_least(rl_cell_least(rl_cell_least(rows[0][x], rows[1][x]), rows[2][x]),
                                  rl_cell_least(rows[3][x], rows[4][x]));
    const float last = column[width - 1], first = column[0];
    float a = first, b = first;
    for (int x = 0; x < width; x++) {
        const float c = column[x], d = x + 1 < width ? column[x + 1] : last;
        const float e = x + 2 < width ? column[x + 2] : last;
        to[x] = rl_cell_least(rl_cell_least(rl_cell_least(a, b), c), rl_cell_least(d, e));
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

static void blend_row(float *depth, float *count, const float *const a[3], const float *own,
                      struct rl_carried w, int width, const struct rl_smooth_how *how)
{
    for (int x = 0; x < width; x++)
        rl_cell_blend(depth, count, a, own, w, x, width, how);
}

static void mix_row(float *depth, float *count, struct rl_carried w, int width, float behind)
{
    for (int x = 0; x < width; x++)
        rl_cell_mix(depth, count, w, x, behind);
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

static void finish_row(float *d, const float *depth, int width, const struct rl_smooth_finish *how)
{
    for (int x = 0; x < width; x++)
        d[x] = rl_cell_finish(depth[x], how);
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
