// SPDX-License-Identifier: MIT
#include "stereo/sight.h"

#include "stereo/sample/sample.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>

enum { MARGIN = 2 };  // pixels around a place that must not be nearer either

// Motion that is less sure than this is not used.
static const float sure = 0.5f;

static void take_planes(const struct rl_sight *sight, struct rl_sight_picture *picture,
                        const AVFrame *from)
{
    for (int i = 0; i < sight->fill->planes; i++)
        picture->planes[i] = rl_frame_plane_in(from, sight->first_plane + i, sight->area);
}

// Centres of samples, pixels and cells lie at their middle.
static void place_cells(double at[2], double scale, int shift)
{
    at[0] = scale * (1 << shift) / 256;
    at[1] = scale * (1 << shift) / 2 - 0.5;
}

struct rl_sight_picture rl_sight_of_frame(const struct rl_sight *sight,
                                          const struct rl_frame *frame)
{
    struct rl_sight_picture picture = {.frame = frame};
    const struct rl_area *area = &sight->area;
    take_planes(sight, &picture, frame->picture);
    picture.cells = rl_frame_plane_in(frame->depth, 0, rl_frame_depth_area(frame));
    picture.scale_x = (double)picture.cells.width / (area->x1 - area->x0);
    picture.scale_y = (double)picture.cells.height / (area->y1 - area->y0);
    place_cells(picture.column, picture.scale_x, sight->shift_x);
    place_cells(picture.row, picture.scale_y, sight->shift_y);
    return picture;
}

struct rl_sight_picture rl_sight_of_before(const struct rl_sight *sight)
{
    struct rl_sight_picture picture = {.shift = (sight->before->offset - sight->disparity->offset) /
                                                256.0};
    take_planes(sight, &picture, sight->before->view);
    return picture;
}

// For |value| < 65536; floor() is a call.
static inline int floor_of(double value)
{
    return (int)(value + 65536) - 65536;
}

static int limit(int value, int max)
{
    return value < 0 ? 0 : value > max ? max : value;
}

static inline int get(const uint8_t *row, bool wide, int x)
{
    return wide ? ((const uint16_t *)(const void *)row)[x] : row[x];
}

// The same where some of 4 x 4 samples lie outside: their border samples go on.
static int64_t sample_border(const struct rl_plane *plane, bool wide, const int at[2],
                             const int16_t across[4], const int16_t down[4])
{
    const int i = (at[0] >> 8) - 1, j = (at[1] >> 8) - 1;
    int64_t sum = 0;
    for (int k = 0; k < 4; k++) {
        const uint8_t *row = rl_plane_row(plane, limit(j + k, plane->height - 1));
        int line = 0;
        for (int l = 0; l < 4; l++)
            line += across[l] * get(row, wide, limit(i + l, plane->width - 1));
        sum += (int64_t)down[k] * line;
    }
    return sum;
}

int rl_sight_sample(const struct rl_sight *sight, const struct rl_place *place, int plane,
                    const int at[2])
{
    const struct rl_plane *p = &place->in->planes[plane];
    const struct rl_sample_fns *fns = sight->film->sample;
    const bool wide = sight->bits > 8;
    const int i = (at[0] >> 8) - 1, j = (at[1] >> 8) - 1, u = at[0] & 255, v = at[1] & 255;
    const int16_t(*taps)[4] = place->in->frame ? rl_sample_taps : rl_sample_soft_taps;
    int64_t sum;
    if (!u && !v)
        return get(rl_plane_row(p, j + 1), wide, i + 1);
    if (i < 0 || j < 0 || i + 4 > p->width || j + 4 > p->height)
        sum = sample_border(p, wide, at, taps[u], taps[v]);
    else if (wide)
        sum = fns->point16(rl_plane_row(p, j) + 2 * (ptrdiff_t)i, p->stride, taps[u], taps[v]);
    else
        sum = fns->point8(rl_plane_row(p, j) + i, p->stride, taps[u], taps[v]);
    return limit((int)((sum + (1 << 27)) >> 28), (1 << sight->bits) - 1);
}

// True when 4 x 4 samples around each place lie inside; tells where. What lies outside makes a
// number negative, as branches would be taken at random.
static inline bool find_points(struct rl_sample_points *points, const struct rl_plane *plane,
                               const struct rl_sight_places *places)
{
    const int width = plane->width - 4, height = plane->height - 4, stride = (int)plane->stride;
    int outside = 0;
    for (int k = 0; k < RL_SAMPLE_POINTS; k++) {
        const int i = (places->x[k] >> 8) - 1, j = (places->y[k] >> 8) - 1;
        outside |= i | j | (width - i) | (height - j);
        points->at[k] = j * stride + i;
        points->across[k] = places->x[k] & 255;
    }
    points->down = places->y[0] & 255;
    points->from = plane->data;
    points->stride = plane->stride;
    return outside >= 0;
}

void rl_sight_samples(const struct rl_sight *sight, const struct rl_place *place, int plane,
                      const struct rl_sight_places *places, int count,
                      int32_t values[RL_SAMPLE_POINTS])
{
    enum { FEW = 3 };
    const struct rl_plane *p = &place->in->planes[plane];
    struct rl_sample_points points;  // not to be cleared
    points.taps = place->in->frame ? rl_sample_taps : rl_sample_soft_taps;
    if (sight->bits == 8 && count >= FEW && find_points(&points, p, places)) {
        sight->film->sample->points8(values, &points);
        return;
    }
    for (int k = 0; k < count; k++) {
        const int at[2] = {places->x[k], places->y[k]};
        values[k] = rl_sight_sample(sight, place, plane, at);
    }
}

int rl_sight_differ(const struct rl_sight *sight, const struct rl_place *a,
                    const struct rl_place *b, const struct rl_fill_cell *hole)
{
    const int near = hole->near & ~1;
    int at[2], other[2], sum = 0;
    if (!rl_sight_locate(a, hole->x, hole->y, near, at) ||
        !rl_sight_locate(b, hole->x, hole->y, near, other))
        return INT_MAX;
    for (int plane = 0; plane < sight->fill->planes; plane++)
        sum += abs(rl_sight_sample(sight, a, plane, at) - rl_sight_sample(sight, b, plane, other));
    return sum;
}

// A place in luma pixels of the area.
static double to_luma(int at, int shift)
{
    return (at / 256.0 + 0.5) * (1 << shift) - 0.5;
}

enum { BESIDE = 24 };  // samples to both sides, so that mostly all are asked for

// How near things are at such a place: in the frame's map, or in the view of the frame before.
static void fetch_near(const struct rl_sight *sight, const struct rl_place *place, const int at[2])
{
    const struct rl_fill_level *level = &sight->fill->levels[0];
    const struct rl_sight_picture *picture = place->in;
    if (!picture->frame) {
        const int16_t *row = sight->before->near +
                             limit((at[1] + 128) >> 8, level->height - 1) * level->stride;
        __builtin_prefetch(row + limit((at[0] >> 8) - BESIDE, level->width - 1));
        __builtin_prefetch(row + limit((at[0] >> 8) + BESIDE, level->width - 1));
        return;
    }
    const int x = (int)(to_luma(at[0], sight->shift_x) * picture->scale_x);
    const int y = (int)(to_luma(at[1], sight->shift_y) * picture->scale_y) + 1;
    __builtin_prefetch(rl_plane_row(&picture->cells, limit(y, picture->cells.height - 1)) +
                       (size_t)limit(x, picture->cells.width - 1) * sizeof(float));
}

void rl_sight_fetch(const struct rl_sight *sight, const struct rl_place *place, const int at[2],
                    int rows)
{
    for (int i = 0; i < sight->fill->planes; i++) {
        const struct rl_plane *plane = &place->in->planes[i];
        const uint8_t *row = rl_plane_row(plane, limit((at[1] >> 8) + rows + 2, plane->height - 1));
        const int x = at[0] >> 8, wide = sight->bits > 8;
        __builtin_prefetch(row + (limit(x - BESIDE, plane->width - 1) << wide));
        __builtin_prefetch(row + (limit(x + BESIDE, plane->width - 1) << wide));
    }
    fetch_near(sight, place, at);
}

static float map_value(const AVFrame *map, int plane, int x, int y)
{
    return ((const float *)(const void *)(map->data[plane] + y * map->linesize[plane]))[x];
}

// Four cells around a place of a plane, and what each weighs.
struct four {
    int x[4], y[4];
    float part[4];
};

static inline void look(struct four *four, double u, double v, int width, int height)
{
    int i = floor_of(u), j = floor_of(v);
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
    d = d < 0 ? 0 : d > 1 ? 1 : d;
    d += sight->film->curve * d * (1 - d);
    return sight->near_farthest + d * sight->near_range;
}

// Two rows of cells around a place, and what the lower one weighs.
struct two_rows {
    const float *rows[2];
    float part;
    int last;  // cell of a row
};

static inline struct two_rows find_two_rows(const struct rl_plane *cells, double v)
{
    const int j = floor_of(v);
    const uint8_t *above = rl_plane_row(cells, limit(j, cells->height - 1));
    const uint8_t *below = rl_plane_row(cells, limit(j + 1, cells->height - 1));
    return (struct two_rows){
        {(const float *)(const void *)above, (const float *)(const void *)below},
        (float)(v - j),
        cells->width - 1};
}

static inline float smaller(float a, float b)
{
    return a < b ? a : b;
}

static inline float larger(float a, float b)
{
    return a > b ? a : b;
}

// How near the map is at column `u` of these rows: interpolated on one surface, else the nearest of
// the cells around.
static inline float near_at(const struct rl_sight *sight, const struct two_rows *two, double u)
{
    const int at = floor_of(u), i = limit(at, two->last);
    const int next = limit(at + 1, two->last);
    const float across = (float)(u - at), down = two->part;
    const float a = two->rows[0][i], b = two->rows[0][next];
    const float c = two->rows[1][i], d = two->rows[1][next];
    const float low = smaller(d, smaller(c, smaller(b, smaller(a, 1))));
    const float high = larger(d, larger(c, larger(b, larger(a, 0))));
    const float near = near_of_depth(sight, high);
    if (near - near_of_depth(sight, low) >= (float)sight->fill->tolerance)
        return near;
    float mean = (1 - across) * (1 - down) * a;
    mean += across * (1 - down) * b;
    mean += (1 - across) * down * c;
    return near_of_depth(sight, mean + across * down * d);
}

// The depth that lies so near, see near_of_depth(): d + curve * d * (1 - d) = share.
static float depth_of_near(const struct rl_sight *sight, float near)
{
    const float share = (near - sight->near_farthest) / sight->near_range;
    const float b = 1 + sight->film->curve;
    if (!(share > 0))
        return -INFINITY;
    if (share >= 1)
        return INFINITY;
    return 2 * share / (b + sqrtf(b * b - 4 * sight->film->curve * share));
}

struct rl_sight_span rl_sight_span(const struct rl_sight *sight, int near)
{
    const float tolerance = (float)sight->fill->tolerance;
    return (struct rl_sight_span){near, depth_of_near(sight, (float)near - 2 * tolerance),
                                  depth_of_near(sight, (float)near + tolerance)};
}

static inline double place_in(const double line[2], int at)
{
    return at * line[0] + line[1];
}

// Mostly all cells around tell the same, and no look at each place is needed.
bool rl_sight_is_open(const struct rl_sight *sight, const struct rl_place *place, const int at[2],
                      const struct rl_sight_span *span)
{
    const struct rl_sight_picture *picture = place->in;
    const double u = place_in(picture->column, at[0]), margin = MARGIN * picture->scale_x;
    const struct two_rows two = find_two_rows(&picture->cells, place_in(picture->row, at[1]));
    const float tolerance = (float)sight->fill->tolerance;
    const int last = limit(floor_of(u + margin) + 1, two.last);
    int i = limit(floor_of(u - margin), two.last);
    float low = two.rows[0][i], high = low;
    for (; i <= last; i++) {
        low = smaller(two.rows[0][i], smaller(two.rows[1][i], low));
        high = larger(two.rows[0][i], larger(two.rows[1][i], high));
    }
    if (low >= span->low && high <= span->high)
        return true;
    if (high < span->low || low > span->high)
        return false;
    for (int k = -1; k <= 1; k++) {
        const float there = near_at(sight, &two, u + k * margin) - (float)span->near;
        if (there > tolerance || there < -2 * tolerance)
            return false;
    }
    return true;
}

bool rl_sight_is_clear(const struct rl_sight *sight, const struct rl_place *place, const int at[2],
                       int near, int reach)
{
    enum { STEP = 2 };
    const struct rl_sight_picture *picture = place->in;
    const double u = place_in(picture->column, at[0]);
    const struct two_rows two = find_two_rows(&picture->cells, place_in(picture->row, at[1]));
    const float most = (float)(near + sight->fill->tolerance);
    for (int k = -reach; k <= reach; k += STEP)
        if (near_at(sight, &two, u + k * picture->scale_x) > most)
            return false;
    return true;
}

int rl_sight_remember(const struct rl_sight *sight, const int at[2], int *near, bool farther)
{
    const struct rl_fill_level *level = &sight->fill->levels[0];
    int x = (at[0] + 128) >> 8, y = (at[1] + 128) >> 8, tolerance = sight->fill->tolerance;
    const int16_t *row = sight->before->near + y * level->stride;
    const bool whole = (row[x] & 1) && !(at[0] & 255);  // nothing is interpolated
    const int margin = whole && MARGIN >> sight->shift_x > 1 ? 1 : MARGIN >> sight->shift_x;
    for (int k = -margin; k <= margin; k++) {
        const int there = row[limit(x + k, level->width - 1)];
        const int more = there & 1 ? 4 * tolerance : tolerance;
        if (there == RL_FILL_HOLE || there - *near > more + 1)
            return 0;
    }
    if (row[x] & 1)
        return 1;
    if (row[x] >= *near - tolerance - 1)
        return 2;
    if (!farther)
        return 0;
    *near = row[x];
    return 2;
}

bool rl_sight_motion(const struct rl_sight *sight, const struct rl_place *place, const int at[2],
                     bool ahead, double *dx, double *dy)
{
    const struct rl_frame *frame = place->in->frame;
    const AVFrame *motion = ahead ? frame->motion_ahead : frame->motion_back;
    if (!motion)
        return false;
    const AVFrame *picture = frame->picture;
    double x = to_luma(at[0], sight->shift_x) + sight->area.x0;
    double y = to_luma(at[1], sight->shift_y) + sight->area.y0;
    struct four four;
    look(&four, (x + 0.5) * motion->width / picture->width - 0.5,
         (y + 0.5) * motion->height / picture->height - 0.5, motion->width, motion->height);
    float sum = 0, sum_x = 0, sum_y = 0;
    for (int k = 0; k < 4; k++) {
        const int i = four.x[k], j = four.y[k];
        const bool is_sure = map_value(motion, RL_MOTION_CONFIDENCE, i, j) >= sure;
        const float part = is_sure ? four.part[k] : 0;
        sum += part;
        sum_x += part * map_value(motion, RL_MOTION_DX, i, j);
        sum_y += part * map_value(motion, RL_MOTION_DY, i, j);
    }
    if (sum < 0.25f)
        return false;
    *dx = sum_x / sum * (float)picture->width / (float)motion->width;
    *dy = sum_y / sum * (float)picture->height / (float)motion->height;
    return true;
}

bool rl_sight_changes(const struct rl_plane *now, const struct rl_plane *before, int bits)
{
    enum { STEP = 16 };
    int count = 0, brighter = 0, darker = 0;
    for (int y = STEP / 2; y < now->height; y += STEP)
        for (int x = STEP / 2; x < now->width; x += STEP, count++) {
            const int more = rl_sight_get(now, bits > 8, x, y) -
                             rl_sight_get(before, bits > 8, x, y);
            brighter += more >= 1 << (bits - 8);
            darker += -more >= 1 << (bits - 8);
        }
    return 2 * brighter > count || 2 * darker > count;
}
