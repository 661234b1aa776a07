// SPDX-License-Identifier: MIT
//
// The 256 colours that suit a shot best, for GIF, and its pictures in them: FFmpeg's palettegen and
// paletteuse.
//
// 1. All pictures of a shot share one palette: a palette of its own for each would make flat areas
//    flicker. So pictures wait until their shot ends, which is where a cut is, or when
//    RL_PALETTE_BYTES_MOST of them wait.
// 2. Colours between are laid out in a fixed pattern (Bayer), not by spreading errors: what does
//    not move stays as it is from picture to picture.
// 3. One thread at a time.
#ifndef RL_MEDIA_PALETTE_H
#define RL_MEDIA_PALETTE_H

#include "base/error.h"

#include <stdbool.h>

#include <libavutil/frame.h>

// Some four seconds of 1080p, two minutes of the size that GIFs usually have.
enum { RL_PALETTE_BYTES_MOST = 256 << 20 };

struct rl_palette_graph {
    struct AVFilterGraph *graph;
    struct AVFilterContext *source, *sink;
};

// Zero it before the first use.
struct rl_palette {
    struct rl_palette_graph learning;  // sees the pictures of the shot under way
    struct rl_palette_graph applying;  // has the palette of the shot before
    int64_t learnt, applied;           // how many pictures each has seen
};

// `picture` is RGB32 as FFmpeg names it, of the same size for all of a shot.
enum relief_status rl_palette_learn(struct rl_palette *palette, const AVFrame *picture,
                                    struct relief_error *err);

// The shot ends: what was learnt is applied from here on, and learning begins anew.
enum relief_status rl_palette_choose(struct rl_palette *palette, struct relief_error *err);

// *out is PAL8 and the caller's.
enum relief_status rl_palette_apply(struct rl_palette *palette, const AVFrame *picture,
                                    AVFrame **out, struct relief_error *err);

void rl_palette_clear(struct rl_palette *palette);

#endif
