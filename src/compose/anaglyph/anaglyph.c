// SPDX-License-Identifier: MIT
#include "compose/anaglyph/anaglyph.h"

static uint16_t avg(unsigned a, unsigned b)
{
    return (uint16_t)((a + b + 1) >> 1);
}

static int32_t clip(int32_t value, int32_t max)
{
    return value < 0 ? 0 : value > max ? max : value;
}

static void widen8(uint16_t *to, const void *from, int width, int shift)
{
    const uint8_t *samples = from;
    for (int x = 0; x < width; x++)
        to[x] = (uint16_t)(samples[x] << shift);
}

static void widen16(uint16_t *to, const void *from, int width, int shift)
{
    const uint16_t *samples = from;
    for (int x = 0; x < width; x++)
        to[x] = (uint16_t)(samples[x] << shift);
}

static void average(uint16_t *to, const uint16_t *a, const uint16_t *b, int width)
{
    for (int x = 0; x < width; x++)
        to[x] = avg(a[x], b[x]);
}

static uint16_t quarter_way(unsigned a, unsigned b)
{
    return avg(a, avg(a, b));
}

static void between8(uint16_t *to, const void *a, const void *b, int width, int shift)
{
    const uint8_t *near = a, *far = b;
    for (int x = 0; x < width; x++)
        to[x] = quarter_way((unsigned)near[x] << shift, (unsigned)far[x] << shift);
}

static void between16(uint16_t *to, const void *a, const void *b, int width, int shift)
{
    const uint16_t *near = a, *far = b;
    for (int x = 0; x < width; x++)
        to[x] = quarter_way((unsigned)near[x] << shift, (unsigned)far[x] << shift);
}

static void up_left(uint16_t *to, const uint16_t *from, int width)
{
    for (int x = 0; x < width; x++) {
        to[2 * x] = from[x];
        to[2 * x + 1] = avg(from[x], from[x + 1]);
    }
}

static void up_centre(uint16_t *to, const uint16_t *from, int width)
{
    for (int x = 0; x < width; x++) {
        to[2 * x] = avg(from[x], avg(from[x], from[x - 1]));
        to[2 * x + 1] = avg(from[x], avg(from[x], from[x + 1]));
    }
}

static void down_left(uint16_t *to, const uint16_t *from, int width)
{
    for (int x = 0; x < width; x++)
        to[x] = avg(from[2 * x], avg(from[2 * x - 1], from[2 * x + 1]));
}

static void down_centre(uint16_t *to, const uint16_t *from, int width)
{
    for (int x = 0; x < width; x++)
        to[x] = avg(from[2 * x], from[2 * x + 1]);
}

static void mix(uint16_t *const rgb[3], const uint16_t *const in[6], int width,
                const struct rl_anaglyph_map *map)
{
    for (int row = 0; row < 3; row++) {
        const int16_t *factor = map->mix[row];
        for (int x = 0; x < width; x++) {
            int32_t sum = map->mix_bias[row];
            for (int i = 0; i < 6; i++)
                sum += factor[i] * (in[i][x] - 32768);
            rgb[row][x] = (uint16_t)clip(sum >> map->mix_shift, 32767);
        }
    }
}

static int32_t code(const uint16_t *const rgb[3], int x, const struct rl_anaglyph_map *map,
                    int plane)
{
    const int16_t *factor = map->code[plane];
    int32_t sum = factor[0] * rgb[0][x] + factor[1] * rgb[1][x] + factor[2] * rgb[2][x];
    return clip((sum + map->code_bias[plane]) >> map->code_shift[plane], map->code_max);
}

static void code8(void *to, const uint16_t *const rgb[3], int width,
                  const struct rl_anaglyph_map *map, int plane)
{
    uint8_t *samples = to;
    for (int x = 0; x < width; x++)
        samples[x] = (uint8_t)code(rgb, x, map, plane);
}

static void code16(void *to, const uint16_t *const rgb[3], int width,
                   const struct rl_anaglyph_map *map, int plane)
{
    uint16_t *samples = to;
    for (int x = 0; x < width; x++)
        samples[x] = (uint16_t)code(rgb, x, map, plane);
}

void rl_anaglyph_init(struct rl_anaglyph_fns *fns, unsigned cpu)
{
    *fns = (struct rl_anaglyph_fns){
        .widen = {widen8, widen16},
        .average = average,
        .between = {between8, between16},
        .up_left = up_left,
        .up_centre = up_centre,
        .down_left = down_left,
        .down_centre = down_centre,
        .mix = mix,
        .code = {code8, code16},
    };
#ifdef RL_HAVE_AVX2
    if (cpu & RL_CPU_AVX2)
        rl_anaglyph_init_avx2(fns);
    if (cpu & RL_CPU_AVX512)
        rl_anaglyph_init_avx512(fns);
#else
    (void)cpu;
#endif
}
