// SPDX-License-Identifier: MIT
#include "depth/prepare.h"

#include <libavutil/mem.h>
#include <libswscale/swscale.h>

enum relief_status rl_prepare_init(struct rl_prepare *prepare, const struct rl_model *model,
                                   int width, int height, struct relief_error *err)
{
    *prepare = (struct rl_prepare){
        .width = width, .height = height, .rgb_stride = (width + 95) & ~31};
    for (int c = 0; c < 3; c++) {
        for (int v = 0; v < 256; v++)
            prepare->table[c][v] = ((float)v / 255.0f - model->mean[c]) / model->std[c];
        prepare->rgb[c] = av_malloc((size_t)prepare->rgb_stride * (size_t)height);
        if (!prepare->rgb[c]) {
            rl_prepare_clear(prepare);
            return rl_fail_memory(err);
        }
    }
    return RELIEF_OK;
}

void rl_prepare_clear(struct rl_prepare *prepare)
{
    for (int c = 0; c < 3; c++)
        av_freep(&prepare->rgb[c]);
    sws_freeContext(prepare->scaler);
    *prepare = (struct rl_prepare){0};
}

// yuvj420p and its kin say their range in the name; swscale wants it said beside.
static enum AVPixelFormat without_range(enum AVPixelFormat format, int *full)
{
    static const enum AVPixelFormat twins[][2] = {
        {AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUV420P}, {AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUV422P},
        {AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUV444P}, {AV_PIX_FMT_YUVJ440P, AV_PIX_FMT_YUV440P},
        {AV_PIX_FMT_YUVJ411P, AV_PIX_FMT_YUV411P},
    };
    for (size_t i = 0; i < sizeof twins / sizeof *twins; i++)
        if (twins[i][0] == format) {
            *full = 1;
            return twins[i][1];
        }
    return format;
}

// SWS_CS_* for the picture's matrix; unsaid, what players assume: BT.709 from HD on.
static int matrix_of(const AVFrame *picture)
{
    switch (picture->colorspace) {
    case AVCOL_SPC_BT709:
        return SWS_CS_ITU709;
    case AVCOL_SPC_FCC:
        return SWS_CS_FCC;
    case AVCOL_SPC_SMPTE240M:
        return SWS_CS_SMPTE240M;
    case AVCOL_SPC_BT470BG:
    case AVCOL_SPC_SMPTE170M:
        return SWS_CS_ITU601;
    case AVCOL_SPC_BT2020_NCL:
    case AVCOL_SPC_BT2020_CL:
        return SWS_CS_BT2020;
    default:
        return picture->width >= 1280 || picture->height > 576 ? SWS_CS_ITU709 : SWS_CS_ITU601;
    }
}

static enum relief_status make_scaler(struct rl_prepare *p, const AVFrame *picture,
                                      struct relief_error *err)
{
    int full = picture->color_range == AVCOL_RANGE_JPEG, matrix = matrix_of(picture);
    enum AVPixelFormat format = without_range((enum AVPixelFormat)picture->format, &full);
    if (p->scaler && p->from_width == picture->width && p->from_height == picture->height &&
        p->from_format == format && p->from_matrix == matrix && p->from_full == full)
        return RELIEF_OK;
    sws_freeContext(p->scaler);
    // Averaging only makes sense on the way down; a small picture is enlarged smoothly.
    bool smaller = p->width <= picture->width && p->height <= picture->height;
    p->scaler = sws_getContext(picture->width, picture->height, format, p->width, p->height,
                               AV_PIX_FMT_GBRP, smaller ? SWS_AREA : SWS_BILINEAR, NULL, NULL,
                               NULL);
    if (!p->scaler)
        return rl_fail(err, RELIEF_E_FAILED, "depth: cannot scale %s of %dx%d to %dx%d",
                       av_get_pix_fmt_name(format), picture->width, picture->height, p->width,
                       p->height);
    sws_setColorspaceDetails(p->scaler, sws_getCoefficients(matrix), full,
                             sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, 1 << 16, 1 << 16);
    p->from_width = picture->width;
    p->from_height = picture->height;
    p->from_format = format;
    p->from_matrix = matrix;
    p->from_full = full;
    return RELIEF_OK;
}

enum relief_status rl_prepare_run(struct rl_prepare *prepare, const AVFrame *picture, float *input,
                                  struct relief_error *err)
{
    enum relief_status status = make_scaler(prepare, picture, err);
    if (status != RELIEF_OK)
        return status;
    // swscale's order of planes is G, B, R.
    uint8_t *planes[4] = {prepare->rgb[1], prepare->rgb[2], prepare->rgb[0], NULL};
    int strides[4] = {prepare->rgb_stride, prepare->rgb_stride, prepare->rgb_stride, 0};
    int rows = sws_scale(prepare->scaler, (const uint8_t *const *)picture->data, picture->linesize,
                         0, picture->height, planes, strides);
    if (rows != prepare->height)
        return rl_fail(err, RELIEF_E_FAILED, "depth: the picture cannot be scaled");
    for (int c = 0; c < 3; c++)
        for (int y = 0; y < prepare->height; y++) {
            const uint8_t *from = prepare->rgb[c] + (ptrdiff_t)y * prepare->rgb_stride;
            for (int x = 0; x < prepare->width; x++)
                *input++ = prepare->table[c][from[x]];
        }
    return RELIEF_OK;
}
