// SPDX-License-Identifier: MIT
#include "media/lost.h"

#include <libavutil/dovi_meta.h>
#include <libavutil/pixdesc.h>
#include <libavutil/stereo3d.h>

static bool is_palette_clear(const AVFrame *frame)
{
    for (int y = 0; y < frame->height; y++) {
        const uint8_t *row = frame->data[0] + (ptrdiff_t)y * frame->linesize[0];
        for (int x = 0; x < frame->width; x++)
            if (frame->data[1][4 * row[x] + 3] != 255)
                return true;
    }
    return false;
}

static bool is_row_clear(const AVFrame *frame, const AVPixFmtDescriptor *desc, int y)
{
    enum { PART = 512 };
    const int alpha = desc->nb_components - 1;
    const int opaque = (1 << desc->comp[alpha].depth) - 1;
    uint16_t part[PART];
    for (int x = 0; x < frame->width; x += PART) {
        const int count = FFMIN(PART, frame->width - x);
        av_read_image_line2(part, (const uint8_t **)(uintptr_t)frame->data, frame->linesize, desc,
                            x, y, alpha, count, 0, sizeof *part);
        for (int i = 0; i < count; i++)
            if (part[i] != opaque)
                return true;
    }
    return false;
}

// Anything but opaque in any place.
static bool is_clear(const AVFrame *frame)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get((enum AVPixelFormat)frame->format);
    if (!(desc->flags & AV_PIX_FMT_FLAG_ALPHA))
        return false;
    if (desc->flags & AV_PIX_FMT_FLAG_PAL)
        return is_palette_clear(frame);
    if (desc->comp[desc->nb_components - 1].depth > 16)
        return true;
    for (int y = 0; y < frame->height; y++)
        if (is_row_clear(frame, desc, y))
            return true;
    return false;
}

// VP8 and VP9 keep transparency in a picture of its own, which decoders do not look at.
static bool has_second_picture(const struct rl_input *input)
{
    const AVDictionaryEntry *mode = av_dict_get(rl_input_video(input)->metadata, "alpha_mode", NULL,
                                                0);
    return mode && !strcmp(mode->value, "1");
}

// Profile 5 has no base layer that others can show: its colours are of a kind of their own.
static void tell_dolby(const struct rl_input *input, struct rl_log *log)
{
    size_t size;
    const AVDOVIDecoderConfigurationRecord *dolby = rl_input_side_data(input, AV_PKT_DATA_DOVI_CONF,
                                                                       &size);
    const bool alone = dolby && size >= sizeof *dolby && !dolby->dv_bl_signal_compatibility_id;
    rl_warn(log, "%s: Dolby Vision is left out%s", input->path,
            alone
                ? ": this one's colours are wrong without it (a version with HDR10 has right ones)"
                : "; what HDR10, HLG or SDR say stays");
}

// What the film says of itself, or its pictures do; NULL when it is an ordinary one.
static const AVStereo3D *stereo_of(const struct rl_input *input, const AVFrame *frame)
{
    size_t size;
    const AVStereo3D *stereo = rl_input_side_data(input, AV_PKT_DATA_STEREO3D, &size);
    const AVFrameSideData *side = av_frame_get_side_data(frame, AV_FRAME_DATA_STEREO3D);
    if (!stereo && side)
        stereo = (const AVStereo3D *)(const void *)side->data;
    return stereo && stereo->type != AV_STEREO3D_2D ? stereo : NULL;
}

void rl_lost_tell(struct rl_lost *lost, const struct rl_input *input, const AVFrame *frame,
                  struct rl_log *log)
{
    size_t size;
    if (!lost->told_alpha && (has_second_picture(input) || is_clear(frame))) {
        rl_warn(log, "%s: transparency is left out", input->path);
        lost->told_alpha = true;
    }
    if (!lost->told_dolby && (rl_input_side_data(input, AV_PKT_DATA_DOVI_CONF, &size) ||
                              av_frame_get_side_data(frame, AV_FRAME_DATA_DOVI_METADATA))) {
        tell_dolby(input, log);
        lost->told_dolby = true;
    }
    const AVStereo3D *stereo = lost->told_stereo ? NULL : stereo_of(input, frame);
    if (stereo) {
        rl_warn(log, "%s: is in 3D already (%s): its views are taken for one picture", input->path,
                av_stereo3d_type_name(stereo->type));
        lost->told_stereo = true;
    }
}
