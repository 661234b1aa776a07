// SPDX-License-Identifier: MIT
#include "job/import.h"

#include "media/read.h"
#include "plane/pool.h"

struct import {
    struct rl_reader *reader;
    struct rl_pool pool;
    AVFrame *last;  // the map given to the last frame
    const char *path;
    int64_t next;  // number of the map that is read next
    bool ended;
    struct rl_log *log;
};

static void convert_row(const uint16_t *from, float *to, int width)
{
    for (int x = 0; x < width; x++)
        to[x] = (float)from[x] / 65535.0f;
}

// 16-bit grey -> d in 0..1.
static AVFrame *to_depth(struct import *import, const AVFrame *grey)
{
    AVFrame *depth = rl_pool_get(&import->pool, AV_PIX_FMT_GRAYF32, grey->width, grey->height,
                                 NULL);
    if (!depth)
        return NULL;
    struct rl_plane from = rl_frame_plane(grey, 0), to = rl_frame_plane(depth, 0);
    for (int y = 0; y < grey->height; y++)
        convert_row((const uint16_t *)(const void *)rl_plane_row(&from, y),
                    (float *)(void *)rl_plane_row(&to, y), grey->width);
    return depth;
}

static enum relief_status read_next(struct import *import, struct relief_error *err)
{
    struct rl_frame *map = NULL;
    enum relief_status status = rl_reader_next(import->reader, &map, err);
    if (status != RELIEF_OK)
        return status;
    if (!map) {
        import->ended = true;
        if (!rl_reader_source(import->reader)->is_still)
            rl_warn(import->log, "%s: ends before the film: its last depth map goes on",
                    import->path);
        return RELIEF_OK;
    }
    AVFrame *depth = to_depth(import, map->picture);
    rl_frame_free(&map);
    if (!depth)
        return rl_fail_memory(err);
    av_frame_free(&import->last);
    import->last = depth;
    import->next++;
    return RELIEF_OK;
}

// The film may begin in its midst, where an interrupted job goes on.
static enum relief_status read_until(struct import *import, int64_t number,
                                     struct relief_error *err)
{
    enum relief_status status = RELIEF_OK;
    while (status == RELIEF_OK && !import->ended && import->next <= number)
        status = read_next(import, err);
    return status;
}

static enum relief_status push(void *stage, struct rl_frame *frame, const struct rl_sink *out,
                               struct relief_error *err)
{
    struct import *import = stage;
    enum relief_status status = read_until(import, frame->index, err);
    if (status == RELIEF_OK && import->last) {
        frame->depth = av_frame_clone(import->last);
        if (!frame->depth)
            status = rl_fail_memory(err);
    } else if (status == RELIEF_OK) {
        status = rl_fail(err, RELIEF_E_INPUT, "%s: holds no depth map", import->path);
    }
    if (status != RELIEF_OK) {
        rl_frame_free(&frame);
        return status;
    }
    frame->depth_is_final = true;
    return out->take(out->user, frame, err);
}

static enum relief_status flush(void *stage, const struct rl_sink *out, struct relief_error *err)
{
    (void)stage, (void)out, (void)err;
    return RELIEF_OK;
}

static void close_import(void *stage)
{
    struct import *import = stage;
    rl_reader_close(&import->reader);
    av_frame_free(&import->last);
    rl_pool_clear(&import->pool);
    free(import);
}

enum relief_status rl_import_open(struct rl_stage *stage, const struct rl_import_params *params,
                                  struct relief_error *err)
{
    static const struct rl_stage_type type = {"import", push, flush, close_import};
    struct import *import = calloc(1, sizeof *import);
    if (!import)
        return rl_fail_memory(err);
    *stage = (struct rl_stage){&type, import};
    import->path = params->path;
    import->log = params->log;
    struct rl_reader_params reader = {
        .format = AV_PIX_FMT_GRAY16,
        .stop = params->stop,
        .log = params->log,
    };
    return rl_reader_open(&import->reader, params->path, &reader, err);
}
