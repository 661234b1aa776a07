// SPDX-License-Identifier: MIT
#include "compose/glow/glow.h"

enum { MOST = RL_GLOW_CODES - 1, BRIGHTEST = RL_GLOW_LIGHTS - 1 };

static int32_t clip(int32_t value, int32_t most)
{
    return value < 0 ? 0 : value > most ? most : value;
}

static int32_t share(const int32_t factor[3], int32_t r, int32_t g, int32_t b)
{
    const int32_t half = 1 << (RL_GLOW_FRACTION - 1);
    return clip((factor[0] * r + factor[1] * g + factor[2] * b + half) >> RL_GLOW_FRACTION,
                BRIGHTEST);
}

static void mix(const struct rl_glow *glow, uint16_t *const rgb[3], const uint16_t *const in[6],
                int width)
{
    for (int x = 0; x < width; x++) {
        int32_t v[6];
        for (int i = 0; i < 6; i++)
            v[i] = glow->to_light[in[i][x] & MOST];
        for (int row = 0; row < 3; row++) {
            const int32_t *factor = glow->matrix[row];
            int32_t sum = share(factor, v[0], v[1], v[2]) + share(factor + 3, v[3], v[4], v[5]);
            rgb[row][x] = glow->to_code[clip(sum, BRIGHTEST)];
        }
    }
}

// G or B, raised by a part (of 32768) of what red has more: red would reach one eye alone.
static int32_t raised(int32_t value, int32_t red, int32_t part)
{
    int32_t more = red > value ? red - value : 0;
    return clip(value + ((more * part + 16384) >> 15), MOST);
}

static void lift(const struct rl_glow *glow, uint16_t *const rgb[3], const uint16_t *const in[6],
                 int width)
{
    const int32_t for_green = 14746, for_blue = 8192;  // .45 and .25
    for (int x = 0; x < width; x++) {
        int32_t v[6];
        for (int i = 0; i < 6; i++)
            v[i] = in[i][x] & MOST;
        int32_t green = raised(v[1], v[0], for_green), blue = raised(v[2], v[0], for_blue);
        rgb[0][x] = glow->to_code[clip((3 * green + blue + 2) >> 2, MOST)];
        rgb[1][x] = (uint16_t)raised(v[4], v[3], for_green);
        rgb[2][x] = (uint16_t)raised(v[5], v[3], for_blue);
    }
}

void rl_glow_init(struct rl_glow_fns *fns, unsigned cpu)
{
    *fns = (struct rl_glow_fns){.mix = mix, .lift = lift};
#ifdef RL_HAVE_AVX2
    if (cpu & RL_CPU_AVX2)
        rl_glow_init_avx2(fns);
#else
    (void)cpu;
#endif
}
