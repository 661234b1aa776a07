// SPDX-License-Identifier: MIT
#include "film.h"

#include "media/stills.h"

// The first picture of a file, decoded; NULL if there is none.
static AVFrame *read_still(const char *path)
{
    AVFormatContext *demuxer = NULL;
    AVPacket *packet = av_packet_alloc();
    AVFrame *frame = av_frame_alloc();
    AVCodecContext *codec = NULL;
    bool got = false;
    if (avformat_open_input(&demuxer, path, NULL, NULL) >= 0 &&
        av_read_frame(demuxer, packet) >= 0) {
        const AVCodecParameters *par = demuxer->streams[0]->codecpar;
        codec = avcodec_alloc_context3(avcodec_find_decoder(par->codec_id));
        avcodec_parameters_to_context(codec, par);
        got = avcodec_open2(codec, NULL, NULL) >= 0 && avcodec_send_packet(codec, packet) >= 0 &&
              avcodec_receive_frame(codec, frame) >= 0;
    }
    avcodec_free_context(&codec);
    av_packet_free(&packet);
    avformat_close_input(&demuxer);
    if (!got)
        av_frame_free(&frame);
    return frame;
}

static void write_one(const char *path, const AVFrame *picture)
{
    struct rl_still_writer *writer = NULL;
    struct relief_error err = {0};
    CHECK_INT(rl_still_writer_open(&writer, path, true, &err), RELIEF_OK);
    if (writer)
        CHECK_INT(rl_still_write(writer, picture, 0, &err), RELIEF_OK);
    CHECK_TEXT(err.message, "");
    rl_still_writer_close(&writer);
}

static AVFrame *flat(enum AVPixelFormat format, const int *levels, enum AVColorSpace matrix,
                     enum AVColorRange range)
{
    AVFrame *frame = draw(format, 32, 16, 0);
    bool deep = av_pix_fmt_desc_get(format)->comp[0].depth > 8;
    for (int p = 0; p < 3; p++) {
        struct rl_plane plane = rl_frame_plane(frame, p);
        for (int y = 0; y < plane.height; y++)
            for (int x = 0; x < plane.width; x++) {
                if (deep)
                    ((uint16_t *)(void *)rl_plane_row(&plane, y))[x] = (uint16_t)levels[p];
                else
                    rl_plane_row(&plane, y)[x] = (uint8_t)levels[p];
            }
    }
    frame->colorspace = matrix;
    frame->color_range = range;
    return frame;
}

static void names_of_pictures(void)
{
    CHECK(rl_is_still_name("a.png"));
    CHECK(rl_is_still_name("dir.x/A.JPG"));
    CHECK(rl_is_still_name("f_%04d.tiff"));
    CHECK(rl_is_still_name("a.exr"));
    CHECK(!rl_is_still_name("a.mp4"));
    CHECK(!rl_is_still_name("png"));
    CHECK(!rl_is_still_name("a.pn"));
    CHECK(!rl_is_still_name(""));
}

// Every one of the 65536 values, and what lies outside.
static void depth_comes_back_exactly(void)
{
    AVFrame *depth = draw(AV_PIX_FMT_GRAYF32, 256, 257, 0);
    for (int y = 0; y < 257; y++) {
        float *row = (float *)(void *)(depth->data[0] + y * depth->linesize[0]);
        for (int x = 0; x < 256; x++)
            row[x] = y < 256 ? (float)(y * 256 + x) / 65535.0f : x < 128 ? -0.5f : 1.5f;
    }
    ((float *)(void *)(depth->data[0] + 256 * depth->linesize[0]))[0] = NAN;
    write_one(in_folder("depth.png"), depth);
    write_one(in_folder("depth.tif"), depth);
    static const char *const names[] = {"depth.png", "depth.tif"};
    for (int i = 0; i < 2; i++) {
        AVFrame *back = read_still(in_folder(names[i]));
        CHECK(back && back->width == 256 && back->height == 257);
        if (!back)
            continue;
        bool big = back->format == AV_PIX_FMT_GRAY16BE;
        CHECK(big || back->format == AV_PIX_FMT_GRAY16LE);
        int wrong = 0;
        for (int y = 0; y < 257; y++)
            for (int x = 0; x < 256; x++) {
                const uint8_t *at = back->data[0] + y * back->linesize[0] + 2 * x;
                int got = big ? at[0] << 8 | at[1] : at[1] << 8 | at[0];
                wrong += got != (y < 256 ? y * 256 + x : x < 128 ? 0 : 65535);
            }
        CHECK_INT(wrong, 0);
        av_frame_free(&back);
    }
    av_frame_free(&depth);
}

static void check_rgb(const char *name, const AVFrame *picture, int r, int g, int b, int tolerance)
{
    write_one(in_folder(name), picture);
    AVFrame *back = read_still(in_folder(name));
    CHECK(back != NULL);
    if (!back)
        return;
    CHECK_TEXT(av_get_pix_fmt_name((enum AVPixelFormat)back->format), "rgb24");
    const uint8_t *at = back->data[0] + 5 * back->linesize[0] + 3 * 7;
    CHECK_NEAR(at[0], r, tolerance);
    CHECK_NEAR(at[1], g, tolerance);
    CHECK_NEAR(at[2], b, tolerance);
    av_frame_free(&back);
}

// Red, as each matrix and range writes it.
static void colours_follow_matrix_and_range(void)
{
    static const struct {
        int yuv[3];
        enum AVColorSpace matrix;
        enum AVColorRange range;
    } rows[] = {{{63, 102, 240}, AVCOL_SPC_BT709, AVCOL_RANGE_MPEG},
                {{54, 99, 255}, AVCOL_SPC_BT709, AVCOL_RANGE_JPEG},
                {{81, 90, 240}, AVCOL_SPC_SMPTE170M, AVCOL_RANGE_MPEG},
                {{74, 97, 240}, AVCOL_SPC_BT2020_NCL, AVCOL_RANGE_MPEG},
                {{81, 90, 240}, AVCOL_SPC_UNSPECIFIED, AVCOL_RANGE_UNSPECIFIED}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        AVFrame *picture = flat(AV_PIX_FMT_YUV444P, rows[i].yuv, rows[i].matrix, rows[i].range);
        check_rgb("red.png", picture, 255, 0, 0, 2);
        av_frame_free(&picture);
    }
    static const int gbr[] = {10, 200, 90};
    AVFrame *picture = flat(AV_PIX_FMT_GBRP, gbr, AVCOL_SPC_RGB, AVCOL_RANGE_JPEG);
    check_rgb("rgb.png", picture, 90, 10, 200, 0);
    check_rgb("rgb.tif", picture, 90, 10, 200, 0);
    check_rgb("rgb.ppm", picture, 90, 10, 200, 0);
    av_frame_free(&picture);
}

static void deep_pictures_become_16_bit(void)
{
    static const int levels[] = {512, 512, 512};
    AVFrame *picture = flat(AV_PIX_FMT_YUV420P10, levels, AVCOL_SPC_BT709, AVCOL_RANGE_JPEG);
    write_one(in_folder("deep.png"), picture);
    AVFrame *back = read_still(in_folder("deep.png"));
    CHECK(back && back->format == AV_PIX_FMT_RGB48BE);
    if (back)
        CHECK_NEAR(back->data[0][0] << 8 | back->data[0][1], 512 * 65535 / 1023, 80);
    av_frame_free(&back);
    av_frame_free(&picture);
}

// JPEG files are BT.601 at full range, whatever the film is.
static void jpeg_has_its_own_matrix(void)
{
    static const int red[] = {63, 102, 240};
    AVFrame *picture = flat(AV_PIX_FMT_YUV444P, red, AVCOL_SPC_BT709, AVCOL_RANGE_MPEG);
    picture->sample_aspect_ratio = (AVRational){4, 3};
    write_one(in_folder("red.jpg"), picture);
    AVFrame *back = read_still(in_folder("red.jpg"));
    CHECK(back && back->format == AV_PIX_FMT_YUVJ444P);
    if (back) {
        CHECK_NEAR(back->data[0][0], 76, 2);
        CHECK_NEAR(back->data[1][0], 85, 2);
        CHECK_NEAR(back->data[2][0], 255, 2);
        CHECK_INT(av_cmp_q(back->sample_aspect_ratio, (AVRational){4, 3}), 0);
    }
    av_frame_free(&back);
    av_frame_free(&picture);
}

static void patterns_are_numbered_and_nothing_is_replaced(void)
{
    struct rl_still_writer *writer = NULL;
    struct relief_error err = {0};
    AVFrame *picture = draw(AV_PIX_FMT_YUV420P, 33, 17, 0);
    CHECK_INT(rl_still_writer_open(&writer, in_folder("n_%03d.png"), false, &err), RELIEF_OK);
    CHECK_INT(rl_still_write(writer, picture, 0, &err), RELIEF_OK);
    CHECK_INT(rl_still_write(writer, picture, 12, &err), RELIEF_OK);
    CHECK(access(in_folder("n_000.png"), R_OK) == 0);
    CHECK(access(in_folder("n_012.png"), R_OK) == 0);
    CHECK_INT(rl_still_write(writer, picture, 12, &err), RELIEF_E_OUTPUT);
    CHECK(strstr(err.message, "exists already") != NULL);
    rl_still_writer_close(&writer);
    err = (struct relief_error){0};
    CHECK_INT(rl_still_writer_open(&writer, "/nowhere/n_%03d.png", false, &err), RELIEF_E_OUTPUT);
    CHECK(strstr(err.message, "No such file") != NULL);
    err = (struct relief_error){0};
    CHECK_INT(rl_still_writer_open(&writer, in_folder("n_000.png"), false, &err), RELIEF_E_OUTPUT);
    av_frame_free(&picture);
}

// A size that changes in the middle is no reason to stop.
static void sizes_may_change(void)
{
    struct rl_still_writer *writer = NULL;
    CHECK_INT(rl_still_writer_open(&writer, in_folder("s_%d.png"), false, NULL), RELIEF_OK);
    for (int i = 1; i <= 3; i++) {
        AVFrame *picture = draw(i == 2 ? AV_PIX_FMT_GBRP10 : AV_PIX_FMT_YUV420P, 16 * i, 10 * i, i);
        CHECK_INT(rl_still_write(writer, picture, i, NULL), RELIEF_OK);
        av_frame_free(&picture);
    }
    rl_still_writer_close(&writer);
    AVFrame *back = read_still(in_folder("s_3.png"));
    CHECK(back && back->width == 48 && back->height == 30);
    av_frame_free(&back);
}

int main(void)
{
    av_log_set_level(AV_LOG_QUIET);
    make_folder();
    RUN(names_of_pictures);
    RUN(depth_comes_back_exactly);
    RUN(colours_follow_matrix_and_range);
    RUN(deep_pictures_become_16_bit);
    RUN(jpeg_has_its_own_matrix);
    RUN(patterns_are_numbered_and_nothing_is_replaced);
    RUN(sizes_may_change);
    remove_folder();
    return check_result();
}
