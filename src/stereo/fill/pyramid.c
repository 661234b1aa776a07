// SPDX-License-Identifier: MIT
#include "stereo/fill/pyramid.h"

#include "base/cpu.h"

#include <stdbool.h>
#include <string.h>

enum { BLOCK = RL_FILL_BLOCK, BITS = 12 };  // bits of values in work

const uint16_t rl_pyramid_parts[16] = {RL_PYRAMID_EACH(RL_PYRAMID_PART)};

static int mean(int sum, int count)
{
    int up = sum + (count + 1) / 2;
    up = up > 65535 ? 65535 : up;
    return (int)((uint32_t)up * rl_pyramid_parts[count - 1] >> 16);
}

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

// The value of a cell, which for level 0 is a sample of the view.
static int get(const struct rl_fill *fill, int l, int plane, int x, int y)
{
    const struct rl_fill_level *level = &fill->levels[l];
    if (l)
        return level->work[plane][y * level->stride + x];
    if (x < 0 || y < 0 || x >= level->width || y >= level->height)
        return 0;
    int value = rl_fill_view_get(fill, plane, x, y), up = BITS - fill->bits;
    return up < 0 ? value >> -up : value << up;
}

static void put(const struct rl_fill *fill, int l, int plane, int x, int y, int value)
{
    const struct rl_fill_level *level = &fill->levels[l];
    int down = BITS - fill->bits;
    if (l)
        level->work[plane][y * level->stride + x] = (uint16_t)value;
    else if (down < 0)
        rl_fill_view_put(fill, plane, x, y, value << -down | value >> (BITS + down));
    else
        rl_fill_view_put(fill, plane, x, y,
                         smaller((value + (1 << down >> 1)) >> down, (1 << fill->bits) - 1));
}

static int16_t *near_at(const struct rl_fill *fill, int l, int x, int y)
{
    return fill->levels[l].near + y * fill->levels[l].stride + x;
}

// The depth of a hole that is still to be filled or is filled, else even.
static int deep_at(const struct rl_fill *fill, int l, int x, int y)
{
    const struct rl_fill_level *level = &fill->levels[l];
    return (l ? level->deep : level->near)[y * level->stride + x];
}

static bool is_known(int near)
{
    return near != RL_FILL_HOLE && !(near & 1);
}

// Cell x of row y of level l: returns whether it is a hole.
static bool join(struct rl_fill *fill, int l, int x, int y)
{
    struct rl_fill_level *level = &fill->levels[l];
    int hole = INT16_MAX, known = INT16_MAX, count = 0, apart = 0, sum[RL_FILL_PLANES] = {0};
    for (int k = 0; k < 4; k++) {
        int near = *near_at(fill, l - 1, 2 * x + (k & 1), 2 * y + (k >> 1));
        int deep = deep_at(fill, l - 1, 2 * x + (k & 1), 2 * y + (k >> 1));
        hole = deep & 1 ? smaller(hole, deep) : hole;
        known = is_known(near) ? smaller(known, near) : known;
    }
    int most = smaller((hole < INT16_MAX ? hole : known) + fill->tolerance, INT16_MAX);
    for (int k = 0; k < 4; k++) {
        int near = *near_at(fill, l - 1, 2 * x + (k & 1), 2 * y + (k >> 1));
        if (!is_known(near) || near > most)
            continue;
        count++;
        apart = smaller(apart + near - known, 65535);
        for (int p = 0; p < fill->planes; p++)
            sum[p] += get(fill, l - 1, p, 2 * x + (k & 1), 2 * y + (k >> 1));
    }
    int deep = !count && hole < INT16_MAX ? hole : 0;
    *near_at(fill, l, x, y) = (int16_t)(count ? (known + mean(apart, count)) & ~1 : RL_FILL_HOLE);
    level->deep[y * level->stride + x] = (int16_t)deep;
    for (int p = 0; p < fill->planes; p++)
        put(fill, l, p, x, y, count ? mean(sum[p], count) : 0);
    return deep;
}

int rl_pyramid_join_block(struct rl_fill *fill, int l, int b, int y)
{
    bool any = false;
    for (int k = 0; k < BLOCK; k++)
        any |= join(fill, l, b * BLOCK + k, y);
    return any;
}

static void join_row(struct rl_fill *fill, int l, int y)
{
    const int blocks = fill->levels[l].blocks, words = fill->levels[l].words;
    const uint64_t *needs = fill->levels[l].needs + y * words;
    uint64_t *marks = fill->levels[l].marks + y * words;
    for (int b = rl_fill_next(needs, 0, words); b < blocks; b = rl_fill_next(needs, b + 1, words))
        if (rl_pyramid_join_block(fill, l, b, y))
            rl_fill_mark(marks, b);
}

static bool can_use(int there, int near, int tolerance)
{
    return there != RL_FILL_HOLE && there <= near + tolerance &&
           (!(there & 1) || there >= near - tolerance);
}

static void guess(struct rl_fill *fill, int l, int x, int y)
{
    static const int weights[4] = {9, 3, 3, 1};
    int near = deep_at(fill, l, x, y), count = 0, sum[RL_FILL_PLANES] = {0};
    if (!(near & 1))
        return;
    for (int k = 0; k < 4; k++) {
        int i = (x >> 1) + (k & 1 ? (x & 1 ? 1 : -1) : 0);
        int j = (y >> 1) + (k & 2 ? (y & 1 ? 1 : -1) : 0);
        if (!can_use(*near_at(fill, l + 1, i, j), near, fill->tolerance))
            continue;
        count += weights[k];
        for (int p = 0; p < fill->planes; p++)
            sum[p] += weights[k] * get(fill, l + 1, p, i, j);
    }
    *near_at(fill, l, x, y) = (int16_t)(count ? near : RL_FILL_HOLE);
    for (int p = 0; p < fill->planes && count; p++)
        put(fill, l, p, x, y, mean(sum[p], count));
}

void rl_pyramid_guess_block(struct rl_fill *fill, int l, int b, int y)
{
    for (int k = 0; k < BLOCK; k++)
        guess(fill, l, b * BLOCK + k, y);
}

static void guess_row(struct rl_fill *fill, int l, int y)
{
    const int blocks = fill->levels[l].blocks, words = fill->levels[l].words;
    const uint64_t *marks = fill->levels[l].marks + y * words;
    for (int b = rl_fill_next(marks, 0, words); b < blocks; b = rl_fill_next(marks, b + 1, words))
        rl_pyramid_guess_block(fill, l, b, y);
}

// What the cell becomes; false when it stays as it is.
static bool relax(const struct rl_fill *fill, int l, int x, int y, int values[RL_FILL_PLANES])
{
    static const int beside[4][2] = {{-1, 0}, {1, 0}, {0, -1}, {0, 1}};
    int near = deep_at(fill, l, x, y), count = 0, sum[RL_FILL_PLANES] = {0};
    if (!(near & 1))
        return false;
    for (int k = 0; k < 4; k++) {
        int i = x + beside[k][0], j = y + beside[k][1];
        if (!can_use(*near_at(fill, l, i, j), near, fill->tolerance))
            continue;
        count++;
        for (int p = 0; p < fill->planes; p++)
            sum[p] += get(fill, l, p, i, j);
    }
    for (int p = 0; p < fill->planes && count; p++)
        values[p] = mean(sum[p], count);
    return count;
}

void rl_pyramid_relax_block(struct rl_fill *fill, int l, int b, int y)
{
    int values[BLOCK][RL_FILL_PLANES];
    bool becomes[BLOCK];
    for (int k = 0; k < BLOCK; k++)
        becomes[k] = relax(fill, l, b * BLOCK + k, y, values[k]);
    for (int k = 0; k < BLOCK; k++) {
        int x = b * BLOCK + k;
        if (!becomes[k])
            continue;
        *near_at(fill, l, x, y) = (int16_t)deep_at(fill, l, x, y);
        for (int p = 0; p < fill->planes; p++)
            put(fill, l, p, x, y, values[k][p]);
    }
}

static void relax_row(struct rl_fill *fill, int l, int y, int backwards)
{
    const int blocks = fill->levels[l].blocks, words = fill->levels[l].words;
    const uint64_t *marks = fill->levels[l].marks + y * words;
    if (backwards)
        for (int b = rl_fill_last(marks, blocks - 1); b >= 0; b = rl_fill_last(marks, b - 1))
            rl_pyramid_relax_block(fill, l, b, y);
    else
        for (int b = rl_fill_next(marks, 0, words); b < blocks;
             b = rl_fill_next(marks, b + 1, words))
            rl_pyramid_relax_block(fill, l, b, y);
}

// What is no longer needed becomes holes that stay.
static void forget(struct rl_fill_level *level, int b, int y)
{
    const ptrdiff_t at = y * level->stride + b * BLOCK;
    memset(level->near + at, 0x80, BLOCK * sizeof *level->near);
    memset(level->deep + at, 0, BLOCK * sizeof *level->deep);
}

// Every second bit, beginning with the first, in the lower half.
static uint64_t evens(uint64_t bits)
{
    bits &= 0x5555555555555555;
    bits = (bits | bits >> 1) & 0x3333333333333333;
    bits = (bits | bits >> 2) & 0x0f0f0f0f0f0f0f0f;
    bits = (bits | bits >> 4) & 0x00ff00ff00ff00ff;
    bits = (bits | bits >> 8) & 0x0000ffff0000ffff;
    return (bits | bits >> 16) & 0x00000000ffffffff;
}

// Of 128 blocks of the level below, those that have holes in the rows around.
struct around {
    uint64_t even, odd;
};

static struct around look_around(const struct rl_fill_level *below, int i, int y)
{
    enum { AROUND = 1 };
    const int begin = 2 * (y - AROUND), end = 2 * (y + AROUND + 1);
    uint64_t low = 0, high = 0;
    for (int row = begin > 0 ? begin : 0; row < end && row < below->height; row++) {
        const uint64_t *marks = below->marks + row * below->words;
        low |= 2 * i < below->words ? marks[2 * i] : 0;
        high |= 2 * i + 1 < below->words ? marks[2 * i + 1] : 0;
    }
    return (struct around){evens(low) | evens(high) << 32, evens(low >> 1) | evens(high >> 1)
                                                                                 << 32};
}

// Blocks of level l within a row and some cells of one of level l - 1 that has holes. A bit may
// be set behind the last block, where the border is.
static void find_needs(struct rl_fill *fill, int l, int y)
{
    const struct rl_fill_level *below = &fill->levels[l - 1];
    struct rl_fill_level *level = &fill->levels[l];
    uint64_t *needs = level->needs + y * level->words, before = 0;
    struct around now = look_around(below, 0, y);
    for (int i = 0; i < level->words; i++) {
        const struct around next = look_around(below, i + 1, y);
        const uint64_t old = needs[i];
        needs[i] = now.even | now.odd | now.even >> 1 | next.even << 63 | now.odd << 1 | before;
        const uint64_t gone = old & ~needs[i];
        for (int b = rl_fill_next(&gone, 0, 1); b < 64; b = rl_fill_next(&gone, b + 1, 1))
            forget(level, 64 * i + b, y);
        before = now.odd >> 63;
        now = next;
    }
}

static void build(struct rl_fill *fill, int l)
{
    struct rl_fill_level *level = &fill->levels[l];
    memset(level->marks, 0, (size_t)level->words * (size_t)level->height * sizeof *level->marks);
    for (int y = 0; y < level->height; y++) {
        find_needs(fill, l, y);
        fill->pyramid->join_row(fill, l, y);
    }
}

static void fill_level(struct rl_fill *fill, int l)
{
    enum { SWEEPS = 2 };
    int height = fill->levels[l].height;
    for (int y = 0; y < height && l < RL_FILL_LEVELS; y++)
        fill->pyramid->guess_row(fill, l, y);
    for (int sweep = 0; sweep < SWEEPS; sweep++)
        for (int y = 0; y < height; y++)
            fill->pyramid->relax_row(fill, l, sweep % 2 ? height - 1 - y : y, sweep % 2);
}

// The holes of a row from `i` on that nothing above can fill take the pixel beside them, from their
// own side on. Returns where the next row begins.
static int close_open(struct rl_fill *fill, int i, int y)
{
    for (; i < fill->count && fill->holes[i].y == y; i++) {
        const struct rl_fill_cell *hole = &fill->holes[i];
        int16_t *near = near_at(fill, 0, hole->x, y);
        if (*near != RL_FILL_HOLE)
            continue;
        bool rightwards = (i > 0 && hole[-1].x + 1 == hole->x && hole[-1].y == y) ||
                          (i + 1 < fill->count && hole[1].x == hole->x + 1 && hole[1].y == y);
        int from = rightwards ? hole->x - 1 : hole->x + 1;
        *near = hole->near;
        for (int p = 0; p < fill->planes && from >= 0 && from < fill->levels[0].width; p++)
            put(fill, 0, p, hole->x, y, get(fill, 0, p, from, y));
    }
    return i;
}

// Level 0 in one go: a row is relaxed once when those around it are guessed.
static void fill_view(struct rl_fill *fill)
{
    int height = fill->levels[0].height, next = 0;
    for (int y = 0; y <= height; y++) {
        if (y < height) {
            fill->pyramid->guess_row(fill, 0, y);
            next = close_open(fill, next, y);
        }
        if (y > 0)
            fill->pyramid->relax_row(fill, 0, y - 1, 0);
    }
}

void rl_pyramid_fill(struct rl_fill *fill)
{
    for (int l = 1; l <= RL_FILL_LEVELS; l++)
        build(fill, l);
    for (int l = RL_FILL_LEVELS; l > 0; l--)
        fill_level(fill, l);
    fill_view(fill);
}

#ifdef RL_HAVE_AVX2
void rl_pyramid_init_avx2(struct rl_pyramid_fns *fns);
void rl_pyramid_init_avx512(struct rl_pyramid_fns *fns);
#endif

void rl_pyramid_init(struct rl_pyramid_fns *fns, unsigned cpu)
{
    *fns = (struct rl_pyramid_fns){join_row, guess_row, relax_row};
    (void)cpu;
#ifdef RL_HAVE_AVX2
    if (cpu & RL_CPU_AVX2)
        rl_pyramid_init_avx2(fns);
    if (cpu & RL_CPU_AVX512)
        rl_pyramid_init_avx512(fns);
#endif
}
