// SPDX-License-Identifier: MIT
#include "steady/spare.h"

#include <math.h>

#include <libavutil/common.h>

enum { STEP = 2, REACH = 2, SIDE = 2 * REACH + 1 };  // a place is SIDE values wide and high

static const float noise = 1;  // luma; less is no change

static ptrdiff_t stride_of(const AVFrame *motion)
{
    return motion->linesize[0] / (ptrdiff_t)sizeof(float);
}

static const float *plane_of(const AVFrame *motion, enum rl_motion_plane plane)
{
    return (const float *)(const void *)motion->data[plane];
}

size_t rl_spare_count(int width, int height)
{
    return (size_t)(width / STEP) * (size_t)(height / STEP);
}

void rl_spare_luma(float *luma, const struct rl_motion_level *level)
{
    const int columns = level->width / STEP, rows = level->height / STEP;
    for (int j = 0; j < rows; j++)
        for (int i = 0; i < columns; i++) {
            const float *around = level->luma + (STEP * j - 1) * level->stride + STEP * i - 1;
            float sum = 0;
            for (int y = 0; y < 4; y++, around += level->stride)
                sum += (around[0] + around[1]) + (around[2] + around[3]);
            luma[j * columns + i] = sum / 16;
        }
}

// How surely what is seen at cell (x, y) of frames[at] is seen in frames[to], too.
static float found(const struct rl_spare_frame *frames, int at, int to, int x, int y)
{
    const int step = to > at ? 1 : -1;
    float sure = 1;
    for (int k = at; k != to; k += step) {
        const AVFrame *motion = to > at ? frames[k].ahead : frames[k].back;
        const ptrdiff_t cell = y * stride_of(motion) + x;
        sure *= plane_of(motion, RL_MOTION_CONFIDENCE)[cell];
        x = av_clip(x + (int)lrintf(plane_of(motion, RL_MOTION_DX)[cell]), 0, motion->width - 1);
        y = av_clip(y + (int)lrintf(plane_of(motion, RL_MOTION_DY)[cell]), 0, motion->height - 1);
    }
    return sure;
}

// The largest sum of SIDE x SIDE values.
static float worst_place(const float *values, int columns, int rows)
{
    float worst = 0;
    for (int j = 0; j + SIDE <= rows; j++)
        for (int i = 0; i + SIDE <= columns; i++) {
            const float *from = values + j * columns + i;
            float sum = 0;
            for (int y = 0; y < SIDE; y++, from += columns)
                sum += (from[0] + from[1]) + (from[2] + from[3]) + from[4];
            worst = fmaxf(worst, sum);
        }
    return worst;
}

float rl_spare_news(const struct rl_spare_frame *frames, int at, int last, float *scratch)
{
    const AVFrame *motion = frames[at].back;
    const int columns = motion->width / STEP, rows = motion->height / STEP;
    for (int j = 0; j < rows; j++)
        for (int i = 0; i < columns; i++) {
            const int k = j * columns + i, x = STEP * i + STEP / 2, y = STEP * j + STEP / 2;
            const float here = frames[at].luma[k];
            const float change = fmaxf(fabsf(here - frames[0].luma[k]),
                                       fabsf(here - frames[last].luma[k]));
            scratch[k] = 0;
            if (change > noise)
                scratch[k] = change *
                             (1 - fmaxf(found(frames, at, 0, x, y), found(frames, at, last, x, y)));
        }
    return worst_place(scratch, columns, rows) / (SIDE * SIDE);
}
