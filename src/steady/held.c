// SPDX-License-Identifier: MIT
#include "steady/held.h"

#include <math.h>

#include <libavutil/common.h>

// Contrast of a picture, in luma: from `noise` on its map says something, from noise + `clear` on
// it counts in full.
static const float noise = 1.5f, clear = 6;

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

float rl_held_news(const struct rl_held *held)
{
    const struct rl_area area = rl_held_area(held->frame, held->memory);
    const float own = held->frame->depth_skipped ? 0 : held->worth;
    double known = 0;
    int count = 0;
    for (int y = area.y0 + 1; y < area.y1; y += 4)
        for (int x = area.x0 + 1; x < area.x1; x += 4, count++)
            known += av_clipf((rl_memory_row(held->memory, y).count[x] - own) / 2, 0, 1);
    return count && !held->begins ? 1 - (float)(known / count) : 0;
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
