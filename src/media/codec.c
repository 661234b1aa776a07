// SPDX-License-Identifier: MIT
#include "media/codec.h"

#include <string.h>

#include <libavutil/mem.h>

// 6.1 moved a stream's side data into its parameters, where avcodec_parameters_copy() finds it.
#define SIDE_DATA_IN_PARAMETERS (LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 30, 100))
#define HAS_SUPPORTED_CONFIG (LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(61, 13, 100))

void rl_codec_hush(AVCodecContext *codec)
{
    // Above every level, and below 256, where FFmpeg keeps colours.
    codec->log_level_offset = 100;
}

#if HAS_SUPPORTED_CONFIG
static const void *supported(const AVCodec *codec, enum AVCodecConfig config)
{
    const void *list = NULL;
    return avcodec_get_supported_config(NULL, codec, config, 0, &list, NULL) < 0 ? NULL : list;
}
#endif

const enum AVPixelFormat *rl_codec_formats(const AVCodec *codec)
{
#if HAS_SUPPORTED_CONFIG
    return supported(codec, AV_CODEC_CONFIG_PIX_FORMAT);
#else
    return codec->pix_fmts;
#endif
}

const AVRational *rl_codec_rates(const AVCodec *codec)
{
#if HAS_SUPPORTED_CONFIG
    return supported(codec, AV_CODEC_CONFIG_FRAME_RATE);
#else
    return codec->supported_framerates;
#endif
}

const enum AVSampleFormat *rl_codec_sample_formats(const AVCodec *codec)
{
#if HAS_SUPPORTED_CONFIG
    return supported(codec, AV_CODEC_CONFIG_SAMPLE_FORMAT);
#else
    return codec->sample_fmts;
#endif
}

const int *rl_codec_sample_rates(const AVCodec *codec)
{
#if HAS_SUPPORTED_CONFIG
    return supported(codec, AV_CODEC_CONFIG_SAMPLE_RATE);
#else
    return codec->supported_samplerates;
#endif
}

int rl_stream_add_side_data(AVStream *stream, enum AVPacketSideDataType type, const void *data,
                            size_t size)
{
#if SIDE_DATA_IN_PARAMETERS
    AVCodecParameters *par = stream->codecpar;
    AVPacketSideData *added = av_packet_side_data_new(&par->coded_side_data,
                                                      &par->nb_coded_side_data, type, size, 0);
    if (!added)
        return AVERROR(ENOMEM);
    memcpy(added->data, data, size);
#else
    uint8_t *added = av_stream_new_side_data(stream, type, size);
    if (!added)
        return AVERROR(ENOMEM);
    memcpy(added, data, size);
#endif
    return 0;
}

int rl_stream_copy_side_data(AVStream *to, const AVStream *from)
{
#if SIDE_DATA_IN_PARAMETERS
    // avcodec_parameters_copy() did it.
    (void)to;
    (void)from;
#else
    for (int i = 0; i < from->nb_side_data; i++) {
        const AVPacketSideData *side = &from->side_data[i];
        int failed = rl_stream_add_side_data(to, side->type, side->data, side->size);
        if (failed < 0)
            return failed;
    }
#endif
    return 0;
}
