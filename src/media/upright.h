// SPDX-License-Identifier: MIT
//
// Frames as they are stored -> frames as they are seen: turned, mirrored and deinterlaced by a
// libavfilter graph, which exists only where a frame asks for it.
//
// 1. One frame out for one frame in, same order, same pts. Interlaced film comes out one frame
//    late.
// 2. From the first interlaced frame on, the deinterlacer stays in; it lets others pass.
// 3. A frame of another size or format gets a graph of its own; what the old one held comes out
//    before.
// 4. Internal to the room's reading side.
#ifndef RL_MEDIA_UPRIGHT_H
#define RL_MEDIA_UPRIGHT_H

#include "base/error.h"

#include <libavfilter/avfilter.h>
#include <libavutil/frame.h>
#include <stdbool.h>

// Mirror at the diagonal, then left-right, then top-bottom.
struct rl_turn {
    bool transpose, hflip, vflip;
};

// The turn that a display matrix asks for, rounded to quarter turns; *is_exact says whether it had
// to be. `matrix` may be NULL.
struct rl_turn rl_turn_of(const int32_t *matrix, bool *is_exact);

// The same as a clockwise angle: 0, 90, 180, 270. Mirroring has no say.
int rl_turn_degrees(struct rl_turn turn);

// The format in which pictures are turned by a quarter. Where chroma is not subsampled alike both
// ways that needs it in full.
enum AVPixelFormat rl_turn_format(enum AVPixelFormat format);

bool rl_frame_is_interlaced(const AVFrame *frame);

enum { RL_UPRIGHT_HELD_MAX = 16 };

struct rl_upright {
    AVRational time_base;
    int threads;

    bool deinterlace;
    struct rl_turn turn;
    int width, height, format;  // what the graph was made for
    AVFilterGraph *graph;
    AVFilterContext *source, *sink;

    AVFrame *ready[RL_UPRIGHT_HELD_MAX];
    int ready_count;
};

// Set time_base and threads, zero the rest. Takes over the frame. Fails with RELIEF_E_INPUT.
enum relief_status rl_upright_push(struct rl_upright *upright, AVFrame *frame, struct rl_turn turn,
                                   struct relief_error *err);

// No frame follows, or none that belongs to those before: hand out what is held.
enum relief_status rl_upright_flush(struct rl_upright *upright, struct relief_error *err);

// The next finished frame, owned by the caller; NULL when there is none yet.
AVFrame *rl_upright_pop(struct rl_upright *upright);

// Drops everything held.
void rl_upright_clear(struct rl_upright *upright);

#endif
