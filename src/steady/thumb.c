// SPDX-License-Identifier: MIT
#include "steady/thumb.h"

#include <math.h>

#include <libavutil/common.h>

enum { ROWS_A_CELL = 6 };  // rows read for one row of cells; more tell nothing new

// Luma of bars: black, a little noise and what compression smears into them.
static const float bar_luma = 26, bar_spread = 9;

// Where cell i of `count` begins among `size` samples.
static int edge(int i, int count, int size)
{
    return (int)((int64_t)i * size / count);
}

static void add_row(double sums[RL_THUMB_W], const uint8_t *row, int width, bool deep)
{
    for (int i = 0; i < RL_THUMB_W; i++) {
        int begin = edge(i, RL_THUMB_W, width),
            end = FFMAX(edge(i + 1, RL_THUMB_W, width), begin + 1);
        unsigned sum = 0;
        if (deep)
            for (int x = begin; x < end; x++)
                sum += ((const uint16_t *)row)[x];
        else
            for (int x = begin; x < end; x++)
                sum += row[x];
        sums[i] += (double)sum / (end - begin);
    }
}

void rl_thumb_of(struct rl_thumb *thumb, const AVFrame *picture)
{
    const struct rl_plane plane = rl_frame_plane(picture, 0);
    const int depth = av_pix_fmt_desc_get((enum AVPixelFormat)picture->format)->comp[0].depth;
    for (int j = 0; j < RL_THUMB_H; j++) {
        double sums[RL_THUMB_W] = {0};
        int begin = edge(j, RL_THUMB_H, plane.height);
        int rows = FFMAX(edge(j + 1, RL_THUMB_H, plane.height) - begin, 1);
        int step = FFMAX(rows / ROWS_A_CELL, 1), count = 0;
        for (int y = 0; y < rows; y += step, count++)
            add_row(sums, rl_plane_row(&plane, begin + y), plane.width, depth > 8);
        for (int i = 0; i < RL_THUMB_W; i++)
            thumb->luma[j * RL_THUMB_W + i] = (float)(sums[i] / count / (1 << (depth - 8)));
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
