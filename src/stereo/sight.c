// SPDX-License-Identifier: MIT
#include "stereo/sight.h"

#include "stereo/sample/sample.h"

#include <stdlib.h>

enum { MARGIN = 2 };  // pixels around a place that must not be nearer either

// Motion that is less sure than this is not used.
static const float sure = 0.5f;

struct rl_place rl_place_in_frame(const struct rl_sight *sight, const struct rl_frame *frame)
{
    struct rl_place place = {.frame = frame};
    for (int i = 0; i < sight->fill->planes; i++)
        place.planes[i] = rl_frame_plane_in(frame->picture, sight->first_plane + i, sight->area);
    return place;
}

struct rl_place rl_place_before(const struct rl_sight *sight)
{
    struct rl_place place = {.shift = (sight->before->offset - sight->disparity->offset) / 256.0};
    for (int i = 0; i < sight->fill->planes; i++)
        place.planes[i] = rl_frame_plane_in(sight->before->view, sight->first_plane + i,
                                            sight->area);
    return place;
}

// Rounded to nearest, for |value| < 2^22; lround() is a call.
static int to_int(double value)
{
    return (int)(value + 4194304.5) - 4194304;
}

bool rl_sight_locate(const struct rl_sight *sight, const struct rl_place *place, int x, int y,
                     int near, int at[2])
{
    double moved = place->frame ? (double)(sight->sign * near) / 16 : -place->shift;
    at[0] = 256 * x + to_int((place->dx - moved) * (256 >> sight->shift_x));
    at[1] = 256 * y + to_int(place->dy * (256 >> sight->shift_y));
    const struct rl_plane *plane = &place->planes[0];
    return at[0] >= 0 && at[1] >= 0 && at[0] <= 256 * (plane->width - 1) &&
           at[1] <= 256 * (plane->height - 1);
}

static int limit(int value, int max)
{
    return value < 0 ? 0 : value > max ? max : value;
}

static int get(const uint8_t *row, bool wide, int x)
{
    return wide ? ((const uint16_t *)(const void *)row)[x] : row[x];
}

// One row, times 2^14. Away from the border, as most are, there is nothing to limit.
static int sample_row(const struct rl_plane *plane, bool wide, int x, int y, const int16_t taps[4])
{
    const uint8_t *row = rl_plane_row(plane, limit(y, plane->height - 1));
    int i = (x >> 8) - 1, sum = 0, inside = i >= 0 && i + 3 < plane->width;
    for (int k = 0; k < 4; k++)
        sum += taps[k] * get(row, wide, inside ? i + k : limit(i + k, plane->width - 1));
    return sum;
}

// The view of the frame before may have been sampled many times: Catmull-Rom never adds contrast.
static const int16_t *taps_for(const struct rl_place *place, int phase, int16_t soft[4])
{
    const int16_t *taps = rl_sample_taps[phase];
    if (place->frame)
        return taps;
    soft[0] = (int16_t)(taps[0] * 2 / 3);
    soft[2] = (int16_t)((taps[2] * 2 + 64 * phase) / 3);
    soft[3] = (int16_t)(taps[3] * 2 / 3);
    soft[1] = (int16_t)(16384 - soft[0] - soft[2] - soft[3]);
    return soft;
}

int rl_sight_sample(const struct rl_sight *sight, const struct rl_place *place, int plane,
                    const int at[2])
{
    const struct rl_plane *p = &place->planes[plane];
    bool wide = sight->bits > 8;
    int16_t soft[2][4];
    int u = at[0] & 255, v = at[1] & 255, y = at[1] >> 8;
    if (!u && !v)
        return get(rl_plane_row(p, y), wide, at[0] >> 8);
    const int16_t *across = taps_for(place, u, soft[0]), *down = taps_for(place, v, soft[1]);
    int64_t sum = 0;
    if (!v)
        sum = (int64_t)sample_row(p, wide, at[0], y, across) * 16384;
    else
        for (int k = 0; k < 4; k++)
            sum += (int64_t)down[k] * sample_row(p, wide, at[0], y - 1 + k, across);
    return limit((int)((sum + (1 << 27)) >> 28), (1 << sight->bits) - 1);
}

static float map_value(const AVFrame *map, int plane, int x, int y)
{
    return ((const float *)(const void *)(map->data[plane] + y * map->linesize[plane]))[x];
}

// A place in luma pixels of the area.
static double to_luma(int at, int shift)
{
    return (at / 256.0 + 0.5) * (1 << shift) - 0.5;
}

// Four cells around a place of a plane, and what each weighs.
struct four {
    int x[4], y[4];
    float part[4];
};

static void look(struct four *four, double u, double v, int width, int height)
{
    int i = (int)(u + 65536) - 65536, j = (int)(v + 65536) - 65536;  // rounded down
    float fx = (float)(u - i), fy = (float)(v - j);
    for (int k = 0; k < 4; k++) {
        four->x[k] = limit(i + (k & 1), width - 1);
        four->y[k] = limit(j + (k >> 1), height - 1);
        four->part[k] = (k & 1 ? fx : 1 - fx) * (k >> 1 ? fy : 1 - fy);
    }
}

// How far an eye moves what has this depth, in units of struct rl_fill.
static float near_of_depth(const struct rl_sight *sight, float d)
{
    const struct rl_disparity *p = sight->disparity;
    d = d < 0 ? 0 : d > 1 ? 1 : d;
    d += sight->film->curve * d * (1 - d);
    return (float)sight->sign *
           ((float)p->offset + d * 65535 * (float)p->scale / (float)(1 << p->shift)) / 16;
}

// How near the map of a frame is at a luma place of the area: interpolated on one surface, else the
// nearest around.
static float near_at(const struct rl_sight *sight, const struct rl_frame *frame, double x, double y)
{
    const struct rl_area cells = rl_frame_depth_area(frame);
    int width = cells.x1 - cells.x0, height = cells.y1 - cells.y0;
    struct four four;
    look(&four, (x + 0.5) * width / (sight->area.x1 - sight->area.x0) - 0.5,
         (y + 0.5) * height / (sight->area.y1 - sight->area.y0) - 0.5, width, height);
    float low = 1, high = 0, mean = 0;
    for (int k = 0; k < 4; k++) {
        float d = map_value(frame->depth, 0, cells.x0 + four.x[k], cells.y0 + four.y[k]);
        low = d < low ? d : low;
        high = d > high ? d : high;
        mean += four.part[k] * d;
    }
    float near = near_of_depth(sight, high);
    return near - near_of_depth(sight, low) < (float)sight->fill->tolerance
               ? near_of_depth(sight, mean)
               : near;
}

bool rl_sight_is_open(const struct rl_sight *sight, const struct rl_place *place, const int at[2],
                      int near)
{
    double x = to_luma(at[0], sight->shift_x), y = to_luma(at[1], sight->shift_y);
    float tolerance = (float)sight->fill->tolerance;
    for (int k = -1; k <= 1; k++) {
        float there = near_at(sight, place->frame, x + k * MARGIN, y) - (float)near;
        if (there > tolerance || there < -2 * tolerance)
            return false;
    }
    return true;
}

int rl_sight_remember(const struct rl_sight *sight, const int at[2], int near)
{
    const struct rl_fill_level *level = &sight->fill->levels[0];
    int x = (at[0] + 128) >> 8, y = (at[1] + 128) >> 8, tolerance = sight->fill->tolerance;
    int margin = MARGIN >> sight->shift_x;
    const int16_t *row = sight->before->near + y * level->stride;
    for (int k = -margin; k <= margin; k++)
        if (abs(row[limit(x + k, level->width - 1)] - near) > tolerance + 1)
            return 0;
    return row[x] & 1 ? 1 : 2;
}

bool rl_sight_motion(const struct rl_sight *sight, const struct rl_place *place, const int at[2],
                     bool ahead, double *dx, double *dy)
{
    const AVFrame *motion = ahead ? place->frame->motion_ahead : place->frame->motion_back;
    if (!motion)
        return false;
    const AVFrame *picture = place->frame->picture;
    double x = to_luma(at[0], sight->shift_x) + sight->area.x0;
    double y = to_luma(at[1], sight->shift_y) + sight->area.y0;
    struct four four;
    look(&four, (x + 0.5) * motion->width / picture->width - 0.5,
         (y + 0.5) * motion->height / picture->height - 0.5, motion->width, motion->height);
    float sum = 0, sum_x = 0, sum_y = 0;
    for (int k = 0; k < 4; k++) {
        if (map_value(motion, RL_MOTION_CONFIDENCE, four.x[k], four.y[k]) < sure)
            continue;
        sum += four.part[k];
        sum_x += four.part[k] * map_value(motion, RL_MOTION_DX, four.x[k], four.y[k]);
        sum_y += four.part[k] * map_value(motion, RL_MOTION_DY, four.x[k], four.y[k]);
    }
    if (sum < 0.25f)
        return false;
    *dx = sum_x / sum * (float)picture->width / (float)motion->width;
    *dy = sum_y / sum * (float)picture->height / (float)motion->height;
    return true;
}
