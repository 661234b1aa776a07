// SPDX-License-Identifier: MIT
#include "media/reformat.h"

#include "base/str.h"

#include <libavutil/imgutils.h>
#include <libswscale/swscale.h>

enum AVColorSpace rl_matrix_of(const AVFrame *picture)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get((enum AVPixelFormat)picture->format);
    if (desc->flags & AV_PIX_FMT_FLAG_RGB)
        return AVCOL_SPC_RGB;
    if (picture->colorspace != AVCOL_SPC_UNSPECIFIED && picture->colorspace != AVCOL_SPC_RGB)
        return picture->colorspace;
    return picture->height >= 720 ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
}

// yuvj420p and its kin are yuv420p with the range in the name; swscale wants them told apart.
static void spell_out(struct rl_target *target)
{
    const char *name = av_get_pix_fmt_name(target->format);
    char plain[16];
    if (!rl_str_starts(name, "yuvj"))
        return;
    snprintf(plain, sizeof plain, "yuv%s", name + 4);
    target->format = av_get_pix_fmt(plain);
    target->range = AVCOL_RANGE_JPEG;
}

static bool is_full_range(enum AVPixelFormat format, enum AVColorRange range)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(format);
    if (desc->flags & AV_PIX_FMT_FLAG_RGB)
        return true;
    return range == AVCOL_RANGE_JPEG || (desc->nb_components < 3 && range != AVCOL_RANGE_MPEG);
}

// swscale numbers matrices as AVColorSpace does, but knows only some of them.
static const int *coefficients(enum AVColorSpace matrix)
{
    return sws_getCoefficients(matrix == AVCOL_SPC_BT2020_CL ? SWS_CS_BT2020 : (int)matrix);
}

static enum relief_status open_scaler(struct rl_reformat *r, struct relief_error *err)
{
    const struct rl_target *from = &r->from, *to = &r->to;
    const int flags = SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP |
                      SWS_BITEXACT;
    sws_freeContext(r->scaler);
    r->scaler = sws_getContext(from->width, from->height, from->format, from->width, from->height,
                               to->format, flags, NULL, NULL, NULL);
    if (!r->scaler)
        return rl_fail(err, RELIEF_E_FAILED, "cannot convert pictures from %s to %s",
                       av_get_pix_fmt_name(from->format), av_get_pix_fmt_name(to->format));
    sws_setColorspaceDetails(r->scaler, coefficients(from->matrix),
                             is_full_range(from->format, from->range), coefficients(to->matrix),
                             is_full_range(to->format, to->range), 0, 1 << 16, 1 << 16);
    return RELIEF_OK;
}

static bool same(const struct rl_target *a, const struct rl_target *b)
{
    return a->format == b->format && a->width == b->width && a->height == b->height &&
           a->matrix == b->matrix && a->range == b->range;
}

static int plane_size(int size, int shift, int plane)
{
    return plane == 1 || plane == 2 ? AV_CEIL_RSHIFT(size, shift) : size;
}

// Bytes from one sample (of all components that share the plane) to the next.
static int plane_step(const AVPixFmtDescriptor *desc, int plane)
{
    for (int i = 0; i < desc->nb_components; i++)
        if (desc->comp[i].plane == plane)
            return desc->comp[i].step;
    return 1;
}

// Fill what lies beyond width x height with the last column and the last row.
static void repeat_edges(AVFrame *frame, int width, int height)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get((enum AVPixelFormat)frame->format);
    for (int p = 0; p < av_pix_fmt_count_planes((enum AVPixelFormat)frame->format); p++) {
        int step = plane_step(desc, p);
        int from_w = plane_size(width, desc->log2_chroma_w, p);
        int from_h = plane_size(height, desc->log2_chroma_h, p);
        int to_w = plane_size(frame->width, desc->log2_chroma_w, p);
        int to_h = plane_size(frame->height, desc->log2_chroma_h, p);
        for (int y = 0; y < from_h; y++) {
            uint8_t *row = frame->data[p] + (ptrdiff_t)y * frame->linesize[p];
            for (int i = from_w * step; i < to_w * step; i++)
                row[i] = row[i - step];
        }
        for (int y = from_h; y < to_h; y++) {
            uint8_t *row = frame->data[p] + (ptrdiff_t)y * frame->linesize[p];
            memcpy(row, row - frame->linesize[p], (size_t)to_w * (size_t)step);
        }
    }
}

// Depth: 1 becomes 65535, rounded to the nearest; what is not a number is far.
static void depth_to_grey(AVFrame *grey, const AVFrame *depth)
{
    for (int y = 0; y < depth->height; y++) {
        const float *from = (const float *)(depth->data[0] + (ptrdiff_t)y * depth->linesize[0]);
        uint16_t *to = (uint16_t *)(grey->data[0] + (ptrdiff_t)y * grey->linesize[0]);
        for (int x = 0; x < depth->width; x++) {
            float d = from[x] > 0 ? from[x] : 0;
            to[x] = (uint16_t)((d < 1 ? d : 1) * 65535.0f + 0.5f);
        }
    }
}

static AVFrame *grey_of_depth(const AVFrame *depth)
{
    struct rl_pool once = {0};
    AVFrame *grey = rl_pool_get(&once, AV_PIX_FMT_GRAY16, depth->width, depth->height, depth);
    rl_pool_clear(&once);
    if (grey) {
        grey->color_range = AVCOL_RANGE_JPEG;
        depth_to_grey(grey, depth);
    }
    return grey;
}

static enum relief_status redraw(struct rl_reformat *r, const AVFrame *picture, AVFrame *out,
                                 struct relief_error *err)
{
    if (r->from.format == r->to.format && r->from.matrix == r->to.matrix &&
        r->from.range == r->to.range) {
        av_image_copy(out->data, out->linesize, (const uint8_t **)(uintptr_t)picture->data,
                      picture->linesize, r->to.format, picture->width, picture->height);
    } else {
        enum relief_status status = r->scaler ? RELIEF_OK : open_scaler(r, err);
        if (status != RELIEF_OK)
            return status;
        sws_scale(r->scaler, (const uint8_t *const *)picture->data, picture->linesize, 0,
                  picture->height, out->data, out->linesize);
    }
    repeat_edges(out, picture->width, picture->height);
    return RELIEF_OK;
}

static enum relief_status convert(struct rl_reformat *r, const AVFrame *picture,
                                  const struct rl_target *wanted, AVFrame **out,
                                  struct relief_error *err)
{
    struct rl_target from = {(enum AVPixelFormat)picture->format, picture->width, picture->height,
                             rl_matrix_of(picture), picture->color_range};
    struct rl_target to = *wanted;
    spell_out(&from);
    spell_out(&to);
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(to.format);
    if (desc->flags & AV_PIX_FMT_FLAG_RGB)
        to.matrix = AVCOL_SPC_RGB;
    else if (to.matrix == AVCOL_SPC_UNSPECIFIED)
        to.matrix = from.matrix == AVCOL_SPC_RGB ? AVCOL_SPC_BT709 : from.matrix;
    if (to.range == AVCOL_RANGE_UNSPECIFIED)
        to.range = from.range;
    if (!same(&from, &r->from) || !same(&to, &r->to)) {
        sws_freeContext(r->scaler);
        r->scaler = NULL;
        r->from = from;
        r->to = to;
    }
    bool unchanged = same(&from, &to);
    AVFrame *made = unchanged ? av_frame_clone(picture)
                              : rl_pool_get(&r->pool, to.format, to.width, to.height, picture);
    if (!made)
        return rl_fail_memory(err);
    // A picture that does not name its matrix stays nameless, unless the matrix changes.
    if (to.matrix != from.matrix)
        made->colorspace = to.matrix;
    made->color_range = to.range;
    enum relief_status status = unchanged ? RELIEF_OK : redraw(r, picture, made, err);
    made->format = wanted->format;
    if (status != RELIEF_OK)
        av_frame_free(&made);
    *out = made;
    return status;
}

enum relief_status rl_reformat(struct rl_reformat *reformat, const AVFrame *picture,
                               const struct rl_target *to, AVFrame **out, struct relief_error *err)
{
    *out = NULL;
    if (picture->format != AV_PIX_FMT_GRAYF32 || to->format == AV_PIX_FMT_GRAYF32)
        return convert(reformat, picture, to, out, err);
    AVFrame *grey = grey_of_depth(picture);
    if (!grey)
        return rl_fail_memory(err);
    enum relief_status status = convert(reformat, grey, to, out, err);
    av_frame_free(&grey);
    return status;
}

void rl_reformat_clear(struct rl_reformat *reformat)
{
    sws_freeContext(reformat->scaler);
    rl_pool_clear(&reformat->pool);
    *reformat = (struct rl_reformat){0};
}
