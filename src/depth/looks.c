// SPDX-License-Identifier: MIT
#include "depth/looks.h"

#include <math.h>
#include <string.h>

#include <libavutil/common.h>

enum relief_status rl_looks_init(struct rl_looks *looks, int width, int height,
                                 struct relief_error *err)
{
    const size_t cells = (size_t)width * (size_t)height;
    *looks = (struct rl_looks){.width = width, .height = height};
    looks->memory = calloc(4 * cells + 2 * 3 * (size_t)width, sizeof *looks->memory);
    if (!looks->memory)
        return rl_fail_memory(err);
    looks->mean = looks->memory;
    looks->skew = looks->mean + cells;
    looks->next_mean = looks->skew + cells;
    looks->next_skew = looks->next_mean + cells;
    looks->spread[0] = looks->next_skew + cells;
    looks->spread[1] = looks->spread[0] + 3 * width;
    return RELIEF_OK;
}

void rl_looks_clear(struct rl_looks *looks)
{
    free(looks->memory);
    *looks = (struct rl_looks){0};
}

float *rl_looks_skew_row(struct rl_looks *looks, int y)
{
    return looks->next_skew + (ptrdiff_t)y * looks->width;
}

// Where a place lies between the `count` samples of a row or column.
struct between {
    int from, to;
    float share;  // of `to`
};

static struct between between(float at, int count)
{
    at = av_clipf(at, 0, (float)(count - 1));
    const int from = (int)at;
    return (struct between){from, FFMIN(from + 1, count - 1), at - (float)from};
}

static float mix(float a, float b, float share)
{
    return a + (b - a) * share;
}

static float sample(const float *plane, ptrdiff_t stride, struct between x, struct between y)
{
    const float *above = plane + y.from * stride, *below = plane + y.to * stride;
    return mix(mix(above[x.from], above[x.to], x.share), mix(below[x.from], below[x.to], x.share),
               y.share);
}

// How cells of an area read the motion of the whole picture.
struct way {
    const float *planes[3];
    ptrdiff_t stride;
    int width, height;
    float to_motion_x, to_motion_y;  // motion cells in one map cell
    struct rl_area area;
};

static struct way way_of(const struct rl_frame *frame)
{
    const AVFrame *motion = frame->motion_back;
    struct way way = {.stride = motion->linesize[0] / (ptrdiff_t)sizeof(float),
                      .width = motion->width,
                      .height = motion->height,
                      .to_motion_x = (float)motion->width / (float)frame->depth->width,
                      .to_motion_y = (float)motion->height / (float)frame->depth->height,
                      .area = rl_frame_depth_area(frame)};
    for (int i = 0; i < 3; i++)
        way.planes[i] = (const float *)(const void *)motion->data[i];
    return way;
}

// A row of motion at the map's columns: dx, dy, confidence, as many of each as the map is wide.
// Rows lie in turns in two places, so that those above and below a row of the map are both there.
static const float *spread_row(struct rl_looks *looks, const struct way *way, int y)
{
    float *to = looks->spread[y % 2];
    if (looks->spread_row[y % 2] == y)
        return to;
    looks->spread_row[y % 2] = y;
    for (int x = 0; x < looks->width; x++) {
        const float middle = ((float)(x + way->area.x0) + .5f) * way->to_motion_x - .5f;
        const struct between column = between(middle, way->width);
        for (int i = 0; i < 3; i++) {
            const float *row = way->planes[i] + y * way->stride;
            to[i * looks->width + x] = mix(row[column.from], row[column.to], column.share);
        }
    }
    return to;
}

// What a row of the map reads: motion above and below it.
struct motion_row {
    const float *above, *below;
    float share;  // of `below`
};

static struct motion_row motion_row(struct rl_looks *looks, const struct way *way, int y)
{
    const float middle = ((float)(y + way->area.y0) + .5f) * way->to_motion_y - .5f;
    const struct between row = between(middle, way->height);
    const float *above = spread_row(looks, way, row.from), *below = spread_row(looks, way, row.to);
    return (struct motion_row){above, below, row.share};
}

void rl_looks_complete(struct rl_looks *looks, struct rl_frame *frame, bool mirrored)
{
    const struct way way = way_of(frame);
    const struct rl_plane part = rl_frame_plane_in(frame->depth, 0, way.area);
    const float sign = mirrored ? -1 : 1;
    const int width = looks->width;
    looks->spread_row[0] = looks->spread_row[1] = -1;
    for (int y = 0; y < part.height; y++) {
        float *row = (float *)(void *)rl_plane_row(&part, y), *skew = rl_looks_skew_row(looks, y);
        const struct motion_row motion = motion_row(looks, &way, y);
        const float *above = motion.above, *below = motion.below, share = motion.share;
        for (int x = 0; x < part.width; x++) {
            const float dx = mix(above[x], below[x], share),
                        dy = mix(above[x + width], below[x + width], share),
                        confidence = mix(above[x + 2 * width], below[x + 2 * width], share);
            const struct between from_x = between((float)x + dx / way.to_motion_x, width),
                                 from_y = between((float)y + dy / way.to_motion_y, looks->height);
            const float mean = sample(looks->mean, width, from_x, from_y),
                        before = sample(looks->skew, width, from_x, from_y);
            const float other = mean + sign * before / 2;
            skew[x] = mix(before, sign * (other - row[x]), confidence);
            row[x] += sign * skew[x] / 2;
        }
    }
}

void rl_looks_keep(struct rl_looks *looks, const struct rl_frame *frame)
{
    const struct rl_plane part = rl_frame_plane_in(frame->depth, 0, rl_frame_depth_area(frame));
    for (int y = 0; y < part.height; y++)
        memcpy(looks->next_mean + (ptrdiff_t)y * looks->width, rl_plane_row(&part, y),
               (size_t)looks->width * sizeof *looks->next_mean);
    FFSWAP(float *, looks->mean, looks->next_mean);
    FFSWAP(float *, looks->skew, looks->next_skew);
}
