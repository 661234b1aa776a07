// SPDX-License-Identifier: MIT
//
// Reading: any file that FFmpeg's libraries read, a picture, a numbered sequence, a folder of
// pictures, or standard input -> upright frames in a working format, and the packets of all other
// streams untouched.
//
// 1. Frames come in order of presentation with strictly increasing pts, each as often as the
//    source shows it; nothing is repeated or dropped to reach a constant rate.
// 2. Rotation and flips of the display matrix are applied. Sample aspect, colour tags, range, bit
//    depth and chroma subsampling are kept.
// 3. Frames flagged interlaced are deinterlaced, one frame out for one frame in (bwdif).
// 4. A stream that changes size or format is brought to that of its first frame, and one higher
//    than max_height scaled down to it.
// 5. Damaged packets are skipped with one warning; the file is refused only if no frame decodes.
// 6. One thread at a time, except where a comment says otherwise.
// 7. Frames and packets keep the times of the source. start_pts says what the output counts from:
//    0 as a rule, so that a film which begins at 5 s still does; with start_us > 0 the pts of the
//    first frame that is given out; and the beginning of the film for transport and program
//    streams whose clock begins beyond 10 s, which is a broadcaster's clock and no time of a film.
//    The writer of another transport stream takes 0 all the same, see job/job.c.
//    start_us itself always counts from the beginning of the film: its earliest stream's.
// 8. Nothing but the named file is opened: no protocol, no playlist, no file that a file names.
#ifndef RL_MEDIA_READ_H
#define RL_MEDIA_READ_H

#include "base/log.h"
#include "plane/frame.h"

#include <libavformat/avformat.h>
#include <stdatomic.h>

struct rl_reader;

struct rl_reader_params {
    int64_t start_us;     // from the beginning of the film. The first frame given out is the one
                          // that is on screen then
    int64_t duration_us;  // 0 = to the end; the last frame is the one on screen just before
    int threads;          // of the decoder; 0 = one per core
    bool still_repeats;   // a picture is given out for ever (an imported depth map)
    enum AVPixelFormat format;  // give frames in this format instead; AV_PIX_FMT_NONE = working
    int max_height;             // 0 = as they are; see rl_reader_limit()
    const atomic_bool *stop;    // when it becomes true, blocking reads end; may be NULL
    struct rl_log *log;         // may be NULL
};

// What the writer needs to know of the source. Owned by the reader.
struct rl_source {
    const char *path;
    AVFormatContext *demuxer;   // for streams, chapters, metadata; not to be read from
    int video_index;            // of the video stream among demuxer's
    enum AVPixelFormat format;  // of the frames that come
    int width, height;          // likewise
    AVRational sample_aspect;   // 1:1 when unknown
    AVRational time_base;       // of rl_frame's pts and duration
    AVRational frame_rate;      // average; 0/1 when unknown
    int64_t start_pts;          // what the writer subtracts from all times, in time_base; see 7
    int64_t end_pts;            // of the span that was asked for, in time_base; 0 = the film's own
    int64_t frame_count;        // expected; 0 when unknown
    bool is_still;              // one picture
    bool is_sequence;           // numbered pictures or a folder of them
    const AVFrame *first;       // the first frame's properties (colour tags, HDR side data); its
                                // planes are not to be used
};

// Opens, and decodes up to the first frame. Fails with RELIEF_E_INPUT: missing, unreadable, not
// media, no picture in it (audio only), start beyond the end. `path` is "-" for standard input.
enum relief_status rl_reader_open(struct rl_reader **reader, const char *path,
                                  const struct rl_reader_params *params, struct relief_error *err);

// The size in which pictures of this size come: no higher, of the same shape, and even. 0 for
// `max_height` is no limit.
void rl_reader_limit(int *width, int *height, int max_height);

const struct rl_source *rl_reader_source(const struct rl_reader *reader);

// Where packets of the other streams go, as they come; stream_index is the demuxer's. Takes a
// reference of its own if it keeps the packet. NULL (the default) drops them at once.
// With start and duration, packets outside the span are not given.
typedef enum relief_status (*rl_packet_fn)(void *user, const AVPacket *packet,
                                           struct relief_error *err);
void rl_reader_on_packet(struct rl_reader *reader, rl_packet_fn fn, void *user);

// The next frame, owned by the caller; NULL at the end. Its duration lasts to the next frame; that
// of the last one is what the file says, or the frame rate. Packets met on the way go to the packet
// function, those behind the last frame too.
enum relief_status rl_reader_next(struct rl_reader *reader, struct rl_frame **frame,
                                  struct relief_error *err);

void rl_reader_close(struct rl_reader **reader);

// Headers only: what relief_probe() promises.
enum relief_status rl_probe(const char *path, struct relief_media_info *info,
                            struct relief_error *err);

#endif
