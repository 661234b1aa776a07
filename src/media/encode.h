// SPDX-License-Identifier: MIT
//
// Which encoder, with which settings; pictures in, packets out.
//
// 1. Every packet carries the pts and duration that its picture came with. Encoders reorder
//    pictures and forget durations; this page puts them back.
// 2. Containers and encoders that know only a constant rate (AVI, MPEG-2) get their times rounded
//    to it; all others get the source's time base.
// 3. Colour tags, range, chroma location and sample aspect are the pictures'; RGB pictures that
//    become YUV are BT.709.
// 4. Encoders that want a palette get their pictures a shot at a time; see palette.h.
// 5. One thread at a time.
#ifndef RL_MEDIA_ENCODE_H
#define RL_MEDIA_ENCODE_H

#include "media/journal.h"
#include "media/layout.h"
#include "media/palette.h"
#include "media/reformat.h"
#include "media/write.h"

#include <libavcodec/avcodec.h>

struct rl_encoder {
    AVCodecContext *codec;
    struct rl_target target;  // what the encoder is given
    struct rl_reformat reformat;
    struct rl_layout layout;     // told to streams that have a place for it
    AVRational time_base;        // of what rl_encoder_send() takes; codec->time_base may differ
    int64_t last_pts, last_dts;  // of what went in, and came out
    struct rl_timing *timings;   // pictures that are inside the encoder
    size_t timing_count, timing_room;
    struct rl_journal_place next;  // of the next picture that goes in
    struct rl_journal_place came;  // of the packet that came out last
    // For palettes: pictures of the shot under way, and before them what may be encoded.
    struct rl_palette palette;
    struct rl_held *held;
    size_t held_count, held_room, given_count, free_count;  // given <= free <= held
    size_t held_bytes;                                      // of those that are not free
    bool ended;
    struct rl_log *log;
    bool warned_captions, warned_plus;
    bool keeps_colours;  // the pictures have the source's colours
};

// `layout` is told to encoders that have a place for it in their stream.
// Fails with RELIEF_E_ARGUMENT (a pixel format or preset that the encoder does not have) or
// RELIEF_E_OUTPUT (no such encoder, or the container cannot carry it).
enum relief_status rl_encoder_open(struct rl_encoder **encoder, const char *path,
                                   const AVOutputFormat *container, const struct rl_source *source,
                                   const struct rl_writer_params *params, struct relief_error *err);

// NULL for `picture` ends the stream; `cut` says that a new shot begins with it. After each call
// _receive is called until nothing comes.
enum relief_status rl_encoder_send(struct rl_encoder *encoder, const AVFrame *picture, int64_t pts,
                                   int64_t duration, bool cut, struct relief_error *err);

// False in *got when nothing is ready. Times are in codec->time_base.
enum relief_status rl_encoder_receive(struct rl_encoder *encoder, AVPacket *packet, bool *got,
                                      struct relief_error *err);

// Before the first picture: it goes on behind others, whose last packet was decoded at `dts`.
void rl_encoder_go_on(struct rl_encoder *encoder, const struct rl_resume *resume, int64_t dts);

void rl_encoder_close(struct rl_encoder **encoder);

#endif
