// SPDX-License-Identifier: MIT
//
// For AVX2 and for AVX-512, see base/lanes.h.
#include "base/lanes.h"
#include "stereo/sample/sample.h"

#include <stdbool.h>
#include <string.h>

void RL_LANES_NAME(rl_sample_init)(struct rl_sample_fns *fns);

// Two numbers of 16 bits in each lane: of samples or coefficients, the first and the fourth, and
// the second and the third.
struct taps {
    rl_lanes outer, inner;
};

// rl_sample_taps[position & 255], by its formula: with g = 256 - f, LEFT is 3 f g g / 4096 and
// RIGHT 3 f f g / 4096, rounded; the inner ones are 64 g + 2 LEFT - RIGHT and 64 f + 2 RIGHT -
// LEFT. The outer ones come without their sign.
static inline struct taps taps_at(rl_lanes position)
{
    const rl_lanes f = RL_V_BITS(and)(position, rl_lanes_all(255));
    const rl_lanes g_f = RL_V(add_epi32)(RL_V(sub_epi32)(RL_V(slli_epi32)(f, 16), f),
                                         rl_lanes_all(256));
    const rl_lanes fg = RL_V(mullo_epi16)(g_f, rl_lanes_swap(g_f));
    const rl_lanes three = RL_V(mullo_epi16)(g_f, RL_V(set1_epi16)(3 * 32768 / 4096));
    const rl_lanes outer = RL_V(mulhrs_epi16)(fg, three);  // a product / 32768, rounded
    const rl_lanes twice = RL_V(add_epi16)(outer, outer);
    const rl_lanes inner = RL_V(add_epi16)(RL_V(slli_epi16)(g_f, 6), twice);
    return (struct taps){outer, RL_V(sub_epi16)(inner, rl_lanes_swap(outer))};
}

// Where the pixels of all lanes look, each at the samples index - 1 .. index + 2, and whether few
// loads hold all of them.
struct places {
    rl_lanes index, among;
    bool is_near;
};

#ifdef __AVX512BW__

enum { LOADED = 32 };  // samples

RL_LANES_INLINE struct places find_places(rl_lanes index, int width, bool wide)
{
    (void)wide;
    const __m128i low = _mm512_castsi512_si128(index);
    const int first = _mm_cvtsi128_si32(low) - 1;
    const rl_lanes among = _mm512_sub_epi32(index, _mm512_broadcastd_epi32(low));
    const rl_lanes fits = _mm512_min_epu32(among, rl_lanes_all(LOADED - 4));
    return (struct places){index, among,
                           first >= 0 && first + LOADED <= width &&
                               rl_mask_bits(rl_lanes_equal(fits, among)) == RL_LANES_ALL};
}

// One load, from the sample before the first lane's on.
RL_LANES_INLINE struct taps load_near(const void *row, const struct places *places, bool wide)
{
    const ptrdiff_t first = _mm512_cvtsi512_si32(places->index) - 1;
    const uint8_t *from = (const uint8_t *)row + (wide ? 2 * first : first);
    const rl_lanes loaded = wide ? rl_lanes_load(from)
                                 : _mm512_cvtepu8_epi16(
                                       _mm256_loadu_si256((const __m256i *)(const void *)from));
    const rl_lanes at = _mm512_or_si512(places->among, _mm512_slli_epi32(places->among, 16));
    return (struct taps){
        _mm512_permutexvar_epi16(_mm512_add_epi32(at, rl_lanes_all(3 << 16)), loaded),
        _mm512_permutexvar_epi16(_mm512_add_epi32(at, rl_lanes_all(2 << 16 | 1)), loaded)};
}

static inline rl_lanes gather(const void *from, rl_lanes index, bool wide)
{
    return wide ? _mm512_i32gather_epi32(index, from, 2) : _mm512_i32gather_epi32(index, from, 1);
}

#else

enum { LOADED_BYTES = 16 };  // for each half of the lanes

static inline int first_of_half(rl_lanes index, int half)
{
    return (half ? _mm256_extract_epi32(index, 4) : _mm256_cvtsi256_si32(index)) - 1;
}

RL_LANES_INLINE struct places find_places(rl_lanes index, int width, bool wide)
{
    const int loaded = wide ? LOADED_BYTES / 2 : LOADED_BYTES;
    const int low = first_of_half(index, 0), high = first_of_half(index, 1);
    const rl_lanes among = _mm256_sub_epi32(index, _mm256_shuffle_epi32(index, 0));
    const rl_lanes fits = _mm256_min_epu32(among, rl_lanes_all(loaded - 4));
    return (struct places){index, among,
                           low >= 0 && high >= 0 && low + loaded <= width &&
                               high + loaded <= width &&
                               rl_mask_bits(rl_lanes_equal(fits, among)) == RL_LANES_ALL};
}

// A load for each half, from the sample before its first lane's on.
RL_LANES_INLINE struct taps load_near(const void *row, const struct places *places, bool wide)
{
    const ptrdiff_t low = first_of_half(places->index, 0), high = first_of_half(places->index, 1);
    const rl_lanes each = _mm256_setr_epi8(0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8, 12, 12, 12, 12, 0, 0,
                                           0, 0, 4, 4, 4, 4, 8, 8, 8, 8, 12, 12, 12, 12);
    const uint8_t *from = row;
    const rl_lanes loaded = _mm256_setr_m128i(
        _mm_loadu_si128((const __m128i *)(const void *)(from + (wide ? 2 * low : low))),
        _mm_loadu_si128((const __m128i *)(const void *)(from + (wide ? 2 * high : high))));
    const rl_lanes bytes = wide ? _mm256_add_epi32(places->among, places->among) : places->among;
    const rl_lanes at = _mm256_shuffle_epi8(bytes, each);
    // Bytes of which bit 7 is set become 0.
    const rl_lanes outer = rl_lanes_all(wide ? 0x07060100 : (int)0x80038000);
    const rl_lanes inner = rl_lanes_all(wide ? 0x05040302 : (int)0x80028001);
    return (struct taps){_mm256_shuffle_epi8(loaded, _mm256_add_epi8(at, outer)),
                         _mm256_shuffle_epi8(loaded, _mm256_add_epi8(at, inner))};
}

static inline rl_lanes gather(const void *from, rl_lanes index, bool wide)
{
    return wide ? _mm256_i32gather_epi32(from, index, 2) : _mm256_i32gather_epi32(from, index, 1);
}

enum { SIXTEEN = 16 };

// Where sixteen pixels look among bytes: eight of them in sixteen bytes from each of `first` on.
struct sixteen {
    ptrdiff_t first[2];
    rl_lanes at[2];  // of eight pixels each, four times the byte that is the first's
    struct taps taps[2];
};

// taps_at() of sixteen pixels by their phases. The numbers of eight of them lie in both halves of
// a vector.
static inline void find_taps(struct taps taps[2], rl_lanes f)
{
    const rl_lanes g = _mm256_sub_epi16(_mm256_set1_epi16(256), f), fg = _mm256_mullo_epi16(f, g);
    const rl_lanes three = _mm256_set1_epi16(3 * 32768 / 4096);
    const rl_lanes left = _mm256_mulhrs_epi16(fg, _mm256_mullo_epi16(g, three));
    const rl_lanes right = _mm256_mulhrs_epi16(fg, _mm256_mullo_epi16(f, three));
    const rl_lanes more = _mm256_sub_epi16(left, right);
    const rl_lanes second = _mm256_add_epi16(_mm256_add_epi16(_mm256_slli_epi16(g, 6), left), more);
    const rl_lanes third = _mm256_sub_epi16(_mm256_add_epi16(_mm256_slli_epi16(f, 6), right), more);
    taps[0].outer = _mm256_unpacklo_epi16(left, right);
    taps[1].outer = _mm256_unpackhi_epi16(left, right);
    taps[0].inner = _mm256_unpacklo_epi16(second, third);
    taps[1].inner = _mm256_unpackhi_epi16(second, third);
}

// Eight positions from the sample on in which the first of them lies.
static inline rl_lanes from_first(const int32_t *map)
{
    return _mm256_sub_epi32(rl_lanes_load(map), rl_lanes_all(*map & ~255));
}

// False when they do not look so.
static inline bool find_sixteen(struct sixteen *places, const int32_t *map, int width)
{
    const rl_lanes each = _mm256_setr_epi8(0, 0, 0, 0, 2, 2, 2, 2, 4, 4, 4, 4, 6, 6, 6, 6, 0, 0, 0,
                                           0, 2, 2, 2, 2, 4, 4, 4, 4, 6, 6, 6, 6);
    const rl_lanes next = _mm256_add_epi8(each, _mm256_set1_epi8(8));
    const rl_lanes all = _mm256_packs_epi32(from_first(map), from_first(map + RL_LANES));
    const rl_lanes at = _mm256_srli_epi16(all, 8);
    const rl_lanes beyond = _mm256_cmpgt_epi16(at, _mm256_set1_epi16(LOADED_BYTES - 4));
    bool fits = _mm256_testz_si256(beyond, beyond);
    for (int n = 0; n < 2; n++) {
        places->first[n] = (map[n * RL_LANES] >> 8) - 1;
        fits &= places->first[n] >= 0 && places->first[n] + LOADED_BYTES <= width;
    }
    places->at[0] = _mm256_shuffle_epi8(at, each);
    places->at[1] = _mm256_shuffle_epi8(at, next);
    find_taps(places->taps, _mm256_and_si256(all, _mm256_set1_epi16(255)));
    return fits;
}

// Eight of them, before the last shift.
static inline rl_lanes mix_eight(const uint8_t *row, const struct sixteen *places, int k)
{
    const rl_lanes samples = _mm256_broadcastsi128_si256(
        _mm_loadu_si128((const __m128i *)(const void *)(row + places->first[k])));
    const rl_lanes outer = _mm256_shuffle_epi8(
        samples, _mm256_add_epi8(places->at[k], rl_lanes_all((int)0x80038000)));
    const rl_lanes inner = _mm256_shuffle_epi8(
        samples, _mm256_add_epi8(places->at[k], rl_lanes_all((int)0x80028001)));
    const rl_lanes sum = _mm256_sub_epi32(_mm256_madd_epi16(inner, places->taps[k].inner),
                                          _mm256_madd_epi16(outer, places->taps[k].outer));
    return _mm256_srai_epi32(_mm256_add_epi32(sum, rl_lanes_all(8192)), 14);
}

// near_pixels() of bytes, twice as many at once.
static inline int sixteen_pixels(void *const to[], const void *const from[], int planes, int width,
                                 const int32_t *map, int x, int count)
{
    for (; x + SIXTEEN <= count; x += SIXTEEN) {
        struct sixteen places;
        if (!find_sixteen(&places, map + x, width))
            break;
        for (int plane = 0; plane < planes; plane++) {
            const rl_lanes words = _mm256_packs_epi32(mix_eight(from[plane], &places, 0),
                                                      mix_eight(from[plane], &places, 1));
            const rl_lanes bytes = _mm256_permutevar8x32_epi32(
                _mm256_packus_epi16(words, words), _mm256_setr_epi32(0, 4, 1, 5, 0, 4, 1, 5));
            _mm_storeu_si128((__m128i *)(void *)((uint8_t *)to[plane] + x),
                             _mm256_castsi256_si128(bytes));
        }
    }
    return x;
}

#endif

// Where lanes look here and there.
RL_LANES_INLINE struct taps load_far(const void *row, rl_lanes index, bool wide)
{
    if (wide) {
        const rl_lanes a = gather((const uint16_t *)row - 1, index, true);
        const rl_lanes b = gather((const uint16_t *)row + 1, index, true);
        return (struct taps){rl_lanes_halves(a, b), rl_lanes_swap(rl_lanes_halves(b, a))};
    }
    const rl_lanes bytes = gather((const uint8_t *)row - 1, index, false);
    const rl_lanes odd = RL_V(srli_epi16)(bytes, 8);  // the second and the fourth
    const rl_lanes even = RL_V_BITS(and)(bytes, rl_lanes_all(0x00ff00ff));
    return (struct taps){rl_lanes_halves(even, odd), rl_lanes_halves(odd, even)};
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

// The pixels [x, end), one by one.
static void few_pixels(void *const to[], const void *const from[], int planes, int width,
                       const int32_t *map, int x, int end, int max, bool wide)
{
    for (; x < end; x++)
        for (int plane = 0; plane < planes; plane++) {
            const int value = one(from[plane], width, map[x], max, wide);
            if (wide)
                ((uint16_t *)to[plane])[x] = (uint16_t)value;
            else
                ((uint8_t *)to[plane])[x] = (uint8_t)value;
        }
}

RL_LANES_INLINE void mix(void *row, int x, const struct taps *samples, const struct taps *taps,
                         int max, bool wide)
{
    // Deep samples are taken as signed, half the range below; the taps' sum puts it back.
    const rl_lanes half = RL_V(set1_epi16)(wide ? INT16_MIN : 0);
    const rl_lanes rounding = rl_lanes_all(8192 + (wide ? 32768 << 14 : 0));
    const rl_lanes outer = RL_V(madd_epi16)(RL_V_BITS(xor)(samples->outer, half), taps->outer);
    const rl_lanes inner = RL_V(madd_epi16)(RL_V_BITS(xor)(samples->inner, half), taps->inner);
    rl_lanes value = RL_V(add_epi32)(RL_V(sub_epi32)(inner, outer), rounding);
    value = RL_V(max_epi32)(RL_V(srai_epi32)(value, 14), rl_lanes_all(0));
    value = RL_V(min_epi32)(value, rl_lanes_all(max));
    if (wide)
        rl_lanes_store_16((uint16_t *)row + x, value);
    else
        rl_lanes_store_8((uint8_t *)row + x, value);
}

// From pixel x on, as far as few loads hold the samples of all lanes. Returns how far.
RL_LANES_INLINE int near_pixels(void *const to[], const void *const from[], int planes, int width,
                                const int32_t *map, int x, int count, int max, bool wide)
{
    for (; x + RL_LANES <= count; x += RL_LANES) {
        const rl_lanes position = rl_lanes_load(map + x);
        const struct places places = find_places(RL_V(srai_epi32)(position, 8), width, wide);
        if (!places.is_near)
            break;
        const struct taps taps = taps_at(position);
        for (int plane = 0; plane < planes; plane++) {
            const struct taps samples = load_near(from[plane], &places, wide);
            mix(to[plane], x, &samples, &taps, max, wide);
        }
    }
    return x;
}

// As many pixels as there are lanes. Some may look beyond the row.
RL_LANES_INLINE void far_pixels(void *const to[], const void *const from[], int planes, int width,
                                const int32_t *map, int x, int max, bool wide)
{
    const rl_lanes position = rl_lanes_load(map + x), index = RL_V(srai_epi32)(position, 8);
    rl_lanes inside = RL_V(max_epi32)(index, rl_lanes_all(1));
    inside = RL_V(min_epi32)(inside, rl_lanes_all(width - 3));
    const struct taps taps = taps_at(position);
    for (int plane = 0; plane < planes; plane++) {
        const struct taps samples = load_far(from[plane], inside, wide);
        mix(to[plane], x, &samples, &taps, max, wide);
    }
    unsigned outside = rl_mask_bits(rl_mask_not(rl_lanes_equal(index, inside)));
    for (; outside; outside &= outside - 1) {
        const int i = x + __builtin_ctz(outside);
        few_pixels(to, from, planes, width, map, i, i + 1, max, wide);
    }
}

RL_LANES_INLINE void rows(void *const to[], const void *const from[], int planes, int width,
                          const int32_t *map, int count, int max, bool wide)
{
    int limit = count;
    for (int x = 0; x < count; x += RL_LANES) {
#ifndef __AVX512BW__
        if (!wide) {
            x = sixteen_pixels(to, from, planes, width, map, x, count);
            limit = x + SIXTEEN < count ? x + SIXTEEN : count;
        }
#endif
        x = near_pixels(to, from, planes, width, map, x, limit, max, wide);
        const int end = x + RL_LANES < count ? x + RL_LANES : count;
        if (width >= 4 && x + RL_LANES <= count)
            far_pixels(to, from, planes, width, map, x, max, wide);
        else
            few_pixels(to, from, planes, width, map, x, end, max, wide);
    }
}

static void rows8(void *const to[], const void *const from[], int planes, int width,
                  const int32_t *map, int count, int max)
{
    rows(to, from, planes, width, map, count, max, false);
}

static void rows16(void *const to[], const void *const from[], int planes, int width,
                   const int32_t *map, int count, int max)
{
    rows(to, from, planes, width, map, count, max, true);
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

// Four bytes from each place on; gathers are slow on some processors.
static inline __m256i load_places(const uint8_t *row, const int32_t at[RL_SAMPLE_POINTS])
{
    int four[RL_SAMPLE_POINTS];
    for (int k = 0; k < RL_SAMPLE_POINTS; k++)
        memcpy(&four[k], row + at[k], sizeof *four);
    return _mm256_setr_epi32(four[0], four[1], four[2], four[3], four[4], four[5], four[6],
                             four[7]);
}

// Two coefficients of each place, from the first or the third on.
static inline __m256i load_taps(const int16_t (*taps)[4], const int32_t phases[RL_SAMPLE_POINTS],
                                int first)
{
    int two[RL_SAMPLE_POINTS];
    for (int k = 0; k < RL_SAMPLE_POINTS; k++)
        memcpy(&two[k], taps[phases[k]] + first, sizeof *two);
    return _mm256_setr_epi32(two[0], two[1], two[2], two[3], two[4], two[5], two[6], two[7]);
}

static inline __m256i all_taps(const int16_t *taps)
{
    int two;
    memcpy(&two, taps, sizeof two);
    return _mm256_set1_epi32(two);
}

// Numbers of eight lanes, in two halves: whole 4096ths and the rest, 0..4095.
struct split {
    __m256i whole, rest;
};

// Of the lines of two rows: those of the first in the low half of each lane.
static inline struct split split_lines(__m256i first, __m256i next)
{
    const __m256i low = _mm256_set1_epi32(4095);
    return (struct split){_mm256_blend_epi16(_mm256_srai_epi32(first, 12),
                                             _mm256_slli_epi32(_mm256_srai_epi32(next, 12), 16),
                                             0xaa),
                          _mm256_or_si256(_mm256_and_si256(first, low),
                                          _mm256_slli_epi32(_mm256_and_si256(next, low), 16))};
}

// One row of 4 samples at eight places, by their coefficients.
static inline __m256i line_of(const uint8_t *row, const int32_t at[RL_SAMPLE_POINTS], __m256i first,
                              __m256i last)
{
    const __m256i ones = _mm256_set_epi8(-1, 13, -1, 12, -1, 9, -1, 8, -1, 5, -1, 4, -1, 1, -1, 0,
                                         -1, 13, -1, 12, -1, 9, -1, 8, -1, 5, -1, 4, -1, 1, -1, 0);
    const __m256i samples = load_places(row, at);
    const __m256i a = _mm256_shuffle_epi8(samples, ones);
    const __m256i b = _mm256_shuffle_epi8(_mm256_srli_epi32(samples, 16), ones);
    return _mm256_add_epi32(_mm256_madd_epi16(a, first), _mm256_madd_epi16(b, last));
}

// A line has 23 bits, and a coefficient 15: sums are kept as two numbers, of which the lower one is
// rounded.
static void points8(int32_t values[RL_SAMPLE_POINTS], const struct rl_sample_points *points)
{
    const int16_t *down = points->taps[points->down];
    const __m256i first = load_taps(points->taps, points->across, 0);
    const __m256i last = load_taps(points->taps, points->across, 2);
    const __m256i above = all_taps(down), below = all_taps(down + 2);
    __m256i lines[4];
    for (int k = 0; k < 4; k++)
        lines[k] = line_of(points->from + k * points->stride, points->at, first, last);
    const struct split a = split_lines(lines[0], lines[1]), b = split_lines(lines[2], lines[3]);
    __m256i sum = _mm256_add_epi32(_mm256_madd_epi16(a.whole, above),
                                   _mm256_madd_epi16(b.whole, below));
    __m256i rest = _mm256_add_epi32(_mm256_madd_epi16(a.rest, above),
                                    _mm256_madd_epi16(b.rest, below));
    rest = _mm256_srai_epi32(_mm256_add_epi32(rest, _mm256_set1_epi32(1 << 27)), 12);
    sum = _mm256_srai_epi32(_mm256_add_epi32(sum, rest), 16);
    sum = _mm256_min_epi32(_mm256_max_epi32(sum, _mm256_setzero_si256()), _mm256_set1_epi32(255));
    _mm256_storeu_si256((__m256i *)(void *)values, sum);
}

void RL_LANES_NAME(rl_sample_init)(struct rl_sample_fns *fns)
{
    *fns = (struct rl_sample_fns){rows8, rows16, point8, point16, points8};
}
