// SPDX-License-Identifier: MIT
#include "plane/sum/sum.h"

#include <immintrin.h>

static void add(uint32_t *sums, __m256i values)
{
    __m256i *to = (__m256i *)(void *)sums;
    _mm256_storeu_si256(to, _mm256_add_epi32(_mm256_loadu_si256(to), values));
}

static void add_row(uint32_t *sums, const uint8_t *row, int count)
{
    int x = 0;
    for (; x + 8 <= count; x += 8)
        add(sums + x,
            _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)&row[x])));
    for (; x < count; x++)
        sums[x] += row[x];
}

static void add_deep_row(uint32_t *sums, const uint16_t *row, int count)
{
    int x = 0;
    for (; x + 8 <= count; x += 8)
        add(sums + x,
            _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)(const void *)&row[x])));
    for (; x < count; x++)
        sums[x] += row[x];
}

void rl_sum_init_avx2(struct rl_sum_fns *fns)
{
    *fns = (struct rl_sum_fns){add_row, add_deep_row};
}
