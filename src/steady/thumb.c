// SPDX-License-Identifier: MIT
#include "steady/thumb.h"

#include "plane/small.h"

#include <math.h>

#include <libavutil/common.h>

// Luma of bars: black, a little noise and what compression smears into them.
static const float bar_luma = 26, bar_spread = 9;

// Where cell i of `count` begins among `size` samples.
static int edge(int i, int count, int size)
{
    return (int)((int64_t)i * size / count);
}

void rl_thumb_of(struct rl_thumb *thumb, const AVFrame *picture)
{
    struct rl_sum_fns fns;
    rl_sum_init(&fns, 0);
    rl_small_luma(&fns, thumb->luma, RL_THUMB_W, RL_THUMB_W, RL_THUMB_H, picture);
}

void rl_thumb_of_luma(struct rl_thumb *thumb, const float *luma, ptrdiff_t stride, int width,
                      int height)
{
    for (int j = 0; j < RL_THUMB_H; j++)
        for (int i = 0; i < RL_THUMB_W; i++) {
            int x0 = edge(i, RL_THUMB_W, width), y0 = edge(j, RL_THUMB_H, height);
            int x1 = FFMAX(edge(i + 1, RL_THUMB_W, width), x0 + 1);
            int y1 = FFMAX(edge(j + 1, RL_THUMB_H, height), y0 + 1);
            float sum = 0;
            for (int y = y0; y < y1; y++)
                for (int x = x0; x < x1; x++)
                    sum += luma[y * stride + x];
            thumb->luma[j * RL_THUMB_W + i] = sum / (float)((x1 - x0) * (y1 - y0));
        }
}

// True when a line of `count` cells is black all along.
static bool is_bar(const float *cell, int count, int step)
{
    float low = cell[0], high = cell[0];
    for (int i = 1; i < count; i++) {
        low = fminf(low, cell[i * step]);
        high = fmaxf(high, cell[i * step]);
    }
    return high < bar_luma && high - low < bar_spread;
}

bool rl_thumb_active(const struct rl_thumb *thumb, struct rl_thumb_area *area)
{
    const float *luma = thumb->luma;
    int x0 = 0, y0 = 0, x1 = RL_THUMB_W, y1 = RL_THUMB_H;
    while (y0 < y1 && is_bar(luma + y0 * RL_THUMB_W, RL_THUMB_W, 1))
        y0++;
    while (y1 > y0 && is_bar(luma + (y1 - 1) * RL_THUMB_W, RL_THUMB_W, 1))
        y1--;
    while (x0 < x1 && is_bar(luma + x0, RL_THUMB_H, RL_THUMB_W))
        x0++;
    while (x1 > x0 && is_bar(luma + x1 - 1, RL_THUMB_H, RL_THUMB_W))
        x1--;
    *area = (struct rl_thumb_area){x0 + (x0 > 0), y0 + (y0 > 0), x1 - (x1 < RL_THUMB_W),
                                   y1 - (y1 < RL_THUMB_H)};
    if (3 * (area->x1 - area->x0) >= RL_THUMB_W && 3 * (area->y1 - area->y0) >= RL_THUMB_H)
        return true;
    *area = (struct rl_thumb_area){0, 0, RL_THUMB_W, RL_THUMB_H};
    return false;
}

struct rl_thumb_area rl_thumb_join(struct rl_thumb_area a, struct rl_thumb_area b)
{
    return (struct rl_thumb_area){FFMIN(a.x0, b.x0), FFMIN(a.y0, b.y0), FFMAX(a.x1, b.x1),
                                  FFMAX(a.y1, b.y1)};
}

static float mean_of(const struct rl_plane *map, int x0, int y0, int x1, int y1)
{
    double sum = 0;
    int count = 0;
    for (int y = y0; y < y1; y++) {
        const float *row = (const float *)rl_plane_row(map, y);
        for (int x = x0; x < x1; x++)
            if (isfinite(row[x])) {
                sum += row[x];
                count++;
            }
    }
    return count ? (float)(sum / count) : 0;
}

void rl_thumb_of_map(float cells[RL_THUMB_SIZE], const AVFrame *map)
{
    const struct rl_plane plane = rl_frame_plane(map, 0);
    for (int j = 0; j < RL_THUMB_H; j++)
        for (int i = 0; i < RL_THUMB_W; i++) {
            int x = edge(i, RL_THUMB_W, plane.width), y = edge(j, RL_THUMB_H, plane.height);
            int x1 = FFMAX(edge(i + 1, RL_THUMB_W, plane.width), x + 1);
            int y1 = FFMAX(edge(j + 1, RL_THUMB_H, plane.height), y + 1);
            cells[j * RL_THUMB_W + i] = mean_of(&plane, x, y, x1, y1);
        }
}
