// SPDX-License-Identifier: MIT
//
// Golden frames: from depth to the finished picture, of a scene that is drawn here, in every format
// and in three kinds of pixels. What must not change is a checksum of each in frames.txt.
//
//     golden FRAMES.TXT            compare; says which differ
//     golden --write FRAMES.TXT    write what is made now: make golden
//     golden --pictures FOLDER     every frame as a PPM, to be looked at
//
// 1. The scene is drawn with whole numbers, and frames are made in plain C by one thread: other
//    tests show that other CPU levels and more threads give the same.
// 2. A line is "FORMAT PIXELS WIDTHxHEIGHT SHA-256 of all rows of all planes".
#include "check.h"

#include "base/options/options.h"
#include "base/str.h"
#include "compose/compose.h"
#include "plane/convert.h"
#include "plane/pool.h"
#include "stereo/stereo.h"

#include <libavutil/mem.h>
#include <libavutil/sha.h>

enum { WIDTH = 160, HEIGHT = 720, MAP_WIDTH = 40, MAP_HEIGHT = 90, LINE = 160 };

static const enum AVPixelFormat pixels[] = {AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUV444P10,
                                            AV_PIX_FMT_GBRP};

// A number without pattern for each place, 0 .. 255: blocks of 4 x 4 with a finer grain on them.
static unsigned grain(unsigned x, unsigned y, unsigned seed)
{
    unsigned h = (x / 4 * 73856093u) ^ (y / 4 * 19349663u) ^ (seed * 83492791u);
    unsigned fine = (x * 2654435761u) ^ (y * 40503u);
    h = (h ^ (h >> 13)) * 1274126177u;
    return ((h >> 24) * 3 + ((fine >> 20) & 255)) / 4;
}

// Depth in 1/256: a slope, a post, a disc, and a near bar across the lower edge.
static int depth_at(int x, int y)
{
    const int u = x * 256 / WIDTH, v = y * 256 / HEIGHT, du = u - 170, dv = v - 110;
    if (v > 220)
        return 255;
    if (u > 60 && u < 76)
        return 230;
    if (du * du + dv * dv < 45 * 45)
        return 180;
    return 20 + v / 3;
}

static AVFrame *draw_picture(enum AVPixelFormat format)
{
    struct rl_pool pool = {0};
    AVFrame *picture = rl_pool_get(&pool, format, WIDTH, HEIGHT, NULL);
    rl_pool_clear(&pool);
    const int bits = av_pix_fmt_desc_get(format)->comp[0].depth;
    for (unsigned p = 0; p < 3; p++) {
        struct rl_plane plane = rl_frame_plane(picture, (int)p);
        const int step_x = WIDTH / plane.width, step_y = HEIGHT / plane.height;
        for (int y = 0; y < plane.height; y++)
            for (int x = 0; x < plane.width; x++) {
                const int X = x * step_x, Y = y * step_y;
                const unsigned thing = (unsigned)depth_at(X, Y) / 50;
                const unsigned value = 32 + grain((unsigned)X, (unsigned)Y, thing + p) / 2 +
                                       thing * 12;
                uint8_t *row = rl_plane_row(&plane, y);
                if (bits > 8)
                    ((uint16_t *)(void *)row)[x] = (uint16_t)(value << (bits - 8));
                else
                    row[x] = (uint8_t)value;
            }
    }
    return picture;
}

static AVFrame *draw_depth(void)
{
    struct rl_pool pool = {0};
    AVFrame *map = rl_pool_get(&pool, AV_PIX_FMT_GRAYF32, MAP_WIDTH, MAP_HEIGHT, NULL);
    rl_pool_clear(&pool);
    struct rl_plane plane = rl_frame_plane(map, 0);
    for (int y = 0; y < MAP_HEIGHT; y++)
        for (int x = 0; x < MAP_WIDTH; x++)
            ((float *)(void *)rl_plane_row(&plane, y))[x] =
                (float)depth_at(x * (WIDTH / MAP_WIDTH), y * (HEIGHT / MAP_HEIGHT)) / 256;
    return map;
}

static enum relief_status keep(void *user, struct rl_frame *frame, struct relief_error *err)
{
    (void)err;
    rl_frame_free(user);
    *(struct rl_frame **)user = frame;
    return RELIEF_OK;
}

// Sends the frame through a stage, which is closed; what comes out last is the result.
static struct rl_frame *pass(struct rl_stage *stage, struct rl_frame *frame)
{
    struct rl_frame *result = NULL;
    const struct rl_sink sink = {keep, &result};
    CHECK_INT(stage->type->push(stage->state, frame, &sink, NULL), RELIEF_OK);
    CHECK_INT(stage->type->flush(stage->state, &sink, NULL), RELIEF_OK);
    stage->type->close(stage->state);
    return result;
}

static struct rl_frame *make_views(enum AVPixelFormat format)
{
    struct rl_frame *frame = rl_frame_create();
    struct rl_stage stage;
    const struct rl_stereo_params params = {
        .divergence = 4, .convergence = 0.5f, .eyes = RL_EYES_BOTH, .fill = RELIEF_FILL_SINGLE};
    frame->picture = draw_picture(format);
    frame->depth = draw_depth();
    frame->depth_is_final = true;
    CHECK_INT(rl_stereo_open(&stage, &params, NULL), RELIEF_OK);
    return pass(&stage, frame);
}

static struct rl_frame *compose(const struct rl_frame *views, enum relief_format format,
                                bool linear)
{
    struct rl_stage stage;
    const struct rl_compose_params params = {.format = format,
                                             .linear = linear,
                                             .fov_degrees = 90,
                                             .time_base = {1, 25},
                                             .frame_rate = {25, 1}};
    CHECK_INT(rl_compose_open(&stage, &params, NULL), RELIEF_OK);
    return pass(&stage, rl_frame_clone(views));
}

static void sum_of(const AVFrame *picture, char text[65])
{
    struct AVSHA *sha = av_sha_alloc();
    uint8_t sum[32];
    const bool deep = av_pix_fmt_desc_get((enum AVPixelFormat)picture->format)->comp[0].depth > 8;
    CHECK_INT(av_sha_init(sha, 256), 0);
    for (int p = 0; p < 3; p++) {
        struct rl_plane plane = rl_frame_plane(picture, p);
        for (int y = 0; y < plane.height; y++)
            av_sha_update(sha, rl_plane_row(&plane, y), (size_t)plane.width << deep);
    }
    av_sha_final(sha, sum);
    av_free(sha);
    for (int i = 0; i < 32; i++)
        snprintf(text + 2 * (ptrdiff_t)i, 3, "%02x", sum[i]);
}

static void write_ppm(const char *folder, const char *name, const AVFrame *picture)
{
    char path[512];
    struct relief_image image = {0};
    snprintf(path, sizeof path, "%s/%s.ppm", folder, name);
    FILE *file = fopen(path, "wb");
    CHECK(file && rl_convert_to_rgba(picture, &image, NULL) == RELIEF_OK);
    if (file && image.pixels) {
        fprintf(file, "P6 %d %d 255\n", image.width, image.height);
        for (size_t i = 0; i < (size_t)image.width * (size_t)image.height; i++)
            fwrite(image.pixels + 4 * i, 1, 3, file);
    }
    if (file)
        fclose(file);
    relief_image_free(&image);
}

// What is compared, or written.
struct golden {
    FILE *file;          // of lines
    const char *folder;  // of pictures; then there is no file
    bool writes;
    int lines, different;
};

static void take(struct golden *g, const char *name, enum AVPixelFormat format,
                 const AVFrame *picture)
{
    char line[LINE], wanted[LINE] = "", sum[65];
    const char *kind = av_get_pix_fmt_name(format);
    g->lines++;
    if (g->folder) {
        snprintf(line, sizeof line, "%s-%s", name, kind);
        write_ppm(g->folder, line, picture);
        return;
    }
    sum_of(picture, sum);
    snprintf(line, sizeof line, "%s %s %dx%d %s\n", name, kind, picture->width, picture->height,
             sum);
    if (g->writes) {
        fputs(line, g->file);
        return;
    }
    if (fgets(wanted, sizeof wanted, g->file) && !strcmp(wanted, line))
        return;
    g->different++;
    printf("differs: %sbefore:  %s", line, *wanted ? wanted : "not there\n");
}

static void make_all(struct golden *g, enum AVPixelFormat format)
{
    struct rl_frame *views = make_views(format);
    const struct relief_option *option = rl_option_find("format");
    take(g, "left", format, views->left);
    take(g, "right", format, views->right);
    for (const struct rl_choice *c = option->choices; c->name; c++) {
        if (c > option->choices && c->value == c[-1].value)
            continue;  // another name of the same
        for (int linear = 0; linear < 2; linear++) {
            const bool has_light = c->value == RELIEF_FORMAT_ARCD ||
                                   c->value == RELIEF_FORMAT_AGMD || c->value == RELIEF_FORMAT_AYBD;
            char name[32];
            if (linear && !has_light)
                continue;
            struct rl_frame *frame = compose(views, (enum relief_format)c->value, linear);
            snprintf(name, sizeof name, "%s%s", c->name, linear ? "-linear" : "");
            if (frame)
                take(g, name, format, frame->output);
            rl_frame_free(&frame);
        }
    }
    rl_frame_free(&views);
}

int main(int argc, char **argv)
{
    struct golden g = {0};
    const char *path = argv[argc - 1];
    if (argc < 2) {
        fputs("golden [--write|--pictures] PATH\n", stderr);
        return 2;
    }
    g.writes = !strcmp(argv[1], "--write");
    if (!strcmp(argv[1], "--pictures"))
        g.folder = path;
    else if (!(g.file = fopen(path, g.writes ? "w" : "r"))) {
        perror(path);
        return 1;
    }
    for (size_t i = 0; i < sizeof pixels / sizeof *pixels; i++)
        make_all(&g, pixels[i]);
    if (g.file && !g.writes)
        CHECK(fgetc(g.file) == EOF);  // no line too many
    if (g.file)
        fclose(g.file);
    if (g.different)
        printf("%d of %d frames differ. Wanted? Look at them (golden --pictures FOLDER), then "
               "make golden\n",
               g.different, g.lines);
    CHECK_INT(g.different, 0);
    return check_result();
}
