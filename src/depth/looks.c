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
    looks->memory = calloc(4 * cells, sizeof *looks->memory);
    if (!looks->memory)
        return rl_fail_memory(err);
    looks->mean = looks->memory;
    looks->skew = looks->mean + cells;
    looks->next_mean = looks->skew + cells;
    looks->next_skew = looks->next_mean + cells;
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

struct carried {
    float mean, skew, confidence;
};

static struct carried carry(const struct rl_looks *looks, const struct way *way, int x,
                            struct between row, int y)
{
    const float middle = ((float)(x + way->area.x0) + .5f) * way->to_motion_x - .5f;
    const struct between column = between(middle, way->width);
    const float dx = sample(way->planes[RL_MOTION_DX], way->stride, column, row);
    const float dy = sample(way->planes[RL_MOTION_DY], way->stride, column, row);
    const struct between from_x = between((float)x + dx / way->to_motion_x, looks->width);
    const struct between from_y = between((float)y + dy / way->to_motion_y, looks->height);
    return (struct carried){
        sample(looks->mean, looks->width, from_x, from_y),
        sample(looks->skew, looks->width, from_x, from_y),
        sample(way->planes[RL_MOTION_CONFIDENCE], way->stride, column, row),
    };
}

void rl_looks_complete(struct rl_looks *looks, struct rl_frame *frame, bool mirrored)
{
    const struct way way = way_of(frame);
    const struct rl_plane part = rl_frame_plane_in(frame->depth, 0, way.area);
    const float sign = mirrored ? -1 : 1;
    for (int y = 0; y < part.height; y++) {
        float *row = (float *)(void *)rl_plane_row(&part, y), *skew = rl_looks_skew_row(looks, y);
        const float middle = ((float)(y + way.area.y0) + .5f) * way.to_motion_y - .5f;
        const struct between motion_row = between(middle, way.height);
        for (int x = 0; x < part.width; x++) {
            const struct carried before = carry(looks, &way, x, motion_row, y);
            const float other = before.mean + sign * before.skew / 2;
            skew[x] = mix(before.skew, sign * (other - row[x]), before.confidence);
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
