// SPDX-License-Identifier: MIT
#include "media/subtitle.h"

#include "media/codec.h"

#include <stdlib.h>
#include <string.h>

#include <libavutil/mem.h>

enum { TEXT_BYTES = 1 << 20 };

struct rl_subtitle {
    AVCodecContext *decoder, *encoder;
    uint8_t *text;
};

enum AVCodecID rl_subtitle_target(const AVStream *stream, const AVOutputFormat *container)
{
    // SubRip before ASS: most players show it in the viewer's own style.
    static const enum AVCodecID targets[] = {AV_CODEC_ID_SUBRIP, AV_CODEC_ID_MOV_TEXT,
                                             AV_CODEC_ID_WEBVTT, AV_CODEC_ID_ASS};
    const AVCodecDescriptor *desc = avcodec_descriptor_get(stream->codecpar->codec_id);
    if (!desc || !(desc->props & AV_CODEC_PROP_TEXT_SUB) || !avcodec_find_decoder(desc->id))
        return AV_CODEC_ID_NONE;
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
        if (targets[i] != desc->id && avcodec_find_encoder(targets[i]) &&
            avformat_query_codec(container, targets[i], FF_COMPLIANCE_NORMAL) == 1)
            return targets[i];
    return AV_CODEC_ID_NONE;
}

static int open_decoder(struct rl_subtitle *s, const AVStream *stream)
{
    s->decoder = avcodec_alloc_context3(NULL);
    if (!s->decoder)
        return AVERROR(ENOMEM);
    rl_codec_hush(s->decoder);
    int failed = avcodec_parameters_to_context(s->decoder, stream->codecpar);
    s->decoder->pkt_timebase = stream->time_base;
    return failed < 0
               ? failed
               : avcodec_open2(s->decoder, avcodec_find_decoder(stream->codecpar->codec_id), NULL);
}

static int open_encoder(struct rl_subtitle *s, enum AVCodecID to)
{
    AVCodecContext *e = s->encoder = avcodec_alloc_context3(NULL);
    if (!e)
        return AVERROR(ENOMEM);
    rl_codec_hush(e);
    e->time_base = AV_TIME_BASE_Q;
    // The decoder speaks ASS, whose header names the styles that events refer to.
    if (s->decoder->subtitle_header) {
        size_t size = (size_t)s->decoder->subtitle_header_size;
        e->subtitle_header = av_mallocz(size + 1);
        if (!e->subtitle_header)
            return AVERROR(ENOMEM);
        memcpy(e->subtitle_header, s->decoder->subtitle_header, size);
        e->subtitle_header_size = (int)size;
    }
    return avcodec_open2(e, avcodec_find_encoder(to), NULL);
}

int rl_subtitle_open(struct rl_subtitle **subtitle, const AVStream *stream, enum AVCodecID to)
{
    struct rl_subtitle *s = *subtitle = calloc(1, sizeof *s);
    if (!s)
        return AVERROR(ENOMEM);
    int failed = open_decoder(s, stream);
    if (failed >= 0)
        failed = open_encoder(s, to);
    s->text = av_malloc(TEXT_BYTES);
    if (failed >= 0 && !s->text)
        failed = AVERROR(ENOMEM);
    if (failed < 0)
        rl_subtitle_close(subtitle);
    return failed;
}

int rl_subtitle_parameters(const struct rl_subtitle *subtitle, AVCodecParameters *parameters)
{
    return avcodec_parameters_from_context(parameters, subtitle->encoder);
}

static int encode(struct rl_subtitle *s, AVSubtitle *event, const AVPacket *from, AVPacket *to)
{
    // Encoders take the beginning as 0 and do not look at the rest.
    int64_t late_ms = event->start_display_time, long_ms = 0;
    if (event->end_display_time != UINT32_MAX && event->end_display_time > late_ms)
        long_ms = event->end_display_time - late_ms;
    event->end_display_time = (uint32_t)long_ms;
    event->start_display_time = 0;
    int size = avcodec_encode_subtitle(s->encoder, s->text, TEXT_BYTES, event);
    if (size <= 0)
        return size;
    int failed = av_new_packet(to, size);
    if (failed < 0)
        return failed;
    memcpy(to->data, s->text, (size_t)size);
    const AVRational ms = {1, 1000}, base = s->decoder->pkt_timebase;
    to->pts = to->dts = from->pts + av_rescale_q(late_ms, ms, base);
    to->duration = from->duration > 0 ? from->duration : av_rescale_q(long_ms, ms, base);
    to->flags = AV_PKT_FLAG_KEY;
    return size;
}

int rl_subtitle_convert(struct rl_subtitle *subtitle, const AVPacket *from, AVPacket *to, bool *got)
{
    AVSubtitle event = {0};
    int decoded = 0, size = 0;
    *got = false;
    AVPacket *packet = av_packet_clone(from);
    if (!packet)
        return AVERROR(ENOMEM);
    int used = avcodec_decode_subtitle2(subtitle->decoder, &event, &decoded, packet);
    if (used >= 0 && decoded && event.num_rects && from->pts != AV_NOPTS_VALUE)
        size = encode(subtitle, &event, from, to);
    if (decoded)
        avsubtitle_free(&event);
    av_packet_free(&packet);
    *got = size > 0;
    return size == AVERROR(ENOMEM) ? size : 0;
}

void rl_subtitle_close(struct rl_subtitle **subtitle)
{
    struct rl_subtitle *s = *subtitle;
    *subtitle = NULL;
    if (!s)
        return;
    avcodec_free_context(&s->decoder);
    avcodec_free_context(&s->encoder);
    av_free(s->text);
    free(s);
}
