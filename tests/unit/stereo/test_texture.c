// SPDX-License-Identifier: MIT
//
// Lines and textures go on into holes: a near thing, a hole beside it, and a far wall with a
// pattern.
#include "check.h"

#include "stereo/fill/fill.h"
#include "stereo/fill/outline.h"
#include "stereo/fill/pyramid.h"
#include "stereo/fill/sink.h"
#include "stereo/fill/texture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { W = 96, H = 64, HOLE = 30, HOLE_END = 44, NEAR = 400, WHITE = 255, INNER = 4, POLE = 3 };

struct scene {
    uint8_t view[W * H];
    void *memory;
    struct rl_fill fill;
    struct rl_outline_fns outline;
    struct rl_sink_fns sink;
    struct rl_pyramid_fns pyramid;
    struct rl_texture_fns texture;
};

static int (*pattern)(int x, int y);

static int bars(int x, int y)
{
    (void)x;
    return y % 16 < 8 ? 40 : 200;
}

static int slanted_edge(int x, int y)
{
    return 2 * y > x ? 40 : 200;
}

static int noise(int x, int y)
{
    uint32_t n = (uint32_t)(x + 1000 * y) * 2654435761u;
    n = (n ^ n >> 15) * 2246822519u;
    return 100 + (int)(n >> 24) % 9 - 4;
}

static struct scene *open_scene(int (*wall)(int x, int y))
{
    pattern = wall;
    struct scene *scene = calloc(1, sizeof *scene);
    scene->memory = calloc(1, rl_fill_size(W, H, 1));
    rl_outline_init(&scene->outline, 0);
    rl_sink_init(&scene->sink, 0);
    rl_pyramid_init(&scene->pyramid, 0);
    rl_texture_init(&scene->texture, 0);
    rl_fill_init(&scene->fill, scene->memory, W, H, 1, &scene->outline, &scene->sink,
                 &scene->pyramid, &scene->texture);
    scene->fill.view[0] = scene->view;
    scene->fill.view_stride[0] = W;
    scene->fill.bits = 8;
    scene->fill.tolerance = 16;
    return scene;
}

static void close_scene(struct scene *scene)
{
    free(scene->memory);
    free(scene);
}

// The wall with holes in columns [begin, end); what is left of them is near and white, and so is a
// pole at `pole`.
static void fill(struct scene *scene, int begin, int end, int pole)
{
    for (int y = 0; y < H; y++) {
        for (int x = 0; x < W; x++) {
            bool near = x < begin || (x >= pole && x < pole + POLE), hole = x >= begin && x < end;
            rl_fill_near_row(&scene->fill, y)[x] = (int16_t)(hole ? RL_FILL_HOLE : near ? NEAR : 0);
            scene->view[y * W + x] = (uint8_t)(near ? WHITE : pattern(x, y));
        }
        rl_fill_take_row(&scene->fill, y);
    }
    rl_fill_find(&scene->fill);
    rl_fill_paint(&scene->fill);
}

// The mean error in the hole, away from the picture's border.
static double error(const struct scene *scene, int begin, int end)
{
    double sum = 0;
    for (int y = H / 4; y < H * 3 / 4; y++)
        for (int x = begin; x < end; x++)
            sum += abs(scene->view[y * W + x] - pattern(x, y));
    return sum / (end - begin) / (H / 2);
}

static void lines_go_on(void)
{
    struct scene *scene = open_scene(bars);
    fill(scene, HOLE, HOLE_END, W);
    CHECK(error(scene, HOLE, HOLE_END) < 1);
    close_scene(scene);
    scene = open_scene(slanted_edge);
    fill(scene, HOLE, HOLE_END, W);
    CHECK(error(scene, HOLE, HOLE_END) < 12);
    close_scene(scene);
}

static void grain_goes_on(void)
{
    struct scene *scene = open_scene(noise);
    fill(scene, HOLE, HOLE_END, W);
    double change[2] = {0};
    for (int y = INNER; y < H - INNER; y++)
        for (int k = 0; k < HOLE_END - HOLE - 1; k++) {
            const uint8_t *hole = scene->view + y * W + HOLE + k, *wall = hole + HOLE_END - HOLE;
            change[0] += abs(hole[1] - hole[0]);
            change[1] += abs(wall[1] - wall[0]);
        }
    CHECK(change[0] > 0.6 * change[1] && change[0] < 1.5 * change[1]);
    close_scene(scene);
}

// The pole stands in what is copied into the hole.
static void near_things_are_not_copied(void)
{
    struct scene *scene = open_scene(bars);
    fill(scene, HOLE, HOLE_END, HOLE_END + 9);
    for (int y = 0; y < H; y++)
        for (int x = HOLE; x < HOLE_END; x++)
            CHECK(scene->view[y * W + x] <= 204);
    close_scene(scene);
}

static void borders_show_more_of_the_same(void)
{
    struct scene *scene = open_scene(bars);
    fill(scene, 0, HOLE_END - HOLE, W);
    CHECK(error(scene, 0, HOLE_END - HOLE) < 1);
    close_scene(scene);
}

// Of offsets that are equally good, that of the frame before holds.
static void offsets_are_remembered(void)
{
    const int dx = HOLE_END - HOLE + 5;
    struct scene *scene = open_scene(bars);
    for (int remembers = 0; remembers < 2; remembers++) {
        for (size_t i = 0; i < rl_fill_before_count(&scene->fill); i++)
            scene->fill.before[i] = (struct rl_fill_offset){.dx = dx};
        scene->fill.remembers = remembers;
        fill(scene, HOLE, HOLE_END, W);
        CHECK_INT(scene->fill.above[HOLE_END / RL_FILL_BLOCK].dx == dx, remembers);
    }
    close_scene(scene);
}

int main(void)
{
    RUN(lines_go_on);
    RUN(grain_goes_on);
    RUN(near_things_are_not_copied);
    RUN(borders_show_more_of_the_same);
    RUN(offsets_are_remembered);
    return check_result();
}
