// SPDX-License-Identifier: MIT
#include "depth/depth.h"

#include "base/cpu.h"
#include "base/str.h"
#include "depth/cache.h"
#include "depth/looks.h"
#include "depth/meaning.h"
#include "depth/prepare.h"
#include "plane/pool.h"

#include <math.h>

enum { REQUESTS = 2, LOOKS = 2 };
enum { NONE = 0, PLAIN = 1, MIRRORED = 2, BOTH = PLAIN | MIRRORED };

struct depth {
    // What networks are opened with.
    struct rl_model model;
    char device[64];
    enum relief_precision precision;
    int size, threads;
    int looks;      // at each picture: as it is; mirrored
    bool in_turns;  // one at a time where frames allow it
    AVRational sample_aspect;
    struct rl_log *log;

    struct rl_network_info info;
    struct rl_opened opened;
    struct rl_network_key key;
    struct rl_depth_cache *cache;
    struct rl_prepare prepare;
    struct rl_pool pool;
    float *row;  // of a map, room for one
    struct rl_looks seen;
    struct rl_frame *frames[REQUESTS];  // what is looked at; NULL = free
    unsigned asked[REQUESTS];           // NONE: its picture repeats the one before; PLAIN, ...
    unsigned turn;                      // PLAIN or MIRRORED: whose turn it is
    float *looked;                      // the input that the network looked at last
    AVFrame *map;                       // the newest that has been made
    int64_t index_before;               // of the newest frame that this network looked at
    struct rl_area area_before;
    int next;     // the slot of the next frame; when it is taken, by the oldest frame
    bool failed;  // the network is not to be used again
    int input_width, input_height;  // that were asked for
    bool is_fixed;                  // the network has a size of its own
    char summary[192];
};

static float least_of(const struct rl_plane *map)
{
    float least = INFINITY;
    for (int y = 0; y < map->height; y++) {
        const float *row = (const float *)(const void *)rl_plane_row(map, y);
        for (int x = 0; x < map->width; x++)
            least = fminf(least, row[x]);
    }
    return least;
}

static void fill(float *to, int count, float value)
{
    for (int i = 0; i < count; i++)
        to[i] = value;
}

static void fill_around(const struct rl_plane *map, struct rl_area area, float value)
{
    for (int y = 0; y < map->height; y++) {
        float *row = (float *)(void *)rl_plane_row(map, y);
        const bool inside = y >= area.y0 && y < area.y1;
        fill(row, inside ? area.x0 : map->width, value);
        if (inside)
            fill(row + area.x1, map->width - area.x1, value);
    }
}

static void turn_round(float *to, const float *from, int width)
{
    for (int x = 0; x < width; x++)
        to[x] = from[width - 1 - x];
}

// What a look at the picture as it is said, into `part`.
static void take_plain(struct depth *d, const struct rl_plane *part, const float *output)
{
    const size_t width = (size_t)d->info.output_width;
    struct rl_meaning meaning = rl_meaning_of(d->model.output, output,
                                              width * (size_t)d->info.output_height);
    for (int y = 0; y < part->height; y++)
        rl_meaning_row(&meaning, (float *)(void *)rl_plane_row(part, y), output + (size_t)y * width,
                       part->width);
}

// What one at the mirrored picture said: the mean with what is there, or, alone, itself.
static void take_mirrored(struct depth *d, const struct rl_plane *part, const float *output,
                          bool alone)
{
    const size_t width = (size_t)d->info.output_width;
    struct rl_meaning meaning = rl_meaning_of(d->model.output, output,
                                              width * (size_t)d->info.output_height);
    for (int y = 0; y < part->height; y++) {
        float *row = (float *)(void *)rl_plane_row(part, y);
        float *skew = d->in_turns ? rl_looks_skew_row(&d->seen, y) : NULL;
        rl_meaning_row(&meaning, d->row, output + (size_t)y * width, part->width);
        for (int x = 0; x < part->width; x++) {
            const float seen = d->row[part->width - 1 - x];
            if (skew && !alone)
                skew[x] = seen - row[x];
            row[x] = alone ? seen : (row[x] + seen) / 2;
        }
    }
}

static void take_looks(struct depth *d, struct rl_frame *frame, unsigned asked,
                       const float *const outputs[LOOKS])
{
    const struct rl_plane part = rl_frame_plane_in(frame->depth, 0, rl_frame_depth_area(frame));
    if (asked & PLAIN)
        take_plain(d, &part, outputs[0]);
    if (asked & MIRRORED)
        take_mirrored(d, &part, outputs[1], asked == MIRRORED);
    if (!d->in_turns)
        return;
    if (asked != BOTH)
        rl_looks_complete(&d->seen, frame, asked == MIRRORED);
    rl_looks_keep(&d->seen, frame);
}

// The map of the whole picture, of which the network saw the area.
static enum relief_status make_map(struct depth *d, struct rl_frame *frame, unsigned asked,
                                   const float *const outputs[LOOKS], struct relief_error *err)
{
    if (asked == NONE) {
        frame->depth = av_frame_clone(d->map);
        return frame->depth ? RELIEF_OK : rl_fail_memory(err);
    }
    const int width = d->info.output_width, height = d->info.output_height;
    int map_width, map_height;
    rl_frame_depth_size(frame, width, height, &map_width, &map_height);
    frame->depth = rl_pool_get(&d->pool, AV_PIX_FMT_GRAYF32, map_width, map_height, NULL);
    if (!frame->depth)
        return rl_fail_memory(err);
    const struct rl_area area = rl_frame_depth_area(frame);
    const struct rl_plane whole = rl_frame_plane(frame->depth, 0);
    const struct rl_plane part = rl_frame_plane_in(frame->depth, 0, area);
    take_looks(d, frame, asked, outputs);
    if (!rl_frame_is_whole(frame))
        fill_around(&whole, area, least_of(&part));
    av_frame_free(&d->map);
    d->map = av_frame_clone(frame->depth);
    return d->map ? RELIEF_OK : rl_fail_memory(err);
}

// The input for `width` x `height` samples of the picture. True when it is another one than before.
static bool choose_input(struct depth *d, int width, int height)
{
    const int before_width = d->input_width, before_height = d->input_height;
    rl_model_input_size(&d->model, (int)lround(width * av_q2d(d->sample_aspect)), height, d->size,
                        &d->input_width, &d->input_height);
    return d->input_width != before_width || d->input_height != before_height;
}

static size_t input_count(const struct depth *d)
{
    return 3 * (size_t)d->info.width * (size_t)d->info.height;
}

// From the cache, or from its file. None must be open.
static enum relief_status open_network(struct depth *d, struct relief_error *err)
{
    struct rl_network_params np = {&d->model,    d->input_width, d->input_height,    d->device,
                                   d->precision, d->threads,     REQUESTS * d->looks};
    rl_network_key_init(&d->key, &np);
    bool kept = rl_depth_cache_take(d->cache, &d->key, &d->opened);
    if (!kept) {
        enum relief_status status = d->opened.engine->open(&d->opened.network, &np, err);
        if (status != RELIEF_OK)
            return status;
    }
    d->info = *d->opened.engine->info(d->opened.network);
    d->row = malloc((size_t)d->info.output_width * sizeof *d->row);
    d->looked = calloc(input_count(d), sizeof *d->looked);
    if (!d->row || !d->looked)
        return rl_fail_memory(err);
    if (d->in_turns && rl_looks_init(&d->seen, d->info.output_width, d->info.output_height, err))
        return RELIEF_E_MEMORY;
    d->index_before = -1;
    d->is_fixed = d->info.width != d->input_width || d->info.height != d->input_height;
    if (*d->info.fallback && !*d->summary)
        rl_warn(d->log, "device %s cannot be used, the processor takes its place: %s", d->device,
                d->info.fallback);
    *d->summary = 0;
    rl_str_add(d->summary, sizeof d->summary, "%s on %s, %dx%d%s%s%s", d->model.name,
               d->info.device, d->info.width, d->info.height, *d->info.precision ? ", " : "",
               d->info.precision, d->looks > 1 ? ", twice" : "");
    rl_verbose(d->log, "depth: %s%s", d->summary, kept ? " (still open)" : "");
    return rl_prepare_init(&d->prepare, &d->model, d->info.width, d->info.height, err);
}

static void close_network(struct depth *d)
{
    struct rl_opened opened = d->opened;
    d->opened.network = NULL;
    if (opened.network)
        rl_depth_cache_give(d->failed ? NULL : d->cache, &d->key, &opened);
    rl_prepare_clear(&d->prepare);
    rl_looks_clear(&d->seen);
    free(d->row);
    free(d->looked);
    av_frame_free(&d->map);
    d->row = d->looked = NULL;
}

// All looks at the frame in `slot`, the failed ones too.
static enum relief_status wait_for(struct depth *d, int slot, const float *outputs[LOOKS],
                                   struct relief_error *err)
{
    enum relief_status status = RELIEF_OK;
    for (int look = 0; look < LOOKS; look++) {
        if (!(d->asked[slot] & (1U << look)))
            continue;
        enum relief_status one = d->opened.engine->wait(d->opened.network, slot * d->looks + look,
                                                        &outputs[look], status ? NULL : err);
        status = status ? status : one;
    }
    return status;
}

// Wait for the looks at the frame in `slot`; it leaves the stage with its map.
static enum relief_status finish(struct depth *d, int slot, struct rl_frame **frame,
                                 struct relief_error *err)
{
    const float *outputs[LOOKS] = {NULL};
    enum relief_status status = wait_for(d, slot, outputs, err);
    *frame = d->frames[slot];
    d->frames[slot] = NULL;
    if (status == RELIEF_OK) {
        status = make_map(d, *frame, d->asked[slot], outputs, err);
    } else {
        d->failed = true;
    }
    if (status != RELIEF_OK)
        rl_frame_free(frame);
    return status;
}

// Nothing differs by more than a step of 8 bits: a slide, a frame held in a drawn film.
static bool repeats(const struct depth *d, const float *input)
{
    const size_t plane = input_count(d) / 3;
    for (size_t c = 0; c < 3; c++) {
        const float much = 1.5f / (255 * d->model.std[c]);
        const float *a = input + c * plane, *b = d->looked + c * plane;
        for (size_t i = 0; i < plane; i++)
            if (!(fabsf(a[i] - b[i]) <= much))
                return false;
    }
    return true;
}

// Which looks a frame needs. A shot begins with both, and then it is the plain one's turn, so that
// a film that goes on has the same.
static unsigned looks_for(const struct depth *d, const struct rl_frame *frame, const float *input)
{
    const struct rl_area area = rl_frame_area(frame);
    const bool as_before = d->index_before >= 0 && memcmp(&area, &d->area_before, sizeof area) == 0;
    if (as_before && !frame->cut && repeats(d, input))
        return NONE;
    if (d->looks == 1)
        return PLAIN;
    if (!d->in_turns || !as_before || !frame->depth_follows || !frame->motion_back ||
        frame->index != d->index_before + 1)
        return BOTH;
    return d->turn;
}

static void note(struct depth *d, const struct rl_frame *frame, unsigned asked, const float *input)
{
    d->index_before = frame->index;
    d->area_before = rl_frame_area(frame);
    if (asked != NONE) {
        d->turn = asked == PLAIN ? MIRRORED : PLAIN;
        memcpy(d->looked, input, input_count(d) * sizeof *input);
    }
}

// The picture, and beside it what a mirror would show.
static enum relief_status fill_inputs(struct depth *d, int slot, const struct rl_frame *frame,
                                      struct relief_error *err)
{
    const struct rl_engine *engine = d->opened.engine;
    const int width = d->info.width, rows = 3 * d->info.height;
    float *input = engine->input(d->opened.network, slot * d->looks);
    enum relief_status status = rl_prepare_run(&d->prepare, frame->picture, rl_frame_area(frame),
                                               input, err);
    if (status != RELIEF_OK || d->looks == 1)
        return status;
    float *mirrored = engine->input(d->opened.network, slot * d->looks + 1);
    for (int y = 0; y < rows; y++)
        turn_round(mirrored + (ptrdiff_t)y * width, input + (ptrdiff_t)y * width, width);
    return RELIEF_OK;
}

// Takes over the frame.
static enum relief_status begin(struct depth *d, int slot, struct rl_frame *frame,
                                struct relief_error *err)
{
    enum relief_status status = fill_inputs(d, slot, frame, err);
    const float *input = d->opened.engine->input(d->opened.network, slot * d->looks);
    d->asked[slot] = status == RELIEF_OK ? looks_for(d, frame, input) : NONE;
    note(d, frame, d->asked[slot], input);
    for (int look = 0; look < LOOKS && status == RELIEF_OK; look++) {
        if (!(d->asked[slot] & (1U << look)))
            continue;
        status = d->opened.engine->start(d->opened.network, slot * d->looks + look, err);
        d->failed = d->failed || status != RELIEF_OK;
    }
    if (status == RELIEF_OK)
        d->frames[slot] = frame;
    else
        rl_frame_free(&frame);
    return status;
}

// All that is under way leaves.
static enum relief_status drain(struct depth *d, const struct rl_sink *out,
                                struct relief_error *err)
{
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

// A network for the shape of the frame's area.
static enum relief_status follow_area(struct depth *d, const struct rl_frame *frame,
                                      const struct rl_sink *out, struct relief_error *err)
{
    const struct rl_area area = rl_frame_area(frame);
    if (!choose_input(d, area.x1 - area.x0, area.y1 - area.y0) || d->is_fixed)
        return RELIEF_OK;
    enum relief_status status = drain(d, out, err);
    if (status != RELIEF_OK)
        return status;
    close_network(d);
    return open_network(d, err);
}

// The new frame is under way before the old one is handed on, which may block.
static enum relief_status depth_push(void *stage, struct rl_frame *frame, const struct rl_sink *out,
                                     struct relief_error *err)
{
    struct depth *d = stage;
    struct rl_frame *done = NULL;
    enum relief_status status = follow_area(d, frame, out, err);
    int slot = d->next;
    if (status == RELIEF_OK && d->frames[slot])
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
    return drain(stage, out, err);
}

static void depth_close(void *stage)
{
    struct depth *d = stage;
    for (int slot = 0; slot < REQUESTS; slot++) {
        const float *outputs[LOOKS];
        if (d->frames[slot] && !d->failed)
            d->failed = wait_for(d, slot, outputs, NULL) != RELIEF_OK;
        rl_frame_free(&d->frames[slot]);
    }
    close_network(d);
    rl_pool_clear(&d->pool);
    free(d);
}

static const struct rl_stage_type depth_type = {"depth", depth_push, depth_flush, depth_close};

// Integers are quicker than 32 bits, and slower than bfloat16 where there is anything for that.
static bool takes_int8(const struct depth *d)
{
    const bool wanted = d->precision == RELIEF_PRECISION_AUTO
                            ? !rl_cpu_is_fast_in_bf16()
                            : d->precision == RELIEF_PRECISION_INT8;
    const bool on_cpu = !strcasecmp(d->device, "auto") || !strcasecmp(d->device, "cpu");
    return wanted && on_cpu && *d->model.int8_path && rl_cpu_has_vnni();
}

static enum relief_status find_model(struct depth *d, const struct rl_depth_params *params,
                                     struct relief_error *err)
{
    if (d->opened.engine != &rl_engine_dummy) {
        enum relief_status status = rl_model_find(&d->model, params->model, params->log, err);
        if (status != RELIEF_OK)
            return status;
        if (takes_int8(d)) {
            d->precision = RELIEF_PRECISION_INT8;
            return rl_model_take_int8(&d->model, err);
        }
        if (d->precision == RELIEF_PRECISION_INT8)
            d->precision = RELIEF_PRECISION_F32;
        return RELIEF_OK;
    }
    rl_model_default(&d->model);
    rl_str_copy(d->model.name, sizeof d->model.name, "made-up depth");
    return RELIEF_OK;
}

enum relief_status rl_depth_open(struct rl_stage *stage, const struct rl_depth_params *params,
                                 struct relief_error *err)
{
    *stage = (struct rl_stage){0};
    struct depth *d = calloc(1, sizeof *d);
    if (!d)
        return rl_fail_memory(err);
    rl_str_copy(d->device, sizeof d->device, params->device);
    d->precision = params->precision;
    d->size = params->size;
    d->threads = params->threads;
    d->sample_aspect = params->sample_aspect;
    if (d->sample_aspect.num <= 0 || d->sample_aspect.den <= 0)
        d->sample_aspect = (AVRational){1, 1};
    d->log = params->log;
    d->cache = params->cache;
    d->opened.engine = rl_engine_for(params->device);
    enum relief_status status = find_model(d, params, err);
    if (status == RELIEF_OK) {
        const bool tta = params->tta == RELIEF_TTA_AUTO ? d->model.tta
                                                        : params->tta == RELIEF_TTA_ON;
        d->looks = tta ? LOOKS : 1;
        d->in_turns = tta && params->tta == RELIEF_TTA_AUTO;
        choose_input(d, params->width, params->height);
        status = open_network(d, err);
    }
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
