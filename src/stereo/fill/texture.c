// SPDX-License-Identifier: MIT
#include "stereo/fill/texture.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    SEAM_ROWS = 3,    // above and below that are compared, far apart when the run is long
    SEAM_PIXELS = 8,  // of a row; every second is compared
    SEAM_MOST = (2 * SEAM_ROWS + 1) * SEAM_PIXELS / 2,
    SEAM_LEAST = 8,
    SEARCH_ROWS = 8,  // in one of so many rows other offsets are tried, too
    DISTANCES = 3,    // that are tried
    DISTANCE_STEP = 4,
    SLOPE_STEP = 2,
    SLOPE_PX = 24,   // dy at most
    FOLLOWS_PX = 8,  // between the beginnings of two runs that hang together
    GRAIN = 4,       // of 255
    RUN_LEAST = 4,   // holes
    UNLIKE = 64,     // of 256: r up to which nothing but grain goes on
};

struct point {
    int x, y;
};

// A run of holes in one row: `count` cells from `first` on, from its own side inwards.
struct run {
    const struct rl_fill_cell *first;
    int count, outwards, near;
    struct point seam[SEAM_MOST];
    int seam_count;
};

// Where a run's pixels come from.
struct offset {
    int dx, dy;
    int64_t cost;  // of its seam; INT64_MAX: none
};

// What a seam says of an offset.
struct match {
    int alike;                     // r, of 256
    int brighter[RL_FILL_PLANES];  // c
};

// Depth may fall off beside a hole, where a soft edge ends.
static bool shows(const struct rl_fill *fill, int x, int y, int near)
{
    const struct rl_fill_level *level = &fill->levels[0];
    if (x < 0 || y < 0 || x >= level->width || y >= level->height)
        return false;
    int there = level->near[y * level->stride + x];
    return !(there & 1) && there <= near + fill->tolerance && there >= near - 4 * fill->tolerance;
}

static void look_beside(const struct rl_fill *fill, struct run *run)
{
    run->seam_count = 0;
    int step = 2 + run->count / 8;
    for (int dy = -SEAM_ROWS * step; dy <= SEAM_ROWS * step; dy += step)
        for (int k = 1; k <= SEAM_PIXELS; k += 2) {
            struct point p = {run->first->x + run->outwards * k, run->first->y + dy};
            if (!shows(fill, p.x, p.y, run->near))
                break;
            run->seam[run->seam_count++] = p;
        }
}

// By how much the seam differs there, a square for each pixel and plane; INT64_MAX when that is
// `most` or more, or much of it is not there.
static int64_t compare(const struct rl_fill *fill, const struct run *run, int dx, int dy,
                       int64_t most)
{
    int64_t sum = 0;
    int count = 0;
    for (int i = 0; i < run->seam_count; i++) {
        const struct point *p = &run->seam[i];
        if (!shows(fill, p->x + dx, p->y + dy, run->near))
            continue;
        count++;
        for (int plane = 0; plane < fill->planes; plane++) {
            int64_t d = rl_fill_view_get(fill, plane, p->x, p->y) -
                        rl_fill_view_get(fill, plane, p->x + dx, p->y + dy);
            sum += d * d;
        }
        if (sum >= most)
            return INT64_MAX;
    }
    sum = count ? sum * run->seam_count / count : 0;
    return count * 4 >= run->seam_count * 3 && sum < most ? sum : INT64_MAX;
}

static bool can_give(const struct rl_fill *fill, const struct run *run, int dx, int dy)
{
    int count = 0;
    for (int i = 0; i < run->count; i++)
        count += shows(fill, run->first[i].x + dx, run->first[i].y + dy, run->near);
    return count * 4 >= run->count * 3;
}

static void try(const struct rl_fill *fill, const struct run *run, struct offset *best, int dx,
                int dy)
{
    int64_t cost = compare(fill, run, dx, dy, best->cost);
    if (cost < best->cost && can_give(fill, run, dx, dy))
        *best = (struct offset){dx, dy, cost};
}

// Offsets beyond the run's own length, which has nothing to give.
static void search(const struct rl_fill *fill, const struct run *run, struct offset *best)
{
    int length = run->count + DISTANCE_STEP,
        steep = (length < SLOPE_PX ? length : SLOPE_PX) / SLOPE_STEP * SLOPE_STEP;
    for (int i = 0; i < DISTANCES; i++) {
        int far = length + i * length / DISTANCES;
        int dx = run->outwards * (far - far % DISTANCE_STEP);
        for (int dy = -steep; dy <= steep; dy += SLOPE_STEP)
            try(fill, run, best, dx, dy);
    }
    int dx = best->dx, dy = best->dy;
    for (int k = 1; k < SLOPE_STEP && best->cost < INT64_MAX; k++) {
        try(fill, run, best, dx, dy - k);
        try(fill, run, best, dx, dy + k);
    }
}

static struct match judge(const struct rl_fill *fill, const struct run *run,
                          const struct offset *offset)
{
    struct match match = {0};
    int64_t differs = 0, varies = 0, count = 0;
    int64_t sum[RL_FILL_PLANES][2] = {{0}};  // of differences, of samples
    for (int i = 0; i < run->seam_count; i++) {
        const struct point *p = &run->seam[i];
        if (!shows(fill, p->x + offset->dx, p->y + offset->dy, run->near))
            continue;
        count++;
        for (int plane = 0; plane < fill->planes; plane++) {
            int64_t v = rl_fill_view_get(fill, plane, p->x, p->y);
            int64_t d = v - rl_fill_view_get(fill, plane, p->x + offset->dx, p->y + offset->dy);
            sum[plane][0] += d;
            sum[plane][1] += v;
            differs += d * d;
            varies += v * v;
        }
    }
    differs *= count;
    varies *= count;
    for (int plane = 0; plane < fill->planes; plane++) {
        match.brighter[plane] = (int)(sum[plane][0] / count);
        differs -= sum[plane][0] * sum[plane][0];
        varies -= sum[plane][1] * sum[plane][1];
    }
    int64_t least = count * count << 2 * (fill->bits - 8);  // a difference of 1 of 255
    int64_t unlike = 128 * (differs + least) / (varies + least);
    match.alike = unlike < 256 ? 256 - (int)unlike : 0;
    return match;
}

static int limit(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

static int grain(const struct rl_fill *fill, int plane, int x, int y, int near)
{
    static const int around[4][2] = {{-1, 0}, {1, 0}, {0, -1}, {0, 1}};
    int v = rl_fill_view_get(fill, plane, x, y), sum = 2, most = GRAIN << (fill->bits - 8);
    for (int k = 0; k < 4; k++) {
        int i = x + around[k][0], j = y + around[k][1];
        sum += shows(fill, i, j, near) ? rl_fill_view_get(fill, plane, i, j) : v;
    }
    return limit(v - (sum >> 2), -most, most);
}

static void copy(const struct rl_fill *fill, const struct run *run, const struct offset *offset,
                 const struct match *match)
{
    int alike = match->alike < UNLIKE ? 0 : (match->alike - UNLIKE) * 256 / (256 - UNLIKE);
    int weight = alike * alike >> 8, max = (1 << fill->bits) - 1;
    for (int i = 0; i < run->count; i++) {
        int x = run->first[i].x, y = run->first[i].y, u = x + offset->dx, v = y + offset->dy;
        if (!shows(fill, u, v, run->near))
            continue;
        for (int plane = 0; plane < fill->planes; plane++) {
            int old = rl_fill_view_get(fill, plane, x, y);
            int other = rl_fill_view_get(fill, plane, u, v) + match->brighter[plane];
            int more = weight * (other - old) +
                       (256 - weight) * grain(fill, plane, u, v, run->near);
            rl_fill_view_put(fill, plane, x, y, limit(old + ((more + 128) >> 8), 0, max));
        }
    }
}

// The run that this one goes on from, of those above; NULL when there is none.
static const struct rl_fill_offset *find_above(const struct rl_fill *fill, const struct run *run)
{
    int blocks = fill->levels[0].blocks, b = run->first->x / RL_FILL_BLOCK;
    for (int i = b > 0 ? b - 1 : 0; i <= b + 1 && i < blocks; i++) {
        const struct rl_fill_offset *above = &fill->above[i];
        int down = run->first->y - above->y;
        if (above->dx * run->outwards > 0 && down > 0 && down <= 2 &&
            abs(run->first->x - above->x) < FOLLOWS_PX)
            return above;
    }
    return NULL;
}

static struct rl_fill_offset *before_at(const struct rl_fill *fill, int x, int y)
{
    return &fill->before[y / RL_FILL_BLOCK * fill->levels[0].blocks + x / RL_FILL_BLOCK];
}

static void fill_run(const struct rl_fill *fill, struct run *run)
{
    struct offset best = {0, 0, INT64_MAX};
    int x = run->first->x, y = run->first->y;
    look_beside(fill, run);
    if (run->seam_count < SEAM_LEAST)
        return;
    const struct rl_fill_offset *above = find_above(fill, run), *before = before_at(fill, x, y);
    if (before->dx * run->outwards > 0)
        try(fill, run, &best, before->dx, before->dy);
    if (above)
        try(fill, run, &best, above->dx, above->dy);
    if (best.cost < INT64_MAX)
        best.cost -= best.cost / 4;
    if (best.cost == INT64_MAX || y % SEARCH_ROWS == 0)
        search(fill, run, &best);
    if (best.cost == INT64_MAX)
        return;
    struct match match = judge(fill, run, &best);
    if (above)
        match.alike = above->alike + (match.alike - above->alike) / 4;
    copy(fill, run, &best, &match);
    fill->above[x / RL_FILL_BLOCK] = (struct rl_fill_offset){
        (int16_t)best.dx, (int16_t)best.dy, (int16_t)match.alike, (uint16_t)x, (uint16_t)y};
    *before_at(fill, x, y) = fill->above[x / RL_FILL_BLOCK];
}

// Part of a run was found in other frames: the membrane between that and the seam is better.
static bool is_found(const struct rl_fill *fill, const struct rl_fill_cell *first, int count)
{
    const struct rl_fill_level *level = &fill->levels[0];
    for (int i = 0; i < count; i++)
        if (!(level->near[first[i].y * level->stride + first[i].x] & 1))
            return true;
    return false;
}

void rl_texture_fill(struct rl_fill *fill)
{
    memset(fill->above, 0, (size_t)fill->levels[0].blocks * sizeof *fill->above);
    if (!fill->remembers)
        memset(fill->before, 0, rl_fill_before_count(fill) * sizeof *fill->before);
    for (int i = 0, count; i < fill->count; i += count) {
        const struct rl_fill_cell *first = &fill->holes[i];
        count = rl_fill_run(fill, i);
        if (count < RUN_LEAST || is_found(fill, first, count))
            continue;
        struct run run = {first, count, first[0].x - first[1].x, first->near & ~1, {{0}}, 0};
        fill_run(fill, &run);
    }
}
