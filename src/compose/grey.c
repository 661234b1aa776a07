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
    struct rl_plane depth;  // of the area
    const AVFrame *output;
    struct rl_area area;  // in the output
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
    const int width = job->area.x1 - job->area.x0;
    for (int x = 0; x < job->area.x0; x++)
        put(row, x, deep, (int)(black >> 32));
    for (int x = job->area.x1; x < job->output->width; x++)
        put(row, x, deep, (int)(black >> 32));
    for (int x = 0; x < width; x++) {
        int place = job->grey->places[x], part = place & 255;
        const uint16_t *at = from + (place >> 8);
        int word = (at[0] * (256 - part) + at[1] * part + 128) >> 8;
        put(row, job->area.x0 + x, deep, (int)((black + word * factor) >> 32));
    }
}

static void draw_black(const struct job *job, uint8_t *row)
{
    const int deep = job->colour.depth > 8, black = (int)lrint(job->colour.luma_black);
    for (int x = 0; x < job->output->width; x++)
        put(row, x, deep, black);
}

static void draw_rows(void *arg, int begin, int end, int slot)
{
    const struct job *job = arg;
    const struct rl_area area = job->area;
    uint16_t *scratch = job->grey->scratch + (size_t)slot * job->grey->row_samples;
    struct rl_plane luma = rl_frame_plane(job->output, 0);
    for (int y = begin; y < end; y++) {
        if (y >= area.y0 && y < area.y1) {
            const int place = place_of(y - area.y0, area.y1 - area.y0, job->depth.height);
            blend_rows(scratch, &job->depth, place);
            stretch_row(job, rl_plane_row(&luma, y), scratch);
        } else {
            draw_black(job, rl_plane_row(&luma, y));
        }
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

// The frame's area in a picture of the output's size.
static struct rl_area area_in(const struct rl_frame *frame, const AVFrame *output)
{
    const struct rl_area area = rl_frame_area(frame);
    const int64_t w = frame->picture->width, h = frame->picture->height;
    return (struct rl_area){
        (int)(area.x0 * (int64_t)output->width / w), (int)(area.y0 * (int64_t)output->height / h),
        (int)(area.x1 * (int64_t)output->width / w), (int)(area.y1 * (int64_t)output->height / h)};
}

enum relief_status rl_grey_picture(struct rl_grey *grey, struct rl_workers *workers,
                                   const struct rl_frame *frame, const AVFrame *output,
                                   struct relief_error *err)
{
    struct job job = {
        .grey = grey,
        .depth = rl_frame_plane_in(frame->depth, 0, rl_frame_depth_area(frame)),
        .output = output,
        .area = area_in(frame, output),
    };
    enum relief_status status = prepare_scratch(grey, job.depth.width, job.area.x1 - job.area.x0,
                                                rl_workers_slots(workers), err);
    if (status != RELIEF_OK)
        return status;
    rl_colour_of(&job.colour, output);
    rl_workers_rows(workers, output->height, 1, draw_rows, &job);
    if (!job.colour.rgb && output->format != AV_PIX_FMT_GRAY16)
        clear_chroma(output, job.colour.depth);
    return RELIEF_OK;
}
