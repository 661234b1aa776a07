// SPDX-License-Identifier: MIT
//
// Kernels that mix two rows of R G B where no matrix of coded values does: by way of light, and by
// Wimmer's rule. The formulas stand in compose/light.h, which makes the tables.
//
// 1. Coded values are 0..32767; what an input row holds above is cut off.
// 2. Rows are scratch rows: up to the next multiple of 8 samples behind `width` they may be read
//    and written.
// 3. Each eye's three factors sum to less than 2 in magnitude, so that sums fit 32 bits.
// 4. C and SIMD agree to the bit.
#ifndef RL_COMPOSE_GLOW_H
#define RL_COMPOSE_GLOW_H

#include "base/cpu.h"

#include <stdint.h>

enum {
    RL_GLOW_CODES = 32768,
    RL_GLOW_LIGHTS = 65536,
    RL_GLOW_FRACTION = 14,
    RL_GLOW_BEHIND = 1,  // what tables have behind their last entry, because pairs are read
};

struct rl_glow {
    int32_t matrix[3][6];  // 2.14 fixed point; rows R G B, columns R G B of the left, the right
    uint16_t *to_light;    // RL_GLOW_CODES: a coded value -> light of 16 bits
    uint16_t *to_code;     // RL_GLOW_LIGHTS: back again
};

struct rl_glow_fns {
    // `in` holds the left view's R G B, then the right one's.
    void (*mix)(const struct rl_glow *glow, uint16_t *const rgb[3], const uint16_t *const in[6],
                int width);

    // Wimmer's; of `glow` to_code alone counts: the power of a coded value.
    void (*lift)(const struct rl_glow *glow, uint16_t *const rgb[3], const uint16_t *const in[6],
                 int width);
};

// Fills in what is best for the CPU features (enum rl_cpu_flag).
void rl_glow_init(struct rl_glow_fns *fns, unsigned cpu);

// Used by rl_glow_init() only: puts its own in place of the C functions.
void rl_glow_init_avx2(struct rl_glow_fns *fns);

#endif
