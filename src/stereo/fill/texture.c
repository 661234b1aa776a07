// SPDX-License-Identifier: MIT
#include "stereo/fill/texture.h"

#include "base/cpu.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    SEAM_LEAST = 8,   // pixels
    SEARCH_ROWS = 8,  // in one of so many rows other offsets are tried, too
    DISTANCES = 3,    // that are tried
    DISTANCE_STEP = 4,
    SLOPE_PX = 24,   // dy at most
    FOLLOWS_PX = 8,  // between the beginnings of two runs that hang together
    RUN_LEAST = 4,   // holes
    UNLIKE = 64,     // of 256: r up to which nothing but grain goes on
};

// A run of holes in one row: `count` cells from `first` on, from its own side inwards.
struct run {
    const struct rl_fill_cell *first;
    int count, outwards;
    struct rl_texture_seam *seam;
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

static int limit(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

static bool is_of(struct rl_texture_surface surface, int near)
{
    return !(near & 1) && near >= surface.low && near <= surface.high;
}

static bool shows(const struct rl_fill *fill, struct rl_texture_surface surface, int x, int y)
{
    const struct rl_fill_level *level = &fill->levels[0];
    return x >= 0 && y >= 0 && x < level->width && y < level->height &&
           is_of(surface, level->near[y * level->stride + x]);
}

static int get(const struct rl_fill *fill, int plane, int x, int y)
{
    return rl_fill_view_get(fill, plane, x, y) >> rl_texture_cut(fill);
}

static void put(const struct rl_fill *fill, int plane, int x, int y, int value)
{
    const int cut = rl_texture_cut(fill);
    rl_fill_view_put(fill, plane, x, y, value << cut | value >> (RL_TEXTURE_BITS - cut));
}

int rl_texture_sample(const struct rl_fill *fill, struct rl_texture_surface surface, int plane,
                      int x, int y)
{
    return shows(fill, surface, x, y) ? get(fill, plane, x, y) : -1;
}

void rl_texture_look(const struct rl_fill *fill, struct rl_texture_seam *seam)
{
    memset(seam->used, 0, sizeof seam->used);
    seam->count = 0;
    for (int row = 0; row < RL_TEXTURE_ROWS; row++)
        for (int k = 0; k < RL_TEXTURE_PIXELS; k += 2) {
            const int i = seam->outwards > 0 ? k : RL_TEXTURE_PIXELS - 1 - k;
            const int x = seam->x + i, y = seam->y + row * seam->step;
            if (!shows(fill, seam->surface, x, y))
                break;
            seam->used[row][i] = -1;
            seam->count++;
            for (int plane = 0; plane < fill->planes; plane++)
                seam->values[plane][row][i] = (int16_t)get(fill, plane, x, y);
        }
}

void rl_texture_measure(const struct rl_fill *fill, const struct rl_texture_seam *seam, int dx,
                        int dy, struct rl_texture_sums *sums)
{
    *sums = (struct rl_texture_sums){0};
    for (int row = 0; row < RL_TEXTURE_ROWS; row++)
        for (int i = 0; i < RL_TEXTURE_PIXELS; i++) {
            const int x = seam->x + i + dx, y = seam->y + row * seam->step + dy;
            if (!seam->used[row][i] || !shows(fill, seam->surface, x, y))
                continue;
            sums->count++;
            for (int plane = 0; plane < fill->planes; plane++) {
                const int v = seam->values[plane][row][i], d = v - get(fill, plane, x, y);
                sums->value[plane] += v;
                sums->difference[plane] += d;
                sums->varies += v * v;
                sums->differs += d * d;
            }
        }
}

int64_t rl_texture_compare(const struct rl_fill *fill, const struct rl_texture_seam *seam, int dx,
                           int dy, int64_t most)
{
    struct rl_texture_sums sums;
    rl_texture_measure(fill, seam, dx, dy, &sums);
    return rl_texture_cost(seam, sums.differs, sums.count, most);
}

static void fit(const struct rl_fill *fill, const struct rl_texture_seam *seam, int dx, int dy,
                int count, struct rl_texture_fit fits[])
{
    struct rl_texture_sums sums;
    for (int k = 0; k < count; k++) {
        rl_texture_measure(fill, seam, dx, dy + k * RL_TEXTURE_SLOPE, &sums);
        fits[k] = (struct rl_texture_fit){sums.differs, sums.count};
    }
}

static int count_surface(const int16_t *near, int count, struct rl_texture_surface surface)
{
    int sum = 0;
    for (int i = 0; i < count; i++)
        sum += is_of(surface, near[i]);
    return sum;
}

static int grain(const struct rl_fill *fill, struct rl_texture_surface surface, int plane, int x,
                 int y)
{
    static const int around[4][2] = {{-1, 0}, {1, 0}, {0, -1}, {0, 1}};
    const int v = get(fill, plane, x, y);
    const int most = RL_TEXTURE_GRAIN << (fill->bits - rl_texture_cut(fill) - 8);
    int sum = 2;
    for (int k = 0; k < 4; k++) {
        const int i = x + around[k][0], j = y + around[k][1];
        sum += shows(fill, surface, i, j) ? get(fill, plane, i, j) : v;
    }
    return limit(v - (sum >> 2), -most, most);
}

void rl_texture_copy(const struct rl_fill *fill, const struct rl_texture_patch *patch)
{
    const int y = patch->y, v = y + patch->dy, weight = patch->weight;
    const int max = (1 << (fill->bits - rl_texture_cut(fill))) - 1;
    for (int x = patch->x; x < patch->x + patch->count; x++) {
        const int u = x + patch->dx;
        if (!shows(fill, patch->surface, u, v))
            continue;
        for (int plane = 0; plane < fill->planes; plane++) {
            const int old = get(fill, plane, x, y);
            const int other = get(fill, plane, u, v) + patch->brighter[plane];
            const int more = weight * (other - old) +
                             (256 - weight) * grain(fill, patch->surface, plane, u, v);
            put(fill, plane, x, y, limit(old + ((more + 128) >> 8), 0, max));
        }
    }
}

#ifdef RL_HAVE_AVX2
void rl_texture_init_avx2(struct rl_texture_fns *fns);
void rl_texture_init_fit_avx2(struct rl_texture_fns *fns);
void rl_texture_init_fit_avx512(struct rl_texture_fns *fns);
#endif

void rl_texture_init(struct rl_texture_fns *fns, unsigned cpu)
{
    *fns = (struct rl_texture_fns){rl_texture_look,    rl_texture_compare, fit,
                                   rl_texture_measure, count_surface,      rl_texture_copy};
    (void)cpu;
#ifdef RL_HAVE_AVX2
    if (cpu & RL_CPU_AVX2) {
        rl_texture_init_avx2(fns);
        rl_texture_init_fit_avx2(fns);
    }
    if (cpu & RL_CPU_AVX512)
        rl_texture_init_fit_avx512(fns);
#endif
}

// Depth may fall off beside a hole, where a soft edge ends.
static struct rl_texture_surface surface_of(const struct rl_fill *fill, const struct run *run)
{
    const int near = run->first->near & ~1, step = fill->tolerance & ~1;
    return (struct rl_texture_surface){(int16_t)(near - 4 * fill->tolerance),
                                       (int16_t)(near + step)};
}

// Rows far apart when the run is long.
static void look_beside(const struct rl_fill *fill, const struct run *run)
{
    const int x = run->first->x, y = run->first->y;
    struct rl_texture_seam *seam = run->seam;
    seam->surface = surface_of(fill, run);
    seam->step = 2 + run->count / 8;
    seam->x = run->outwards > 0 ? x + 1 : x - RL_TEXTURE_PIXELS;
    seam->y = y - RL_TEXTURE_ROWS / 2 * seam->step;
    seam->outwards = run->outwards;
    fill->texture->look(fill, seam);
}

// The leftmost cell.
static int begin_of(const struct run *run)
{
    return run->outwards > 0 ? run->first->x - run->count + 1 : run->first->x;
}

static bool can_give(const struct rl_fill *fill, const struct run *run, int dx, int dy)
{
    const struct rl_fill_level *level = &fill->levels[0];
    const int y = run->first->y + dy, begin = begin_of(run) + dx, end = begin + run->count;
    const int from = limit(begin, 0, level->width), to = limit(end, 0, level->width);
    if (y < 0 || y >= level->height)
        return false;
    const int16_t *near = rl_fill_near_row(fill, y) + from;
    return fill->texture->count(near, to - from, run->seam->surface) * 4 >= run->count * 3;
}

// Keeps an offset that is better, if it can give.
static void keep(const struct rl_fill *fill, const struct run *run, struct offset *best, int dx,
                 int dy, int64_t cost)
{
    if (cost < best->cost && can_give(fill, run, dx, dy))
        *best = (struct offset){dx, dy, cost};
}

static void try(const struct rl_fill *fill, const struct run *run, struct offset *best, int dx,
                int dy)
{
    keep(fill, run, best, dx, dy, fill->texture->compare(fill, run->seam, dx, dy, best->cost));
}

// Offsets beyond the run's own length, which has nothing to give.
static void search(const struct rl_fill *fill, const struct run *run, struct offset *best)
{
    int length = run->count + DISTANCE_STEP, steep = length < SLOPE_PX ? length : SLOPE_PX;
    steep -= steep % RL_TEXTURE_SLOPE;
    for (int i = 0; i < DISTANCES; i++) {
        int far = length + i * length / DISTANCES;
        int dx = run->outwards * (far - far % DISTANCE_STEP),
            count = 2 * steep / RL_TEXTURE_SLOPE + 1;
        struct rl_texture_fit fits[RL_TEXTURE_FITS];
        if (run->seam->x + dx <= -RL_TEXTURE_PIXELS || run->seam->x + dx >= fill->levels[0].width)
            break;
        fill->texture->fit(fill, run->seam, dx, -steep, count, fits);
        for (int k = 0; k < count; k++)
            keep(fill, run, best, dx, k * RL_TEXTURE_SLOPE - steep,
                 rl_texture_cost(run->seam, fits[k].differs, fits[k].count, best->cost));
    }
    int dx = best->dx, dy = best->dy;
    for (int k = 1; k < RL_TEXTURE_SLOPE && best->cost < INT64_MAX; k++) {
        try(fill, run, best, dx, dy - k);
        try(fill, run, best, dx, dy + k);
    }
}

static struct match judge(const struct rl_fill *fill, const struct run *run,
                          const struct offset *offset)
{
    struct match match = {0};
    struct rl_texture_sums sums;
    fill->texture->measure(fill, run->seam, offset->dx, offset->dy, &sums);
    const int64_t count = sums.count;
    int64_t differs = sums.differs * count, varies = sums.varies * count;
    for (int plane = 0; plane < fill->planes; plane++) {
        match.brighter[plane] = sums.difference[plane] / sums.count;
        differs -= (int64_t)sums.difference[plane] * sums.difference[plane];
        varies -= (int64_t)sums.value[plane] * sums.value[plane];
    }
    const int bits = fill->bits - rl_texture_cut(fill);
    const int64_t least = count * count << 2 * (bits - 8);  // a difference of 1 of 255
    const int64_t unlike = 128 * (differs + least) / (varies + least);
    match.alike = unlike < 256 ? 256 - (int)unlike : 0;
    return match;
}

static void copy(const struct rl_fill *fill, const struct run *run, const struct offset *offset,
                 const struct match *match)
{
    const int alike = match->alike < UNLIKE ? 0 : (match->alike - UNLIKE) * 256 / (256 - UNLIKE);
    struct rl_texture_patch patch = {.surface = run->seam->surface,
                                     .x = begin_of(run),
                                     .y = run->first->y,
                                     .count = run->count,
                                     .dx = offset->dx,
                                     .dy = offset->dy,
                                     .weight = alike * alike >> 8};
    memcpy(patch.brighter, match->brighter, sizeof patch.brighter);
    fill->texture->copy(fill, &patch);
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

static void fill_run(const struct rl_fill *fill, const struct run *run)
{
    struct offset best = {0, 0, INT64_MAX};
    int x = run->first->x, y = run->first->y;
    look_beside(fill, run);
    if (run->seam->count < SEAM_LEAST)
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
    struct rl_texture_seam seam;
    memset(fill->above, 0, (size_t)fill->levels[0].blocks * sizeof *fill->above);
    if (!fill->remembers)
        memset(fill->before, 0, rl_fill_before_count(fill) * sizeof *fill->before);
    for (int i = 0, count; i < fill->count; i += count) {
        const struct rl_fill_cell *first = &fill->holes[i];
        count = rl_fill_run(fill, i);
        if (count < RUN_LEAST || is_found(fill, first, count))
            continue;
        struct run run = {first, count, first[0].x - first[1].x, &seam};
        fill_run(fill, &run);
    }
}
