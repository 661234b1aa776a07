// SPDX-License-Identifier: MIT
#include "plane/small.h"

#include <math.h>

#include <libavutil/common.h>

enum {
    ROWS_A_CELL = 4,  // rows read for one row of cells; more tell nothing new
    SPAN = 2048,      // columns that are added up at a time
};

void rl_small_size(int picture_width, int picture_height, int *width, int *height)
{
    double scale = sqrt((double)RL_SMALL_CELLS / ((double)picture_width * picture_height));
    scale = FFMIN(scale, 1);
    // Of extreme shapes the longer side is kept within what memory was thought for.
    *width = av_clip((int)lrint(picture_width * scale), RL_SMALL_LEAST, 1024);
    *height = av_clip((int)lrint(picture_height * scale), RL_SMALL_LEAST, 1024);
}

// Where cell i of `count` begins among `size` samples.
static int edge(int i, int count, int size)
{
    return (int)((int64_t)i * size / count);
}

static int end_of(int i, int count, int size)
{
    return FFMAX(edge(i + 1, count, size), edge(i, count, size) + 1);
}

// Cells [i0, i1) of row j, whose samples fit into one span.
static void average(const struct rl_sum_fns *fns, float *luma, int i0, int i1, int width,
                    const struct rl_plane *plane, int j, int height, int depth)
{
    uint32_t sums[SPAN] = {0};
    const int first = edge(i0, width, plane->width), end = end_of(i1 - 1, width, plane->width);
    const int top = edge(j, height, plane->height);
    const int rows = end_of(j, height, plane->height) - top, taken = FFMIN(rows, ROWS_A_CELL);
    for (int k = 0; k < taken; k++) {
        const uint8_t *row = rl_plane_row(plane, top + (2 * k + 1) * rows / (2 * taken));
        if (depth > 8)
            fns->add_deep_row(sums, (const uint16_t *)(const void *)row + first, end - first);
        else
            fns->add_row(sums, row + first, end - first);
    }
    const float scale = 1.0f / (float)(1 << (depth - 8)) / (float)taken;
    const int whole = plane->width / width, rest = plane->width % width;
    int x = 0, over = (int)((int64_t)i0 * rest % width);  // edge() by steps of whole + rest / width
    for (int i = i0; i < i1; i++) {
        over += rest;
        const int more = over >= width, count = whole + more, span = FFMAX(count, 1);
        uint32_t sum = 0;
        over -= more ? width : 0;
        for (int k = x; k < x + span; k++)
            sum += sums[k];
        luma[i] = (float)sum * scale / (float)span;
        x += count;
    }
}

void rl_small_luma(const struct rl_sum_fns *fns, float *luma, ptrdiff_t stride, int width,
                   int height, const AVFrame *picture)
{
    const struct rl_plane plane = rl_frame_plane(picture, 0);
    const int depth = av_pix_fmt_desc_get((enum AVPixelFormat)picture->format)->comp[0].depth;
    const int wide = plane.width / width + 1, cells = FFMAX(SPAN / wide - 1, 1);
    for (int j = 0; j < height; j++)
        for (int i = 0; i < width; i += cells)
            average(fns, luma + j * stride, i, FFMIN(i + cells, width), width, &plane, j, height,
                    depth);
}
