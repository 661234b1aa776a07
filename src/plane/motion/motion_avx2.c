// SPDX-License-Identifier: MIT
//
// A patch's row is one vector. The order of every sum is that of motion.c and confidence.h.
#include "plane/motion/confidence.h"

#include <immintrin.h>

void rl_motion_init_avx2(struct rl_motion_fns *fns);

struct weights {
    __m256 w00, w01, w10, w11;
};

static struct weights weights_of(float fx, float fy)
{
    return (struct weights){_mm256_set1_ps((1 - fx) * (1 - fy)), _mm256_set1_ps(fx * (1 - fy)),
                            _mm256_set1_ps((1 - fx) * fy), _mm256_set1_ps(fx * fy)};
}

static __m256 two(const float *row, __m256 left, __m256 right)
{
    return _mm256_add_ps(_mm256_mul_ps(left, _mm256_loadu_ps(row)),
                         _mm256_mul_ps(right, _mm256_loadu_ps(row + 1)));
}

// ((0+4) + (2+6)) + ((1+5) + (3+7)), of four vectors at once.
static __m128 add_columns(__m256 a, __m256 b, __m256 c, __m256 d)
{
    __m128 fa = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    __m128 fb = _mm_add_ps(_mm256_castps256_ps128(b), _mm256_extractf128_ps(b, 1));
    __m128 fc = _mm_add_ps(_mm256_castps256_ps128(c), _mm256_extractf128_ps(c, 1));
    __m128 fd = _mm_add_ps(_mm256_castps256_ps128(d), _mm256_extractf128_ps(d, 1));
    _MM_TRANSPOSE4_PS(fa, fb, fc, fd);
    return _mm_add_ps(_mm_add_ps(fa, fc), _mm_add_ps(fb, fd));
}

static void compare(struct rl_motion_sums *sums, const float *a, const float *gx, const float *gy,
                    const float *b, ptrdiff_t stride, float fx, float fy)
{
    const struct weights w = weights_of(fx, fy);
    __m256 d = _mm256_setzero_ps(), dd = d, dgx = d, dgy = d;
    for (int y = 0; y < RL_MOTION_PATCH; y++) {
        __m256 value = _mm256_add_ps(two(b, w.w00, w.w01), two(b + stride, w.w10, w.w11));
        __m256 difference = _mm256_sub_ps(value, _mm256_loadu_ps(a));
        d = _mm256_add_ps(d, difference);
        dd = _mm256_add_ps(dd, _mm256_mul_ps(difference, difference));
        dgx = _mm256_add_ps(dgx, _mm256_mul_ps(difference, _mm256_loadu_ps(gx)));
        dgy = _mm256_add_ps(dgy, _mm256_mul_ps(difference, _mm256_loadu_ps(gy)));
        a += stride;
        gx += stride;
        gy += stride;
        b += stride;
    }
    _mm_storeu_ps(&sums->d, add_columns(d, dd, dgx, dgy));
}

static void add_to(float *sum, __m256 value)
{
    _mm256_storeu_ps(sum, _mm256_add_ps(_mm256_loadu_ps(sum), value));
}

static void spread(float *const sums[3], ptrdiff_t sums_stride, const float *a, const float *b,
                   ptrdiff_t stride, float fx, float fy, float u, float v)
{
    const struct weights w = weights_of(fx, fy);
    const __m256 one = _mm256_set1_ps(1), sign = _mm256_set1_ps(-0.0f);
    for (int y = 0; y < RL_MOTION_PATCH; y++) {
        const ptrdiff_t at = y * sums_stride;
        __m256 value = _mm256_add_ps(two(b, w.w00, w.w01), two(b + stride, w.w10, w.w11));
        __m256 difference = _mm256_andnot_ps(sign, _mm256_sub_ps(value, _mm256_loadu_ps(a)));
        __m256 weight = _mm256_div_ps(one, _mm256_max_ps(difference, one));
        add_to(sums[0] + at, weight);
        add_to(sums[1] + at, _mm256_mul_ps(weight, _mm256_set1_ps(u)));
        add_to(sums[2] + at, _mm256_mul_ps(weight, _mm256_set1_ps(v)));
        a += stride;
        b += stride;
    }
}

static __m256 all(float value)
{
    return _mm256_set1_ps(value);
}

static __m256 clamp(__m256 value, float high)
{
    return _mm256_min_ps(_mm256_max_ps(value, _mm256_setzero_ps()), all(high));
}

static __m256 abs_of(__m256 value)
{
    return _mm256_andnot_ps(all(-0.0f), value);
}

struct corners {
    __m256i left, top;
    __m256 fx, fy;
};

static __m256 sample(const float *from, ptrdiff_t stride, const struct corners *c)
{
    const __m256i at = _mm256_add_epi32(_mm256_mullo_epi32(c->top, _mm256_set1_epi32((int)stride)),
                                        c->left);
    const __m256 gx = _mm256_sub_ps(all(1), c->fx), gy = _mm256_sub_ps(all(1), c->fy);
    const __m256 above = _mm256_add_ps(_mm256_mul_ps(gx, _mm256_i32gather_ps(from, at, 4)),
                                       _mm256_mul_ps(c->fx, _mm256_i32gather_ps(from + 1, at, 4)));
    const __m256 below = _mm256_add_ps(
        _mm256_mul_ps(gx, _mm256_i32gather_ps(from + stride, at, 4)),
        _mm256_mul_ps(c->fx, _mm256_i32gather_ps(from + stride + 1, at, 4)));
    return _mm256_add_ps(_mm256_mul_ps(gy, above), _mm256_mul_ps(c->fy, below));
}

static __m256 sum_of_squares(__m256 a, __m256 b)
{
    return _mm256_add_ps(_mm256_mul_ps(a, a), _mm256_mul_ps(b, b));
}

static __m256 is_between(__m256 value, float low, float high)
{
    return _mm256_and_ps(_mm256_cmp_ps(value, all(low), _CMP_GE_OQ),
                         _mm256_cmp_ps(value, all(high), _CMP_LE_OQ));
}

static __m256 confidence_of(const struct rl_motion_pair *pair, int x, int y)
{
    const struct rl_motion_level *a = pair->a, *b = pair->b;
    const float right = (float)a->width - 1, bottom = (float)a->height - 1;
    const ptrdiff_t at = y * pair->field.stride + x, in_a = y * a->stride + x;
    const __m256 u = _mm256_loadu_ps(pair->field.dx + at);
    const __m256 v = _mm256_loadu_ps(pair->field.dy + at);
    const __m256 column = _mm256_add_ps(all((float)x), _mm256_setr_ps(0, 1, 2, 3, 4, 5, 6, 7));
    const __m256 tx = _mm256_add_ps(column, u), ty = _mm256_add_ps(all((float)y), v);
    const __m256 inside = _mm256_and_ps(is_between(tx, -.5f, right + .5f),
                                        is_between(ty, -.5f, bottom + .5f));
    const __m256 cx = clamp(tx, right - RL_CONFIDENCE_SHORT);
    const __m256 cy = clamp(ty, bottom - RL_CONFIDENCE_SHORT);
    struct corners c = {_mm256_cvttps_epi32(cx), _mm256_cvttps_epi32(cy), cx, cy};
    c.fx = _mm256_sub_ps(cx, _mm256_cvtepi32_ps(c.left));
    c.fy = _mm256_sub_ps(cy, _mm256_cvtepi32_ps(c.top));
    const __m256 ru = _mm256_add_ps(u, sample(pair->back.dx, pair->back.stride, &c));
    const __m256 rv = _mm256_add_ps(v, sample(pair->back.dy, pair->back.stride, &c));
    const __m256 slope = _mm256_add_ps(abs_of(_mm256_loadu_ps(a->gx + in_a)),
                                       abs_of(_mm256_loadu_ps(a->gy + in_a)));
    const __m256 smooth = _mm256_div_ps(all(RL_CONFIDENCE_SMOOTH2),
                                        _mm256_add_ps(all(1), _mm256_mul_ps(slope, slope)));
    const __m256 error = _mm256_div_ps(
        sum_of_squares(ru, rv),
        _mm256_add_ps(_mm256_add_ps(all(RL_CONFIDENCE_PX2), smooth),
                      _mm256_mul_ps(all(RL_CONFIDENCE_SHARE2), sum_of_squares(u, v))));
    const __m256 difference = _mm256_sub_ps(sample(b->luma, b->stride, &c),
                                            _mm256_loadu_ps(a->luma + in_a));
    const __m256 unlike = _mm256_div_ps(abs_of(difference),
                                        _mm256_add_ps(all(RL_CONFIDENCE_LUMA), slope));
    const __m256 found = _mm256_mul_ps(clamp(_mm256_sub_ps(all(1.5f), error), 1),
                                       clamp(_mm256_sub_ps(all(2), unlike), 1));
    return _mm256_and_ps(inside, found);
}

static void confidence_row(float *confidence, const struct rl_motion_pair *pair, int y)
{
    int x = 0;
    for (; x + 8 <= pair->a->width; x += 8)
        _mm256_storeu_ps(confidence + x, confidence_of(pair, x, y));
    for (; x < pair->a->width; x++)
        confidence[x] = rl_confidence_cell(pair, x, y);
}

void rl_motion_init_avx2(struct rl_motion_fns *fns)
{
    *fns = (struct rl_motion_fns){compare, spread, confidence_row};
}
