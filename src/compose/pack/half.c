// SPDX-License-Identifier: MIT
#include "compose/pack/half.h"

// Lanczos of two lobes, stretched over twice the distance, at the two phases.
const int16_t rl_half_taps_centre[RL_HALF_TAPS] = {-1, -5, 15, 55, 55, 15, -5, -1};
const int16_t rl_half_taps_left[RL_HALF_TAPS] = {-2, -4, 25, 61, 47, 6, -5, 0};

#define SAMPLE uint8_t
#define NAME(x) x##8
#include "half_tmpl.c"
#undef SAMPLE
#undef NAME

#define SAMPLE uint16_t
#define NAME(x) x##16
#include "half_tmpl.c"

static void across8(void *to, const void *from, int width, int from_width, int max,
                    const int16_t taps[RL_HALF_TAPS])
{
    across_part8(to, from, 0, width, from_width, max, taps);
}

static void across16(void *to, const void *from, int width, int from_width, int max,
                     const int16_t taps[RL_HALF_TAPS])
{
    across_part16(to, from, 0, width, from_width, max, taps);
}

static void down8(void *to, const void *const from[RL_HALF_TAPS], int width, int max,
                  const int16_t taps[RL_HALF_TAPS])
{
    down_part8(to, from, 0, width, max, taps);
}

static void down16(void *to, const void *const from[RL_HALF_TAPS], int width, int max,
                   const int16_t taps[RL_HALF_TAPS])
{
    down_part16(to, from, 0, width, max, taps);
}

void rl_half_init(struct rl_half_fns *fns, unsigned cpu)
{
    *fns = (struct rl_half_fns){.across = {across8, across16}, .down = {down8, down16}};
#ifdef RL_HAVE_AVX2
    if (cpu & RL_CPU_AVX2)
        rl_half_init_avx2(fns);
#else
    (void)cpu;
#endif
}
