// SPDX-License-Identifier: MIT
#include "media/fit.h"

#include <libavutil/imgutils.h>
#include <libswscale/swscale.h>

static const AVPixFmtDescriptor *describe(const AVFrame *frame)
{
    return av_pix_fmt_desc_get((enum AVPixelFormat)frame->format);
}

// The first `count` components lie in memory the same way.
static bool same_layout(const AVPixFmtDescriptor *a, const AVPixFmtDescriptor *b, int count)
{
    const uint64_t kind = AV_PIX_FMT_FLAG_BE | AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL |
                          AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_FLOAT | AV_PIX_FMT_FLAG_BAYER;
    if ((a->flags & kind) != (b->flags & kind) || a->nb_components < count ||
        b->nb_components < count)
        return false;
    for (int i = 0; i < count; i++)
        if (memcmp(&a->comp[i], &b->comp[i], sizeof a->comp[i]) != 0)
            return false;
    return count == 1 ||
           (a->log2_chroma_w == b->log2_chroma_w && a->log2_chroma_h == b->log2_chroma_h);
}

static bool is_grey(const AVPixFmtDescriptor *desc)
{
    return desc->nb_components < 3 && !(desc->flags & AV_PIX_FMT_FLAG_PAL);
}

static bool is_full_range(const AVFrame *frame)
{
    const AVPixFmtDescriptor *desc = describe(frame);
    if (frame->color_range != AVCOL_RANGE_UNSPECIFIED)
        return frame->color_range == AVCOL_RANGE_JPEG;
    return is_grey(desc) || (desc->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL));
}

// "yuvj420p" says in its name what a tag says.
static void name_range(AVFrame *frame)
{
    const AVPixFmtDescriptor *desc = describe(frame);
    if (strncmp(desc->name, "yuvj", 4) == 0 || (is_grey(desc) && is_full_range(frame)))
        frame->color_range = AVCOL_RANGE_JPEG;
}

static void keep_planes(AVFrame *frame, int count)
{
    for (int i = count; i < AV_NUM_DATA_POINTERS; i++) {
        frame->data[i] = NULL;
        frame->linesize[i] = 0;
    }
}

// ---------------------------------------------------------------------------------------------
// Without arithmetic

static enum relief_status make_neutral(struct rl_fit *fit, size_t bytes, int value,
                                       int sample_bytes, struct relief_error *err)
{
    if (fit->chroma && fit->chroma_bytes == bytes && fit->chroma_value == value)
        return RELIEF_OK;
    av_buffer_unref(&fit->chroma);
    fit->chroma = av_buffer_alloc(bytes);
    if (!fit->chroma)
        return rl_fail_memory(err);
    fit->chroma_bytes = bytes;
    fit->chroma_value = value;
    for (size_t i = 0; i < bytes / (size_t)sample_bytes; i++) {
        if (sample_bytes == 1)
            fit->chroma->data[i] = (uint8_t)value;
        else
            ((uint16_t *)fit->chroma->data)[i] = (uint16_t)value;
    }
    return RELIEF_OK;
}

// A grey picture is a colour picture with neutral chroma.
static enum relief_status add_chroma(struct rl_fit *fit, AVFrame *frame,
                                     const AVPixFmtDescriptor *target, enum AVPixelFormat format,
                                     struct relief_error *err)
{
    int depth = target->comp[0].depth, sample_bytes = depth > 8 ? 2 : 1;
    int width = AV_CEIL_RSHIFT(frame->width, target->log2_chroma_w);
    int height = AV_CEIL_RSHIFT(frame->height, target->log2_chroma_h);
    int stride = FFALIGN(width * sample_bytes, 64);
    enum relief_status status = make_neutral(fit, (size_t)stride * (size_t)(height + 1),
                                             1 << (depth - 1), sample_bytes, err);
    if (status != RELIEF_OK)
        return status;
    int free_slot = 0;
    while (frame->buf[free_slot])
        free_slot++;
    frame->buf[free_slot] = av_buffer_ref(fit->chroma);
    if (!frame->buf[free_slot])
        return rl_fail_memory(err);
    for (int i = 1; i < 3; i++) {
        frame->data[i] = fit->chroma->data;
        frame->linesize[i] = stride;
    }
    frame->format = format;
    return RELIEF_OK;
}

// True when the frame has become what is wanted, or failed on the way.
static bool relabel(struct rl_fit *fit, AVFrame *frame, enum AVPixelFormat format,
                    enum relief_status *status, struct relief_error *err)
{
    const AVPixFmtDescriptor *from = describe(frame), *to = av_pix_fmt_desc_get(format);
    bool to_luma = is_grey(to) && to->nb_components == 1;
    if (frame->format == format)
        return true;
    if (to_luma && same_layout(from, to, 1) && is_full_range(frame)) {
        keep_planes(frame, 1);
    } else if (!is_grey(to) && is_grey(from) && from->nb_components == 1 &&
               !(to->flags & AV_PIX_FMT_FLAG_RGB) &&
               !((from->flags ^ to->flags) & AV_PIX_FMT_FLAG_BE) &&
               memcmp(&from->comp[0], &to->comp[0], sizeof from->comp[0]) == 0) {
        *status = add_chroma(fit, frame, to, format, err);
        return true;
    } else if (from->nb_components >= 3 && to->nb_components == 3 && same_layout(from, to, 3)) {
        keep_planes(frame, 3);
    } else {
        return false;
    }
    frame->format = format;
    return true;
}

// ---------------------------------------------------------------------------------------------
// Sample by sample

// The same samples in another place: semi-planar, packed, padded, in the other byte order or in a
// palette.
// swscale does the common ones faster, but rounds some of the rest and does not know others.
static bool only_rearranges(enum AVPixelFormat source, const AVPixFmtDescriptor *from,
                            const AVPixFmtDescriptor *to)
{
    const uint64_t odd = AV_PIX_FMT_FLAG_FLOAT | AV_PIX_FMT_FLAG_BAYER;
    if (from->flags & AV_PIX_FMT_FLAG_PAL)
        return (to->flags & AV_PIX_FMT_FLAG_RGB) && to->comp[0].depth == 8;
    bool rgb = from->flags & AV_PIX_FMT_FLAG_RGB, packed = !(from->flags & AV_PIX_FMT_FLAG_PLANAR);
    if ((from->flags & odd) || from->nb_components < 3 || to->nb_components < 3 ||
        rgb != !!(to->flags & AV_PIX_FMT_FLAG_RGB) || from->log2_chroma_w != to->log2_chroma_w ||
        from->log2_chroma_h != to->log2_chroma_h)
        return false;
    for (int i = 0; i < 3; i++)
        if (from->comp[i].depth != to->comp[i].depth || from->comp[i].depth > 16)
            return false;
    int depth = from->comp[0].depth;
    return !sws_isSupportedInput(source) || from->comp[0].shift ||
           ((from->flags & AV_PIX_FMT_FLAG_BE) && !rgb) ||
           (rgb && packed && depth > 8 && depth < 16);
}

// Row `y` of component `index`.
static void read_row(uint16_t *line, const AVFrame *from, const AVPixFmtDescriptor *desc, int y,
                     int index, int width)
{
    bool has_palette = desc->flags & AV_PIX_FMT_FLAG_PAL;
    av_read_image_line(line, (const uint8_t **)from->data, from->linesize, desc, 0, y,
                       has_palette ? 0 : index, width, 0);
    const uint32_t *palette = (const uint32_t *)from->data[1];  // 0xAARRGGBB
    for (int x = 0; x < width && has_palette; x++)
        line[x] = palette[line[x]] >> (16 - 8 * index) & 255;
}

static enum relief_status rearrange(struct rl_fit *fit, AVFrame **frame, enum AVPixelFormat format,
                                    struct relief_error *err)
{
    AVFrame *from = *frame;
    const AVPixFmtDescriptor *source = describe(from), *target = av_pix_fmt_desc_get(format);
    AVFrame *to = rl_pool_get(&fit->pool, format, from->width, from->height, from);
    uint16_t *line = malloc((size_t)from->width * sizeof *line);
    if (!to || !line) {
        free(line);
        av_frame_free(&to);
        return rl_fail_memory(err);
    }
    for (int i = 0; i < 3; i++) {
        struct rl_plane plane = rl_frame_plane(to, target->comp[i].plane);
        for (int y = 0; y < plane.height; y++) {
            uint8_t *row = rl_plane_row(&plane, y);
            read_row(line, from, source, y, i, plane.width);
            if (target->comp[i].depth > 8)
                memcpy(row, line, (size_t)plane.width * sizeof *line);
            for (int x = 0; x < plane.width && target->comp[i].depth <= 8; x++)
                row[x] = (uint8_t)line[x];
        }
    }
    free(line);
    av_frame_free(frame);
    *frame = to;
    return RELIEF_OK;
}

// ---------------------------------------------------------------------------------------------
// With swscale

// What the colours of a frame mean, as far as conversion asks: matrix and range.
static void key_of(const AVFrame *frame, int key[5])
{
    const int values[5] = {frame->width, frame->height, frame->format, frame->colorspace,
                           is_full_range(frame)};
    memcpy(key, values, sizeof values);
}

static const int *matrix_of(const AVFrame *frame)
{
    int space = frame->colorspace;
    if (space == AVCOL_SPC_UNSPECIFIED || space == AVCOL_SPC_RGB)
        space = SWS_CS_DEFAULT;
    return sws_getCoefficients(space);
}

static enum relief_status prepare(struct rl_fit *fit, const AVFrame *from, const AVFrame *to,
                                  struct relief_error *err)
{
    int source[5], target[5];
    key_of(from, source);
    key_of(to, target);
    if (fit->sws && memcmp(source, fit->source_key, sizeof source) == 0 &&
        memcmp(target, fit->target_key, sizeof target) == 0)
        return RELIEF_OK;
    sws_freeContext(fit->sws);
    fit->sws = sws_getContext(from->width, from->height, (enum AVPixelFormat)from->format,
                              to->width, to->height, (enum AVPixelFormat)to->format,
                              SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT |
                                  SWS_FULL_CHR_H_INP | SWS_BITEXACT,
                              NULL, NULL, NULL);
    if (!fit->sws)
        return rl_fail(err, RELIEF_E_INPUT, "pictures of format %s cannot be converted to %s",
                       describe(from)->name, describe(to)->name);
    // Formats without range or matrix (RGB) ignore this, which is no failure.
    sws_setColorspaceDetails(fit->sws, matrix_of(from), is_full_range(from), matrix_of(to),
                             is_full_range(to), 0, 1 << 16, 1 << 16);
    memcpy(fit->source_key, source, sizeof source);
    memcpy(fit->target_key, target, sizeof target);
    return RELIEF_OK;
}

static void take_tags(AVFrame *frame, const AVFrame *like)
{
    frame->color_range = like->color_range;
    frame->colorspace = like->colorspace;
    frame->color_primaries = like->color_primaries;
    frame->color_trc = like->color_trc;
}

// Tags for the target: its own kind of colour, the source's range.
static void settle_tags(AVFrame *to, const AVFrame *from, const AVFrame *like)
{
    const AVPixFmtDescriptor *source = describe(from), *target = describe(to);
    bool from_rgb = source->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL);
    bool to_rgb = target->flags & AV_PIX_FMT_FLAG_RGB;
    if (like)
        take_tags(to, like);
    else if (is_grey(target) && !is_grey(source))
        to->color_range = AVCOL_RANGE_JPEG;
    else if (from_rgb != to_rgb)
        to->color_range = to_rgb ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
    if (to_rgb)
        to->colorspace = AVCOL_SPC_RGB;
    else if (to->colorspace == AVCOL_SPC_RGB)
        to->colorspace = AVCOL_SPC_UNSPECIFIED;
}

static enum relief_status scale(struct rl_fit *fit, AVFrame **frame, enum AVPixelFormat format,
                                int width, int height, const AVFrame *like,
                                struct relief_error *err)
{
    AVFrame *from = *frame;
    AVFrame *to = rl_pool_get(&fit->pool, format, width, height, from);
    if (!to)
        return rl_fail_memory(err);
    settle_tags(to, from, like);
    enum relief_status status = prepare(fit, from, to, err);
    if (status == RELIEF_OK &&
        sws_scale(fit->sws, (const uint8_t *const *)from->data, from->linesize, 0, from->height,
                  to->data, to->linesize) < 0)
        status = rl_fail(err, RELIEF_E_INPUT, "a picture of format %s cannot be converted",
                         describe(from)->name);
    if (status != RELIEF_OK) {
        av_frame_free(&to);
        return status;
    }
    av_frame_free(frame);
    *frame = to;
    return RELIEF_OK;
}

// Pictures stored bottom-up have negative strides.
static enum relief_status unflip(struct rl_fit *fit, AVFrame **frame, struct relief_error *err)
{
    AVFrame *from = *frame;
    bool is_flipped = false;
    for (int i = 0; i < 4; i++)
        is_flipped |= from->linesize[i] < 0;
    if (!is_flipped)
        return RELIEF_OK;
    AVFrame *to = rl_pool_get(&fit->pool, (enum AVPixelFormat)from->format, from->width,
                              from->height, from);
    if (!to)
        return rl_fail_memory(err);
    av_image_copy(to->data, to->linesize, (const uint8_t **)from->data, from->linesize,
                  (enum AVPixelFormat)from->format, from->width, from->height);
    av_frame_free(frame);
    *frame = to;
    return RELIEF_OK;
}

// Grey with alpha, one-bit grey and the like become plain grey before they get chroma.
static enum AVPixelFormat grey_of(const AVPixFmtDescriptor *from, const AVPixFmtDescriptor *to)
{
    if (!is_grey(from) || is_grey(to) || (to->flags & AV_PIX_FMT_FLAG_RGB))
        return AV_PIX_FMT_NONE;
    switch (to->comp[0].depth) {
    case 8:
        return AV_PIX_FMT_GRAY8;
    case 9:
        return AV_PIX_FMT_GRAY9;
    case 10:
        return AV_PIX_FMT_GRAY10;
    case 12:
        return AV_PIX_FMT_GRAY12;
    case 14:
        return AV_PIX_FMT_GRAY14;
    case 16:
        return AV_PIX_FMT_GRAY16;
    default:
        return AV_PIX_FMT_NONE;
    }
}

enum relief_status rl_fit(struct rl_fit *fit, AVFrame **frame, enum AVPixelFormat format, int width,
                          int height, const AVFrame *like, struct relief_error *err)
{
    enum relief_status status = RELIEF_OK;
    name_range(*frame);
    if ((*frame)->width == width && (*frame)->height == height &&
        relabel(fit, *frame, format, &status, err))
        return status == RELIEF_OK ? unflip(fit, frame, err) : status;
    if ((*frame)->width == width && (*frame)->height == height &&
        only_rearranges((enum AVPixelFormat)(*frame)->format, describe(*frame),
                        av_pix_fmt_desc_get(format)))
        return rearrange(fit, frame, format, err);
    enum AVPixelFormat grey = grey_of(describe(*frame), av_pix_fmt_desc_get(format));
    if (grey == AV_PIX_FMT_NONE)
        return scale(fit, frame, format, width, height, like, err);
    status = scale(fit, frame, grey, width, height, NULL, err);
    if (status == RELIEF_OK && !relabel(fit, *frame, format, &status, err))
        status = scale(fit, frame, format, width, height, like, err);
    return status;
}

void rl_fit_clear(struct rl_fit *fit)
{
    sws_freeContext(fit->sws);
    rl_pool_clear(&fit->pool);
    av_buffer_unref(&fit->chroma);
    *fit = (struct rl_fit){0};
}
