// SPDX-License-Identifier: MIT
//
// How smooth and how true outlines of near things are: drawn things whose outline is known, before
// a wall, with a map of a network's size and softness (a cell is 3.4 pixels; Gauss, 1.1 cells),
// through the upsampling alone.
//
//     outlines
//
// Things are half-planes at several angles and a disc. In rows of pixels where outlines are steep,
// and in columns where they are not, it is measured how far from the outline, along its normal, the
// step in depth is; and in rows how far from where it belongs the last pixel before it goes in a
// view, when depth 1 goes 1.4 % of the width. Prints, in pixels, by how much thing and wall differ
// in colour:
//     off     mean of that, outwards: near things are widened
//     spread  standard deviation of that
//     teeth   root mean square of how far a row's step is from the mean of the two beside it
//     specks  steps more than there should be, % of rows
// "map off" is with a map that is off by 2 pixels, up and left.
#include "base/cpu.h"
#include "plane/sum/sum.h"
#include "stereo/upsample/upsample.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 768, HEIGHT = 432, MAP_WIDTH = 224, MAP_HEIGHT = 126, REACH = 12 };

static const double near = 0.8, far = 0.3, soft_px = 1.1 * WIDTH / MAP_WIDTH;
static const double shift_px = 0.014 * WIDTH;  // of depth 1 in one eye

// How far a point is inside of the thing, pixels.
struct thing {
    const char *name;
    double angle, radius;  // of the normal to the row, degrees; 0: a half-plane
};

static const struct thing things[] = {{"upright", 3, 0}, {"slanted", 20, 0},  {"diagonal", 43, 0},
                                      {"flat", -77, 0},  {"leaning", -31, 0}, {"disc", 0, 150}};

static double inside(const struct thing *thing, double x, double y)
{
    const double angle = thing->angle * acos(-1) / 180;
    x -= WIDTH / 2.0 + 0.3;
    y -= HEIGHT / 2.0 + 0.4;
    return thing->radius > 0 ? thing->radius - hypot(x, y) : -x * cos(angle) - y * sin(angle);
}

// The share of the thing that a blur of `sigma` pixels leaves.
static double share(double inside_px, double sigma)
{
    return 0.5 * erfc(-inside_px / sigma / sqrt(2));
}

static double grain(double x, double y, double phase)
{
    return sin(x * 0.31 + y * 0.23 + phase) * sin(y * 0.27 - x * 0.11 + 2 * phase) +
           0.5 * sin(x * 0.83 - y * 0.61 + phase) * sin(y * 0.9 + phase);
}

static double noise(void)
{
    static uint32_t state = 1;
    state = state * 1664525u + 1013904223u;
    return (double)(state >> 8) / (1 << 24) - 0.5;
}

struct scene {
    uint8_t *planes[3];
    float *map;
};

static void draw(const struct scene *scene, const struct thing *thing, double contrast,
                 double off_px)
{
    static const double mean[3] = {120, 118, 134}, part[3] = {1, 0.3, -0.2};
    for (int c = 0; c < 3; c++)
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < WIDTH; x++) {
                const double at = share(inside(thing, x + 0.5, y + 0.5), 0.8);
                const double texture = at * grain(x, y, 0) + (1 - at) * grain(x, y, 2.1);
                const double value = mean[c] +
                                     part[c] * (contrast * 255 * (at - 0.5) + 12 * texture) +
                                     6 * noise();
                scene->planes[c][y * WIDTH + x] = (uint8_t)fmin(fmax(value, 0), 255);
            }
    for (int y = 0; y < MAP_HEIGHT; y++)
        for (int x = 0; x < MAP_WIDTH; x++) {
            const double px = (x + 0.5) * WIDTH / MAP_WIDTH, py = (y + 0.5) * HEIGHT / MAP_HEIGHT;
            const double at = share(inside(thing, px + off_px, py + off_px), soft_px);
            scene->map[y * MAP_WIDTH + x] = (float)(far + at * (near - far));
        }
}

static void *room(size_t count, size_t each)
{
    void *numbers = calloc(count + RL_UPSAMPLE_PAD, each);
    if (!numbers)
        abort();
    return numbers;
}

static struct rl_upsample_map describe(const struct scene *scene)
{
    struct rl_upsample_map map = {.data = scene->map,
                                  .stride = MAP_WIDTH * (ptrdiff_t)sizeof(float),
                                  .width = MAP_WIDTH,
                                  .height = MAP_HEIGHT,
                                  .bits = 8,
                                  .weight = 1};
    const size_t cells = (MAP_WIDTH + 2 * RL_UPSAMPLE_BORDER) * MAP_HEIGHT;
    for (int c = 0; c < 3; c++)
        map.planes[c] = (struct rl_upsample_plane){scene->planes[c], WIDTH, WIDTH, HEIGHT};
    for (int k = 0; k < RL_CELLS; k++)
        map.cells[k] = (float *)room(cells, sizeof(float)) + RL_UPSAMPLE_BORDER;
    map.at = room(WIDTH, sizeof *map.at);
    for (int k = 0; k < 2; k++)
        map.across[k] = room(WIDTH, sizeof(float));
    return map;
}

static void free_map(struct rl_upsample_map *map)
{
    for (int k = 0; k < RL_CELLS; k++)
        free(map->cells[k] - RL_UPSAMPLE_BORDER);
    free(map->at);
    for (int k = 0; k < 2; k++)
        free(map->across[k]);
}

// The whole map at picture size.
static void upsample(uint16_t *to, struct rl_upsample_map *map)
{
    struct rl_sum_fns sum;
    struct rl_upsample_fns fns;
    struct rl_upsample_scratch scratch;
    const size_t cells = RL_UPSAMPLE_TOGETHER *
                         (MAP_WIDTH + 2 * RL_UPSAMPLE_BORDER + RL_UPSAMPLE_PAD);
    rl_sum_init(&sum, rl_cpu_flags(-1));
    rl_upsample_init(&fns, rl_cpu_flags(-1));
    const struct rl_upsample_adder adder = {sum.add_row, sum.add_deep_row,
                                            room(WIDTH, sizeof(uint32_t))};
    for (int k = 0; k < RL_UPSAMPLE_LINES; k++)
        scratch.lines[k] = room(WIDTH, sizeof(uint16_t));
    scratch.spare = room(WIDTH, sizeof(uint16_t));
    scratch.plain = room(cells, sizeof(float));
    scratch.step = room(cells, sizeof(float));
    rl_upsample_place_columns(map);
    rl_upsample_take_rows(map, 0, map->height);
    rl_upsample_measure(map);
    for (int k = 0; k < RL_UPSAMPLE_SHARPENS && map->softness > 0; k++)
        rl_upsample_sharpen_rows(&fns, map, k, 0, map->height);
    rl_upsample_fit_rows(&fns, map, 0, map->height);
    rl_upsample_guide_rows(map, &adder, 0, map->height);
    rl_upsample_begin(&scratch, HEIGHT);
    for (int y = 0; y < HEIGHT; y++)
        rl_upsample_row(&fns, to + y * WIDTH, y, map, &scratch);
    for (int k = 0; k < RL_UPSAMPLE_LINES; k++)
        free(scratch.lines[k]);
    free(scratch.spare);
    free(scratch.plain);
    free(scratch.step);
    free(adder.sums);
}

struct sums {
    double off, square, teeth;
    int count, twos, specks;
};

// A line across the outline: where it begins, and its direction.
struct line {
    int x, y, dx, dy;
};

static double depth_at(const uint16_t *depth, const struct line *line, int k)
{
    return depth[(line->y + k * line->dy) * WIDTH + line->x + k * line->dx] / 65535.0 -
           (near + far) / 2;
}

// How far outside the first step after `at` lies, pixels; counts steps within reach.
static double find_step(const uint16_t *depth, const struct thing *thing, const struct line *line,
                        int at, int *steps)
{
    double best = NAN;
    for (int k = at - REACH; k < at + REACH; k++) {
        const double a = depth_at(depth, line, k), b = depth_at(depth, line, k + 1);
        if ((a > 0) == (b > 0))
            continue;
        const double place = k + 0.5 + a / (a - b);
        const double lag = line->dx * shift_px * ((near - far) / 2 - fmax(a, b));
        const double off = lag - inside(thing, line->x + 0.5 * line->dy + place * line->dx,
                                        line->y + 0.5 * line->dx + place * line->dy);
        if (!(fabs(best) < fabs(off)))
            best = off;
        (*steps)++;
    }
    return best;
}

// Of the outlines that a line crosses, the one on the side `rising` says; -1: none that is steep.
static int find_outline(const struct thing *thing, const struct line *line, int count, bool rising)
{
    for (int k = REACH; k + 1 + REACH < count; k++) {
        const double a = inside(thing, line->x + 0.5 + k * line->dx, line->y + 0.5 + k * line->dy);
        const double b = inside(thing, line->x + 0.5 + (k + 1) * line->dx,
                                line->y + 0.5 + (k + 1) * line->dy);
        if ((a > 0) != (b > 0) && (b > a) == rising && fabs(b - a) > 0.7)
            return k;
    }
    return -1;
}

static void measure(struct sums *sums, const uint16_t *depth, const struct thing *thing,
                    bool by_rows, bool rising)
{
    const int lines = by_rows ? HEIGHT : WIDTH, count = by_rows ? WIDTH : HEIGHT;
    double before[2] = {NAN, NAN};
    for (int i = REACH; i + REACH < lines; i++) {
        const struct line line = {by_rows ? 0 : i, by_rows ? i : 0, by_rows, !by_rows};
        const int at = find_outline(thing, &line, count, rising);
        int steps = 0;
        const double off = at < 0 ? NAN : find_step(depth, thing, &line, at, &steps);
        if (!isnan(off)) {
            sums->off += off;
            sums->square += off * off;
            sums->specks += steps - 1;
            sums->count++;
        }
        const double bend = before[1] - (before[0] + off) / 2;
        if (!isnan(bend)) {
            sums->teeth += bend * bend;
            sums->twos++;
        }
        before[0] = before[1];
        before[1] = off;
    }
}

static void judge(const struct scene *scene, double contrast, double off_px)
{
    struct rl_upsample_map map = describe(scene);
    uint16_t *depth = room(WIDTH * HEIGHT, sizeof *depth);
    struct sums sums = {0};
    for (size_t i = 0; i < sizeof things / sizeof *things; i++) {
        draw(scene, &things[i], contrast, off_px);
        upsample(depth, &map);
        for (int k = 0; k < 4; k++)
            measure(&sums, depth, &things[i], k / 2, k % 2);
    }
    const double off = sums.off / sums.count;
    printf("%7.0f %% %-8s %6.2f %6.2f %6.2f %6.1f\n", contrast * 100, off_px > 0 ? "map off" : "",
           off, sqrt(fmax(sums.square / sums.count - off * off, 0)), sqrt(sums.teeth / sums.twos),
           100.0 * sums.specks / sums.count);
    free_map(&map);
    free(depth);
}

int main(void)
{
    static const double contrasts[] = {0.5, 0.25, 0.12, 0.06, 0.03, 0};
    struct scene scene = {.map = room(MAP_WIDTH * MAP_HEIGHT, sizeof(float))};
    for (int c = 0; c < 3; c++)
        scene.planes[c] = room(WIDTH * HEIGHT, 1);
    printf("contrast           off spread  teeth specks\n");
    for (int off = 0; off < 2; off++)
        for (size_t i = 0; i < sizeof contrasts / sizeof *contrasts - 2 * (size_t)off; i++)
            judge(&scene, contrasts[i], 2 * off);
    for (int c = 0; c < 3; c++)
        free(scene.planes[c]);
    free(scene.map);
    return EXIT_SUCCESS;
}
