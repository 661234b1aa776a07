// SPDX-License-Identifier: MIT
//
// How fast the stereo stage is: both eyes of 1080p 4:2:0 pictures with a network-sized map, and the
// anaglyph of them.
//
//     stereo_speed [THREADS [FRAMES [CPU_MASK [NAME [CLIP]]]]]
//
// Prints milliseconds a frame, the least and the median, of processor time, all threads together,
// and the least of the clock on the wall: the stage with every CPU feature of the mask (as
// --cpu-mask: 1 AVX2, 2 AVX-512, -1 all), in plain C, and compositions, the costly ones in plain C
// too. With NAME, only those whose names begin with it, besides the first, which makes the views;
// "" is all. The scene has a dozen near things before a slanted wall; with CLIP, it is the first
// FRAMES of that, in its own size, with the built-in model's depth.
#include "base/cpu.h"
#include "clip.h"
#include "compose/compose.h"
#include "plane/pool.h"
#include "steady/watch.h"
#include "stereo/film.h"
#include "stereo/stereo.h"

#include <math.h>
#include <string.h>
#include <time.h>

enum { WIDTH = 1920, HEIGHT = 1080, MAP_WIDTH = 384, MAP_HEIGHT = 224, THINGS = 12 };
enum { DRAWN = 6 };  // frames; from the last the film goes back to the first

// Where the things are: pixels from where they began.
static double thing_dx;

// What frames took, in milliseconds.
struct times {
    double *cpu, *wall;
};

static double now_ms(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

// Which thing stands at a point of the picture, both 0..1; -1 the wall.
static int thing_at(double x, double y)
{
    for (int i = 0; i < THINGS; i++) {
        double dx = (x - thing_dx / WIDTH - (i + 0.5) / THINGS) * 18,
               dy = (y - 0.3 - 0.05 * (i * 5 % 9)) * 3;
        if (dx * dx + dy * dy < 1)
            return i;
    }
    return -1;
}

static uint8_t brightness(double x, double y, int thing)
{
    double grain = sin(x * 900) * sin(y * 700) * 20 + sin(x * 90 + y * 40) * 25;
    return (uint8_t)(thing < 0 ? 90 + grain : 150 + 5 * thing + grain);
}

static struct rl_frame *draw(struct rl_pool pools[2])
{
    struct rl_frame *frame = rl_frame_create();
    frame->picture = rl_pool_get(&pools[0], AV_PIX_FMT_YUV420P, WIDTH, HEIGHT, NULL);
    frame->depth = rl_pool_get(&pools[1], AV_PIX_FMT_GRAYF32, MAP_WIDTH, MAP_HEIGHT, NULL);
    frame->depth_is_final = true;
    for (int p = 0; p < 3; p++) {
        struct rl_plane plane = rl_frame_plane(frame->picture, p);
        for (int y = 0; y < plane.height; y++)
            for (int x = 0; x < plane.width; x++) {
                double u = (x + 0.5) / plane.width, v = (y + 0.5) / plane.height;
                rl_plane_row(&plane, y)[x] = brightness(u, v, thing_at(u, v));
            }
    }
    struct rl_plane map = rl_frame_plane(frame->depth, 0);
    for (int y = 0; y < MAP_HEIGHT; y++)
        for (int x = 0; x < MAP_WIDTH; x++) {
            double u = (x + 0.5) / MAP_WIDTH, v = (y + 0.5) / MAP_HEIGHT;
            int thing = thing_at(u, v);
            ((float *)(void *)rl_plane_row(&map, y))[x] = (float)(thing < 0 ? 0.1 + 0.2 * v
                                                                            : 0.6 + 0.03 * thing);
        }
    return frame;
}

// What has come out of a stage and is to be taken over.
struct out {
    struct rl_frame *frames[1024];
    int count;
};

static enum relief_status keep(void *user, struct rl_frame *frame, struct relief_error *err)
{
    (void)err;
    struct out *out = user;
    out->frames[out->count++] = frame;
    return RELIEF_OK;
}

// Times the push of a frame, as entry `i`; what came out of it, if anything, is in *frame.
static void run(struct rl_stage *stage, struct rl_frame **frame, const struct times *times, int i)
{
    struct out out = {0};
    struct rl_sink sink = {keep, &out};
    double cpu = now_ms(CLOCK_PROCESS_CPUTIME_ID), wall = now_ms(CLOCK_MONOTONIC);
    if (stage->type->push(stage->state, *frame, &sink, NULL))
        abort();
    times->cpu[i] = now_ms(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    times->wall[i] = now_ms(CLOCK_MONOTONIC) - wall;
    *frame = out.count ? out.frames[0] : NULL;
}

// Draws the film, with the motion that is seen in it.
static void make_film(struct out *out, int count, struct rl_pool pools[2])
{
    struct rl_frame *drawn[DRAWN];
    struct rl_watch_params params = {.depth_every = 1, .cpu = rl_cpu_flags(-1)};
    struct rl_sink sink = {keep, out};
    struct rl_stage watch;
    for (int i = 0; i < DRAWN; i++) {
        thing_dx = 4 * i;
        drawn[i] = draw(pools);
    }
    if (rl_watch_open(&watch, &params, NULL))
        abort();
    for (int i = 0; i < count; i++) {
        int turn = i % (2 * DRAWN - 2);
        struct rl_frame *frame = rl_frame_clone(drawn[turn < DRAWN ? turn : 2 * DRAWN - 2 - turn]);
        frame->index = frame->pts = i;
        if (watch.type->push(watch.state, frame, &sink, NULL))
            abort();
    }
    if (watch.type->flush(watch.state, &sink, NULL))
        abort();
    watch.type->close(watch.state);
    for (int i = 0; i < DRAWN; i++)
        rl_frame_free(&drawn[i]);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print(const char *name, const struct times *times, int first, int count)
{
    double *cpu = times->cpu + first, *wall = times->wall + first;
    qsort(cpu, (size_t)count, sizeof *cpu, by_size);
    qsort(wall, (size_t)count, sizeof *wall, by_size);
    printf("%-28s %6.2f %6.2f ms, wall %6.2f ms\n", name, cpu[0], cpu[count / 2], wall[0]);
}

// The stages: stereo in three ways, then compositions.
enum { SINGLE, FILM, PLAIN, STEREOS };

// Compositions under the clock.
static const struct composition {
    const char *name;
    enum relief_format format;
    bool linear, plain;
} compositions[] = {
    {"anaglyph", RELIEF_FORMAT_ARCC, false, false},
    {"anaglyph, linear", RELIEF_FORMAT_ARCD, true, false},
    {"anaglyph, linear, plain C", RELIEF_FORMAT_ARCD, true, true},
    {"anaglyph, wimmer2", RELIEF_FORMAT_WIMMER2, false, false},
    {"vr180", RELIEF_FORMAT_VR180, false, false},
    {"vr180, plain C", RELIEF_FORMAT_VR180, false, true},
};
enum { COMPOSITIONS = sizeof compositions / sizeof *compositions, STAGES = STEREOS + COMPOSITIONS };

static enum relief_status open_stage(struct rl_stage *stage, int index, unsigned cpu,
                                     struct rl_workers *workers)
{
    if (index < STEREOS) {
        struct rl_stereo_params params = {.divergence = 2,
                                          .convergence = 0.5f,
                                          .eyes = RL_EYES_BOTH,
                                          .fill = index == FILM ? RELIEF_FILL_FILM
                                                                : RELIEF_FILL_SINGLE,
                                          .cpu = index == PLAIN ? 0 : cpu,
                                          .workers = workers};
        return rl_stereo_open(stage, &params, NULL);
    }
    const struct composition *c = &compositions[index - STEREOS];
    struct rl_compose_params params = {.format = c->format,
                                       .linear = c->linear,
                                       .fov_degrees = 70,
                                       .cpu = c->plain ? 0 : cpu,
                                       .workers = workers};
    return rl_compose_open(stage, &params, NULL);
}

static const char *name_of(int index)
{
    static const char *const views[] = {"stereo, both eyes", "stereo, from the film",
                                        "stereo, both eyes, plain C"};
    return index < STEREOS ? views[index] : compositions[index - STEREOS].name;
}

static struct rl_frame *copy_of(const struct rl_frame *model)
{
    struct rl_frame *frame = rl_frame_clone(model);
    if (!frame)
        abort();
    return frame;
}

static bool is_asked(int index, const char *name)
{
    return index == SINGLE || !strncmp(name_of(index), name, strlen(name));
}

// Each stage in turn, so that a noisy machine disturbs all alike.
static void measure(struct rl_stage stages[STAGES], const struct rl_frame *model,
                    struct times times[STAGES], int i)
{
    struct rl_frame *views = NULL;
    for (int k = 0; k < STAGES; k++) {
        if (!times[k].cpu)
            continue;
        struct rl_frame *frame = copy_of(k < STEREOS ? model : views);
        run(&stages[k], &frame, &times[k], i);
        if (k == SINGLE)
            views = copy_of(frame);
        if (frame)
            rl_frame_free(&frame);
    }
    rl_frame_free(&views);
}

// Frames that do not count: as many as filling from the film looks at, and two.
enum { WARM = RL_FILM_BACK + RL_FILM_AHEAD + 2 };

static int make_frames(struct out *film, int count, const char *clip, struct rl_pool pools[2])
{
    struct relief_error err = {0};
    if (!clip)
        make_film(film, count + WARM, pools);
    else if (bench_read_clip(clip, count + WARM, &(struct rl_sink){keep, film}, &err))
        fprintf(stderr, "stereo_speed: %s\n", err.message);
    return film->count - WARM;
}

int main(int argc, char **argv)
{
    static struct out film;
    int threads = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 2;
    int frames = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 50;
    unsigned cpu = rl_cpu_flags(argc > 3 ? (int)strtol(argv[3], NULL, 10) : -1);
    struct rl_workers *workers = NULL;
    struct rl_pool pools[2] = {0};
    struct rl_stage stages[STAGES];
    struct times times[STAGES] = {0};
    if (frames < 1 || frames > 1000 || (threads > 1 && rl_workers_create(&workers, threads, NULL)))
        return 1;
    for (int k = 0; k < STAGES; k++) {
        if (!is_asked(k, argc > 4 ? argv[4] : ""))
            continue;
        times[k].cpu = calloc(2 * ((size_t)frames + WARM), sizeof(double));
        if (!times[k].cpu || open_stage(&stages[k], k, cpu, workers))
            return 1;
        times[k].wall = times[k].cpu + frames + WARM;
    }
    frames = make_frames(&film, frames, argc > 5 ? argv[5] : NULL, pools);
    for (int i = 0; i < film.count; i++) {
        measure(stages, film.frames[i], times, i);
        rl_frame_free(&film.frames[i]);
    }
    for (int k = 0; k < STAGES; k++) {
        if (!times[k].cpu || frames < 1)
            continue;
        print(name_of(k), &times[k], WARM, frames);
        stages[k].type->close(stages[k].state);
        free(times[k].cpu);
    }
    rl_workers_free(&workers);
    for (int i = 0; i < 2; i++)
        rl_pool_clear(&pools[i]);
    return 0;
}
