// SPDX-License-Identifier: MIT
#include "base/cpu.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <cpuid.h>
#endif

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

bool rl_cpu_is_fast_in_bf16(void)
{
#if defined(__x86_64__) && defined(__GNUC__)
    enum { FEATURES = 7, AMX_BF16 = 1 << 22, AVX512_BF16 = 1 << 5 };  // EDX of 7.0, EAX of 7.1
    unsigned a, b, c, d;
    __builtin_cpu_init();
    if (__get_cpuid_count(FEATURES, 0, &a, &b, &c, &d) && (d & AMX_BF16))
        return true;
    return __builtin_cpu_is("amd") && __get_cpuid_count(FEATURES, 1, &a, &b, &c, &d) &&
           (a & AVX512_BF16);
#else
    return false;
#endif
}

bool rl_cpu_has_vnni(void)
{
#if defined(__x86_64__) && defined(__GNUC__)
    enum { FEATURES = 7, AVX512_VNNI = 1 << 11, AVX_VNNI = 1 << 4 };  // ECX of 7.0, EAX of 7.1
    const unsigned flags = rl_cpu_flags(-1);
    unsigned a, b, c, d;
    if ((flags & RL_CPU_AVX512) && __get_cpuid_count(FEATURES, 0, &a, &b, &c, &d) &&
        (c & AVX512_VNNI))
        return true;
    return (flags & RL_CPU_AVX2) && __get_cpuid_count(FEATURES, 1, &a, &b, &c, &d) &&
           (a & AVX_VNNI);
#else
    return false;
#endif
}

const char *rl_cpu_name(unsigned flags)
{
    static const char *const names[] = {"c", "avx2", "avx512", "avx2+avx512"};
    return names[flags & (RL_CPU_AVX2 | RL_CPU_AVX512)];
}
