// SPDX-License-Identifier: MIT
//
// What becomes of the source's other streams: copied, converted (sound, text subtitles,
// covers), or left out with a reason.
#ifndef RL_MEDIA_COPY_H
#define RL_MEDIA_COPY_H

#include "media/sound.h"
#include "media/subtitle.h"
#include "media/write.h"

enum rl_fate {
    RL_FATE_OUT,
    RL_FATE_COPY,
    RL_FATE_CONVERT,  // sound or a text subtitle in another codec
    RL_FATE_COVER,    // a picture that the container keeps as an attachment
    RL_FATE_VIDEO,    // the stream that is converted to 3D
};

struct rl_copy {
    enum rl_fate fate;
    int out_index;  // among the container's streams
    int64_t last_dts;
    double start_s;                // of the first packet; below zero: none has come
    int64_t handed;                // packets that the muxer was given; guarded by its mutex
    bool repaired;                 // said so already
    struct rl_subtitle *subtitle;  // the one or the other, if it is converted
    struct rl_sound *sound;
    struct rl_stream_fate *told;
};

struct rl_copies {
    struct rl_copy *list;  // one for each of the source's streams
    size_t count;
    struct rl_stream_fate *fates;  // the same without the video
    size_t fate_count;
};

// First decisions, from what container and codecs say about themselves.
enum relief_status rl_copies_plan(struct rl_copies *copies, const struct rl_source *source,
                                  const AVOutputFormat *container, const char *path, bool wanted,
                                  struct relief_error *err);

// Make the stream of copy `index` in `format`. AVERROR code on failure.
int rl_copies_add_stream(struct rl_copies *copies, const struct rl_source *source, size_t index,
                         AVFormatContext *format);

// The muxer refused to copy the stream. True if it can be converted, which is then planned.
bool rl_copies_convert(struct rl_copies *copies, size_t index, const struct rl_source *source,
                       const AVOutputFormat *container);

// The muxer refused the stream altogether.
void rl_copies_refuse(struct rl_copies *copies, size_t index, const char *reason);

// Say what becomes of each stream: a warning for those that are lost or not the same.
void rl_copies_settle(const struct rl_copies *copies, const struct rl_source *source,
                      const AVOutputFormat *container, struct rl_log *log);

void rl_copies_clear(struct rl_copies *copies);

#endif
