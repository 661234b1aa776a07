// SPDX-License-Identifier: MIT
#include "job/store.h"

#include "base/file.h"
#include "base/str.h"
#include "media/pictures.h"
#include "media/stills.h"
#include "media/write.h"
#include "plane/convert.h"
#include "plane/pool.h"

#include <math.h>

// One place that pictures go to: numbered pictures, or a video.
struct shelf {
    struct rl_still_writer *stills;
    struct rl_writer *video;
};

enum { FRAMES, DEPTH, KNOWN, LEFT, RIGHT, SHELF_COUNT };

static const char *const shelf_names[SHELF_COUNT] = {"frames", "depth", "known", "left", "right"};

struct store {
    struct shelf shelves[SHELF_COUNT];
    char *path;         // of the depth video, which is opened when the first map tells its size
    int width, height;  // that size, to which others are brought: bars change it
    struct rl_store_params params;
    struct rl_pool pool;
};

static AVFrame *to_grey16(struct store *store, const AVFrame *depth)
{
    AVFrame *grey = rl_pool_get(&store->pool, AV_PIX_FMT_GRAY16, depth->width, depth->height, NULL);
    if (!grey)
        return NULL;
    grey->color_range = AVCOL_RANGE_JPEG;
    struct rl_plane from = rl_frame_plane(depth, 0), to = rl_frame_plane(grey, 0);
    for (int y = 0; y < depth->height; y++) {
        const float *d = (const float *)(const void *)rl_plane_row(&from, y);
        uint16_t *g = (uint16_t *)(void *)rl_plane_row(&to, y);
        for (int x = 0; x < depth->width; x++)
            g[x] = (uint16_t)(fminf(fmaxf(d[x], 0), 1) * 65535.0f + 0.5f);
    }
    return grey;
}

static enum relief_status open_video(struct store *store, const AVFrame *grey,
                                     struct relief_error *err)
{
    struct rl_writer_params params = {
        .encoder = RELIEF_ENCODER_FFV1,
        .crf = -1,
        .preset = "",
        .pix_fmt = "",
        .speed = RELIEF_SPEED_NORMAL,
        .threads = 1,
        .overwrite = store->params.overwrite,
        .layout = RELIEF_FORMAT_DEPTH,
        .width = grey->width,
        .height = grey->height,
        .format = AV_PIX_FMT_GRAY16,
        .sample_aspect = {1, 1},
        .log = store->params.log,
    };
    return rl_writer_open(&store->shelves[DEPTH].video, store->path, store->params.source, &params,
                          err);
}

static enum relief_status store_video(struct store *store, const struct rl_frame *frame,
                                      struct relief_error *err)
{
    AVFrame *map = to_grey16(store, frame->depth), *grey = NULL;
    if (map && !store->shelves[DEPTH].video) {
        store->width = map->width;
        store->height = map->height;
    }
    if (map)
        grey = rl_convert_resize(map, store->width, store->height);
    av_frame_free(&map);
    if (!grey)
        return rl_fail_memory(err);
    enum relief_status status = RELIEF_OK;
    if (!store->shelves[DEPTH].video)
        status = open_video(store, grey, err);
    if (status == RELIEF_OK)
        status = rl_writer_frame(store->shelves[DEPTH].video, frame, grey, err);
    av_frame_free(&grey);
    return status;
}

static enum relief_status push(void *stage, struct rl_frame *frame, const struct rl_sink *out,
                               struct relief_error *err)
{
    struct store *store = stage;
    const AVFrame *pictures[SHELF_COUNT] = {frame->picture, frame->depth, frame->known, frame->left,
                                            frame->right};
    enum relief_status status = RELIEF_OK;
    for (int i = 0; i < SHELF_COUNT && status == RELIEF_OK; i++)
        if (store->shelves[i].stills && pictures[i])
            status = rl_still_write(store->shelves[i].stills, pictures[i], frame->index, err);
    if (status == RELIEF_OK && store->path && frame->depth)
        status = store_video(store, frame, err);
    if (status != RELIEF_OK) {
        rl_frame_free(&frame);
        return status;
    }
    return out->take(out->user, frame, err);
}

static enum relief_status flush(void *stage, const struct rl_sink *out, struct relief_error *err)
{
    (void)stage, (void)out, (void)err;
    return RELIEF_OK;
}

static void close_store(void *stage)
{
    struct store *store = stage;
    for (int i = 0; i < SHELF_COUNT; i++) {
        rl_still_writer_close(&store->shelves[i].stills);
        rl_writer_close(&store->shelves[i].video);
    }
    rl_pool_clear(&store->pool);
    free(store->path);
    free(store);
}

static const struct rl_stage_type store_type = {"store", push, flush, close_store};

static struct store *create(struct rl_stage *stage, const struct rl_store_params *params)
{
    struct store *store = calloc(1, sizeof *store);
    if (store) {
        store->params = *params;
        *stage = (struct rl_stage){&store_type, store};
    }
    return store;
}

enum relief_status rl_store_depth_open(struct rl_stage *stage, const char *path,
                                       const struct rl_store_params *params,
                                       struct relief_error *err)
{
    struct store *store = create(stage, params);
    if (!store)
        return rl_fail_memory(err);
    if (rl_path_is_pattern(path) || rl_is_still_name(path))
        return rl_still_writer_open(&store->shelves[DEPTH].stills, path, params->overwrite, err);
    store->path = rl_str_format("%s", path);
    return store->path ? RELIEF_OK : rl_fail_memory(err);
}

static char *shelf_pattern(const char *folder, int shelf)
{
    return rl_str_format("%s/%s/%%06d.png", folder, shelf_names[shelf]);
}

bool rl_store_all_hits(const char *folder, const char *input)
{
    bool hit = false;
    for (int i = 0; i < SHELF_COUNT && !hit; i++) {
        char *pattern = shelf_pattern(folder, i);
        hit = pattern && rl_pictures_are_hit(input, pattern);
        free(pattern);
    }
    return hit;
}

enum relief_status rl_store_all_open(struct rl_stage *stage, const char *folder,
                                     const struct rl_store_params *params, struct relief_error *err)
{
    struct store *store = create(stage, params);
    if (!store)
        return rl_fail_memory(err);
    enum relief_status status = RELIEF_OK;
    for (int i = 0; i < SHELF_COUNT && status == RELIEF_OK; i++) {
        char *shelf = rl_str_format("%s/%s", folder, shelf_names[i]);
        char *pattern = shelf_pattern(folder, i);
        if (!shelf || !pattern)
            status = rl_fail_memory(err);
        else
            status = rl_make_folders(shelf, err);
        if (status == RELIEF_OK)
            status = rl_still_writer_open(&store->shelves[i].stills, pattern, params->overwrite,
                                          err);
        free(shelf);
        free(pattern);
    }
    return status;
}

enum relief_status rl_store_finish(struct rl_stage *stage, struct relief_error *err)
{
    if (stage->type != &store_type)
        return RELIEF_OK;
    struct store *store = stage->state;
    return store->shelves[DEPTH].video ? rl_writer_finish(store->shelves[DEPTH].video, err)
                                       : RELIEF_OK;
}
