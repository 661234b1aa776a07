// SPDX-License-Identifier: MIT
//
// The depth of a clip at several levels of steadiness, for bench/steady.py to measure:
//
//     bench_steady CLIP FOLDER [--every N] [--bf16] LEVEL...
//
// Writes FOLDER/LEVEL.d16 for each LEVEL (off, light, normal, strong): all final maps, 16 bits,
// 65535 nearest, and FOLDER/frames.txt: "width height" of the maps, then a line for each frame:
// 1 where it begins a shot, 1 where the network was spared. What the network says is kept in
// FOLDER/network.f32 and taken from there the next time: before each map two int32, its width and
// height. Prints what watching and steadying cost a frame, in milliseconds of one core.
#include "base/cpu.h"
#include "base/str.h"
#include "depth/bars.h"
#include "depth/depth.h"
#include "media/read.h"
#include "plane/pool.h"
#include "steady/steady.h"
#include "steady/watch.h"

#include <time.h>

enum { LEVELS_MAX = 4 };

static const char *const names[] = {"off", "light", "normal", "strong"};

struct output {
    struct rl_stage stage;
    FILE *file;
    double seconds;
};

static struct {
    struct rl_stage bars, watch, depth;
    struct output outputs[LEVELS_MAX];
    int output_count, width, height, frame_count;
    bool replay, bf16;
    FILE *network, *frames;
    struct rl_pool maps;
    double watch_seconds;
} bench;

static void die(const char *what)
{
    fprintf(stderr, "bench_steady: %s\n", what);
    exit(1);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static enum relief_status write_map(void *user, struct rl_frame *frame, struct relief_error *err)
{
    (void)err;
    struct output *output = user;
    const double begin = now();
    const struct rl_plane map = rl_frame_plane(frame->depth, 0);
    // All of one size, though bars that come or go change that of the maps.
    for (int y = 0; y < bench.height; y++) {
        const int from = y * map.height / bench.height;
        const float *row = (const float *)(const void *)rl_plane_row(&map, from);
        for (int x = 0; x < bench.width; x++) {
            uint16_t value = (uint16_t)lrintf(row[x * map.width / bench.width] * 65535);
            fwrite(&value, sizeof value, 1, output->file);
        }
    }
    rl_frame_free(&frame);
    output->seconds -= now() - begin;
    return RELIEF_OK;
}

static struct rl_frame *copy_of(const struct rl_frame *frame)
{
    struct rl_frame *copy = rl_frame_create();
    *copy = *frame;
    copy->picture = av_frame_clone(frame->picture);
    copy->depth = frame->depth ? av_frame_clone(frame->depth) : NULL;
    copy->motion_back = frame->motion_back ? av_frame_clone(frame->motion_back) : NULL;
    copy->motion_ahead = frame->motion_ahead ? av_frame_clone(frame->motion_ahead) : NULL;
    return copy;
}

static void store(const AVFrame *map)
{
    const struct rl_plane plane = rl_frame_plane(map, 0);
    const int32_t size[2] = {map->width, map->height};
    fwrite(size, sizeof size, 1, bench.network);
    for (int y = 0; y < plane.height; y++)
        fwrite(rl_plane_row(&plane, y), 4, (size_t)plane.width, bench.network);
}

static AVFrame *load(void)
{
    int32_t size[2];
    if (fread(size, sizeof size, 1, bench.network) != 1 || size[0] < 1 || size[1] < 1)
        die("network.f32 does not fit the clip");
    AVFrame *map = rl_pool_get(&bench.maps, AV_PIX_FMT_GRAYF32, size[0], size[1], NULL);
    if (!map)
        die("out of memory");
    const struct rl_plane plane = rl_frame_plane(map, 0);
    for (int y = 0; y < plane.height; y++)
        if (fread(rl_plane_row(&plane, y), 4, (size_t)plane.width, bench.network) !=
            (size_t)plane.width)
            die("network.f32 does not fit the clip");
    return map;
}

// A frame with its map goes to every output.
static enum relief_status share(void *user, struct rl_frame *frame, struct relief_error *err)
{
    (void)user;
    enum relief_status status = RELIEF_OK;
    if (!bench.replay) {
        if (!bench.frame_count) {
            bench.width = frame->depth->width;
            bench.height = frame->depth->height;
            fprintf(bench.frames, "%d %d\n", bench.width, bench.height);
        }
        store(frame->depth);
    }
    if (frame->depth_skipped)
        av_frame_free(&frame->depth);
    fprintf(bench.frames, "%d %d\n", frame->cut, frame->depth_skipped);
    bench.frame_count++;
    for (int i = 0; i < bench.output_count && status == RELIEF_OK; i++) {
        struct output *output = &bench.outputs[i];
        const struct rl_sink sink = {write_map, output};
        struct rl_frame *copy = copy_of(frame);
        const double begin = now();
        status = output->stage.type->push(output->stage.state, copy, &sink, err);
        output->seconds += now() - begin;
    }
    rl_frame_free(&frame);
    return status;
}

static enum relief_status to_network(void *user, struct rl_frame *frame, struct relief_error *err)
{
    const struct rl_sink sink = {share, NULL};
    const double begin = now();
    enum relief_status status;
    (void)user;
    if (bench.replay) {
        frame->depth = load();
        status = share(NULL, frame, err);
    } else {
        status = bench.depth.type->push(bench.depth.state, frame, &sink, err);
    }
    bench.watch_seconds -= now() - begin;
    return status;
}

static enum relief_status to_watch(void *user, struct rl_frame *frame, struct relief_error *err)
{
    const struct rl_sink sink = {to_network, NULL};
    const double begin = now();
    (void)user;
    const enum relief_status status = bench.watch.type->push(bench.watch.state, frame, &sink, err);
    bench.watch_seconds += now() - begin;
    return status;
}

static FILE *open_in(const char *folder, const char *name, const char *mode)
{
    char *path = rl_str_format("%s/%s", folder, name);
    FILE *file = fopen(path, mode);
    free(path);
    return file;
}

static void open_files(const char *folder)
{
    int width = 0, height = 0;
    FILE *before = open_in(folder, "frames.txt", "r");
    bench.network = open_in(folder, "network.f32", "rb");
    bench.replay = before && bench.network && fscanf(before, "%d %d", &width, &height) == 2;
    if (before)
        fclose(before);
    if (!bench.replay)
        bench.network = open_in(folder, "network.f32", "wb");
    bench.frames = open_in(folder, "frames.txt", "w");
    if (!bench.frames || !bench.network)
        die("cannot write into the folder");
    if (bench.replay) {
        bench.width = width;
        bench.height = height;
        fprintf(bench.frames, "%d %d\n", width, height);
    }
}

static void open_output(const char *folder, const char *name, double frame_rate)
{
    struct output *output = &bench.outputs[bench.output_count++];
    struct rl_steady_params params = {.frame_rate = frame_rate, .cpu = rl_cpu_flags(-1)};
    int level = 0;
    while (level < LEVELS_MAX && strcmp(names[level], name) != 0)
        level++;
    char *file = rl_str_format("%s.d16", name);
    params.level = (enum relief_steady)level;
    output->file = open_in(folder, file, "wb");
    free(file);
    if (level == LEVELS_MAX || !output->file ||
        rl_steady_open(&output->stage, &params, NULL) != RELIEF_OK)
        die("cannot open an output");
}

static void open_network(const struct rl_source *source, struct relief_error *err)
{
    const struct rl_depth_params params = {
        .model = "built-in",
        .device = "cpu",
        .precision = bench.bf16 ? RELIEF_PRECISION_BF16 : RELIEF_PRECISION_F32,
        .width = source->width,
        .height = source->height,
        .sample_aspect = source->sample_aspect,
    };
    if (rl_depth_open(&bench.depth, &params, err) != RELIEF_OK)
        die(err->message);
}

static void finish(struct relief_error *err)
{
    const struct rl_sink to = {to_network, NULL}, sharing = {share, NULL};
    if (bench.watch.type->flush(bench.watch.state, &to, err) != RELIEF_OK)
        die(err->message);
    if (!bench.replay && bench.depth.type->flush(bench.depth.state, &sharing, err) != RELIEF_OK)
        die(err->message);
    printf("%d frames, %dx%d; ms a frame: watch %.2f", bench.frame_count, bench.width, bench.height,
           bench.watch_seconds * 1e3 / bench.frame_count);
    for (int i = 0; i < bench.output_count; i++) {
        struct output *output = &bench.outputs[i];
        const struct rl_sink sink = {write_map, output};
        const double begin = now();
        if (output->stage.type->flush(output->stage.state, &sink, err) != RELIEF_OK)
            die(err->message);
        output->seconds += now() - begin;
        output->stage.type->close(output->stage.state);
        fclose(output->file);
        printf(", steady %.2f", output->seconds * 1e3 / bench.frame_count);
    }
    printf("\n");
    bench.bars.type->close(bench.bars.state);
    bench.watch.type->close(bench.watch.state);
    if (!bench.replay)
        bench.depth.type->close(bench.depth.state);
    fclose(bench.network);
    fclose(bench.frames);
}

int main(int argc, char **argv)
{
    struct relief_error err = {0};
    struct rl_reader *reader = NULL;
    struct rl_reader_params reading = {.format = AV_PIX_FMT_NONE};
    struct rl_watch_params watching = {
        .depth_every = 1, .depth_follows = true, .cpu = rl_cpu_flags(-1)};
    const struct rl_sink sink = {to_watch, NULL};
    if (argc < 4 || rl_reader_open(&reader, argv[1], &reading, &err) != RELIEF_OK)
        die(argc < 4 ? "CLIP FOLDER [--every N] [--bf16] LEVEL..." : err.message);
    const struct rl_source *source = rl_reader_source(reader);
    open_files(argv[2]);
    for (int i = 3; i < argc && bench.output_count < LEVELS_MAX; i++) {
        if (!strcmp(argv[i], "--every") && i + 1 < argc)
            watching.depth_every = (int)strtol(argv[++i], NULL, 10);
        else if (!strcmp(argv[i], "--bf16"))
            bench.bf16 = true;
        else
            open_output(argv[2], argv[i], av_q2d(source->frame_rate));
    }
    if (!bench.replay && watching.depth_every != 1)
        die("first without --every, so that network.f32 holds every frame");
    if (!bench.replay)
        open_network(source, &err);
    if (rl_watch_open(&bench.watch, &watching, &err) != RELIEF_OK ||
        rl_bars_open(&bench.bars, NULL, &err) != RELIEF_OK)
        die(err.message);
    for (;;) {
        struct rl_frame *frame = NULL;
        if (rl_reader_next(reader, &frame, &err) != RELIEF_OK)
            die(err.message);
        if (!frame)
            break;
        if (bench.bars.type->push(bench.bars.state, frame, &sink, &err) != RELIEF_OK)
            die(err.message);
    }
    finish(&err);
    rl_reader_close(&reader);
    rl_pool_clear(&bench.maps);
    return 0;
}
