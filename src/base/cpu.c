// SPDX-License-Identifier: MIT
#include "base/cpu.h"

unsigned rl_cpu_flags(int mask)
{
    unsigned flags = 0;
#if defined(__x86_64__) && defined(__GNUC__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2"))
        flags |= RL_CPU_AVX2;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        flags |= RL_CPU_AVX512;
#endif
    return flags & (unsigned)mask;
}

const char *rl_cpu_name(unsigned flags)
{
    static const char *const names[] = {"c", "avx2", "avx512", "avx2+avx512"};
    return names[flags & (RL_CPU_AVX2 | RL_CPU_AVX512)];
}
