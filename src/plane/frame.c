// SPDX-License-Identifier: MIT
#include "plane/frame.h"

#include <libavutil/common.h>

struct rl_frame *rl_frame_create(void)
{
    return calloc(1, sizeof(struct rl_frame));
}

void rl_frame_free(struct rl_frame **frame)
{
    struct rl_frame *f = *frame;
    *frame = NULL;
    if (!f)
        return;
    av_frame_free(&f->picture);
    av_frame_free(&f->depth);
    av_frame_free(&f->left);
    av_frame_free(&f->right);
    av_frame_free(&f->output);
    free(f);
}

void rl_frame_release(void *frame)
{
    struct rl_frame *f = frame;
    rl_frame_free(&f);
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
