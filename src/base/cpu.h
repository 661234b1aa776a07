// SPDX-License-Identifier: MIT
//
// CPU features that kernels choose by. A kernel's init takes these flags as an argument, ANDed
// with the user's mask (--cpu-mask): nothing is detected behind the caller's back.
#ifndef RL_BASE_CPU_H
#define RL_BASE_CPU_H

#include <stdbool.h>

enum rl_cpu_flag {
    RL_CPU_AVX2 = 1 << 0,    // AVX2
    RL_CPU_AVX512 = 1 << 1,  // AVX-512 F, BW, DQ, VL
};

// The features of this machine, ANDed with `mask` (-1 = all).
unsigned rl_cpu_flags(int mask);

// Whether this machine computes faster in bfloat16 than in 32 bits: with AMX, which has units for
// it, and AMD's with AVX512-BF16, which multiply two numbers in place of one. Intel's do that with
// several steps an instruction, and take longer.
bool rl_cpu_is_fast_in_bf16(void);

// Whether it multiplies and adds integers of 8 bits in one step (AVX512-VNNI or AVX-VNNI). Without,
// sums may overflow.
bool rl_cpu_has_vnni(void);

// "avx2+avx512", or "c" for none. Static.
const char *rl_cpu_name(unsigned flags);

#endif
