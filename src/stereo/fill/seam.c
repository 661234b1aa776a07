// SPDX-License-Identifier: MIT
#include "stereo/fill/seam.h"

#include "base/cpu.h"
#include "stereo/fill/outline.h"

enum { BLOCK = RL_FILL_BLOCK };

static int get(const void *row, int x, int wide)
{
    return wide ? ((const uint16_t *)row)[x] : ((const uint8_t *)row)[x];
}

static void put(void *row, int x, int wide, int value)
{
    if (wide)
        ((uint16_t *)row)[x] = (uint16_t)value;
    else
        ((uint8_t *)row)[x] = (uint8_t)value;
}

static void soften(void *row, const int16_t *near, int x, int width, int wide)
{
    int a = get(row, x, wide), b = get(row, x + 1, wide);
    if (x == 0 || !rl_outline_is_behind(near, x - 1))
        put(row, x, wide, a + (((b - a) * RL_SEAM_PART + 128) >> 8));
    if (x + 2 == width || !rl_outline_is_behind(near, x + 1))
        put(row, x + 1, wide, b + (((a - b) * RL_SEAM_PART + 128) >> 8));
}

void rl_seam_some(void *row, const int16_t *near, int begin, int end, int width, int wide)
{
    for (int x = begin; x < end; x++)
        if (rl_outline_is_behind(near, x))
            soften(row, near, x, width, wide);
}

static void soften_row(void *row, const int16_t *near, const uint64_t *outlines, int width,
                       int wide)
{
    const int blocks = (width + BLOCK - 2) / BLOCK, words = (blocks + 63) / 64;
    for (int b = rl_fill_next(outlines, 0, words); b < blocks;
         b = rl_fill_next(outlines, b + 1, words)) {
        const int x = b * BLOCK, end = x + BLOCK < width ? x + BLOCK : width - 1;
        rl_seam_some(row, near, x, end, width, wide);
    }
}

#ifdef RL_HAVE_AVX2
void rl_seam_init_avx2(struct rl_seam_fns *fns);
#endif

void rl_seam_init(struct rl_seam_fns *fns, unsigned cpu)
{
    *fns = (struct rl_seam_fns){soften_row};
    (void)cpu;
#ifdef RL_HAVE_AVX2
    if (cpu & RL_CPU_AVX2)
        rl_seam_init_avx2(fns);
#endif
}
