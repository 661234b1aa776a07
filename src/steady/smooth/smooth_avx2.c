// SPDX-License-Identifier: MIT
//
// Eight cells at a time; the order of every operation is that of carry.h.
#include "steady/smooth/carry.h"

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

static __m256 sample(const float *from, ptrdiff_t stride, __m256i at, __m256 fx, __m256 fy)
{
    return mix(between(from, at, fx), between(from + stride, at, fx), fy);
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

void rl_smooth_init_avx2(struct rl_smooth_fns *fns)
{
    fns->carry_row = carry_row;
}
