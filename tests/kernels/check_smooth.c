// SPDX-License-Identifier: MIT
//
// The kernels of the steady room at every CPU level against C, to the bit.
#include "check_kernels.h"

#include "steady/smooth/smooth.h"

#include <math.h>

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

enum { INPUTS = 8 };

// Random rows to read, and rows that both versions write, beginning alike.
struct rows {
    float *in[INPUTS], *wanted[2], *got[2];
    size_t bytes;
};

static void begin_rows(struct rows *rows, int width)
{
    rows->bytes = (size_t)(width + 4) * sizeof(float);
    for (int i = 0; i < INPUTS; i++) {
        rows->in[i] = kernels_guarded((size_t)width * sizeof(float));
        fill(rows->in[i], width, i == 7 ? 1 : 90, i == 6 ? 0 : i == 7 ? 0 : -20);
    }
    for (int i = 0; i < 2; i++) {
        rows->wanted[i] = kernels_guarded(rows->bytes);
        rows->got[i] = kernels_guarded(rows->bytes);
        fill(rows->wanted[i], width + 4, i ? 12 : 1, 0);
        memcpy(rows->got[i], rows->wanted[i], rows->bytes);
    }
}

static void end_rows(struct rows *rows, int width)
{
    for (int i = 0; i < 2; i++) {
        CHECK(!memcmp(rows->got[i], rows->wanted[i], (size_t)width * sizeof(float)));
        kernels_guarded_free(rows->wanted[i], rows->bytes);
        kernels_guarded_free(rows->got[i], rows->bytes);
    }
    for (int i = 0; i < INPUTS; i++)
        kernels_guarded_free(rows->in[i], (size_t)width * sizeof(float));
}

enum { TRUST, LEAST, MEAN, BLEND, MIX, FINISH, KINDS };

static void call(const struct rl_smooth_fns *fns, int kind, struct rows *rows, float *const out[2],
                 int width)
{
    const struct rl_light light = {1.1f, -3};
    const struct rl_smooth_how how = {12, {2, 9}, 8};
    const struct rl_smooth_finish finish = rl_smooth_finish_of(-5, 50, -18, 66);
    const struct rl_carried w = {rows->in[5], rows->in[6], NULL, rows->in[7]};
    const float *const five[5] = {rows->in[0], rows->in[1], rows->in[2], rows->in[3], rows->in[4]};
    switch (kind) {
    case TRUST:
        fns->trust_row(out[0], five[0], five[1], five[2], five[3], width, light, 8);
        break;
    case LEAST:
        fns->least_row(out[0], five, width);
        break;
    case MEAN:
        fns->mean_row(out[0], five, width);
        break;
    case BLEND:
        fns->blend_row(out[0], out[1], five, five[4], w, width, &how);
        break;
    case MIX:
        fns->mix_row(out[0], out[1], w, width, .4f);
        break;
    default:
        fns->finish_row(out[0], five[0], width, &finish);
        break;
    }
}

static void compare_rows(unsigned cpu, int width)
{
    struct rl_smooth_fns c, fast;
    rl_smooth_init(&c, 0);
    rl_smooth_init(&fast, cpu);
    for (int kind = 0; kind < KINDS; kind++) {
        struct rows rows;
        begin_rows(&rows, width);
        if (kind == FINISH)
            rows.in[0][width / 2] = NAN;
        call(&c, kind, &rows, rows.wanted, width);
        call(&fast, kind, &rows, rows.got, width);
        end_rows(&rows, width);
    }
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
    static const char *const names[KINDS] = {"trust_row", "least_row", "mean_row",
                                             "blend_row", "mix_row",   "finish_row"};
    struct rows all;
    begin_rows(&all, WIDTH);
    for (int kind = 0; kind < KINDS; kind++)
        KERNELS_BENCH(names[kind], WIDTH, call(&fns[0], kind, &all, all.wanted, WIDTH),
                      call(&fns[1], kind, &all, all.wanted, WIDTH));
    memcpy(all.got[0], all.wanted[0], all.bytes);
    memcpy(all.got[1], all.wanted[1], all.bytes);
    end_rows(&all, WIDTH);
}

int main(int argc, char **argv)
{
    kernels_begin(argc, argv);
    KERNELS_EACH_LEVEL(cpu)
    {
        for (int width = 2; width <= KERNELS_MAX_WIDTH; width++)
            for (int round = 0; round < 6; round++)
                compare_carry(cpu, width);
        for (int width = 1; width <= KERNELS_MAX_WIDTH; width++)
            compare_rows(cpu, width);
    }
    if (kernels_bench)
        bench();
    return check_result();
}
