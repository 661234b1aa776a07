// SPDX-License-Identifier: MIT
#include "plane/convert.h"

#include "plane/pool.h"

#include <libavutil/mem.h>
#include <libswscale/swscale.h>

// BT.601 below HD and BT.709 from there on, when the picture does not say.
static int matrix_of(const AVFrame *picture)
{
    if (picture->colorspace != AVCOL_SPC_UNSPECIFIED && picture->colorspace != AVCOL_SPC_RGB)
        return (int)picture->colorspace;
    return picture->height >= 720 ? SWS_CS_ITU709 : SWS_CS_ITU601;
}

static struct SwsContext *open_scaler(const AVFrame *picture)
{
    struct SwsContext *scaler = sws_getContext(
        picture->width, picture->height, (enum AVPixelFormat)picture->format, picture->width,
        picture->height, AV_PIX_FMT_RGBA, SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT, NULL,
        NULL, NULL);
    if (!scaler)
        return NULL;
    const int *matrix = sws_getCoefficients(matrix_of(picture));
    int full_range = picture->color_range == AVCOL_RANGE_JPEG;
    sws_setColorspaceDetails(scaler, matrix, full_range, matrix, 1, 0, 1 << 16, 1 << 16);
    return scaler;
}

enum relief_status rl_convert_to_rgba(const AVFrame *picture, struct relief_image *image,
                                      struct relief_error *err)
{
    struct SwsContext *scaler = open_scaler(picture);
    if (!scaler)
        return rl_fail(err, RELIEF_E_FAILED, "cannot convert %s to RGBA",
                       av_get_pix_fmt_name((enum AVPixelFormat)picture->format));
    ptrdiff_t stride = FFALIGN((ptrdiff_t)picture->width * 4, 64);
    uint8_t *pixels = av_malloc((size_t)stride * (size_t)picture->height);
    if (!pixels) {
        sws_freeContext(scaler);
        return rl_fail_memory(err);
    }
    sws_scale(scaler, (const uint8_t *const *)picture->data, picture->linesize, 0, picture->height,
              (uint8_t *const[]){pixels}, (const int[]){(int)stride});
    sws_freeContext(scaler);
    *image = (struct relief_image){picture->width, picture->height, stride, pixels};
    return RELIEF_OK;
}

void relief_image_free(struct relief_image *image)
{
    av_free(image->pixels);
    *image = (struct relief_image){0};
}

// As compose/colour.h takes untagged pictures, and players do.
static void tag_matrix(AVFrame *reduced, const AVFrame *picture)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get((enum AVPixelFormat)picture->format);
    if (picture->colorspace != AVCOL_SPC_UNSPECIFIED || (desc->flags & AV_PIX_FMT_FLAG_RGB))
        return;
    bool large = picture->width >= 1280 || picture->height > 576;
    reduced->colorspace = large ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
}

static bool scale_into(AVFrame *reduced, const AVFrame *picture)
{
    struct SwsContext *scaler = sws_getContext(
        picture->width, picture->height, (enum AVPixelFormat)picture->format, reduced->width,
        reduced->height, (enum AVPixelFormat)picture->format, SWS_AREA, NULL, NULL, NULL);
    if (!scaler)
        return false;
    sws_scale(scaler, (const uint8_t *const *)picture->data, picture->linesize, 0, picture->height,
              reduced->data, reduced->linesize);
    sws_freeContext(scaler);
    return true;
}

// Even and at least 2: chroma samples begin at every other pixel.
static int reduced_side(int side_px, int longer_px, int longest_px)
{
    int reduced = (int)((int64_t)side_px * longest_px / longer_px) & ~1;
    return reduced > 2 ? reduced : 2;
}

AVFrame *rl_convert_reduce(const AVFrame *picture, int longest_px)
{
    int longer_px = FFMAX(picture->width, picture->height);
    if (longest_px <= 0 || longer_px <= longest_px)
        return av_frame_clone(picture);
    struct rl_pool once = {0};
    AVFrame *reduced = rl_pool_get(&once, (enum AVPixelFormat)picture->format,
                                   reduced_side(picture->width, longer_px, longest_px),
                                   reduced_side(picture->height, longer_px, longest_px), picture);
    rl_pool_clear(&once);
    if (reduced && !scale_into(reduced, picture))
        av_frame_free(&reduced);
    if (reduced)
        tag_matrix(reduced, picture);
    return reduced;
}

AVFrame *rl_convert_resize(const AVFrame *map, int width, int height)
{
    if (map->width == width && map->height == height)
        return av_frame_clone(map);
    struct rl_pool once = {0};
    AVFrame *resized = rl_pool_get(&once, (enum AVPixelFormat)map->format, width, height, map);
    rl_pool_clear(&once);
    if (resized && !scale_into(resized, map))
        av_frame_free(&resized);
    return resized;
}
