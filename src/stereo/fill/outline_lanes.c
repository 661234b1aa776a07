// SPDX-License-Identifier: MIT
//
// For AVX2 and for AVX-512, see base/lanes.h: a block or two at once.
#include "base/lanes.h"
#include "stereo/fill/outline.h"

void RL_LANES_NAME(rl_outline_init)(struct rl_outline_fns *fns);

enum { CELLS = 2 * RL_LANES, BLOCKS = CELLS / RL_FILL_BLOCK, WORD = 64 / RL_FILL_BLOCK };

// The cells from `near` on that have an outline behind them.
static inline rl_halves find_outlines(const int16_t *near, rl_lanes here)
{
    const rl_lanes most = RL_V(set1_epi16)(2 * RL_OUTLINE_STEP);
    const rl_lanes apart = RL_V(sub_epi16)(rl_lanes_load(near + 1), here);
    const rl_lanes above = RL_V(add_epi16)(apart, RL_V(set1_epi16)(RL_OUTLINE_STEP));
    return rl_halves_not(rl_halves_equal(RL_V(min_epu16)(above, most), above));
}

// Most cells are neither holes nor beside an outline.
static void row(uint64_t *outlines, uint64_t *gaps, const int16_t *near, int blocks)
{
    const rl_lanes none = RL_V(set1_epi16)(RL_FILL_HOLE);
    for (int b = 0; b < blocks; b += 64)
        outlines[b / 64] = 0;
    for (int b = 0; b < blocks; b += WORD) {
        uint64_t holes = 0, edges = 0;
        for (int k = 0; k < WORD && b + k < blocks; k += BLOCKS) {
            const int16_t *from = near + (b + k) * RL_FILL_BLOCK;
            const rl_lanes here = rl_lanes_load(from);
            const rl_halves hole = rl_halves_equal(here, none), edge = find_outlines(from, here);
            if (!rl_halves_any(hole, edge))
                continue;
            holes |= (uint64_t)rl_halves_bits(hole) << k * RL_FILL_BLOCK;
            edges |= (uint64_t)rl_halves_bits(edge) << k * RL_FILL_BLOCK;
        }
        gaps[b / WORD] = holes;
        for (int k = 0; k < WORD && edges; k++, edges >>= RL_FILL_BLOCK)
            if (edges & 0xffff)
                rl_fill_mark(outlines, b + k);
    }
}

void RL_LANES_NAME(rl_outline_init)(struct rl_outline_fns *fns)
{
    *fns = (struct rl_outline_fns){row};
}
