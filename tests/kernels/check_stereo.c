// SPDX-License-Identifier: MIT
//
// The kernels of the stereo room at every CPU level against C, to the bit.
#include "check_kernels.h"

#include "stereo/fill/outline.h"
#include "stereo/fill/pyramid.h"
#include "stereo/fill/seam.h"
#include "stereo/fill/sink.h"
#include "stereo/fill/texture.h"
#include "stereo/sample/sample.h"
#include "stereo/upsample/upsample.h"
#include "stereo/warp/warp.h"

// Some rows look like pictures, some like noise, some are extremes.
static void fill_depth(uint16_t *depth, int width)
{
    int kind = kernels_pick(5), value = kernels_pick(65536), step = kernels_pick(400) - 200;
    for (int x = 0; x < width; x++) {
        if (kind == 0)
            value = kernels_pick(65536);
        else if (kind == 1 && kernels_pick(7) == 0)
            value = kernels_pick(65536);
        else if (kind == 2)
            value += step;
        else if (kind == 3)
            value += kernels_pick(600) - 300;
        else if (kind == 4 && kernels_pick(5) == 0)
            value = kernels_pick(2) * 65535;
        value = value < 0 ? 0 : value > 65535 ? 65535 : value;
        depth[x] = (uint16_t)value;
    }
}

static void compare_map(unsigned cpu, int width)
{
    size_t room = (size_t)width + RL_WARP_PAD;
    struct rl_warp_fns c, fast;
    rl_warp_init(&c, 0);
    rl_warp_init(&fast, cpu);
    uint16_t *depth = calloc(room, sizeof *depth);
    int32_t *targets = kernels_guarded(room * 4), *wanted = kernels_guarded(room * 4);
    int32_t *got = kernels_guarded(room * 4);
    fill_depth(depth, width);
    struct rl_disparity disparity = rl_disparity_make(
        (enum rl_eye_side)kernels_pick(2), RELIEF_ANCHOR_BOTH, kernels_unit() * 40, kernels_unit(),
        kernels_pick(2) ? width : 1920);
    c.map_row(wanted, depth, width, &disparity, targets);
    fast.map_row(got, depth, width, &disparity, targets);
    CHECK(!memcmp(got, wanted, (size_t)width * 4));
    int16_t *near = kernels_guarded(room * 2), *also = kernels_guarded(room * 2);
    c.near_row(near, wanted, width, &disparity);
    fast.near_row(also, got, width, &disparity);
    CHECK(!memcmp(near, also, (size_t)width * 2));
    CHECK(!memcmp(got, wanted, (size_t)width * 4));
    kernels_guarded_free(near, room * 2);
    kernels_guarded_free(also, room * 2);
    kernels_guarded_free(targets, room * 4);
    kernels_guarded_free(wanted, room * 4);
    kernels_guarded_free(got, room * 4);
    free(depth);
}

// Near values of a scene: some steps, holes beside them and anywhere.
static void fill_near(int16_t *near, int width)
{
    int value = kernels_pick(600) - 300, hole = 0, kind = kernels_pick(4);
    for (int x = 0; x < width; x++) {
        if (kernels_pick(9) == 0)
            hole = kernels_pick(1 + kernels_pick(20));
        if (kind && kernels_pick(12) == 0)
            value = kind == 1 ? kernels_pick(32000) - 16000 : kernels_pick(600) - 300;
        value += kernels_pick(7) - 3;
        value = value < -16000 ? -16000 : value > 16000 ? 16000 : value;
        near[x] = (int16_t)(hole > 0 ? RL_FILL_HOLE : value & ~1);
        hole--;
    }
}

// What chroma makes of two rows of luma.
static void compare_chroma(unsigned cpu, int count)
{
    int shift = kernels_pick(3);
    size_t room = ((size_t)count << shift) + RL_WARP_PAD;
    struct rl_warp_fns c, fast;
    rl_warp_init(&c, 0);
    rl_warp_init(&fast, cpu);
    struct rl_disparity disparity = rl_disparity_make((enum rl_eye_side)kernels_pick(2),
                                                      RELIEF_ANCHOR_BOTH, 2, 0.5f, 1920);
    int32_t *maps[2], *place[2];
    int16_t *nears[2], *near[2];
    for (int i = 0; i < 2; i++) {
        maps[i] = calloc(room, sizeof *maps[i]);
        nears[i] = calloc(room, sizeof *nears[i]);
        fill_near(nears[i], count << shift);
        for (int x = 0; x < count << shift; x++)
            maps[i][x] = 256 * x + kernels_pick(2) * kernels_pick(2000);
        place[i] = kernels_guarded((size_t)count * sizeof **place);
        near[i] = kernels_guarded((size_t)count * sizeof **near);
    }
    c.chroma_row(place[0], count, shift, maps[0], maps[1], &disparity);
    fast.chroma_row(place[1], count, shift, maps[0], maps[1], &disparity);
    c.chroma_near_row(near[0], count, shift, nears[0], nears[1]);
    fast.chroma_near_row(near[1], count, shift, nears[0], nears[1]);
    CHECK(!memcmp(place[0], place[1], (size_t)count * sizeof **place));
    CHECK(!memcmp(near[0], near[1], (size_t)count * sizeof **near));
    for (int i = 0; i < 2; i++) {
        kernels_guarded_free(place[i], (size_t)count * sizeof **place);
        kernels_guarded_free(near[i], (size_t)count * sizeof **near);
        free(maps[i]);
        free(nears[i]);
    }
}

// The last words have bits behind the last cell.
static void compare_outline(unsigned cpu, int blocks)
{
    struct rl_outline_fns c, fast;
    rl_outline_init(&c, 0);
    rl_outline_init(&fast, cpu);
    const int count = blocks * RL_FILL_BLOCK;
    const size_t cells = (size_t)count + RL_FILL_BLOCK + 1;
    const size_t words = ((size_t)count + 63) / 64, bytes = words * sizeof(uint64_t);
    int16_t *near = kernels_guarded(cells * sizeof *near);
    uint64_t *edges[2], *gaps[2];
    fill_near(near, (int)cells);
    for (int i = 0; i < 2; i++) {
        edges[i] = kernels_guarded(bytes);
        gaps[i] = kernels_guarded(bytes);
        (i ? fast : c).row(edges[i], gaps[i], near, blocks);
    }
    for (int x = 0; x < count; x++) {
        const int b = x / RL_FILL_BLOCK;
        CHECK(!((edges[0][b / 64] ^ edges[1][b / 64]) >> b % 64 & 1));
        CHECK(!((gaps[0][x / 64] ^ gaps[1][x / 64]) >> x % 64 & 1));
    }
    for (int i = 0; i < 2; i++) {
        kernels_guarded_free(edges[i], bytes);
        kernels_guarded_free(gaps[i], bytes);
    }
    kernels_guarded_free(near, cells * sizeof *near);
}

static void compare_seam(unsigned cpu, int width)
{
    struct rl_seam_fns c, fast;
    struct rl_outline_fns outline;
    rl_seam_init(&c, 0);
    rl_seam_init(&fast, cpu);
    rl_outline_init(&outline, 0);
    const int blocks = (width + RL_FILL_BLOCK - 1) / RL_FILL_BLOCK, wide = kernels_pick(2);
    const size_t cells = (size_t)blocks * RL_FILL_BLOCK + 1, bytes = (size_t)width * (wide ? 2 : 1);
    uint64_t outlines[KERNELS_MAX_WIDTH], gaps[KERNELS_MAX_WIDTH];
    int16_t *near = malloc(cells * sizeof *near);
    uint8_t *wanted = kernels_guarded(bytes), *got = kernels_guarded(bytes);
    fill_near(near, (int)cells);
    outline.row(outlines, gaps, near, blocks);
    for (size_t i = 0; i < bytes; i++)
        wanted[i] = (uint8_t)(kernels_pick(2) ? kernels_pick(256) : kernels_pick(2) * 255);
    memcpy(got, wanted, bytes);
    c.row(wanted, near, outlines, width, wide);
    fast.row(got, near, outlines, width, wide);
    CHECK(!memcmp(got, wanted, bytes));
    kernels_guarded_free(wanted, bytes);
    kernels_guarded_free(got, bytes);
    free(near);
}

static void fill_positions(int32_t *map, int count, int width)
{
    int kind = kernels_pick(3), at = kernels_pick(256 * width), step = 200 + kernels_pick(120);
    for (int x = 0; x < count; x++) {
        at = kind == 0 ? kernels_pick(256 * width) : at + (kind == 1 ? 256 : step);
        map[x] = at % (256 * width);
    }
}

// Places in five rows of `stride` samples.
static void compare_points(const struct rl_sample_fns *c, const struct rl_sample_fns *fast,
                           const uint8_t *from, int stride)
{
    int32_t wanted[RL_SAMPLE_POINTS], got[RL_SAMPLE_POINTS];
    struct rl_sample_points points = {
        .from = from,
        .stride = stride,
        .taps = kernels_pick(2) ? rl_sample_taps : rl_sample_soft_taps,
        .down = kernels_pick(4) ? kernels_pick(256) : 0,
    };
    for (int k = 0; k < RL_SAMPLE_POINTS; k++) {
        points.at[k] = stride * kernels_pick(2) + kernels_pick(stride - 3);
        points.across[k] = kernels_pick(4) ? kernels_pick(256) : 0;
    }
    c->points8(wanted, &points);
    fast->points8(got, &points);
    CHECK(!memcmp(got, wanted, sizeof got));
}

static void compare_sample(unsigned cpu, int width, bool wide, int bits)
{
    struct rl_sample_fns c, fast;
    rl_sample_init(&c, 0);
    rl_sample_init(&fast, cpu);
    int count = 1 + kernels_pick(KERNELS_MAX_WIDTH), max = (1 << bits) - 1;
    size_t size = wide ? 2 : 1, bytes = (size_t)count * size;
    // An odd address for 8 bits, and not one byte behind the last sample.
    uint8_t *memory = malloc((size_t)width * size + 2);
    uint8_t *from = memory + 2 - (wide ? 0 : kernels_pick(2));
    int32_t *map = malloc((size_t)count * 4);
    void *wanted = kernels_guarded(bytes), *got = kernels_guarded(bytes);
    bool extreme = kernels_pick(2);
    for (int x = 0; x < width; x++) {
        int value = extreme ? kernels_pick(2) * max : kernels_pick(max + 1);
        if (wide)
            ((uint16_t *)(void *)from)[x] = (uint16_t)value;
        else
            from[x] = (uint8_t)value;
    }
    fill_positions(map, count, width);
    const void *const rows[2] = {from, from};
    void *const wanted_rows[2] = {wanted, wanted}, *const got_rows[2] = {got, got};
    const int planes = 1 + kernels_pick(2);
    (wide ? c.rows16 : c.rows8)(wanted_rows, rows, planes, width, map, count, max);
    (wide ? fast.rows16 : fast.rows8)(got_rows, rows, planes, width, map, count, max);
    CHECK(!memcmp(got, wanted, bytes));
    if (width >= 4 * 5) {  // five rows of the line
        ptrdiff_t stride = (ptrdiff_t)size * (width / 5);
        const int16_t *across = rl_sample_taps[kernels_pick(256)];
        const int16_t *down = rl_sample_soft_taps[kernels_pick(256)];
        const uint8_t *at = from + (wide ? 2 : 1) * (size_t)kernels_pick(width / 5 - 3);
        rl_sample_point_fn a = wide ? c.point16 : c.point8, b = wide ? fast.point16 : fast.point8;
        CHECK(a(at, stride, across, down) == b(at, stride, across, down));
        if (!wide)
            compare_points(&c, &fast, from, (int)stride);
    }
    kernels_guarded_free(wanted, bytes);
    kernels_guarded_free(got, bytes);
    free(map);
    free(memory);
}

enum { FILL_HEIGHT = 21 };

static void run_fill(struct rl_fill *fill, const int16_t *nears)
{
    const int width = fill->levels[0].width;
    for (int y = 0; y < FILL_HEIGHT; y++) {
        memcpy(rl_fill_near_row(fill, y), nears + y * width, (size_t)width * 2);
        rl_fill_take_row(fill, y);
    }
    rl_fill_find(fill);
    rl_fill_paint(fill);
}

// The second of two views has followed another, of which nothing may be left.
static void compare_fill(unsigned cpu, int width)
{
    struct rl_outline_fns outline[2];
    struct rl_sink_fns sink[2];
    struct rl_pyramid_fns fns[2];
    struct rl_texture_fns texture[2];
    int planes = 1 + kernels_pick(3), bits = kernels_pick(2) ? 8 : 9 + kernels_pick(8);
    size_t row = (size_t)width * (bits > 8 ? 2 : 1), size = row * FILL_HEIGHT;
    int tolerance = 12 + kernels_pick(20), mixed = kernels_pick(3);
    uint8_t *views[2];
    for (int i = 0; i < 2; i++) {
        rl_outline_init(&outline[i], i ? cpu : 0);
        rl_sink_init(&sink[i], i ? cpu : 0);
        rl_pyramid_init(&fns[i], i ? cpu : 0);
        rl_texture_init(&texture[i], i ? cpu : 0);
    }
    size_t cells = (size_t)width * FILL_HEIGHT;
    int16_t *nears = malloc(2 * cells * sizeof *nears);
    uint8_t *view = malloc(size * 3);
    for (size_t i = 0; i < size * 3 && bits == 8; i++)
        view[i] = (uint8_t)kernels_random();
    for (size_t i = 0; i < size * 3 / 2 && bits > 8; i++)
        ((uint16_t *)(void *)view)[i] = (uint16_t)kernels_pick(1 << bits);
    for (int y = 0; y < 2 * FILL_HEIGHT; y++)
        fill_near(nears + y * width, width);
    for (int i = 0; i < 2; i++) {
        struct rl_fill fill;
        void *memory = calloc(1, rl_fill_size(width, FILL_HEIGHT, planes));
        views[i] = malloc(size * 3);
        memcpy(views[i], view, size * 3);
        rl_fill_init(&fill, memory, width, FILL_HEIGHT, planes, &outline[i], &sink[i], &fns[i],
                     &texture[i]);
        for (int p = 0; p < planes; p++) {
            fill.view[p] = views[i] + size * (size_t)p;
            fill.view_stride[p] = (ptrdiff_t)row;
        }
        fill.bits = bits;
        fill.tolerance = tolerance;
        fill.mixed = mixed;
        if (i) {
            run_fill(&fill, nears + cells);
            memcpy(views[i], view, size * 3);
        }
        run_fill(&fill, nears);
        free(memory);
    }
    CHECK(!memcmp(views[0], views[1], size * 3));
    free(views[0]);
    free(views[1]);
    free(view);
    free(nears);
}

enum { ROWS = 3, DOWN = RL_UPSAMPLE_TOGETHER, MAX_CELLS = 400, MAX_WIDTH = 1920 };
enum { STEPS = 6 * ROWS, MIXED = STEPS + ROWS, LINES = MIXED + 2 * DOWN };

// The cells that rows see, in memory of its own; some are flat, some steps, some noise.
struct cells {
    float memory[LINES][MAX_CELLS + 2 * RL_UPSAMPLE_BORDER + RL_UPSAMPLE_PAD];
    int32_t at[MAX_WIDTH + RL_UPSAMPLE_PAD];
    float across[2][MAX_WIDTH + RL_UPSAMPLE_PAD];
    struct rl_upsample_rows rows;
};

// The lines of `rows`, which lie at some places between the cells.
static void mix_lines(struct cells *cells, float *const rows[LINES], int count)
{
    struct rl_upsample_fns fns;
    rl_upsample_init(&fns, 0);
    for (int i = 0; i < DOWN; i++) {
        struct rl_upsample_line *line = &cells->rows.lines[i];
        const float t = kernels_unit(),
                    weights[ROWS] = {0.5f * (1 - t) * (1 - t), 0.5f + t - t * t, 0.5f * t * t};
        memcpy(line->down, weights, sizeof weights);
        line->plain = rows[MIXED + 2 * i];
        line->step = rows[MIXED + 2 * i + 1];
        fns.mix_cells(rows[MIXED + 2 * i], cells->rows.depth, weights, count);
        fns.mix_cells(rows[MIXED + 2 * i + 1], cells->rows.step, weights, count);
    }
}

static void fill_cells(struct cells *cells, int count, int width)
{
    struct rl_upsample_map map = {.width = count,
                                  .planes = {{.width = width}},
                                  .at = cells->at,
                                  .across = {cells->across[0], cells->across[1]}};
    rl_upsample_place_columns(&map);
    const int kind = kernels_pick(3);
    float *rows[LINES];
    for (int k = 0; k < LINES; k++) {
        rows[k] = cells->memory[k] + RL_UPSAMPLE_BORDER;
        for (int x = -RL_UPSAMPLE_BORDER; x < count + RL_UPSAMPLE_BORDER; x++)
            rows[k][x] = kind == 0 && kernels_pick(4) ? 0.25f : kernels_unit();
    }
    cells->rows = (struct rl_upsample_rows){.at = map.at,
                                            .across = {map.across[0], map.across[1]},
                                            .shift_x = kernels_pick(3),
                                            .count = 1 + kernels_pick(DOWN)};
    for (int j = 0; j < ROWS; j++) {
        cells->rows.depth[j] = rows[j];
        cells->rows.far[j] = rows[12 + j];
        cells->rows.near[j] = rows[15 + j];
        cells->rows.step[j] = rows[STEPS + j];
        for (int i = 0; i < 3; i++)
            cells->rows.colour[i][j] = rows[3 + 3 * i + j];
    }
    memset(cells->memory[12 + kernels_pick(3)], 0, sizeof cells->memory[0]);
    for (int j = 0; j < ROWS; j++)
        for (int x = -RL_UPSAMPLE_BORDER; x < count + RL_UPSAMPLE_BORDER; x++)
            rows[STEPS + j][x] = kind == 1 && kernels_pick(8) ? 0
                                 : kernels_pick(2)            ? 1
                                                              : kernels_unit();
    mix_lines(cells, rows, count);
}

// What is made of these cells, from samples of one kind or the other.
static void make_rows(const struct rl_upsample_fns *fns, struct cells *cells, uint16_t *to,
                      void *const samples[3], int width, bool wide)
{
    struct rl_upsample_rows *rows = &cells->rows;
    for (int i = 0; i < rows->count; i++) {
        rows->lines[i].to = to + i * width;
        for (int k = 0; k < 3; k++)
            rows->lines[i].pixels[k] = (uint8_t *)samples[k] + i * width * (wide ? 2 : 1);
    }
    if (wide)
        fns->guided_rows16(rows, width, 1.0f / 65535);
    else
        fns->guided_rows8(rows, width, 1.0f / 255);
}

static void compare_upsample(unsigned cpu, int width)
{
    static struct cells cells;
    struct rl_upsample_fns c, fast;
    rl_upsample_init(&c, 0);
    rl_upsample_init(&fast, cpu);
    fill_cells(&cells, 1 + kernels_pick(width * 2 / 3 > 1 ? width * 2 / 3 : 1), width);
    size_t all = (size_t)width * 2 * DOWN, bytes = (size_t)width * 2;
    uint16_t *wanted = kernels_guarded(all), *got = kernels_guarded(all);
    uint8_t *rows8[3];
    uint16_t *rows16[3];
    for (int k = 0; k < 3; k++) {
        rows8[k] = malloc((size_t)width * DOWN);
        rows16[k] = malloc(all);
        for (int x = 0; x < width * DOWN; x++) {
            rows8[k][x] = (uint8_t)kernels_random();
            rows16[k][x] = (uint16_t)kernels_random();
        }
    }
    for (int wide = 0; wide < 2; wide++) {
        void *const *samples = wide ? (void *const *)rows16 : (void *const *)rows8;
        make_rows(&c, &cells, wanted, samples, width, wide);
        make_rows(&fast, &cells, got, samples, width, wide);
        CHECK(!memcmp(got, wanted, bytes * (size_t)cells.rows.count));
    }
    const int rim = 1 + kernels_pick(5);
    c.widen(wanted, rows16[0], width, rim);
    fast.widen(got, rows16[0], width, rim);
    CHECK(!memcmp(got, wanted, bytes));
    const uint16_t *down[RL_UPSAMPLE_DOWN] = {rows16[0], rows16[1], rows16[2], rows16[1],
                                              rows16[0], rows16[2], rows16[1]};
    c.widen_down(wanted, down, width);
    fast.widen_down(got, down, width);
    CHECK(!memcmp(got, wanted, bytes));
    kernels_guarded_free(wanted, all);
    kernels_guarded_free(got, all);
    for (int k = 0; k < 3; k++) {
        free(rows8[k]);
        free(rows16[k]);
    }
}

static void compare(unsigned cpu)
{
    for (int width = 1; width <= KERNELS_MAX_WIDTH; width++)
        for (int round = 0; round < 40; round++) {
            compare_map(cpu, width);
            compare_chroma(cpu, width);
            compare_outline(cpu, width);
            compare_seam(cpu, width);
            compare_sample(cpu, width, false, 8);
            compare_sample(cpu, width, true, 9 + kernels_pick(8));
            compare_upsample(cpu, width);
            if (round % 4 == 0)
                compare_fill(cpu, width);
        }
}

enum { BENCH_WIDTH = 1920, BENCH_CELLS = 384 };

// Depth at picture size: rows over cells that are all steps, and over flat ones.
static void bench_upsample(const uint16_t *depth, uint8_t *samples, uint16_t *wide)
{
    static struct cells cells;
    static uint16_t to[BENCH_WIDTH * DOWN];
    struct rl_upsample_fns upsample[2];
    for (int i = 0; i < 2; i++)
        rl_upsample_init(&upsample[i], i ? rl_cpu_flags(-1) : 0);
    fill_cells(&cells, BENCH_CELLS, BENCH_WIDTH);
    cells.rows.shift_x = 1;
    cells.rows.count = DOWN;
    void *const rows8[3] = {samples, samples, samples};
    void *const rows16[3] = {wide, wide, wide};
    KERNELS_BENCH("upsample guided_rows8, steps", BENCH_WIDTH * DOWN,
                  make_rows(&upsample[0], &cells, to, rows8, BENCH_WIDTH, false),
                  make_rows(&upsample[1], &cells, to, rows8, BENCH_WIDTH, false));
    KERNELS_BENCH("upsample guided_rows16, steps", BENCH_WIDTH * DOWN,
                  make_rows(&upsample[0], &cells, to, rows16, BENCH_WIDTH, true),
                  make_rows(&upsample[1], &cells, to, rows16, BENCH_WIDTH, true));
    memset(cells.memory[STEPS], 0, (LINES - STEPS) * sizeof cells.memory[0]);
    KERNELS_BENCH("upsample guided_rows8, flat", BENCH_WIDTH * DOWN,
                  make_rows(&upsample[0], &cells, to, rows8, BENCH_WIDTH, false),
                  make_rows(&upsample[1], &cells, to, rows8, BENCH_WIDTH, false));
    KERNELS_BENCH("upsample widen", BENCH_WIDTH, upsample[0].widen(to, depth, BENCH_WIDTH, 3),
                  upsample[1].widen(to, depth, BENCH_WIDTH, 3));
    const uint16_t *down[RL_UPSAMPLE_DOWN] = {wide, wide, wide, wide, wide, wide, wide};
    KERNELS_BENCH("upsample widen_down", BENCH_WIDTH, upsample[0].widen_down(to, down, BENCH_WIDTH),
                  upsample[1].widen_down(to, down, BENCH_WIDTH));
}

// Rows as films have them: gentle slopes, a few edges, an eye of 2 % divergence.
static void bench(void)
{
    static uint16_t depth[BENCH_WIDTH + RL_WARP_PAD], wide[BENCH_WIDTH * DOWN], to[BENCH_WIDTH];
    static int32_t targets[BENCH_WIDTH + RL_WARP_PAD], map[BENCH_WIDTH + RL_WARP_PAD];
    static uint8_t samples[BENCH_WIDTH * DOWN];
    struct rl_warp_fns warp[2];
    struct rl_sample_fns sample[2];
    for (int i = 0; i < 2; i++) {
        rl_warp_init(&warp[i], i ? rl_cpu_flags(-1) : 0);
        rl_sample_init(&sample[i], i ? rl_cpu_flags(-1) : 0);
    }
    for (int x = 0, value = 30000; x < BENCH_WIDTH; x++) {
        value = x % 300 ? value + kernels_pick(60) - 28 : kernels_pick(60000);
        depth[x] = (uint16_t)(value < 0 ? 0 : value > 65535 ? 65535 : value);
        samples[x] = (uint8_t)kernels_random();
        wide[x] = (uint16_t)(kernels_random() & 1023);
    }
    for (int side = 0; side < 2; side++) {
        struct rl_disparity d = rl_disparity_make((enum rl_eye_side)side, RELIEF_ANCHOR_BOTH, 2,
                                                  0.5, BENCH_WIDTH);
        KERNELS_BENCH(side ? "map_row, right eye" : "map_row, left eye", BENCH_WIDTH,
                      warp[0].map_row(map, depth, BENCH_WIDTH, &d, targets),
                      warp[1].map_row(map, depth, BENCH_WIDTH, &d, targets));
    }
    struct rl_disparity right = rl_disparity_make(RL_SIDE_RIGHT, RELIEF_ANCHOR_BOTH, 2, 0.5,
                                                  BENCH_WIDTH);
    static int16_t near[BENCH_WIDTH + RL_WARP_PAD];
    KERNELS_BENCH("near_row", BENCH_WIDTH, warp[0].near_row(near, map, BENCH_WIDTH, &right),
                  warp[1].near_row(near, map, BENCH_WIDTH, &right));
    void *const to_rows[2] = {to, to};
    const void *const rows8[2] = {samples, samples}, *const rows16[2] = {wide, wide};
    KERNELS_BENCH("sample rows8, one", BENCH_WIDTH,
                  sample[0].rows8(to_rows, rows8, 1, BENCH_WIDTH, map, BENCH_WIDTH, 255),
                  sample[1].rows8(to_rows, rows8, 1, BENCH_WIDTH, map, BENCH_WIDTH, 255));
    KERNELS_BENCH("sample rows8, two", BENCH_WIDTH,
                  sample[0].rows8(to_rows, rows8, 2, BENCH_WIDTH, map, BENCH_WIDTH, 255),
                  sample[1].rows8(to_rows, rows8, 2, BENCH_WIDTH, map, BENCH_WIDTH, 255));
    KERNELS_BENCH("sample rows16, one", BENCH_WIDTH,
                  sample[0].rows16(to_rows, rows16, 1, BENCH_WIDTH, map, BENCH_WIDTH, 1023),
                  sample[1].rows16(to_rows, rows16, 1, BENCH_WIDTH, map, BENCH_WIDTH, 1023));
    bench_upsample(depth, samples, wide);
}

int main(int argc, char **argv)
{
    kernels_begin(argc, argv);
    KERNELS_EACH_LEVEL(cpu)
    {
        compare(cpu);
        printf("compared %s\n", rl_cpu_name(cpu));
    }
    if (kernels_bench)
        bench();
    return check_result();
}
