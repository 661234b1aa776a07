// SPDX-License-Identifier: MIT
#include "stereo/upsample/upsample.h"

#include "stereo/upsample/upsample_place.h"

#include <immintrin.h>

void rl_upsample_init_avx2(struct rl_upsample_fns *fns);

// Eight pixels see at most eight cells from the first one's on, as a cell is 1.5 pixels or wider:
// one load a field, and two permutations of it.
static __m256i guided8(__m256 place, __m256 brightness, float *const fields[4], int cells)
{
    const __m256i zero = _mm256_setzero_si256(), last = _mm256_set1_epi32(cells - 1);
    __m256 floor = _mm256_floor_ps(place), part = _mm256_sub_ps(place, floor), at[4];
    __m256i left = _mm256_cvttps_epi32(floor);
    __m256i i = _mm256_min_epi32(_mm256_max_epi32(left, zero), last);
    __m256i j = _mm256_add_epi32(left, _mm256_set1_epi32(1));
    j = _mm256_min_epi32(_mm256_max_epi32(j, zero), last);
    int first = _mm256_cvtsi256_si32(i);
    i = _mm256_sub_epi32(i, _mm256_set1_epi32(first));
    j = _mm256_sub_epi32(j, _mm256_set1_epi32(first));
    for (int k = 0; k < 4; k++) {
        __m256 near = _mm256_loadu_ps(fields[k] + first);
        __m256 a = _mm256_permutevar8x32_ps(near, i), b = _mm256_permutevar8x32_ps(near, j);
        at[k] = _mm256_add_ps(a, _mm256_mul_ps(_mm256_sub_ps(b, a), part));
    }
    __m256 middle = _mm256_mul_ps(_mm256_add_ps(at[2], at[3]), _mm256_set1_ps(0.5f));
    __m256 d = _mm256_add_ps(_mm256_mul_ps(at[0], brightness), at[1]);
    d = _mm256_mul_ps(_mm256_sub_ps(d, middle), _mm256_set1_ps(RL_UPSAMPLE_CONTRAST));
    d = _mm256_min_ps(_mm256_max_ps(_mm256_add_ps(middle, d), at[2]), at[3]);
    d = _mm256_add_ps(_mm256_mul_ps(d, _mm256_set1_ps(65535)), _mm256_set1_ps(0.5f));
    return _mm256_cvttps_epi32(d);
}

// rl_place() of x .. x + 7.
static __m256 places(int x, int width, int cells)
{
    __m256i at = _mm256_add_epi32(_mm256_set1_epi32(x), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
    __m256 centre = _mm256_add_ps(_mm256_cvtepi32_ps(at), _mm256_set1_ps(0.5f));
    centre = _mm256_mul_ps(centre, _mm256_set1_ps((float)cells));
    return _mm256_sub_ps(_mm256_div_ps(centre, _mm256_set1_ps((float)width)), _mm256_set1_ps(0.5f));
}

static void store8(uint16_t *to, __m256i depth)
{
    __m256i packed = _mm256_permute4x64_epi64(_mm256_packus_epi32(depth, depth), 0x08);
    _mm_storeu_si128((__m128i *)(void *)to, _mm256_castsi256_si128(packed));
}

static void guided_row8(uint16_t *to, const uint8_t *luma, int width, float scale,
                        float *const fields[RL_UPSAMPLE_FIELDS], int cells)
{
    int x = 0;
    for (; x + 8 <= width; x += 8) {
        __m128i samples = _mm_loadl_epi64((const __m128i *)(const void *)(luma + x));
        __m256 brightness = _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(samples));
        brightness = _mm256_mul_ps(brightness, _mm256_set1_ps(scale));
        store8(to + x, guided8(places(x, width, cells), brightness, fields, cells));
    }
    RL_PLACE_GUIDED_ROW(to, luma, x, width, scale, fields, cells)
}

static void guided_row16(uint16_t *to, const uint16_t *luma, int width, float scale,
                         float *const fields[RL_UPSAMPLE_FIELDS], int cells)
{
    int x = 0;
    for (; x + 8 <= width; x += 8) {
        __m128i samples = _mm_loadu_si128((const __m128i *)(const void *)(luma + x));
        __m256 brightness = _mm256_cvtepi32_ps(_mm256_cvtepu16_epi32(samples));
        brightness = _mm256_mul_ps(brightness, _mm256_set1_ps(scale));
        store8(to + x, guided8(places(x, width, cells), brightness, fields, cells));
    }
    RL_PLACE_GUIDED_ROW(to, luma, x, width, scale, fields, cells)
}

static __m256i load16(const uint16_t *from)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)from);
}

static void widen(uint16_t *restrict to, const uint16_t *restrict from, int width)
{
    int x = 0;
    if (width > 17) {
        RL_PLACE_WIDEN_ROW(to, from, x, 1)
        to[0] = rl_place_larger(to[0], from[1]);
        for (; x + 17 <= width; x += 16) {
            __m256i most = _mm256_max_epu16(load16(from + x - 1), load16(from + x));
            most = _mm256_max_epu16(most, load16(from + x + 1));
            _mm256_storeu_si256((__m256i *)(void *)(to + x), most);
        }
    }
    RL_PLACE_WIDEN_ROW(to, from, x, width)
}

void rl_upsample_init_avx2(struct rl_upsample_fns *fns)
{
    *fns = (struct rl_upsample_fns){guided_row8, guided_row16, widen};
}
