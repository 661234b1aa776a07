// SPDX-License-Identifier: MIT
//
// The kernels of the steady room at every CPU level against C, to the bit.
#include "check_kernels.h"

#include "steady/smooth/smooth.h"

enum { HEIGHT = 24, MOTION_W = 40, MOTION_H = 18, PLANES = 3 };

static void fill(float *plane, int count, float scale, float offset)
{
    for (int i = 0; i < count; i++)
        plane[i] = kernels_unit() * scale + offset;
}

struct scene {
    float *planes[PLANES], *motion[PLANES];
    struct rl_memory memory;
    struct rl_motion_view view;
};

static void begin(struct scene *scene, int width, float far)
{
    for (int i = 0; i < PLANES; i++) {
        scene->planes[i] = malloc((size_t)width * HEIGHT * sizeof(float));
        scene->motion[i] = malloc((size_t)MOTION_W * MOTION_H * sizeof(float));
        fill(scene->planes[i], width * HEIGHT, 12, 0);
        fill(scene->motion[i], MOTION_W * MOTION_H, i < 2 ? 2 * far : 1, i < 2 ? -far : 0);
    }
    scene->memory = (struct rl_memory){
        scene->planes[0], scene->planes[1], scene->planes[2], width, width, HEIGHT};
    scene->view = (struct rl_motion_view){scene->motion[0], scene->motion[1], scene->motion[2],
                                          MOTION_W,         MOTION_W,         MOTION_H};
}

static void end(struct scene *scene)
{
    for (int i = 0; i < PLANES; i++) {
        free(scene->planes[i]);
        free(scene->motion[i]);
    }
}

static void compare_carry(unsigned cpu, int width)
{
    struct rl_smooth_fns c, fast;
    struct scene scene;
    const size_t bytes = (size_t)width * sizeof(float);
    float *wanted[4], *got[4];
    rl_smooth_init(&c, 0);
    rl_smooth_init(&fast, cpu);
    begin(&scene, width, (float)(1 + kernels_pick(60)));
    for (int i = 0; i < 4; i++) {
        wanted[i] = kernels_guarded(bytes);
        got[i] = kernels_guarded(bytes);
    }
    for (int y = 0; y < HEIGHT; y += 1 + kernels_pick(5)) {
        c.carry_row((struct rl_carried){wanted[0], wanted[1], wanted[2], wanted[3]}, &scene.memory,
                    &scene.view, y);
        fast.carry_row((struct rl_carried){got[0], got[1], got[2], got[3]}, &scene.memory,
                       &scene.view, y);
        for (int i = 0; i < 4; i++)
            CHECK(!memcmp(got[i], wanted[i], bytes));
    }
    for (int i = 0; i < 4; i++) {
        kernels_guarded_free(wanted[i], bytes);
        kernels_guarded_free(got[i], bytes);
    }
    end(&scene);
}

static void bench(void)
{
    enum { WIDTH = 384 };
    static float rows[4][WIDTH];
    const struct rl_carried to = {rows[0], rows[1], rows[2], rows[3]};
    struct rl_smooth_fns fns[2];
    struct scene scene;
    rl_smooth_init(&fns[0], 0);
    rl_smooth_init(&fns[1], rl_cpu_flags(-1));
    begin(&scene, WIDTH, .5f);
    KERNELS_BENCH("carry_row", WIDTH, fns[0].carry_row(to, &scene.memory, &scene.view, 9),
                  fns[1].carry_row(to, &scene.memory, &scene.view, 9));
    end(&scene);
}

int main(int argc, char **argv)
{
    kernels_begin(argc, argv);
    KERNELS_EACH_LEVEL(cpu)
    {
        for (int width = 2; width <= KERNELS_MAX_WIDTH; width++)
            for (int round = 0; round < 6; round++)
                compare_carry(cpu, width);
    }
    if (kernels_bench)
        bench();
    return check_result();
}
