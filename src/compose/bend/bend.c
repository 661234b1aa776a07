// SPDX-License-Identifier: MIT
#include "compose/bend/bend.h"

enum { UNIT = RL_BEND_UNIT };

static uint32_t point(uint32_t first, uint32_t second, int32_t share)
{
    return first * (uint32_t)(share & 0xffff) + second * (uint32_t)(share >> 16);
}

static void put_pair(uint32_t *here, uint32_t *above, uint32_t value)
{
    *here = value;
    *above |= value << 16;
}

static void across8(uint32_t *here, uint32_t *above, const void *from, const struct rl_bend *bend,
                    uint32_t black, int shift)
{
    const uint8_t *samples = from;
    for (int x = 0; x < bend->width; x++) {
        uint32_t sum = (uint32_t)bend->outside[x] * black;
        for (int k = 0; k < 2; k++) {
            const uint8_t *at = samples + bend->at[k][x];
            sum += point(at[0], at[1], bend->share[k][x]);
        }
        put_pair(here + x, above + x, sum >> shift);
    }
}

static void across16(uint32_t *here, uint32_t *above, const void *from, const struct rl_bend *bend,
                     uint32_t black, int shift)
{
    const uint16_t *samples = from;
    for (int x = 0; x < bend->width; x++) {
        uint32_t sum = (uint32_t)bend->outside[x] * black;
        for (int k = 0; k < 2; k++) {
            const uint16_t *at = samples + bend->at[k][x];
            sum += point(at[0], at[1], bend->share[k][x]);
        }
        put_pair(here + x, above + x, sum >> shift);
    }
}

static uint32_t sample_of(const struct rl_bend *bend, const struct rl_bend_row *row, int x)
{
    const int32_t last = (row->rows - 1) * UNIT;
    const int out = 14 - row->shift;
    uint32_t sum = 1u << (out - 1);
    for (int k = 0; k < 2; k++) {
        const int32_t v = (int32_t)(row->middle + row->down[k] * bend->secant[x]);
        if (v < -UNIT / 2 || v >= last + UNIT / 2) {
            sum += row->black * 2 * UNIT * UNIT >> row->shift;
            continue;
        }
        const int32_t inside = v < 0 ? 0 : v > last ? last : v, b = inside % UNIT;
        const uint32_t pair = row->pairs[inside / UNIT * row->stride + x];
        sum += point(pair & 0xffff, pair >> 16, (UNIT - b) | b << 16);
    }
    return sum >> out;
}

static void down8(void *to, const struct rl_bend *bend, const struct rl_bend_row *row)
{
    for (int x = 0; x < bend->width; x++)
        ((uint8_t *)to)[x] = (uint8_t)sample_of(bend, row, x);
}

static void down16(void *to, const struct rl_bend *bend, const struct rl_bend_row *row)
{
    for (int x = 0; x < bend->width; x++)
        ((uint16_t *)to)[x] = (uint16_t)sample_of(bend, row, x);
}

void rl_bend_init(struct rl_bend_fns *fns, unsigned cpu)
{
    *fns = (struct rl_bend_fns){.across = {across8, across16}, .down = {down8, down16}};
#ifdef RL_HAVE_AVX2
    if (cpu & RL_CPU_AVX2)
        rl_bend_init_avx2(fns);
#else
    (void)cpu;
#endif
}
