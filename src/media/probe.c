// SPDX-License-Identifier: MIT
#include "media/read.h"

#include "base/file.h"
#include "base/str.h"
#include "media/decode.h"
#include "media/language.h"
#include "media/pictures.h"
#include "media/upright.h"

static void describe_color(char *text, size_t size, const AVFrame *frame)
{
    const char *primaries = av_color_primaries_name(frame->color_primaries);
    const char *transfer = av_color_transfer_name(frame->color_trc);
    const char *matrix = av_color_space_name(frame->colorspace);
    const char *range = frame->color_range == AVCOL_RANGE_JPEG   ? "pc"
                        : frame->color_range == AVCOL_RANGE_MPEG ? "tv"
                                                                 : "unknown";
    text[0] = 0;
    rl_str_add(text, size, "%s/%s/%s %s", primaries ? primaries : "unknown",
               transfer ? transfer : "unknown", matrix ? matrix : "unknown", range);
}

static const char *kind_of(const AVStream *stream)
{
    if (stream->disposition & AV_DISPOSITION_ATTACHED_PIC)
        return "attachment";
    switch (stream->codecpar->codec_type) {
    case AVMEDIA_TYPE_VIDEO:
        return "video";
    case AVMEDIA_TYPE_AUDIO:
        return "audio";
    case AVMEDIA_TYPE_SUBTITLE:
        return "subtitle";
    case AVMEDIA_TYPE_ATTACHMENT:
        return "attachment";
    default:
        return "data";
    }
}

static void describe_stream(struct relief_stream_info *info, const AVStream *stream)
{
    const AVCodecParameters *codec = stream->codecpar;
    const AVDictionaryEntry *language = av_dict_get(stream->metadata, "language", NULL, 0);
    const AVDictionaryEntry *tag = av_dict_get(stream->metadata, RL_LANGUAGE_TAG, NULL, 0);
    const AVDictionaryEntry *name = av_dict_get(stream->metadata, "filename", NULL, 0);
    rl_str_copy(info->kind, sizeof info->kind, kind_of(stream));
    rl_str_copy(info->codec, sizeof info->codec, avcodec_get_name(codec->codec_id));
    if (tag && strchr(tag->value, '-') && strlen(tag->value) < sizeof info->language)
        language = tag;
    rl_str_copy(info->language, sizeof info->language,
                language && strcmp(language->value, "und") != 0 ? language->value : "");
    if (codec->codec_type == AVMEDIA_TYPE_AUDIO) {
        char layout[64] = "";
        av_channel_layout_describe(&codec->ch_layout, layout, sizeof layout);
        rl_str_add(info->detail, sizeof info->detail, "%d Hz, %s", codec->sample_rate, layout);
    } else if (codec->codec_type == AVMEDIA_TYPE_VIDEO && codec->width) {
        rl_str_add(info->detail, sizeof info->detail, "%dx%d", codec->width, codec->height);
    } else if (name) {
        rl_str_copy(info->detail, sizeof info->detail, name->value);
    }
}

static void describe_streams(struct relief_media_info *info, const struct rl_input *input)
{
    const AVFormatContext *demuxer = input->demuxer;
    const int room = sizeof info->streams / sizeof *info->streams;
    info->chapter_count = (int)demuxer->nb_chapters;
    info->stream_count = (int)demuxer->nb_streams;
    for (int i = 0; i < info->stream_count && i < room; i++)
        describe_stream(&info->streams[i], demuxer->streams[i]);
}

static bool is_interlaced(const struct rl_input *input, const AVFrame *frame)
{
    enum AVFieldOrder order = rl_input_video(input)->codecpar->field_order;
    return rl_frame_is_interlaced(frame) ||
           (order != AV_FIELD_UNKNOWN && order != AV_FIELD_PROGRESSIVE);
}

static void describe_video(struct relief_media_info *info, const struct rl_input *input,
                           const AVFrame *frame)
{
    bool is_exact;
    struct rl_turn turn = rl_turn_of(rl_decoder_matrix(input, frame), &is_exact);
    AVRational aspect = frame->sample_aspect_ratio, rate = rl_input_rate(input);
    const AVPixFmtDescriptor *format = av_pix_fmt_desc_get((enum AVPixelFormat)frame->format);
    info->width = turn.transpose ? frame->height : frame->width;
    info->height = turn.transpose ? frame->width : frame->height;
    info->sample_aspect_num = turn.transpose ? aspect.den : aspect.num;
    info->sample_aspect_den = turn.transpose ? aspect.num : aspect.den;
    info->rotation_degrees = rl_turn_degrees(turn);
    info->interlaced = is_interlaced(input, frame);
    info->frame_rate_num = rate.num;
    info->frame_rate_den = rate.den;
    if (format) {
        rl_str_copy(info->pix_fmt, sizeof info->pix_fmt, format->name);
        info->bits_per_sample = format->flags & AV_PIX_FMT_FLAG_PAL ? 8 : format->comp[0].depth;
    }
    describe_color(info->color, sizeof info->color, frame);
}

static void describe_time(struct relief_media_info *info, const struct rl_input *input,
                          const AVFrame *frame, const struct rl_pictures *pictures)
{
    const AVStream *stream = rl_input_video(input);
    AVRational rate = rl_input_rate(input);
    if (pictures->count) {
        info->frame_rate_num = 25;
        info->frame_rate_den = 1;
        info->frame_count = (int64_t)pictures->count;
        info->duration_us = av_rescale(info->frame_count, AV_TIME_BASE, 25);
        return;
    }
    info->start_us = av_rescale_q(frame->pts, stream->time_base, AV_TIME_BASE_Q);
    info->duration_us = rl_input_duration_us(input);
    info->frame_count = rl_input_frames(input);
    if (!info->frame_count && rate.num)
        info->frame_count = av_rescale_q(info->duration_us, AV_TIME_BASE_Q, av_inv_q(rate));
    if (input->is_picture && !info->frame_count)
        info->frame_count = 1;
}

void rl_reader_limit(int *width, int *height, int max_height)
{
    enum { LEAST = 16 };
    const int most = FFMAX(max_height, LEAST) / 2 * 2;
    if (max_height <= 0 || *height <= most)
        return;
    *width = (int)FFMAX(2 * av_rescale(*width, most, 2 * (int64_t)*height), 2);
    *height = most;
}

// A file of a picture format holds one picture, unless a second one comes (GIF, APNG).
static const char *kind_of_input(struct rl_decoder *decoder, const struct rl_pictures *pictures)
{
    AVFrame *second = NULL;
    if (pictures->count)
        return "sequence";
    if (!decoder->input->is_picture)
        return "video";
    bool more = rl_decoder_next(decoder, &second, NULL) == RELIEF_OK && second;
    av_frame_free(&second);
    return more ? "video" : "picture";
}

// The header says what is in the file; the first frame what its pictures really are.
static enum relief_status probe_file(const char *path, const struct rl_pictures *pictures,
                                     struct relief_media_info *info, struct relief_error *err)
{
    struct rl_input input;
    struct rl_decoder decoder = {.input = &input};
    AVFrame *frame = NULL;
    enum relief_status status = rl_input_open(&input, path, NULL, err);
    if (status == RELIEF_OK)
        status = rl_decoder_open(&decoder, 1, err);
    if (status == RELIEF_OK)
        status = rl_decoder_next(&decoder, &frame, err);
    if (status == RELIEF_OK && !frame)
        status = rl_fail(err, RELIEF_E_INPUT, "%s: no picture can be decoded", path);
    if (status == RELIEF_OK) {
        rl_str_copy(info->container, sizeof info->container, input.demuxer->iformat->name);
        describe_streams(info, &input);
        describe_video(info, &input, frame);
        describe_time(info, &input, frame, pictures);
        rl_str_copy(info->kind, sizeof info->kind, kind_of_input(&decoder, pictures));
    }
    av_frame_free(&frame);
    rl_decoder_close(&decoder);
    rl_input_close(&input);
    return status;
}

enum relief_status rl_probe(const char *path, struct relief_media_info *info,
                            struct relief_error *err)
{
    struct rl_pictures pictures = {0};
    enum relief_status status = RELIEF_OK;
    *info = (struct relief_media_info){.sample_aspect_num = 1, .sample_aspect_den = 1};
    if (rl_pictures_are_meant(path))
        status = rl_pictures_find(&pictures, path, NULL, err);
    if (status == RELIEF_OK)
        status = probe_file(pictures.count ? pictures.paths[0] : path, &pictures, info, err);
    rl_pictures_clear(&pictures);
    return status;
}
