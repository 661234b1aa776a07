// SPDX-License-Identifier: MIT
#include "stereo/warp/warp.h"

#include "base/cpu.h"

static void land(int32_t *targets, const uint16_t *depth, int width, const struct rl_disparity *d)
{
    const int32_t half = 1 << (d->shift - 1);
    for (int i = 0; i < width; i++)
        targets[i] = 256 * i + d->offset + ((depth[i] * d->scale + half) >> d->shift);
}

// The first target pixel at or behind `t`.
static int first_pixel(int32_t t)
{
    return (t + 255) >> 8;
}

// The sample i alone, on targets from `begin` to `end` (1/256 px).
static void paint_sample(int32_t *map, int width, int i, int32_t begin, int32_t end)
{
    int x = first_pixel(begin), last = first_pixel(end);
    for (x = x < 0 ? 0 : x; x < last && x < width; x++)
        map[x] = 256 * i;
}

// The surface between samples i and i + 1, which land at `begin` and `end`.
static void paint_surface(int32_t *map, int width, int i, int32_t begin, int32_t end)
{
    int x = first_pixel(begin), last = first_pixel(end);
    for (x = x < 0 ? 0 : x; x < last && x < width; x++)
        map[x] = 256 * i + (256 * x - begin) * 256 / (end - begin);
}

static int is_joined(int32_t begin, int32_t end)
{
    return end > begin && end - begin < RL_WARP_TEAR;
}

static int is_stretched(const int32_t *t, int i, int width)
{
    return i >= 0 && i + 1 < width && t[i + 1] - t[i] >= RL_WARP_TEAR;
}

// What lies between sample i and its right neighbour, and the ends of surfaces there.
static void paint_right_of(int32_t *map, int width, const int32_t *t, int i)
{
    if (i + 1 < width && is_joined(t[i], t[i + 1]))
        paint_surface(map, width, i, t[i], t[i + 1]);
    else if (!is_stretched(t, i, width) || !is_stretched(t, i - 1, width))
        paint_sample(map, width, i, t[i], t[i] + 128);
}

static void paint_left_of(int32_t *map, int width, const int32_t *t, int i)
{
    if (i > 0 && is_joined(t[i - 1], t[i]))
        return;
    if (!is_stretched(t, i, width) || !is_stretched(t, i - 1, width))
        paint_sample(map, width, i, t[i] - 128, t[i]);
}

static void map_row(int32_t *map, const uint16_t *depth, int width,
                    const struct rl_disparity *disparity, int32_t *targets)
{
    land(targets, depth, width, disparity);
    for (int x = 0; x < width; x++)
        map[x] = RL_WARP_HOLE;
    if (disparity->scale > 0) {
        for (int i = width - 1; i >= 0; i--) {
            paint_right_of(map, width, targets, i);
            paint_left_of(map, width, targets, i);
        }
    } else {
        for (int i = 0; i < width; i++) {
            paint_left_of(map, width, targets, i);
            paint_right_of(map, width, targets, i);
        }
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

void rl_warp_init(struct rl_warp_fns *fns, unsigned cpu)
{
    (void)cpu;
    fns->map_row = map_row;
}
