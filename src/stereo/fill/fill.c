// SPDX-License-Identifier: MIT
#include "stereo/fill/fill.h"

#include "stereo/fill/pyramid.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { REACH = 30 };  // rows at most that a pixel looks up and down for its surface

static size_t rounded(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

void rl_fill_forget(struct rl_fill_level *level)
{
    size_t count = (size_t)level->stride * ((size_t)level->height + 2);
    memset(level->near, 0x80, count * sizeof *level->near);
}

static int halves(int size, int level)
{
    return (size + (1 << level) - 1) >> level;
}

// Hands out the memory, or only counts when `memory` is NULL.
static void *take(uint8_t *memory, size_t *used, size_t bytes)
{
    void *part = memory ? memory + *used : NULL;
    *used += rounded(bytes);
    return part;
}

static size_t lay_out(struct rl_fill *fill, uint8_t *memory, int width, int height, int planes)
{
    size_t used = 0;
    *fill = (struct rl_fill){.planes = planes,
                             .tiles_x = (width + RL_FILL_TILE - 1) / RL_FILL_TILE,
                             .tiles_y = (height + RL_FILL_TILE - 1) / RL_FILL_TILE};
    for (int i = 0; i <= RL_FILL_LEVELS; i++) {
        struct rl_fill_level *level = &fill->levels[i];
        level->width = halves(width, i);
        level->height = halves(height, i);
        level->stride = level->width + 2;
        level->wide = 1;
        size_t count = (size_t)level->width * (size_t)level->height;
        size_t bordered = (size_t)level->stride * ((size_t)level->height + 2);
        level->near = take(memory, &used, bordered * sizeof *level->near);
        level->holes = take(memory, &used, count * sizeof *level->holes);
        for (int k = 0; k < planes && i; k++) {
            level->value[k] = take(memory, &used, count * sizeof(uint16_t));
            level->value_stride[k] = level->width * (ptrdiff_t)sizeof(uint16_t);
        }
    }
    fill->tiles = take(memory, &used, (size_t)fill->tiles_x * (size_t)fill->tiles_y);
    return used;
}

size_t rl_fill_size(int width, int height, int planes)
{
    struct rl_fill fill;
    return lay_out(&fill, NULL, width, height, planes);
}

void rl_fill_init(struct rl_fill *fill, void *memory, int width, int height, int planes)
{
    lay_out(fill, memory, width, height, planes);
    for (int i = 0; i <= RL_FILL_LEVELS; i++) {
        struct rl_fill_level *level = &fill->levels[i];
        rl_fill_forget(level);
        level->near += level->stride + 1;
    }
}

int16_t *rl_fill_near_row(const struct rl_fill *fill, int y)
{
    return fill->levels[0].near + y * fill->levels[0].stride;
}

// The holes [begin, end), mixed pixels included; they belong to the right (side 1) or left (-1).
struct run {
    int begin, end, side, near;
};

// How many pixels from `edge` on, going `step`, show the surface `near`; up to `most`.
static int count_surface(const struct rl_fill *fill, const int16_t *row, int edge, int step,
                         int near, int most)
{
    int count = 0;
    for (int x = edge; x >= 0 && x < fill->levels[0].width && count < most; x += step) {
        if (row[x] == RL_FILL_HOLE || (row[x] & 1) || row[x] > near + fill->tolerance)
            break;
        count++;
    }
    return count;
}

static struct run look(const struct rl_fill *fill, const int16_t *near, int width, int begin,
                       int end)
{
    int most = begin > 0 && end < width ? fill->mixed : 0;  // at the border is no near thing
    int far = begin == 0 ? near[end] : near[begin - 1];
    far = end < width && near[end] < far ? near[end] : far;
    // One pixel of the surface has to stay, on one side.
    int left = count_surface(fill, near, begin - 1, -1, far, most + 1);
    int right = count_surface(fill, near, end, 1, far, most + 1);
    struct run run = {begin, end, right > left || begin == 0 ? 1 : -1, 0};
    int own = run.side > 0 ? right - 1 : left - 1, other = run.side > 0 ? left : right;
    other = other < most ? other : most;
    own = own > 0 ? own : 0;
    run.begin -= run.side > 0 ? other : own;
    run.end += run.side > 0 ? own : other;
    run.near = run.side > 0 ? near[run.end] : near[run.begin - 1];
    return run;
}

// The tiles within AROUND pixels of this one.
static void mark_tiles(struct rl_fill *fill, int x, int y)
{
    enum { AROUND = 4 };
    for (int k = 0; k < 4; k++) {
        int i = (x + (k & 1 ? AROUND : -AROUND)) / RL_FILL_TILE;
        int j = (y + (k & 2 ? AROUND : -AROUND)) / RL_FILL_TILE;
        if (i < fill->tiles_x && j < fill->tiles_y)
            fill->tiles[j * fill->tiles_x + i] = 1;
    }
}

// Lists a run's pixels, from its own side inwards, and gives them the depth of that side.
static void enter(struct rl_fill *fill, int16_t *near, int y, const struct run *run)
{
    struct rl_fill_level *level = &fill->levels[0];
    int count = run->end - run->begin;
    for (int k = 0; k < count; k++) {
        int x = run->side > 0 ? run->end - 1 - k : run->begin + k;
        near[x] = (int16_t)(run->near | 1);
        level->holes[level->count++] = (struct rl_fill_cell){(uint16_t)x, (uint16_t)y, near[x]};
        if (k % RL_FILL_TILE == 0 || k == count - 1)
            mark_tiles(fill, x, y);
    }
}

static bool any_hole(const int16_t *near, int count)
{
    int16_t least = INT16_MAX;  // no depth lies below RL_FILL_HOLE
    for (int i = 0; i < count; i++)
        least = near[i] < least ? near[i] : least;
    return least == RL_FILL_HOLE;
}

static void find_row(struct rl_fill *fill, int y)
{
    enum { BLOCK = 64 };
    int width = fill->levels[0].width;
    int16_t *near = rl_fill_near_row(fill, y);
    for (int x = 0; x < width;) {
        if (x % BLOCK == 0 && x + BLOCK <= width && !any_hole(near + x, BLOCK)) {
            x += BLOCK;
            continue;
        }
        if (near[x] != RL_FILL_HOLE) {
            x++;
            continue;
        }
        int begin = x;
        while (x < width && near[x] == RL_FILL_HOLE)
            x++;
        if (begin == 0 && x == width)
            return;
        struct run run = look(fill, near, width, begin, x);
        enter(fill, near, y, &run);
        x = run.end;
    }
}

// Rule 2: the farthest surface around, within half as many rows as the pixel is deep in its run.
// Depths are written back when all are known.
static void sink(struct rl_fill *fill)
{
    struct rl_fill_level *level = &fill->levels[0];
    struct rl_fill_cell *holes = level->holes;
    int depth = 0;
    for (int i = 0; i < level->count; i++) {
        int x = holes[i].x, y = holes[i].y;
        bool same = i > 0 && holes[i - 1].y == y && abs(holes[i - 1].x - x) == 1;
        depth = same ? depth + 1 : 1;
        int reach = depth / 2 < REACH ? depth / 2 : REACH, low = holes[i].near;
        const int16_t *near = level->near + y * level->stride + x;
        for (int j = y > reach ? -reach : -y; j <= reach && y + j < level->height; j++) {
            int there = near[j * level->stride];
            low = there < low && there != RL_FILL_HOLE ? there : low;
        }
        holes[i].near = (int16_t)(low | 1);
    }
    for (int i = 0; i < level->count; i++)
        rl_fill_near_row(fill, holes[i].y)[holes[i].x] = holes[i].near;
}

void rl_fill_find(struct rl_fill *fill)
{
    fill->levels[0].count = 0;
    memset(fill->tiles, 0, (size_t)fill->tiles_x * (size_t)fill->tiles_y);
    for (int y = 0; y < fill->levels[0].height; y++)
        find_row(fill, y);
    if (!fill->levels[0].count)
        return;
    sink(fill);
}

void rl_fill_paint(struct rl_fill *fill)
{
    if (fill->levels[0].count)
        rl_pyramid_fill(fill);
}
