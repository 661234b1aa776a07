// SPDX-License-Identifier: MIT
//
// Eight columns at a time: both samples of a point come with one gather. Built with -mavx2:
// includes nothing that holds inline code.
#include "compose/bend/bend.h"

#include <immintrin.h>
#include <string.h>

enum { UNIT = RL_BEND_UNIT, BLOCK = RL_BEND_BLOCK };

static __m256i load(const void *from)
{
    return _mm256_loadu_si256((const __m256i *)from);
}

// Two samples of 8 bits in the lower half of each element -> two of 16.
static __m256i spread(__m256i bytes)
{
    const __m256i low = _mm256_set1_epi32(0xff), high = _mm256_set1_epi32(0xff0000);
    return _mm256_or_si256(_mm256_and_si256(bytes, low),
                           _mm256_and_si256(_mm256_slli_epi32(bytes, 8), high));
}

static void put_pairs(uint32_t *here, uint32_t *above, __m256i value)
{
    _mm256_storeu_si256((__m256i *)here, value);
    _mm256_storeu_si256((__m256i *)above,
                        _mm256_or_si256(load(above), _mm256_slli_epi32(value, 16)));
}

static void across8(uint32_t *here, uint32_t *above, const void *from, const struct rl_bend *bend,
                    uint32_t black, int shift)
{
    const __m256i dark = _mm256_set1_epi32((int)black);
    const __m128i count = _mm_cvtsi32_si128(shift);
    for (int x = 0; x < bend->width; x += BLOCK) {
        __m256i sum = _mm256_mullo_epi32(load(bend->outside + x), dark);
        for (int k = 0; k < 2; k++) {
            __m256i pair = spread(_mm256_i32gather_epi32(from, load(bend->at[k] + x), 1));
            sum = _mm256_add_epi32(sum, _mm256_madd_epi16(pair, load(bend->share[k] + x)));
        }
        put_pairs(here + x, above + x, _mm256_srl_epi32(sum, count));
    }
}

// Samples less 32768 are signed, as the multiplication wants them; what that takes from the sum is
// added again.
static void across16(uint32_t *here, uint32_t *above, const void *from, const struct rl_bend *bend,
                     uint32_t black, int shift)
{
    const __m256i dark = _mm256_set1_epi32((int)black), centre = _mm256_set1_epi16(INT16_MIN);
    const __m256i all = _mm256_set1_epi32(2 * UNIT);
    const __m128i count = _mm_cvtsi32_si128(shift);
    for (int x = 0; x < bend->width; x += BLOCK) {
        const __m256i outside = load(bend->outside + x);
        __m256i sum = _mm256_add_epi32(_mm256_mullo_epi32(outside, dark),
                                       _mm256_slli_epi32(_mm256_sub_epi32(all, outside), 15));
        for (int k = 0; k < 2; k++) {
            __m256i pair = _mm256_i32gather_epi32(from, load(bend->at[k] + x), 2);
            pair = _mm256_xor_si256(pair, centre);
            sum = _mm256_add_epi32(sum, _mm256_madd_epi16(pair, load(bend->share[k] + x)));
        }
        put_pairs(here + x, above + x, _mm256_srl_epi32(sum, count));
    }
}

// The same for all blocks of a row.
struct row {
    __m256 middle, down[2];
    __m256i last, below, black, stride, half;
    __m128i out;
};

static struct row make_row(const struct rl_bend_row *row)
{
    const int last = (row->rows - 1) * UNIT, out = 14 - row->shift;
    return (struct row){
        .middle = _mm256_set1_ps(row->middle),
        .down = {_mm256_set1_ps(row->down[0]), _mm256_set1_ps(row->down[1])},
        .last = _mm256_set1_epi32(last),
        .below = _mm256_set1_epi32(last + UNIT / 2),
        .black = _mm256_set1_epi32((int)(row->black * 2 * UNIT * UNIT >> row->shift)),
        .stride = _mm256_set1_epi32((int)row->stride),
        .half = _mm256_set1_epi32(1 << (out - 1)),
        .out = _mm_cvtsi32_si128(out),
    };
}

static __m256i point(const uint32_t *pairs, const struct row *row, __m256 down, __m256 secant)
{
    const __m256i above = _mm256_set1_epi32(-UNIT / 2 - 1), zero = _mm256_setzero_si256();
    const __m256i v = _mm256_cvttps_epi32(_mm256_add_ps(row->middle, _mm256_mul_ps(down, secant)));
    const __m256i seen = _mm256_and_si256(_mm256_cmpgt_epi32(v, above),
                                          _mm256_cmpgt_epi32(row->below, v));
    const __m256i inside = _mm256_min_epi32(_mm256_max_epi32(v, zero), row->last);
    const __m256i b = _mm256_and_si256(inside, _mm256_set1_epi32(UNIT - 1));
    const __m256i share = _mm256_add_epi32(_mm256_sub_epi32(_mm256_set1_epi32(UNIT), b),
                                           _mm256_slli_epi32(b, 16));
    const __m256i column = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    const __m256i at = _mm256_add_epi32(
        _mm256_mullo_epi32(_mm256_srli_epi32(inside, 6), row->stride), column);
    const __m256i pair = _mm256_i32gather_epi32((const int *)pairs, at, 4);
    return _mm256_blendv_epi8(row->black, _mm256_madd_epi16(pair, share), seen);
}

// Eight samples of 16 bits; blocks of which nothing is seen are frequent, but cost little less.
static __m128i block(const struct rl_bend *bend, const struct rl_bend_row *from,
                     const struct row *row, int x)
{
    const __m256 secant = _mm256_loadu_ps(bend->secant + x);
    __m256i sum = _mm256_add_epi32(row->half, point(from->pairs + x, row, row->down[0], secant));
    sum = _mm256_add_epi32(sum, point(from->pairs + x, row, row->down[1], secant));
    sum = _mm256_srl_epi32(sum, row->out);
    return _mm_packus_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
}

static void down8(void *to, const struct rl_bend *bend, const struct rl_bend_row *from)
{
    const struct row row = make_row(from);
    for (int x = 0; x < bend->width; x += BLOCK) {
        const __m128i samples = block(bend, from, &row, x);
        const int64_t bytes = _mm_cvtsi128_si64(_mm_packus_epi16(samples, samples));
        const int count = bend->width - x < BLOCK ? bend->width - x : BLOCK;
        memcpy((uint8_t *)to + x, &bytes, (size_t)count);
    }
}

static void down16(void *to, const struct rl_bend *bend, const struct rl_bend_row *from)
{
    const struct row row = make_row(from);
    uint16_t *samples = to, tail[BLOCK];
    int x = 0;
    for (; x + BLOCK <= bend->width; x += BLOCK)
        _mm_storeu_si128((__m128i *)(samples + x), block(bend, from, &row, x));
    if (x == bend->width)
        return;
    _mm_storeu_si128((__m128i *)tail, block(bend, from, &row, x));
    memcpy(samples + x, tail, (size_t)(bend->width - x) * sizeof *tail);
}

void rl_bend_init_avx2(struct rl_bend_fns *fns)
{
    fns->across[0] = across8;
    fns->across[1] = across16;
    fns->down[0] = down8;
    fns->down[1] = down16;
}
