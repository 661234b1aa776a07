// SPDX-License-Identifier: MIT
//
// The motion kernel at every CPU level against C, to the bit.
#include "check_kernels.h"

#include "plane/motion/motion.h"
#include "plane/sum/sum.h"

enum { STRIDE = 40, ROOM = STRIDE * 16 };

static void fill(float *picture, int kind)
{
    for (int i = 0; i < ROOM; i++)
        picture[i] = kind == 0   ? 255 * kernels_unit()
                     : kind == 1 ? (float)(kernels_pick(2) * 255)
                                 : 100 + 8 * kernels_unit();
}

static void compare_patches(unsigned cpu)
{
    struct rl_motion_fns c, fast;
    static float a[ROOM], gx[ROOM], gy[ROOM], b[ROOM];
    rl_motion_init(&c, 0);
    rl_motion_init(&fast, cpu);
    fill(a, kernels_pick(3));
    fill(b, kernels_pick(3));
    for (int i = 0; i < ROOM; i++) {
        gx[i] = 255 * kernels_unit() - 127;
        gy[i] = 255 * kernels_unit() - 127;
    }
    const float fx = kernels_pick(4) ? kernels_unit() : 0,
                fy = kernels_pick(4) ? kernels_unit() : 1;
    const ptrdiff_t from = kernels_pick(STRIDE - 9), to = kernels_pick(STRIDE - 9);
    struct rl_motion_sums wanted, got;
    c.compare(&wanted, a + from, gx + from, gy + from, b + to, STRIDE, fx, fy);
    fast.compare(&got, a + from, gx + from, gy + from, b + to, STRIDE, fx, fy);
    CHECK(!memcmp(&got, &wanted, sizeof got));

    const size_t bytes = ((size_t)STRIDE * 7 + 8) * sizeof(float);
    float *sums_c[3], *sums_fast[3];
    for (int i = 0; i < 3; i++) {
        sums_c[i] = kernels_guarded(bytes);
        sums_fast[i] = kernels_guarded(bytes);
        for (size_t k = 0; k < bytes / sizeof(float); k++)
            sums_c[i][k] = sums_fast[i][k] = kernels_unit();
    }
    const float u = 20 * kernels_unit() - 10, v = 20 * kernels_unit() - 10;
    c.spread(sums_c, STRIDE, a + from, b + to, STRIDE, fx, fy, u, v);
    fast.spread(sums_fast, STRIDE, a + from, b + to, STRIDE, fx, fy, u, v);
    for (int i = 0; i < 3; i++) {
        CHECK(!memcmp(sums_fast[i], sums_c[i], bytes));
        kernels_guarded_free(sums_c[i], bytes);
        kernels_guarded_free(sums_fast[i], bytes);
    }
}

static void compare_sums(unsigned cpu, int count)
{
    struct rl_sum_fns c, fast;
    const size_t bytes = (size_t)count * 4;
    uint8_t *row = kernels_guarded((size_t)count);
    uint16_t *deep = kernels_guarded((size_t)count * 2);
    uint32_t *wanted = kernels_guarded(bytes), *got = kernels_guarded(bytes);
    rl_sum_init(&c, 0);
    rl_sum_init(&fast, cpu);
    for (int x = 0; x < count; x++) {
        row[x] = (uint8_t)kernels_pick(256);
        deep[x] = (uint16_t)kernels_pick(65536);
        wanted[x] = got[x] = (uint32_t)kernels_pick(5000);
    }
    c.add_row(wanted, row, count);
    c.add_deep_row(wanted, deep, count);
    fast.add_row(got, row, count);
    fast.add_deep_row(got, deep, count);
    CHECK(!memcmp(got, wanted, bytes));
    kernels_guarded_free(row, (size_t)count);
    kernels_guarded_free(deep, (size_t)count * 2);
    kernels_guarded_free(wanted, bytes);
    kernels_guarded_free(got, bytes);
}

enum { WIDTH = 256, HEIGHT = 144 };

struct bench_pair {
    struct rl_motion_fns fns;
    struct rl_motion_picture a, b;
    struct rl_motion_work work;
    float *dx, *dy;
};

static void search(struct bench_pair *pair)
{
    rl_motion_search(&pair->fns, &pair->a, &pair->b, &pair->work, pair->dx, pair->dy, WIDTH);
}

// Soft blobs that have moved by a few pixels.
static void draw(struct rl_motion_picture *picture, float shift)
{
    const struct rl_motion_level *level = &picture->levels[0];
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            float fx = (float)x + shift, fy = (float)y;
            level->luma[y * level->stride + x] = 128 + 60 * sinf(fx * .23f + fy * .11f) +
                                                 40 * sinf(fx * .07f - fy * .31f);
        }
    rl_motion_picture_finish(picture);
}

static void begin_pair(struct bench_pair *pair, unsigned cpu)
{
    const size_t room = rl_motion_picture_room(WIDTH, HEIGHT);
    rl_motion_init(&pair->fns, cpu);
    rl_motion_picture_init(&pair->a, WIDTH, HEIGHT, malloc(room * sizeof(float)));
    rl_motion_picture_init(&pair->b, WIDTH, HEIGHT, malloc(room * sizeof(float)));
    rl_motion_work_init(&pair->work, WIDTH, HEIGHT,
                        malloc(rl_motion_work_room(WIDTH, HEIGHT) * sizeof(float)));
    pair->dx = malloc((size_t)WIDTH * HEIGHT * sizeof(float));
    pair->dy = malloc((size_t)WIDTH * HEIGHT * sizeof(float));
    draw(&pair->a, 0);
    draw(&pair->b, 3.25f);
}

static void end_pair(struct bench_pair *pair)
{
    const struct rl_motion_level *a = &pair->a.levels[0], *b = &pair->b.levels[0];
    free(a->luma - RL_MOTION_PAD * a->stride - RL_MOTION_PAD);
    free(b->luma - RL_MOTION_PAD * b->stride - RL_MOTION_PAD);
    free(pair->work.sums[0]);
    free(pair->dx);
    free(pair->dy);
}

// Of a motion that is partly right, partly nonsense.
static void compare_confidence(struct bench_pair *c, struct bench_pair *fast)
{
    const size_t count = (size_t)WIDTH * HEIGHT;
    float *wanted = malloc(count * sizeof(float)), *got = malloc(count * sizeof(float));
    float *back_x = malloc(count * sizeof(float)), *back_y = malloc(count * sizeof(float));
    const struct rl_motion_field ahead = {c->dx, c->dy, WIDTH}, back = {back_x, back_y, WIDTH};
    for (size_t i = 0; i < count; i++) {
        const bool nonsense = !kernels_pick(9);
        back_x[i] = 3.25f + kernels_unit();
        back_y[i] = kernels_unit() - .5f;
        c->dx[i] = nonsense ? 900 * kernels_unit() - 450 : -3.25f - kernels_unit();
        c->dy[i] = nonsense ? 900 * kernels_unit() - 450 : kernels_unit() - .5f;
    }
    rl_motion_confidence(&c->fns, wanted, WIDTH, &c->a, &c->b, ahead, back);
    rl_motion_confidence(&fast->fns, got, WIDTH, &c->a, &c->b, ahead, back);
    CHECK(!memcmp(got, wanted, count * sizeof(float)));
    // A width that is no multiple of a vector's, and something to be seen there.
    struct rl_motion_level odd[2] = {c->a.levels[0], c->b.levels[0]};
    odd[0].width = odd[1].width = WIDTH - 5;
    const struct rl_motion_pair pair = {&odd[0], &odd[1], ahead, back};
    float sum = 0;
    c->fns.confidence_row(wanted, &pair, 70);
    fast->fns.confidence_row(got, &pair, 70);
    CHECK(!memcmp(got, wanted, (WIDTH - 5) * sizeof(float)));
    for (int x = 0; x < WIDTH - 5; x++)
        sum += got[x];
    CHECK(sum > WIDTH / 4);
    if (kernels_bench)
        KERNELS_BENCH("confidence_row", WIDTH, c->fns.confidence_row(wanted, &pair, 70),
                      fast->fns.confidence_row(got, &pair, 70));
    free(wanted);
    free(got);
    free(back_x);
    free(back_y);
}

static void compare_searches(unsigned cpu)
{
    struct bench_pair c, fast;
    begin_pair(&c, 0);
    begin_pair(&fast, cpu);
    search(&c);
    search(&fast);
    CHECK(!memcmp(c.dx, fast.dx, (size_t)WIDTH * HEIGHT * sizeof(float)));
    CHECK(!memcmp(c.dy, fast.dy, (size_t)WIDTH * HEIGHT * sizeof(float)));
    compare_confidence(&c, &fast);
    if (kernels_bench)
        KERNELS_BENCH("whole search", WIDTH * HEIGHT, search(&c), search(&fast));
    end_pair(&c);
    end_pair(&fast);
}

static void bench(void)
{
    static float a[ROOM], g[ROOM], b[ROOM], s[3][ROOM];
    float *const sums[3] = {s[0], s[1], s[2]};
    struct rl_motion_sums to;
    struct rl_motion_fns fns[2];
    rl_motion_init(&fns[0], 0);
    rl_motion_init(&fns[1], rl_cpu_flags(-1));
    fill(a, 0);
    fill(b, 0);
    fill(g, 0);
    KERNELS_BENCH("compare", 64, fns[0].compare(&to, a, g, g, b, STRIDE, .3f, .6f),
                  fns[1].compare(&to, a, g, g, b, STRIDE, .3f, .6f));
    KERNELS_BENCH("spread", 64, fns[0].spread(sums, STRIDE, a, b, STRIDE, .3f, .6f, 1, 2),
                  fns[1].spread(sums, STRIDE, a, b, STRIDE, .3f, .6f, 1, 2));
}

int main(int argc, char **argv)
{
    kernels_begin(argc, argv);
    KERNELS_EACH_LEVEL(cpu)
    {
        for (int round = 0; round < 2000; round++)
            compare_patches(cpu);
        compare_searches(cpu);
        for (int count = 1; count <= KERNELS_MAX_WIDTH; count++)
            compare_sums(cpu, count);
    }
    if (kernels_bench)
        bench();
    return check_result();
}
