// SPDX-License-Identifier: MIT
#include "stereo/mask.h"

static int black_of(const AVFrame *view, const AVPixFmtDescriptor *desc, int plane)
{
    const int bits = desc->comp[0].depth;
    if (desc->flags & AV_PIX_FMT_FLAG_RGB)
        return 0;
    if (plane)
        return 1 << (bits - 1);
    return view->color_range == AVCOL_RANGE_JPEG ? 0 : 16 << (bits - 8);
}

// `part` of black, the rest of what is there.
static void cover(uint8_t *row, bool wide, int x, int black, float part)
{
    uint16_t *samples = (uint16_t *)(void *)row;
    const float old = wide ? samples[x] : row[x];
    const float mixed = old + ((float)black - old) * part + 0.5f;
    if (wide)
        samples[x] = (uint16_t)mixed;
    else
        row[x] = (uint8_t)mixed;
}

void rl_mask_border(AVFrame *view, struct rl_area area, bool right, float width_px)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get((enum AVPixelFormat)view->format);
    const bool rgb = desc->flags & AV_PIX_FMT_FLAG_RGB;
    for (int k = 0; k < 3; k++) {
        const struct rl_plane plane = rl_frame_plane_in(view, k, area);
        const float width = width_px / (float)(k && !rgb ? 1 << desc->log2_chroma_w : 1);
        const int black = black_of(view, desc, k);
        for (int x = 0; x < plane.width && (float)x < width; x++) {
            const float part = width - (float)x < 1 ? width - (float)x : 1;
            const int column = right ? plane.width - 1 - x : x;
            for (int y = 0; y < plane.height; y++)
                cover(rl_plane_row(&plane, y), desc->comp[0].depth > 8, column, black, part);
        }
    }
}
