// SPDX-License-Identifier: MIT
//
// Eight pixels at a time; tables are read by gathering two entries, of which one counts. Built with
// -mavx2: includes nothing that holds inline code.
#include "compose/glow/glow.h"

#include <immintrin.h>
#include <stddef.h>

enum { BLOCK = 8, MOST = RL_GLOW_CODES - 1, BRIGHTEST = RL_GLOW_LIGHTS - 1 };

// Eight samples of 16 bits as numbers of 32.
static __m256i load(const uint16_t *from)
{
    const __m256i wide = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)from));
    return _mm256_and_si256(wide, _mm256_set1_epi32(MOST));
}

static void store(uint16_t *to, __m256i value)
{
    const __m128i low = _mm256_castsi256_si128(value), high = _mm256_extracti128_si256(value, 1);
    _mm_storeu_si128((__m128i *)to, _mm_packus_epi32(low, high));
}

// The entries of a table, in the lower halves; the upper ones hold what stands behind.
static __m256i look_up(const uint16_t *table, __m256i at)
{
    return _mm256_i32gather_epi32((const int *)(const void *)table, at, 2);
}

static __m256i low_half(__m256i value)
{
    return _mm256_and_si256(value, _mm256_set1_epi32(0xffff));
}

static __m256i clip(__m256i value, int most)
{
    return _mm256_min_epi32(_mm256_max_epi32(value, _mm256_setzero_si256()),
                            _mm256_set1_epi32(most));
}

// One eye's part of one colour. Light less 32768 is signed, as the multiplication wants it; `bias`
// adds what that takes away, and the half.
struct factors {
    __m256i red_green, blue, bias;
};

static struct factors make_factors(const int32_t factor[3])
{
    const int32_t half = 1 << (RL_GLOW_FRACTION - 1);
    return (struct factors){
        _mm256_set1_epi32((int)((uint32_t)(factor[0] & 0xffff) | (uint32_t)factor[1] << 16)),
        _mm256_set1_epi32(factor[2] & 0xffff),
        _mm256_set1_epi32((factor[0] + factor[1] + factor[2]) * 32768 + half),
    };
}

static __m256i share(const struct factors *f, __m256i red_green, __m256i blue)
{
    __m256i sum = _mm256_add_epi32(_mm256_madd_epi16(red_green, f->red_green),
                                   _mm256_madd_epi16(blue, f->blue));
    sum = _mm256_srai_epi32(_mm256_add_epi32(sum, f->bias), RL_GLOW_FRACTION);
    return clip(sum, BRIGHTEST);
}

static void mix(const struct rl_glow *glow, uint16_t *const rgb[3], const uint16_t *const in[6],
                int width)
{
    const __m256i centre = _mm256_set1_epi16(INT16_MIN);
    struct factors factors[3][2];
    for (int row = 0; row < 3; row++)
        for (int eye = 0; eye < 2; eye++)
            factors[row][eye] = make_factors(glow->matrix[row] + (ptrdiff_t)3 * eye);
    for (int x = 0; x < width; x += BLOCK) {
        __m256i red_green[2], blue[2];
        for (int eye = 0; eye < 2; eye++) {
            const uint16_t *const *rows = in + (ptrdiff_t)3 * eye;
            __m256i red = low_half(look_up(glow->to_light, load(rows[0] + x)));
            __m256i green = _mm256_slli_epi32(look_up(glow->to_light, load(rows[1] + x)), 16);
            red_green[eye] = _mm256_xor_si256(_mm256_or_si256(red, green), centre);
            blue[eye] = _mm256_xor_si256(look_up(glow->to_light, load(rows[2] + x)), centre);
        }
        for (int row = 0; row < 3; row++) {
            __m256i light = _mm256_add_epi32(share(&factors[row][0], red_green[0], blue[0]),
                                             share(&factors[row][1], red_green[1], blue[1]));
            light = _mm256_min_epi32(light, _mm256_set1_epi32(BRIGHTEST));
            store(rgb[row] + x, low_half(look_up(glow->to_code, light)));
        }
    }
}

static __m256i raised(__m256i value, __m256i red, int part)
{
    __m256i more = _mm256_max_epi32(_mm256_sub_epi32(red, value), _mm256_setzero_si256());
    // Both factors have 15 bits.
    more = _mm256_add_epi32(_mm256_madd_epi16(more, _mm256_set1_epi32(part)),
                            _mm256_set1_epi32(16384));
    return _mm256_min_epi32(_mm256_add_epi32(value, _mm256_srai_epi32(more, 15)),
                            _mm256_set1_epi32(MOST));
}

static void lift(const struct rl_glow *glow, uint16_t *const rgb[3], const uint16_t *const in[6],
                 int width)
{
    const int for_green = 14746, for_blue = 8192;
    for (int x = 0; x < width; x += BLOCK) {
        const __m256i red = load(in[0] + x), other_red = load(in[3] + x);
        const __m256i green = raised(load(in[1] + x), red, for_green);
        __m256i sum = _mm256_add_epi32(_mm256_add_epi32(green, green), green);
        sum = _mm256_add_epi32(sum, raised(load(in[2] + x), red, for_blue));
        sum = _mm256_srli_epi32(_mm256_add_epi32(sum, _mm256_set1_epi32(2)), 2);
        store(rgb[0] + x, low_half(look_up(glow->to_code, sum)));
        store(rgb[1] + x, raised(load(in[4] + x), other_red, for_green));
        store(rgb[2] + x, raised(load(in[5] + x), other_red, for_blue));
    }
}

void rl_glow_init_avx2(struct rl_glow_fns *fns)
{
    fns->mix = mix;
    fns->lift = lift;
}
