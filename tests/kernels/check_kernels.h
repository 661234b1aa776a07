// SPDX-License-Identifier: MIT
//
// What kernel tests are made of: random input with a printed seed, outputs between guards, the
// levels of this CPU, and a clock. A test program feeds the same input to the C kernel and to that
// of every level, and compares to the bit:
//
//     int main(int argc, char **argv)
//     {
//         kernels_begin(argc, argv);
//         KERNELS_EACH_LEVEL(cpu)
//             compare_rows(cpu);
//         if (kernels_bench)
//             KERNELS_BENCH("row8", width, call_of(cpu_of_c), call_of(best_cpu));
//         return check_result();
//     }
//
// Arguments: --seed N repeats a run; --bench also prints ns per sample and the gain over C.
#ifndef RL_TESTS_CHECK_KERNELS_H
#define RL_TESTS_CHECK_KERNELS_H

#include "check.h"

#include "base/cpu.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

enum { KERNELS_GUARD = 64, KERNELS_GUARD_BYTE = 0xa5, KERNELS_MAX_WIDTH = 130 };

static uint64_t kernels_state = 1;
static bool kernels_bench;

static inline void kernels_begin(int argc, char **argv)
{
    kernels_state = (uint64_t)time(NULL);
    for (int i = 1; i < argc; i++)
        if (!strcmp(argv[i], "--bench"))
            kernels_bench = true;
        else if (!strcmp(argv[i], "--seed") && i + 1 < argc)
            kernels_state = strtoull(argv[++i], NULL, 10);
    printf("seed %llu\n", (unsigned long long)kernels_state);
}

// 32 random bits (splitmix64's upper half).
static inline uint32_t kernels_random(void)
{
    uint64_t z = kernels_state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ (z >> 31)) >> 32);
}

// 0 .. count - 1.
static inline int kernels_pick(int count)
{
    return (int)(kernels_random() % (uint32_t)count);
}

static inline float kernels_unit(void)
{
    return (float)(kernels_random() >> 8) / (float)(1 << 24);
}

// Runs the statement behind it once for each level of this machine but C itself.
#define KERNELS_EACH_LEVEL(cpu) \
    for (unsigned cpu = 1; cpu <= (RL_CPU_AVX2 | RL_CPU_AVX512); cpu++) \
        if ((cpu & rl_cpu_flags(-1)) == cpu)

// Memory for an output of `bytes`, between guards. Free with kernels_guarded_free(), which checks
// that the guards are untouched. Input that must not be read beyond its end is better allocated
// with malloc(): ASan sees it.
static inline void *kernels_guarded(size_t bytes)
{
    uint8_t *all = malloc(bytes + 2 * (size_t)KERNELS_GUARD);
    if (!all)
        abort();
    memset(all, KERNELS_GUARD_BYTE, bytes + 2 * (size_t)KERNELS_GUARD);
    return all + KERNELS_GUARD;
}

static inline void kernels_guarded_free(void *memory, size_t bytes)
{
    uint8_t *all = (uint8_t *)memory - KERNELS_GUARD;
    int touched = 0;
    for (size_t i = 0; i < KERNELS_GUARD; i++)
        touched += all[i] != KERNELS_GUARD_BYTE ||
                   all[KERNELS_GUARD + bytes + i] != KERNELS_GUARD_BYTE;
    CHECK_INT(touched, 0);
    free(all);
}

// Seconds that the calling thread has run.
static inline double kernels_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

// The least time of one call, in seconds: what disturbs only makes it longer.
#define KERNELS_TIME(seconds, call) \
    do { \
        (seconds) = 1e9; \
        for (int round_ = 0; round_ < 20; round_++) { \
            double begin_ = kernels_clock(); \
            for (int i_ = 0; i_ < 50; i_++) { \
                call; \
            } \
            double took_ = (kernels_clock() - begin_) / 50; \
            (seconds) = took_ < (seconds) ? took_ : (seconds); \
        } \
    } while (0)

// One line of the table: ns per sample in C and with the fastest kernel, and the gain.
#define KERNELS_BENCH(name, samples, call_c, call_best) \
    do { \
        double c_, best_; \
        KERNELS_TIME(c_, call_c); \
        KERNELS_TIME(best_, call_best); \
        printf("%-24s %8.3f ns  %8.3f ns  %5.1fx\n", (name), c_ * 1e9 / (samples), \
               best_ * 1e9 / (samples), c_ / best_); \
    } while (0)

#endif
