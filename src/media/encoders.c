// SPDX-License-Identifier: MIT
#include "media/encoders.h"

#include "base/str.h"
#include "media/codec.h"
#include "media/hdr.h"

#include <strings.h>

#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>

struct rl_encoder_row {
    enum relief_encoder id;  // AUTO: only taken when a container asks for it
    enum AVCodecID codec;
    const char *word;  // for messages
    const char *name;  // FFmpeg's
    float crf;         // default; -1: no such setting
    const char *preset_option;
    const char *presets[3];  // by enum relief_speed
    const char *options;     // always
    bool lossless;           // takes RGB and grey as they are
    bool wants_even;
    int least_px;  // shortest side that it takes
};

// Of several rows for one encoder, the first that this build of FFmpeg has.
static const struct rl_encoder_row rows[] = {
    // At 1080p, seconds of one core for 100 noisy frames: superfast 2.6, veryfast 4.0, fast 8.5.
    {RELIEF_ENCODER_H264,
     AV_CODEC_ID_H264,
     "H.264",
     "libx264",
     18,
     "preset",
     {"superfast", "veryfast", "slow"},
     "",
     false,
     true},
    {RELIEF_ENCODER_H265,
     AV_CODEC_ID_HEVC,
     "H.265",
     "libx265",
     20,
     "preset",
     {"ultrafast", "veryfast", "slow"},
     "",
     false,
     true},
    {RELIEF_ENCODER_AV1,
     AV_CODEC_ID_AV1,
     "AV1",
     "libsvtav1",
     28,
     "preset",
     {"12", "9", "5"},
     "",
     false,
     true,
     64},
    {RELIEF_ENCODER_AV1,
     AV_CODEC_ID_AV1,
     "AV1",
     "libaom-av1",
     28,
     "cpu-used",
     {"8", "6", "4"},
     "b=0:row-mt=1",
     false,
     false},
    {RELIEF_ENCODER_PRORES,
     AV_CODEC_ID_PRORES,
     "ProRes",
     "prores_ks",
     -1,
     NULL,
     {0},
     "vendor=apl0",
     false,
     false},
    {RELIEF_ENCODER_FFV1,
     AV_CODEC_ID_FFV1,
     "FFV1",
     "ffv1",
     -1,
     NULL,
     {0},
     "level=3:slices=12:slicecrc=1",
     true,
     false},
    {RELIEF_ENCODER_AUTO,
     AV_CODEC_ID_VP9,
     "VP9",
     "libvpx-vp9",
     28,
     "cpu-used",
     {"8", "5", "2"},
     "b=0:row-mt=1:deadline=good",
     false,
     false},
};

static const struct rl_encoder_row *find_row(enum relief_encoder id, enum AVCodecID codec,
                                             const struct rl_writer_params *params)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].id == id && (codec == AV_CODEC_ID_NONE || rows[i].codec == codec) &&
            params->width >= rows[i].least_px && params->height >= rows[i].least_px &&
            avcodec_find_encoder_by_name(rows[i].name))
            return &rows[i];
    return NULL;
}

static enum relief_status no_encoder(enum relief_encoder id, const char *path,
                                     struct relief_error *err)
{
    char there[256] = "", word[64] = "";
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].id == id)
            rl_str_add(word, sizeof word, "%s%s", *word ? " or " : "", rows[i].name);
        if (rows[i].id != RELIEF_ENCODER_AUTO && avcodec_find_encoder_by_name(rows[i].name))
            rl_str_add(there, sizeof there, "%s%s", *there ? ", " : "", rows[i].word);
    }
    rl_fail(err, RELIEF_E_OUTPUT, "%s: this build of FFmpeg has no encoder %s", path, word);
    if (*there)
        rl_hint(err, "it has %s", there);
    return RELIEF_E_OUTPUT;
}

static bool carries(const AVOutputFormat *container, enum AVCodecID codec)
{
    // The muxer of transport streams cannot be asked: it names no codec but its default.
    if (!strcmp(container->name, "mpegts") &&
        (codec == AV_CODEC_ID_H264 || codec == AV_CODEC_ID_HEVC))
        return true;
    return avformat_query_codec(container, codec, FF_COMPLIANCE_EXPERIMENTAL) == 1;
}

// Containers in which people expect H.264. Others may have a number for it, but few players look
// there.
static bool is_home_of_h264(const AVOutputFormat *container)
{
    static const char homes[] = " mp4 mov matroska avi mpegts flv f4v ipod 3gp 3g2 psp nut ismv ";
    char word[32];
    snprintf(word, sizeof word, " %s ", container->name);
    return strstr(homes, word) && carries(container, AV_CODEC_ID_H264);
}

static bool is_home_of_h265(const AVOutputFormat *container)
{
    static const char homes[] = " mp4 mov matroska mpegts ipod ";
    char word[32];
    snprintf(word, sizeof word, " %s ", container->name);
    return strstr(homes, word) && carries(container, AV_CODEC_ID_HEVC);
}

// What the user asks for, or what comes.
static enum AVPixelFormat wanted_format(const struct rl_writer_params *params)
{
    bool named = params->pix_fmt && *params->pix_fmt;
    return named ? av_get_pix_fmt(params->pix_fmt) : params->format;
}

static const struct rl_encoder_row *pick_automatic(const AVOutputFormat *container,
                                                   const struct rl_writer_params *params)
{
    const struct rl_encoder_row *row = NULL;
    if (is_home_of_h265(container) &&
        rl_writer_wants_h265(wanted_format(params), params->width, params->height))
        row = find_row(RELIEF_ENCODER_H265, AV_CODEC_ID_NONE, params);
    if (!row && is_home_of_h264(container))
        row = find_row(RELIEF_ENCODER_H264, AV_CODEC_ID_NONE, params);
    if (!row && carries(container, AV_CODEC_ID_AV1))
        row = find_row(RELIEF_ENCODER_AV1, AV_CODEC_ID_NONE, params);
    if (!row && carries(container, AV_CODEC_ID_VP9))
        row = find_row(RELIEF_ENCODER_AUTO, AV_CODEC_ID_VP9, params);
    return row;
}

static bool is_video_container(const AVOutputFormat *container)
{
    const AVCodecDescriptor *desc = avcodec_descriptor_get(container->video_codec);
    // Sound formats name the picture format of their covers.
    bool cover = container->audio_codec != AV_CODEC_ID_NONE && desc && desc->id == AV_CODEC_ID_PNG;
    return desc && desc->type == AVMEDIA_TYPE_VIDEO && !cover;
}

static enum relief_status
pick_codec(struct rl_encoder_choice *choice, const char *path, const AVOutputFormat *container,
           const struct rl_writer_params *params, struct relief_error *err)
{
    const enum relief_encoder id = params->encoder;
    *choice = (struct rl_encoder_choice){.format = AV_PIX_FMT_NONE};
    if (!is_video_container(container)) {
        rl_fail(err, RELIEF_E_OUTPUT, "%s: %s files hold no video", path, container->name);
        rl_hint(err, "end the name in .mp4, .mkv, .mov or .webm");
        return RELIEF_E_OUTPUT;
    }
    choice->row = id == RELIEF_ENCODER_AUTO ? pick_automatic(container, params)
                                            : find_row(id, AV_CODEC_ID_NONE, params);
    if (choice->row)
        choice->codec = avcodec_find_encoder_by_name(choice->row->name);
    else if (id == RELIEF_ENCODER_AUTO)
        choice->codec = avcodec_find_encoder(container->video_codec);
    if (!choice->codec)
        return no_encoder(id == RELIEF_ENCODER_AUTO ? RELIEF_ENCODER_H264 : id, path, err);
    choice->wants_even = choice->row && choice->row->wants_even;
    if (carries(container, choice->codec->id))
        return RELIEF_OK;
    rl_fail(err, RELIEF_E_OUTPUT, "%s: %s cannot go into a %s file", path,
            choice->row ? choice->row->word : choice->codec->name, container->name);
    rl_hint(err, "end the name in %s", choice->codec->id == AV_CODEC_ID_PRORES ? ".mov" : ".mkv");
    return RELIEF_E_OUTPUT;
}

static bool has_format(const enum AVPixelFormat *list, enum AVPixelFormat format)
{
    for (; list && *list != AV_PIX_FMT_NONE; list++)
        if (*list == format)
            return true;
    return !list;
}

static enum relief_status pick_named_format(struct rl_encoder_choice *choice, const char *path,
                                            const char *name, struct relief_error *err)
{
    const enum AVPixelFormat *list = rl_codec_formats(choice->codec);
    enum AVPixelFormat format = av_get_pix_fmt(name);
    if (format != AV_PIX_FMT_NONE && has_format(list, format)) {
        choice->format = format;
        return RELIEF_OK;
    }
    rl_fail(err, RELIEF_E_ARGUMENT, "%s: --pix-fmt %s: %s", path, name,
            format == AV_PIX_FMT_NONE ? "no pixel format has this name"
                                      : "the encoder does not take it");
    char names[200] = "";
    for (; list && *list != AV_PIX_FMT_NONE; list++)
        rl_str_add(names, sizeof names, "%s%s", *names ? " " : "", av_get_pix_fmt_name(*list));
    if (*names)
        rl_hint(err, "%s takes %s", choice->codec->name, names);
    return RELIEF_E_ARGUMENT;
}

// Formats that only surprise: semi-planar and yuvj are other spellings of planar YUV; lossy RGB and
// grey play almost nowhere.
static bool is_plain(enum AVPixelFormat format, bool lossless)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(format);
    bool grey = desc->nb_components < 3, rgb = desc->flags & AV_PIX_FMT_FLAG_RGB;
    if (desc->flags & (AV_PIX_FMT_FLAG_ALPHA | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_HWACCEL))
        return false;
    if (grey || rgb)
        return lossless;
    return av_pix_fmt_count_planes(format) == 3 && !rl_str_starts(desc->name, "yuvj");
}

static enum AVPixelFormat nearest(const enum AVPixelFormat *list, enum AVPixelFormat to,
                                  bool plain_only, bool lossless)
{
    enum AVPixelFormat best = AV_PIX_FMT_NONE;
    for (; *list != AV_PIX_FMT_NONE; list++) {
        int loss = 0;
        if (!plain_only || is_plain(*list, lossless))
            best = best == AV_PIX_FMT_NONE ? *list
                                           : av_find_best_pix_fmt_of_2(best, *list, to, 0, &loss);
    }
    return best;
}

static enum relief_status pick_format(struct rl_encoder_choice *choice, const char *path,
                                      const struct rl_writer_params *params,
                                      struct relief_error *err)
{
    if (choice->codec->id == AV_CODEC_ID_GIF) {
        choice->format = AV_PIX_FMT_PAL8;  // see media/palette.h
        return RELIEF_OK;
    }
    if (params->pix_fmt && *params->pix_fmt)
        return pick_named_format(choice, path, params->pix_fmt, err);
    const enum AVPixelFormat *list = rl_codec_formats(choice->codec);
    enum AVPixelFormat to = params->format == AV_PIX_FMT_GRAYF32 ? AV_PIX_FMT_GRAY16
                                                                 : params->format;
    bool lossless = choice->row && choice->row->lossless;
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(to);
    choice->format = to;
    if (!lossless && desc->nb_components < 3)
        to = desc->comp[0].depth > 8 ? AV_PIX_FMT_YUV420P10 : AV_PIX_FMT_YUV420P;
    if (!list)
        return RELIEF_OK;
    choice->format = nearest(list, to, true, lossless);
    if (choice->format == AV_PIX_FMT_NONE)
        choice->format = nearest(list, to, false, lossless);
    return RELIEF_OK;
}

enum relief_status rl_encoder_choose(struct rl_encoder_choice *choice, const char *path,
                                     const AVOutputFormat *container,
                                     const struct rl_writer_params *params,
                                     struct relief_error *err)
{
    enum relief_status status = pick_codec(choice, path, container, params, err);
    return status == RELIEF_OK ? pick_format(choice, path, params, err) : status;
}

static enum relief_status set_preset(const struct rl_encoder_choice *choice,
                                     const struct rl_writer_params *params, AVDictionary **options,
                                     struct relief_error *err)
{
    static const char x26x[] = " ultrafast superfast veryfast faster fast medium slow slower "
                               "veryslow placebo ";
    const struct rl_encoder_row *row = choice->row;
    bool chosen = params->preset && *params->preset;
    if (chosen && (!row || !row->preset_option))
        return rl_fail(err, RELIEF_E_ARGUMENT, "--preset %s: %s has no presets", params->preset,
                       choice->codec->name);
    if (!row || !row->preset_option)
        return RELIEF_OK;
    const char *preset = chosen ? params->preset : row->presets[params->speed];
    bool named = !strcmp(row->preset_option, "preset") && row->codec != AV_CODEC_ID_AV1;
    char word[24], *end = NULL;
    snprintf(word, sizeof word, " %s ", preset);
    long number = strtol(preset, &end, 10);
    bool fits = named ? strstr(x26x, word) != NULL
                      : end != preset && !*end && number >= 0 && number <= 13;
    if (!fits) {
        rl_fail(err, RELIEF_E_ARGUMENT, "--preset %s: %s has no such preset", preset, row->name);
        rl_hint(err, named ? "one of%s" : "a number from 0, best, to %s", named ? x26x : "13");
        return RELIEF_E_ARGUMENT;
    }
    return av_dict_set(options, row->preset_option, preset, 0) < 0 ? rl_fail_memory(err)
                                                                   : RELIEF_OK;
}

// What an encoder takes in its own words: x265 and SVT-AV1 threads, and all of them HDR.
static int set_own_words(const struct rl_encoder_row *row, int threads, const AVFrame *first,
                         AVDictionary **options)
{
    char text[512], hdr[400];
    rl_hdr_options(hdr, sizeof hdr, row->name, first);
    const char *more = *hdr ? ":" : "";
    if (!strcmp(row->name, "libx265")) {
        // It writes to standard error on its own otherwise; and what follows a key picture is to
        // need nothing before it.
        snprintf(text, sizeof text, "log-level=none:open-gop=0%s%s", more, hdr);
        if (threads)
            rl_str_add(text, sizeof text, ":pools=%d", threads);
        return av_dict_set(options, "x265-params", text, 0);
    }
    if (!strcmp(row->name, "libsvtav1") && (threads || *hdr)) {
        snprintf(text, sizeof text, "lp=%d%s%s", threads, more, hdr);
        return av_dict_set(options, "svtav1-params", text, 0);
    }
    return !strcmp(row->name, "libx264") && *hdr ? av_dict_set(options, "x264-params", hdr, 0) : 0;
}

static int set_prores(AVCodecContext *codec, AVDictionary **options)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(codec->pix_fmt);
    return av_dict_set(options, "profile", desc->log2_chroma_w ? "hq" : "4444", 0);
}

// The number of slices does not depend on threads, so that the bytes do not either.
static int set_ffv1(AVCodecContext *codec, AVDictionary **options)
{
    const bool small = codec->width <= 352 && codec->height <= 288;
    codec->gop_size = 1;
    return small ? av_dict_set(options, "slices", "1", 0) : 0;
}

enum relief_status rl_encoder_settings(AVCodecContext *codec,
                                       const struct rl_encoder_choice *choice,
                                       const struct rl_writer_params *params, const AVFrame *first,
                                       AVDictionary **options, struct relief_error *err)
{
    const struct rl_encoder_row *row = choice->row;
    if (!row) {
        // An encoder we know nothing about: good quality, as most of FFmpeg's own take it.
        codec->flags |= AV_CODEC_FLAG_QSCALE;
        codec->global_quality = 2 * FF_QP2LAMBDA;
        return set_preset(choice, params, options, err);
    }
    int failed = av_dict_parse_string(options, row->options, "=", ":", 0);
    if (failed >= 0 && row->crf >= 0) {
        char text[32];
        snprintf(text, sizeof text, "%g", params->crf >= 0 ? params->crf : row->crf);
        failed = av_dict_set(options, "crf", text, 0);
    }
    if (failed >= 0)
        failed = set_own_words(row, params->threads, first, options);
    if (failed >= 0 && row->codec == AV_CODEC_ID_PRORES)
        failed = set_prores(codec, options);
    if (failed >= 0 && row->codec == AV_CODEC_ID_FFV1)
        failed = set_ffv1(codec, options);
    return failed < 0 ? rl_fail_memory(err) : set_preset(choice, params, options, err);
}
