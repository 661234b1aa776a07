// SPDX-License-Identifier: MIT
#include "stereo/fill/outline.h"

#include <immintrin.h>

void rl_outline_init_avx2(struct rl_outline_fns *fns);

static __m256i load16(const int16_t *from)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)from);
}

static void row(uint8_t *flags, const int16_t *near, int blocks)
{
    const __m256i step = _mm256_set1_epi16(RL_OUTLINE_STEP);
    const __m256i most = _mm256_set1_epi16(2 * RL_OUTLINE_STEP);
    const __m256i none = _mm256_set1_epi16(RL_FILL_HOLE);
    for (int b = 0; b < blocks; b++, near += RL_FILL_BLOCK) {
        __m256i here = load16(near), hole = _mm256_cmpeq_epi16(here, none);
        __m256i apart = _mm256_add_epi16(_mm256_sub_epi16(load16(near + 1), here), step);
        __m256i same = _mm256_cmpeq_epi16(_mm256_min_epu16(apart, most), apart);
        flags[b] = (uint8_t)((_mm256_movemask_epi8(hole) != 0) * RL_OUTLINE_HOLE +
                             (_mm256_movemask_epi8(same) != -1) * RL_OUTLINE_EDGE);
    }
}

void rl_outline_init_avx2(struct rl_outline_fns *fns)
{
    *fns = (struct rl_outline_fns){row};
}
