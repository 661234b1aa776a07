// SPDX-License-Identifier: MIT
#include "depth/prepare.h"

#include <libavutil/mem.h>
#include <libswscale/swscale.h>

enum relief_status rl_prepare_init(struct rl_prepare *prepare, const struct rl_model *model,
                                   int width, int height, struct relief_error *err)
{
    // swscale writes whole vectors: some room behind each row.
    *prepare = (struct rl_prepare){
        .width = width, .height = height, .stride = (width + 64 + 31) & ~31};
    for (int c = 0; c < 3; c++) {
        prepare->mean[c] = model->mean[c];
        prepare->std[c] = model->std[c];
        prepare->planes[c] = av_malloc((size_t)prepare->stride * (size_t)height);
        if (!prepare->planes[c]) {
            rl_prepare_clear(prepare);
            return rl_fail_memory(err);
        }
    }
    return RELIEF_OK;
}

static void free_scalers(struct rl_prepare *prepare)
{
    for (int c = 0; c < 3; c++) {
        sws_freeContext(prepare->scalers[c]);
        prepare->scalers[c] = NULL;
    }
}

void rl_prepare_clear(struct rl_prepare *prepare)
{
    free_scalers(prepare);
    for (int c = 0; c < 3; c++)
        av_freep(&prepare->planes[c]);
    *prepare = (struct rl_prepare){0};
}

// The grey format of one plane, in native byte order.
static enum AVPixelFormat grey_format(int depth)
{
    return depth <= 8    ? AV_PIX_FMT_GRAY8
           : depth == 9  ? AV_PIX_FMT_GRAY9
           : depth == 10 ? AV_PIX_FMT_GRAY10
           : depth == 12 ? AV_PIX_FMT_GRAY12
           : depth == 14 ? AV_PIX_FMT_GRAY14
                         : AV_PIX_FMT_GRAY16;
}

// Each plane is scaled as a grey picture of its own: swscale then changes neither matrix nor range.
static enum relief_status make_scalers(struct rl_prepare *p, const AVFrame *picture,
                                       struct rl_area area, struct relief_error *err)
{
    const enum AVPixelFormat format = (enum AVPixelFormat)picture->format;
    if (p->scalers[2] && p->from_format == format && !memcmp(&p->from, &area, sizeof area))
        return RELIEF_OK;
    free_scalers(p);
    for (int c = 0; c < 3; c++) {
        struct rl_plane plane = rl_frame_plane_in(picture, c, area);
        bool smaller = p->width <= plane.width && p->height <= plane.height;
        p->scalers[c] = sws_getContext(plane.width, plane.height,
                                       grey_format(av_pix_fmt_desc_get(format)->comp[0].depth),
                                       p->width, p->height, AV_PIX_FMT_GRAY8,
                                       smaller ? SWS_AREA : SWS_BILINEAR, NULL, NULL, NULL);
        if (!p->scalers[c])
            return rl_fail(err, RELIEF_E_FAILED, "depth: cannot scale %dx%d to %dx%d", plane.width,
                           plane.height, p->width, p->height);
    }
    p->from_format = format;
    p->from = area;
    return RELIEF_OK;
}

// How much red and blue count in luma; unsaid, what players assume: BT.709 from HD on.
static void luma_weights(const AVFrame *picture, float *red, float *blue)
{
    static const struct {
        enum AVColorSpace matrix;
        float red, blue;
    } rows[] = {
        {AVCOL_SPC_BT709, 0.2126f, 0.0722f},     {AVCOL_SPC_FCC, 0.30f, 0.11f},
        {AVCOL_SPC_BT470BG, 0.299f, 0.114f},     {AVCOL_SPC_SMPTE170M, 0.299f, 0.114f},
        {AVCOL_SPC_SMPTE240M, 0.212f, 0.087f},   {AVCOL_SPC_BT2020_NCL, 0.2627f, 0.0593f},
        {AVCOL_SPC_BT2020_CL, 0.2627f, 0.0593f},
    };
    size_t row = picture->width >= 1280 || picture->height > 576 ? 0 : 2;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].matrix == picture->colorspace)
            row = i;
    *red = rows[row].red;
    *blue = rows[row].blue;
}

static bool is_full_range(const AVFrame *picture)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get((enum AVPixelFormat)picture->format);
    return picture->color_range == AVCOL_RANGE_JPEG || strncmp(desc->name, "yuvj", 4) == 0;
}

// Scaled planes to RGB in 0..1: rgb = offset + matrix * sample.
struct to_rgb {
    float matrix[3][3], offset[3];
};

static struct to_rgb from_gbr(void)
{
    const float unit = 1 / 255.0f;
    return (struct to_rgb){{{0, 0, unit}, {unit, 0, 0}, {0, unit, 0}}, {0, 0, 0}};
}

static struct to_rgb from_yuv(const AVFrame *picture)
{
    float red, blue;
    luma_weights(picture, &red, &blue);
    bool full = is_full_range(picture);
    float y = 1 / (full ? 255.0f : 219.0f), c = 1 / (full ? 255.0f : 224.0f);
    float green = 1 - red - blue;
    struct to_rgb to = {{
        {y, 0, 2 * (1 - red) * c},
        {y, -2 * (1 - blue) * blue / green * c, -2 * (1 - red) * red / green * c},
        {y, 2 * (1 - blue) * c, 0},
    }};
    for (int i = 0; i < 3; i++)
        to.offset[i] = (full ? 0 : -16 * y) - 128 * (to.matrix[i][1] + to.matrix[i][2]);
    return to;
}

static void convert(const struct rl_prepare *p, const struct to_rgb *to, float *input)
{
    for (int c = 0; c < 3; c++) {
        const float a = to->matrix[c][0], b = to->matrix[c][1], d = to->matrix[c][2];
        const float offset = to->offset[c], mean = p->mean[c], scale = 1 / p->std[c];
        for (int row = 0; row < p->height; row++) {
            ptrdiff_t at = (ptrdiff_t)row * p->stride;
            const uint8_t *x = p->planes[0] + at, *y = p->planes[1] + at, *z = p->planes[2] + at;
            for (int i = 0; i < p->width; i++) {
                float value = offset + a * (float)x[i] + b * (float)y[i] + d * (float)z[i];
                value = value < 0 ? 0 : value > 1 ? 1 : value;
                *input++ = (value - mean) * scale;
            }
        }
    }
}

enum relief_status rl_prepare_run(struct rl_prepare *prepare, const AVFrame *picture,
                                  struct rl_area area, float *input, struct relief_error *err)
{
    enum relief_status status = make_scalers(prepare, picture, area, err);
    if (status != RELIEF_OK)
        return status;
    for (int c = 0; c < 3; c++) {
        struct rl_plane plane = rl_frame_plane_in(picture, c, area);
        const uint8_t *from[4] = {plane.data};
        uint8_t *to[4] = {prepare->planes[c]};
        int from_stride[4] = {(int)plane.stride}, to_stride[4] = {prepare->stride};
        if (sws_scale(prepare->scalers[c], from, from_stride, 0, plane.height, to, to_stride) !=
            prepare->height)
            return rl_fail(err, RELIEF_E_FAILED, "depth: the picture cannot be scaled");
    }
    bool gbr = av_pix_fmt_desc_get((enum AVPixelFormat)picture->format)->flags &
               AV_PIX_FMT_FLAG_RGB;
    struct to_rgb to = gbr ? from_gbr() : from_yuv(picture);
    convert(prepare, &to, input);
    return RELIEF_OK;
}
