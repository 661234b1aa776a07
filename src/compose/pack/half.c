// SPDX-License-Identifier: MIT
#include "compose/pack/half.h"

// Lanczos of two lobes, stretched over twice the distance, at the two phases.
const int16_t rl_half_taps_centre[RL_HALF_TAPS] = {-1, -5, 15, 55, 55, 15, -5, -1};
const int16_t rl_half_taps_left[RL_HALF_TAPS] = {-2, -4, 25, 61, 47, 6, -5, 0};

// The nearest of 0 .. max.
static int inside(int value, int max)
{
    return value < 0 ? 0 : value > max ? max : value;
}

#define SAMPLE uint8_t
#define NAME(x) x##8
#include "half_tmpl.c"
#undef SAMPLE
#undef NAME

#define SAMPLE uint16_t
#define NAME(x) x##16
#include "half_tmpl.c"

void rl_half_init(struct rl_half_fns *fns, unsigned cpu)
{
    *fns = (struct rl_half_fns){.across = {across8, across16}, .down = {down8, down16}};
    (void)cpu;
}
