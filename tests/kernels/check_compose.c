// SPDX-License-Identifier: MIT
//
// The kernels of the compose room at every CPU level against C, to the bit, at every width.
#include "check_kernels.h"

#include "compose/anaglyph/anaglyph.h"
#include "compose/bend/bend.h"
#include "compose/glow/glow.h"
#include "compose/pack/half.h"

enum { MARGIN = RL_ANAGLYPH_BLOCK, ROOM = 2 * KERNELS_MAX_WIDTH + 4 * MARGIN };

// A scratch row with margins on both sides, as the kernels ask for.
struct row {
    uint16_t samples[ROOM];
};

static void fill_row(struct row *row, int most)
{
    int kind = kernels_pick(3), value = kernels_pick(most + 1);
    for (int x = 0; x < ROOM; x++) {
        if (kind == 0 || kernels_pick(6) == 0)
            value = kind == 2 ? kernels_pick(2) * most : kernels_pick(most + 1);
        row->samples[x] = (uint16_t)value;
    }
}

static uint16_t *at(struct row *row)
{
    return row->samples + MARGIN;
}

static void compare_rows(const struct row *a, const struct row *b, int width)
{
    CHECK(!memcmp(a->samples + MARGIN, b->samples + MARGIN, (size_t)width * sizeof *a->samples));
}

static void check_reshaping(const struct rl_anaglyph_fns *c, const struct rl_anaglyph_fns *fast,
                            int width)
{
    struct row in, other, wanted = {{0}}, got = {{0}};
    fill_row(&in, 65535);
    fill_row(&other, 65535);
    c->average(at(&wanted), at(&in), at(&other), width);
    fast->average(at(&got), at(&in), at(&other), width);
    compare_rows(&wanted, &got, width);
    c->up_left(at(&wanted), at(&in), width);
    fast->up_left(at(&got), at(&in), width);
    compare_rows(&wanted, &got, 2 * width);
    c->up_centre(at(&wanted), at(&in), width);
    fast->up_centre(at(&got), at(&in), width);
    compare_rows(&wanted, &got, 2 * width);
    c->down_left(at(&wanted), at(&in), width);
    fast->down_left(at(&got), at(&in), width);
    compare_rows(&wanted, &got, width);
    c->down_centre(at(&wanted), at(&in), width);
    fast->down_centre(at(&got), at(&in), width);
    compare_rows(&wanted, &got, width);
}

// Factors whose sums fit, as those of real maps do.
static struct rl_anaglyph_map random_map(int bits)
{
    struct rl_anaglyph_map map = {.mix_shift = 1 + kernels_pick(16)};
    for (int row = 0; row < 3; row++) {
        for (int i = 0; i < 6; i++)
            map.mix[row][i] = (int16_t)(kernels_pick(10000) - 5000);
        for (int i = 0; i < 3; i++)
            map.code[row][i] = (int16_t)(kernels_pick(40000) - 20000);
        map.mix_bias[row] = kernels_pick(1 << 29);
        map.code_bias[row] = kernels_pick(1 << 26);
        map.code_shift[row] = 31 - bits + kernels_pick(3);
    }
    map.code_max = (uint16_t)((1u << bits) - 1);
    return map;
}

static void check_matrices(const struct rl_anaglyph_fns *c, const struct rl_anaglyph_fns *fast,
                           int width)
{
    struct row in[6], wanted[3] = {{{0}}}, got[3] = {{{0}}};
    const uint16_t *rows[6], *rgb[3];
    uint16_t *to_c[3], *to_fast[3];
    const int deep = kernels_pick(2), bits = deep ? 9 + kernels_pick(8) : 8;
    const struct rl_anaglyph_map map = random_map(bits);
    for (int i = 0; i < 6; i++) {
        fill_row(&in[i], 65535);
        rows[i] = at(&in[i]);
    }
    for (int i = 0; i < 3; i++) {
        to_c[i] = at(&wanted[i]);
        to_fast[i] = at(&got[i]);
        rgb[i] = at(&wanted[i]);
    }
    c->mix(to_c, rows, width, &map);
    fast->mix(to_fast, rows, width, &map);
    for (int i = 0; i < 3; i++)
        compare_rows(&wanted[i], &got[i], width);
    const size_t bytes = (size_t)width << deep;
    void *coded = kernels_guarded(bytes), *coded_fast = kernels_guarded(bytes);
    for (int plane = 0; plane < 3; plane++) {
        c->code[deep](coded, rgb, width, &map, plane);
        fast->code[deep](coded_fast, rgb, width, &map, plane);
        CHECK(!memcmp(coded, coded_fast, bytes));
    }
    kernels_guarded_free(coded, bytes);
    kernels_guarded_free(coded_fast, bytes);
}

// A row of a picture: nothing behind its end may be read.
static void *random_samples(int width, int deep, int max)
{
    uint8_t *samples = malloc((size_t)width << deep);
    bool extreme = kernels_pick(3) == 0;
    if (!samples)
        abort();
    for (int x = 0; x < width; x++) {
        int value = extreme ? kernels_pick(2) * max : kernels_pick(max + 1);
        if (deep)
            ((uint16_t *)(void *)samples)[x] = (uint16_t)value;
        else
            samples[x] = (uint8_t)value;
    }
    return samples;
}

static void check_widen(const struct rl_anaglyph_fns *c, const struct rl_anaglyph_fns *fast,
                        int width)
{
    for (int deep = 0; deep < 2; deep++) {
        const int bits = deep ? 9 + kernels_pick(8) : 8;
        struct row wanted, got;
        void *samples = random_samples(width, deep, (1 << bits) - 1);
        void *other = random_samples(width, deep, (1 << bits) - 1);
        c->widen[deep](at(&wanted), samples, width, 16 - bits);
        fast->widen[deep](at(&got), samples, width, 16 - bits);
        compare_rows(&wanted, &got, width);
        c->between[deep](at(&wanted), samples, other, width, 16 - bits);
        fast->between[deep](at(&got), samples, other, width, 16 - bits);
        compare_rows(&wanted, &got, width);
        free(samples);
        free(other);
    }
}

static void check_half(unsigned cpu, int width)
{
    struct rl_half_fns c, fast;
    rl_half_init(&c, 0);
    rl_half_init(&fast, cpu);
    for (int deep = 0; deep < 2; deep++) {
        const int max = deep ? (1 << (9 + kernels_pick(8))) - 1 : 255;
        const int from_width = width * 2 + kernels_pick(3) - 1;
        const int16_t *taps = kernels_pick(2) ? rl_half_taps_left : rl_half_taps_centre;
        const size_t bytes = (size_t)width << deep;
        void *wanted = kernels_guarded(bytes), *got = kernels_guarded(bytes);
        void *from = random_samples(from_width, deep, max), *rows[RL_HALF_TAPS];
        c.across[deep](wanted, from, width, from_width, max, taps);
        fast.across[deep](got, from, width, from_width, max, taps);
        CHECK(!memcmp(wanted, got, bytes));
        for (int k = 0; k < RL_HALF_TAPS; k++)
            rows[k] = random_samples(width, deep, max);
        c.down[deep](wanted, (const void *const *)rows, width, max, taps);
        fast.down[deep](got, (const void *const *)rows, width, max, taps);
        CHECK(!memcmp(wanted, got, bytes));
        for (int k = 0; k < RL_HALF_TAPS; k++)
            free(rows[k]);
        free(from);
        kernels_guarded_free(wanted, bytes);
        kernels_guarded_free(got, bytes);
    }
}

// ---------------------------------------------------------------------------------------------
// Onto a sphere

enum { BEND_ROWS = 40, BEND_STRIDE = KERNELS_MAX_WIDTH + RL_BEND_BLOCK };

// Columns whose places, weights and stretch are of any kind; some are black.
static struct rl_bend random_bend(int width, int from_width)
{
    struct rl_bend bend = {.width = width};
    for (int k = 0; k < 2; k++) {
        bend.at[k] = calloc(BEND_STRIDE, sizeof *bend.at[k]);
        bend.share[k] = calloc(BEND_STRIDE, sizeof *bend.share[k]);
    }
    bend.outside = calloc(BEND_STRIDE, sizeof *bend.outside);
    bend.secant = calloc(BEND_STRIDE, sizeof *bend.secant);
    for (int x = 0; x < width; x++) {
        for (int k = 0; k < 2; k++) {
            const int b = kernels_pick(RL_BEND_UNIT);
            if (kernels_pick(5) == 0) {
                bend.outside[x] += RL_BEND_UNIT;
                continue;
            }
            bend.at[k][x] = kernels_pick(from_width);
            bend.share[k][x] = (RL_BEND_UNIT - b) | b << 16;
        }
        bend.secant[x] = 1 + kernels_unit() * 3;
    }
    return bend;
}

static void free_bend(struct rl_bend *bend)
{
    for (int k = 0; k < 2; k++) {
        free(bend->at[k]);
        free(bend->share[k]);
    }
    free(bend->outside);
    free(bend->secant);
}

static void check_bend(unsigned cpu, int width)
{
    struct rl_bend_fns c, fast;
    static uint32_t wanted[BEND_ROWS][BEND_STRIDE], got[BEND_ROWS][BEND_STRIDE];
    const int from_width = 1 + kernels_pick(60), rows = 1 + kernels_pick(BEND_ROWS);
    struct rl_bend bend = random_bend(width, from_width);
    rl_bend_init(&c, 0);
    rl_bend_init(&fast, cpu);
    for (int deep = 0; deep < 2; deep++) {
        const int bits = deep ? 9 + kernels_pick(8) : 8, max = (1 << bits) - 1;
        const uint32_t black = (uint32_t)kernels_pick(max + 1);
        memset(wanted, 0, sizeof wanted);
        memset(got, 0, sizeof got);
        for (int y = 0; y < rows; y++) {
            const int above = y ? y - 1 : BEND_ROWS - 1;
            void *from = random_samples(from_width + RL_BEND_BEHIND, deep, max);
            c.across[deep](wanted[y], wanted[above], from, &bend, black, bits - 8);
            fast.across[deep](got[y], got[above], from, &bend, black, bits - 8);
            free(from);
            CHECK(!memcmp(wanted[above], got[above], (size_t)width * sizeof got[0][0]));
        }
        const struct rl_bend_row row = {
            .pairs = wanted[0],
            .stride = BEND_STRIDE,
            .rows = rows,
            .middle = kernels_unit() * (float)(rows * RL_BEND_UNIT),
            .down = {(kernels_unit() - .5f) * 4000, (kernels_unit() - .5f) * 4000},
            .black = black,
            .shift = bits - 8};
        const size_t bytes = (size_t)width << deep;
        void *to = kernels_guarded(bytes), *to_fast = kernels_guarded(bytes);
        c.down[deep](to, &bend, &row);
        fast.down[deep](to_fast, &bend, &row);
        CHECK(!memcmp(to, to_fast, bytes));
        kernels_guarded_free(to, bytes);
        kernels_guarded_free(to_fast, bytes);
    }
    free_bend(&bend);
}

static void bench_bend(void)
{
    enum { WIDTH = KERNELS_MAX_WIDTH };
    struct rl_bend_fns c, fast;
    static uint32_t pairs[2][BEND_STRIDE];
    struct rl_bend bend = random_bend(WIDTH, WIDTH);
    const struct rl_bend_row row = {.pairs = pairs[0],
                                    .stride = BEND_STRIDE,
                                    .rows = 2,
                                    .middle = 60,
                                    .down = {2, 3},
                                    .black = 16};
    void *from = random_samples(WIDTH + RL_BEND_BEHIND, 0, 255);
    uint8_t to[WIDTH];
    rl_bend_init(&c, 0);
    rl_bend_init(&fast, rl_cpu_flags(-1));
    KERNELS_BENCH("bend across 8", WIDTH, c.across[0](pairs[1], pairs[0], from, &bend, 16, 0),
                  fast.across[0](pairs[1], pairs[0], from, &bend, 16, 0));
    KERNELS_BENCH("bend down 8", WIDTH, c.down[0](to, &bend, &row), fast.down[0](to, &bend, &row));
    free(from);
    free_bend(&bend);
}

// ---------------------------------------------------------------------------------------------
// By way of light

static void fill_table(uint16_t *table, int count, int most)
{
    for (int i = 0; i < count + RL_GLOW_BEHIND; i++)
        table[i] = (uint16_t)kernels_pick(most + 1);
}

static struct rl_glow random_glow(void)
{
    static uint16_t to_light[RL_GLOW_CODES + RL_GLOW_BEHIND];
    static uint16_t to_code[RL_GLOW_LIGHTS + RL_GLOW_BEHIND];
    static bool filled;
    struct rl_glow glow = {.to_light = to_light, .to_code = to_code};
    if (!filled) {
        fill_table(to_light, RL_GLOW_CODES, RL_GLOW_LIGHTS - 1);
        fill_table(to_code, RL_GLOW_LIGHTS, RL_GLOW_CODES - 1);
        filled = true;
    }
    for (int row = 0; row < 3; row++)
        for (int i = 0; i < 6; i++)
            glow.matrix[row][i] = kernels_pick(21000) - 10000;
    return glow;
}

static void check_glow(unsigned cpu, int width)
{
    struct rl_glow_fns c, fast;
    struct row in[6], wanted[3] = {{{0}}}, got[3] = {{{0}}};
    const uint16_t *rows[6];
    uint16_t *to[3], *to_fast[3];
    const struct rl_glow glow = random_glow();
    rl_glow_init(&c, 0);
    rl_glow_init(&fast, cpu);
    for (int i = 0; i < 6; i++) {
        fill_row(&in[i], kernels_pick(4) ? RL_GLOW_CODES - 1 : 65535);
        rows[i] = at(&in[i]);
    }
    for (int i = 0; i < 3; i++) {
        to[i] = at(&wanted[i]);
        to_fast[i] = at(&got[i]);
    }
    c.mix(&glow, to, rows, width);
    fast.mix(&glow, to_fast, rows, width);
    for (int i = 0; i < 3; i++)
        compare_rows(&wanted[i], &got[i], width);
    c.lift(&glow, to, rows, width);
    fast.lift(&glow, to_fast, rows, width);
    for (int i = 0; i < 3; i++)
        compare_rows(&wanted[i], &got[i], width);
}

static void bench_glow(void)
{
    enum { WIDTH = KERNELS_MAX_WIDTH };
    struct rl_glow_fns c, fast;
    static struct row in[6], out[3];
    const struct rl_glow glow = random_glow();
    const uint16_t *rows[6];
    uint16_t *to[3];
    rl_glow_init(&c, 0);
    rl_glow_init(&fast, rl_cpu_flags(-1));
    for (int i = 0; i < 6; i++) {
        fill_row(&in[i], RL_GLOW_CODES - 1);
        rows[i] = at(&in[i]);
        to[i % 3] = at(&out[i % 3]);
    }
    KERNELS_BENCH("glow mix", WIDTH, c.mix(&glow, to, rows, WIDTH),
                  fast.mix(&glow, to, rows, WIDTH));
    KERNELS_BENCH("glow lift", WIDTH, c.lift(&glow, to, rows, WIDTH),
                  fast.lift(&glow, to, rows, WIDTH));
}

static void bench(void)
{
    enum { WIDTH = KERNELS_MAX_WIDTH };
    struct rl_anaglyph_fns c, fast;
    struct rl_half_fns half_c, half_fast;
    static struct row in[6], out[3];
    static uint8_t bytes[2 * WIDTH];
    const struct rl_anaglyph_map map = random_map(8);
    const uint16_t *rows[6], *rgb[3];
    const void *lines[RL_HALF_TAPS];
    uint16_t *to[3];
    rl_anaglyph_init(&c, 0);
    rl_anaglyph_init(&fast, rl_cpu_flags(-1));
    rl_half_init(&half_c, 0);
    rl_half_init(&half_fast, rl_cpu_flags(-1));
    for (int i = 0; i < 6; i++)
        rows[i] = at(&in[i]);
    for (int i = 0; i < 3; i++)
        rgb[i] = to[i] = at(&out[i]);
    for (int k = 0; k < RL_HALF_TAPS; k++)
        lines[k] = bytes;
    KERNELS_BENCH("anaglyph widen 8", WIDTH, c.widen[0](to[0], bytes, WIDTH, 8),
                  fast.widen[0](to[0], bytes, WIDTH, 8));
    KERNELS_BENCH("anaglyph between 8", WIDTH, c.between[0](to[0], bytes, bytes, WIDTH, 8),
                  fast.between[0](to[0], bytes, bytes, WIDTH, 8));
    KERNELS_BENCH("anaglyph average", WIDTH, c.average(to[0], rows[0], rows[1], WIDTH),
                  fast.average(to[0], rows[0], rows[1], WIDTH));
    KERNELS_BENCH("anaglyph up left", WIDTH, c.up_left(to[0], rows[0], WIDTH / 2),
                  fast.up_left(to[0], rows[0], WIDTH / 2));
    KERNELS_BENCH("anaglyph up centre", WIDTH, c.up_centre(to[0], rows[0], WIDTH / 2),
                  fast.up_centre(to[0], rows[0], WIDTH / 2));
    KERNELS_BENCH("anaglyph down left", WIDTH, c.down_left(to[0], rows[0], WIDTH / 2),
                  fast.down_left(to[0], rows[0], WIDTH / 2));
    KERNELS_BENCH("anaglyph down centre", WIDTH, c.down_centre(to[0], rows[0], WIDTH / 2),
                  fast.down_centre(to[0], rows[0], WIDTH / 2));
    KERNELS_BENCH("anaglyph mix", WIDTH, c.mix(to, rows, WIDTH, &map),
                  fast.mix(to, rows, WIDTH, &map));
    KERNELS_BENCH("anaglyph widen 16", WIDTH, c.widen[1](to[0], rows[0], WIDTH, 6),
                  fast.widen[1](to[0], rows[0], WIDTH, 6));
    KERNELS_BENCH("anaglyph code 8", WIDTH, c.code[0](bytes, rgb, WIDTH, &map, 0),
                  fast.code[0](bytes, rgb, WIDTH, &map, 0));
    KERNELS_BENCH("half across 8", WIDTH,
                  half_c.across[0](to[0], bytes, WIDTH, 2 * WIDTH, 255, rl_half_taps_centre),
                  half_fast.across[0](to[0], bytes, WIDTH, 2 * WIDTH, 255, rl_half_taps_centre));
    KERNELS_BENCH("half down 8", WIDTH,
                  half_c.down[0](to[0], lines, WIDTH, 255, rl_half_taps_centre),
                  half_fast.down[0](to[0], lines, WIDTH, 255, rl_half_taps_centre));
}

int main(int argc, char **argv)
{
    kernels_begin(argc, argv);
    KERNELS_EACH_LEVEL(cpu)
    for (int width = 1; width <= KERNELS_MAX_WIDTH; width++)
        for (int round = 0; round < 4; round++) {
            struct rl_anaglyph_fns c, fast;
            rl_anaglyph_init(&c, 0);
            rl_anaglyph_init(&fast, cpu);
            check_reshaping(&c, &fast, width);
            check_matrices(&c, &fast, width);
            check_widen(&c, &fast, width);
            check_half(cpu, width);
            check_bend(cpu, width);
            check_glow(cpu, width);
        }
    if (kernels_bench) {
        bench();
        bench_bend();
        bench_glow();
    }
    return check_result();
}
