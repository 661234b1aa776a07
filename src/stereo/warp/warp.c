// SPDX-License-Identifier: MIT
#include "stereo/warp/warp.h"

#include "base/cpu.h"
#include "stereo/warp/warp_near.h"
#include "stereo/warp/warp_paint.h"

static void land(int32_t *targets, const uint16_t *depth, int width, const struct rl_disparity *d)
{
    const int32_t half = 1 << (d->shift - 1);
    for (int i = 0; i < width; i++)
        targets[i] = 256 * i + d->offset + RL_PAINT_AHEAD +
                     ((depth[i] * d->scale + half) >> d->shift);
}

static void map_row(int32_t *map, const uint16_t *depth, int width,
                    const struct rl_disparity *disparity, int32_t *targets)
{
    land(targets, depth, width, disparity);
    for (int x = 0; x < width; x++)
        map[x] = RL_WARP_HOLE;
    rl_paint_gaps(map, width, targets, -1, width, disparity->scale > 0);
}

static void near_row(int16_t *near, int32_t *map, int width, const struct rl_disparity *disparity)
{
    rl_warp_near(near, map, 0, width, disparity->scale > 0 ? 1 : -1);
}

static void chroma_row(int32_t *map, int count, int shift, const int32_t *a, const int32_t *b,
                       const struct rl_disparity *disparity)
{
    rl_warp_chroma(map, 0, count, shift, a, b, disparity->scale > 0);
}

static void chroma_near_row(int16_t *near, int count, int shift, const int16_t *a, const int16_t *b)
{
    rl_warp_chroma_near(near, 0, count, shift, a, b);
}

#ifdef RL_HAVE_AVX2
void rl_warp_init_avx2(struct rl_warp_fns *fns);
void rl_warp_init_avx512(struct rl_warp_fns *fns);
#endif

void rl_warp_init(struct rl_warp_fns *fns, unsigned cpu)
{
    *fns = (struct rl_warp_fns){map_row, near_row, chroma_row, chroma_near_row};
    (void)cpu;
#ifdef RL_HAVE_AVX2
    if (cpu & RL_CPU_AVX2)
        rl_warp_init_avx2(fns);
    if (cpu & RL_CPU_AVX512)
        rl_warp_init_avx512(fns);
#endif
}
