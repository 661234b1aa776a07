// SPDX-License-Identifier: MIT
#include "plane/sum/sum.h"

#include "base/cpu.h"

static void add_row(uint32_t *sums, const uint8_t *row, int count)
{
    for (int x = 0; x < count; x++)
        sums[x] += row[x];
}

static void add_deep_row(uint32_t *sums, const uint16_t *row, int count)
{
    for (int x = 0; x < count; x++)
        sums[x] += row[x];
}

void rl_sum_init(struct rl_sum_fns *fns, unsigned cpu)
{
    *fns = (struct rl_sum_fns){add_row, add_deep_row};
    (void)cpu;
#ifdef RL_HAVE_AVX2
    if (cpu & RL_CPU_AVX2)
        rl_sum_init_avx2(fns);
    if (cpu & RL_CPU_AVX512)
        rl_sum_init_avx512(fns);
#endif
}
