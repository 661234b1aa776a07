// SPDX-License-Identifier: MIT
//
// The encoders that relief knows, how --speed and --crf are said to each, and which one an output
// gets.
#ifndef RL_MEDIA_ENCODERS_H
#define RL_MEDIA_ENCODERS_H

#include "media/write.h"

#include <libavcodec/avcodec.h>

struct rl_encoder_choice {
    const AVCodec *codec;
    const struct rl_encoder_row *row;  // NULL for an encoder that is not in the table
    enum AVPixelFormat format;
    bool wants_even;  // sizes must be multiples of the chroma subsampling
};

enum relief_status rl_encoder_choose(struct rl_encoder_choice *choice, const char *path,
                                     const AVOutputFormat *container,
                                     const struct rl_writer_params *params,
                                     struct relief_error *err);

// Quality, speed and HDR, partly into `codec`, partly into `options`. `first` carries HDR's side
// data; it may be NULL.
enum relief_status rl_encoder_settings(AVCodecContext *codec,
                                       const struct rl_encoder_choice *choice,
                                       const struct rl_writer_params *params, const AVFrame *first,
                                       AVDictionary **options, struct relief_error *err);

#endif
