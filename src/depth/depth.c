// SPDX-License-Identifier: MIT
#include "depth/depth.h"

#include "base/str.h"
#include "depth/cache.h"
#include "depth/prepare.h"
#include "plane/pool.h"

#include <math.h>

enum { REQUESTS = 2 };

struct depth {
    struct rl_model model;
    struct rl_network_info info;
    struct rl_opened opened;
    struct rl_network_key key;
    struct rl_depth_cache *cache;
    struct rl_prepare prepare;
    struct rl_pool pool;
    struct rl_frame *frames[REQUESTS];  // what each request looks at; NULL = free
    int next;     // the slot of the next frame; when it is taken, by the oldest frame
    bool failed;  // the network is not to be used again
    char summary[192];
};

// What is nearer than a hundredth of the mean depth counts as that near: one pixel close to zero
// must not take the whole range.
static float least_depth(const float *map, size_t count)
{
    double sum = 0;
    size_t counted = 0;
    for (size_t i = 0; i < count; i++)
        if (isfinite(map[i]) && map[i] > 0) {
            sum += (double)map[i];
            counted++;
        }
    float least = counted ? (float)(sum / (double)counted) * 0.01f : 1;
    return least > 0 ? least : 1;
}

// One row of relative inverse depth. NaN and infinity take the value before them.
static void write_row(float *to, const float *from, int width, bool invert, float least,
                      float *last)
{
    for (int x = 0; x < width; x++) {
        float value = from[x];
        if (invert)
            value = value > least ? 1 / value : 1 / least;  // infinitely far gives 0
        if (isnan(from[x]) || isinf(value))
            value = *last;
        to[x] = *last = value;
    }
}

static AVFrame *make_map(struct depth *d, const float *output)
{
    const int width = d->info.output_width, height = d->info.output_height;
    AVFrame *map = rl_pool_get(&d->pool, AV_PIX_FMT_GRAYF32, width, height, NULL);
    if (!map)
        return NULL;
    bool invert = d->model.output == RL_OUTPUT_DEPTH;
    float least = invert ? least_depth(output, (size_t)width * (size_t)height) : 0, last = 0;
    struct rl_plane plane = rl_frame_plane(map, 0);
    for (int y = 0; y < height; y++)
        write_row((float *)(void *)rl_plane_row(&plane, y), output + (size_t)y * (size_t)width,
                  width, invert, least, &last);
    return map;
}

// Wait for the request in `slot`; its frame leaves the stage with its map.
static enum relief_status finish(struct depth *d, int slot, struct rl_frame **frame,
                                 struct relief_error *err)
{
    const float *output = NULL;
    enum relief_status status = d->opened.engine->wait(d->opened.network, slot, &output, err);
    *frame = d->frames[slot];
    d->frames[slot] = NULL;
    if (status == RELIEF_OK) {
        (*frame)->depth = make_map(d, output);
        if (!(*frame)->depth)
            status = rl_fail_memory(err);
    } else {
        d->failed = true;
    }
    if (status != RELIEF_OK)
        rl_frame_free(frame);
    return status;
}

// Takes over the frame.
static enum relief_status begin(struct depth *d, int slot, struct rl_frame *frame,
                                struct relief_error *err)
{
    const struct rl_engine *engine = d->opened.engine;
    enum relief_status status = rl_prepare_run(&d->prepare, frame->picture,
                                               engine->input(d->opened.network, slot), err);
    if (status == RELIEF_OK) {
        status = engine->start(d->opened.network, slot, err);
        d->failed = d->failed || status != RELIEF_OK;
    }
    if (status == RELIEF_OK)
        d->frames[slot] = frame;
    else
        rl_frame_free(&frame);
    return status;
}

// The new frame is under way before the old one is handed on, which may block.
static enum relief_status depth_push(void *stage, struct rl_frame *frame, const struct rl_sink *out,
                                     struct relief_error *err)
{
    struct depth *d = stage;
    struct rl_frame *done = NULL;
    int slot = d->next;
    enum relief_status status = RELIEF_OK;
    if (d->frames[slot])
        status = finish(d, slot, &done, err);
    if (status == RELIEF_OK)
        status = begin(d, slot, frame, err);
    else
        rl_frame_free(&frame);
    d->next = (slot + 1) % REQUESTS;
    if (status == RELIEF_OK && done)
        return out->take(out->user, done, err);
    rl_frame_free(&done);
    return status;
}

static enum relief_status depth_flush(void *stage, const struct rl_sink *out,
                                      struct relief_error *err)
{
    struct depth *d = stage;
    enum relief_status status = RELIEF_OK;
    for (int i = 0; i < REQUESTS && status == RELIEF_OK; i++) {
        int slot = (d->next + i) % REQUESTS;
        struct rl_frame *done = NULL;
        if (!d->frames[slot])
            continue;
        status = finish(d, slot, &done, err);
        if (status == RELIEF_OK)
            status = out->take(out->user, done, err);
    }
    return status;
}

static void depth_close(void *stage)
{
    struct depth *d = stage;
    for (int slot = 0; slot < REQUESTS; slot++) {
        const float *output;
        if (d->frames[slot] && !d->failed)
            d->failed = d->opened.engine->wait(d->opened.network, slot, &output, NULL) != RELIEF_OK;
        rl_frame_free(&d->frames[slot]);
    }
    if (d->opened.network)
        rl_depth_cache_give(d->failed ? NULL : d->cache, &d->key, &d->opened);
    rl_prepare_clear(&d->prepare);
    rl_pool_clear(&d->pool);
    free(d);
}

static const struct rl_stage_type depth_type = {"depth", depth_push, depth_flush, depth_close};

static enum relief_status find_model(struct depth *d, const struct rl_depth_params *params,
                                     struct relief_error *err)
{
    if (d->opened.engine != &rl_engine_dummy)
        return rl_model_find(&d->model, params->model, err);
    rl_model_default(&d->model);
    rl_str_copy(d->model.name, sizeof d->model.name, "made-up depth");
    return RELIEF_OK;
}

static enum relief_status open_network(struct depth *d, const struct rl_depth_params *params,
                                       struct relief_error *err)
{
    struct rl_network_params np = {&d->model,       0,       0, params->device, params->precision,
                                   params->threads, REQUESTS};
    AVRational aspect = params->sample_aspect;
    if (aspect.num <= 0 || aspect.den <= 0)
        aspect = (AVRational){1, 1};
    rl_model_input_size(&d->model, (int)lround(params->width * av_q2d(aspect)), params->height,
                        params->size, &np.width, &np.height);
    rl_network_key_init(&d->key, &np);
    bool kept = rl_depth_cache_take(d->cache, &d->key, &d->opened);
    if (!kept) {
        enum relief_status status = d->opened.engine->open(&d->opened.network, &np, err);
        if (status != RELIEF_OK)
            return status;
    }
    d->info = *d->opened.engine->info(d->opened.network);
    if (*d->info.fallback)
        rl_warn(params->log, "device %s cannot be used, the processor takes its place: %s",
                params->device, d->info.fallback);
    rl_str_add(d->summary, sizeof d->summary, "%s on %s, %dx%d%s%s", d->model.name, d->info.device,
               d->info.width, d->info.height, *d->info.precision ? ", " : "", d->info.precision);
    rl_verbose(params->log, "depth: %s%s", d->summary, kept ? " (still open)" : "");
    return RELIEF_OK;
}

enum relief_status rl_depth_open(struct rl_stage *stage, const struct rl_depth_params *params,
                                 struct relief_error *err)
{
    *stage = (struct rl_stage){0};
    struct depth *d = calloc(1, sizeof *d);
    if (!d)
        return rl_fail_memory(err);
    d->cache = params->cache;
    d->opened.engine = rl_engine_for(params->device);
    enum relief_status status = find_model(d, params, err);
    if (status == RELIEF_OK)
        status = open_network(d, params, err);
    if (status == RELIEF_OK)
        status = rl_prepare_init(&d->prepare, &d->model, d->info.width, d->info.height, err);
    if (status != RELIEF_OK) {
        depth_close(d);
        return status;
    }
    *stage = (struct rl_stage){&depth_type, d};
    return RELIEF_OK;
}

size_t rl_depth_devices(struct relief_device *devices, size_t capacity)
{
    return rl_engine_devices(devices, capacity);
}

const char *rl_depth_summary(const struct rl_stage *stage)
{
    const struct depth *d = stage->state;
    return d->summary;
}
