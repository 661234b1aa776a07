// SPDX-License-Identifier: MIT
#include "compose/sphere.h"

#include "compose/colour.h"

#include <math.h>

#include <libavutil/common.h>
#include <libavutil/mem.h>

enum {
    UNIT = 64,      // places are in 1/64 sample: weights of one point sum to 4096
    FAR = 1 << 24,  // beyond every picture
};

static const double pi = 3.14159265358979323846;

static void clear_tables(struct rl_sphere_tables *tables)
{
    av_freep(&tables->across);
    av_freep(&tables->secant);
    av_freep(&tables->down);
}

void rl_sphere_clear(struct rl_sphere *sphere)
{
    clear_tables(&sphere->tables[0]);
    clear_tables(&sphere->tables[1]);
    *sphere = (struct rl_sphere){0};
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

static int32_t fixed(double value, double unit)
{
    return (int32_t)lrint(fmin(fmax(value * unit, -FAR), FAR));
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

// `width` and `height` are the picture's in luma samples, `fx` and `fy` the focal length in them.
static enum relief_status make_tables(struct rl_sphere_tables *t, const struct grid *grid,
                                      int width, int height, int size, double fx, double fy,
                                      struct relief_error *err)
{
    t->across = av_malloc_array((size_t)t->size_w * 2, sizeof *t->across);
    t->secant = av_malloc_array((size_t)t->size_w * 2, sizeof *t->secant);
    t->down = av_malloc_array((size_t)t->size_h * 2, sizeof *t->down);
    if (!t->across || !t->secant || !t->down)
        return rl_fail_memory(err);
    for (int i = 0; i < 2 * t->size_w; i++) {
        double lon = angle_of(i, grid->step_w, grid->shift_w, size);
        double luma = fx * tan(lon) + width / 2.0 - .5;
        t->across[i] = fixed((luma - grid->shift_w) / grid->step_w, UNIT);
        t->secant[i] = fixed(1 / cos(lon), 65536);
    }
    for (int i = 0; i < 2 * t->size_h; i++) {
        double lat = angle_of(i, grid->step_h, grid->shift_h, size);
        t->down[i] = fixed(fy * tan(lat) / grid->step_h, UNIT);
    }
    t->middle = fixed((height / 2.0 - .5 - grid->shift_h) / grid->step_h, UNIT);
    return RELIEF_OK;
}

// Tables for luma and for chroma of pictures like `view`.
static enum relief_status prepare(struct rl_sphere *sphere, double fov_degrees, const AVFrame *view,
                                  const AVFrame *output, struct relief_error *err)
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
    sphere->width = view->width;
    sphere->height = view->height;
    sphere->size = output->height;
    return status;
}

// One plane of one view under way.
struct job {
    const struct rl_sphere_tables *tables;
    struct rl_plane from, to;
    int deep;
    uint32_t black;
};

// Between two samples of a row; `deep` is a constant wherever this is called from.
static inline uint32_t between(const uint8_t *row, uint32_t x, uint32_t step, uint32_t part,
                               int deep)
{
    if (deep)
        return ((const uint16_t *)row)[x] * (UNIT - part) +
               ((const uint16_t *)row)[x + step] * part;
    return row[x] * (UNIT - part) + row[x + step] * part;
}

// The source at (u, v) / 64, times 4096; what lies outside of its samples is black, and the samples
// at its edges reach half a sample further.
static inline uint32_t point_at(const struct job *job, int32_t u, int32_t v, int deep)
{
    const int32_t last_u = (job->from.width - 1) * UNIT, last_v = (job->from.height - 1) * UNIT;
    if (u < -UNIT / 2 || v < -UNIT / 2 || u >= last_u + UNIT / 2 || v >= last_v + UNIT / 2)
        return job->black * UNIT * UNIT;
    const uint32_t across = (uint32_t)av_clip(u, 0, last_u), down = (uint32_t)av_clip(v, 0, last_v);
    const uint32_t a = across % UNIT, b = down % UNIT;
    const uint8_t *top = job->from.data + (ptrdiff_t)(down / UNIT) * job->from.stride;
    const uint8_t *low = v < last_v ? top + job->from.stride : top;
    return between(top, across / UNIT, u < last_u, a, deep) * (UNIT - b) +
           between(low, across / UNIT, u < last_u, a, deep) * b;
}

static inline int32_t row_at(const struct rl_sphere_tables *t, int column, int row)
{
    return t->middle + (int32_t)((int64_t)t->down[row] * t->secant[column] >> 16);
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
    const int32_t *down = t->down + (ptrdiff_t)2 * y;
    return (down[1] < 0 && t->middle + down[1] < -UNIT) ||
           (down[0] > 0 && t->middle + down[0] > t->height * UNIT);
}

// Columns whose points may lie inside.
static void find_columns(const struct rl_sphere_tables *t, int *begin, int *end)
{
    *begin = 0;
    *end = t->size_w;
    while (*begin < *end && t->across[2 * *begin + 1] < -UNIT)
        ++*begin;
    while (*end > *begin && t->across[2 * *end - 2] > t->width * UNIT)
        --*end;
}

// The mean of the four points of a sample.
static inline uint32_t sample_of(const struct job *job, int x, int y, int deep)
{
    const struct rl_sphere_tables *t = job->tables;
    uint32_t sum = 0;
    for (int k = 0; k < 4; k++)
        sum += point_at(job, t->across[2 * x + (k & 1)],
                        row_at(t, 2 * x + (k & 1), 2 * y + (k >> 1)), deep);
    return (sum + 2 * UNIT * UNIT) / (4 * UNIT * UNIT);
}

static void draw_rows(void *arg, int begin, int end, int slot)
{
    const struct job *job = arg;
    int first, behind;
    (void)slot;
    find_columns(job->tables, &first, &behind);
    for (int y = begin; y < end; y++) {
        uint8_t *to = rl_plane_row(&job->to, y);
        if (is_empty_row(job, y)) {
            fill_black(job, to, 0, job->to.width);
            continue;
        }
        fill_black(job, to, 0, first);
        if (job->deep)
            for (int x = first; x < behind; x++)
                ((uint16_t *)to)[x] = (uint16_t)sample_of(job, x, y, 1);
        else
            for (int x = first; x < behind; x++)
                to[x] = (uint8_t)sample_of(job, x, y, 0);
        fill_black(job, to, behind, job->to.width);
    }
}

enum relief_status rl_sphere_picture(struct rl_sphere *sphere, double fov_degrees,
                                     struct rl_workers *workers, const AVFrame *left,
                                     const AVFrame *right, const AVFrame *output,
                                     struct relief_error *err)
{
    enum relief_status status = prepare(sphere, fov_degrees, left, output, err);
    struct rl_colour colour;
    rl_colour_of(&colour, left);
    for (int i = 0; i < 6 && status == RELIEF_OK; i++) {
        const int eye = i / 3, index = i % 3;
        const bool chroma = index && !colour.rgb;
        struct job job = {
            .tables = &sphere->tables[index > 0],
            .from = rl_frame_plane(eye ? right : left, index),
            .to = rl_frame_plane(output, index),
            .deep = colour.depth > 8,
            .black = chroma ? 1u << (colour.depth - 1) : (uint32_t)colour.luma_black,
        };
        job.to.width /= 2;
        job.to.data += eye ? (ptrdiff_t)job.to.width << job.deep : 0;
        rl_workers_rows(workers, job.to.height, 1, draw_rows, &job);
    }
    return status;
}
