// SPDX-License-Identifier: MIT
#include "compose/sphere.h"

#include "compose/colour.h"

#include <math.h>

#include <libavutil/common.h>
#include <libavutil/mem.h>

enum {
    UNIT = RL_BEND_UNIT,
    BLOCK = RL_BEND_BLOCK,
    FAR = 1 << 24,  // in 1/64 sample: beyond every picture
};

static const double pi = 3.14159265358979323846;

void rl_sphere_init(struct rl_sphere *sphere, unsigned cpu)
{
    *sphere = (struct rl_sphere){0};
    rl_bend_init(&sphere->fns, cpu);
}

static void clear_tables(struct rl_sphere_tables *tables)
{
    struct rl_bend *bend = &tables->bend;
    for (int k = 0; k < 2; k++) {
        av_freep(&bend->at[k]);
        av_freep(&bend->share[k]);
    }
    av_freep(&bend->outside);
    av_freep(&bend->secant);
    av_freep(&tables->down);
    *tables = (struct rl_sphere_tables){0};
}

void rl_sphere_clear(struct rl_sphere *sphere)
{
    clear_tables(&sphere->tables[0]);
    clear_tables(&sphere->tables[1]);
    av_freep(&sphere->pairs);
    av_freep(&sphere->rows);
    sphere->size = 0;
}

static double aspect_of(AVRational sample_aspect)
{
    return sample_aspect.num > 0 && sample_aspect.den > 0 ? av_q2d(sample_aspect) : 1;
}

int rl_sphere_size(double fov_degrees, int width, int height, AVRational sample_aspect)
{
    double shown = width * aspect_of(sample_aspect), longer = fmax(shown, height);
    double wanted = pi * shown / 2 / tan(fov_degrees * pi / 360);
    int size = (int)fmin(fmin(wanted, 1.5 * longer), RL_SPHERE_SIZE_MAX);
    return FFMAX(size / 16 * 16, 16);
}

// `step` luma samples are one sample; the first lies `shift` luma samples behind the edge's middle.
struct grid {
    double step_w, step_h, shift_w, shift_h;
};

// The angle of half sample `i` of a row or column whose whole ones are `size` luma samples long.
static double angle_of(int i, double step, double shift, int size)
{
    double luma = ((i >> 1) + (i & 1 ? .25 : -.25)) * step + shift;
    return ((luma + .5) / size - .5) * pi;
}

// In 1/64 sample of the source; columns run from -pi/2 to pi/2, and those around the middle lie
// inside.
static double place_of(const struct rl_sphere_tables *t, const struct grid *grid, int size,
                       double fx, int width, int half_column)
{
    double lon = angle_of(half_column, grid->step_w, grid->shift_w, size);
    double luma = fx * tan(lon) + width / 2.0 - .5;
    double place = (luma - grid->shift_w) / grid->step_w * UNIT;
    return fmin(fmax(place, -2 * UNIT), (t->width + 1) * UNIT);
}

static bool is_inside(const struct rl_sphere_tables *t, long place)
{
    return place >= -UNIT / 2 && place < (t->width - 1) * UNIT + UNIT / 2;
}

static bool alloc_tables(struct rl_sphere_tables *t)
{
    struct rl_bend *bend = &t->bend;
    const size_t columns = (size_t)FFALIGN(t->size_w, BLOCK);
    for (int k = 0; k < 2; k++) {
        bend->at[k] = av_calloc(columns, sizeof *bend->at[k]);
        bend->share[k] = av_calloc(columns, sizeof *bend->share[k]);
    }
    bend->outside = av_calloc(columns, sizeof *bend->outside);
    bend->secant = av_calloc(columns, sizeof *bend->secant);
    t->down = av_calloc((size_t)t->size_h * 2, sizeof *t->down);
    return bend->at[0] && bend->at[1] && bend->share[0] && bend->share[1] && bend->outside &&
           bend->secant && t->down;
}

// Column `i` of `bend`, whose two points lie at `places`.
static void set_column(const struct rl_sphere_tables *t, int i, const long places[2])
{
    const struct rl_bend *bend = &t->bend;
    for (int k = 0; k < 2; k++) {
        const int place = (int)av_clip64(places[k], 0, (t->width - 1) * UNIT);
        if (is_inside(t, places[k])) {
            bend->at[k][i] = place / UNIT;
            bend->share[k][i] = (UNIT - place % UNIT) | place % UNIT << 16;
        } else {
            bend->outside[i] += UNIT;
        }
    }
}

// `width` and `height` are the picture's in luma samples, `fx` and `fy` the focal length in them.
static enum relief_status make_tables(struct rl_sphere_tables *t, const struct grid *grid,
                                      int width, int height, int size, double fx, double fy,
                                      struct relief_error *err)
{
    struct rl_bend *bend = &t->bend;
    if (!alloc_tables(t))
        return rl_fail_memory(err);
    for (int x = 0; x < t->size_w; x++) {
        const long places[2] = {lrint(place_of(t, grid, size, fx, width, 2 * x)),
                                lrint(place_of(t, grid, size, fx, width, 2 * x + 1))};
        if (!is_inside(t, places[0]) && !is_inside(t, places[1]))
            continue;
        t->begin = bend->width ? t->begin : x;
        const double lon = (angle_of(2 * x, grid->step_w, grid->shift_w, size) +
                            angle_of(2 * x + 1, grid->step_w, grid->shift_w, size)) /
                           2;
        bend->secant[bend->width] = (float)(1 / cos(lon));
        set_column(t, bend->width++, places);
    }
    for (int i = 0; i < 2 * t->size_h; i++) {
        double lat = angle_of(i, grid->step_h, grid->shift_h, size);
        t->down[i] = (float)fmin(fmax(fy * tan(lat) / grid->step_h * UNIT, -FAR), FAR);
    }
    t->middle = (float)((height / 2.0 - .5 - grid->shift_h) / grid->step_h * UNIT);
    return RELIEF_OK;
}

// Room for what lies between both steps, and for each worker's row.
static enum relief_status make_room(struct rl_sphere *sphere, int slots, int sample_bytes,
                                    struct relief_error *err)
{
    const struct rl_sphere_tables *t = sphere->tables;
    const int rows = FFMAX(t[0].height, t[1].height) + slots;
    sphere->stride = FFALIGN(FFMAX(t[0].bend.width, t[1].bend.width), BLOCK);
    sphere->row_bytes = (size_t)(FFMAX(t[0].width, t[1].width) + RL_BEND_BEHIND) *
                        (size_t)sample_bytes;
    sphere->pairs = av_calloc((size_t)rows * (size_t)sphere->stride, sizeof *sphere->pairs);
    sphere->rows = av_calloc((size_t)slots, sphere->row_bytes);
    return sphere->pairs && sphere->rows ? RELIEF_OK : rl_fail_memory(err);
}

// Tables for luma and for chroma of pictures like `view`.
static enum relief_status prepare(struct rl_sphere *sphere, double fov_degrees, int slots,
                                  const AVFrame *view, const AVFrame *output,
                                  struct relief_error *err)
{
    if (sphere->size == output->height && sphere->width == view->width &&
        sphere->height == view->height)
        return RELIEF_OK;
    rl_sphere_clear(sphere);
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get((enum AVPixelFormat)view->format);
    const double fx = view->width / 2.0 / tan(fov_degrees * pi / 360);
    const double fy = fx * aspect_of(view->sample_aspect_ratio);
    enum relief_status status = RELIEF_OK;
    for (int k = 0; k < 2 && status == RELIEF_OK; k++) {
        const bool rgb = desc->flags & AV_PIX_FMT_FLAG_RGB;
        const int w = k && !rgb ? desc->log2_chroma_w : 0, h = k && !rgb ? desc->log2_chroma_h : 0;
        struct grid grid = {1 << w, 1 << h, 0, 0};
        if (w && !rl_chroma_on_first(view, true))
            grid.shift_w = ((1 << w) - 1) / 2.0;
        if (h && !rl_chroma_on_first(view, false))
            grid.shift_h = ((1 << h) - 1) / 2.0;
        struct rl_plane from = rl_frame_plane(view, k);
        sphere->tables[k] = (struct rl_sphere_tables){.width = from.width,
                                                      .height = from.height,
                                                      .size_w = output->height >> w,
                                                      .size_h = output->height >> h};
        status = make_tables(&sphere->tables[k], &grid, view->width, view->height, output->height,
                             fx, fy, err);
    }
    if (status == RELIEF_OK)
        status = make_room(sphere, slots, desc->comp[0].depth > 8 ? 2 : 1, err);
    if (status != RELIEF_OK)
        return status;
    sphere->width = view->width;
    sphere->height = view->height;
    sphere->size = output->height;
    return RELIEF_OK;
}

// One plane of one view under way.
struct job {
    const struct rl_sphere *sphere;
    const struct rl_sphere_tables *tables;
    struct rl_plane from, to;
    int deep, shift;
    uint32_t black;
};

// Rows of the source, and one more: the last pair's upper half belongs to the band behind.
static void lay_across(void *arg, int begin, int end, int slot)
{
    const struct job *job = arg;
    const struct rl_sphere *sphere = job->sphere;
    const size_t bytes = (size_t)job->from.width << job->deep;
    uint8_t *row = sphere->rows + (size_t)slot * sphere->row_bytes;
    // What no band needs goes here.
    uint32_t *spare = sphere->pairs +
                      (FFMAX(sphere->tables[0].height, sphere->tables[1].height) + slot) *
                          sphere->stride;
    for (int y = begin; y <= end && y < job->from.height; y++) {
        memcpy(row, rl_plane_row(&job->from, y), bytes);
        sphere->fns.across[job->deep](y < end ? sphere->pairs + y * sphere->stride : spare,
                                      y > begin ? sphere->pairs + (y - 1) * sphere->stride : spare,
                                      row, &job->tables->bend, job->black, job->shift);
    }
}

static void fill_black(const struct job *job, uint8_t *row, int begin, int end)
{
    if (!job->deep)
        memset(row + begin, (int)job->black, (size_t)(end - begin));
    for (int x = begin; x < end && job->deep; x++)
        ((uint16_t *)row)[x] = (uint16_t)job->black;
}

// Away from the middle column every row only leads further out: what is outside there is nowhere
// inside.
static bool is_empty_row(const struct job *job, int y)
{
    const struct rl_sphere_tables *t = job->tables;
    const float *down = t->down + (ptrdiff_t)2 * y;
    return (down[1] < 0 && t->middle + down[1] < -UNIT) ||
           (down[0] > 0 && t->middle + down[0] > (float)(t->height * UNIT));
}

static void lay_down(void *arg, int begin, int end, int slot)
{
    const struct job *job = arg;
    const struct rl_sphere_tables *t = job->tables;
    (void)slot;
    for (int y = begin; y < end; y++) {
        uint8_t *to = rl_plane_row(&job->to, y);
        if (is_empty_row(job, y)) {
            fill_black(job, to, 0, job->to.width);
            continue;
        }
        const struct rl_bend_row row = {.pairs = job->sphere->pairs,
                                        .stride = job->sphere->stride,
                                        .rows = t->height,
                                        .middle = t->middle,
                                        .down = {t->down[2 * y], t->down[2 * y + 1]},
                                        .black = job->black,
                                        .shift = job->shift};
        fill_black(job, to, 0, t->begin);
        job->sphere->fns.down[job->deep](to + ((ptrdiff_t)t->begin << job->deep), &t->bend, &row);
        fill_black(job, to, t->begin + t->bend.width, job->to.width);
    }
}

enum relief_status rl_sphere_picture(struct rl_sphere *sphere, double fov_degrees,
                                     struct rl_workers *workers, const AVFrame *left,
                                     const AVFrame *right, const AVFrame *output,
                                     struct relief_error *err)
{
    enum relief_status status = prepare(sphere, fov_degrees, rl_workers_slots(workers), left,
                                        output, err);
    struct rl_colour colour;
    rl_colour_of(&colour, left);
    for (int i = 0; i < 6 && status == RELIEF_OK; i++) {
        const int eye = i / 3, index = i % 3;
        const bool chroma = index && !colour.rgb;
        struct job job = {
            .sphere = sphere,
            .tables = &sphere->tables[index > 0],
            .from = rl_frame_plane(eye ? right : left, index),
            .to = rl_frame_plane(output, index),
            .deep = colour.depth > 8,
            .shift = colour.depth - 8,
            .black = chroma ? 1u << (colour.depth - 1) : (uint32_t)colour.luma_black,
        };
        job.to.width /= 2;
        job.to.data += eye ? (ptrdiff_t)job.to.width << job.deep : 0;
        rl_workers_rows(workers, job.from.height, 1, lay_across, &job);
        rl_workers_rows(workers, job.to.height, 1, lay_down, &job);
    }
    return status;
}
