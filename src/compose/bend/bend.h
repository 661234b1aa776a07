// SPDX-License-Identifier: MIT
//
// Kernels that lay a plane onto a sphere, across first, then down: every column of the result is
// taken from one column of the source, whose rows stretch the more the further aside it lies.
//
//     across   pair.low = (first[0] s[f] + first[1] s[f + 1] + second[0] s[g] + second[1] s[g + 1]
//                          + outside black) >> shift
//     down     two points: v = trunc(middle + down[k] secant), in 1/64 row
//              to = (sum of both points' (64 - b) low + b high of row v / 64, b = v % 64, + half)
//                   >> (14 - shift)
//
// 1. A sample of the result is the mean of four points, two by two, each blended from the four
//    samples around it. Weights of one point sum to 64.
// 2. `shift` is the samples' depth less 8: what lies between both steps has at most 15 bits.
// 3. `pair` holds what across gives of one row in its lower half, of the next row in its upper one.
// 4. Arrays and rows that belong to a struct rl_bend have room up to the next multiple of 8
//    columns; a row that across reads, for four samples behind its end.
// 5. [0] is for samples of 8 bits, [1] for those of 16. C and SIMD agree to the bit.
#ifndef RL_COMPOSE_BEND_H
#define RL_COMPOSE_BEND_H

#include "base/cpu.h"

#include <stddef.h>
#include <stdint.h>

enum { RL_BEND_UNIT = 64, RL_BEND_BLOCK = 8, RL_BEND_BEHIND = 4 };

// Columns of the result of which something may be seen.
struct rl_bend {
    int32_t *at[2];     // of a column's two points: the sample at or before it
    int32_t *share[2];  // weights: of that sample in the lower half, of the next in the upper one
    int32_t *outside;   // the weight of black: 0, 64 or 128
    float *secant;      // how much its rows stretch
    int width;          // how many columns
};

// A row of the result.
struct rl_bend_row {
    const uint32_t *pairs;  // `rows` rows, `stride` apart
    ptrdiff_t stride;
    int rows;
    float middle, down[2];  // in 1/64 row
    uint32_t black;
    int shift;
};

struct rl_bend_fns {
    // One row of samples: `here` gets it as its lower half, and 0 as its upper one; into the upper
    // half of `above`, which is 0, it is added.
    void (*across[2])(uint32_t *here, uint32_t *above, const void *from, const struct rl_bend *bend,
                      uint32_t black, int shift);

    // Points above the first row's or below the last row's middle by half a row or more are black.
    void (*down[2])(void *to, const struct rl_bend *bend, const struct rl_bend_row *row);
};

// Fills in what is best for the CPU features (enum rl_cpu_flag).
void rl_bend_init(struct rl_bend_fns *fns, unsigned cpu);

// Used by rl_bend_init() only: puts its own in place of the C functions.
void rl_bend_init_avx2(struct rl_bend_fns *fns);

#endif
