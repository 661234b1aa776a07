// SPDX-License-Identifier: MIT
//
// Films: times, spans, turns, interlacing, other streams.
#include "shoot.h"

#include <fcntl.h>

static void times_are_the_files_own(void)
{
    static const int64_t pts[] = {40, 80, 200, 210, 500, 501, 540};
    shoot(shot_path("vfr.mkv"), (struct shot){.count = 7, .pts = pts});
    struct seen seen = see(shot_path("vfr.mkv"), (struct rl_reader_params){0});
    CHECK_INT(seen.status, RELIEF_OK);
    CHECK_INT(seen.count, 7);
    CHECK(seen.fits);
    CHECK_INT(seen.source.start_pts, 0);
    for (int i = 0; i < seen.count; i++) {
        CHECK_INT(av_rescale_q(seen.pts[i], seen.source.time_base, (AVRational){1, 1000}), pts[i]);
        CHECK_INT(seen.level[i], shot_level(i));
        if (i < 6)
            CHECK_INT(seen.duration[i], seen.pts[i + 1] - seen.pts[i]);
    }
    CHECK(seen.duration[6] > 0);
    CHECK_INT(seen.warnings, 0);
}

static struct shot long_shot(void)
{
    return (struct shot){.codec = AV_CODEC_ID_MPEG4,
                         .count = 50,
                         .step = 40,
                         .b_frames = 2,
                         .gop = 10,
                         .with_text = true};
}

static void check_span(const char *path, int64_t start_us, int64_t duration_us, int first,
                       int count)
{
    struct seen seen = see(
        path, (struct rl_reader_params){.start_us = start_us, .duration_us = duration_us});
    CHECK_INT(seen.status, RELIEF_OK);
    CHECK_INT(seen.count, count);
    CHECK(seen.fits);
    for (int i = 0; i < seen.count; i++) {
        CHECK_NEAR(seen.level[i], shot_level(first + i), 1.5);
        CHECK_INT(av_rescale_q(seen.pts[i], seen.source.time_base, (AVRational){1, 1000}),
                  (first + i) * 40);
    }
    CHECK_INT(seen.source.start_pts, start_us > 0 ? seen.pts[0] : 0);
}

static void a_span_holds_what_is_on_screen_in_it(void)
{
    static const char *const names[] = {"span.mkv", "span.mp4"};
    for (int i = 0; i < 2; i++) {
        struct shot shot = long_shot();
        shot.with_text = i == 0;
        shoot(shot_path(names[i]), shot);
        const char *path = shot_path(names[i]);
        check_span(path, 0, 0, 0, 50);
        check_span(path, 0, 400000, 0, 10);
        check_span(path, 1000000, 0, 25, 25);
        check_span(path, 1010000, 100000, 25, 3);
        check_span(path, 1999000, 0, 49, 1);
        check_span(path, 120000, 40000, 3, 1);
    }
    struct seen seen = see(shot_path("span.mkv"), (struct rl_reader_params){.start_us = 2100000});
    CHECK_INT(seen.status, RELIEF_E_INPUT);
    CHECK(strstr(seen.err.message, "span.mkv: ends before the start"));
}

static void other_streams_come_beside(void)
{
    const char *path = shot_path("span.mkv");
    CHECK_INT(see(path, (struct rl_reader_params){0}).packets, 20);
    // Texts at 1.0, 1.1 and 1.2 s; the first frame is that of 1.0 s.
    struct seen seen = see(path,
                           (struct rl_reader_params){.start_us = 1000000, .duration_us = 250000});
    CHECK_INT(seen.packets, 3);
    seen = see(path, (struct rl_reader_params){.duration_us = 250000});
    CHECK_INT(seen.packets, 3);
}

static void threads_change_nothing(void)
{
    struct seen one = see(shot_path("span.mkv"), (struct rl_reader_params){.threads = 1});
    struct seen four = see(shot_path("span.mkv"), (struct rl_reader_params){.threads = 4});
    CHECK_INT(one.count, four.count);
    CHECK(memcmp(one.level, four.level, sizeof one.level) == 0);
    CHECK(memcmp(one.pts, four.pts, sizeof one.pts) == 0);
}

// Where the bright quarter is: bit 0 right, bit 1 below.
static int bright_corner(const char *path, int *width, int *height, AVRational *aspect)
{
    struct relief_error err = {0};
    struct rl_reader *reader = NULL;
    struct rl_frame *frame = NULL;
    struct rl_reader_params params = {.format = AV_PIX_FMT_NONE};
    int found = -1;
    CHECK_INT(rl_reader_open(&reader, path, &params, &err), RELIEF_OK);
    CHECK_INT(rl_reader_next(reader, &frame, &err), RELIEF_OK);
    *width = frame->picture->width;
    *height = frame->picture->height;
    *aspect = rl_reader_source(reader)->sample_aspect;
    struct rl_plane luma = rl_frame_plane(frame->picture, 0);
    for (int corner = 0; corner < 4; corner++) {
        int x = corner & 1 ? luma.width - 4 : 4, y = corner & 2 ? luma.height - 4 : 4;
        if (rl_plane_row(&luma, y)[x] > 240)
            found = found < 0 ? corner : 4;
    }
    CHECK(!av_frame_get_side_data(frame->picture, AV_FRAME_DATA_DISPLAYMATRIX));
    CHECK(luma.stride > 0);
    rl_frame_free(&frame);
    rl_reader_close(&reader);
    return found;
}

static void frames_come_upright(void)
{
    static const struct {
        int degrees, corner;  // clockwise; where the top left one goes
    } cases[] = {{90, 1}, {180, 3}, {270, 2}};
    for (int i = 0; i < 3; i++) {
        int width, height;
        AVRational aspect;
        const char *path = shot_path("turned.mp4");
        shoot(path, (struct shot){.codec = AV_CODEC_ID_MPEG4,
                                  .count = 3,
                                  .step = 40,
                                  .turn_degrees = cases[i].degrees,
                                  .aspect = {4, 3}});
        CHECK_INT(bright_corner(path, &width, &height, &aspect), cases[i].corner);
        bool crossed = cases[i].degrees != 180;
        CHECK_INT(width, crossed ? SHOT_H : SHOT_W);
        CHECK_INT(height, crossed ? SHOT_W : SHOT_H);
        CHECK_INT(aspect.num, crossed ? 3 : 4);
        CHECK_INT(aspect.den, crossed ? 4 : 3);

        struct relief_media_info info;
        CHECK_INT(rl_probe(path, &info, NULL), RELIEF_OK);
        CHECK_INT(info.rotation_degrees, cases[i].degrees);
        CHECK_INT(info.width, width);
        CHECK_INT(info.sample_aspect_num, aspect.num);
    }
}

static void wide_chroma_is_turned_in_full(void)
{
    int width, height;
    AVRational aspect;
    const char *path = shot_path("turned422.mov");
    shoot(path, (struct shot){.codec = AV_CODEC_ID_MJPEG,
                              .format = AV_PIX_FMT_YUVJ422P,
                              .count = 2,
                              .step = 40,
                              .turn_degrees = 90});
    CHECK_INT(bright_corner(path, &width, &height, &aspect), 1);
    struct seen seen = see(path, (struct rl_reader_params){0});
    CHECK_INT(seen.source.format, AV_PIX_FMT_YUV444P);
}

// How much neighbouring rows differ more than rows of one field: combing.
static double comb(const AVFrame *picture)
{
    struct rl_plane luma = rl_frame_plane(picture, 0);
    double sum = 0;
    for (int y = 8; y < luma.height - 8; y++)
        for (int x = 0; x < luma.width; x++)
            sum += abs(rl_plane_row(&luma, y)[x] - rl_plane_row(&luma, y + 1)[x]) -
                   abs(rl_plane_row(&luma, y)[x] - rl_plane_row(&luma, y + 2)[x]);
    return sum / (luma.height * luma.width);
}

static void interlaced_frames_lose_their_combs_and_none_is_lost(void)
{
    const char *path = shot_path("fields.mkv");
    shoot(path, (struct shot){.count = 12, .step = 40, .interlaced_from = 4});
    struct seen seen = see(path, (struct rl_reader_params){0});
    CHECK_INT(seen.count, 12);
    for (int i = 0; i < seen.count; i++)
        CHECK_INT(seen.pts[i], 40 * i);
    struct relief_error err = {0};
    struct rl_reader *reader;
    struct rl_reader_params params = {.format = AV_PIX_FMT_NONE};
    CHECK_INT(rl_reader_open(&reader, path, &params, &err), RELIEF_OK);
    struct shot shot = {.width = SHOT_W, .height = SHOT_H, .interlaced_from = 4};
    for (int i = 0; i < 12; i++) {
        struct rl_frame *frame;
        CHECK_INT(rl_reader_next(reader, &frame, &err), RELIEF_OK);
        AVFrame *drawn = shot_draw(&shot, i);
        if (i >= 5)
            CHECK(comb(frame->picture) < comb(drawn) / 4);
        if (i < 4)
            CHECK_NEAR(comb(frame->picture), comb(drawn), 1e-9);
        av_frame_free(&drawn);
        rl_frame_free(&frame);
    }
    rl_reader_close(&reader);
}

static void a_pipe_is_read_like_a_file(void)
{
    struct shot shot = long_shot();
    shot.with_text = false;
    shoot(shot_path("piped.mkv"), shot);
    int saved = dup(STDIN_FILENO), file = open(shot_path("piped.mkv"), O_RDONLY);
    CHECK(dup2(file, STDIN_FILENO) == STDIN_FILENO);
    struct seen seen = see("-", (struct rl_reader_params){0});
    CHECK_INT(seen.status, RELIEF_OK);
    CHECK_INT(seen.count, 50);
    dup2(saved, STDIN_FILENO);
    close(saved);
    close(file);
}

static void probing_says_what_is_there(void)
{
    struct relief_media_info info;
    struct relief_error err = {0};
    CHECK_INT(rl_probe(shot_path("span.mkv"), &info, &err), RELIEF_OK);
    CHECK_TEXT(info.pix_fmt, "yuv420p");
    CHECK_INT(info.bits_per_sample, 8);
    CHECK_INT(info.width, SHOT_W);
    CHECK_INT(info.stream_count, 2);
    CHECK_TEXT(info.streams[0].kind, "video");
    CHECK_TEXT(info.streams[1].kind, "subtitle");
    CHECK_TEXT(info.streams[1].codec, "subrip");
    CHECK_NEAR((double)info.duration_us, 2e6, 5e4);
    CHECK_NEAR((double)info.frame_count, 50, 1);
    CHECK_INT(info.rotation_degrees, 0);
    CHECK_INT(rl_probe(shot_path("fields.mkv"), &info, &err), RELIEF_OK);
}

int main(void)
{
    shot_begin();
    RUN(times_are_the_files_own);
    RUN(a_span_holds_what_is_on_screen_in_it);
    RUN(other_streams_come_beside);
    RUN(threads_change_nothing);
    RUN(frames_come_upright);
    RUN(wide_chroma_is_turned_in_full);
    RUN(interlaced_frames_lose_their_combs_and_none_is_lost);
    RUN(a_pipe_is_read_like_a_file);
    RUN(probing_says_what_is_there);
    shot_end();
    return check_result();
}
