// SPDX-License-Identifier: MIT
//
// One input file, opened and understood: its bytes, its demuxer, its video stream.
//
// 1. Only the named file is opened. Bytes come from a descriptor of our own, the demuxer is given
//    no protocol and no way to open a second file, and demuxers whose files are lists of other
//    files (playlists, session descriptions) are refused.
// 2. A name is a name: "http:x.mp4", "pipe:0" and "a%03d.png" are plain files. Only "-" is special.
// 3. Waiting for bytes ends within 100 ms when `stop` becomes true.
// 4. Internal to the room's reading side.
#ifndef RL_MEDIA_INPUT_H
#define RL_MEDIA_INPUT_H

#include "base/error.h"

#include <libavformat/avformat.h>
#include <stdatomic.h>
#include <stdbool.h>

// Pictures larger than this are refused before memory is asked for.
enum { RL_INPUT_PIXELS_MAX = 1 << 28 };

struct rl_input {
    const char *path;  // of the caller, who keeps it
    const atomic_bool *stop;
    int fd;
    bool is_regular;    // a file on disk: it can seek and never makes one wait
    bool has_begun;     // bytes have come
    int64_t waited_ms;  // for the first byte
    AVIOContext *io;
    AVFormatContext *demuxer;
    int video_index;
    bool is_picture;  // a format of pictures, animated ones too
};

// Zero the struct before; call rl_input_close() after failures too. Fails with RELIEF_E_INPUT.
enum relief_status rl_input_open(struct rl_input *input, const char *path, const atomic_bool *stop,
                                 struct relief_error *err);
void rl_input_close(struct rl_input *input);

#define RL_INPUT_PIPE_HINT "an MP4 that comes through a pipe needs its index in front"

AVStream *rl_input_video(const struct rl_input *input);

// What the container says of the video beside its packets; NULL when it says nothing of this type.
const void *rl_input_side_data(const struct rl_input *input, enum AVPacketSideDataType type,
                               size_t *size);

// The display matrix that the container gives for the video; NULL when it has none.
const int32_t *rl_input_matrix(const struct rl_input *input);

// Average frame rate; 0/1 when unknown or absurd.
AVRational rl_input_rate(const struct rl_input *input);

// Frames as the file counts them; 0 when it does not. Matroska says it in the statistics that
// mkvmerge writes.
int64_t rl_input_frames(const struct rl_input *input);

// When the film begins and how long it lasts, in microseconds; 0 when unknown.
int64_t rl_input_start_us(const struct rl_input *input);
int64_t rl_input_duration_us(const struct rl_input *input);

bool rl_input_stopped(const struct rl_input *input);

#endif
