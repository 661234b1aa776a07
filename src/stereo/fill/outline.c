// SPDX-License-Identifier: MIT
#include "stereo/fill/outline.h"

#include "base/cpu.h"

static void row(uint64_t *outlines, uint64_t *gaps, const int16_t *near, int blocks)
{
    const int count = blocks * RL_FILL_BLOCK;
    for (int b = 0; b < blocks; b += 64)
        outlines[b / 64] = 0;
    for (int x = 0; x < count; x += 64)
        gaps[x / 64] = 0;
    for (int x = 0; x < count; x++) {
        if (near[x] == RL_FILL_HOLE)
            rl_fill_mark(gaps, x);
        if (rl_outline_is_behind(near, x))
            rl_fill_mark(outlines, x / RL_FILL_BLOCK);
    }
}

#ifdef RL_HAVE_AVX2
void rl_outline_init_avx2(struct rl_outline_fns *fns);
void rl_outline_init_avx512(struct rl_outline_fns *fns);
#endif

void rl_outline_init(struct rl_outline_fns *fns, unsigned cpu)
{
    *fns = (struct rl_outline_fns){row};
    (void)cpu;
#ifdef RL_HAVE_AVX2
    if (cpu & RL_CPU_AVX2)
        rl_outline_init_avx2(fns);
    if (cpu & RL_CPU_AVX512)
        rl_outline_init_avx512(fns);
#endif
}
