// SPDX-License-Identifier: MIT
#include "stereo/stereo.h"

#include "plane/pool.h"
#include "plane/sum/sum.h"
#include "stereo/disparity.h"
#include "stereo/holes.h"
#include "stereo/mask.h"
#include "stereo/window.h"
#include "stereo/sample/sample.h"
#include "stereo/upsample/upsample.h"
#include "stereo/warp/warp.h"

enum { EYES = 2 };

// What one worker needs for a group of rows that share their chroma.
struct scratch {
    uint16_t *depth;  // of one luma row
    struct rl_upsample_scratch upsample;
    int32_t *targets;        // see struct rl_warp_fns
    uint32_t *sums;          // see struct rl_upsample_adder; the same memory
    int32_t *maps[EYES][2];  // of the first and the last luma row
    int32_t *chroma_map;
};

struct stereo {
    struct rl_stereo_params params;
    struct rl_sum_fns sum;
    struct rl_upsample_fns upsample;
    struct rl_warp_fns warp;
    struct rl_sample_fns sample;
    struct rl_pool pools[EYES];
    struct rl_window window;
    struct rl_comfort comfort;
    uint16_t *curve;  // 65536 depths; NULL: as they are

    // For areas and maps of this size; made anew when it changes. Bars are no part of either.
    int width, height;
    int picture_width;
    int map_width, map_height;
    struct rl_disparity disparities[EYES];  // of the frame that is worked on, as are ...
    float masks[EYES];                      // ... pixels of the window's frame (mask.h)
    float *cells;                           // see struct rl_upsample_map, as of ...
    int32_t *columns;                       // ... at and across
    int32_t *numbers;                       // the memory of all scratches
    struct scratch *scratches;              // one a slot
    struct rl_holes holes[EYES];
    enum AVPixelFormat format;
};

// One frame's work, as the row workers see it.
struct work {
    struct stereo *stereo;
    const AVFrame *picture;
    struct rl_area area;
    struct rl_upsample_map map;
    int pass;  // of sharpening
    struct rl_plane from[3];
    struct rl_plane to[EYES][3];
    bool wanted[EYES];       // this eye is made, not referenced
    int chroma_w, chroma_h;  // log2 of the subsampling; 0 for RGB
    bool wide;               // samples are uint16_t
    int max;
    int tolerance, rim_px;  // see rl_holes_fill()
    const struct rl_film *film;
};

static void drop_size(struct stereo *stereo)
{
    free(stereo->cells);
    free(stereo->columns);
    free(stereo->numbers);
    free(stereo->scratches);
    for (int eye = 0; eye < EYES; eye++)
        rl_holes_close(&stereo->holes[eye]);
    stereo->cells = NULL;
    stereo->columns = NULL;
    stereo->numbers = NULL;
    stereo->scratches = NULL;
    stereo->width = 0;
}

// Of int32_t, or of two uint16_t: six, and depth's own, its spare one and those before it is
// widened.
enum { SCRATCH_HALVES = RL_UPSAMPLE_LINES + 2, SCRATCH_LINES = 6 + (SCRATCH_HALVES + 1) / 2 };

// Of the rows of cells that are made at once.
static size_t cell_lines(int map_width)
{
    return RL_UPSAMPLE_TOGETHER * ((size_t)map_width + 2 * RL_UPSAMPLE_BORDER + RL_UPSAMPLE_PAD);
}

// How many numbers one slot's scratch takes.
static size_t scratch_size(int width, int map_width)
{
    return SCRATCH_LINES * ((size_t)width + RL_WARP_PAD) + 2 * cell_lines(map_width);
}

static struct scratch cut_scratch(int32_t *numbers, int width, int map_width)
{
    size_t line = (size_t)width + RL_WARP_PAD;
    uint16_t *halves = (uint16_t *)(void *)(numbers + 6 * line);
    float *cells = (float *)(void *)(numbers + SCRATCH_LINES * line);
    struct scratch scratch = {
        .depth = halves,
        .upsample = {.spare = halves + line, .plain = cells, .step = cells + cell_lines(map_width)},
        .targets = numbers,
        .sums = (uint32_t *)numbers,
        .maps = {{numbers + line, numbers + 2 * line}, {numbers + 3 * line, numbers + 4 * line}},
        .chroma_map = numbers + 5 * line,
    };
    for (size_t k = 0; k < RL_UPSAMPLE_LINES; k++)
        scratch.upsample.lines[k] = halves + (k + 2) * line;
    return scratch;
}

// Room for one number for each cell of a map, its border and padding included.
static size_t cells_of(int width, int height)
{
    return ((size_t)width + 2 * RL_UPSAMPLE_BORDER) * (size_t)height + RL_UPSAMPLE_PAD;
}

static bool allocate(struct stereo *stereo, enum AVPixelFormat format, int width, int height,
                     const struct rl_plane *depth)
{
    size_t slots = (size_t)rl_workers_slots(stereo->params.workers);
    size_t each = scratch_size(width, depth->width);
    size_t cells = cells_of(depth->width, depth->height);
    stereo->cells = calloc(RL_CELLS * cells, sizeof *stereo->cells);
    stereo->columns = calloc(3 * ((size_t)width + RL_UPSAMPLE_PAD), sizeof *stereo->columns);
    stereo->numbers = calloc(slots * each, sizeof *stereo->numbers);
    stereo->scratches = calloc(slots, sizeof *stereo->scratches);
    if (!stereo->cells || !stereo->columns || !stereo->numbers || !stereo->scratches)
        return false;
    for (size_t i = 0; i < slots; i++)
        stereo->scratches[i] = cut_scratch(stereo->numbers + i * each, width, depth->width);
    for (int eye = 0; eye < EYES; eye++)
        if ((stereo->params.eyes >> eye & 1) &&
            !rl_holes_open(&stereo->holes[eye], format, width, height,
                           stereo->params.fill == RELIEF_FILL_FILM, stereo->params.cpu))
            return false;
    return true;
}

static enum relief_status take_size(struct stereo *stereo, const struct rl_frame *frame,
                                    struct relief_error *err)
{
    const struct rl_area area = rl_frame_area(frame);
    const struct rl_plane depth = rl_frame_plane_in(frame->depth, 0, rl_frame_depth_area(frame));
    const int width = area.x1 - area.x0, height = area.y1 - area.y0;
    const enum AVPixelFormat format = (enum AVPixelFormat)frame->picture->format;
    if (stereo->width == width && stereo->height == height && stereo->format == format &&
        stereo->picture_width == frame->picture->width && stereo->map_width == depth.width &&
        stereo->map_height == depth.height)
        return RELIEF_OK;
    drop_size(stereo);
    if (!allocate(stereo, format, width, height, &depth)) {
        drop_size(stereo);
        return rl_fail_memory(err);
    }
    stereo->width = width;
    stereo->height = height;
    stereo->picture_width = frame->picture->width;
    stereo->format = format;
    stereo->map_width = depth.width;
    stereo->map_height = depth.height;
    return RELIEF_OK;
}

// The depth that lies on the screen.
static float convergence(const struct stereo *stereo, const struct rl_frame *frame)
{
    const float c = frame->aim.is_set ? frame->aim.screen : stereo->params.convergence;
    return c < 0 ? 0 : c > 1 ? 1 : c;
}

static void take_aim(struct stereo *stereo, const struct rl_frame *frame)
{
    const struct rl_stereo_params *params = &stereo->params;
    const float c = convergence(stereo, frame);
    for (int eye = 0; eye < EYES; eye++) {
        stereo->disparities[eye] = rl_disparity_make((enum rl_eye_side)eye, params->anchor,
                                                     params->divergence, c, frame->picture->width);
        const float before = frame->aim.is_set ? frame->aim.borders[eye] - c : 0;
        stereo->masks[eye] = before > 0
                                 ? before * params->divergence / 100 * (float)frame->picture->width
                                 : 0;
    }
}

static void take_rows(void *arg, int begin, int end, int slot)
{
    (void)slot;
    const struct work *work = arg;
    rl_upsample_take_rows(&work->map, begin, end);
}

static void sharpen_rows(void *arg, int begin, int end, int slot)
{
    (void)slot;
    const struct work *work = arg;
    rl_upsample_sharpen_rows(&work->stereo->upsample, &work->map, work->pass, begin, end);
}

static void fit_rows(void *arg, int begin, int end, int slot)
{
    (void)slot;
    const struct work *work = arg;
    rl_upsample_fit_rows(&work->stereo->upsample, &work->map, begin, end);
}

static void guide_rows(void *arg, int begin, int end, int slot)
{
    const struct work *work = arg;
    const struct stereo *stereo = work->stereo;
    const struct rl_upsample_adder adder = {stereo->sum.add_row, stereo->sum.add_deep_row,
                                            stereo->scratches[slot].sums};
    rl_upsample_guide_rows(&work->map, &adder, begin, end);
}

// Row `y` of `planes` planes of one size, from plane `first` on.
static void sample_rows(const struct work *work, int eye, int first, int planes, int y,
                        const int32_t *map)
{
    const struct rl_sample_fns *fns = &work->stereo->sample;
    rl_sample_rows_fn fn = work->wide ? fns->rows16 : fns->rows8;
    const void *from[3];
    void *to[3];
    for (int i = 0; i < planes; i++) {
        from[i] = rl_plane_row(&work->from[first + i], y);
        to[i] = rl_plane_row(&work->to[eye][first + i], y);
    }
    fn(to, from, planes, work->from[first].width, map, work->to[eye][first].width, work->max);
}

// Luma row `y` of one eye, or that row of all planes where none is subsampled. `map` is kept for
// the chroma row.
static void warp_row(const struct work *work, int eye, int y, int32_t *map,
                     const struct scratch *scratch)
{
    struct stereo *stereo = work->stereo;
    const struct rl_disparity *disparity = &stereo->disparities[eye];
    int planes = work->chroma_w || work->chroma_h ? 1 : 3;
    stereo->warp.map_row(map, scratch->depth, stereo->width, disparity, scratch->targets);
    rl_holes_take_row(&stereo->holes[eye], y, map, disparity);
    sample_rows(work, eye, 0, planes, y, map);
}

// The chroma row of the luma rows [y, end), whose maps are in the scratch.
static void warp_chroma(const struct work *work, int eye, int y, int end,
                        const struct scratch *scratch)
{
    const int32_t *first = scratch->maps[eye][0], *last = scratch->maps[eye][end - y > 1];
    rl_holes_take_chroma(&work->stereo->holes[eye], y, end);
    work->stereo->warp.chroma_row(scratch->chroma_map, work->to[eye][1].width, work->chroma_w,
                                  first, last, &work->stereo->disparities[eye]);
    sample_rows(work, eye, 1, 2, y >> work->chroma_h, scratch->chroma_map);
}

static void bend_row(const struct stereo *stereo, uint16_t *depth)
{
    for (int x = 0; x < stereo->width && stereo->curve; x++)
        depth[x] = stereo->curve[depth[x]];
}

// Luma rows [y, end) and the chroma row that goes with them.
static void warp_group(const struct work *work, int y, int end, struct scratch *scratch)
{
    for (int row = y; row < end; row++) {
        rl_upsample_row(&work->stereo->upsample, scratch->depth, row, &work->map,
                        &scratch->upsample);
        bend_row(work->stereo, scratch->depth);
        for (int eye = 0; eye < EYES; eye++)
            if (work->wanted[eye])
                warp_row(work, eye, row, scratch->maps[eye][row > y], scratch);
    }
    for (int eye = 0; eye < EYES; eye++)
        if (work->wanted[eye] && (work->chroma_w || work->chroma_h))
            warp_chroma(work, eye, y, end, scratch);
}

static void warp_rows(void *arg, int begin, int end, int slot)
{
    const struct work *work = arg;
    int step = 1 << work->chroma_h;
    rl_upsample_begin(&work->stereo->scratches[slot].upsample, end);
    for (int y = begin; y < end; y += step)
        warp_group(work, y, y + step < end ? y + step : end, &work->stereo->scratches[slot]);
}

// Items are eye * RL_HOLES_GROUPS + group.
static void fill_groups(void *arg, int begin, int end, int slot)
{
    (void)slot;
    const struct work *work = arg;
    for (int i = begin; i < end; i++) {
        int eye = i / RL_HOLES_GROUPS, group = i % RL_HOLES_GROUPS;
        if (work->wanted[eye])
            rl_holes_fill(&work->stereo->holes[eye], work->to[eye], group, work->tolerance,
                          work->rim_px, work->film, &work->stereo->disparities[eye]);
    }
}

static void soften_rows(void *arg, int begin, int end, int slot)
{
    (void)slot;
    const struct work *work = arg;
    for (int eye = 0; eye < EYES; eye++)
        for (int y = begin; y < end && work->wanted[eye]; y++)
            rl_holes_soften(&work->stereo->holes[eye], work->to[eye], y);
}

static struct rl_upsample_map describe_map(const struct work *work, const struct rl_frame *frame,
                                           int bits, bool rgb)
{
    struct rl_plane plane = rl_frame_plane_in(frame->depth, 0, rl_frame_depth_area(frame));
    size_t cells = cells_of(plane.width, plane.height);
    struct rl_upsample_map map = {
        .data = (const float *)(const void *)plane.data,
        .stride = plane.stride,
        .width = plane.width,
        .height = plane.height,
        .shift_x = work->chroma_w,
        .shift_y = work->chroma_h,
        .bits = bits,
        .weight = rgb ? 0.5f : 1,  // red, green and blue differ together, as a rule
    };
    for (int i = 0; i < 3; i++) {
        const struct rl_plane *from = &work->from[i];
        map.planes[i] = (struct rl_upsample_plane){from->data, from->stride, from->width,
                                                   from->height};
    }
    for (size_t i = 0; i < RL_CELLS; i++)
        map.cells[i] = work->stereo->cells + i * cells + RL_UPSAMPLE_BORDER;
    const size_t columns = (size_t)map.planes[0].width + RL_UPSAMPLE_PAD;
    map.at = work->stereo->columns;
    for (size_t i = 0; i < 2; i++)
        map.across[i] = (float *)(void *)(work->stereo->columns + (i + 1) * columns);
    return map;
}

// What may differ in depth on one surface, 1/16 px: a part of what an eye is moved by at all.
static int tolerance(const struct stereo *stereo)
{
    const struct rl_stereo_params *params = &stereo->params;
    double range_px = (double)params->divergence / 100 * stereo->picture_width;
    double part = range_px * (params->anchor == RELIEF_ANCHOR_BOTH ? 0.5 : 1) * 16 / 32;
    return part < 12 ? 12 : part > 32 ? 32 : (int)part;
}

static void describe(struct work *work, struct stereo *stereo, const struct rl_frame *frame)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(
        (enum AVPixelFormat)frame->picture->format);
    bool rgb = desc->flags & AV_PIX_FMT_FLAG_RGB;
    *work = (struct work){
        .stereo = stereo,
        .picture = frame->picture,
        .area = rl_frame_area(frame),
        .chroma_w = rgb ? 0 : desc->log2_chroma_w,
        .chroma_h = rgb ? 0 : desc->log2_chroma_h,
        .wide = desc->comp[0].depth > 8,
        .max = (1 << desc->comp[0].depth) - 1,
        .tolerance = tolerance(stereo),
    };
    for (int plane = 0; plane < 3; plane++)
        work->from[plane] = rl_frame_plane_in(frame->picture, plane, work->area);
    work->map = describe_map(work, frame, desc->comp[0].depth, rgb);
}

static void copy_part(const AVFrame *to, const AVFrame *from, struct rl_area part)
{
    for (int i = 0; i < 3 && part.x1 > part.x0; i++) {
        const struct rl_plane a = rl_frame_plane_in(from, i, part);
        const struct rl_plane b = rl_frame_plane_in(to, i, part);
        const int step = av_pix_fmt_desc_get((enum AVPixelFormat)from->format)->comp[i].step;
        for (int y = 0; y < a.height; y++)
            memcpy(rl_plane_row(&b, y), rl_plane_row(&a, y), (size_t)a.width * (size_t)step);
    }
}

// Each eye sees them where they are.
static void copy_bars(const AVFrame *to, const AVFrame *from, struct rl_area area)
{
    const int w = from->width, h = from->height;
    copy_part(to, from, (struct rl_area){0, 0, w, area.y0});
    copy_part(to, from, (struct rl_area){0, area.y1, w, h});
    copy_part(to, from, (struct rl_area){0, area.y0, area.x0, area.y1});
    copy_part(to, from, (struct rl_area){area.x1, area.y0, w, area.y1});
}

// The view of one eye: the source itself where the formula moves nothing, else an empty picture
// that the workers will paint.
static AVFrame *begin_eye(struct stereo *stereo, struct work *work, int eye)
{
    const AVFrame *picture = work->picture;
    if (rl_disparity_is_none(&stereo->disparities[eye]))
        return av_frame_clone(picture);
    AVFrame *view = rl_pool_get(&stereo->pools[eye], (enum AVPixelFormat)picture->format,
                                picture->width, picture->height, picture);
    if (!view)
        return NULL;
    work->wanted[eye] = true;
    for (int plane = 0; plane < 3; plane++)
        work->to[eye][plane] = rl_frame_plane_in(view, plane, work->area);
    copy_bars(view, picture, work->area);
    return view;
}

// A network's map is soft, and its outlines are off by up to one and a half cells.
static int rim_px(const struct rl_upsample_map *map)
{
    enum { MOST = 6 };
    const int cells = map->width, rim = (3 * map->planes[0].width + cells) / (2 * cells);
    return map->softness > 0.5f ? rim < MOST ? rim : MOST : 0;
}

static void prepare_map(struct work *work)
{
    struct rl_workers *workers = work->stereo->params.workers;
    rl_upsample_place_columns(&work->map);
    rl_workers_rows(workers, work->map.height, 1, take_rows, work);
    rl_upsample_measure(&work->map);
    for (work->pass = 0; work->pass < RL_UPSAMPLE_SHARPENS && work->map.softness > 0; work->pass++)
        rl_workers_rows(workers, work->map.height, 1, sharpen_rows, work);
    rl_workers_rows(workers, work->map.height, 1, fit_rows, work);
    rl_workers_rows(workers, work->map.height, 1, guide_rows, work);
}

static enum relief_status make_views(struct stereo *stereo, struct rl_frame *frame,
                                     const struct rl_film *film, struct relief_error *err)
{
    struct work work;
    enum relief_status status = take_size(stereo, frame, err);
    if (status)
        return status;
    take_aim(stereo, frame);
    describe(&work, stereo, frame);
    work.film = film;
    if ((stereo->params.eyes & RL_EYE_LEFT) && !(frame->left = begin_eye(stereo, &work, 0)))
        return rl_fail_memory(err);
    if ((stereo->params.eyes & RL_EYE_RIGHT) && !(frame->right = begin_eye(stereo, &work, 1)))
        return rl_fail_memory(err);
    if (!work.wanted[0] && !work.wanted[1])
        return RELIEF_OK;
    struct rl_workers *workers = stereo->params.workers;
    if (rl_upsample_is_guided(&work.map)) {
        prepare_map(&work);
        work.rim_px = rim_px(&work.map);
    }
    rl_workers_rows(workers, stereo->height, 1 << work.chroma_h, warp_rows, &work);
    rl_workers_rows(workers, EYES * RL_HOLES_GROUPS, 1, fill_groups, &work);
    rl_workers_rows(workers, stereo->height, 1, soften_rows, &work);
    for (int eye = 0; eye < EYES && stereo->params.fill == RELIEF_FILL_FILM; eye++)
        if (work.wanted[eye] &&
            !rl_holes_turn(&stereo->holes[eye], eye ? frame->right : frame->left,
                           &stereo->disparities[eye]))
            return rl_fail_memory(err);
    return RELIEF_OK;
}

// Puts the window's frame on a copy of the view, which others may hold: the source, the holes.
static enum relief_status mask_view(struct stereo *stereo, int eye, struct rl_area area,
                                    AVFrame **view, struct relief_error *err)
{
    const AVFrame *old = *view;
    if (!old || stereo->masks[eye] <= 0)
        return RELIEF_OK;
    AVFrame *masked = rl_pool_get(&stereo->pools[eye], (enum AVPixelFormat)old->format, old->width,
                                  old->height, old);
    if (!masked)
        return rl_fail_memory(err);
    copy_part(masked, old, (struct rl_area){0, 0, old->width, old->height});
    rl_mask_border(masked, area, eye == RL_SIDE_RIGHT, stereo->masks[eye]);
    av_frame_free(view);
    *view = masked;
    return RELIEF_OK;
}

static enum relief_status mask_views(struct stereo *stereo, struct rl_frame *frame,
                                     struct relief_error *err)
{
    const struct rl_area area = rl_frame_area(frame);
    enum relief_status status = mask_view(stereo, RL_SIDE_LEFT, area, &frame->left, err);
    return status == RELIEF_OK ? mask_view(stereo, RL_SIDE_RIGHT, area, &frame->right, err)
                               : status;
}

static float curved(const struct stereo *stereo, float d)
{
    return d + stereo->params.curve * d * (1 - d);
}

static void count_comfort(struct stereo *stereo, const struct rl_frame *frame)
{
    const struct rl_stereo_params *params = &stereo->params;
    const float c = convergence(stereo, frame);
    float nearest, farthest;
    rl_comfort_measure(frame, &nearest, &farthest);
    rl_comfort_count(&stereo->comfort, frame, (c - curved(stereo, nearest)) * params->divergence,
                     (c - curved(stereo, farthest)) * params->divergence);
}

// Makes the views of the next frame and hands it on.
static enum relief_status hand_on(struct stereo *stereo, const struct rl_sink *out,
                                  struct relief_error *err)
{
    struct rl_film film;
    struct rl_frame *frame = NULL;
    rl_window_look(&stereo->window, &film);
    film.curve = stereo->params.curve;
    film.sample = &stereo->sample;
    if (!rl_window_take(&stereo->window, &frame))
        return rl_fail_memory(err);
    count_comfort(stereo, frame);
    enum relief_status status = make_views(stereo, frame, &film, err);
    if (status == RELIEF_OK)
        status = mask_views(stereo, frame, err);
    if (status != RELIEF_OK) {
        rl_frame_free(&frame);
        return status;
    }
    return out->take(out->user, frame, err);
}

static enum relief_status push(void *state, struct rl_frame *frame, const struct rl_sink *out,
                               struct relief_error *err)
{
    struct stereo *stereo = state;
    rl_window_push(&stereo->window, frame);
    return rl_window_is_ready(&stereo->window) ? hand_on(stereo, out, err) : RELIEF_OK;
}

static enum relief_status flush(void *state, const struct rl_sink *out, struct relief_error *err)
{
    struct stereo *stereo = state;
    enum relief_status status = RELIEF_OK;
    while (status == RELIEF_OK && rl_window_has_frames(&stereo->window))
        status = hand_on(stereo, out, err);
    rl_comfort_end(&stereo->comfort);
    return status;
}

static void close_stage(void *state)
{
    struct stereo *stereo = state;
    drop_size(stereo);
    rl_window_clear(&stereo->window);
    rl_comfort_close(&stereo->comfort);
    free(stereo->curve);
    for (int eye = 0; eye < EYES; eye++)
        rl_pool_clear(&stereo->pools[eye]);
    free(stereo);
}

static const struct rl_stage_type stereo_type = {"stereo", push, flush, close_stage};

static bool open_curve(struct stereo *stereo)
{
    if (stereo->params.curve == 0)
        return true;
    stereo->curve = malloc(65536 * sizeof *stereo->curve);
    for (int i = 0; i < 65536 && stereo->curve; i++)
        stereo->curve[i] = (uint16_t)(curved(stereo, (float)i / 65535) * 65535 + 0.5f);
    return stereo->curve;
}

enum relief_status rl_stereo_open(struct rl_stage *stage, const struct rl_stereo_params *params,
                                  struct relief_error *err)
{
    struct stereo *stereo = calloc(1, sizeof *stereo);
    if (!stereo)
        return rl_fail_memory(err);
    stereo->params = *params;
    rl_window_init(&stereo->window, params->fill == RELIEF_FILL_FILM);
    if (!open_curve(stereo) ||
        !rl_comfort_open(&stereo->comfort, params->screen_width_mm, params->log)) {
        close_stage(stereo);
        return rl_fail_memory(err);
    }
    rl_sum_init(&stereo->sum, params->cpu);
    rl_upsample_init(&stereo->upsample, params->cpu);
    rl_warp_init(&stereo->warp, params->cpu);
    rl_sample_init(&stereo->sample, params->cpu);
    *stage = (struct rl_stage){&stereo_type, stereo};
    return RELIEF_OK;
}

const struct rl_comfort *rl_stereo_comfort(const struct rl_stage *stage)
{
    return stage->type == &stereo_type ? &((const struct stereo *)stage->state)->comfort : NULL;
}
