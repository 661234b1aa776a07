// SPDX-License-Identifier: MIT
#include "stereo/fill/sink.h"

#include <immintrin.h>

void rl_sink_init_avx2(struct rl_sink_fns *fns);

enum { BLOCK = RL_FILL_BLOCK };

static inline __m256i all(int value)
{
    return _mm256_set1_epi16((short)value);
}

// Numbers without sign in the order of near values, of which a hole is the largest.
static inline __m256i ordered(__m256i near)
{
    return _mm256_sub_epi16(near, all(RL_FILL_HOLE + 1));
}

// The cells x .. x + 15 of the run.
static inline __m256i sink_block(const struct rl_sink_run *run, int x)
{
    const __m256i lanes = _mm256_setr_epi16(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
    const __m256i k = run->side > 0 ? _mm256_sub_epi16(all(run->count - x + 1), lanes)
                                    : _mm256_add_epi16(all(x), lanes);
    const int most = run->side > 0 ? run->count - x : x + BLOCK;
    const int rows = (most < run->count ? most : run->count) / 2;
    const int16_t *near = run->near + x;
    __m256i depth = ordered(all(run->depth));
    for (int i = 1; i <= rows; i++) {
        const __m256i beyond = _mm256_cmpgt_epi16(all(2 * i), k);  // all bits: no row for this cell
        __m256i there = all(-1);
        if (i <= run->up)
            there = ordered(_mm256_loadu_si256((const void *)(near - i * run->stride)));
        if (i <= run->down)
            there = _mm256_min_epu16(
                there, ordered(_mm256_loadu_si256((const void *)(near + i * run->stride))));
        depth = _mm256_min_epu16(depth, _mm256_or_si256(there, beyond));
    }
    return _mm256_add_epi16(depth, all(RL_FILL_HOLE + 1));
}

static void sink(int16_t *depths, const struct rl_sink_run *run)
{
    for (int x = 0; x < run->count; x += BLOCK)
        _mm256_storeu_si256((__m256i *)(void *)(depths + x), sink_block(run, x));
}

void rl_sink_init_avx2(struct rl_sink_fns *fns)
{
    *fns = (struct rl_sink_fns){sink};
}
