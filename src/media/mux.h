// SPDX-License-Identifier: MIT
//
// The file that is being written: one encoded video stream and what is copied beside it.
//
// 1. Streams stand in the order of the source. Which of them the container can carry is asked of
//    the muxer itself, by trial headers that go nowhere: one odd stream never spoils a film.
// 2. Bytes go to a part that gets its name at the end; to standard output, a pipe or a device
//    directly.
// 3. Times of the video are the encoder's, in its time base; copied packets come in the time base
//    of their stream in the source and are moved by the same offset.
// 4. rl_mux_video() and rl_mux_copy() may be called by two threads; a mutex guards the muxer.
#ifndef RL_MEDIA_MUX_H
#define RL_MEDIA_MUX_H

#include "base/file.h"
#include "media/chapters.h"
#include "media/copy.h"
#include "media/write.h"

#include <libavcodec/avcodec.h>

struct rl_span {
    int64_t first_pts, first_dts, end_pts, count;
};

struct rl_mux {
    const char *path;  // as the user gave it
    const struct rl_source *source;
    const struct rl_writer_params *params;
    const AVOutputFormat *container;
    struct rl_part part;
    char *url;    // what FFmpeg opens
    bool direct;  // no part: a pipe or a device
    bool begun;   // there is a header and no trailer yet
    AVFormatContext *format;
    const AVCodecContext *encoder;
    int video_index;  // in `format`
    struct rl_copies copies;
    struct rl_chapters chapters;  // the source's own, if it is Matroska
    AVPacket *held;               // the newest video packet: the last one is treated differently
    struct rl_span span;          // of the video so far
    int64_t refused;              // packets that the muxer did not take, of whatever stream
    pthread_mutex_t mutex;
};

// Finds the container and opens the place. `path`, `source` and `params` must outlive the mux.
enum relief_status rl_mux_open(struct rl_mux *mux, const char *path, const struct rl_source *source,
                               const struct rl_writer_params *params, struct relief_error *err);

// Decides about the streams and writes the header.
enum relief_status rl_mux_start(struct rl_mux *mux, const AVCodecContext *encoder,
                                struct relief_error *err);

// Takes the packet's contents.
enum relief_status rl_mux_video(struct rl_mux *mux, AVPacket *packet, struct relief_error *err);

// Copies the packet.
enum relief_status rl_mux_copy(struct rl_mux *mux, const AVPacket *packet,
                               struct relief_error *err);

// Completes the file and names it.
enum relief_status rl_mux_finish(struct rl_mux *mux, struct relief_error *err);

// Removes an unfinished part.
void rl_mux_close(struct rl_mux *mux);

#endif
