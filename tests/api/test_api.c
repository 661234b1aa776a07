// SPDX-License-Identifier: MIT
//
// librelief as a program sees it: relief.h alone, with films that are written here by hand (Y4M)
// and the dummy device, so that neither weights nor encoders beside FFV1 and PNG are needed.
#include "check.h"

#include <relief/relief.h>

#include <dirent.h>
#include <locale.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WIDTH = 96, HEIGHT = 64 };

static char folder[256];

static const char *in_folder(const char *name)
{
    static _Thread_local char path[4][512];
    static _Thread_local int turn;
    turn = (turn + 1) % 4;
    snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
    return path[turn];
}

// A film with a texture that moves, and a bright box that moves against it.
static void write_film(const char *path, int frames)
{
    FILE *file = fopen(path, "wb");
    fprintf(file, "YUV4MPEG2 W%d H%d F25:1 Ip A1:1 C420jpeg\n", WIDTH, HEIGHT);
    for (int n = 0; n < frames; n++) {
        fputs("FRAME\n", file);
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < WIDTH; x++) {
                bool box = abs(x - 30 - n) < 10 && abs(y - 30) < 12;
                fputc(box ? 220 : 60 + (x * 7 + y * 13 + n * 3) % 90, file);
            }
        for (int i = 0; i < WIDTH * HEIGHT / 2; i++)
            fputc(100 + i % 50, file);
    }
    fclose(file);
}

// A 16-bit depth map: a slope, and a near box.
static void write_map(const char *path)
{
    FILE *file = fopen(path, "wb");
    fprintf(file, "P5\n%d %d\n65535\n", WIDTH, HEIGHT);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            int d = abs(x - 40) < 12 && abs(y - 30) < 14 ? 60000 : y * 500 + x * 11;
            fputc(d >> 8, file);
            fputc(d & 255, file);
        }
    fclose(file);
}

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

static int count_files(const char *path)
{
    int count = 0;
    DIR *dir = opendir(path);
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        count += entry->d_name[0] != '.';
    if (dir)
        closedir(dir);
    return count;
}

static bool same_bytes(const char *a, const char *b)
{
    FILE *x = fopen(a, "rb"), *y = fopen(b, "rb");
    bool same = x && y;
    for (int c = 0; same && c != EOF;) {
        c = fgetc(x);
        same = c == fgetc(y);
    }
    if (x)
        fclose(x);
    if (y)
        fclose(y);
    return same;
}

static struct relief_context *open_context(void)
{
    struct relief_context *ctx = NULL;
    CHECK_INT(relief_context_create(&ctx, NULL, NULL), RELIEF_OK);
    return ctx;
}

static void test_params(struct relief_params *params)
{
    relief_params_default(params);
    CHECK_INT(relief_params_set(params, "device", "dummy", NULL), RELIEF_OK);
    CHECK_INT(relief_params_set(params, "encoder", "ffv1", NULL), RELIEF_OK);
    CHECK_INT(relief_params_set(params, "divergence", "6", NULL), RELIEF_OK);
}

static enum relief_status convert(struct relief_context *ctx, const char *input, const char *output,
                                  const struct relief_params *params, struct relief_error *err)
{
    struct relief_job *job = NULL;
    enum relief_status status = relief_job_create(&job, ctx, input, output, params, err);
    if (status == RELIEF_OK)
        status = relief_job_run(job, NULL, NULL, err);
    relief_job_free(&job);
    return status;
}

static void count_calls(void *user, const struct relief_progress *progress)
{
    int *calls = user;
    ++*calls;
    CHECK(progress->frames_done <= 12);
}

static void a_film_is_converted(void)
{
    struct relief_context *ctx = open_context();
    struct relief_params params;
    struct relief_error err = {0};
    struct relief_job *job = NULL;
    struct relief_progress progress;
    struct relief_media_info info;
    int calls = 0;
    test_params(&params);
    params.format = RELIEF_FORMAT_SBSL;
    CHECK_INT(
        relief_job_create(&job, ctx, in_folder("film.y4m"), in_folder("sbs.mkv"), &params, &err),
        RELIEF_OK);
    CHECK_INT(relief_job_run(job, count_calls, &calls, &err), RELIEF_OK);
    CHECK_TEXT(err.message, "");
    CHECK(calls > 0);
    relief_job_progress(job, &progress);
    CHECK_INT(progress.frames_done, 12);
    CHECK_INT(relief_job_run(job, NULL, NULL, &err), RELIEF_E_ARGUMENT);
    relief_job_free(&job);
    CHECK(job == NULL);
    CHECK_INT(relief_probe(ctx, in_folder("sbs.mkv"), &info, NULL), RELIEF_OK);
    CHECK_INT(info.width, 2 * WIDTH);
    CHECK_INT(info.height, HEIGHT);
    CHECK_INT(info.duration_us, 480000);
    relief_context_free(&ctx);
    CHECK(ctx == NULL);
}

static void failures_name_the_file_and_leave_nothing(void)
{
    struct relief_context *ctx = open_context();
    struct relief_params params;
    static const struct {
        const char *input, *output;
        enum relief_status status;
    } cases[] = {
        {"missing.mkv", "a.mkv", RELIEF_E_INPUT},  {"film.y4m", "no/folder/a.mkv", RELIEF_E_OUTPUT},
        {"film.y4m", "film.y4m", RELIEF_E_OUTPUT}, {"film.y4m", "map.pgm", RELIEF_E_OUTPUT},
        {"film.y4m", ".", RELIEF_E_OUTPUT},
    };
    test_params(&params);
    int before = count_files(folder);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct relief_error err = {0};
        CHECK_INT(
            convert(ctx, in_folder(cases[i].input), in_folder(cases[i].output), &params, &err),
            cases[i].status);
        const char *named = cases[i].status == RELIEF_E_INPUT ? cases[i].input : cases[i].output;
        CHECK(strstr(err.message, named));
    }
    struct relief_error err = {0};
    params.divergence = 11;
    CHECK_INT(convert(ctx, in_folder("film.y4m"), in_folder("a.mkv"), &params, &err),
              RELIEF_E_ARGUMENT);
    test_params(&params);
    snprintf(params.model, sizeof params.model, "%s", in_folder("map.pgm"));
    snprintf(params.device, sizeof params.device, "cpu");
    err = (struct relief_error){0};
    enum relief_status status = convert(ctx, in_folder("film.y4m"), in_folder("a.mkv"), &params,
                                        &err);
    CHECK(status == RELIEF_E_MODEL || status == RELIEF_E_DEVICE);
    CHECK_INT(count_files(folder), before);
    relief_context_free(&ctx);
}

static void cancel_at_once(void *user, const struct relief_progress *progress)
{
    if (progress->frames_done > 0)
        relief_job_cancel(user);
}

static void a_cancelled_job_leaves_nothing(void)
{
    struct relief_context *ctx = open_context();
    struct relief_params params;
    int before = count_files(folder);
    for (int threads = 0; threads < 2; threads++) {
        struct relief_error err = {0};
        struct relief_job *job = NULL;
        test_params(&params);
        params.threads = threads;
        CHECK_INT(relief_job_create(&job, ctx, in_folder("long.y4m"), in_folder("long.mkv"),
                                    &params, &err),
                  RELIEF_OK);
        CHECK_INT(relief_job_run(job, cancel_at_once, job, &err), RELIEF_E_CANCELLED);
        CHECK_INT(err.status, RELIEF_E_CANCELLED);
        relief_job_free(&job);
        CHECK_INT(count_files(folder), before);
    }
    relief_context_free(&ctx);
}

struct parallel {
    struct relief_context *ctx;
    char output[64];
    enum relief_status status;
};

static void *run_parallel(void *arg)
{
    struct parallel *p = arg;
    struct relief_params params;
    test_params(&params);
    p->status = convert(p->ctx, in_folder("film.y4m"), in_folder(p->output), &params, NULL);
    return NULL;
}

static void two_jobs_run_at_the_same_time(void)
{
    struct relief_context *shared = open_context(), *own = open_context();
    struct parallel jobs[3] = {{shared, "p0_%03d.png", RELIEF_E_FAILED},
                               {shared, "p1_%03d.png", RELIEF_E_FAILED},
                               {own, "p2_%03d.png", RELIEF_E_FAILED}};
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, run_parallel, &jobs[i]);
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
        CHECK_INT(jobs[i].status, RELIEF_OK);
    }
    CHECK(same_bytes(in_folder("p0_011.png"), in_folder("p1_011.png")));
    CHECK(same_bytes(in_folder("p0_005.png"), in_folder("p2_005.png")));
    CHECK(!same_bytes(in_folder("p0_005.png"), in_folder("p0_006.png")));
    relief_context_free(&shared);
    relief_context_free(&own);
}

// Views do not depend on threads or kernels: imported depth, lossless pictures.
static void threads_and_cpu_levels_change_no_pixel(void)
{
    struct relief_context *ctx = open_context();
    static const char *const formats[] = {"arcc", "arcd", "sbs2l", "ab2r", "mr"};
    static const int masks[] = {0, 1, -1};
    char name[64], first[64];
    for (size_t f = 0; f < sizeof formats / sizeof *formats; f++)
        for (int run = 0; run < 6; run++) {
            struct relief_params params;
            struct relief_error err = {0};
            test_params(&params);
            CHECK_INT(relief_params_set(&params, "format", formats[f], &err), RELIEF_OK);
            CHECK_INT(relief_params_set(&params, "depth-in", in_folder("map.pgm"), &err),
                      RELIEF_OK);
            params.threads = run < 3 ? 1 : 4;
            params.cpu_mask = masks[run % 3];
            snprintf(name, sizeof name, "t_%s_%d_%%03d.png", formats[f], run);
            CHECK_INT(convert(ctx, in_folder("film.y4m"), in_folder(name), &params, &err),
                      RELIEF_OK);
            for (int n = 0; n < 12; n += 11) {
                snprintf(first, sizeof first, "t_%s_0_%03d.png", formats[f], n);
                snprintf(name, sizeof name, "t_%s_%d_%03d.png", formats[f], run, n);
                CHECK(same_bytes(in_folder(first), in_folder(name)));
            }
        }
    relief_context_free(&ctx);
}

static void a_preview_is_one_frame(void)
{
    struct relief_context *ctx = open_context();
    struct relief_params params;
    struct relief_image image, other;
    struct relief_error err = {0};
    test_params(&params);
    CHECK_INT(relief_preview(ctx, in_folder("film.y4m"), 200000, &params, &image, &err), RELIEF_OK);
    CHECK_INT(image.width, WIDTH);
    CHECK_INT(image.height, HEIGHT);
    CHECK(image.stride >= WIDTH * 4);
    params.format = RELIEF_FORMAT_ABL;
    CHECK_INT(relief_preview(ctx, in_folder("film.y4m"), 200000, &params, &other, &err), RELIEF_OK);
    CHECK_INT(other.height, 2 * HEIGHT);
    CHECK(memcmp(image.pixels, other.pixels, WIDTH * 4) != 0);
    relief_image_free(&image);
    relief_image_free(&other);
    CHECK(image.pixels == NULL);
    CHECK_INT(relief_preview(ctx, in_folder("film.y4m"), 60000000, &params, &image, &err),
              RELIEF_E_INPUT);
    CHECK(image.pixels == NULL);
    relief_context_free(&ctx);
}

// A viewer's picture is that of a preview, whatever it showed before.
static void a_viewer_shows_what_a_preview_does(void)
{
    struct relief_context *ctx = open_context();
    struct relief_params params;
    struct relief_viewer *viewer = NULL;
    struct relief_image image, fresh;
    struct relief_error err = {0};
    test_params(&params);
    CHECK_INT(relief_viewer_create(&viewer, ctx, in_folder("film.y4m"), 0, &err), RELIEF_OK);
    const float strengths[] = {2, 6, 2};
    for (int i = 0; i < 12; i++) {
        params.divergence = strengths[i % 3];
        params.format = i % 2 ? RELIEF_FORMAT_SBSL : RELIEF_FORMAT_ARCG;
        CHECK_INT(
            relief_viewer_render(viewer, i * 40000, &params, RELIEF_VIEW_OUTPUT, &image, &err),
            RELIEF_OK);
        CHECK_INT(relief_preview(ctx, in_folder("film.y4m"), i * 40000, &params, &fresh, &err),
                  RELIEF_OK);
        CHECK(image.width == fresh.width && image.height == HEIGHT);
        CHECK(memcmp(image.pixels, fresh.pixels, (size_t)image.stride * HEIGHT) == 0);
        relief_image_free(&image);
        relief_image_free(&fresh);
    }
    relief_viewer_free(&viewer);
    relief_context_free(&ctx);
}

static void a_viewer_has_views(void)
{
    struct relief_context *ctx = open_context();
    struct relief_params params;
    struct relief_viewer *viewer = NULL;
    struct relief_image image[RELIEF_VIEW_COUNT];
    struct relief_error err = {0};
    test_params(&params);
    params.divergence = 8;
    CHECK_INT(relief_viewer_create(&viewer, ctx, in_folder("film.y4m"), 48, &err), RELIEF_OK);
    for (int v = 0; v < RELIEF_VIEW_COUNT; v++) {
        CHECK_INT(relief_viewer_render(viewer, 0, &params, (enum relief_view)v, &image[v], &err),
                  RELIEF_OK);
        CHECK(relief_view_name((enum relief_view)v) != NULL);
        CHECK_INT(image[v].width, v == RELIEF_VIEW_SBS ? 96 : 48);
        CHECK_INT(image[v].height, 32);
    }
    size_t bytes = (size_t)image[0].stride * 32;
    CHECK(memcmp(image[RELIEF_VIEW_LEFT].pixels, image[RELIEF_VIEW_RIGHT].pixels, bytes) != 0);
    CHECK(memcmp(image[RELIEF_VIEW_LEFT].pixels, image[RELIEF_VIEW_SOURCE].pixels, bytes) != 0);
    CHECK(memcmp(image[RELIEF_VIEW_DEPTH].pixels, image[RELIEF_VIEW_SOURCE].pixels, bytes) != 0);
    // The default format is an anaglyph: what is written is what is seen.
    CHECK(memcmp(image[RELIEF_VIEW_OUTPUT].pixels, image[RELIEF_VIEW_ANAGLYPH].pixels, bytes) == 0);
    for (int v = 0; v < RELIEF_VIEW_COUNT; v++)
        relief_image_free(&image[v]);
    CHECK_INT(relief_viewer_render(viewer, 0, &params, RELIEF_VIEW_COUNT, &image[0], &err),
              RELIEF_E_ARGUMENT);
    CHECK(relief_view_name(RELIEF_VIEW_COUNT) == NULL);
    relief_viewer_free(&viewer);
    relief_context_free(&ctx);
}

static void stored_depth_comes_back(void)
{
    struct relief_context *ctx = open_context();
    struct relief_params params;
    struct relief_error err = {0};
    test_params(&params);
    snprintf(params.depth_out, sizeof params.depth_out, "%s", in_folder("d_%03d.png"));
    snprintf(params.keep, sizeof params.keep, "%s", in_folder("kept"));
    snprintf(params.report, sizeof params.report, "%s", in_folder("report.json"));
    CHECK_INT(convert(ctx, in_folder("film.y4m"), in_folder("u_%03d.png"), &params, &err),
              RELIEF_OK);
    CHECK(exists(in_folder("d_011.png")) && exists(in_folder("report.json")));
    CHECK(exists(in_folder("kept/left/000011.png")) && exists(in_folder("kept/frames/000000.png")));
    CHECK(exists(in_folder("kept/depth/000000.png")) && exists(in_folder("kept/right/000000.png")));
    test_params(&params);
    snprintf(params.depth_in, sizeof params.depth_in, "%s", in_folder("d_%03d.png"));
    CHECK_INT(convert(ctx, in_folder("film.y4m"), in_folder("v_%03d.png"), &params, &err),
              RELIEF_OK);
    CHECK_TEXT(err.message, "");
    CHECK(exists(in_folder("v_011.png")));
    relief_context_free(&ctx);
}

// Introduced in 0.1: such a name made the report fail when the film was already done.
static void what_would_be_written_is_known_before(void)
{
    static const struct {
        const char *format;
        int width, height, pixels_high;
        enum relief_encoder encoder;
        int frames;
    } rows[] = {{"arcc", 96, 64, 64, RELIEF_ENCODER_H264, 1},
                {"sbsl", 192, 64, 64, RELIEF_ENCODER_H264, 1},
                {"ab2l", 96, 64, 64, RELIEF_ENCODER_H264, 1},
                {"al", 96, 64, 64, RELIEF_ENCODER_H264, 2},
                {"vr180", 288, 144, 64, RELIEF_ENCODER_H264, 1},
                {"hdmi", 96, 1470, 720, RELIEF_ENCODER_H264, 1},
                {"abl", 96, 6000, 3000, RELIEF_ENCODER_H265, 1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct relief_media_info info = {
            .kind = "video", .width = 96, .height = rows[i].pixels_high, .pix_fmt = "yuv420p"};
        struct relief_params params;
        struct relief_outlook outlook;
        relief_params_default(&params);
        CHECK_INT(relief_params_set(&params, "format", rows[i].format, NULL), RELIEF_OK);
        CHECK_INT(relief_look_ahead(&outlook, &params, &info, NULL), RELIEF_OK);
        CHECK_INT(outlook.width, rows[i].width);
        CHECK_INT(outlook.height, rows[i].height);
        CHECK_INT(outlook.encoder, rows[i].encoder);
        CHECK_INT(outlook.frames_for_each, rows[i].frames);
        snprintf(info.pix_fmt, sizeof info.pix_fmt, "yuv420p10le");
        CHECK_INT(relief_look_ahead(&outlook, &params, &info, NULL), RELIEF_OK);
        CHECK_INT(outlook.encoder, RELIEF_ENCODER_H265);
        snprintf(info.kind, sizeof info.kind, "picture");
        CHECK_INT(relief_look_ahead(&outlook, &params, &info, NULL), RELIEF_OK);
        CHECK_INT(outlook.encoder, RELIEF_ENCODER_AUTO);
    }
}

static void a_name_need_not_be_utf8(void)
{
    struct relief_context *ctx = open_context();
    struct relief_params params;
    struct relief_error err = {0};
    test_params(&params);
    write_film(in_folder("b\xff.y4m"), 2);
    snprintf(params.report, sizeof params.report, "%s", in_folder("odd.json"));
    CHECK_INT(convert(ctx, in_folder("b\xff.y4m"), in_folder("odd.mkv"), &params, &err), RELIEF_OK);
    CHECK_TEXT(err.message, "");
    CHECK(exists(in_folder("odd.json")));
    relief_context_free(&ctx);
}

static void set_numbers(struct relief_params *params)
{
    test_params(params);
    CHECK_INT(relief_params_set(params, "divergence", "2.5", NULL), RELIEF_OK);
    CHECK_INT(relief_params_set(params, "start", "0.12", NULL), RELIEF_OK);
    CHECK_NEAR(params->divergence, 2.5, 0);
}

// A program with windows has set its user's locale, whose numbers may have a comma.
static void numbers_have_a_point_in_every_locale(void)
{
    const char *name = getenv("RELIEF_TEST_LOCALE");
    struct relief_params plain, params;
    char expected[512], text[512];
    set_numbers(&plain);
    relief_params_print(&plain, expected, sizeof expected);
    if (!name || !setlocale(LC_ALL, name)) {
        printf("  skipped: there is no locale with a comma\n");
        return;
    }
    set_numbers(&params);
    relief_params_print(&params, text, sizeof text);
    CHECK_TEXT(text, expected);
    struct relief_context *ctx = open_context();
    CHECK_INT(convert(ctx, in_folder("film.y4m"), in_folder("comma_%02d.png"), &params, NULL),
              RELIEF_OK);
    CHECK_TEXT(localeconv()->decimal_point, ",");
    setlocale(LC_ALL, "C");
    CHECK_INT(convert(ctx, in_folder("film.y4m"), in_folder("point_%02d.png"), &params, NULL),
              RELIEF_OK);
    CHECK(same_bytes(in_folder("comma_05.png"), in_folder("point_05.png")));
    relief_context_free(&ctx);
}

int main(void)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/relief-api-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(folder))
        return 1;
    write_film(in_folder("film.y4m"), 12);
    write_film(in_folder("long.y4m"), 3000);
    write_map(in_folder("map.pgm"));
    CHECK_TEXT(relief_version(), "0.1.0");
    RUN(failures_name_the_file_and_leave_nothing);
    RUN(a_film_is_converted);
    RUN(a_cancelled_job_leaves_nothing);
    RUN(two_jobs_run_at_the_same_time);
    RUN(threads_and_cpu_levels_change_no_pixel);
    RUN(a_preview_is_one_frame);
    RUN(a_viewer_shows_what_a_preview_does);
    RUN(a_viewer_has_views);
    RUN(stored_depth_comes_back);
    RUN(what_would_be_written_is_known_before);
    RUN(a_name_need_not_be_utf8);
    RUN(numbers_have_a_point_in_every_locale);
    char command[300];
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    return system(command) ? 1 : check_result();
}
