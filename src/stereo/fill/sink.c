// SPDX-License-Identifier: MIT
#include "stereo/fill/sink.h"

#include "base/cpu.h"

static int16_t farther(int16_t depth, int16_t there)
{
    return there != RL_FILL_HOLE && there < depth ? there : depth;
}

static void sink(int16_t *depths, const struct rl_sink_run *run)
{
    for (int x = 0; x < run->count; x++) {
        const int k = run->side > 0 ? run->count - x : x + 1;
        int16_t depth = (int16_t)run->depth;
        for (int i = 1; i <= k / 2; i++) {
            if (i <= run->up)
                depth = farther(depth, run->near[x - i * run->stride]);
            if (i <= run->down)
                depth = farther(depth, run->near[x + i * run->stride]);
        }
        depths[x] = depth;
    }
}

#ifdef RL_HAVE_AVX2
void rl_sink_init_avx2(struct rl_sink_fns *fns);
#endif

void rl_sink_init(struct rl_sink_fns *fns, unsigned cpu)
{
    *fns = (struct rl_sink_fns){sink};
    (void)cpu;
#ifdef RL_HAVE_AVX2
    if (cpu & RL_CPU_AVX2)
        rl_sink_init_avx2(fns);
#endif
}
