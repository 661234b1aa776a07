// SPDX-License-Identifier: MIT
#include "stereo/upsample/upsample.h"

#include "base/cpu.h"
#include "stereo/upsample/upsample_place.h"

#include <string.h>

// Noise of brightness, squared: weaker texture than this (2 of 100) does not move depth.
static const float noise = 0.0004f;

static float clean(float d)
{
    return !(d > 0) ? 0 : d > 1 ? 1 : d;
}

static const float *map_row(const struct rl_upsample_map *map, int y)
{
    return (const float *)(const void *)((const char *)map->data + (ptrdiff_t)y * map->stride);
}

static ptrdiff_t cell_stride(const struct rl_upsample_map *map)
{
    return map->width + 2 * RL_UPSAMPLE_BORDER;
}

int rl_upsample_is_guided(const struct rl_upsample_map *map)
{
    return map->width * 3 <= map->luma_width * 2 && map->height * 3 <= map->luma_height * 2;
}

static float luma_scale(const struct rl_upsample_map *map)
{
    return 1 / (float)((1 << map->luma_bits) - 1);
}

// The sum of the samples [x0, x1) of a row.
static uint32_t sum_row(const struct rl_upsample_map *map, int y, int x0, int x1)
{
    const uint8_t *row = map->luma + (ptrdiff_t)y * map->luma_stride;
    const uint16_t *wide = (const uint16_t *)(const void *)row;
    uint32_t sum = 0;
    if (map->luma_bits > 8)
        for (int x = x0; x < x1; x++)
            sum += wide[x];
    else
        for (int x = x0; x < x1; x++)
            sum += row[x];
    return sum;
}

// The first pixel of a cell; a line of `count` pixels is cut into `cells`.
static int cell_begin(int cell, int count, int cells)
{
    return (int)((int64_t)cell * count / cells);
}

static float mean_brightness(const struct rl_upsample_map *map, int cell_x, int y0, int y1)
{
    int x0 = cell_begin(cell_x, map->luma_width, map->width);
    int x1 = cell_begin(cell_x + 1, map->luma_width, map->width);
    float sum = 0;
    for (int y = y0; y < y1; y++)
        sum += (float)sum_row(map, y, x0, x1);
    return sum * luma_scale(map) / (float)((x1 - x0) * (y1 - y0));
}

static void copy_borders(float *row, int width)
{
    row[0] = row[1];
    row[width + 1] = row[width];
}

void rl_upsample_guide_rows(const struct rl_upsample_map *map, int begin, int end)
{
    for (int y = begin; y < end; y++) {
        float *guide = map->guide + y * cell_stride(map);
        float *depth = map->clean + y * cell_stride(map);
        int y0 = cell_begin(y, map->luma_height, map->height);
        int y1 = cell_begin(y + 1, map->luma_height, map->height);
        for (int x = 0; x < map->width; x++) {
            guide[x + RL_UPSAMPLE_BORDER] = mean_brightness(map, x, y0, y1);
            depth[x + RL_UPSAMPLE_BORDER] = clean(map_row(map, y)[x]);
        }
        copy_borders(guide, map->width);
        copy_borders(depth, map->width);
    }
}

// The cell x, with `guide` and `depth` the rows above, at and below it, border cells included.
static void fit_cell(const struct rl_upsample_map *map, const float *const guide[3],
                     const float *const depth[3], int x, ptrdiff_t to)
{
    float low = depth[0][x], high = low, i = 0, d = 0, ii = 0, id = 0;
    for (int k = 0; k < 9; k++) {
        float g = guide[k / 3][x + k % 3], v = depth[k / 3][x + k % 3];
        low = v < low ? v : low;
        high = v > high ? v : high;
        i += g;
        d += v;
        ii += g * g;
        id += g * v;
    }
    float slope = (9 * id - i * d) / (9 * ii - i * i + 81 * noise);
    map->fields[0][to] = slope;
    map->fields[1][to] = depth[1][x + 1] - slope * i / 9;
    map->fields[2][to] = low;
    map->fields[3][to] = high;
}

void rl_upsample_fit_rows(const struct rl_upsample_map *map, int begin, int end)
{
    for (int y = begin; y < end; y++) {
        const float *guide[3], *depth[3];
        for (int k = 0; k < 3; k++) {
            ptrdiff_t row = rl_place_limit(y - 1 + k, map->height - 1) * cell_stride(map);
            guide[k] = map->guide + row;
            depth[k] = map->clean + row;
        }
        for (int x = 0; x < map->width; x++)
            fit_cell(map, guide, depth, x, (ptrdiff_t)y * map->width + x);
    }
}

static void guided_row8(uint16_t *to, const uint8_t *luma, int width, float scale,
                        float *const fields[RL_UPSAMPLE_FIELDS], int cells)
{
    int x = 0;
    RL_PLACE_GUIDED_ROW(to, luma, x, width, scale, fields, cells)
}

static void guided_row16(uint16_t *to, const uint16_t *luma, int width, float scale,
                         float *const fields[RL_UPSAMPLE_FIELDS], int cells)
{
    int x = 0;
    RL_PLACE_GUIDED_ROW(to, luma, x, width, scale, fields, cells)
}

static void guided_row(const struct rl_upsample_fns *fns, uint16_t *to, int y,
                       const struct rl_upsample_map *map, float *scratch)
{
    float place = rl_place(y, map->luma_height, map->height);
    int top = rl_place_floor(place), last = map->height - 1;
    float part = place - (float)top, *fields[RL_UPSAMPLE_FIELDS];
    for (int k = 0; k < RL_UPSAMPLE_FIELDS; k++) {
        const float *a = map->fields[k] + (ptrdiff_t)rl_place_limit(top, last) * map->width;
        const float *b = map->fields[k] + (ptrdiff_t)rl_place_limit(top + 1, last) * map->width;
        fields[k] = scratch + k * (map->width + RL_UPSAMPLE_PAD);
        for (int x = 0; x < map->width; x++)
            fields[k][x] = rl_place_mix(a[x], b[x], part);
    }
    const uint8_t *luma = map->luma + (ptrdiff_t)y * map->luma_stride;
    if (map->luma_bits > 8)
        fns->guided_row16(to, (const uint16_t *)(const void *)luma, map->luma_width,
                          luma_scale(map), fields, map->width);
    else
        fns->guided_row8(to, luma, map->luma_width, luma_scale(map), fields, map->width);
}

// How far the rim of near things is moved outwards, in pixels: what is mixed with the background
// there then travels with the thing, and leaves no ghost of it behind. Pictures are as sharp as
// their size lets them be, on the whole, and depth is less so.
static int rim_px(int width)
{
    int rim = (width + 480) / 960;
    return rim < 1 ? 1 : rim > 4 ? 4 : rim;
}

static void widen(uint16_t *restrict to, const uint16_t *restrict from, int width)
{
    int x = 0;
    RL_PLACE_WIDEN_ROW(to, from, x, width)
}

static void widen_near(const struct rl_upsample_fns *fns, uint16_t *row, uint16_t *spare, int width)
{
    int rim = rim_px(width);
    for (int i = 0; i < rim; i++)
        if (i % 2)
            fns->widen(row, spare, width);
        else
            fns->widen(spare, row, width);
    if (rim % 2)
        memcpy(row, spare, (size_t)width * sizeof *row);
}

static uint16_t to_depth(float d)
{
    return (uint16_t)(clean(d) * 65535 + 0.5f);
}

static void plain_row(uint16_t *to, int y, const struct rl_upsample_map *map)
{
    float v = rl_place(y, map->luma_height, map->height);
    int top = rl_place_floor(v), last = map->width - 1;
    const float *a = map_row(map, rl_place_limit(top, map->height - 1));
    const float *b = map_row(map, rl_place_limit(top + 1, map->height - 1));
    for (int x = 0; x < map->luma_width; x++) {
        float u = rl_place(x, map->luma_width, map->width);
        int left = rl_place_floor(u);
        int i = rl_place_limit(left, last), j = rl_place_limit(left + 1, last);
        float above = rl_place_mix(clean(a[i]), clean(a[j]), u - (float)left);
        float below = rl_place_mix(clean(b[i]), clean(b[j]), u - (float)left);
        to[x] = to_depth(rl_place_mix(above, below, v - (float)top));
    }
}

void rl_upsample_row(const struct rl_upsample_fns *fns, uint16_t *to, int y,
                     const struct rl_upsample_map *map, float *scratch, uint16_t *spare)
{
    if (rl_upsample_is_guided(map)) {
        guided_row(fns, to, y, map, scratch);
        widen_near(fns, to, spare, map->luma_width);
    } else if (map->width == map->luma_width && map->height == map->luma_height) {
        for (int x = 0; x < map->width; x++)
            to[x] = to_depth(map_row(map, y)[x]);
    } else {
        plain_row(to, y, map);
    }
}

#ifdef RL_HAVE_AVX2
void rl_upsample_init_avx2(struct rl_upsample_fns *fns);
#endif

void rl_upsample_init(struct rl_upsample_fns *fns, unsigned cpu)
{
    *fns = (struct rl_upsample_fns){guided_row8, guided_row16, widen};
    (void)cpu;
#ifdef RL_HAVE_AVX2
    if (cpu & RL_CPU_AVX2)
        rl_upsample_init_avx2(fns);
#endif
}
