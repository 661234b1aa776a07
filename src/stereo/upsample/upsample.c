// SPDX-License-Identifier: MIT
#include "stereo/upsample/upsample.h"

#include "base/cpu.h"
#include "stereo/upsample/cells_rows.h"
#include "stereo/upsample/upsample_place.h"

static float clean(float d)
{
    return !(d > 0) ? 0 : d > 1 ? 1 : d;
}

static const float *map_row(const struct rl_upsample_map *map, int y)
{
    return (const float *)(const void *)((const char *)map->data + (ptrdiff_t)y * map->stride);
}

int rl_upsample_is_guided(const struct rl_upsample_map *map)
{
    const struct rl_upsample_plane *luma = &map->planes[0];
    return map->width * 20 <= luma->width * 19 && map->height * 20 <= luma->height * 19;
}

static void guided_rows8(const struct rl_upsample_rows *rows, int width, float scale)
{
    RL_PLACE_GUIDED_ROWS(uint8_t, rows, 0, width, scale)
}

static void guided_rows16(const struct rl_upsample_rows *rows, int width, float scale)
{
    RL_PLACE_GUIDED_ROWS(uint16_t, rows, 0, width, scale)
}

void rl_upsample_place_columns(const struct rl_upsample_map *map)
{
    const int width = map->planes[0].width;
    for (int x = 0; x < width; x++) {
        const float place = rl_place(x, width, map->width);
        const int at = rl_place_limit(rl_place_floor(place + 0.5f), map->width - 1);
        float weights[3];
        rl_place_weights(weights, place - (float)at);
        map->at[x] = at;
        map->across[0][x] = weights[0];
        map->across[1][x] = weights[2];
    }
}

// The row of cells that row `y` lies in; *t is where, see rl_place_weights().
static int cells_at(int y, const struct rl_upsample_map *map, float *t)
{
    const float place = rl_place(y, map->planes[0].height, map->height);
    const int at = rl_place_limit(rl_place_floor(place + 0.5f), map->height - 1);
    *t = place - (float)at;
    return at;
}

// The cells that rows see which lie in row `at` of them.
static void find_rows(struct rl_upsample_rows *rows, int at, const struct rl_upsample_map *map)
{
    const ptrdiff_t stride = rl_upsample_cell_stride(map);
    *rows = (struct rl_upsample_rows){
        .at = map->at,
        .across = {map->across[0], map->across[1]},
        .shift_x = map->shift_x,
        .is_fine = map->width * 3 > map->planes[0].width * 2,
    };
    for (int j = 0; j < 3; j++) {
        const ptrdiff_t row = rl_place_limit(at + j - 1, map->height - 1) * stride;
        rows->depth[j] = map->cells[RL_CELL_OTHER] + row;
        rows->step[j] = map->cells[RL_CELL_STEP] + row;
        rows->far[j] = map->cells[RL_CELL_FAR] + row;
        rows->near[j] = map->cells[RL_CELL_NEAR] + row;
        for (int i = 0; i < 3; i++)
            rows->colour[i][j] = map->cells[RL_CELL_COLOUR + i] + row;
    }
}

static int line_of(int y)
{
    return y % RL_UPSAMPLE_LINES;
}

static void add_line(const struct rl_upsample_fns *fns, struct rl_upsample_rows *rows, int y,
                     float t, const struct rl_upsample_map *map,
                     const struct rl_upsample_scratch *scratch)
{
    const ptrdiff_t room = rows->count * (rl_upsample_cell_stride(map) + RL_UPSAMPLE_PAD);
    float *plain = scratch->plain + RL_UPSAMPLE_BORDER + room;
    float *step = scratch->step + RL_UPSAMPLE_BORDER + room;
    struct rl_upsample_line *line = &rows->lines[rows->count++];
    *line = (struct rl_upsample_line){
        .to = scratch->lines[line_of(y)], .plain = plain, .step = step};
    for (int i = 0; i < 3; i++)
        line->pixels[i] = map->planes[i].data +
                          (ptrdiff_t)(i ? y >> map->shift_y : y) * map->planes[i].stride;
    rl_place_weights(line->down, t);
    fns->mix_cells(plain, rows->depth, line->down, map->width);
    fns->mix_cells(step, rows->step, line->down, map->width);
}

// Films are softer than photographs of their size, and outlines of a soft map are off by a part of
// a cell: near things are widened by a pixel and a row more.
static bool is_soft(const struct rl_upsample_map *map)
{
    const int width = map->planes[0].width;
    return map->softness > 0.5f && width >= 640 && map->width * 2 <= width;
}

// How far the rim of near things is moved outwards, in pixels: what is mixed with the background
// there then travels with the thing, and leaves no ghost of it behind. Pictures are as sharp as
// their size lets them be, on the whole, and depth is less so.
static int rim_px(const struct rl_upsample_map *map)
{
    const int rim = (map->planes[0].width + 480) / 960;
    return (rim < 1 ? 1 : rim > 4 ? 4 : rim) + is_soft(map);
}

static void widen(uint16_t *restrict to, const uint16_t *restrict from, int width, int rim)
{
    int x = 0;
    RL_PLACE_WIDEN_ROW(to, from, x, width, width, rim)
}

static void widen_down(uint16_t *restrict to, const uint16_t *const rows[RL_UPSAMPLE_DOWN],
                       int width)
{
    int x = 0;
    RL_PLACE_WIDEN_DOWN(to, rows, x, width)
}

void rl_upsample_begin(struct rl_upsample_scratch *scratch, int end)
{
    for (int k = 0; k < RL_UPSAMPLE_LINES; k++)
        scratch->rows[k] = -1;
    scratch->end = end;
}

// How far up and down a row looks.
static int reach_of(const struct rl_upsample_map *map)
{
    return is_soft(map) ? 3 : 2;
}

// Rows from `y` on before they are widened downwards: those that see the same cells, as far as they
// will be needed.
static void make_rows(const struct rl_upsample_fns *fns, int y, const struct rl_upsample_map *map,
                      struct rl_upsample_scratch *scratch)
{
    const int width = map->planes[0].width, height = map->planes[0].height;
    const int most = scratch->end + reach_of(map), end = most < height ? most : height;
    struct rl_upsample_rows rows;
    float t;
    const int at = cells_at(y, map, &t);
    find_rows(&rows, at, map);
    do {
        add_line(fns, &rows, y + rows.count, t, map, scratch);
    } while (rows.count < RL_UPSAMPLE_TOGETHER && y + rows.count < end &&
             cells_at(y + rows.count, map, &t) == at);
    if (map->bits > 8)
        fns->guided_rows16(&rows, width, rl_place_scale(map));
    else
        fns->guided_rows8(&rows, width, rl_place_scale(map));
    for (int k = 0; k < rows.count; k++) {
        uint16_t **line = &scratch->lines[line_of(y + k)], *plain = *line;
        fns->widen(scratch->spare, plain, width, rim_px(map));
        *line = scratch->spare;
        scratch->spare = plain;
        scratch->rows[line_of(y + k)] = y + k;
    }
}

// Row `y` before it is widened downwards, made when it is not there.
static const uint16_t *wide_row(const struct rl_upsample_fns *fns, int y,
                                const struct rl_upsample_map *map,
                                struct rl_upsample_scratch *scratch)
{
    y = rl_place_limit(y, map->planes[0].height - 1);
    if (scratch->rows[line_of(y)] != y)
        make_rows(fns, y, map, scratch);
    return scratch->lines[line_of(y)];
}

static uint16_t to_depth(float d)
{
    return (uint16_t)(clean(d) * 65535 + 0.5f);
}

static void plain_row(uint16_t *to, int y, const struct rl_upsample_map *map)
{
    const struct rl_upsample_plane *luma = &map->planes[0];
    float v = rl_place(y, luma->height, map->height);
    int top = rl_place_floor(v), last = map->width - 1;
    const float *a = map_row(map, rl_place_limit(top, map->height - 1));
    const float *b = map_row(map, rl_place_limit(top + 1, map->height - 1));
    for (int x = 0; x < luma->width; x++) {
        float u = rl_place(x, luma->width, map->width);
        int left = rl_place_floor(u);
        int i = rl_place_limit(left, last), j = rl_place_limit(left + 1, last);
        float above = rl_place_mix(clean(a[i]), clean(a[j]), u - (float)left);
        float below = rl_place_mix(clean(b[i]), clean(b[j]), u - (float)left);
        to[x] = to_depth(rl_place_mix(above, below, v - (float)top));
    }
}

void rl_upsample_row(const struct rl_upsample_fns *fns, uint16_t *to, int y,
                     const struct rl_upsample_map *map, struct rl_upsample_scratch *scratch)
{
    const struct rl_upsample_plane *luma = &map->planes[0];
    if (rl_upsample_is_guided(map)) {
        const uint16_t *rows[RL_UPSAMPLE_DOWN];
        const int reach = reach_of(map);
        for (int k = 0; k < RL_UPSAMPLE_DOWN; k++)
            rows[k] = wide_row(fns, y + (k <= 2 * reach ? k - reach : k - 4), map, scratch);
        fns->widen_down(to, rows, luma->width);
    } else if (map->width == luma->width && map->height == luma->height) {
        for (int x = 0; x < map->width; x++)
            to[x] = to_depth(map_row(map, y)[x]);
    } else {
        plain_row(to, y, map);
    }
}

#ifdef RL_HAVE_AVX2
void rl_upsample_init_avx2(struct rl_upsample_fns *fns);
void rl_upsample_init_avx512(struct rl_upsample_fns *fns);
#endif

void rl_upsample_init(struct rl_upsample_fns *fns, unsigned cpu)
{
    *fns = (struct rl_upsample_fns){guided_rows8,  guided_rows16, widen,    widen_down,
                                    sharpen_cells, fit_cells,     mix_cells};
    (void)cpu;
#ifdef RL_HAVE_AVX2
    if (cpu & RL_CPU_AVX2)
        rl_upsample_init_avx2(fns);
    if (cpu & RL_CPU_AVX512)
        rl_upsample_init_avx512(fns);
#endif
}
