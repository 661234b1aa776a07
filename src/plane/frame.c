// SPDX-License-Identifier: MIT
#include "plane/frame.h"

#include <libavutil/common.h>

struct rl_frame *rl_frame_create(void)
{
    return calloc(1, sizeof(struct rl_frame));
}

enum { PICTURES = 8 };

// All pictures that a frame may hold: what is not here is neither cloned nor freed.
static void list_pictures(struct rl_frame *frame, AVFrame **list[PICTURES])
{
    list[0] = &frame->picture;
    list[1] = &frame->depth;
    list[2] = &frame->known;
    list[3] = &frame->motion_back;
    list[4] = &frame->motion_ahead;
    list[5] = &frame->left;
    list[6] = &frame->right;
    list[7] = &frame->output;
}

struct rl_frame *rl_frame_clone(const struct rl_frame *frame)
{
    struct rl_frame *clone = rl_frame_create();
    AVFrame **pictures[PICTURES];
    if (!clone)
        return NULL;
    *clone = *frame;
    list_pictures(clone, pictures);
    bool complete = true;
    for (int i = 0; i < PICTURES; i++) {
        const AVFrame *original = *pictures[i];
        *pictures[i] = original ? av_frame_clone(original) : NULL;
        complete = complete && (!original || *pictures[i]);
    }
    if (!complete)
        rl_frame_free(&clone);
    return clone;
}

void rl_frame_free(struct rl_frame **frame)
{
    struct rl_frame *f = *frame;
    AVFrame **pictures[PICTURES];
    *frame = NULL;
    if (!f)
        return;
    list_pictures(f, pictures);
    for (int i = 0; i < PICTURES; i++)
        av_frame_free(pictures[i]);
    free(f);
}

void rl_frame_release(void *frame)
{
    struct rl_frame *f = frame;
    rl_frame_free(&f);
}

static bool is_set(struct rl_area area)
{
    return area.x1 > area.x0 && area.y1 > area.y0;
}

struct rl_area rl_frame_area(const struct rl_frame *frame)
{
    const AVFrame *picture = frame->picture;
    return is_set(frame->area) ? frame->area
                               : (struct rl_area){0, 0, picture->width, picture->height};
}

bool rl_frame_is_whole(const struct rl_frame *frame)
{
    const struct rl_area area = rl_frame_area(frame);
    return area.x0 == 0 && area.y0 == 0 && area.x1 == frame->picture->width &&
           area.y1 == frame->picture->height;
}

// The edge at `at` of `size` samples, in cells of which there are `count`; to the nearest.
static int cell_edge(int at, int size, int count)
{
    return (int)((2 * (int64_t)at * count + size) / (2 * (int64_t)size));
}

// At least one cell, however small the map.
static void find_cells(int begin, int end, int size, int count, int *first, int *behind)
{
    *first = cell_edge(begin, size, count);
    *behind = cell_edge(end, size, count);
    if (*first == *behind && *behind == count)
        --*first;
    else if (*first == *behind)
        ++*behind;
}

// How many cells all of `size` samples take when [begin, end) takes `count`. With one cell more the
// area gets at most one more, so that none of its counts is left out.
static int cells_of_whole(int begin, int end, int size, int count)
{
    const int about = (int)((int64_t)count * size / (end - begin));
    for (int off = 0; off <= about; off++)
        for (int sign = -1; sign <= 1; sign += 2) {
            const int cells = about + sign * off;
            if (cell_edge(end, size, cells) - cell_edge(begin, size, cells) == count)
                return cells;
        }
    return about;
}

void rl_frame_depth_size(const struct rl_frame *frame, int width, int height, int *map_width,
                         int *map_height)
{
    const struct rl_area area = rl_frame_area(frame);
    *map_width = cells_of_whole(area.x0, area.x1, frame->picture->width, width);
    *map_height = cells_of_whole(area.y0, area.y1, frame->picture->height, height);
}

struct rl_area rl_frame_depth_area(const struct rl_frame *frame)
{
    const struct rl_area area = rl_frame_area(frame);
    const int w = frame->depth->width, h = frame->depth->height;
    const int width = frame->picture->width, height = frame->picture->height;
    struct rl_area cells;
    find_cells(area.x0, area.x1, width, w, &cells.x0, &cells.x1);
    find_cells(area.y0, area.y1, height, h, &cells.y0, &cells.y1);
    return cells;
}

// yuvj420p and its kin are yuv420p with the range in the name; a tag says it better.
static bool has_range_in_name(const AVPixFmtDescriptor *desc)
{
    return strncmp(desc->name, "yuvj", 4) == 0;
}

bool rl_format_is_working(enum AVPixelFormat format)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(format);
    const uint64_t odd = AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_HWACCEL |
                         AV_PIX_FMT_FLAG_BAYER | AV_PIX_FMT_FLAG_ALPHA | AV_PIX_FMT_FLAG_FLOAT;
    if (!desc || desc->nb_components != 3 || !(desc->flags & AV_PIX_FMT_FLAG_PLANAR) ||
        (desc->flags & odd) || av_pix_fmt_count_planes(format) != 3 || has_range_in_name(desc))
        return false;
    bool big = desc->flags & AV_PIX_FMT_FLAG_BE;
    bool native = desc->comp[0].depth <= 8 || big == AV_NE(1, 0);
    return native && desc->comp[0].shift == 0 && desc->comp[0].depth >= 8 &&
           desc->comp[0].depth <= 16;
}

// Of the working formats, the cheapest that loses nothing of `desc`.
static bool loses_nothing(const AVPixFmtDescriptor *desc, const AVPixFmtDescriptor *as)
{
    // XYZ of digital cinema is RGB to everybody but FFmpeg's flags.
    bool rgb = (desc->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL)) ||
               strncmp(desc->name, "xyz", 3) == 0;
    if (rgb != !!(as->flags & AV_PIX_FMT_FLAG_RGB))
        return false;
    int depth = desc->flags & AV_PIX_FMT_FLAG_PAL ? 8 : desc->comp[0].depth;
    if (depth > 16)
        depth = 16;  // float and 32-bit sources: 16 bits are what encoders take
    bool grey = desc->nb_components < 3;
    int chroma_w = grey ? 1 : desc->log2_chroma_w, chroma_h = grey ? 1 : desc->log2_chroma_h;
    return as->comp[0].depth >= depth && as->log2_chroma_w <= chroma_w &&
           as->log2_chroma_h <= chroma_h;
}

static int cost(const AVPixFmtDescriptor *desc)
{
    return desc->comp[0].depth * 16 - desc->log2_chroma_w - desc->log2_chroma_h;
}

enum AVPixelFormat rl_format_working(enum AVPixelFormat format)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(format), *as = NULL, *best = NULL;
    if (!desc || (desc->flags & AV_PIX_FMT_FLAG_HWACCEL))
        return AV_PIX_FMT_NONE;
    if (rl_format_is_working(format))
        return format;
    while ((as = av_pix_fmt_desc_next(as)))
        if (rl_format_is_working(av_pix_fmt_desc_get_id(as)) && loses_nothing(desc, as) &&
            (!best || cost(as) < cost(best)))
            best = as;
    return best ? av_pix_fmt_desc_get_id(best) : AV_PIX_FMT_NONE;
}

struct rl_plane rl_frame_plane(const AVFrame *frame, int index)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get((enum AVPixelFormat)frame->format);
    bool chroma = (index == 1 || index == 2) && !(desc->flags & AV_PIX_FMT_FLAG_RGB);
    return (struct rl_plane){
        .data = frame->data[index],
        .stride = frame->linesize[index],
        .width = chroma ? AV_CEIL_RSHIFT(frame->width, desc->log2_chroma_w) : frame->width,
        .height = chroma ? AV_CEIL_RSHIFT(frame->height, desc->log2_chroma_h) : frame->height,
    };
}

struct rl_plane rl_frame_plane_in(const AVFrame *frame, int index, struct rl_area area)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get((enum AVPixelFormat)frame->format);
    const struct rl_plane whole = rl_frame_plane(frame, index);
    const bool chroma = (index == 1 || index == 2) && !(desc->flags & AV_PIX_FMT_FLAG_RGB);
    const int w = chroma ? desc->log2_chroma_w : 0, h = chroma ? desc->log2_chroma_h : 0;
    const int x0 = area.x0 >> w, y0 = area.y0 >> h;
    return (struct rl_plane){
        .data = whole.data + y0 * whole.stride + (ptrdiff_t)x0 * desc->comp[index].step,
        .stride = whole.stride,
        .width = AV_CEIL_RSHIFT(area.x1, w) - x0,
        .height = AV_CEIL_RSHIFT(area.y1, h) - y0,
    };
}
