// SPDX-License-Identifier: MIT
#include "stereo/fill/seam.h"

#include "stereo/fill/outline.h"

#include <immintrin.h>

void rl_seam_init_avx2(struct rl_seam_fns *fns);

enum { BLOCK = RL_FILL_BLOCK };

static inline __m256i load16(const void *from)
{
    return _mm256_loadu_si256((const __m256i *)from);
}

// All bits where no outline lies behind a cell.
static inline __m256i is_even(const int16_t *near)
{
    const __m256i most = _mm256_set1_epi16(2 * RL_OUTLINE_STEP);
    const __m256i apart = _mm256_add_epi16(_mm256_sub_epi16(load16(near + 1), load16(near)),
                                           _mm256_set1_epi16(RL_OUTLINE_STEP));
    return _mm256_cmpeq_epi16(_mm256_min_epu16(apart, most), apart);
}

static inline __m256i load_samples(const void *row, int x, int wide)
{
    const __m128i *bytes = (const __m128i *)(const void *)((const uint8_t *)row + x);
    return wide ? load16((const uint16_t *)row + x) : _mm256_cvtepu8_epi16(_mm_loadu_si128(bytes));
}

static inline void store_samples(void *row, int x, int wide, __m256i value)
{
    if (wide) {
        _mm256_storeu_si256((__m256i *)(void *)((uint16_t *)row + x), value);
        return;
    }
    value = _mm256_permute4x64_epi64(_mm256_packus_epi16(value, value), 0x08);
    _mm_storeu_si128((__m128i *)(void *)((uint8_t *)row + x), _mm256_castsi256_si128(value));
}

// Samples with the part that they take from others. 16 bits are half the range lower on the way, as
// factors have a sign; the sum of both factors, 256, puts it back.
static inline __m256i take_part(__m256i own, __m256i other)
{
    const __m256i factors = _mm256_set1_epi32(RL_SEAM_PART << 16 | (256 - RL_SEAM_PART));
    const __m256i half_range = _mm256_set1_epi16(INT16_MIN);
    const __m256i rounding = _mm256_set1_epi32((32768 << 8) + 128);
    own = _mm256_xor_si256(own, half_range);
    other = _mm256_xor_si256(other, half_range);
    __m256i low = _mm256_madd_epi16(_mm256_unpacklo_epi16(own, other), factors);
    __m256i high = _mm256_madd_epi16(_mm256_unpackhi_epi16(own, other), factors);
    low = _mm256_srai_epi32(_mm256_add_epi32(low, rounding), 8);
    high = _mm256_srai_epi32(_mm256_add_epi32(high, rounding), 8);
    return _mm256_packus_epi32(low, high);
}

// The outlines behind the pixels x .. x + 15, of which none is the row's first or last but one. The
// last of them may change a pixel of the next block, which may have no outline.
static inline void soften_block(void *row, const int16_t *near, int x, int width, int wide)
{
    const __m256i even = is_even(near + x), even_before = is_even(near + x - 1);
    const __m256i own = load_samples(row, x, wide);
    const __m256i from_behind = take_part(own, load_samples(row, x + 1, wide));
    const __m256i from_before = take_part(own, load_samples(row, x - 1, wide));
    const __m256i takes_behind = _mm256_andnot_si256(even, even_before);
    const __m256i takes_before = _mm256_andnot_si256(even_before, even);
    const __m256i last = _mm256_setr_epi16(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1);
    const __m256i first = _mm256_setr_epi16(-1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    __m256i soft = _mm256_blendv_epi8(own, from_behind, _mm256_andnot_si256(last, takes_behind));
    soft = _mm256_blendv_epi8(soft, from_before, _mm256_andnot_si256(first, takes_before));
    store_samples(row, x, wide, soft);
    rl_seam_some(row, near, x + BLOCK - 1, x + BLOCK, width, wide);
}

static inline void soften_row(void *row, const int16_t *near, const uint64_t *outlines, int width,
                              int wide)
{
    const int blocks = (width + BLOCK - 2) / BLOCK, words = (blocks + 63) / 64;
    for (int b = rl_fill_next(outlines, 0, words); b < blocks;
         b = rl_fill_next(outlines, b + 1, words)) {
        const int x = b * BLOCK;
        if (x > 0 && x + BLOCK < width)
            soften_block(row, near, x, width, wide);
        else
            rl_seam_some(row, near, x, x + BLOCK < width ? x + BLOCK : width - 1, width, wide);
    }
}

static void any_row(void *row, const int16_t *near, const uint64_t *outlines, int width, int wide)
{
    if (wide)
        soften_row(row, near, outlines, width, 1);
    else
        soften_row(row, near, outlines, width, 0);
}

void rl_seam_init_avx2(struct rl_seam_fns *fns)
{
    *fns = (struct rl_seam_fns){any_row};
}
