// SPDX-License-Identifier: MIT
#include "stereo/fill/pyramid.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>

enum { EXTRA_BITS = 4 };  // of values above level 0, where samples have 8

static inline int get(const struct rl_fill_level *level, int plane, int x, int y)
{
    const uint8_t *row = level->value[plane] + y * level->value_stride[plane];
    return level->wide ? ((const uint16_t *)(const void *)row)[x] : row[x];
}

static inline void put(const struct rl_fill_level *level, int plane, int x, int y, int value)
{
    uint8_t *row = level->value[plane] + y * level->value_stride[plane];
    if (level->wide)
        ((uint16_t *)(void *)row)[x] = (uint16_t)value;
    else
        row[x] = (uint8_t)value;
}

// sum / count, rounded, for counts up to 16: one multiplication is faster than a division.
static inline int mean(int sum, int count)
{
#define PART(n) (((1 << 24) + (n)-1) / (n))
    static const uint32_t parts[17] = {0,        PART(1),  PART(2),  PART(3),  PART(4),  PART(5),
                                       PART(6),  PART(7),  PART(8),  PART(9),  PART(10), PART(11),
                                       PART(12), PART(13), PART(14), PART(15), PART(16)};
#undef PART
    return (int)((uint64_t)(uint32_t)(sum + count / 2) * parts[count] >> 24);
}

static inline int16_t *near_at(const struct rl_fill_level *level, int x, int y)
{
    return level->near + y * level->stride + x;
}

// Four cells of the level below; those outside are its last ones once more.
struct four {
    int x[4], y[4], near[4];
};

static void look(struct four *four, const struct rl_fill_level *below, int x, int y)
{
    int right = 2 * x + 1 < below->width ? 1 : 0, down = 2 * y + 1 < below->height ? 1 : 0;
    for (int k = 0; k < 4; k++) {
        four->x[k] = 2 * x + ((k & 1) & right);
        four->y[k] = 2 * y + ((k >> 1) & down);
        four->near[k] = *near_at(below, four->x[k], four->y[k]);
    }
}

// The farthest hole of the four in *hole, the farthest known one in *known; INT_MAX without one.
static void find_farthest(const struct four *four, int *hole, int *known)
{
    *hole = *known = INT_MAX;
    for (int k = 0; k < 4; k++) {
        int *low = four->near[k] & 1 ? hole : known;
        if (four->near[k] != RL_FILL_HOLE && four->near[k] < *low)
            *low = four->near[k];
    }
}

// Known when any of the four may be seen, else a hole, or nothing when there is nothing below.
static void join(struct rl_fill *fill, int l, int x, int y)
{
    const struct rl_fill_level *below = &fill->levels[l - 1];
    struct rl_fill_level *level = &fill->levels[l];
    struct four four;
    int hole, known, count = 0, depth = 0, sum[RL_FILL_PLANES] = {0};
    look(&four, below, x, y);
    find_farthest(&four, &hole, &known);
    if (hole == INT_MAX && known == INT_MAX)
        return;
    int most = (hole < INT_MAX ? hole : known) + fill->tolerance;
    for (int k = 0; k < 4; k++) {
        if ((four.near[k] & 1) || four.near[k] == RL_FILL_HOLE || four.near[k] > most)
            continue;
        count++;
        depth += four.near[k];
        for (int p = 0; p < fill->planes; p++)
            sum[p] += get(below, p, four.x[k], four.y[k]);
    }
    *near_at(level, x, y) = (int16_t)(count ? depth / count & ~1 : hole);
    for (int p = 0; p < fill->planes && count; p++)
        put(level, p, x, y, ((sum[p] << (below->wide ? 0 : EXTRA_BITS)) + count / 2) / count);
    if (!count)
        level->holes[level->count++] = (struct rl_fill_cell){(uint16_t)x, (uint16_t)y,
                                                             (int16_t)hole};
}

// The same where all four are known and on one surface, as most are. False, and nothing done, where
// they are not.
static bool join_surface(struct rl_fill *fill, int l, int x, int y)
{
    const struct rl_fill_level *below = &fill->levels[l - 1];
    struct rl_fill_level *level = &fill->levels[l];
    const int16_t *near = near_at(below, 2 * x, 2 * y), *next = near + below->stride;
    int a = near[0] < near[1] ? near[0] : near[1], b = near[0] < near[1] ? near[1] : near[0];
    int c = next[0] < next[1] ? next[0] : next[1], d = next[0] < next[1] ? next[1] : next[0];
    int low = a < c ? a : c, high = b > d ? b : d;
    if (((near[0] | near[1] | next[0] | next[1]) & 1) || low == RL_FILL_HOLE ||
        high - low > fill->tolerance)
        return false;
    *near_at(level, x, y) = (int16_t)((near[0] + near[1] + next[0] + next[1]) / 4 & ~1);
    for (int p = 0; p < fill->planes; p++) {
        int sum = get(below, p, 2 * x, 2 * y) + get(below, p, 2 * x + 1, 2 * y) +
                  get(below, p, 2 * x, 2 * y + 1) + get(below, p, 2 * x + 1, 2 * y + 1);
        put(level, p, x, y, ((sum << (below->wide ? 0 : EXTRA_BITS)) + 2) / 4);
    }
    return true;
}

static void join_area(struct rl_fill *fill, int l, int x0, int y0, int width, int height)
{
    const struct rl_fill_level *level = &fill->levels[l];
    int x1 = x0 + width < level->width ? x0 + width : level->width;
    int y1 = y0 + height < level->height ? y0 + height : level->height;
    for (int y = y0; y < y1; y++)
        for (int x = x0; x < x1; x++)
            if (!join_surface(fill, l, x, y))
                join(fill, l, x, y);
}

// Levels whose cells are smaller than tiles are made tile by tile.
static void build(struct rl_fill *fill, int l)
{
    struct rl_fill_level *level = &fill->levels[l];
    int size = RL_FILL_TILE >> l;
    level->count = 0;
    for (int y = 0; y < level->height; y++)
        memset(near_at(level, 0, y), 0x80, (size_t)level->width * sizeof *level->near);
    if (!size) {
        join_area(fill, l, 0, 0, level->width, level->height);
        return;
    }
    for (int t = 0; t < fill->tiles_x * fill->tiles_y; t++)
        if (fill->tiles[t])
            join_area(fill, l, t % fill->tiles_x * size, t / fill->tiles_x * size, size, size);
}

// What a cell weighs for a hole: nothing when it is nearer, or a hole of another depth, or empty.
static inline int use(int there, int near, int tolerance)
{
    return there != RL_FILL_HOLE && there <= near + tolerance &&
           (!(there & 1) || there >= near - tolerance);
}

// First guess for a hole: the four cells above it, weighted by how they lie. False when none of
// them can be used.
static bool guess(const struct rl_fill *fill, int l, const struct rl_fill_cell *hole)
{
    static const int parts[4] = {1, 3, 3, 9};
    const struct rl_fill_level *above = &fill->levels[l + 1], *level = &fill->levels[l];
    int left = (hole->x + 1) / 2 - 1, top = (hole->y + 1) / 2 - 1, weights[4], sum = 0;
    const int16_t *near = near_at(above, left, top);
    for (int k = 0; k < 4; k++) {
        int part = parts[((k & 1) ^ (hole->x & 1)) + 2 * ((k >> 1) ^ (hole->y & 1))];
        int there = near[(k & 1) + (k >> 1) * above->stride];
        weights[k] = use(there, hole->near, fill->tolerance) ? part : 0;
        sum += weights[k];
    }
    for (int p = 0; p < fill->planes && sum; p++) {
        int value = 0;
        for (int k = 0; k < 4; k++)
            if (weights[k])
                value += weights[k] * get(above, p, left + (k & 1), top + (k >> 1));
        value = mean(value, sum);
        put(level, p, hole->x, hole->y, level->wide ? value : (value + 8) >> EXTRA_BITS);
    }
    return sum;
}

// Towards the mean of the four neighbours. False when none of them can be used.
static bool relax(const struct rl_fill *fill, int l, const struct rl_fill_cell *hole)
{
    const struct rl_fill_level *level = &fill->levels[l];
    const int16_t *near = near_at(level, hole->x, hole->y);
    int left = use(near[-1], hole->near, fill->tolerance);
    int right = use(near[1], hole->near, fill->tolerance);
    int up = use(near[-level->stride], hole->near, fill->tolerance);
    int down = use(near[level->stride], hole->near, fill->tolerance);
    int count = left + right + up + down, x = hole->x, y = hole->y;
    for (int p = 0; p < fill->planes && count; p++) {
        int sum = (left ? get(level, p, x - 1, y) : 0) + (right ? get(level, p, x + 1, y) : 0) +
                  (up ? get(level, p, x, y - 1) : 0) + (down ? get(level, p, x, y + 1) : 0);
        put(level, p, x, y, mean(sum, count));
    }
    return count;
}

// A hole that nothing above can fill takes the pixel beside it in its own row, from its own side.
static void copy_neighbour(struct rl_fill *fill, int i)
{
    const struct rl_fill_level *level = &fill->levels[0];
    const struct rl_fill_cell *hole = &level->holes[i];
    bool rightwards = (i > 0 && hole[-1].x + 1 == hole->x && hole[-1].y == hole->y) ||
                      (i + 1 < level->count && hole[1].x == hole->x + 1 && hole[1].y == hole->y);
    int from = rightwards ? hole->x - 1 : hole->x + 1;
    if (from < 0 || from >= level->width)
        return;
    for (int p = 0; p < fill->planes; p++)
        put(level, p, hole->x, hole->y, get(level, p, from, hole->y));
}

static void guess_all(struct rl_fill *fill, int l)
{
    const struct rl_fill_level *level = &fill->levels[l];
    for (int i = 0; i < level->count; i++) {
        const struct rl_fill_cell *hole = &level->holes[i];
        if (!(*near_at(level, hole->x, hole->y) & 1))
            continue;  // found elsewhere
        bool found = l < RL_FILL_LEVELS && guess(fill, l, hole);
        if (!found && l)
            *near_at(level, hole->x, hole->y) = RL_FILL_HOLE;
        else if (!found)
            copy_neighbour(fill, i);
    }
}

static void relax_all(struct rl_fill *fill, int l, int sweeps)
{
    const struct rl_fill_level *level = &fill->levels[l];
    for (int sweep = 0; sweep < sweeps; sweep++)
        for (int i = 0; i < level->count; i++) {
            const struct rl_fill_cell *hole = &level->holes[sweep % 2 ? level->count - 1 - i : i];
            int near = *near_at(level, hole->x, hole->y);
            bool open = (near & 1) || near == RL_FILL_HOLE;
            if (open && relax(fill, l, hole))
                *near_at(level, hole->x, hole->y) = hole->near;
        }
}

void rl_pyramid_fill(struct rl_fill *fill)
{
    for (int l = 1; l <= RL_FILL_LEVELS; l++)
        build(fill, l);
    for (int l = RL_FILL_LEVELS; l >= 0; l--) {
        guess_all(fill, l);
        relax_all(fill, l, l ? 2 : 1);
    }
}
