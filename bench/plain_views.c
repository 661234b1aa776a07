// SPDX-License-Identifier: MIT
#include "plain_views.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const float *disparity_row(const struct pair *pair, int y)
{
    return pair->disparity + (size_t)y * (size_t)pair->width;
}

AVFrame *view_naive(const struct pair *pair)
{
    AVFrame *view = rgb_create(pair->width, pair->height);
    for (int y = 0; y < pair->height; y++) {
        const float *disparity = disparity_row(pair, y);
        memset(rgb_at(view, 0, y), 0, (size_t)pair->width * 3);
        for (int x = 0; x < pair->width; x++) {
            int at = x - (int)lroundf(disparity[x]);
            if (at >= 0)
                memcpy(rgb_at(view, at, y), rgb_at(pair->left, x, y), 3);
        }
        for (int x = pair->width - 2; x >= 0; x--) {
            uint8_t *to = rgb_at(view, x, y);
            if (!to[0] && !to[1] && !to[2])
                memcpy(to, to + 3, 3);
        }
    }
    return view;
}

// What has fallen on one pixel so far.
struct splat {
    float sum[3], weight, disparity;
};

static void drop(struct splat *to, const uint8_t *rgb, float weight, float disparity)
{
    if (weight < 0.01f || (to->weight > 0 && disparity < to->disparity - 1))
        return;
    if (to->weight <= 0 || disparity > to->disparity + 1)
        *to = (struct splat){{0}, 0, disparity};
    for (int c = 0; c < 3; c++)
        to->sum[c] += weight * (float)rgb[c];
    to->weight += weight;
    to->disparity = fmaxf(to->disparity, disparity);
}

static void splat_row(struct splat *row, const struct pair *pair, int y)
{
    const float *disparity = disparity_row(pair, y);
    for (int x = 0; x < pair->width; x++) {
        float at = (float)x - disparity[x], whole = floorf(at), part = at - whole;
        int i = (int)whole;
        if (i >= 0 && i < pair->width)
            drop(&row[i], rgb_at(pair->left, x, y), 1 - part, disparity[x]);
        if (i + 1 >= 0 && i + 1 < pair->width)
            drop(&row[i + 1], rgb_at(pair->left, x, y), part, disparity[x]);
    }
}

AVFrame *view_splat(const struct pair *pair)
{
    AVFrame *view = rgb_create(pair->width, pair->height);
    struct splat *row = malloc((size_t)pair->width * sizeof *row);
    for (int y = 0; y < pair->height; y++) {
        memset(row, 0, (size_t)pair->width * sizeof *row);
        splat_row(row, pair, y);
        const struct splat *last = NULL;
        for (int x = pair->width - 1; x >= 0; x--) {
            if (row[x].weight > 0)
                last = &row[x];
            for (int c = 0; c < 3; c++)
                rgb_at(view, x, y)[c] = (uint8_t)(last ? lroundf(last->sum[c] / last->weight) : 0);
        }
    }
    free(row);
    return view;
}

// Neighbours whose images are farther apart than this lie on two surfaces.
static const float tear_px = 2;

// The pixels of [begin, end) that the surface from sample x to x + 1 covers.
static void paint_surface(AVFrame *view, float *nearest, const struct pair *pair, int x, int y)
{
    const float *disparity = disparity_row(pair, y);
    float begin = (float)x - disparity[x], end = (float)(x + 1) - disparity[x + 1];
    if (end <= begin || end - begin > tear_px)
        return;
    for (int at = (int)ceilf(begin); at <= (int)floorf(end); at++) {
        float part = ((float)at - begin) / (end - begin);
        float near = disparity[x] + part * (disparity[x + 1] - disparity[x]);
        if (at < 0 || at >= pair->width || near < nearest[at])
            continue;
        nearest[at] = near;
        const uint8_t *a = rgb_at(pair->left, x, y), *b = a + 3;
        for (int c = 0; c < 3; c++)
            rgb_at(view, at, y)[c] = (uint8_t)lroundf((float)a[c] + part * (float)(b[c] - a[c]));
    }
}

// A sample alone, for the ends of surfaces.
static void paint_sample(AVFrame *view, float *nearest, const struct pair *pair, int x, int y)
{
    float disparity = disparity_row(pair, y)[x];
    int at = (int)lroundf((float)x - disparity);
    if (at < 0 || at >= pair->width || disparity < nearest[at])
        return;
    nearest[at] = disparity;
    memcpy(rgb_at(view, at, y), rgb_at(pair->left, x, y), 3);
}

AVFrame *view_oracle(const struct pair *pair)
{
    AVFrame *view = rgb_create(pair->width, pair->height);
    float *nearest = malloc((size_t)pair->width * sizeof *nearest);
    for (int y = 0; y < pair->height; y++) {
        for (int x = 0; x < pair->width; x++)
            nearest[x] = -1;
        for (int x = 0; x < pair->width; x++)
            paint_sample(view, nearest, pair, x, y);
        for (int x = 0; x + 1 < pair->width; x++)
            paint_surface(view, nearest, pair, x, y);
        const uint8_t *seen = pair->seen + (size_t)y * (size_t)pair->width;
        for (int x = 0; x < pair->width; x++)
            if (!seen[x])
                memcpy(rgb_at(view, x, y), rgb_at(pair->right, x, y), 3);
    }
    free(nearest);
    return view;
}
