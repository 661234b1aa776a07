// SPDX-License-Identifier: MIT
#include "compose/grey.h"

#include "compose/colour.h"

#include <math.h>

#include <libavutil/common.h>
#include <libavutil/mem.h>

// Maps are stretched as numbers of 16 bits: no working format holds more, and integers come out
// the same everywhere.
struct job {
    struct rl_grey *grey;
    struct rl_plane depth;
    const AVFrame *output;
    struct rl_colour colour;
};

void rl_grey_clear(struct rl_grey *grey)
{
    av_freep(&grey->scratch);
    av_freep(&grey->places);
    *grey = (struct rl_grey){0};
}

// Where output sample `at` of `count` lies among `from` samples: 24.8 fixed point, clamped.
static int place_of(int at, int count, int from)
{
    int64_t centre = ((2 * (int64_t)at + 1) * from * 256 / count - 256) / 2;
    return (int)av_clip64(centre, 0, (int64_t)(from - 1) * 256);
}

static uint16_t to_word(float d)
{
    return (uint16_t)(d <= 0 ? 0 : d >= 1 ? 65535 : (int)(d * 65535 + .5f));
}

// One row between two rows of the map.
static void blend_rows(uint16_t *to, const struct rl_plane *depth, int place)
{
    int y = place >> 8, part = place & 255;
    const float *a = (const float *)rl_plane_row(depth, y);
    const float *b = (const float *)rl_plane_row(depth, FFMIN(y + 1, depth->height - 1));
    for (int x = 0; x < depth->width; x++)
        to[x] = (uint16_t)((to_word(a[x]) * (256 - part) + to_word(b[x]) * part + 128) >> 8);
    to[depth->width] = to[depth->width - 1];
}

static void put(uint8_t *row, int x, int deep, int value)
{
    if (deep)
        ((uint16_t *)row)[x] = (uint16_t)value;
    else
        row[x] = (uint8_t)value;
}

static void stretch_row(const struct job *job, uint8_t *row, const uint16_t *from)
{
    // 32 bits of fraction: the samples of 16 bits come out exact.
    const int64_t factor = llrint(ldexp(job->colour.luma_span, 32) / 65535);
    const int64_t black = llrint(ldexp(job->colour.luma_black, 32)) + (INT64_C(1) << 31);
    const int deep = job->colour.depth > 8;
    for (int x = 0; x < job->output->width; x++) {
        int place = job->grey->places[x], part = place & 255;
        const uint16_t *at = from + (place >> 8);
        int word = (at[0] * (256 - part) + at[1] * part + 128) >> 8;
        put(row, x, deep, (int)((black + word * factor) >> 32));
    }
}

static void draw_rows(void *arg, int begin, int end, int slot)
{
    const struct job *job = arg;
    uint16_t *scratch = job->grey->scratch + (size_t)slot * job->grey->row_samples;
    struct rl_plane luma = rl_frame_plane(job->output, 0);
    for (int y = begin; y < end; y++) {
        blend_rows(scratch, &job->depth, place_of(y, luma.height, job->depth.height));
        stretch_row(job, rl_plane_row(&luma, y), scratch);
        for (int index = 1; index < 3 && job->colour.rgb; index++) {
            struct rl_plane plane = rl_frame_plane(job->output, index);
            memcpy(rl_plane_row(&plane, y), rl_plane_row(&luma, y),
                   (size_t)luma.width << (job->colour.depth > 8));
        }
    }
}

static void clear_chroma(const AVFrame *output, int depth)
{
    for (int index = 1; index < 3; index++) {
        struct rl_plane plane = rl_frame_plane(output, index);
        for (int y = 0; y < plane.height; y++)
            for (int x = 0; x < plane.width; x++)
                put(rl_plane_row(&plane, y), x, depth > 8, 1 << (depth - 1));
    }
}

static enum relief_status prepare_scratch(struct rl_grey *grey, int map_width, int width, int slots,
                                          struct relief_error *err)
{
    if (map_width == grey->map_width && width == grey->width && slots == grey->slots)
        return RELIEF_OK;
    rl_grey_clear(grey);
    grey->row_samples = (size_t)map_width + 1;
    grey->scratch = av_calloc(grey->row_samples * (size_t)slots, sizeof *grey->scratch);
    grey->places = av_calloc((size_t)width, sizeof *grey->places);
    if (!grey->scratch || !grey->places)
        return rl_fail_memory(err);
    for (int x = 0; x < width; x++)
        grey->places[x] = place_of(x, width, map_width);
    grey->map_width = map_width;
    grey->width = width;
    grey->slots = slots;
    return RELIEF_OK;
}

enum relief_status rl_grey_picture(struct rl_grey *grey, struct rl_workers *workers,
                                   const AVFrame *depth, const AVFrame *output,
                                   struct relief_error *err)
{
    struct job job = {.grey = grey, .depth = rl_frame_plane(depth, 0), .output = output};
    enum relief_status status = prepare_scratch(grey, depth->width, output->width,
                                                rl_workers_slots(workers), err);
    if (status != RELIEF_OK)
        return status;
    rl_colour_of(&job.colour, output);
    rl_workers_rows(workers, output->height, 1, draw_rows, &job);
    if (!job.colour.rgb)
        clear_chroma(output, job.colour.depth);
    return RELIEF_OK;
}
