// SPDX-License-Identifier: MIT
#include "scene.h"

#include "plane/pool.h"

#include <math.h>

double scene_grain(double x, double y)
{
    return 0.5 + 0.16 * sin(x * 0.61 + y * 0.13) + 0.14 * sin(x * 0.371 - y * 0.29 + 1) +
           0.10 * sin(x * 0.229 + y * 0.41 + 2);
}

static int max_of(const AVFrame *picture)
{
    return (1 << av_pix_fmt_desc_get((enum AVPixelFormat)picture->format)->comp[0].depth) - 1;
}

static bool is_wide(const AVFrame *picture)
{
    return max_of(picture) > 255;
}

double scene_sample(const AVFrame *picture, int plane, int x, int y)
{
    struct rl_plane p = rl_frame_plane(picture, plane);
    const uint8_t *row = rl_plane_row(&p, y);
    int value = is_wide(picture) ? ((const uint16_t *)(const void *)row)[x] : row[x];
    return (double)value / max_of(picture);
}

static void draw_plane(AVFrame *picture, int index, const struct scene *scene)
{
    struct rl_plane plane = rl_frame_plane(picture, index);
    double sx = picture->width > plane.width ? round((double)picture->width / plane.width) : 1;
    double sy = picture->height > plane.height ? round((double)picture->height / plane.height) : 1;
    for (int y = 0; y < plane.height; y++) {
        uint8_t *row = rl_plane_row(&plane, y);
        for (int x = 0; x < plane.width; x++) {
            // Chroma is sited at the left of its luma samples, and vertically in their middle.
            double value = scene->texture(x * sx, y * sy + (sy - 1) / 2);
            int sample = (int)(value * max_of(picture) + 0.5);
            if (is_wide(picture))
                ((uint16_t *)(void *)row)[x] = (uint16_t)sample;
            else
                row[x] = (uint8_t)sample;
        }
    }
}

struct rl_frame *scene_draw(const struct scene *scene, enum AVPixelFormat format, int width,
                            int height)
{
    struct rl_pool pictures = {0}, depths = {0};
    struct rl_frame *frame = rl_frame_create();
    frame->picture = rl_pool_get(&pictures, format, width, height, NULL);
    int map_w = scene->map_width ? scene->map_width : width;
    int map_h = scene->map_height ? scene->map_height : height;
    frame->depth = rl_pool_get(&depths, AV_PIX_FMT_GRAYF32, map_w, map_h, NULL);
    frame->depth_is_final = true;
    for (int plane = 0; plane < 3; plane++)
        draw_plane(frame->picture, plane, scene);
    struct rl_plane depth = rl_frame_plane(frame->depth, 0);
    for (int y = 0; y < map_h; y++)
        for (int x = 0; x < map_w; x++)
            ((float *)(void *)rl_plane_row(&depth, y))[x] = (float)scene->depth(
                (x + 0.5) * width / map_w - 0.5, (y + 0.5) * height / map_h - 0.5);
    rl_pool_clear(&pictures);
    rl_pool_clear(&depths);
    return frame;
}

static enum relief_status keep(void *user, struct rl_frame *frame, struct relief_error *err)
{
    (void)err;
    *(struct rl_frame **)user = frame;
    return RELIEF_OK;
}

struct rl_frame *scene_views(struct rl_frame *frame, const struct rl_stereo_params *params)
{
    struct rl_frame *result = NULL;
    struct rl_sink sink = {keep, &result};
    struct rl_stage stage;
    if (rl_stereo_open(&stage, params, NULL))
        return NULL;
    if (stage.type->push(stage.state, frame, &sink, NULL) ||
        stage.type->flush(stage.state, &sink, NULL))
        result = NULL;
    stage.type->close(stage.state);
    return result;
}

// Cubic interpolation will do: the textures are far below Nyquist.
static double source_at(const AVFrame *source, int plane, double x, int y)
{
    struct rl_plane p = rl_frame_plane(source, plane);
    int i = (int)floor(x);
    double f = x - i, sum = 0;
    double taps[4] = {-f * (1 - f) * (1 - f) / 2, 1 + f * f * (3 * f - 5) / 2,
                      f * (1 + f * (4 - 3 * f)) / 2, -f * f * (1 - f) / 2};
    for (int k = 0; k < 4; k++) {
        int at = i - 1 + k;
        sum += taps[k] * scene_sample(source, plane,
                                      at < 0          ? 0
                                      : at >= p.width ? p.width - 1
                                                      : at,
                                      y);
    }
    return sum;
}

static double mismatch(const AVFrame *view, const AVFrame *source, int plane, int y, int x0, int x1,
                       double shift)
{
    double sum = 0;
    for (int x = x0; x < x1; x++) {
        double e = scene_sample(view, plane, x, y) - source_at(source, plane, x - shift, y);
        sum += e * e;
    }
    return sum;
}

double scene_shift(const AVFrame *view, const AVFrame *source, int plane, int y, int x0, int x1,
                   double low, double high)
{
    double best = low, least = INFINITY;
    for (double shift = low; shift <= high; shift += 1.0 / 64) {
        double m = mismatch(view, source, plane, y, x0, x1, shift);
        if (m < least) {
            least = m;
            best = shift;
        }
    }
    return best;
}

bool scene_same(const AVFrame *a, const AVFrame *b)
{
    if (a->format != b->format || a->width != b->width || a->height != b->height)
        return false;
    for (int i = 0; i < 3; i++) {
        struct rl_plane p = rl_frame_plane(a, i), q = rl_frame_plane(b, i);
        size_t bytes = (size_t)p.width * (is_wide(a) ? 2 : 1);
        for (int y = 0; y < p.height; y++)
            if (memcmp(rl_plane_row(&p, y), rl_plane_row(&q, y), bytes) != 0)
                return false;
    }
    return true;
}
