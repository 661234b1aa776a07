// SPDX-License-Identifier: MIT
#include "plane/pool.h"

#include <libavutil/imgutils.h>

enum { ALIGN = 64 };

static AVBufferPool *make_buffers(enum AVPixelFormat format, int width, int height)
{
    int size = av_image_get_buffer_size(format, FFALIGN(width, ALIGN), height, ALIGN);
    return size < 0 ? NULL : av_buffer_pool_init((size_t)size + 4 * ALIGN, NULL);
}

AVFrame *rl_pool_get(struct rl_pool *pool, enum AVPixelFormat format, int width, int height,
                     const AVFrame *like)
{
    if (!pool->buffers || pool->format != format || pool->width != width ||
        pool->height != height) {
        rl_pool_clear(pool);
        *pool = (struct rl_pool){format, width, height, make_buffers(format, width, height)};
        if (!pool->buffers)
            return NULL;
    }
    AVFrame *frame = av_frame_alloc();
    if (!frame || (like && av_frame_copy_props(frame, like) < 0))
        goto fail;
    frame->format = format;
    frame->width = width;
    frame->height = height;
    frame->buf[0] = av_buffer_pool_get(pool->buffers);
    if (!frame->buf[0])
        goto fail;
    uint8_t *base = (uint8_t *)(((uintptr_t)frame->buf[0]->data + ALIGN - 1) &
                                ~(uintptr_t)(ALIGN - 1));
    if (av_image_fill_arrays(frame->data, frame->linesize, base, format, FFALIGN(width, ALIGN),
                             height, ALIGN) < 0)
        goto fail;
    return frame;
fail:
    av_frame_free(&frame);
    return NULL;
}

void rl_pool_clear(struct rl_pool *pool)
{
    av_buffer_pool_uninit(&pool->buffers);
    *pool = (struct rl_pool){0};
}
