// SPDX-License-Identifier: MIT
//
// Every allocation of our code fails once: each scenario below is run with the first one failing,
// then with the second, and so on until it gets through; and again with all that follow failing,
// too. Whatever fails, nothing crashes (sanitizers watch), nothing is left behind beside
// the output's name, and what does not get through says so in one line.
//
//     test_fail            some twenty places of each scenario, the same ones each time
//     test_fail --all      every place
//     test_fail NAME [N]   one scenario, from its Nth place on
#include "../unit/media/film.h"

#include "shim.h"

#include "base/options/options.h"

#include <dirent.h>
#include <sys/stat.h>

enum { WIDTH = 96, HEIGHT = 64, FRAMES = 5 };

static struct relief_context *ctx;

#ifdef __SANITIZE_ADDRESS__
// FFmpeg's wrapper of x265 loses eight bytes for each picture that is in an encoder which is
// dropped, and no suppression tells those from ours: what runs it comes last.
static bool x265_has_run;

int __lsan_is_turned_off(void);
int __lsan_do_recoverable_leak_check(void);

int __lsan_is_turned_off(void)
{
    return x265_has_run;
}

// Does `name` lose memory? Prints where it was allocated.
static bool leaks(const char *name)
{
    x265_has_run |= !strcmp(name, "h265");
    return __lsan_do_recoverable_leak_check() != 0;
}
#else
static bool leaks(const char *name)
{
    (void)name;
    return false;
}
#endif

// A film with a texture that moves, and a bright box that moves against it.
static void write_film(const char *path, int width, int height)
{
    FILE *file = fopen(path, "wb");
    fprintf(file, "YUV4MPEG2 W%d H%d F25:1 Ip A1:1 C420jpeg\n", width, height);
    for (int n = 0; n < FRAMES; n++) {
        fputs("FRAME\n", file);
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++) {
                bool box = abs(x - 30 - n) < 10 && abs(y - 30) < 12;
                fputc(box ? 220 : 60 + (x * 7 + y * 13 + n * 3) % 90, file);
            }
        for (int i = 0; i < width * height / 2; i++)
            fputc(100 + i % 50, file);
    }
    fclose(file);
}

static void write_map(const char *path)
{
    FILE *file = fopen(path, "wb");
    fprintf(file, "P5\n%d %d\n65535\n", WIDTH, HEIGHT);
    for (int i = 0; i < 2 * WIDTH * HEIGHT; i++)
        fputc(i % WIDTH, file);
    fclose(file);
}

// Files of the output folder, and the bytes of all films among them; all are removed.
static int sweep(int64_t *bytes)
{
    int count = 0;
    char path[600];
    struct stat found;
    *bytes = 0;
    DIR *dir = opendir(in_folder("out"));
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        if (entry->d_name[0] != '.' || strlen(entry->d_name) > 2) {
            snprintf(path, sizeof path, "%s/out/%s", folder, entry->d_name);
            if (!strstr(entry->d_name, ".json") && !stat(path, &found))
                *bytes += found.st_size;
            count += unlink(path) == 0;
        }
    if (dir)
        closedir(dir);
    return count;
}

struct scenario {
    const char *name;
    const char *input, *output;  // in the folder
    const char *options;         // as relief_params_set_all() takes them
    enum relief_status (*run)(const struct scenario *scenario, struct relief_error *err);
    int files;  // that it writes
    int kept;   // of those, how many may stay when it fails: each is whole
};

static enum relief_status set_options(struct relief_params *params, const char *text,
                                      struct relief_error *err)
{
    char copy[512], *rest = copy;
    enum relief_status status = RELIEF_OK;
    snprintf(copy, sizeof copy, "device=dummy,overwrite=1,%s", text);
    relief_params_default(params);
    for (char *word; status == RELIEF_OK && (word = strsep(&rest, ",")) && *word;) {
        char *value = strchr(word, '=');
        *value++ = 0;
        if (*value == '/') {
            char path[600];
            snprintf(path, sizeof path, "%s%s", folder, value);
            status = relief_params_set(params, word, path, err);
        } else {
            status = relief_params_set(params, word, value, err);
        }
    }
    return status;
}

static enum relief_status convert(const struct scenario *s, struct relief_error *err)
{
    struct relief_job *job = NULL;
    struct relief_params params;
    char output[600];
    enum relief_status status = set_options(&params, s->options, err);
    snprintf(output, sizeof output, "%s/out/%s", folder, s->output);
    if (status == RELIEF_OK)
        status = relief_job_create(&job, ctx, in_folder(s->input), output, &params, err);
    if (status == RELIEF_OK)
        status = relief_job_run(job, NULL, NULL, err);
    relief_job_free(&job);
    return status;
}

static enum relief_status look(const struct scenario *s, struct relief_error *err)
{
    struct relief_viewer *viewer = NULL;
    struct relief_params params;
    enum relief_status status = set_options(&params, s->options, err);
    if (status == RELIEF_OK)
        status = relief_viewer_create(&viewer, ctx, in_folder(s->input), 64, err);
    for (int i = 0; status == RELIEF_OK && i < 8; i++) {
        struct relief_image image = {0};
        status = relief_viewer_render(viewer, i / 4 * INT64_C(80000), &params,
                                      (enum relief_view)(i % RELIEF_VIEW_COUNT), &image, err);
        relief_image_free(&image);
    }
    relief_viewer_free(&viewer);
    return status;
}

static enum relief_status probe(const struct scenario *s, struct relief_error *err)
{
    struct relief_media_info info;
    return relief_probe(ctx, in_folder(s->input), &info, err);
}

static enum relief_status list_models(const struct scenario *s, struct relief_error *err)
{
    struct relief_model_info models[32];
    size_t count = 0;
    enum relief_status status = relief_models(ctx, models, 32, &count, err);
    if (status == RELIEF_OK)
        status = relief_models_find(ctx, "midas-small", &models[0], err);
    (void)s;
    return status;
}

static enum relief_status make_context(const struct scenario *s, struct relief_error *err)
{
    struct relief_context *made = NULL;
    enum relief_status status = relief_context_create(&made, NULL, err);
    relief_context_free(&made);
    (void)s;
    return status;
}

static const struct scenario scenarios[] = {
    {"context", NULL, NULL, "", make_context, 0, 0},
    {"models", NULL, NULL, "", list_models, 0, 0},
    {"probe", "film.mkv", NULL, "", probe, 0, 0},
    {"viewer", "film.y4m", NULL, "", look, 0, 0},
    {"mkv", "film.y4m", "b.mkv", "encoder=ffv1", convert, 1, 0},
    {"streams-mkv", "film.mkv", "b.mkv", "encoder=ffv1,format=abl", convert, 1, 0},
    {"streams-mp4", "film.mkv", "b.mp4", "encoder=h264,format=sbs2l", convert, 1, 0},
    {"linear", "film.y4m", "b.mkv", "encoder=ffv1,format=arcd,linear=1", convert, 1, 0},
    {"vr180", "film.y4m", "b.mov", "encoder=h264,format=vr180", convert, 1, 0},
    {"hdmi", "large.y4m", "b.mkv", "encoder=ffv1,format=hdmi", convert, 1, 0},
    {"rgbd", "film.y4m", "b.mkv", "encoder=ffv1,format=rgbd", convert, 1, 0},
    {"wiggle-gif", "film.y4m", "b.gif", "format=wiggle", convert, 1, 0},
    {"single", "film.y4m", "b.mkv", "encoder=ffv1,fill=single,steady=off,format=mr", convert, 1, 0},
    {"pictures", "film.y4m", "b_%d.png", "format=chl", convert, FRAMES, FRAMES},
    {"png", "map.pgm", "b.png", "", convert, 1, 0},
    {"mpo", "map.pgm", "b.mpo", "format=sbsl", convert, 1, 0},
    {"jps", "map.pgm", "b.jps", "format=sbsr", convert, 1, 0},
    {"depth-out", "film.y4m", "b.mkv", "encoder=ffv1,depth-out=/out/d.mkv", convert, 2, 1},
    {"depth-in", "film.y4m", "b.mkv", "encoder=ffv1,depth-in=/map.pgm", convert, 1, 0},
    {"spared", "film.y4m", "b.mkv", "encoder=ffv1,depth-every=auto", convert, 1, 0},
    {"report", "film.y4m", "b.mkv", "encoder=ffv1,report=/out/r.json", convert, 2, 1},
    {"h265", "film.y4m", "b.mp4", "encoder=h265,format=al,preset=ultrafast", convert, 1, 0},
};

static bool is_one_line(const char *text)
{
    return *text && !strchr(text, '\n');
}

// swscale does not say why it cannot.
static bool gives_reason(const char *text)
{
    return strcasestr(text, "memory") || strstr(text, "thread") || strstr(text, "cannot scale") ||
           strstr(text, "cannot convert");
}

// Runs it with the nth call failing. False when there was no such call.
static bool run_once(const struct scenario *s, int n, bool rest, int64_t whole_bytes)
{
    int64_t bytes;
    struct relief_error err = {0};
    shim_arm(n, rest);
    const enum relief_status status = s->run(s, &err);
    const bool fired = shim_disarm() >= n;
    const int files = sweep(&bytes);
    const int before = check_failures;
    if (status == RELIEF_OK) {
        CHECK_INT(files, s->files);
        CHECK_INT(bytes, whole_bytes);  // nothing was left out on the quiet
    } else {
        CHECK(fired);
        CHECK(files <= s->kept);
        CHECK(is_one_line(err.message));
        CHECK(gives_reason(err.message));
    }
    if (check_failures != before)
        printf("%s, %s %d: %d '%s'\n", s->name, rest ? "from" : "call", n, status, err.message);
    return fired;
}

static int count_calls(const struct scenario *s, int64_t *bytes)
{
    struct relief_error err = {0};
    shim_arm(1 << 30, false);
    CHECK_INT(s->run(s, &err), RELIEF_OK);
    if (err.status != RELIEF_OK)
        printf("%s: %s\n", s->name, err.message);
    CHECK_INT(sweep(bytes), s->files);
    return shim_disarm();
}

// The last calls, which complete a file, are looked at more closely.
static int stride(int n, int calls, int step)
{
    return n > calls - 40 && step > 4 ? 4 : step;
}

int main(int argc, char **argv)
{
    const bool all = argc > 1 && !strcmp(argv[1], "--all");
    const char *only = argc > 1 && !all ? argv[1] : NULL;
    const int from = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 1;
    quiet_libraries();
    shim_init();
    make_folder();
    mkdir(in_folder("out"), 0700);
    setenv("XDG_CACHE_HOME", folder, 1);
    make_film(in_folder("film.mkv"));
    write_film(in_folder("film.y4m"), WIDTH, HEIGHT);
    write_film(in_folder("large.y4m"), 64, 720);
    write_map(in_folder("map.pgm"));
    CHECK_INT(relief_context_create(&ctx, NULL, NULL), RELIEF_OK);
    for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++) {
        const struct scenario *s = &scenarios[i];
        if (only && strcmp(only, s->name) != 0)
            continue;
        int64_t bytes;
        const int before = check_failures, calls = count_calls(s, &bytes);

        for (int rest = 0; rest < 2; rest++) {
            const int step = all || only ? 1 : calls / (rest ? 5 : 12) + 1;
            for (int n = step > 1 ? 1 + rand() % step : from; run_once(s, n, rest, bytes);
                 n += stride(n, calls, step))
                continue;
        }
        CHECK(!leaks(s->name));
        printf("%s %s, %d calls\n", check_failures == before ? "ok  " : "FAIL", s->name, calls);
        fflush(stdout);
    }
    relief_context_free(&ctx);
    remove_folder();
    return check_result();
}
