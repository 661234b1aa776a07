// SPDX-License-Identifier: MIT
#include "stereo/fill/fill.h"

#include "stereo/fill/outline.h"
#include "stereo/fill/pyramid.h"
#include "stereo/fill/rim.h"
#include "stereo/fill/sink.h"
#include "stereo/fill/texture.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { REACH = 30 };  // rows at most that a pixel looks up and down for its surface

static size_t rounded(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

static int halves(int size, int level)
{
    return (size + (1 << level) - 1) >> level;
}

// Words that have a bit for each cell of a row.
static int gap_words(const struct rl_fill_level *level)
{
    return (level->blocks * RL_FILL_BLOCK + 63) / 64;
}

// Hands out the memory, or only counts when `memory` is NULL.
static void *take(uint8_t *memory, size_t *used, size_t bytes)
{
    void *part = memory ? memory + *used : NULL;
    *used += rounded(bytes);
    return part;
}

// The same for a plane of 16-bit cells with their border: its first inner cell.
static void *take_cells(uint8_t *memory, size_t *used, const struct rl_fill_level *level)
{
    uint16_t *cells = take(memory, used, rl_fill_near_count(level) * sizeof *cells);
    return cells ? cells + level->stride + RL_FILL_BORDER : NULL;
}

static size_t lay_out(struct rl_fill *fill, uint8_t *memory, int width, int height, int planes)
{
    size_t used = 0;
    *fill = (struct rl_fill){.planes = planes};
    for (int i = 0; i <= RL_FILL_LEVELS; i++) {
        struct rl_fill_level *level = &fill->levels[i];
        level->width = halves(width, i);
        level->height = halves(height, i);
        level->blocks = (level->width + RL_FILL_BLOCK - 1) / RL_FILL_BLOCK;
        level->stride = level->blocks * RL_FILL_BLOCK + 2 * RL_FILL_BORDER;
        level->words = (level->blocks + 63) / 64;
        size_t bits = (size_t)level->words * (size_t)level->height * sizeof *level->marks;
        level->near = take_cells(memory, &used, level);
        level->deep = i ? take_cells(memory, &used, level) : NULL;
        for (int k = 0; k < planes && i; k++)
            level->work[k] = take_cells(memory, &used, level);
        level->marks = take(memory, &used, bits);
        level->needs = i ? take(memory, &used, bits) : NULL;
        level->outlines = i ? NULL : take(memory, &used, bits);
        level->gaps = i ? NULL
                        : take(memory, &used,
                               (size_t)height * (size_t)gap_words(level) * sizeof *level->gaps);
    }
    fill->holes = take(memory, &used, (size_t)width * (size_t)height * sizeof *fill->holes);
    fill->depths = take(memory, &used,
                        (size_t)fill->levels[0].blocks * RL_FILL_BLOCK * sizeof *fill->depths);
    fill->rims = take(memory, &used, (size_t)fill->levels[0].blocks * sizeof *fill->rims);
    fill->rims_before = take(memory, &used, rl_fill_rims_count(fill) * sizeof *fill->rims_before);
    fill->above = take(memory, &used, (size_t)fill->levels[0].blocks * sizeof *fill->above);
    fill->before = take(memory, &used, rl_fill_before_count(fill) * sizeof *fill->before);
    return used;
}

size_t rl_fill_size(int width, int height, int planes)
{
    struct rl_fill fill;
    return lay_out(&fill, NULL, width, height, planes);
}

void rl_fill_init(struct rl_fill *fill, void *memory, int width, int height, int planes,
                  const struct rl_outline_fns *outline, const struct rl_sink_fns *sink,
                  const struct rl_pyramid_fns *pyramid, const struct rl_texture_fns *texture)
{
    lay_out(fill, memory, width, height, planes);
    fill->outline = outline;
    fill->sink = sink;
    fill->pyramid = pyramid;
    fill->texture = texture;
    for (int i = 0; i <= RL_FILL_LEVELS; i++)
        memset(rl_fill_near_begin(&fill->levels[i]), 0x80,
               rl_fill_near_count(&fill->levels[i]) * sizeof *fill->levels[i].near);
}

int16_t *rl_fill_near_row(const struct rl_fill *fill, int y)
{
    return fill->levels[0].near + y * fill->levels[0].stride;
}

uint64_t *rl_fill_outlines(const struct rl_fill *fill, int y)
{
    return fill->levels[0].outlines + y * fill->levels[0].words;
}

static uint64_t *gaps_of(const struct rl_fill *fill, int y)
{
    return fill->levels[0].gaps + y * gap_words(&fill->levels[0]);
}

void rl_fill_take_row(const struct rl_fill *fill, int y)
{
    fill->outline->row(rl_fill_outlines(fill, y), gaps_of(fill, y), rl_fill_near_row(fill, y),
                       fill->levels[0].blocks);
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

// What is seen at `at`, 1/256 pixel.
static int sample(const struct rl_fill *fill, int plane, int at, int y)
{
    const int a = rl_fill_view_get(fill, plane, at >> 8, y), part = at & 255;
    if (!part)
        return a;
    return a + (((rl_fill_view_get(fill, plane, (at >> 8) + 1, y) - a) * part + 128) >> 8);
}

// The rim goes on beside the thing, at the run's other end: it lies as much farther out, up to
// pixel `last`, as that was moved farther. `seen` is the pixel beside the hole, at most one and a
// half from where the rim begins, or the hole is another surface's.
static void move_rim(const struct rl_fill *fill, const struct rl_rim *rim, struct run *run,
                     int seen, int last)
{
    int16_t *near = rl_fill_near_row(fill, rim->y);
    const int out = rim->outwards, by = ((near[rim->thing] - run->near) * 16) >> fill->shift_x;
    if (near[rim->thing] - run->near <= 2 * fill->tolerance || by < 256 ||
        256 * (out * (seen - rim->thing) - 1) - by > 384)
        return;
    for (int x = rim->thing + out; out * (256 * (last - x) - out * by) >= 0; x += out) {
        int at = 256 * x + out * by;
        at = out * (at - 256 * seen) < 0 ? 256 * seen : at;
        for (int plane = 0; plane < fill->planes; plane++)
            rl_fill_view_put(fill, plane, x, rim->y, sample(fill, plane, at, rim->y));
        near[x] = near[rim->thing];
        run->begin += out > 0;
        run->end -= out < 0;
    }
}

// The rim of the thing at its other end is replaced with a run, whose hole ends beside pixel `seen`
// of its own side.
static void take_rim(const struct rl_fill *fill, int y, struct run *run, int seen)
{
    const int width = fill->levels[0].width;
    if (run->begin == 0 || run->end == width)
        return;
    const bool right = run->side > 0;
    const struct rl_rim rim = {.own = right ? run->end : run->begin - 1,
                               .thing = right ? run->begin - 1 : run->end,
                               .y = y,
                               .outwards = run->side,
                               .near = run->near};
    bool goes;
    const int count = rl_rim_count(fill, &rim, &goes);
    run->end += right ? count : 0;
    run->begin -= right ? 0 : count;
    const int moved = goes ? count : 0;  // and what is mixed of chroma
    if (fill->rim && (moved || fill->mixed > 1))
        move_rim(fill, &rim, run, seen, rim.own + rim.outwards * (moved - 1));
    run->near = rl_fill_near_row(fill, y)[right ? run->end : run->begin - 1];
}

// A run's blocks have holes, and outlines, which may lie at each pixel and at the one before.
static void mark(const struct rl_fill *fill, int y, const struct run *run)
{
    uint64_t *marks = fill->levels[0].marks + y * fill->levels[0].words;
    uint64_t *outlines = rl_fill_outlines(fill, y);
    rl_fill_mark(outlines, (run->begin ? run->begin - 1 : 0) / RL_FILL_BLOCK);
    for (int b = run->begin / RL_FILL_BLOCK; b <= (run->end - 1) / RL_FILL_BLOCK; b++) {
        rl_fill_mark(marks, b);
        rl_fill_mark(outlines, b);
    }
}

// Lists a run's pixels, from its own side inwards, and gives them the depth of that side.
static void enter(struct rl_fill *fill, int16_t *near, int y, const struct run *run)
{
    const int count = run->end - run->begin, first = run->side > 0 ? run->end - 1 : run->begin;
    const int16_t depth = (int16_t)(run->near | 1);
    struct rl_fill_cell *holes = fill->holes + fill->count;
    for (int k = 0; k < count; k++)
        holes[k] = (struct rl_fill_cell){(uint16_t)(first - run->side * k), (uint16_t)y, depth};
    for (int x = run->begin; x < run->end; x++)
        near[x] = depth;
    fill->count += count;
    mark(fill, y, run);
}

// What is remembered of a row is looked at where row `height` would be, and made anew.
static void turn_rims(const struct rl_fill *fill, int y)
{
    const struct rl_fill_level *level = &fill->levels[0];
    struct rl_fill_rim_before *row = fill->rims_before + y * level->blocks;
    const size_t bytes = (size_t)level->blocks * sizeof *row;
    memcpy(fill->rims_before + level->height * level->blocks, row, bytes);
    memset(row, 0, bytes);
}

static void find_row(struct rl_fill *fill, int y)
{
    const int width = fill->levels[0].width, words = gap_words(&fill->levels[0]);
    const uint64_t *gaps = gaps_of(fill, y);
    int16_t *near = rl_fill_near_row(fill, y);
    const int16_t *below = rl_fill_near_row(fill, y + 4 < fill->levels[0].height ? y + 4 : y);
    for (int x = rl_fill_next(gaps, 0, words); x < width; x = rl_fill_next(gaps, x, words)) {
        const int begin = x;
        __builtin_prefetch(below + begin - 4);  // see rl_fill_fetch()
        while (x < width && near[x] == RL_FILL_HOLE)
            x++;
        if (begin == 0 && x == width)
            return;
        struct run run = look(fill, near, width, begin, x);
        take_rim(fill, y, &run, run.side > 0 ? x : begin - 1);
        enter(fill, near, y, &run);
        x = run.end > x ? run.end : x;
    }
}

int rl_fill_run(const struct rl_fill *fill, int first)
{
    int end = first + 1;
    while (end < fill->count && fill->holes[end].y == fill->holes[first].y &&
           abs(fill->holes[end].x - fill->holes[end - 1].x) == 1)
        end++;
    return end - first;
}

// Rule 2: the farthest surface around, within half as many rows as the pixel is deep in its run.
static void sink_run(const struct rl_fill *fill, struct rl_fill_cell *first, int count)
{
    const struct rl_fill_level *level = &fill->levels[0];
    const int side = count > 1 ? first[0].x - first[1].x : -1;
    const int x = side > 0 ? first[count - 1].x : first->x, y = first->y;
    const struct rl_sink_run run = {.near = rl_fill_near_row(fill, y) + x,
                                    .stride = level->stride,
                                    .count = count,
                                    .up = y < REACH ? y : REACH,
                                    .down = level->height - 1 - y < REACH ? level->height - 1 - y
                                                                          : REACH,
                                    .side = side,
                                    .depth = first->near};
    fill->sink->run(fill->depths, &run);
    for (int k = 0; k < count; k++)
        first[k].near = fill->depths[first[k].x - x];
}

// The holes from `i` on in rows up to `y`. Returns where the next row begins.
static int sink(struct rl_fill *fill, int i, int y)
{
    while (i < fill->count && fill->holes[i].y <= y) {
        const int count = rl_fill_run(fill, i);
        sink_run(fill, &fill->holes[i], count);
        i += count;
    }
    return i;
}

static int write_back(struct rl_fill *fill, int i, int y)
{
    for (; i < fill->count && fill->holes[i].y <= y; i++) {
        struct rl_fill_cell *hole = &fill->holes[i];
        hole->near |= 1;
        rl_fill_near_row(fill, hole->y)[hole->x] = hole->near;
    }
    return i;
}

// A row sinks when all that it can look at were found, and is written back when all that can look
// at it have sunk: close behind each other, as rows leave the cache soon.
void rl_fill_find(struct rl_fill *fill)
{
    const struct rl_fill_level *level = &fill->levels[0];
    int sunk = 0, written = 0;
    fill->count = 0;
    memset(fill->rims, 0, (size_t)level->blocks * sizeof *fill->rims);
    if (!fill->remembers)
        memset(fill->rims_before, 0, rl_fill_rims_count(fill) * sizeof *fill->rims_before);
    memset(level->marks, 0, (size_t)level->words * (size_t)level->height * sizeof *level->marks);
    for (int y = 0; y < level->height + 2 * REACH; y++) {
        if (y < level->height) {
            turn_rims(fill, y);
            find_row(fill, y);
        }
        sunk = sink(fill, sunk, y - REACH);
        written = write_back(fill, written, y - 2 * REACH);
    }
}

void rl_fill_paint(struct rl_fill *fill)
{
    if (fill->count)
        rl_pyramid_fill(fill);
    rl_texture_fill(fill);
}
