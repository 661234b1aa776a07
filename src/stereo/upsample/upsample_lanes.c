// SPDX-License-Identifier: MIT
//
// For AVX2 and for AVX-512, see base/lanes.h.
#include "base/lanes.h"
#include "stereo/upsample/cells_rows.h"
#include "stereo/upsample/upsample.h"
#include "stereo/upsample/upsample_place.h"

#include <stdbool.h>

// rl_place_pair()
static inline rl_lanes pair_of(const uint16_t *const rows[3], int x)
{
    const rl_lanes beside = RL_V(max_epu16)(rl_lanes_load(rows[0] + x), rl_lanes_load(rows[2] + x));
    return RL_V(min_epu16)(rl_lanes_load(rows[1] + x), beside);
}

static void widen_down(uint16_t *restrict to, const uint16_t *const rows[RL_UPSAMPLE_DOWN],
                       int width)
{
    enum { HALVES = 2 * RL_LANES };
    int x = 0;
    for (; x + HALVES <= width; x += HALVES) {
        const rl_lanes outer = RL_V(max_epu16)(pair_of(rows, x), pair_of(rows + 4, x));
        rl_lanes_store(to + x, RL_V(max_epu16)(outer, pair_of(rows + 2, x)));
    }
    RL_PLACE_WIDEN_DOWN(to, rows, x, width)
}

void RL_LANES_NAME(rl_upsample_init)(struct rl_upsample_fns *fns);

// What as many pixels see as there are lanes. They reach over no more cells, from the one before
// the first one's own, as a cell is 1.5 pixels or wider: one load a field, and a permutation of it
// for each cell.
struct some {
    int first;            // the cell of the first entry of a load
    rl_lanes at[3];       // entries of the cells before, at and after
    rl_floats across[3];  // their weights
};

static inline rl_floats look(const struct some *some, const float *row, int i)
{
    return rl_floats_permute(RL_V(loadu_ps)(row + some->first), some->at[i]);
}

static inline void find_some(struct some *some, const struct rl_upsample_rows *rows, int x)
{
    const rl_lanes one = rl_lanes_all(1);
    some->first = rows->at[x] - 1;
    some->at[1] = RL_V(sub_epi32)(rl_lanes_load(rows->at + x), rl_lanes_all(some->first));
    some->at[0] = RL_V(sub_epi32)(some->at[1], one);
    some->at[2] = RL_V(add_epi32)(some->at[1], one);
    some->across[0] = RL_V(loadu_ps)(rows->across[0] + x);
    some->across[2] = RL_V(loadu_ps)(rows->across[1] + x);
    some->across[1] = RL_V(sub_ps)(RL_V(sub_ps)(rl_floats_all(1), some->across[0]),
                                   some->across[2]);
}

// rl_place_across()
static inline rl_floats across(const struct some *some, const float *row)
{
    rl_floats d = RL_V(mul_ps)(some->across[0], look(some, row, 0));
    d = RL_V(add_ps)(d, RL_V(mul_ps)(some->across[1], look(some, row, 1)));
    return RL_V(add_ps)(d, RL_V(mul_ps)(some->across[2], look(some, row, 2)));
}

// The 3x3 cells around each pixel: all rows of pixels see the same.
struct cells {
    struct {
        rl_floats depth, far, near, colour[3];
    } of[3][3];
};

static inline void find_cells(struct cells *cells, const struct some *some,
                              const struct rl_upsample_rows *rows)
{
    for (int j = 0; j < 3; j++)
        for (int i = 0; i < 3; i++) {
            cells->of[j][i].depth = look(some, rows->depth[j], i);
            cells->of[j][i].far = look(some, rows->far[j], i);
            cells->of[j][i].near = look(some, rows->near[j], i);
            for (int k = 0; k < 3; k++)
                cells->of[j][i].colour[k] = look(some, rows->colour[k][j], i);
        }
}

static inline rl_floats size_of(rl_floats a)
{
    return RL_V(andnot_ps)(rl_floats_all(-0.0f), a);
}

// 0..1
static inline rl_floats part_of(rl_floats a)
{
    return RL_V(min_ps)(RL_V(max_ps)(a, rl_floats_all(0)), rl_floats_all(1));
}

static inline rl_floats fourth(rl_floats a)
{
    a = RL_V(mul_ps)(a, a);
    return RL_V(mul_ps)(a, a);
}

// rl_place_likeness()
static inline rl_floats likeness(rl_floats difference, rl_floats place, rl_floats part)
{
    const rl_floats one = rl_floats_all(1);
    rl_floats like = RL_V(mul_ps)(difference, rl_floats_all(RL_UPSAMPLE_COLOUR));
    like = fourth(RL_V(max_ps)(RL_V(sub_ps)(one, like), rl_floats_all(0)));
    like = RL_V(add_ps)(like, rl_floats_all(RL_UPSAMPLE_LEAST));
    like = RL_V(mul_ps)(part, RL_V(sub_ps)(like, one));
    return RL_V(mul_ps)(place, RL_V(add_ps)(one, like));
}

// rl_place_choose(); weights are 0 or more.
static inline rl_floats choose(rl_floats sums[2][2])
{
    const rl_floats half = rl_floats_all(0.5f), zero = rl_floats_all(0);
    rl_floats far = RL_V(div_ps)(sums[0][1], sums[0][0]);
    rl_floats near = RL_V(div_ps)(sums[1][1], sums[1][0]);
    far = rl_floats_pick(near, far, rl_floats_greater(sums[0][0], zero));
    near = rl_floats_pick(far, near, rl_floats_greater(sums[1][0], zero));
    const rl_floats height = RL_V(sub_ps)(near, far);
    const rl_floats strict = RL_V(mul_ps)(rl_floats_all(RL_UPSAMPLE_STRICT), height);
    rl_floats share = RL_V(div_ps)(sums[1][0], RL_V(add_ps)(sums[0][0], sums[1][0]));
    share = RL_V(mul_ps)(RL_V(sub_ps)(share, half), RL_V(add_ps)(rl_floats_all(1), strict));
    share = part_of(RL_V(add_ps)(half, share));
    return RL_V(add_ps)(far, RL_V(mul_ps)(share, height));
}

// rl_place_step(); what is not at a step comes to nonsense.
static inline rl_floats step_of(const struct some *some, const struct cells *cells,
                                const struct rl_upsample_line *line, rl_floats step,
                                rl_floats plain, const rl_floats colour[3])
{
    const rl_floats one = rl_floats_all(1);
    const rl_floats part = RL_V(min_ps)(RL_V(mul_ps)(step, rl_floats_all(RL_UPSAMPLE_WHOLE)), one);
    rl_floats sums[2][2];
    for (int k = 0; k < 4; k++)
        sums[k / 2][k % 2] = rl_floats_all(0);
    for (int j = 0; j < 3; j++)
        for (int i = 0; i < 3; i++) {
            const rl_floats *there = cells->of[j][i].colour, d = cells->of[j][i].depth;
            const rl_floats place = RL_V(mul_ps)(some->across[i], rl_floats_all(line->down[j]));
            rl_floats difference = size_of(RL_V(sub_ps)(colour[0], there[0]));
            for (int k = 1; k < 3; k++)
                difference = RL_V(add_ps)(difference, size_of(RL_V(sub_ps)(colour[k], there[k])));
            const rl_floats w = likeness(difference, place, part);
            const rl_floats far = RL_V(mul_ps)(w, cells->of[j][i].far);
            const rl_floats near = RL_V(mul_ps)(w, cells->of[j][i].near);
            sums[0][0] = RL_V(add_ps)(sums[0][0], far);
            sums[0][1] = RL_V(add_ps)(sums[0][1], RL_V(mul_ps)(far, d));
            sums[1][0] = RL_V(add_ps)(sums[1][0], near);
            sums[1][1] = RL_V(add_ps)(sums[1][1], RL_V(mul_ps)(near, d));
        }
    return RL_V(add_ps)(plain, RL_V(mul_ps)(part, RL_V(sub_ps)(choose(sums), plain)));
}

static inline void put(uint16_t *to, rl_floats d)
{
    d = RL_V(add_ps)(RL_V(mul_ps)(part_of(d), rl_floats_all(65535)), rl_floats_all(0.5f));
    rl_lanes_store_16(to, RL_V(cvttps_epi32)(d));
}

// The samples of pixels from x on, of a plane with 2^shift pixels to one, 0 or 1.
static inline rl_lanes samples(const void *row, int x, int shift, bool wide)
{
    const uint16_t *deep = (const uint16_t *)row + (x >> shift);
    const uint8_t *from = (const uint8_t *)row + (x >> shift);
    if (wide)
        return shift ? rl_lanes_load_u16_twice(deep) : rl_lanes_load_u16(deep);
    return shift ? rl_lanes_load_u8_twice(from) : rl_lanes_load_u8(from);
}

// Whether any cell up to the last, of the three rows, is at a step.
static inline bool has_step(const struct some *some, const struct rl_upsample_rows *rows, int last)
{
    rl_floats steps = RL_V(loadu_ps)(rows->step[0] + some->first);
    for (int j = 1; j < 3; j++)
        steps = RL_V(max_ps)(steps, RL_V(loadu_ps)(rows->step[j] + some->first));
    const unsigned seen = (2u << (last - some->first)) - 1;
    return rl_mask_bits(rl_floats_greater(steps, rl_floats_all(0))) & seen;
}

// Pixels from x on of all lines, where some are at a step.
static inline void step_lines(const struct some *some, const struct rl_upsample_rows *rows, int x,
                              float scale, bool wide)
{
    struct cells cells;
    find_cells(&cells, some, rows);
    for (int row = 0; row < rows->count; row++) {
        const struct rl_upsample_line *line = &rows->lines[row];
        const rl_floats plain = across(some, line->plain), step = across(some, line->step);
        rl_floats colour[3];
        for (int k = 0; k < 3; k++) {
            const rl_lanes sample = samples(line->pixels[k], x, k ? rows->shift_x : 0, wide);
            colour[k] = RL_V(mul_ps)(RL_V(cvtepi32_ps)(sample), rl_floats_all(scale));
        }
        put(line->to + x, rl_floats_pick(plain, step_of(some, &cells, line, step, plain, colour),
                                         rl_floats_greater(step, rl_floats_all(0))));
    }
}

// Returns how many pixels were made. Colours are read where there is a step, which is not often.
static inline int guided_pixels(const struct rl_upsample_rows *rows, int width, float scale,
                                bool wide)
{
    int x = 0;
    if (rows->shift_x > 1 || rows->is_fine)
        return 0;  // 4:1:1 and kin, too rare for more; and small pictures
    for (; x + RL_LANES <= width; x += RL_LANES) {
        struct some some;
        find_some(&some, rows, x);
        if (has_step(&some, rows, rows->at[x + RL_LANES - 1] + 1))
            step_lines(&some, rows, x, scale, wide);
        else
            for (int row = 0; row < rows->count; row++)
                put(rows->lines[row].to + x, across(&some, rows->lines[row].plain));
    }
    return x;
}

static void guided_rows8(const struct rl_upsample_rows *rows, int width, float scale)
{
    const int x = guided_pixels(rows, width, scale, false);
    RL_PLACE_GUIDED_ROWS(uint8_t, rows, x, width, scale)
}

static void guided_rows16(const struct rl_upsample_rows *rows, int width, float scale)
{
    const int x = guided_pixels(rows, width, scale, true);
    RL_PLACE_GUIDED_ROWS(uint16_t, rows, x, width, scale)
}

static void widen(uint16_t *restrict to, const uint16_t *restrict from, int width, int rim)
{
    enum { HALVES = 2 * RL_LANES };
    int x = 0;
    if (width >= HALVES + 2 * rim) {
        RL_PLACE_WIDEN_ROW(to, from, x, rim, width, rim)
        for (; x + HALVES + rim <= width; x += HALVES) {
            rl_lanes most = rl_lanes_load(from + x);
            for (int k = 1; k <= rim; k++)
                most = RL_V(max_epu16)(most, RL_V(max_epu16)(rl_lanes_load(from + x - k),
                                                             rl_lanes_load(from + x + k)));
            rl_lanes_store(to + x, most);
        }
    }
    RL_PLACE_WIDEN_ROW(to, from, x, width, width, rim)
}

void RL_LANES_NAME(rl_upsample_init)(struct rl_upsample_fns *fns)
{
    *fns = (struct rl_upsample_fns){guided_rows8,  guided_rows16, widen,    widen_down,
                                    sharpen_cells, fit_cells,     mix_cells};
}
