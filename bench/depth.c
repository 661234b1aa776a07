// SPDX-License-Identifier: MIT
//
// How fast depth is: 1080p pictures through the depth stage, in each arithmetic, in turn, so that a
// noisy machine disturbs all alike.
//
//     depth [MODEL [SIZE [THREADS]]]
//
// Prints milliseconds: opening the network, one picture alone (latency), and pictures in a row (per
// picture). The first row is the stage with the dummy engine: what preparing a picture costs.
#include "base/str.h"
#include "depth/depth.h"
#include "plane/pool.h"

#include <time.h>

enum { ROUNDS = 5, IN_A_ROW = 24, WIDTH = 1920, HEIGHT = 1080 };

struct row {
    const char *name, *device;
    enum relief_precision precision;
    struct rl_stage stage;
    unsigned pushed;
    double open_ms, alone_ms[ROUNDS], row_ms[ROUNDS];
};

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static enum relief_status drop(void *user, struct rl_frame *frame, struct relief_error *err)
{
    (void)user, (void)err;
    rl_frame_free(&frame);
    return RELIEF_OK;
}

// Noise, so that nothing is easier than in a film. Two seeds make two pictures: taken in turn, none
// is like the one before, whose depth the stage would take again.
static AVFrame *draw(uint32_t state)
{
    struct rl_pool pool = {0};
    AVFrame *picture = rl_pool_get(&pool, AV_PIX_FMT_YUV420P, WIDTH, HEIGHT, NULL);
    rl_pool_clear(&pool);
    for (int i = 0; picture && i < 3; i++) {
        struct rl_plane plane = rl_frame_plane(picture, i);
        for (int y = 0; y < plane.height; y++)
            for (int x = 0; x < plane.width; x++)
                rl_plane_row(&plane,
                             y)[x] = (uint8_t)((state = state * 1664525 + 1013904223) >> 24);
    }
    return picture;
}

static double run(struct row *row, AVFrame *const pictures[2], int count)
{
    struct relief_error err = {0};
    struct rl_sink sink = {drop, NULL};
    double begin = now_ms();
    for (int i = 0; i < count && err.status == RELIEF_OK; i++) {
        struct rl_frame *frame = rl_frame_create();
        frame->picture = av_frame_clone(pictures[row->pushed++ % 2]);
        (void)row->stage.type->push(row->stage.state, frame, &sink, &err);
    }
    if (err.status == RELIEF_OK)
        (void)row->stage.type->flush(row->stage.state, &sink, &err);
    if (err.status != RELIEF_OK) {
        fprintf(stderr, "%s\n", err.message);
        exit(1);
    }
    return (now_ms() - begin) / count;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print(struct row *row)
{
    qsort(row->alone_ms, ROUNDS, sizeof *row->alone_ms, compare);
    qsort(row->row_ms, ROUNDS, sizeof *row->row_ms, compare);
    printf("%-8s open %4.0f, alone %5.1f (%5.1f), in a row %5.1f (%5.1f)   %s\n", row->name,
           row->open_ms, row->alone_ms[0], row->alone_ms[ROUNDS / 2], row->row_ms[0],
           row->row_ms[ROUNDS / 2], rl_depth_summary(&row->stage));
}

int main(int argc, char **argv)
{
    struct row rows[] = {{.name = "prepare", .device = "dummy"},
                         {.name = "f32", .device = "cpu", .precision = RELIEF_PRECISION_F32},
                         {.name = "bf16", .device = "cpu", .precision = RELIEF_PRECISION_BF16},
                         {.name = "int8", .device = "cpu", .precision = RELIEF_PRECISION_INT8}};
    enum { COUNT = sizeof rows / sizeof *rows };
    struct rl_depth_params params = {
        .model = argc > 1 ? argv[1] : "built-in",
        .size = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 0,
        .threads = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 0,
        .width = WIDTH,
        .height = HEIGHT,
    };
    AVFrame *pictures[2] = {draw(1), draw(2)};
    for (int i = 0; i < COUNT; i++) {
        struct relief_error err = {0};
        double begin = now_ms();
        params.device = rows[i].device;
        params.precision = rows[i].precision;
        if (!pictures[0] || !pictures[1] ||
            rl_depth_open(&rows[i].stage, &params, &err) != RELIEF_OK) {
            fprintf(stderr, "%s\n", err.message);
            return 1;
        }
        rows[i].open_ms = now_ms() - begin;
        run(&rows[i], pictures, 2);
    }
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < COUNT; i++) {
            rows[i].alone_ms[round] = run(&rows[i], pictures, 1);
            rows[i].row_ms[round] = run(&rows[i], pictures, IN_A_ROW);
        }
    printf("milliseconds a 1080p picture, best (median) of %d rounds\n", ROUNDS);
    for (int i = 0; i < COUNT; i++) {
        print(&rows[i]);
        rows[i].stage.type->close(rows[i].stage.state);
    }
    av_frame_free(&pictures[0]);
    av_frame_free(&pictures[1]);
    return 0;
}
