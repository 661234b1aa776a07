// SPDX-License-Identifier: MIT
//
// Built with -mavx2: includes nothing that holds inline code other than static.
//
// 8 bits: pairs of samples times pairs of taps are summed in 16 bits, the outer taps (none above
// zero) first, then the inner ones (none below) with saturation: a sum that is cut off at 32767 is
// one that comes out as 255 anyway.
#include "compose/pack/half.h"

#include <immintrin.h>

#define SAMPLE uint8_t
#define NAME(x) x##8
#include "half_tmpl.c"
#undef SAMPLE
#undef NAME

#define SAMPLE uint16_t
#define NAME(x) x##16
#include "half_tmpl.c"

enum { PAIRS = RL_HALF_TAPS / 2 };

static __m256i load(const void *from)
{
    return _mm256_loadu_si256((const __m256i *)from);
}

static void byte_taps(__m256i pairs[PAIRS], const int16_t taps[RL_HALF_TAPS])
{
    for (int k = 0; k < PAIRS; k++)
        pairs[k] = _mm256_set1_epi16(
            (short)((uint8_t)taps[2 * k] | (unsigned)(uint8_t)taps[2 * k + 1] << 8));
}

static void word_taps(__m256i pairs[PAIRS], const int16_t taps[RL_HALF_TAPS])
{
    for (int k = 0; k < PAIRS; k++)
        pairs[k] = _mm256_set1_epi32(
            (int)((uint16_t)taps[2 * k] | (uint32_t)(uint16_t)taps[2 * k + 1] << 16));
}

// Sixteen results of 16 bits from four times sixteen pairs of bytes.
static __m256i sum_bytes(const __m256i bytes[PAIRS], const __m256i taps[PAIRS])
{
    __m256i outer = _mm256_add_epi16(_mm256_maddubs_epi16(bytes[0], taps[0]),
                                     _mm256_maddubs_epi16(bytes[3], taps[3]));
    __m256i sum = _mm256_add_epi16(outer, _mm256_set1_epi16(64));
    sum = _mm256_adds_epi16(sum, _mm256_maddubs_epi16(bytes[1], taps[1]));
    sum = _mm256_adds_epi16(sum, _mm256_maddubs_epi16(bytes[2], taps[2]));
    return _mm256_srai_epi16(sum, 7);
}

// Eight results of 32 bits from four times eight pairs of centred words.
static __m256i sum_words(const __m256i words[PAIRS], const __m256i taps[PAIRS])
{
    __m256i sum = _mm256_set1_epi32(64 + (32768 << 7));
    for (int k = 0; k < PAIRS; k++)
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(words[k], taps[k]));
    return _mm256_srai_epi32(sum, 7);
}

static void across8(void *to, const void *from, int width, int from_width, int max,
                    const int16_t taps[RL_HALF_TAPS])
{
    const uint8_t *in = from;
    uint8_t *out = to;
    __m256i pairs[PAIRS];
    byte_taps(pairs, taps);
    int i = width < 2 ? width : 2;  // the first whose samples all lie in the row
    across_part8(out, in, 0, i, from_width, max, taps);
    for (; i + 16 <= width && 2 * i - RL_HALF_BEFORE + 38 <= from_width; i += 16) {
        __m256i bytes[PAIRS];
        for (int k = 0; k < PAIRS; k++)
            bytes[k] = load(in + 2 * i - RL_HALF_BEFORE + 2 * k);
        __m256i sum = sum_bytes(bytes, pairs);
        _mm_storeu_si128((__m128i *)(out + i), _mm_packus_epi16(_mm256_castsi256_si128(sum),
                                                                _mm256_extracti128_si256(sum, 1)));
    }
    across_part8(out, in, i, width, from_width, max, taps);
}

static void across16(void *to, const void *from, int width, int from_width, int max,
                     const int16_t taps[RL_HALF_TAPS])
{
    const __m256i centre = _mm256_set1_epi16(INT16_MIN);
    const __m128i most = _mm_set1_epi16((short)max);
    const uint16_t *in = from;
    uint16_t *out = to;
    __m256i pairs[PAIRS];
    word_taps(pairs, taps);
    int i = width < 2 ? width : 2;
    across_part16(out, in, 0, i, from_width, max, taps);
    for (; i + 8 <= width && 2 * i - RL_HALF_BEFORE + 22 <= from_width; i += 8) {
        __m256i words[PAIRS];
        for (int k = 0; k < PAIRS; k++)
            words[k] = _mm256_xor_si256(load(in + 2 * i - RL_HALF_BEFORE + 2 * k), centre);
        __m256i sum = sum_words(words, pairs);
        __m128i narrow = _mm_packus_epi32(_mm256_castsi256_si128(sum),
                                          _mm256_extracti128_si256(sum, 1));
        _mm_storeu_si128((__m128i *)(out + i), _mm_min_epu16(narrow, most));
    }
    across_part16(out, in, i, width, from_width, max, taps);
}

static void down8(void *to, const void *const from[RL_HALF_TAPS], int width, int max,
                  const int16_t taps[RL_HALF_TAPS])
{
    uint8_t *out = to;
    __m256i pairs[PAIRS];
    byte_taps(pairs, taps);
    int i = 0;
    for (; i + 32 <= width; i += 32) {
        __m256i low[PAIRS], high[PAIRS];
        for (int k = 0; k < PAIRS; k++) {
            __m256i a = load((const uint8_t *)from[2 * k] + i);
            __m256i b = load((const uint8_t *)from[2 * k + 1] + i);
            low[k] = _mm256_unpacklo_epi8(a, b);
            high[k] = _mm256_unpackhi_epi8(a, b);
        }
        _mm256_storeu_si256((__m256i *)(out + i),
                            _mm256_packus_epi16(sum_bytes(low, pairs), sum_bytes(high, pairs)));
    }
    down_part8(out, from, i, width, max, taps);
}

static void down16(void *to, const void *const from[RL_HALF_TAPS], int width, int max,
                   const int16_t taps[RL_HALF_TAPS])
{
    const __m256i centre = _mm256_set1_epi16(INT16_MIN), most = _mm256_set1_epi16((short)max);
    uint16_t *out = to;
    __m256i pairs[PAIRS];
    word_taps(pairs, taps);
    int i = 0;
    for (; i + 16 <= width; i += 16) {
        __m256i low[PAIRS], high[PAIRS];
        for (int k = 0; k < PAIRS; k++) {
            __m256i a = _mm256_xor_si256(load((const uint16_t *)from[2 * k] + i), centre);
            __m256i b = _mm256_xor_si256(load((const uint16_t *)from[2 * k + 1] + i), centre);
            low[k] = _mm256_unpacklo_epi16(a, b);
            high[k] = _mm256_unpackhi_epi16(a, b);
        }
        __m256i both = _mm256_packus_epi32(sum_words(low, pairs), sum_words(high, pairs));
        _mm256_storeu_si256((__m256i *)(out + i), _mm256_min_epu16(both, most));
    }
    down_part16(out, from, i, width, max, taps);
}

void rl_half_init_avx2(struct rl_half_fns *fns)
{
    *fns = (struct rl_half_fns){.across = {across8, across16}, .down = {down8, down16}};
}
