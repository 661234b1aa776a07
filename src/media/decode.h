// SPDX-License-Identifier: MIT
//
// An input's packets -> decoded frames in order of presentation, with times that hold.
//
// 1. Times are the source's. Missing ones are counted on from the frame rate; a time that does not
//    lie behind the one before is moved behind it, with one warning.
// 2. Where a stream's clock restarts (joined transport streams), all its times are shifted so that
//    they go on where they stopped.
// 3. Damaged packets are skipped with one warning. A file that breaks off ends with one, too.
// 4. Frames that an edit list hides do not come out.
// 5. Internal to the room's reading side.
#ifndef RL_MEDIA_DECODE_H
#define RL_MEDIA_DECODE_H

#include "base/log.h"
#include "media/input.h"
#include "media/read.h"

#include <libavcodec/avcodec.h>

struct rl_decoder {
    struct rl_input *input;
    struct rl_log *log;
    rl_packet_fn on_packet;  // the other streams' packets; attached pictures not
    void *user;

    AVCodecContext *codec;
    AVPacket *packet;
    AVRational time_base;
    int64_t step;           // one frame at the average rate, in time_base; 0 when unknown
    int64_t last_pts;       // of the last frame that came out; AV_NOPTS_VALUE before
    int64_t last_duration;  // its own, as the file says or the rate implies; 0 when unknown

    int64_t *next_dts;  // per stream, where its clock should be, in microseconds
    unsigned stream_count;
    int64_t clock_shift_us;

    int last_error;  // the last failure to decode
    int failures;    // in a row
    bool demuxer_ended;
    bool warned_damage, warned_times, warned_clock;
};

// Set input, log, on_packet and user, zero the rest. Fails with RELIEF_E_INPUT.
enum relief_status rl_decoder_open(struct rl_decoder *decoder, int threads,
                                   struct relief_error *err);
void rl_decoder_close(struct rl_decoder *decoder);

// The next frame, owned by the caller; NULL at the end. Its pts is set, its sample aspect too.
enum relief_status rl_decoder_next(struct rl_decoder *decoder, AVFrame **frame,
                                   struct relief_error *err);

// Reads a packet and hands it to on_packet, if it is of another stream. *more is false at the end
// of the file or when `until`, in time_base, lies behind the video.
enum relief_status rl_decoder_drain_packets(struct rl_decoder *decoder, int64_t until, bool *more,
                                            struct relief_error *err);

// The display matrix that holds for a frame: its own, or the container's; NULL when none does.
const int32_t *rl_decoder_matrix(const struct rl_input *input, const AVFrame *frame);

// Go to a key frame at or before `pts`, as well as the container can. False when it cannot.
bool rl_decoder_seek(struct rl_decoder *decoder, int64_t pts);

#endif
