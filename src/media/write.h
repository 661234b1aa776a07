// SPDX-License-Identifier: MIT
//
// Writing: composed frames -> encoder -> muxer, beside the packets of all other streams, into a
// file that gets its name only when it is complete.
//
// 1. Every frame keeps its pts and duration exactly (as far as the container can say them).
// 2. Audio, subtitle, data and attachment streams, chapters and metadata are copied unchanged where
//    the container can carry them; sound and text subtitles are converted when it cannot. Sound
//    that is converted, and each stream that is left out, is named in one warning.
// 3. MP4 and MOV get their index in front.
// 4. Outputs that are numbered pictures (pattern; the numbers are rl_frame's index) or one picture
//    go through media/stills.
// 5. Encoders that want even sizes (H.264, H.265 and SVT-AV1 at 4:2:0 and 4:2:2) get the last
//    column or row twice; nothing is cut off or scaled. --pix-fmt yuv444p keeps odd sizes.
// 6. All times count from source->start_pts. With 0, a film that begins at 1.4 s does so in
//    the output too.
// 7. rl_writer_packet() may be called by another thread than _frame; the rest by one thread.
// 8. A film that is interrupted can go on: see rl_writer_keep() and journal.h.
#ifndef RL_MEDIA_WRITE_H
#define RL_MEDIA_WRITE_H

#include "base/log.h"
#include "media/read.h"
#include "plane/frame.h"

struct rl_writer;

struct rl_writer_params {
    enum relief_encoder encoder;
    float crf;            // -1 = by encoder
    const char *preset;   // "" = by speed
    const char *pix_fmt;  // "" = nearest to the frames'
    enum relief_speed speed;
    int threads;  // of the encoder; 0 = its own choice
    bool overwrite;
    enum relief_format layout;  // for 3D metadata
    int width, height;          // of the composed frames
    enum AVPixelFormat format;  // likewise
    AVRational sample_aspect;   // likewise
    bool copy_streams;          // false: pictures only (depth maps)
    struct rl_log *log;
};

// Where the encoder is not named, deep pictures and large ones are H.265: few players know H.264 of
// more than 8 bits, or beyond its level 5.2.
bool rl_writer_wants_h265(enum AVPixelFormat format, int width, int height);

// What became of a stream of the source, for the report. `reason` is empty when it was copied.
struct rl_stream_fate {
    int index;
    char kind[16], codec[32];
    char outcome[16];  // "copied", "converted", "left out"
    char reason[128];
};

// `path` is a file name, "-" (Matroska to standard output) or a pattern. A pipe or a device would
// be written directly, but jobs refuse them before they come here. `source` must live until close.
// Fails with RELIEF_E_OUTPUT: exists, folder, no such muxer, encoder missing or not for this
// container, equal to the source; with RELIEF_E_ARGUMENT: a pixel format or preset that the encoder
// does not have.
enum relief_status rl_writer_open(struct rl_writer **writer, const char *path,
                                  const struct rl_source *source,
                                  const struct rl_writer_params *params, struct relief_error *err);

// What an earlier run of a conversion has encoded.
struct rl_resume {
    int64_t pictures;  // so many from the first on; 0: nothing
    int64_t shot;      // the first one of the shot that goes on, of all pictures
};

// Before the first frame: keep what is encoded beside the output until that is complete, and take
// up what an interrupted run of the same conversion kept. `conversion` is words that differ where
// the pictures would; the encoder's settings are added. Pictures, pipes and palettes are not kept,
// and nothing that cannot be (a warning). Fails with RELIEF_E_MEMORY only.
enum relief_status rl_writer_keep(struct rl_writer *writer, const char *conversion,
                                  struct rl_resume *resume, struct relief_error *err);

// Write what was taken up, as far as a frame of the time `pts`, beside the packets of other streams
// that come meanwhile. Pictures follow when all is written: INT64_MAX. The thread may be another
// than rl_writer_frame()'s, not at the same time.
enum relief_status rl_writer_replay(struct rl_writer *writer, int64_t pts,
                                    struct relief_error *err);

// True when the film could go on if it were interrupted now.
bool rl_writer_can_go_on(const struct rl_writer *writer);

// Encodes `picture` with the pts and duration of `frame` (frame->output is the usual one).
// Keeps no reference to `frame`; may keep one to `picture`.
enum relief_status rl_writer_frame(struct rl_writer *writer, const struct rl_frame *frame,
                                   const AVFrame *picture, struct relief_error *err);

// A packet of another stream of the source; has the shape of rl_packet_fn.
enum relief_status rl_writer_packet(void *writer, const AVPacket *packet, struct relief_error *err);

// Drain the encoder, finish the file, give it its name. No other call but _close may follow.
enum relief_status rl_writer_finish(struct rl_writer *writer, struct relief_error *err);

// What became of the source's streams. Owned by the writer.
const struct rl_stream_fate *rl_writer_fates(const struct rl_writer *writer, size_t *count);

// Removes what was written, unless rl_writer_finish() succeeded; what can go on is kept.
void rl_writer_close(struct rl_writer **writer);

#endif
