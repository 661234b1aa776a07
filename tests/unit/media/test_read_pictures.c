// SPDX-License-Identifier: MIT
//
// Pictures, sequences and folders; inputs that are none, or broken.
#include "shoot.h"

#include <libavutil/time.h>
#include <pthread.h>
#include <sys/stat.h>

static void a_sequence_ends_at_a_gap(void)
{
    char name[64];
    for (int i = 7; i < 20; i++) {
        snprintf(name, sizeof name, "seq_%03d.png", i);
        if (i != 15)
            shoot_still(shot_path(name), SHOT_W, SHOT_H, i);
    }
    shoot_still(shot_path("seq_7.png"), SHOT_W, SHOT_H, 40);  // not of the pattern
    struct seen seen = see(shot_path("seq_%03d.png"), (struct rl_reader_params){0});
    CHECK_INT(seen.status, RELIEF_OK);
    CHECK_INT(seen.count, 8);
    CHECK(seen.fits);
    CHECK(seen.source.is_sequence && !seen.source.is_still);
    CHECK_INT(seen.source.frame_count, 8);
    CHECK_INT(seen.source.frame_rate.num, 25);
    CHECK_INT(seen.warnings, 1);
    CHECK(strstr(seen.warning, "seq_015.png: is missing"));
    for (int i = 0; i < seen.count; i++) {
        CHECK_INT(seen.level[i], shot_level(7 + i));
        CHECK_INT(av_rescale_q(seen.pts[i], seen.source.time_base, (AVRational){1, 25}), i);
    }
    seen = see(shot_path("seq_%03d.png"),
               (struct rl_reader_params){.start_us = 80000, .duration_us = 120000});
    CHECK_INT(seen.count, 3);
    CHECK_INT(seen.level[0], shot_level(9));
    CHECK_INT(seen.source.start_pts, 2);
}

static void a_folder_comes_in_natural_order_and_one_size(void)
{
    CHECK_INT(mkdir(shot_path("album"), 0777), 0);
    shoot_still(shot_path("album/p10.png"), 100, 40, 3);
    shoot_still(shot_path("album/p9.png"), SHOT_W, SHOT_H, 2);
    shoot_still(shot_path("album/p1.png"), SHOT_W, SHOT_H, 1);
    shoot_still(shot_path("album/.hidden.png"), SHOT_W, SHOT_H, 9);
    write_text(shot_path("album/p2.png"), "no picture at all");
    write_text(shot_path("album/notes.txt"), "no picture");
    struct seen seen = see(shot_path("album"), (struct rl_reader_params){0});
    CHECK_INT(seen.status, RELIEF_OK);
    CHECK_INT(seen.count, 3);
    CHECK(seen.fits);
    CHECK_INT(seen.source.width, SHOT_W);
    CHECK_INT(seen.level[0], shot_level(1));
    CHECK_INT(seen.level[1], shot_level(2));
    CHECK_NEAR(seen.level[2], shot_level(3), 1);
    CHECK_INT(seen.warnings, 2);  // the broken one, and the change of size
}

static void one_picture_is_a_film_of_one_frame(void)
{
    struct seen seen = see(shot_path("seq_007.png"), (struct rl_reader_params){0});
    CHECK_INT(seen.status, RELIEF_OK);
    CHECK_INT(seen.count, 1);
    CHECK(seen.source.is_still);
    CHECK_INT(seen.source.frame_count, 1);
    CHECK_INT(seen.source.format, AV_PIX_FMT_YUV420P);

    seen = see(shot_path("seq_007.png"), (struct rl_reader_params){.still_repeats = true,
                                                                   .start_us = 9000000,
                                                                   .format = AV_PIX_FMT_GRAY8});
    CHECK_INT(seen.status, RELIEF_OK);
    CHECK_INT(seen.count, SHOT_MOST);
    CHECK_INT(seen.source.format, AV_PIX_FMT_GRAY8);
    for (int i = 0; i < seen.count; i++)
        CHECK(seen.level[i] == shot_level(7) && (!i || seen.pts[i] > seen.pts[i - 1]));
}

static void check_refused(const char *path, const char *text)
{
    struct seen seen = see(path, (struct rl_reader_params){0});
    CHECK_INT(seen.status, RELIEF_E_INPUT);
    CHECK_INT(seen.err.status, RELIEF_E_INPUT);
    if (!strstr(seen.err.message, text)) {
        printf("'%s' does not say '%s'\n", seen.err.message, text);
        CHECK(false);
    }
    struct relief_media_info info;
    CHECK_INT(rl_probe(path, &info, NULL), RELIEF_E_INPUT);
}

static void what_is_no_film_is_refused_in_one_line(void)
{
    check_refused(shot_path("nothing.mkv"), "No such file");
    check_refused(shot_path("none_%04d.png"), "no file has a name like this");
    CHECK_INT(mkdir(shot_path("bare"), 0777), 0);
    check_refused(shot_path("bare"), "folder without pictures");
    write_text(shot_path("empty.mp4"), "");
    check_refused(shot_path("empty.mp4"), "is empty");
    write_text(shot_path("letter.mp4"), "This is a letter, not a film.\n");
    check_refused(shot_path("letter.mp4"), "not a film");
}

static void no_other_file_is_opened(void)
{
    shoot(shot_path("secret.mkv"), (struct shot){.count = 3, .step = 40});
    write_text(shot_path("list.mkv"), "ffconcat version 1.0\nfile 'secret.mkv'\n");
    check_refused(shot_path("list.mkv"), "list of files");
    write_text(shot_path("play.m3u8"), "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n"
                                       "#EXTINF:2.0,\nsecret.mkv\n#EXT-X-ENDLIST\n");
    check_refused(shot_path("play.m3u8"), "playlist");
    // Odd names are names.
    shoot(shot_path("http:x.mkv"), (struct shot){.count = 3, .step = 40});
    CHECK_INT(see(shot_path("http:x.mkv"), (struct rl_reader_params){0}).count, 3);
    CHECK_INT(rename(shot_path("http:x.mkv"), shot_path("a%03d.png")), 0);
    CHECK_INT(see(shot_path("a%03d.png"), (struct rl_reader_params){0}).count, 3);
}

static void a_broken_film_gives_what_it_has(void)
{
    struct stat info;
    const char *path = shot_path("cut.nut");
    shoot(path, (struct shot){.count = 40, .step = 40, .gop = 1});
    CHECK_INT(stat(path, &info), 0);
    CHECK_INT(truncate(path, info.st_size * 6 / 10), 0);
    struct seen seen = see(path, (struct rl_reader_params){0});
    CHECK_INT(seen.status, RELIEF_OK);
    CHECK(seen.count > 10 && seen.count < 40);
    for (int i = 0; i < seen.count; i++)
        CHECK_INT(seen.level[i], shot_level(i));

    // Bytes turned to noise in the middle: one warning, and all times stay.
    path = shot_path("noise.mp4");
    shoot(path, (struct shot){.codec = AV_CODEC_ID_MPEG4, .count = 40, .step = 40, .gop = 1});
    CHECK_INT(stat(path, &info), 0);
    FILE *file = fopen(path, "r+b");
    CHECK(file && fseek(file, info.st_size / 2, SEEK_SET) == 0);
    for (int i = 0; i < 600 && file; i++)
        fputc(i * 77 & 255, file);
    if (file)
        fclose(file);
    seen = see(path, (struct rl_reader_params){0});
    CHECK_INT(seen.status, RELIEF_OK);
    CHECK(seen.count > 30);
    CHECK_INT(seen.warnings, 1);
    CHECK(strstr(seen.warning, "noise.mp4: is damaged in places"));
    for (int i = 1; i < seen.count; i++)
        CHECK(seen.pts[i] > seen.pts[i - 1]);
}

static atomic_bool stop;

static void *stop_soon(void *arg)
{
    (void)arg;
    av_usleep(100000);
    atomic_store(&stop, true);
    return NULL;
}

static void waiting_for_bytes_can_be_stopped(void)
{
    const char *path = shot_path("pipe.mkv");
    struct rl_reader *reader;
    struct relief_error err = {0};
    struct rl_reader_params params = {.format = AV_PIX_FMT_NONE, .stop = &stop};
    pthread_t thread;
    CHECK_INT(mkfifo(path, 0666), 0);
    pthread_create(&thread, NULL, stop_soon, NULL);
    int64_t before = av_gettime_relative();
    CHECK_INT(rl_reader_open(&reader, path, &params, &err), RELIEF_E_CANCELLED);
    CHECK_INT(err.status, RELIEF_E_CANCELLED);
    CHECK((av_gettime_relative() - before) < 1000000);
    pthread_join(thread, NULL);
}

int main(void)
{
    shot_begin();
    RUN(a_sequence_ends_at_a_gap);
    RUN(a_folder_comes_in_natural_order_and_one_size);
    RUN(one_picture_is_a_film_of_one_frame);
    RUN(what_is_no_film_is_refused_in_one_line);
    RUN(no_other_file_is_opened);
    RUN(a_broken_film_gives_what_it_has);
    RUN(waiting_for_bytes_can_be_stopped);
    shot_end();
    return check_result();
}
