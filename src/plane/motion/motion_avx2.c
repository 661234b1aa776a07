// SPDX-License-Identifier: MIT
//
// A patch's row is one vector. The order of every sum is that of motion.c.
#include "plane/motion/motion.h"

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

void rl_motion_init_avx2(struct rl_motion_fns *fns)
{
    fns->compare = compare;
    fns->spread = spread;
}
