// SPDX-License-Identifier: MIT
//
// What is done at the map's size before rule 3 of upsample.h.
//
// A network's edges are ramps of some three cells, those of a true map made smaller are one cell
// wide. How soft a map is, is told by the energy of differences between neighbours as a share of
// that between cells three apart: 1/9 of a slope, 0.12 to 0.15 of networks' maps, 0.22 to 0.31 of
// true ones (ten stereo pairs at a quarter and an eighth of their size). From `sharp` on nothing is
// sharpened, below `soft` everything, which is where a network's maps are all the time.
#include "stereo/upsample/upsample.h"

#include "stereo/upsample/upsample_place.h"

#include <string.h>

static const double soft = 0.16, sharp = 0.21;

static float clean(float d)
{
    return !(d > 0) ? 0 : d > 1 ? 1 : d;
}

ptrdiff_t rl_upsample_cell_stride(const struct rl_upsample_map *map)
{
    return map->width + 2 * RL_UPSAMPLE_BORDER;
}

static float *cell_row(const struct rl_upsample_map *map, int kind, int y)
{
    return map->cells[kind] + rl_place_limit(y, map->height - 1) * rl_upsample_cell_stride(map);
}

static void copy_borders(float *row, int width)
{
    for (int k = 1; k <= RL_UPSAMPLE_BORDER; k++) {
        row[-k] = row[0];
        row[width - 1 + k] = row[width - 1];
    }
}

// A line of `count` samples cut into `cells`: walks over where they begin, begin * cells / count
// rounded down, without a division for each.
struct walk {
    int begin, rest, cells;
    int whole, part;  // of a step
};

static struct walk walk_to(int cell, int count, int cells)
{
    const int64_t at = (int64_t)cell * count;
    return (struct walk){(int)(at / cells), (int)(at % cells), cells, count / cells, count % cells};
}

static void step(struct walk *walk)
{
    const bool carries = walk->rest + walk->part >= walk->cells;
    walk->begin += walk->whole + carries;
    walk->rest += walk->part - (carries ? walk->cells : 0);
}

// The samples of the cell that the walk has reached, at least one, of which the last is before
// `*end`. Goes on to the next cell.
static int take_cell(struct walk *walk, int *end)
{
    const int begin = walk->begin;
    step(walk);
    *end = walk->begin > begin ? walk->begin : begin + 1;
    return begin;
}

// Mostly of few.
static uint32_t add_up(const uint32_t *sums, int count)
{
    uint32_t sum = sums[0];
    switch (count) {
    case 6:
        sum += sums[5];  // fall through
    case 5:
        sum += sums[4];  // fall through
    case 4:
        sum += sums[3];  // fall through
    case 3:
        sum += sums[2];  // fall through
    case 2:
        sum += sums[1];  // fall through
    case 1:
        return sum;
    default:
        for (int i = 1; i < count; i++)
            sum += sums[i];
        return sum;
    }
}

enum { CHUNK = 32 };  // cells that are looked at, or divided, at once

// The sums of cells from `x` on, of which each is `down` rows high, become their mean colours.
static void divide_sums(float *to, const uint32_t *sums, struct walk *along, int count, int down,
                        float scale)
{
    float sizes[CHUNK];
    for (int k = 0; k < count; k++) {
        int end;
        const int begin = take_cell(along, &end);
        to[k] = (float)add_up(sums + begin, end - begin) * scale;
        sizes[k] = (float)((end - begin) * down);
    }
    for (int k = 0; k < count; k++)
        to[k] = to[k] / sizes[k];
}

// Mean colours of the cells [x, end) of row `y`.
static void mean_colours(const struct rl_upsample_map *map, const struct rl_upsample_adder *adder,
                         int index, int y, int x, int end)
{
    const struct rl_upsample_plane *plane = &map->planes[index];
    struct walk down = walk_to(y, plane->height, map->height);
    struct walk along = walk_to(x, plane->width, map->width);
    struct walk to_last = walk_to(end - 1, plane->width, map->width);
    int y1, x1;
    const int y0 = take_cell(&down, &y1), begin = along.begin;
    take_cell(&to_last, &x1);
    float *to = cell_row(map, RL_CELL_COLOUR + index, y);
    memset(adder->sums + begin, 0, (size_t)(x1 - begin) * sizeof *adder->sums);
    for (int row = y0; row < y1; row++) {
        const uint8_t *from = plane->data + row * plane->stride;
        if (map->bits > 8)
            adder->add_deep_row(adder->sums + begin, (const uint16_t *)(const void *)from + begin,
                                x1 - begin);
        else
            adder->add_row(adder->sums + begin, from + begin, x1 - begin);
    }
    for (; x < end; x += CHUNK)
        divide_sums(to + x, adder->sums, &along, x + CHUNK < end ? CHUNK : end - x, y1 - y0,
                    rl_place_scale(map));
}

enum { SEEN = 2 };  // how far from a step cells are whose colours are looked at

// Whether the colour of any of CHUNK cells of row `y`, from `x` on, will be looked at.
static bool is_seen(const struct rl_upsample_map *map, int y, int x)
{
    const int left = map->width - x, count = (left < CHUNK ? left : CHUNK) + 2 * SEEN;
    float highest[CHUNK + 2 * SEEN] = {0};
    int steps = 0;
    for (int row = y - SEEN; row <= y + SEEN; row++) {
        const float *step = cell_row(map, RL_CELL_STEP, row) + x - SEEN;
        for (int k = 0; k < count; k++)
            highest[k] = highest[k] > step[k] ? highest[k] : step[k];
    }
    for (int k = 0; k < count; k++)
        steps |= highest[k] > 0;
    return steps;
}

void rl_upsample_guide_rows(const struct rl_upsample_map *map,
                            const struct rl_upsample_adder *adder, int begin, int end)
{
    for (int y = begin; y < end; y++) {
        for (int x = 0, next; x < map->width; x = next + CHUNK) {
            for (next = x; next < map->width && is_seen(map, y, next);)
                next += CHUNK;
            for (int index = 0; index < 3 && next > x; index++)
                mean_colours(map, adder, index, y, x, next < map->width ? next : map->width);
        }
        for (int index = 0; index < 3; index++)
            copy_borders(cell_row(map, RL_CELL_COLOUR + index, y), map->width);
    }
}

void rl_upsample_take_rows(const struct rl_upsample_map *map, int begin, int end)
{
    for (int y = begin; y < end; y++) {
        const char *from = (const char *)map->data + (ptrdiff_t)y * map->stride;
        float *depth = cell_row(map, RL_CELL_DEPTH, y);
        for (int x = 0; x < map->width; x++)
            depth[x] = clean(((const float *)(const void *)from)[x]);
        copy_borders(depth, map->width);
    }
}

enum { ABREAST = 4 };  // rows whose sums grow beside each other, as each has to wait for itself

// Of `count` rows, energy of differences between neighbours, and between cells three apart.
static inline void measure_rows(const struct rl_upsample_map *map, int y, int count,
                                float sums[ABREAST][2])
{
    const bool is_inner = y > 0 && y + count + 1 < map->height;
    const float *rows[ABREAST + 3];
    for (int k = 0; k < count + 3; k++)
        rows[k] = cell_row(map, RL_CELL_DEPTH, y + k - 1);
    for (int x = 1; x + 2 < map->width; x++)
        for (int k = 0; k < count; k++) {
            const float *row = rows[k + 1];
            const float a = row[x + 1] - row[x], b = row[x + 2] - row[x - 1];
            sums[k][0] += a * a;
            sums[k][1] += b * b;
        }
    for (int x = 0; x < map->width && is_inner; x++)
        for (int k = 0; k < count; k++) {
            const float a = rows[k + 2][x] - rows[k + 1][x], b = rows[k + 3][x] - rows[k][x];
            sums[k][0] += a * a;
            sums[k][1] += b * b;
        }
}

// Along rows and columns, each row by itself.
void rl_upsample_measure(struct rl_upsample_map *map)
{
    double near = 0, far = 0;
    for (int y = 0, count; y < map->height; y += count) {
        float sums[ABREAST][2] = {{0}};
        count = y > 0 && y + ABREAST + 1 < map->height ? ABREAST : 1;
        if (count == ABREAST)
            measure_rows(map, y, ABREAST, sums);
        else
            measure_rows(map, y, 1, sums);
        for (int k = 0; k < count; k++) {
            near += (double)sums[k][0];
            far += (double)sums[k][1];
        }
    }
    double softness = far > 0 ? (sharp - near / far) / (sharp - soft) : 0;
    map->softness = softness < 0 ? 0 : softness > 1 ? 1 : (float)softness;
}

void rl_upsample_sharpen_rows(const struct rl_upsample_fns *fns, const struct rl_upsample_map *map,
                              int pass, int begin, int end)
{
    const int from = pass % 2 ? RL_CELL_OTHER : RL_CELL_DEPTH;
    const int other = pass % 2 ? RL_CELL_DEPTH : RL_CELL_OTHER;
    for (int y = begin; y < end; y++) {
        const float *const rows[3] = {cell_row(map, from, y - 1), cell_row(map, from, y),
                                      cell_row(map, from, y + 1)};
        float *to = cell_row(map, other, y);
        fns->sharpen_cells(to, rows, map->width, map->softness);
        copy_borders(to, map->width);
    }
}

void rl_upsample_fit_rows(const struct rl_upsample_fns *fns, const struct rl_upsample_map *map,
                          int begin, int end)
{
    for (int y = begin; y < end; y++) {
        const float *rows[5];
        const struct rl_upsample_fitted to = {
            cell_row(map, RL_CELL_STEP, y), cell_row(map, RL_CELL_FAR, y),
            cell_row(map, RL_CELL_NEAR, y), cell_row(map, RL_CELL_OTHER, y)};
        for (int k = 0; k < 5; k++)
            rows[k] = cell_row(map, RL_CELL_DEPTH, y + k - 2);
        fns->fit_cells(&to, rows, map->width, map->softness);
        copy_borders(to.step, map->width);
        copy_borders(to.far, map->width);
        copy_borders(to.near, map->width);
        copy_borders(to.depth, map->width);
    }
}
