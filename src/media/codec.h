// SPDX-License-Identifier: MIT
//
// What differs between the versions of FFmpeg's libraries (5.1 to 7.1), said once.
#ifndef RL_MEDIA_CODEC_H
#define RL_MEDIA_CODEC_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

// Keep what a codec says to itself out of FFmpeg's own log, which goes to standard error: errors
// come back as codes, and relief says them once.
void rl_codec_hush(AVCodecContext *codec);

// The pixel formats that an encoder takes, ended by AV_PIX_FMT_NONE; NULL when it takes any.
const enum AVPixelFormat *rl_codec_formats(const AVCodec *codec);

// The frame rates that an encoder takes, ended by 0/0; NULL when it takes any.
const AVRational *rl_codec_rates(const AVCodec *codec);

// The sample formats that an encoder takes, ended by AV_SAMPLE_FMT_NONE, and the sample rates,
// ended by 0; NULL when it takes any.
const enum AVSampleFormat *rl_codec_sample_formats(const AVCodec *codec);
const int *rl_codec_sample_rates(const AVCodec *codec);

// Side data that holds for a whole stream. `data` is copied. AVERROR code on failure.
int rl_stream_add_side_data(AVStream *stream, enum AVPacketSideDataType type, const void *data,
                            size_t size);

// The same, of another stream.
int rl_stream_copy_side_data(AVStream *to, const AVStream *from);

#endif
