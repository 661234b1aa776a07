// SPDX-License-Identifier: MIT
//
// Sixteen samples at a time. Built with -mavx2: includes nothing that holds inline code. What is
// not here, compilers make as fast from the C reference.
#include "compose/anaglyph/anaglyph.h"

#include <immintrin.h>
#include <string.h>

static __m256i load(const uint16_t *from)
{
    return _mm256_loadu_si256((const __m256i *)from);
}

static void store(void *to, __m256i value)
{
    _mm256_storeu_si256((__m256i *)to, value);
}

static void widen8(uint16_t *to, const void *from, int width, int shift)
{
    const uint8_t *samples = from;
    const __m128i count = _mm_cvtsi32_si128(shift);
    int x = 0;
    for (; x + 16 <= width; x += 16) {
        __m128i narrow = _mm_loadu_si128((const __m128i *)(samples + x));
        store(to + x, _mm256_sll_epi16(_mm256_cvtepu8_epi16(narrow), count));
    }
    for (; x < width; x++)
        to[x] = (uint16_t)(samples[x] << shift);
}

static void widen16(uint16_t *to, const void *from, int width, int shift)
{
    const uint16_t *samples = from;
    const __m128i count = _mm_cvtsi32_si128(shift);
    int x = 0;
    for (; x + 16 <= width; x += 16)
        store(to + x, _mm256_sll_epi16(load(samples + x), count));
    for (; x < width; x++)
        to[x] = (uint16_t)(samples[x] << shift);
}

static __m256i quarter_way(__m256i a, __m256i b)
{
    return _mm256_avg_epu16(a, _mm256_avg_epu16(a, b));
}

static void quarter(uint16_t *to, const uint16_t *a, const uint16_t *b, int width)
{
    for (int x = 0; x < width; x += 16)
        store(to + x, quarter_way(load(a + x), load(b + x)));
}

// even0 odd0 even1 odd1 ...
static void store_zipped(uint16_t *to, __m256i even, __m256i odd)
{
    __m256i low = _mm256_unpacklo_epi16(even, odd), high = _mm256_unpackhi_epi16(even, odd);
    store(to, _mm256_permute2x128_si256(low, high, 0x20));
    store(to + 16, _mm256_permute2x128_si256(low, high, 0x31));
}

static void up_centre(uint16_t *to, const uint16_t *from, int width)
{
    for (int x = 0; x < width; x += 16) {
        __m256i here = load(from + x);
        store_zipped(to + 2 * x, quarter_way(here, load(from + x - 1)),
                     quarter_way(here, load(from + x + 1)));
    }
}

// The even samples of 32.
static __m256i evens(const uint16_t *from)
{
    const __m256i low = _mm256_set1_epi32(0xFFFF);
    __m256i packed = _mm256_packus_epi32(_mm256_and_si256(load(from), low),
                                         _mm256_and_si256(load(from + 16), low));
    return _mm256_permute4x64_epi64(packed, 0xD8);
}

static void down_left(uint16_t *to, const uint16_t *from, int width)
{
    for (int x = 0; x < width; x += 16) {
        const uint16_t *at = from + 2 * x;
        __m256i sides = _mm256_avg_epu16(evens(at - 1), evens(at + 1));
        store(to + x, _mm256_avg_epu16(evens(at), sides));
    }
}

// Two factors for samples that lie side by side.
static __m256i pair(int16_t first, int16_t second)
{
    return _mm256_set1_epi32((int)((uint16_t)first | (uint32_t)(uint16_t)second << 16));
}

static __m256i sum3(__m256i a, __m256i b, __m256i c, const __m256i factor[3])
{
    return _mm256_add_epi32(
        _mm256_add_epi32(_mm256_madd_epi16(a, factor[0]), _mm256_madd_epi16(b, factor[1])),
        _mm256_madd_epi16(c, factor[2]));
}

static void mix(uint16_t *const rgb[3], const uint16_t *const in[6], int width,
                const struct rl_anaglyph_map *map)
{
    const __m256i centre = _mm256_set1_epi16(INT16_MIN);
    const __m128i shift = _mm_cvtsi32_si128(map->mix_shift);
    __m256i factor[3][3], bias[3];
    for (int row = 0; row < 3; row++) {
        bias[row] = _mm256_set1_epi32(map->mix_bias[row]);
        for (int i = 0; i < 3; i++)
            factor[row][i] = pair(map->mix[row][i], map->mix[row][i + 3]);
    }
    for (int x = 0; x < width; x += 16) {
        __m256i low[3], high[3];
        for (int i = 0; i < 3; i++) {
            __m256i left = _mm256_xor_si256(load(in[i] + x), centre);
            __m256i right = _mm256_xor_si256(load(in[i + 3] + x), centre);
            low[i] = _mm256_unpacklo_epi16(left, right);
            high[i] = _mm256_unpackhi_epi16(left, right);
        }
        for (int row = 0; row < 3; row++) {
            __m256i a = _mm256_add_epi32(sum3(low[0], low[1], low[2], factor[row]), bias[row]);
            __m256i b = _mm256_add_epi32(sum3(high[0], high[1], high[2], factor[row]), bias[row]);
            a = _mm256_sra_epi32(a, shift);
            b = _mm256_sra_epi32(b, shift);
            store(rgb[row] + x, _mm256_max_epi16(_mm256_packs_epi32(a, b), _mm256_setzero_si256()));
        }
    }
}

struct coder {
    __m256i red_green, blue, bias, max;
    __m128i shift;
};

static struct coder make_coder(const struct rl_anaglyph_map *map, int plane)
{
    const int16_t *factor = map->code[plane];
    return (struct coder){
        .red_green = pair(factor[0], factor[1]),
        .blue = pair(factor[2], 0),
        .bias = _mm256_set1_epi32(map->code_bias[plane]),
        .max = _mm256_set1_epi16((short)map->code_max),
        .shift = _mm_cvtsi32_si128(map->code_shift[plane]),
    };
}

static __m256i code_half(__m256i red_green, __m256i blue, const struct coder *coder)
{
    __m256i sum = _mm256_add_epi32(_mm256_madd_epi16(red_green, coder->red_green),
                                   _mm256_madd_epi16(blue, coder->blue));
    return _mm256_sra_epi32(_mm256_add_epi32(sum, coder->bias), coder->shift);
}

static __m256i code_block(const uint16_t *const rgb[3], int x, const struct coder *coder)
{
    const __m256i zero = _mm256_setzero_si256();
    __m256i red = load(rgb[0] + x), green = load(rgb[1] + x), blue = load(rgb[2] + x);
    __m256i low = code_half(_mm256_unpacklo_epi16(red, green), _mm256_unpacklo_epi16(blue, zero),
                            coder);
    __m256i high = code_half(_mm256_unpackhi_epi16(red, green), _mm256_unpackhi_epi16(blue, zero),
                             coder);
    return _mm256_min_epu16(_mm256_packus_epi32(low, high), coder->max);
}

static void code8(void *to, const uint16_t *const rgb[3], int width,
                  const struct rl_anaglyph_map *map, int plane)
{
    const struct coder coder = make_coder(map, plane);
    uint8_t *samples = to, tail[16];
    for (int x = 0; x < width; x += 16) {
        __m256i block = code_block(rgb, x, &coder);
        __m128i narrow = _mm_packus_epi16(_mm256_castsi256_si128(block),
                                          _mm256_extracti128_si256(block, 1));
        if (x + 16 <= width) {
            _mm_storeu_si128((__m128i *)(samples + x), narrow);
        } else {
            _mm_storeu_si128((__m128i *)tail, narrow);
            memcpy(samples + x, tail, (size_t)(width - x));
        }
    }
}

static void code16(void *to, const uint16_t *const rgb[3], int width,
                   const struct rl_anaglyph_map *map, int plane)
{
    const struct coder coder = make_coder(map, plane);
    uint16_t *samples = to, tail[16];
    for (int x = 0; x < width; x += 16) {
        __m256i block = code_block(rgb, x, &coder);
        if (x + 16 <= width) {
            store(samples + x, block);
        } else {
            store(tail, block);
            memcpy(samples + x, tail, (size_t)(width - x) * sizeof *tail);
        }
    }
}

void rl_anaglyph_init_avx2(struct rl_anaglyph_fns *fns)
{
    fns->widen[0] = widen8;
    fns->widen[1] = widen16;
    fns->quarter = quarter;
    fns->up_centre = up_centre;
    fns->down_left = down_left;
    fns->mix = mix;
    fns->code[0] = code8;
    fns->code[1] = code16;
}
