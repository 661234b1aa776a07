// SPDX-License-Identifier: MIT
//
// For AVX2 and for AVX-512, see base/lanes.h.
#include "base/lanes.h"
#include "plane/sum/sum.h"

static void add_row(uint32_t *sums, const uint8_t *row, int count)
{
    int x = 0;
    for (; x + RL_LANES <= count; x += RL_LANES)
        rl_lanes_store(sums + x,
                       RL_V(add_epi32)(rl_lanes_load(sums + x), rl_lanes_load_u8(row + x)));
    for (; x < count; x++)
        sums[x] += row[x];
}

static void add_deep_row(uint32_t *sums, const uint16_t *row, int count)
{
    int x = 0;
    for (; x + RL_LANES <= count; x += RL_LANES)
        rl_lanes_store(sums + x,
                       RL_V(add_epi32)(rl_lanes_load(sums + x), rl_lanes_load_u16(row + x)));
    for (; x < count; x++)
        sums[x] += row[x];
}

void RL_LANES_NAME(rl_sum_init)(struct rl_sum_fns *fns)
{
    *fns = (struct rl_sum_fns){add_row, add_deep_row};
}
