// SPDX-License-Identifier: MIT
//
// One picture in another format or size.
//
// 1. What needs no arithmetic costs none: alpha is dropped, "yuvj" renamed, grey given neutral
//    chroma, and depth maps reduced to their luma, all by reference.
// 2. Ranges stay: full stays full, limited stays limited. Untagged grey and RGB are full.
// 3. What comes out has rows that run downwards (strides > 0).
// 4. Internal to the room's reading side.
#ifndef RL_MEDIA_FIT_H
#define RL_MEDIA_FIT_H

#include "plane/frame.h"
#include "plane/pool.h"

struct SwsContext;

struct rl_fit {
    struct SwsContext *sws;
    int source_key[5], target_key[5];  // what `sws` was made for
    struct rl_pool pool;
    AVBufferRef *chroma;  // the neutral plane of greys, of chroma_bytes
    size_t chroma_bytes;
    int chroma_value;
};

// Replaces *frame (and frees it) by the same picture in `format` and size. `like` gives the
// colour tags to convert to when the picture has to be converted anyway; NULL keeps its own.
// Fails with RELIEF_E_INPUT when nothing converts between the two.
enum relief_status rl_fit(struct rl_fit *fit, AVFrame **frame, enum AVPixelFormat format, int width,
                          int height, const AVFrame *like, struct relief_error *err);
void rl_fit_clear(struct rl_fit *fit);

#endif
