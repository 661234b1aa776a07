// SPDX-License-Identifier: MIT
//
// Text subtitles from one codec into another, event by event.
#ifndef RL_MEDIA_SUBTITLE_H
#define RL_MEDIA_SUBTITLE_H

#include <stdbool.h>

#include <libavformat/avformat.h>

struct rl_subtitle;

// The text codec that `container` can carry and this build can write; AV_CODEC_ID_NONE if `stream`
// holds no text or there is none.
enum AVCodecID rl_subtitle_target(const AVStream *stream, const AVOutputFormat *container);

// AVERROR code on failure.
int rl_subtitle_open(struct rl_subtitle **subtitle, const AVStream *stream, enum AVCodecID to);

// Fill the parameters of the stream that will carry the result.
int rl_subtitle_parameters(const struct rl_subtitle *subtitle, AVCodecParameters *parameters);

// `to` gets the text of `from`, with its times; *got is false for an event without text. What
// cannot be decoded is such an event.
int rl_subtitle_convert(struct rl_subtitle *subtitle, const AVPacket *from, AVPacket *to,
                        bool *got);

void rl_subtitle_close(struct rl_subtitle **subtitle);

#endif
