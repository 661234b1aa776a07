// SPDX-License-Identifier: MIT
#include "steady/held.h"

#include <math.h>

#include <libavutil/common.h>

// Contrast of a picture, in luma: from `noise` on its map says something, from noise + `clear` on
// it counts in full.
static const float noise = 1.5f, clear = 6;

static const float slow = .0008f;  // widths per frame: what moves no more stands still

struct rl_area rl_held_area(const struct rl_frame *frame, const AVFrame *map)
{
    struct rl_frame with_map = *frame;
    AVFrame shape = {.width = map->width, .height = map->height, .format = AV_PIX_FMT_GRAYF32};
    with_map.depth = &shape;
    return rl_frame_depth_area(&with_map);
}

static bool measure(struct rl_limits *seen, const struct rl_plane *plane, const float *count,
                    struct rl_area area)
{
    const struct rl_range_cells cells = {(const float *)(const void *)plane->data,
                                         count,
                                         plane->stride / (ptrdiff_t)sizeof(float),
                                         area.x0,
                                         area.y0,
                                         area.x1,
                                         area.y1};
    *seen = (struct rl_limits){0, 1};
    return rl_range_measure(&cells, seen);
}

bool rl_held_measure_map(struct rl_limits *seen, const struct rl_frame *frame, const AVFrame *map)
{
    const struct rl_plane plane = rl_frame_plane(map, 0);
    return measure(seen, &plane, NULL, rl_held_area(frame, map));
}

void rl_held_measure(struct rl_held *held)
{
    const struct rl_plane plane = rl_frame_plane(held->memory, RL_MEMORY_DEPTH);
    measure(&held->seen, &plane, rl_memory_plane(held->memory, RL_MEMORY_COUNT),
            rl_held_area(held->frame, held->memory));
}

float rl_held_worth(const struct rl_held *held)
{
    const struct rl_area area = rl_held_area(held->frame, held->memory);
    double sum = 0, deviation = 0;
    int count = 0;
    for (int y = area.y0 + 1; y < area.y1; y += 4)
        for (int x = area.x0 + 1; x < area.x1; x += 4, count++)
            sum += rl_memory_row(held->memory, y).luma[x];
    for (int y = area.y0 + 1; y < area.y1; y += 4)
        for (int x = area.x0 + 1; x < area.x1; x += 4)
            deviation += fabs(rl_memory_row(held->memory, y).luma[x] - sum / count);
    return count ? av_clipf(((float)(deviation / count) - noise) / clear, 0, 1) : 1;
}

// Whether cell (x, y) of a map of that size is where it was.
static bool stands(const struct rl_motion_view *motion, int x, int y, int width, int height)
{
    const ptrdiff_t at = y * motion->height / height * motion->stride + x * motion->width / width;
    return fabsf(motion->dx[at]) + fabsf(motion->dy[at]) < slow * (float)motion->width;
}

void rl_held_compare(struct rl_held *held)
{
    const AVFrame *memory = held->memory;
    const struct rl_area area = rl_held_area(held->frame, memory);
    const float own = held->frame->depth_skipped ? 0 : held->worth;
    double known = 0, still = 0;
    int count = 0;
    held->news = held->still = 0;
    if (held->begins || !held->frame->motion_back)
        return;
    const struct rl_motion_view motion = rl_memory_motion(held->frame->motion_back);
    for (int y = area.y0 + 1; y < area.y1; y += 4)
        for (int x = area.x0 + 1; x < area.x1; x += 4, count++) {
            const float cell = av_clipf((rl_memory_row(memory, y).count[x] - own) / 2, 0, 1);
            known += cell;
            if (stands(&motion, x, y, memory->width, memory->height))
                still += cell;
        }
    if (count) {
        held->news = 1 - (float)(known / count);
        held->still = (float)(still / count);
    }
}

void rl_held_free_pictures(struct rl_held *held)
{
    av_frame_free(&held->memory);
    av_frame_free(&held->own);
    av_frame_free(&held->final);
}

struct rl_held rl_line_take_first(struct rl_line *line)
{
    const struct rl_held first = line->held[0];
    line->count--;
    line->known_count--;
    line->final_count--;
    memmove(line->held, line->held + 1, (size_t)line->count * sizeof first);
    return first;
}

void rl_line_clear(struct rl_line *line)
{
    for (int i = 0; i < line->count; i++) {
        rl_frame_free(&line->held[i].frame);
        rl_held_free_pictures(&line->held[i]);
    }
    line->count = line->known_count = line->final_count = 0;
}
