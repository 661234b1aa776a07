// SPDX-License-Identifier: MIT
#include "stereo/warp/warp.h"

#include "base/cpu.h"
#include "stereo/warp/warp_paint.h"

static void land(int32_t *targets, const uint16_t *depth, int width, const struct rl_disparity *d)
{
    const int32_t half = 1 << (d->shift - 1);
    for (int i = 0; i < width; i++)
        targets[i] = 256 * i + d->offset + ((depth[i] * d->scale + half) >> d->shift);
}

static void map_row(int32_t *map, const uint16_t *depth, int width,
                    const struct rl_disparity *disparity, int32_t *targets)
{
    land(targets, depth, width, disparity);
    for (int x = 0; x < width; x++)
        map[x] = RL_WARP_HOLE;
    rl_paint_samples(map, width, targets, 0, width, disparity->scale > 0);
}

static void near_row(int16_t *near, int32_t *map, int width, const struct rl_disparity *disparity)
{
    int sign = disparity->scale > 0 ? 1 : -1;
    for (int x = 0; x < width; x++) {
        int32_t hole = map[x] == RL_WARP_HOLE;
        map[x] = hole ? 256 * x : map[x];
        int32_t moved = sign * (256 * x - map[x]) >> 4;
        moved = moved < -16000 ? -16000 : moved > 16000 ? 16000 : moved;
        near[x] = (int16_t)(hole ? RL_WARP_NO_NEAR : moved & ~1);
    }
}

void rl_warp_chroma_near_row(int16_t *near, int count, int shift, const int16_t *a,
                             const int16_t *b)
{
    for (int x = 0; x < count; x++) {  // no depth lies below RL_WARP_NO_NEAR
        int16_t p = a[x << shift], q = b[x << shift];
        int16_t less = p < q ? p : q, more = p < q ? q : p;
        near[x] = less == RL_WARP_NO_NEAR ? less : more;
    }
}

void rl_warp_chroma_row(int32_t *map, int count, int shift, const int32_t *a, const int32_t *b,
                        const struct rl_disparity *disparity)
{
    for (int x = 0; x < count; x++) {
        int32_t p = a[x << shift], q = b[x << shift];
        int32_t less = p < q ? p : q, more = p < q ? q : p;
        int32_t nearer = disparity->scale > 0 ? less : more;
        map[x] = (more - less < 256 ? (p + q) >> 1 : nearer) >> shift;
    }
}

#ifdef RL_HAVE_AVX2
void rl_warp_init_avx2(struct rl_warp_fns *fns);
#endif

void rl_warp_init(struct rl_warp_fns *fns, unsigned cpu)
{
    *fns = (struct rl_warp_fns){map_row, near_row};
    (void)cpu;
#ifdef RL_HAVE_AVX2
    if (cpu & RL_CPU_AVX2)
        rl_warp_init_avx2(fns);
#endif
}
