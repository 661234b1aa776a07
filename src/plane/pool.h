// SPDX-License-Identifier: MIT
//
// Recycled pictures of one format and size, so that nothing is allocated while frames flow.
#ifndef RL_PLANE_POOL_H
#define RL_PLANE_POOL_H

#include "base/error.h"

#include <libavutil/buffer.h>
#include <libavutil/frame.h>

struct rl_pool {
    enum AVPixelFormat format;
    int width, height;
    AVBufferPool *buffers;
};

// A writable picture from the pool; the pool takes on a new format and size when they change.
// Rows are 64-byte aligned and padded by at least 64 readable bytes. NULL when out of memory.
// Colour tags and sample aspect are those of `like`, when it is not NULL.
AVFrame *rl_pool_get(struct rl_pool *pool, enum AVPixelFormat format, int width, int height,
                     const AVFrame *like);

void rl_pool_clear(struct rl_pool *pool);

#endif
