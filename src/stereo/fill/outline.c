// SPDX-License-Identifier: MIT
#include "stereo/fill/outline.h"

#include "base/cpu.h"

static void row(uint8_t *flags, const int16_t *near, int blocks)
{
    for (int b = 0; b < blocks; b++) {
        int hole = 0, edge = 0;
        for (int x = b * RL_FILL_BLOCK; x < (b + 1) * RL_FILL_BLOCK; x++) {
            hole |= near[x] == RL_FILL_HOLE;
            edge |= rl_outline_is_behind(near, x);
        }
        flags[b] = (uint8_t)(hole * RL_OUTLINE_HOLE + edge * RL_OUTLINE_EDGE);
    }
}

#ifdef RL_HAVE_AVX2
void rl_outline_init_avx2(struct rl_outline_fns *fns);
#endif

void rl_outline_init(struct rl_outline_fns *fns, unsigned cpu)
{
    *fns = (struct rl_outline_fns){row};
    (void)cpu;
#ifdef RL_HAVE_AVX2
    if (cpu & RL_CPU_AVX2)
        rl_outline_init_avx2(fns);
#endif
}
