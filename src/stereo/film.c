// SPDX-License-Identifier: MIT
#include "stereo/film.h"

#include "stereo/sample/sample.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>

enum {
    SEAM = 8,        // pixels beside a hole that are compared
    SEAM_LEAST = 4,  // so many of them must be there
    MARGIN = 2,      // luma pixels around a place that must not be nearer either
};

// The seam may differ by this on average, of 255; motion that is less sure than this is not used.
static const int seam_difference = 7;
static const float sure = 0.5f;

// One search: a plane's samples, in all frames alike.
struct search {
    const struct rl_film *film;
    struct rl_fill *fill;
    const struct rl_disparity *disparity;
    int first_plane, shift_x, shift_y, sign, bits;
    struct rl_area area;
};

// A run of holes in one row: `count` entries from `first` on, from its own side inwards.
struct run {
    struct rl_fill_cell *first;
    int count, outwards, near;
    int seen[SEAM], seen_count;  // plane columns of the view beside the run
};

// One neighbour frame: by how much the run's surface has moved there, luma pixels.
struct place {
    const struct rl_frame *frame;
    double dx, dy;
};

bool rl_film_has_more(const struct rl_film *film)
{
    return film->back[0] || film->ahead[0];
}

static float map_value(const AVFrame *map, int plane, int x, int y)
{
    return ((const float *)(const void *)(map->data[plane] + y * map->linesize[plane]))[x];
}

static int limit(int value, int max)
{
    return value < 0 ? 0 : value > max ? max : value;
}

// The motion of the cell at a luma place, in luma pixels. False where it is not sure.
static bool step(const AVFrame *motion, double x, double y, int width, int height, double *dx,
                 double *dy)
{
    double u = (x + 0.5) * motion->width / width - 0.5,
           v = (y + 0.5) * motion->height / height - 0.5;
    int i = (int)floor(u), j = (int)floor(v);
    double fx = u - i, fy = v - j, sum = 0;
    *dx = *dy = 0;
    for (int k = 0; k < 4; k++) {
        int at_x = limit(i + (k & 1), motion->width - 1);
        int at_y = limit(j + (k >> 1), motion->height - 1);
        double part = (k & 1 ? fx : 1 - fx) * (k >> 1 ? fy : 1 - fy);
        if (map_value(motion, RL_MOTION_CONFIDENCE, at_x, at_y) < sure)
            continue;
        sum += part;
        *dx += part * map_value(motion, RL_MOTION_DX, at_x, at_y);
        *dy += part * map_value(motion, RL_MOTION_DY, at_x, at_y);
    }
    if (sum < 0.25)
        return false;
    *dx *= width / (sum * motion->width);
    *dy *= height / (sum * motion->height);
    return true;
}

// How near the map of a frame is at a luma place of the area, in units of struct rl_fill; of the
// cells around the nearest.
static int nearest_at(const struct search *search, const struct rl_frame *frame, double x, double y)
{
    const struct rl_area cells = rl_frame_depth_area(frame);
    int width = cells.x1 - cells.x0, height = cells.y1 - cells.y0;
    double u = (x + 0.5) * width / (search->area.x1 - search->area.x0) - 0.5;
    double v = (y + 0.5) * height / (search->area.y1 - search->area.y0) - 0.5;
    int i = (int)floor(u), j = (int)floor(v);
    float d = 0;
    for (int k = 0; k < 4; k++) {
        float there = map_value(frame->depth, 0, cells.x0 + limit(i + (k & 1), width - 1),
                                cells.y0 + limit(j + (k >> 1), height - 1));
        d = there > d ? there : d;
    }
    d = d > 1 ? 1 : d;
    d += search->film->curve * d * (1 - d);
    int32_t depth = (int32_t)(d * 65535);
    const struct rl_disparity *p = search->disparity;
    int32_t moved = p->offset + ((depth * p->scale + (1 << (p->shift - 1))) >> p->shift);
    return search->sign * moved >> 4;
}

static bool is_inside(const struct search *search, double x, double y)
{
    return x >= 0 && y >= 0 && x <= search->area.x1 - search->area.x0 - 1 &&
           y <= search->area.y1 - search->area.y0 - 1;
}

// True when a frame shows at this place what is as far as `near`, and nothing nearer close by.
static bool is_open(const struct search *search, const struct rl_frame *frame, double x, double y,
                    int near)
{
    if (!is_inside(search, x, y))
        return false;
    for (int k = -1; k <= 1; k++) {
        int there = nearest_at(search, frame, x + k * MARGIN, y);
        if (there > near + search->fill->tolerance || there < near - 2 * search->fill->tolerance)
            return false;
    }
    return true;
}

// The sample of plane `plane` at a place in that plane's samples, four taps across, two down.
static int sample_at(const struct search *search, const AVFrame *picture, int plane, double x,
                     double y)
{
    struct rl_plane p = rl_frame_plane_in(picture, search->first_plane + plane, search->area);
    int whole = (int)floor(x), top = (int)floor(y);
    const int16_t *taps = rl_sample_taps[(int)((x - whole) * 256)];
    double rows[2];
    for (int r = 0; r < 2; r++) {
        const uint8_t *row = rl_plane_row(&p, limit(top + r, p.height - 1));
        double sum = 0;
        for (int k = 0; k < 4; k++) {
            int at = limit(whole - 1 + k, p.width - 1);
            sum += taps[k] *
                   (search->bits > 8 ? ((const uint16_t *)(const void *)row)[at] : row[at]);
        }
        rows[r] = sum / 16384;
    }
    int value = (int)lround(rows[0] + (rows[1] - rows[0]) * (y - top));
    return limit(value, (1 << search->bits) - 1);
}

static int view_sample(const struct rl_fill *fill, int plane, int x, int y)
{
    const struct rl_fill_level *level = &fill->levels[0];
    const uint8_t *row = level->value[plane] + y * level->value_stride[plane];
    return level->wide ? ((const uint16_t *)(const void *)row)[x] : row[x];
}

// Where in the source of `place` a pixel of the view at this depth lies, in the plane's samples.
static void locate(const struct search *search, const struct place *place, int x, int y, int near,
                   double *px, double *py)
{
    *px = x - (double)(search->sign * near) / 16 / (1 << search->shift_x) +
          place->dx / (1 << search->shift_x);
    *py = y + place->dy / (1 << search->shift_y);
}

// The same in luma samples.
static double to_luma(double at, int shift)
{
    return (at + 0.5) * (1 << shift) - 0.5;
}

static bool is_open_in_plane(const struct search *search, const struct place *place, double px,
                             double py, int near)
{
    return is_open(search, place->frame, to_luma(px, search->shift_x), to_luma(py, search->shift_y),
                   near);
}

static int near_of(const struct rl_fill *fill, int x, int y)
{
    return fill->levels[0].near[y * fill->levels[0].stride + x];
}

// Which pixels beside a run show its surface: the seam.
static void look_beside(const struct search *search, struct run *run)
{
    const struct rl_fill_level *level = &search->fill->levels[0];
    run->seen_count = 0;
    for (int k = 1; k <= SEAM; k++) {
        int x = run->first->x + run->outwards * k;
        if (x < 0 || x >= level->width)
            return;
        int near = near_of(search->fill, x, run->first->y);
        if (near == RL_FILL_HOLE || (near & 1) || abs(near - run->near) > search->fill->tolerance)
            return;
        run->seen[run->seen_count++] = x;
    }
}

// By how much the frame's pixels beside the hole differ from the view's, summed up; more than any
// seam may when some of them lie outside.
static int compare(const struct search *search, const struct run *run, const struct place *place)
{
    int total = 0, y = run->first->y;
    for (int k = 0; k < run->seen_count; k++) {
        double px, py;
        int x = run->seen[k], near = near_of(search->fill, x, y);
        locate(search, place, x, y, near, &px, &py);
        if (!is_inside(search, to_luma(px, search->shift_x), to_luma(py, search->shift_y)))
            return INT_MAX;
        for (int plane = 0; plane < search->fill->planes; plane++)
            total += abs(sample_at(search, place->frame->picture, plane, px, py) -
                         view_sample(search->fill, plane, x, y));
    }
    return total;
}

// Motion fields are coarse: the place is moved a little to where the seam fits best. False when it
// does not fit even there.
static bool fit(const struct search *search, const struct run *run, struct place *place)
{
    static const double tries[][2] = {{-1, 0}, {-0.5, 0}, {0.5, 0}, {1, 0}, {0, -0.5}, {0, 0.5}};
    struct place best = *place;
    int least = compare(search, run, place);
    int most = seam_difference * run->seen_count * search->fill->planes << (search->bits - 8);
    for (size_t i = 0; i < sizeof tries / sizeof *tries && least < INT_MAX && least * 4 > most;
         i++) {
        struct place other = {place->frame, place->dx + tries[i][0], place->dy + tries[i][1]};
        int total = compare(search, run, &other);
        if (total < least) {
            least = total;
            best = other;
        }
    }
    *place = best;
    return least <= most;
}

static void put(struct rl_fill *fill, int plane, int x, int y, int value)
{
    struct rl_fill_level *level = &fill->levels[0];
    uint8_t *row = level->value[plane] + y * level->value_stride[plane];
    if (level->wide)
        ((uint16_t *)(void *)row)[x] = (uint16_t)value;
    else
        row[x] = (uint8_t)value;
}

// Takes what the frame shows of the run. Returns how many pixels are still missing.
static int take(const struct search *search, const struct run *run, struct place *place)
{
    struct rl_fill_level *level = &search->fill->levels[0];
    int missing = 0, fitting = -1;
    for (int i = 0; i < run->count; i++) {
        const struct rl_fill_cell *hole = &run->first[i];
        int16_t *near = level->near + hole->y * level->stride + hole->x;
        double px, py;
        if (!(*near & 1))
            continue;
        locate(search, place, hole->x, hole->y, run->near, &px, &py);
        if ((hole->near & ~1) != run->near || !is_open_in_plane(search, place, px, py, run->near) ||
            (fitting < 0 ? (fitting = fit(search, run, place)) : fitting) == 0) {
            missing++;
            continue;
        }
        for (int plane = 0; plane < search->fill->planes; plane++)
            put(search->fill, plane, hole->x, hole->y,
                sample_at(search, place->frame->picture, plane, px, py));
        *near &= ~1;
    }
    return missing;
}

// Follows the surface beside the run one frame further, at the nearest of a few pixels whose motion
// is sure. False when it is lost.
static bool follow(const struct search *search, const struct run *run, struct place *place,
                   const struct rl_frame *next, bool ahead)
{
    static const int anchors[] = {6, 14, 24};  // luma pixels from the run
    const AVFrame *motion = ahead ? place->frame->motion_ahead : place->frame->motion_back;
    const AVFrame *picture = place->frame->picture;
    for (size_t i = 0; i < sizeof anchors / sizeof *anchors && next && motion; i++) {
        int x = run->first->x + run->outwards * (anchors[i] >> search->shift_x);
        double px, py, dx, dy;
        if (x < 0 || x >= search->fill->levels[0].width ||
            abs(near_of(search->fill, x, run->first->y) - run->near) > search->fill->tolerance)
            return false;
        locate(search, place, x, run->first->y, run->near, &px, &py);
        px = to_luma(px, search->shift_x);
        py = to_luma(py, search->shift_y);
        if (!is_inside(search, px, py) || !step(motion, px + search->area.x0, py + search->area.y0,
                                                picture->width, picture->height, &dx, &dy))
            continue;
        *place = (struct place){next, place->dx + dx, place->dy + dy};
        return is_inside(search, px + dx, py + dy);
    }
    return false;
}

static void search_run(const struct search *search, struct run *run)
{
    struct place places[2] = {{search->film->now, 0, 0}, {search->film->now, 0, 0}};
    bool lost[2] = {false, false};
    int missing = run->count;
    look_beside(search, run);
    if (run->seen_count < SEAM_LEAST >> search->shift_x)
        return;
    for (int k = 0; k < RL_FILM_BACK && missing && !(lost[0] && lost[1]); k++)
        for (int ahead = 0; ahead < 2 && missing; ahead++) {
            const struct rl_frame *next = !ahead              ? search->film->back[k]
                                          : k < RL_FILM_AHEAD ? search->film->ahead[k]
                                                              : NULL;
            if (lost[ahead] || !follow(search, run, &places[ahead], next, ahead)) {
                lost[ahead] = true;
                continue;
            }
            missing = take(search, run, &places[ahead]);
        }
}

static bool goes_on(const struct rl_fill_cell *cell, const struct rl_fill_cell *next)
{
    return next->y == cell->y && abs(next->x - cell->x) == 1;
}

// On which side of a run of one pixel its surface lies.
static int outwards_of(const struct search *search, const struct run *run)
{
    int x = run->first->x, width = search->fill->levels[0].width;
    int right = x + 1 < width ? near_of(search->fill, x + 1, run->first->y) : INT16_MAX;
    return abs(right - run->near) <= search->fill->tolerance ? 1 : -1;
}

void rl_film_find(const struct rl_film *film, struct rl_fill *fill, int first_plane, int shift_x,
                  int shift_y, const struct rl_disparity *disparity)
{
    struct rl_fill_level *level = &fill->levels[0];
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(
        (enum AVPixelFormat)film->now->picture->format);
    struct search search = {film,
                            fill,
                            disparity,
                            first_plane,
                            shift_x,
                            shift_y,
                            disparity->scale > 0 ? 1 : -1,
                            desc->comp[0].depth,
                            rl_frame_area(film->now)};
    for (int i = 0; i < level->count;) {
        struct run run = {.first = &level->holes[i], .count = 1};
        while (i + run.count < level->count &&
               goes_on(&run.first[run.count - 1], &run.first[run.count]))
            run.count++;
        run.near = run.first->near & ~1;
        i += run.count;
        run.outwards = run.count > 1 ? run.first[0].x - run.first[1].x : outwards_of(&search, &run);
        search_run(&search, &run);
    }
}
