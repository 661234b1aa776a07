// SPDX-License-Identifier: MIT
#include "steady/trend.h"

#include <math.h>

static const float share = .015f;                      // of a difference that goes into the trend
static const float forgetting = .97f, stopping = .8f;  // what is left of a trend after a frame
static const float most = .02f;                        // of the range, per frame
static const float slow = .0008f;  // widths per frame: what stands still has no trend

// The part that a cell lies behind, and how far: middles of parts are where trends hold.
static float part_of(int x, int size, int parts, int *first)
{
    float at = ((float)x + .5f) * (float)parts / (float)size - .5f;
    at = at < 0 ? 0 : at > (float)(parts - 1) ? (float)(parts - 1) : at;
    *first = (int)at < parts - 2 ? (int)at : parts - 2;
    return at - (float)*first;
}

// Adds what lies between the middles of parts, `row`, to a row of values: piece by piece, since
// within one it is a straight line.
static void add_row(float *values, const float row[RL_TREND_W], int width)
{
    const float cells = (float)width / RL_TREND_W;
    int x = 0;
    for (int i = -1; i < RL_TREND_W; i++) {
        const float from = row[i < 0 ? 0 : i], to = row[i < RL_TREND_W - 1 ? i + 1 : i];
        const float begin = ((float)i + .5f) * cells - .5f, step = (to - from) / cells;
        const int end = i < RL_TREND_W - 1 ? (int)ceilf(begin + cells) : width;
        for (; x < end && x < width; x++)
            values[x] += from + ((float)x - begin) * step;
    }
}

void rl_trend_apply(const struct rl_trend *trend, float *values, ptrdiff_t stride, int width,
                    int height, float times)
{
    for (int y = 0; y < height; y++) {
        int j;
        const float fy = part_of(y, height, RL_TREND_H, &j);
        float row[RL_TREND_W];
        for (int i = 0; i < RL_TREND_W; i++)
            row[i] = times * (trend->per_frame[j][i] +
                              (trend->per_frame[j + 1][i] - trend->per_frame[j][i]) * fy);
        add_row(values + y * stride, row, width);
    }
}

// The mean motion in a part, in widths.
static float speed_in(const struct rl_motion_view *motion, int i, int j)
{
    const int y0 = j * motion->height / RL_TREND_H, y1 = (j + 1) * motion->height / RL_TREND_H;
    const int x0 = i * motion->width / RL_TREND_W, x1 = (i + 1) * motion->width / RL_TREND_W;
    float sum = 0;
    int count = 0;
    for (int y = y0; y < y1; y += 2)
        for (int x = x0; x < x1; x += 2, count++)
            sum += fabsf(motion->dx[y * motion->stride + x]) +
                   fabsf(motion->dy[y * motion->stride + x]);
    return count ? sum / (float)count / (float)motion->width : 0;
}

void rl_trend_learn(struct rl_trend *trend, const float *map, const float *expected,
                    const float *trust, ptrdiff_t map_stride, ptrdiff_t stride, int width,
                    int height, const struct rl_motion_view *motion, float range)
{
    const float limit = most * range;
    for (int j = 0; j < RL_TREND_H; j++)
        for (int i = 0; i < RL_TREND_W; i++) {
            float *to = &trend->per_frame[j][i], sum = 0, weight = 0;
            int count = 0;
            for (int y = j * height / RL_TREND_H; y < (j + 1) * height / RL_TREND_H; y += 2)
                for (int x = i * width / RL_TREND_W; x < (i + 1) * width / RL_TREND_W; x += 2) {
                    const float w = trust[y * stride + x];
                    sum += w * (map[y * map_stride + x] - expected[y * stride + x]);
                    weight += w;
                    count++;
                }
            if (speed_in(motion, i, j) < slow)
                *to *= stopping;
            else if (weight > .2f * (float)count)
                *to = *to * forgetting + share * sum / weight;
            *to = *to > limit ? limit : *to < -limit ? -limit : *to;
        }
}
