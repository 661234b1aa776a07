// SPDX-License-Identifier: MIT
//
// What must not happen: half files, lost files, unclear words.
#include "film.h"

#include "base/file.h"
#include "base/str.h"

#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

static struct film film;

static enum relief_status write_frames(struct rl_writer *writer, const struct rl_writer_params *p,
                                       int count, struct relief_error *err)
{
    enum relief_status status = RELIEF_OK;
    for (int i = 0; i < count && status == RELIEF_OK; i++) {
        AVFrame *picture = draw(p->format, p->width, p->height, i * i);
        struct rl_frame frame = {.index = i, .pts = i * 40, .duration = 40};
        status = rl_writer_frame(writer, &frame, picture, err);
        av_frame_free(&picture);
    }
    return status == RELIEF_OK ? rl_writer_finish(writer, err) : status;
}

static enum relief_status convert(const char *path, const struct rl_writer_params *params,
                                  int count, struct relief_error *err)
{
    struct rl_writer *writer = NULL;
    *err = (struct relief_error){0};
    enum relief_status status = rl_writer_open(&writer, path, &film.source, params, err);
    if (status == RELIEF_OK)
        status = write_frames(writer, params, count, err);
    rl_writer_close(&writer);
    CHECK(writer == NULL);
    return status;
}

// Names in the folder that begin with `prefix`.
static int count_files(const char *prefix)
{
    int count = 0;
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        count += rl_str_starts(entry->d_name, prefix);
    if (dir)
        closedir(dir);
    return count;
}

static void refuse(const char *path, const struct rl_writer_params *params,
                   enum relief_status wanted, const char *text, const char *hint)
{
    struct relief_error err;
    CHECK_INT(convert(path, params, 1, &err), wanted);
    if (!strstr(err.message, text) || !strstr(err.hint, hint))
        printf("says: %s (try: %s)\n", err.message, err.hint);
    CHECK(strstr(err.message, text) != NULL);
    CHECK(strstr(err.hint, hint) != NULL);
    CHECK(strchr(err.message, '\n') == NULL);
}

static void wrong_names_are_refused(void)
{
    struct rl_writer_params params = film_params(&film);
    char linked[512], folder_name[512];
    rl_str_copy(linked, sizeof linked, in_folder("link.mkv"));
    rl_str_copy(folder_name, sizeof folder_name, in_folder("folder.mp4"));
    CHECK_INT(symlink(film.source.path, linked), 0);
    CHECK_INT(mkdir(folder_name, 0777), 0);
    params.overwrite = true;
    refuse(film.source.path, &params, RELIEF_E_OUTPUT, "the output is the input", "");
    refuse(linked, &params, RELIEF_E_OUTPUT, "the output is the input", "");
    refuse(folder_name, &params, RELIEF_E_OUTPUT, "is a folder", "");
    refuse(in_folder("a.xyz"), &params, RELIEF_E_OUTPUT, ".xyz", ".mp4");
    refuse(in_folder("noname"), &params, RELIEF_E_OUTPUT, "kind of file", ".mp4");
    refuse(in_folder("a.wav"), &params, RELIEF_E_OUTPUT, "no video", ".mp4");
    refuse(in_folder("a.mp3"), &params, RELIEF_E_OUTPUT, "no video", ".mp4");
    refuse(in_folder("a.png"), &params, RELIEF_E_OUTPUT, "one picture", "%04d");
    refuse(in_folder("a_%d.exr"), &params, RELIEF_E_OUTPUT, "kind of picture", ".png");
    refuse("/nowhere/a.mp4", &params, RELIEF_E_OUTPUT, "No such file", "");
    CHECK_INT(count_files("a"), 0);
    CHECK(access(film.source.path, R_OK) == 0);
}

static void wrong_settings_are_refused(void)
{
    struct rl_writer_params params = film_params(&film);
    params.pix_fmt = "yuv999p";
    refuse(in_folder("b.mp4"), &params, RELIEF_E_ARGUMENT, "no pixel format", "yuv420p");
    params.pix_fmt = "rgb24";
    refuse(in_folder("b.mp4"), &params, RELIEF_E_ARGUMENT, "does not take it", "yuv444p");
    params.pix_fmt = "";
    params.preset = "hurry";
    refuse(in_folder("b.mp4"), &params, RELIEF_E_ARGUMENT, "no such preset", "medium");
    params.preset = "";
    params.encoder = RELIEF_ENCODER_PRORES;
    refuse(in_folder("b.mp4"), &params, RELIEF_E_OUTPUT, "ProRes cannot go into", ".mov");
    params.encoder = RELIEF_ENCODER_FFV1;
    refuse(in_folder("b.webm"), &params, RELIEF_E_OUTPUT, "FFV1 cannot go into", ".mkv");
    CHECK_INT(count_files("b"), 0);
}

static void an_old_file_stays_until_the_new_one_is_complete(void)
{
    struct rl_writer_params params = film_params(&film);
    struct relief_error err;
    struct rl_writer *writer = NULL;
    const char *path = in_folder("old.mp4");
    FILE *file = fopen(path, "w");
    fputs("old", file);
    fclose(file);
    refuse(path, &params, RELIEF_E_OUTPUT, "exists already", "-y");
    params.overwrite = true;
    struct stat before, after;
    CHECK_INT(stat(path, &before), 0);
    CHECK_INT(rl_writer_open(&writer, path, &film.source, &params, NULL), RELIEF_OK);
    CHECK_INT(count_files("old"), 2);
    rl_writer_close(&writer);  // interrupted
    CHECK_INT(stat(path, &after), 0);
    CHECK_INT(before.st_ino, after.st_ino);
    CHECK_INT(count_files("old"), 1);
    CHECK_INT(convert(path, &params, 5, &err), RELIEF_OK);
    CHECK_INT(stat(path, &after), 0);
    CHECK(after.st_size > 500);
    CHECK_INT(count_files("old"), 1);
}

// A file size limit is met in the same way as a full disk.
static void a_full_disk_is_said(void)
{
    struct rl_writer_params params = film_params(&film);
    struct relief_error err;
    params.overwrite = true;
    CHECK_INT(convert("/dev/full", &params, 60, &err), RELIEF_E_OUTPUT);
    CHECK(strstr(err.message, "/dev/full: cannot be written: No space left on device") != NULL);
    struct rlimit limit, small;
    getrlimit(RLIMIT_FSIZE, &limit);
    static const char *const names[] = {"full.mp4", "full.mkv", "full.mov", "full.avi"};
    // Too small for the header, for the packets, and for the index alone.
    static const rlim_t sizes[] = {100, 6000, 12000};
    for (int i = 0; i < 12; i++) {
        small = limit;
        small.rlim_cur = sizes[i / 4];
        setrlimit(RLIMIT_FSIZE, &small);
        enum relief_status status = convert(in_folder(names[i % 4]), &params, 60, &err);
        setrlimit(RLIMIT_FSIZE, &limit);
        CHECK_INT(status, RELIEF_E_OUTPUT);
        CHECK(strstr(err.message, "cannot be written: File too large") != NULL);
    }
    CHECK_INT(count_files("full"), 0);
}

// Endless durations, times that run backwards or are missing, streams that nobody announced.
static void odd_packets_do_not_end_a_job(void)
{
    struct rl_writer_params params = film_params(&film);
    struct rl_writer *writer = NULL;
    struct relief_error err = {0};
    static const struct {
        int stream;
        int64_t pts, dts, duration;
    } rows[] = {{1, 100, 100, 32},
                {1, 40, 40, 32},
                {1, AV_NOPTS_VALUE, AV_NOPTS_VALUE, -5},
                {1, 300, 300, UINT32_MAX},
                {2, 10, 10, INT64_MAX / 4},
                {9, 0, 0, 1},
                {0, 0, 0, 1}};
    CHECK_INT(rl_writer_open(&writer, in_folder("odd-packets.mp4"), &film.source, &params, &err),
              RELIEF_OK);
    for (size_t i = 0; writer && i < sizeof rows / sizeof *rows; i++) {
        AVPacket *packet = av_packet_alloc();
        CHECK(av_new_packet(packet, 8) >= 0);
        memcpy(packet->data, "sometext", 8);
        packet->stream_index = rows[i].stream;
        packet->pts = rows[i].pts;
        packet->dts = rows[i].dts;
        packet->duration = rows[i].duration;
        CHECK_INT(rl_writer_packet(writer, packet, &err), RELIEF_OK);
        av_packet_free(&packet);
    }
    if (writer)
        CHECK_INT(write_frames(writer, &params, 5, &err), RELIEF_OK);
    CHECK_TEXT(err.message, "");
    rl_writer_close(&writer);
    struct outcome o;
    open_outcome(&o, in_folder("odd-packets.mp4"));
    CHECK_INT(o.count, 5);
    close_outcome(&o);
}

// Introduced in 0.1: SVT-AV1 waited for ever in its close when it had been given no end.
static void a_job_may_end_at_any_frame(void)
{
    static const struct {
        const char *name;
        enum relief_encoder encoder;
    } kinds[] = {{"end.mp4", RELIEF_ENCODER_AV1},    {"end.webm", RELIEF_ENCODER_AUTO},
                 {"end.mp4", RELIEF_ENCODER_H264},   {"end.mp4", RELIEF_ENCODER_H265},
                 {"end.mov", RELIEF_ENCODER_PRORES}, {"end.mkv", RELIEF_ENCODER_FFV1}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        for (int count = 0; count < 30; count += 9) {
            struct rl_writer_params params = film_params(&film);
            struct rl_writer *writer = NULL;
            struct relief_error err = {0};
            params.encoder = kinds[i].encoder;
            CHECK_INT(
                rl_writer_open(&writer, in_folder(kinds[i].name), &film.source, &params, &err),
                RELIEF_OK);
            for (int n = 0; n < count; n++) {
                AVFrame *picture = draw(params.format, params.width, params.height, n);
                struct rl_frame frame = {.index = n, .pts = n * 40, .duration = 40};
                CHECK_INT(rl_writer_frame(writer, &frame, picture, &err), RELIEF_OK);
                av_frame_free(&picture);
            }
            rl_writer_close(&writer);
            CHECK_INT(count_files("end"), 0);
        }
}

static void odd_sizes_grow_by_one(void)
{
    struct rl_writer_params params = film_params(&film);
    struct relief_error err;
    static const struct {
        const char *name;
        enum relief_encoder encoder;
        const char *pix_fmt;
        int width, height;
    } rows[] = {{"odd.mp4", RELIEF_ENCODER_H264, "", 98, 68},
                {"odd.mkv", RELIEF_ENCODER_H265, "", 98, 68},
                {"odd.mov", RELIEF_ENCODER_H264, "yuv422p", 98, 67},
                {"odd444.mp4", RELIEF_ENCODER_H264, "yuv444p", 97, 67},
                {"odd.nut", RELIEF_ENCODER_FFV1, "", 97, 67},
                {"odd.webm", RELIEF_ENCODER_AUTO, "", 98, 68}};
    params.width = 97;
    params.height = 67;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct outcome o;
        params.encoder = rows[i].encoder;
        params.pix_fmt = rows[i].pix_fmt;
        CHECK_INT(convert(in_folder(rows[i].name), &params, 3, &err), RELIEF_OK);
        CHECK_TEXT(err.message, "");
        open_outcome(&o, in_folder(rows[i].name));
        if (o.demuxer) {
            const AVCodecParameters *par = o.demuxer->streams[o.video]->codecpar;
            CHECK_INT(par->width, rows[i].width);
            CHECK_INT(par->height, rows[i].height);
            CHECK_INT(o.count, 3);
        }
        close_outcome(&o);
    }
}

static enum AVPixelFormat written_format(const char *name)
{
    struct outcome o;
    open_outcome(&o, in_folder(name));
    enum AVPixelFormat format =
        o.demuxer ? (enum AVPixelFormat)o.demuxer->streams[o.video]->codecpar->format
                  : AV_PIX_FMT_NONE;
    close_outcome(&o);
    return format;
}

static void formats_are_kept_or_nearest(void)
{
    static const struct {
        const char *name;
        enum relief_encoder encoder;
        enum AVPixelFormat from, to;
    } rows[] = {
        {"f1.mp4", RELIEF_ENCODER_H264, AV_PIX_FMT_YUV420P10, AV_PIX_FMT_YUV420P10},
        {"f2.mp4", RELIEF_ENCODER_H264, AV_PIX_FMT_YUV422P12, AV_PIX_FMT_YUV422P10},
        {"f3.mp4", RELIEF_ENCODER_H264, AV_PIX_FMT_GBRP, AV_PIX_FMT_YUV444P},
        {"f4.mkv", RELIEF_ENCODER_FFV1, AV_PIX_FMT_GRAY16, AV_PIX_FMT_GRAY16},
        {"f5.mkv", RELIEF_ENCODER_FFV1, AV_PIX_FMT_GBRP, AV_PIX_FMT_BGR0},
        {"f6.mkv", RELIEF_ENCODER_FFV1, AV_PIX_FMT_YUV422P12, AV_PIX_FMT_YUV422P12},
        {"f7.mov", RELIEF_ENCODER_PRORES, AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUV422P10},
        {"f8.mov", RELIEF_ENCODER_PRORES, AV_PIX_FMT_GBRP10, AV_PIX_FMT_YUV444P10},
        {"f9.mkv", RELIEF_ENCODER_FFV1, AV_PIX_FMT_GRAYF32, AV_PIX_FMT_GRAY16},
        {"f10.mp4", RELIEF_ENCODER_H264, AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUVJ420P},
        {"f11.mp4", RELIEF_ENCODER_H264, AV_PIX_FMT_GRAY16, AV_PIX_FMT_YUV420P10},
        {"f12.mpg", RELIEF_ENCODER_AUTO, AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUV420P},
        {"f13.wmv", RELIEF_ENCODER_AUTO, AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUV420P},
    };
    struct relief_error err;
    struct rl_writer_params params = film_params(&film);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        params.encoder = rows[i].encoder;
        params.format = rows[i].from;
        CHECK_INT(convert(in_folder(rows[i].name), &params, 3, &err), RELIEF_OK);
        CHECK_TEXT(err.message, "");
        enum AVPixelFormat got = written_format(rows[i].name);
        if (got != rows[i].to && got != AV_PIX_FMT_YUV444P12 && got != AV_PIX_FMT_YUVA444P12)
            CHECK_TEXT(av_get_pix_fmt_name(got), av_get_pix_fmt_name(rows[i].to));
    }
}

// x265 4 keeps a few of its own blocks for ever.
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libx265";
}

int main(void)
{
    quiet_libraries();
    signal(SIGXFSZ, SIG_IGN);
    make_folder();
    make_film(in_folder("film.mkv"));
    open_film(&film, in_folder("film.mkv"), (AVRational){1, 1000});
    RUN(wrong_names_are_refused);
    RUN(wrong_settings_are_refused);
    RUN(an_old_file_stays_until_the_new_one_is_complete);
    RUN(a_full_disk_is_said);
    RUN(odd_packets_do_not_end_a_job);
    RUN(a_job_may_end_at_any_frame);
    RUN(odd_sizes_grow_by_one);
    RUN(formats_are_kept_or_nearest);
    close_film(&film);
    remove_folder();
    return check_result();
}
