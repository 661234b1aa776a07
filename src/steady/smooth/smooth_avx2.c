// SPDX-License-Identifier: MIT
//
// Eight cells at a time; the order of every operation is that of carry.h, cells.h and smooth.c.
#include "steady/smooth/carry.h"
#include "steady/smooth/cells.h"

#include <immintrin.h>

void rl_smooth_init_avx2(struct rl_smooth_fns *fns);

static __m256 clamp(__m256 value, float high)
{
    return _mm256_min_ps(_mm256_max_ps(value, _mm256_setzero_ps()), _mm256_set1_ps(high));
}

static __m256 mix(__m256 a, __m256 b, __m256 f)
{
    return _mm256_add_ps(a, _mm256_mul_ps(_mm256_sub_ps(b, a), f));
}

static __m256 between(const float *from, __m256i at, __m256 f)
{
    return mix(_mm256_i32gather_ps(from, at, 4), _mm256_i32gather_ps(from + 1, at, 4), f);
}

// The whole part, at most `last`; what is left of the value goes into *f.
static __m256i split(__m256 value, int last, __m256 *f)
{
    const __m256i whole = _mm256_min_epi32(_mm256_cvttps_epi32(value), _mm256_set1_epi32(last));
    *f = _mm256_sub_ps(value, _mm256_cvtepi32_ps(whole));
    return whole;
}

// Four pairs of neighbours: half as many reads as one by one.
static __m256 pairs(const float *from, __m128i at)
{
    return _mm256_castpd_ps(_mm256_i32gather_pd((const double *)(const void *)from, at, 4));
}

// between(), where both neighbours are always there.
static __m256 between_pairs(const float *from, __m256i at, __m256 f)
{
    const __m256 low = pairs(from, _mm256_castsi256_si128(at));
    const __m256 high = pairs(from, _mm256_extracti128_si256(at, 1));
    const __m256d left = _mm256_castps_pd(_mm256_shuffle_ps(low, high, 0x88));
    const __m256d right = _mm256_castps_pd(_mm256_shuffle_ps(low, high, 0xdd));
    return mix(_mm256_castpd_ps(_mm256_permute4x64_pd(left, 0xd8)),
               _mm256_castpd_ps(_mm256_permute4x64_pd(right, 0xd8)), f);
}

static __m256 sample(const float *from, ptrdiff_t stride, __m256i at, __m256 fx, __m256 fy)
{
    return mix(between_pairs(from, at, fx), between_pairs(from + stride, at, fx), fy);
}

static void carry_cells(struct rl_carried to, const struct rl_memory *from,
                        const struct rl_carry_motion *motion, int x, int y)
{
    const __m256 column = _mm256_add_ps(_mm256_set1_ps((float)x),
                                        _mm256_setr_ps(0, 1, 2, 3, 4, 5, 6, 7));
    const __m256 half = _mm256_set1_ps(.5f), sign = _mm256_set1_ps(-0.0f);
    __m256 f, fx, fy;
    const __m256 mx = _mm256_sub_ps(
        _mm256_mul_ps(_mm256_add_ps(column, half), _mm256_set1_ps(motion->cells)), half);
    const __m256i at = split(clamp(mx, (float)(motion->last + 1)), motion->last, &f);
    const __m256 dx = between(motion->dx, at, f), dy = between(motion->dy, at, f);
    const __m256i left = split(clamp(_mm256_add_ps(column, dx), (float)(from->width - 1)),
                               from->width - 2, &fx);
    const __m256i top = split(
        clamp(_mm256_add_ps(_mm256_set1_ps((float)y), dy), (float)(from->height - 1)),
        from->height - 2, &fy);
    const __m256i corner = _mm256_add_epi32(
        _mm256_mullo_epi32(top, _mm256_set1_epi32((int)from->stride)), left);
    const __m256 moved = _mm256_add_ps(_mm256_andnot_ps(sign, dx), _mm256_andnot_ps(sign, dy));
    const __m256 age = _mm256_add_ps(
        _mm256_set1_ps(1), _mm256_div_ps(_mm256_mul_ps(_mm256_set1_ps(RL_SMOOTH_FADE), moved),
                                         _mm256_set1_ps((float)from->width)));
    _mm256_storeu_ps(to.trust + x, between(motion->trust, at, f));
    _mm256_storeu_ps(to.depth + x, sample(from->depth, from->stride, corner, fx, fy));
    _mm256_storeu_ps(to.count + x,
                     _mm256_div_ps(sample(from->count, from->stride, corner, fx, fy), age));
    _mm256_storeu_ps(to.luma + x, sample(from->luma, from->stride, corner, fx, fy));
}

static void carry_row(struct rl_carried to, const struct rl_memory *from,
                      const struct rl_motion_view *motion, int y)
{
    struct rl_carry_motion row;
    int x = 0;
    rl_smooth_motion_row(&row, from, motion, y);
    for (; x + 8 <= from->width; x += 8)
        carry_cells(to, from, &row, x, y);
    for (; x < from->width; x++)
        rl_carry_cell(to, from, &row, x, y);
}

static __m256 load(const float *from)
{
    return _mm256_loadu_ps(from);
}

static __m256 all(float value)
{
    return _mm256_set1_ps(value);
}

static __m256 abs_of(__m256 value)
{
    return _mm256_andnot_ps(all(-0.0f), value);
}

static void trust_row(float *trust, const float *carried, const float *luma, const float *above,
                      const float *below, int width, struct rl_light light, float tolerance)
{
    const struct rl_cell_luma rows = {luma, above, below, width};
    int x = 0;
    if (width)
        trust[x] = rl_cell_trust(trust[x], carried[x], rows, x, light, tolerance);
    for (x = 1; x + 9 <= width; x += 8) {
        const __m256 across = _mm256_sub_ps(load(luma + x + 1), load(luma + x - 1));
        const __m256 down = _mm256_sub_ps(load(below + x), load(above + x));
        const __m256 slope = _mm256_mul_ps(_mm256_add_ps(abs_of(across), abs_of(down)), all(.5f));
        const __m256 lit = _mm256_add_ps(_mm256_mul_ps(all(light.gain), load(carried + x)),
                                         all(light.offset));
        const __m256 unlike = abs_of(_mm256_sub_ps(load(luma + x), lit));
        const __m256 alike = _mm256_sub_ps(
            all(2), _mm256_div_ps(unlike, _mm256_add_ps(all(tolerance), slope)));
        _mm256_storeu_ps(trust + x, _mm256_mul_ps(load(trust + x), clamp(alike, 1)));
    }
    for (; x < width; x++)
        trust[x] = rl_cell_trust(trust[x], carried[x], rows, x, light, tolerance);
}

// Like smooth.c's: columns four places ahead, overwritten from the left. Two places before the
// first column hold it again.
static void least_row(float *to, const float *const rows[5], int width)
{
    float *column = to + 4;
    int x = 0;
    for (; x + 8 <= width; x += 8) {
        const __m256 above = _mm256_min_ps(_mm256_min_ps(load(rows[0] + x), load(rows[1] + x)),
                                           load(rows[2] + x));
        const __m256 below = _mm256_min_ps(load(rows[3] + x), load(rows[4] + x));
        _mm256_storeu_ps(column + x, _mm256_min_ps(above, below));
    }
    for (; x < width; x++)
        column[x] = rl_cell_least(rl_cell_least(rl_cell_least(rows[0][x], rows[1][x]), rows[2][x]),
                                  rl_cell_least(rows[3][x], rows[4][x]));
    const float last = column[width - 1];
    to[2] = to[3] = column[0];
    for (x = 0; x + 10 <= width; x += 8) {
        const __m256 left = _mm256_min_ps(_mm256_min_ps(load(to + x + 2), load(to + x + 3)),
                                          load(to + x + 4));
        const __m256 right = _mm256_min_ps(load(to + x + 5), load(to + x + 6));
        _mm256_storeu_ps(to + x, _mm256_min_ps(left, right));
    }
    for (float a = to[x + 2], b = to[x + 3]; x < width; x++) {
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
    int x = 0;
    for (; x + 8 <= width; x += 8) {
        const __m256 above = _mm256_add_ps(_mm256_add_ps(load(rows[0] + x), load(rows[1] + x)),
                                           load(rows[2] + x));
        const __m256 below = _mm256_add_ps(load(rows[3] + x), load(rows[4] + x));
        _mm256_storeu_ps(column + x, _mm256_mul_ps(_mm256_add_ps(above, below), all(.04f)));
    }
    for (; x < width; x++)
        column[x] = (((rows[0][x] + rows[1][x]) + rows[2][x]) + (rows[3][x] + rows[4][x])) * .04f;
    const float last = column[width - 1];
    to[2] = to[3] = column[0];
    for (x = 0; x + 10 <= width; x += 8) {
        const __m256 left = _mm256_add_ps(_mm256_add_ps(load(to + x + 2), load(to + x + 3)),
                                          load(to + x + 4));
        const __m256 right = _mm256_add_ps(load(to + x + 5), load(to + x + 6));
        _mm256_storeu_ps(to + x, _mm256_add_ps(left, right));
    }
    for (float a = to[x + 2], b = to[x + 3]; x < width; x++) {
        const float c = column[x], d = x + 1 < width ? column[x + 1] : last;
        const float e = x + 2 < width ? column[x + 2] : last;
        to[x] = ((a + b) + c) + (d + e);
        a = b;
        b = c;
    }
}

static void blend_cells(float *depth, float *count, const float *const a[3], const float *own,
                        struct rl_carried w, int x, const struct rl_smooth_how *how)
{
    __m256 least = load(a[0] + x - 1), most = least;
    for (int i = 0; i < 3; i++) {
        const __m256 left = load(a[i] + x - 1), here = load(a[i] + x), right = load(a[i] + x + 1);
        least = _mm256_min_ps(least, _mm256_min_ps(left, _mm256_min_ps(here, right)));
        most = _mm256_max_ps(most, _mm256_max_ps(left, _mm256_max_ps(here, right)));
    }
    const __m256 trust = load(w.trust + x), now = load(a[1] + x);
    const __m256 slack = _mm256_add_ps(
        all(how->slack[0]),
        _mm256_mul_ps(all(how->slack[1] - how->slack[0]), _mm256_mul_ps(trust, trust)));
    const __m256 known = _mm256_min_ps(
        _mm256_max_ps(load(w.depth + x), _mm256_sub_ps(least, slack)), _mm256_add_ps(most, slack));
    const __m256 n = _mm256_mul_ps(load(w.count + x), trust);
    const __m256 sum = _mm256_add_ps(n, load(own + x));
    const __m256 share = _mm256_div_ps(n, _mm256_max_ps(sum, all(RL_SMOOTH_NOTHING)));
    _mm256_storeu_ps(depth + x,
                     _mm256_add_ps(now, _mm256_mul_ps(_mm256_sub_ps(known, now), share)));
    _mm256_storeu_ps(count + x, _mm256_min_ps(sum, all(how->most)));
}

static void blend_row(float *depth, float *count, const float *const a[3], const float *own,
                      struct rl_carried w, int width, const struct rl_smooth_how *how)
{
    int x = 0;
    if (width)
        rl_cell_blend(depth, count, a, own, w, x, width, how);
    for (x = 1; x + 9 <= width; x += 8)
        blend_cells(depth, count, a, own, w, x, how);
    for (; x < width; x++)
        rl_cell_blend(depth, count, a, own, w, x, width, how);
}

static __m256 share_of(__m256 count, float way)
{
    const __m256 known = _mm256_div_ps(count, _mm256_add_ps(count, all(1)));
    return _mm256_add_ps(_mm256_mul_ps(all(way), known), all(1e-6f));
}

static void mix_row(float *depth, float *count, struct rl_carried w, int width, float behind)
{
    int x = 0;
    for (; x + 8 <= width; x += 8) {
        const __m256 there = _mm256_mul_ps(load(w.count + x), load(w.trust + x));
        const __m256 here = load(count + x), before = load(depth + x);
        const __m256 weight = share_of(there, behind), other = share_of(here, 1 - behind);
        const __m256 share = _mm256_div_ps(weight, _mm256_add_ps(weight, other));
        const __m256 way = _mm256_sub_ps(load(w.depth + x), before);
        _mm256_storeu_ps(depth + x, _mm256_add_ps(before, _mm256_mul_ps(way, share)));
        _mm256_storeu_ps(count + x, _mm256_max_ps(here, there));
    }
    for (; x < width; x++)
        rl_cell_mix(depth, count, w, x, behind);
}

static __m256 bend(__m256 beyond, float by)
{
    const __m256 x = _mm256_mul_ps(_mm256_max_ps(beyond, all(0)), all(1 / RL_SMOOTH_KNEE));
    const __m256 bent = _mm256_div_ps(x, _mm256_add_ps(all(1), _mm256_mul_ps(all(by), x)));
    return _mm256_mul_ps(_mm256_min_ps(bent, all(1)), all(RL_SMOOTH_KNEE));
}

static void finish_row(float *d, const float *depth, int width, const struct rl_smooth_finish *how)
{
    const __m256 low = all(RL_SMOOTH_KNEE), high = all(1 - RL_SMOOTH_KNEE);
    int x = 0;
    for (; x + 8 <= width; x += 8) {
        const __m256 value = _mm256_mul_ps(_mm256_sub_ps(load(depth + x), all(how->far)),
                                           all(how->scale));
        const __m256 middle = _mm256_min_ps(_mm256_max_ps(value, low), high);
        const __m256 near = bend(_mm256_sub_ps(value, high), how->bend_near);
        const __m256 far = bend(_mm256_sub_ps(low, value), how->bend_far);
        const __m256 is_number = _mm256_cmp_ps(value, value, _CMP_ORD_Q);
        _mm256_storeu_ps(d + x,
                         _mm256_and_ps(is_number, _mm256_sub_ps(_mm256_add_ps(middle, near), far)));
    }
    for (; x < width; x++)
        d[x] = rl_cell_finish(depth[x], how);
}

void rl_smooth_init_avx2(struct rl_smooth_fns *fns)
{
    *fns = (struct rl_smooth_fns){carry_row, trust_row, least_row, mean_row,
                                  blend_row, mix_row,   finish_row};
}
