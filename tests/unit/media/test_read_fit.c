// SPDX-License-Identifier: MIT
//
// Pictures into working formats: what a format can say, its working format says too.
#include "check.h"

#include "media/fit.h"

#include <libavutil/imgutils.h>

enum { WIDTH = 66, HEIGHT = 38 };

static unsigned noise_state = 1;

static unsigned noise(void)
{
    noise_state = noise_state * 1664525u + 1013904223u;
    return noise_state >> 8;
}

static AVFrame *make_picture(enum AVPixelFormat format, int width, int height)
{
    AVFrame *frame = av_frame_alloc();
    frame->format = format;
    frame->width = width;
    frame->height = height;
    if (av_frame_get_buffer(frame, 0) < 0)
        abort();
    // av_write_image_line() adds bits to what is there.
    for (int i = 0; i < AV_NUM_DATA_POINTERS && frame->buf[i]; i++)
        memset(frame->buf[i]->data, 0, frame->buf[i]->size);
    return frame;
}

// Noise in every component, alpha and palette too.
static AVFrame *make_noise(enum AVPixelFormat format)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(format);
    AVFrame *frame = make_picture(format, WIDTH, HEIGHT);
    uint16_t line[WIDTH];
    for (int c = 0; c < desc->nb_components; c++) {
        bool chroma = (c == 1 || c == 2) && desc->nb_components > 2;
        int width = chroma ? AV_CEIL_RSHIFT(WIDTH, desc->log2_chroma_w) : WIDTH;
        int height = chroma ? AV_CEIL_RSHIFT(HEIGHT, desc->log2_chroma_h) : HEIGHT;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++)
                line[x] = (uint16_t)(noise() & ((1u << desc->comp[c].depth) - 1));
            av_write_image_line(line, frame->data, frame->linesize, desc, 0, y, c, width);
        }
    }
    if (desc->flags & AV_PIX_FMT_FLAG_PAL)
        for (int i = 0; i < 256; i++)
            ((uint32_t *)frame->data[1])[i] = 0xff000000u | noise();
    return frame;
}

static int count_differences(const AVFrame *a, const AVFrame *b, int components)
{
    const AVPixFmtDescriptor *from = av_pix_fmt_desc_get((enum AVPixelFormat)a->format);
    const AVPixFmtDescriptor *to = av_pix_fmt_desc_get((enum AVPixelFormat)b->format);
    bool pal = from->flags & AV_PIX_FMT_FLAG_PAL;
    uint16_t left[WIDTH], right[WIDTH];
    int differences = 0;
    for (int c = 0; c < components; c++) {
        int width = c ? AV_CEIL_RSHIFT(WIDTH, from->log2_chroma_w) : WIDTH;
        int height = c ? AV_CEIL_RSHIFT(HEIGHT, from->log2_chroma_h) : HEIGHT;
        for (int y = 0; y < height; y++) {
            av_read_image_line(left, (const uint8_t **)a->data, a->linesize, from, 0, y,
                               pal ? 0 : c, width, 0);
            for (int x = 0; x < width && pal; x++)
                left[x] = ((const uint32_t *)a->data[1])[left[x]] >> (16 - 8 * c) & 255;
            av_read_image_line(right, (const uint8_t **)b->data, b->linesize, to, 0, y, c, width,
                               0);
            for (int x = 0; x < width; x++)
                differences += left[x] != right[x];
        }
    }
    return differences;
}

static AVFrame *fit(const AVFrame *source, enum AVPixelFormat format)
{
    struct rl_fit state = {0};
    struct relief_error err = {0};
    AVFrame *frame = av_frame_clone(source);
    CHECK_INT(rl_fit(&state, &frame, format, source->width, source->height, NULL, &err), RELIEF_OK);
    CHECK_TEXT(err.message, "");
    rl_fit_clear(&state);
    return frame;
}

static void nothing_is_lost_on_the_way_to_working_formats(void)
{
    static const char *const names[] = {
        "yuv420p",     "yuvj420p",    "yuvj444p",  "nv12",     "nv21",     "nv16",
        "p010le",      "yuyv422",     "uyvy422",   "yuva420p", "yuva444p", "yuva444p10le",
        "yuv420p10be", "yuv422p12be", "rgb24",     "bgr24",    "bgr0",     "rgba",
        "argb",        "rgb48le",     "rgba64le",  "rgb48be",  "gbrap",    "gbrap12le",
        "gbrp10be",    "gbrp16be",    "gray",      "gray10le", "gray16le", "gray16be",
        "ya8",         "ya16le",      "pal8",      "nv24",     "yuv440p",  "yuv411p",
        "yuv410p",     "p016le",      "x2rgb10le", "y210le",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        enum AVPixelFormat format = av_get_pix_fmt(names[i]);
        if (format == AV_PIX_FMT_NONE)
            continue;
        for (int range = AVCOL_RANGE_UNSPECIFIED; range <= AVCOL_RANGE_JPEG; range++) {
            AVFrame *source = make_noise(format);
            source->color_range = range;
            enum AVPixelFormat working = rl_format_working(format);
            CHECK(rl_format_is_working(working));
            AVFrame *result = fit(source, working);
            const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(format);
            bool grey = desc->nb_components < 3 && !(desc->flags & AV_PIX_FMT_FLAG_PAL);
            int lost = count_differences(source, result, grey ? 1 : 3);
            if (lost)
                printf("%s (range %d) to %s:\n", names[i], range, av_get_pix_fmt_name(working));
            CHECK_INT(lost, 0);
            av_frame_free(&source);
            av_frame_free(&result);
        }
    }
}

static void ranges_stay(void)
{
    AVFrame *source = make_noise(AV_PIX_FMT_NV12);
    source->color_range = AVCOL_RANGE_JPEG;
    AVFrame *result = fit(source, AV_PIX_FMT_YUV420P);
    CHECK_INT(result->color_range, AVCOL_RANGE_JPEG);
    av_frame_free(&result);
    source->color_range = AVCOL_RANGE_UNSPECIFIED;
    result = fit(source, AV_PIX_FMT_YUV420P);
    CHECK_INT(result->color_range, AVCOL_RANGE_UNSPECIFIED);
    av_frame_free(&result);
    av_frame_free(&source);

    source = make_noise(AV_PIX_FMT_YUVJ422P);
    result = fit(source, AV_PIX_FMT_YUV422P);
    CHECK_INT(result->color_range, AVCOL_RANGE_JPEG);
    CHECK(result->data[0] == source->data[0]);
    av_frame_free(&result);
    av_frame_free(&source);
}

static void grey_gets_neutral_chroma_without_a_copy(void)
{
    AVFrame *source = make_noise(AV_PIX_FMT_GRAY10);
    AVFrame *result = fit(source, AV_PIX_FMT_YUV420P10);
    CHECK(result->data[0] == source->data[0]);
    CHECK_INT(result->color_range, AVCOL_RANGE_JPEG);
    for (int i = 1; i < 3; i++) {
        struct rl_plane plane = rl_frame_plane(result, i);
        for (int y = 0; y < plane.height; y++)
            for (int x = 0; x < plane.width; x++)
                if (((uint16_t *)rl_plane_row(&plane, y))[x] != 512)
                    CHECK(false);
    }
    av_frame_free(&result);
    av_frame_free(&source);
}

static void rows_run_downwards(void)
{
    AVFrame *source = make_noise(AV_PIX_FMT_YUV420P);
    AVFrame *flipped = av_frame_clone(source);
    for (int i = 0; i < 3; i++) {
        int height = i ? (HEIGHT + 1) / 2 : HEIGHT;
        flipped->data[i] += (ptrdiff_t)flipped->linesize[i] * (height - 1);
        flipped->linesize[i] = -flipped->linesize[i];
    }
    AVFrame *result = fit(flipped, AV_PIX_FMT_YUV420P);
    CHECK(result->linesize[0] > 0 && result->linesize[1] > 0 && result->linesize[2] > 0);
    CHECK_INT(count_differences(flipped, result, 3), 0);
    av_frame_free(&result);
    av_frame_free(&flipped);
    av_frame_free(&source);
}

// Depth maps: 16-bit grey as it is; limited luma spread over the whole range.
static void depth_maps_become_grey(void)
{
    AVFrame *source = make_noise(AV_PIX_FMT_GRAY16);
    AVFrame *as_film = fit(source, AV_PIX_FMT_YUV420P16);
    AVFrame *result = fit(as_film, AV_PIX_FMT_GRAY16);
    CHECK(result->data[0] == source->data[0]);
    CHECK(result->data[1] == NULL);
    av_frame_free(&result);
    av_frame_free(&as_film);
    av_frame_free(&source);

    source = make_noise(AV_PIX_FMT_YUV420P);
    memset(source->data[0], 235, WIDTH);
    memset(source->data[0] + source->linesize[0], 16, WIDTH);
    result = fit(source, AV_PIX_FMT_GRAY16);
    CHECK_NEAR(((uint16_t *)result->data[0])[20], 65535, 300);
    CHECK_NEAR(((uint16_t *)(result->data[0] + result->linesize[0]))[20], 0, 300);
    CHECK_INT(result->color_range, AVCOL_RANGE_JPEG);
    av_frame_free(&result);
    av_frame_free(&source);
}

static void sizes_are_brought_to_one(void)
{
    struct rl_fit state = {0};
    struct relief_error err = {0};
    AVFrame *first = make_noise(AV_PIX_FMT_YUV422P10);
    first->color_range = AVCOL_RANGE_MPEG;
    AVFrame *other = make_picture(AV_PIX_FMT_YUV420P, 2 * WIDTH, HEIGHT / 2);
    memset(other->data[0], 235, (size_t)other->linesize[0] * (HEIGHT / 2));
    memset(other->data[1], 128, (size_t)other->linesize[1] * (HEIGHT / 4 + 1));
    memset(other->data[2], 128, (size_t)other->linesize[2] * (HEIGHT / 4 + 1));
    other->color_range = AVCOL_RANGE_MPEG;
    other->pts = 77;
    CHECK_INT(rl_fit(&state, &other, AV_PIX_FMT_YUV422P10, WIDTH, HEIGHT, first, &err), RELIEF_OK);
    CHECK_INT(other->width, WIDTH);
    CHECK_INT(other->height, HEIGHT);
    CHECK_INT(other->pts, 77);
    CHECK_NEAR(((uint16_t *)other->data[0])[WIDTH / 2], 940, 1);
    CHECK_NEAR(((uint16_t *)other->data[1])[WIDTH / 4], 512, 1);
    rl_fit_clear(&state);
    av_frame_free(&other);
    av_frame_free(&first);
}

int main(void)
{
    RUN(nothing_is_lost_on_the_way_to_working_formats);
    RUN(ranges_stay);
    RUN(grey_gets_neutral_chroma_without_a_copy);
    RUN(rows_run_downwards);
    RUN(depth_maps_become_grey);
    RUN(sizes_are_brought_to_one);
    return check_result();
}
