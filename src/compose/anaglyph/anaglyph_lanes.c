// SPDX-License-Identifier: MIT
//
// As many samples at a time as there are halves of lanes: for AVX2 and for AVX-512, see
// base/lanes.h.
#include "base/lanes.h"
#include "compose/anaglyph/anaglyph.h"

#include <string.h>

enum { SAMPLES = 2 * RL_LANES };

static inline rl_lanes load(const uint16_t *from)
{
    return rl_lanes_load(from);
}

static inline void store(void *to, rl_lanes value)
{
    rl_lanes_store(to, value);
}

static void widen8(uint16_t *to, const void *from, int width, int shift)
{
    const uint8_t *samples = from;
    const __m128i count = _mm_cvtsi32_si128(shift);
    int x = 0;
    for (; x + SAMPLES <= width; x += SAMPLES)
        store(to + x, RL_V(sll_epi16)(rl_halves_load_u8(samples + x), count));
    for (; x < width; x++)
        to[x] = (uint16_t)(samples[x] << shift);
}

static void widen16(uint16_t *to, const void *from, int width, int shift)
{
    const uint16_t *samples = from;
    const __m128i count = _mm_cvtsi32_si128(shift);
    int x = 0;
    for (; x + SAMPLES <= width; x += SAMPLES)
        store(to + x, RL_V(sll_epi16)(load(samples + x), count));
    for (; x < width; x++)
        to[x] = (uint16_t)(samples[x] << shift);
}

static void average(uint16_t *to, const uint16_t *a, const uint16_t *b, int width)
{
    for (int x = 0; x < width; x += SAMPLES)
        store(to + x, RL_V(avg_epu16)(load(a + x), load(b + x)));
}

static inline rl_lanes quarter_way(rl_lanes a, rl_lanes b)
{
    return RL_V(avg_epu16)(a, RL_V(avg_epu16)(a, b));
}

static inline uint16_t quarter_of(int a, int b, int shift)
{
    a <<= shift;
    b <<= shift;
    return (uint16_t)((a + ((a + b + 1) >> 1) + 1) >> 1);
}

static void between8(uint16_t *to, const void *a, const void *b, int width, int shift)
{
    const uint8_t *near = a, *far = b;
    const __m128i count = _mm_cvtsi32_si128(shift);
    int x = 0;
    for (; x + SAMPLES <= width; x += SAMPLES)
        store(to + x, quarter_way(RL_V(sll_epi16)(rl_halves_load_u8(near + x), count),
                                  RL_V(sll_epi16)(rl_halves_load_u8(far + x), count)));
    for (; x < width; x++)
        to[x] = quarter_of(near[x], far[x], shift);
}

static void between16(uint16_t *to, const void *a, const void *b, int width, int shift)
{
    const uint16_t *near = a, *far = b;
    const __m128i count = _mm_cvtsi32_si128(shift);
    int x = 0;
    for (; x + SAMPLES <= width; x += SAMPLES)
        store(to + x, quarter_way(RL_V(sll_epi16)(load(near + x), count),
                                  RL_V(sll_epi16)(load(far + x), count)));
    for (; x < width; x++)
        to[x] = quarter_of(near[x], far[x], shift);
}

static void up_left(uint16_t *to, const uint16_t *from, int width)
{
    for (int x = 0; x < width; x += SAMPLES) {
        const rl_lanes here = load(from + x);
        rl_halves_store_zipped(to + 2 * x, here, RL_V(avg_epu16)(here, load(from + x + 1)));
    }
}

static void up_centre(uint16_t *to, const uint16_t *from, int width)
{
    for (int x = 0; x < width; x += SAMPLES) {
        const rl_lanes here = load(from + x);
        rl_halves_store_zipped(to + 2 * x, quarter_way(here, load(from + x - 1)),
                               quarter_way(here, load(from + x + 1)));
    }
}

static void down_left(uint16_t *to, const uint16_t *from, int width)
{
    for (int x = 0; x < width; x += SAMPLES) {
        const uint16_t *at = from + 2 * x;
        const rl_lanes before = rl_halves_evens(load(at - 1), load(at - 1 + SAMPLES));
        const rl_lanes here = rl_halves_evens(load(at), load(at + SAMPLES));
        const rl_lanes behind = rl_halves_evens(load(at + 1), load(at + 1 + SAMPLES));
        store(to + x, RL_V(avg_epu16)(here, RL_V(avg_epu16)(before, behind)));
    }
}

// Two factors for samples that lie side by side.
static inline rl_lanes pair(int16_t first, int16_t second)
{
    return rl_lanes_all((int)((uint16_t)first | (uint32_t)(uint16_t)second << 16));
}

static inline rl_lanes sum3(rl_lanes a, rl_lanes b, rl_lanes c, const rl_lanes factor[3])
{
    return RL_V(add_epi32)(
        RL_V(add_epi32)(RL_V(madd_epi16)(a, factor[0]), RL_V(madd_epi16)(b, factor[1])),
        RL_V(madd_epi16)(c, factor[2]));
}

static void mix(uint16_t *const rgb[3], const uint16_t *const in[6], int width,
                const struct rl_anaglyph_map *map)
{
    const rl_lanes centre = RL_V(set1_epi16)(INT16_MIN);
    const __m128i shift = _mm_cvtsi32_si128(map->mix_shift);
    rl_lanes factor[3][3], bias[3];
    for (int row = 0; row < 3; row++) {
        bias[row] = rl_lanes_all(map->mix_bias[row]);
        for (int i = 0; i < 3; i++)
            factor[row][i] = pair(map->mix[row][i], map->mix[row][i + 3]);
    }
    for (int x = 0; x < width; x += SAMPLES) {
        rl_lanes low[3], high[3];
        for (int i = 0; i < 3; i++) {
            rl_lanes left = RL_V_BITS(xor)(load(in[i] + x), centre);
            rl_lanes right = RL_V_BITS(xor)(load(in[i + 3] + x), centre);
            low[i] = RL_V(unpacklo_epi16)(left, right);
            high[i] = RL_V(unpackhi_epi16)(left, right);
        }
        for (int row = 0; row < 3; row++) {
            rl_lanes a = RL_V(add_epi32)(sum3(low[0], low[1], low[2], factor[row]), bias[row]);
            rl_lanes b = RL_V(add_epi32)(sum3(high[0], high[1], high[2], factor[row]), bias[row]);
            a = RL_V(sra_epi32)(a, shift);
            b = RL_V(sra_epi32)(b, shift);
            store(rgb[row] + x, RL_V(max_epi16)(RL_V(packs_epi32)(a, b), rl_lanes_all(0)));
        }
    }
}

struct coder {
    rl_lanes red_green, blue, bias, max;
    __m128i shift;
};

static struct coder make_coder(const struct rl_anaglyph_map *map, int plane)
{
    const int16_t *factor = map->code[plane];
    return (struct coder){
        .red_green = pair(factor[0], factor[1]),
        .blue = pair(factor[2], 0),
        .bias = rl_lanes_all(map->code_bias[plane]),
        .max = RL_V(set1_epi16)((short)map->code_max),
        .shift = _mm_cvtsi32_si128(map->code_shift[plane]),
    };
}

static inline rl_lanes code_half(rl_lanes red_green, rl_lanes blue, const struct coder *coder)
{
    rl_lanes sum = RL_V(add_epi32)(RL_V(madd_epi16)(red_green, coder->red_green),
                                   RL_V(madd_epi16)(blue, coder->blue));
    return RL_V(sra_epi32)(RL_V(add_epi32)(sum, coder->bias), coder->shift);
}

static inline rl_lanes code_block(const uint16_t *const rgb[3], int x, const struct coder *coder)
{
    const rl_lanes zero = rl_lanes_all(0);
    rl_lanes red = load(rgb[0] + x), green = load(rgb[1] + x), blue = load(rgb[2] + x);
    rl_lanes low = code_half(RL_V(unpacklo_epi16)(red, green), RL_V(unpacklo_epi16)(blue, zero),
                             coder);
    rl_lanes high = code_half(RL_V(unpackhi_epi16)(red, green), RL_V(unpackhi_epi16)(blue, zero),
                              coder);
    return RL_V(min_epu16)(RL_V(packus_epi32)(low, high), coder->max);
}

static void code8(void *to, const uint16_t *const rgb[3], int width,
                  const struct rl_anaglyph_map *map, int plane)
{
    const struct coder coder = make_coder(map, plane);
    uint8_t *samples = to, tail[SAMPLES];
    for (int x = 0; x < width; x += SAMPLES) {
        rl_lanes block = code_block(rgb, x, &coder);
        if (x + SAMPLES <= width) {
            rl_halves_store_8(samples + x, block);
        } else {
            rl_halves_store_8(tail, block);
            memcpy(samples + x, tail, (size_t)(width - x));
        }
    }
}

static void code16(void *to, const uint16_t *const rgb[3], int width,
                   const struct rl_anaglyph_map *map, int plane)
{
    const struct coder coder = make_coder(map, plane);
    uint16_t *samples = to, tail[SAMPLES];
    for (int x = 0; x < width; x += SAMPLES) {
        rl_lanes block = code_block(rgb, x, &coder);
        if (x + SAMPLES <= width) {
            store(samples + x, block);
        } else {
            store(tail, block);
            memcpy(samples + x, tail, (size_t)(width - x) * sizeof *tail);
        }
    }
}

void RL_LANES_NAME(rl_anaglyph_init)(struct rl_anaglyph_fns *fns)
{
    fns->widen[0] = widen8;
    fns->widen[1] = widen16;
    fns->average = average;
    fns->between[0] = between8;
    fns->between[1] = between16;
    fns->up_left = up_left;
    fns->up_centre = up_centre;
    fns->down_left = down_left;
    fns->mix = mix;
    fns->code[0] = code8;
    fns->code[1] = code16;
}
