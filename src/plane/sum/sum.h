// SPDX-License-Identifier: MIT
//
// Kernel: rows of samples added up column by column. Up to 65,537 rows of 16 bits fit.
#ifndef RL_PLANE_SUM_SUM_H
#define RL_PLANE_SUM_SUM_H

#include <stdint.h>

struct rl_sum_fns {
    // sums[x] += row[x] for x < count; 8 bits, or deep.
    void (*add_row)(uint32_t *sums, const uint8_t *row, int count);
    void (*add_deep_row)(uint32_t *sums, const uint16_t *row, int count);
};

void rl_sum_init(struct rl_sum_fns *fns, unsigned cpu);
void rl_sum_init_avx2(struct rl_sum_fns *fns);
void rl_sum_init_avx512(struct rl_sum_fns *fns);

#endif
