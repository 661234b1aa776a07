// SPDX-License-Identifier: MIT
//
// Kernels that halve a plane, across or down, at its own bit depth.
//
//     to[i] = clip((sum over k = 0..7 of taps[k] * from[2i - 3 + k] + 64) >> 7, max)
//
// 1. taps sum to 128; the outer two at each end are not above zero, the inner four not below (SIMD
//    counts on it). Beyond the edges the sample at the edge is repeated.
// 2. [0] of each pair is for samples of 8 bits, whose max is 255, [1] for those of 16.
// 3. C and SIMD agree to the bit.
#ifndef RL_COMPOSE_HALF_H
#define RL_COMPOSE_HALF_H

#include "base/cpu.h"

#include <stdint.h>

enum { RL_HALF_TAPS = 8, RL_HALF_BEFORE = 3 };  // taps, and how many lie before sample 2i

struct rl_half_fns {
    // A row of from_width samples -> `width` samples.
    void (*across[2])(void *to, const void *from, int width, int from_width, int max,
                      const int16_t taps[RL_HALF_TAPS]);

    // Eight rows of `width` samples -> one; the caller repeats rows at the edges.
    void (*down[2])(void *to, const void *const from[RL_HALF_TAPS], int width, int max,
                    const int16_t taps[RL_HALF_TAPS]);
};

// For samples that lie in the middle of the two they replace, and for those that lie on the first
// of two pixels before and after (left-sited chroma: a quarter of a sample less far).
extern const int16_t rl_half_taps_centre[RL_HALF_TAPS];
extern const int16_t rl_half_taps_left[RL_HALF_TAPS];

// Fills in what is best for the CPU features (enum rl_cpu_flag).
void rl_half_init(struct rl_half_fns *fns, unsigned cpu);

// Used by rl_half_init() only.
void rl_half_init_avx2(struct rl_half_fns *fns);

#endif
