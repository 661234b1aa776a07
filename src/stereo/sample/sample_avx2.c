// SPDX-License-Identifier: MIT
#include "stereo/sample/sample.h"

#include <immintrin.h>
#include <stdbool.h>
#include <string.h>

void rl_sample_init_avx2(struct rl_sample_fns *fns);

static const __m128i *taps_of(int32_t position)
{
    return (const __m128i *)(const void *)rl_sample_taps[position & 255];
}

// The taps of two pixels, 64 bits each.
static inline __m128i taps2(const int32_t *map)
{
    __m128i first = _mm_loadl_epi64(taps_of(map[0])), next = _mm_loadl_epi64(taps_of(map[1]));
    return _mm_unpacklo_epi64(first, next);
}

// Of four, in order: single loads are faster than a gather.
static inline __m256i taps4(const int32_t *map)
{
    return _mm256_setr_m128i(taps2(map), taps2(map + 2));
}

// The four products of a pixel are added up: `a` holds those of pixels 0..3 as pairs, `b` of 4..7.
static __m256i add_up(__m256i a, __m256i b)
{
    return _mm256_permute4x64_epi64(_mm256_hadd_epi32(a, b), 0xd8);
}

// True when all four taps of all eight pixels lie within the row.
static bool is_inside(__m256i index, int width)
{
    __m256i outside = _mm256_or_si256(_mm256_cmpgt_epi32(_mm256_set1_epi32(1), index),
                                      _mm256_cmpgt_epi32(index, _mm256_set1_epi32(width - 3)));
    return _mm256_testz_si256(outside, outside);
}

static bool is_run(__m256i index)
{
    __m256i run = _mm256_add_epi32(_mm256_broadcastd_epi32(_mm256_castsi256_si128(index)),
                                   _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
    return _mm256_movemask_epi8(_mm256_cmpeq_epi32(run, index)) == -1;
}

// The four samples around each of the eight pixels, 8 bits each.
static __m256i around8(const uint8_t *from, __m256i index)
{
    if (!is_run(index))
        return _mm256_i32gather_epi32((const int *)(const void *)(from - 1), index, 1);
    int first = _mm256_cvtsi256_si32(index);
    __m128i low, high;  // eleven samples, not one more: the row may end there
    long long head;
    int tail;
    memcpy(&head, from + first - 1, 8);
    memcpy(&tail, from + first + 6, 4);
    low = _mm_cvtsi64_si128(head);
    high = _mm_cvtsi32_si128(tail);
    __m256i all = _mm256_broadcastsi128_si256(_mm_or_si128(low, _mm_slli_si128(high, 7)));
    return _mm256_shuffle_epi8(all,
                               _mm256_setr_epi8(0, 1, 2, 3, 1, 2, 3, 4, 2, 3, 4, 5, 3, 4, 5, 6, 4,
                                                5, 6, 7, 5, 6, 7, 8, 6, 7, 8, 9, 7, 8, 9, 10));
}

static __m256i rounded(__m256i sum, int bias)
{
    return _mm256_srai_epi32(_mm256_add_epi32(sum, _mm256_set1_epi32(8192 + bias)), 14);
}

static int tap(const void *from, int width, int i, bool wide)
{
    i = i < 0 ? 0 : i >= width ? width - 1 : i;
    return wide ? ((const uint16_t *)from)[i] : ((const uint8_t *)from)[i];
}

// One pixel near the row's ends.
static int one(const void *from, int width, int32_t position, int max, bool wide)
{
    const int16_t *c = rl_sample_taps[position & 255];
    int i = position >> 8, sum = 0;
    for (int k = 0; k < 4; k++)
        sum += c[k] * tap(from, width, i - 1 + k, wide);
    int value = (sum + 8192) >> 14;
    return value < 0 ? 0 : value > max ? max : value;
}

static void row8(void *to, const void *from, int width, const int32_t *map, int count, int max)
{
    uint8_t *out = to;
    for (int x = 0; x < count;) {
        __m256i position, index;
        if (x + 8 > count ||
            (position = _mm256_loadu_si256((const __m256i *)(const void *)(map + x)),
             index = _mm256_srai_epi32(position, 8), !is_inside(index, width))) {
            for (int end = x + 8 < count ? x + 8 : count; x < end; x++)
                out[x] = (uint8_t)one(from, width, map[x], max, false);
            continue;
        }
        __m256i samples = around8(from, index);
        __m256i a = _mm256_cvtepu8_epi16(_mm256_castsi256_si128(samples));
        __m256i b = _mm256_cvtepu8_epi16(_mm256_extracti128_si256(samples, 1));
        a = _mm256_madd_epi16(a, taps4(map + x));
        b = _mm256_madd_epi16(b, taps4(map + x + 4));
        __m256i value = rounded(add_up(a, b), 0);
        value = _mm256_packus_epi32(value, value);
        value = _mm256_permute4x64_epi64(_mm256_packus_epi16(value, value), 0x08);
        // Each half holds its four bytes twice.
        __m128i bytes = _mm256_castsi256_si128(value);
        bytes = _mm_shuffle_epi32(bytes, 0x08);
        _mm_storel_epi64((__m128i *)(void *)(out + x), bytes);
        x += 8;
    }
}

static void row16(void *to, const void *from, int width, const int32_t *map, int count, int max)
{
    // Samples are taken as signed, half the range below; the taps' sum puts it back.
    const __m256i half = _mm256_set1_epi16(INT16_MIN);
    const long long *base = (const long long *)(const void *)((const uint16_t *)from - 1);
    uint16_t *out = to;
    for (int x = 0; x < count;) {
        __m256i position, index;
        if (x + 8 > count ||
            (position = _mm256_loadu_si256((const __m256i *)(const void *)(map + x)),
             index = _mm256_srai_epi32(position, 8), !is_inside(index, width))) {
            for (int end = x + 8 < count ? x + 8 : count; x < end; x++)
                out[x] = (uint16_t)one(from, width, map[x], max, true);
            continue;
        }
        __m256i a = _mm256_i32gather_epi64(base, _mm256_castsi256_si128(index), 2);
        __m256i b = _mm256_i32gather_epi64(base, _mm256_extracti128_si256(index, 1), 2);
        a = _mm256_madd_epi16(_mm256_xor_si256(a, half), taps4(map + x));
        b = _mm256_madd_epi16(_mm256_xor_si256(b, half), taps4(map + x + 4));
        __m256i value = rounded(add_up(a, b), 32768 << 14);
        value = _mm256_max_epi32(value, _mm256_setzero_si256());
        value = _mm256_min_epi32(value, _mm256_set1_epi32(max));
        value = _mm256_permute4x64_epi64(_mm256_packus_epi32(value, value), 0x08);
        _mm_storeu_si128((__m128i *)(void *)(out + x), _mm256_castsi256_si128(value));
        x += 8;
    }
}

// The sum of four products for each row, of pairs in each 64 bits, by `down`.
static int64_t add_down(__m256i pairs, const int16_t down[4], int bias)
{
    __m256i factors = _mm256_cvtepi16_epi64(_mm_loadl_epi64((const __m128i *)(const void *)down));
    __m256i lines = _mm256_add_epi32(pairs, _mm256_srli_epi64(pairs, 32));
    lines = _mm256_mul_epi32(_mm256_add_epi32(lines, _mm256_set1_epi32(bias)), factors);
    __m128i sum = _mm_add_epi64(_mm256_castsi256_si128(lines), _mm256_extracti128_si256(lines, 1));
    return _mm_cvtsi128_si64(_mm_add_epi64(sum, _mm_unpackhi_epi64(sum, sum)));
}

static __m256i four_times(const int16_t across[4])
{
    return _mm256_broadcastq_epi64(_mm_loadl_epi64((const __m128i *)(const void *)across));
}

static int64_t point8(const void *from, ptrdiff_t stride, const int16_t across[4],
                      const int16_t down[4])
{
    int rows[4];
    for (int k = 0; k < 4; k++)
        memcpy(&rows[k], (const uint8_t *)from + k * stride, sizeof *rows);
    __m256i samples = _mm256_cvtepu8_epi16(_mm_setr_epi32(rows[0], rows[1], rows[2], rows[3]));
    return add_down(_mm256_madd_epi16(samples, four_times(across)), down, 0);
}

static int64_t point16(const void *from, ptrdiff_t stride, const int16_t across[4],
                       const int16_t down[4])
{
    long long rows[4];
    for (int k = 0; k < 4; k++)
        memcpy(&rows[k], (const uint8_t *)from + k * stride, sizeof *rows);
    // As in row16().
    __m256i samples = _mm256_xor_si256(_mm256_setr_epi64x(rows[0], rows[1], rows[2], rows[3]),
                                       _mm256_set1_epi16(INT16_MIN));
    return add_down(_mm256_madd_epi16(samples, four_times(across)), down, 32768 << 14);
}

void rl_sample_init_avx2(struct rl_sample_fns *fns)
{
    *fns = (struct rl_sample_fns){row8, row16, point8, point16};
}
