// SPDX-License-Identifier: MIT
#include "check.h"

#include "plane/frame.h"

static void check_working(const char *from, const char *to)
{
    enum AVPixelFormat format = av_get_pix_fmt(from);
    if (format == AV_PIX_FMT_NONE)
        return;  // not in this FFmpeg
    const char *got = av_get_pix_fmt_name(rl_format_working(format));
    if (strcmp(got ? got : "none", to) != 0)
        printf("%s:\n", from);
    CHECK_TEXT(got ? got : "none", to);
}

static void every_format_has_the_nearest_working_one(void)
{
    static const char *const pairs[][2] = {
        {"yuv420p", "yuv420p"},
        {"yuv422p10le", "yuv422p10le"},
        {"yuvj420p", "yuv420p"},
        {"yuvj422p", "yuv422p"},
        {"nv12", "yuv420p"},
        {"nv16", "yuv422p"},
        {"p010le", "yuv420p10le"},
        {"p016le", "yuv420p16le"},
        {"yuva420p", "yuv420p"},
        {"yuva444p12le", "yuv444p12le"},
        {"yuyv422", "yuv422p"},
        {"rgb24", "gbrp"},
        {"bgr0", "gbrp"},
        {"rgba64le", "gbrp16le"},
        {"rgb48be", "gbrp16le"},
        {"gbrap", "gbrp"},
        {"gbrap12le", "gbrp12le"},
        {"gbrp10be", "gbrp10le"},
        {"pal8", "gbrp"},
        {"gray", "yuv420p"},
        {"gray10le", "yuv420p10le"},
        {"gray16be", "yuv420p16le"},
        {"ya8", "yuv420p"},
        {"monob", "yuv420p"},
        {"yuv411p", "yuv411p"},
        {"rgb565le", "gbrp"},
        {"xyz12le", "gbrp12le"},
        {"gbrpf32le", "gbrp16le"},
        {"x2rgb10le", "gbrp10le"},
        {"vaapi", "none"},
        {"cuda", "none"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        check_working(pairs[i][0], pairs[i][1]);
}

static void working_formats_are_planar_native_and_without_alpha(void)
{
    static const char *const no[] = {"nv12",  "rgb24", "gray",   "yuva420p",  "yuvj420p",
                                     "gbrap", "pal8",  "p010le", "gbrpf32le", "yuv420p10be"};
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        CHECK(!rl_format_is_working(av_get_pix_fmt(no[i])));
    CHECK(rl_format_is_working(AV_PIX_FMT_GBRP));
    CHECK(rl_format_is_working(AV_PIX_FMT_YUV444P12));
    CHECK(!rl_format_is_working(AV_PIX_FMT_NONE));
}

static void planes_know_their_size(void)
{
    AVFrame *frame = av_frame_alloc();
    frame->format = AV_PIX_FMT_YUV420P;
    frame->width = 321;
    frame->height = 181;
    CHECK(av_frame_get_buffer(frame, 0) >= 0);
    CHECK_INT(rl_frame_plane(frame, 0).width, 321);
    CHECK_INT(rl_frame_plane(frame, 1).width, 161);
    CHECK_INT(rl_frame_plane(frame, 2).height, 91);
    frame->format = AV_PIX_FMT_GBRP;
    CHECK_INT(rl_frame_plane(frame, 1).width, 321);
    av_frame_free(&frame);
}

static struct rl_frame *frame_of(enum AVPixelFormat format, int width, int height, int map_width,
                                 int map_height)
{
    struct rl_frame *frame = rl_frame_create();
    frame->picture = av_frame_alloc();
    frame->picture->format = format;
    frame->picture->width = width;
    frame->picture->height = height;
    frame->depth = av_frame_alloc();
    frame->depth->format = AV_PIX_FMT_GRAYF32;
    frame->depth->width = map_width;
    frame->depth->height = map_height;
    CHECK(av_frame_get_buffer(frame->picture, 0) >= 0);
    return frame;
}

static void check_area(struct rl_area got, int x0, int y0, int x1, int y1)
{
    CHECK_INT(got.x0, x0);
    CHECK_INT(got.y0, y0);
    CHECK_INT(got.x1, x1);
    CHECK_INT(got.y1, y1);
}

static void the_area_is_the_whole_picture_by_default(void)
{
    struct rl_frame *frame = frame_of(AV_PIX_FMT_YUV420P, 321, 181, 96, 64);
    CHECK(rl_frame_is_whole(frame));
    check_area(rl_frame_area(frame), 0, 0, 321, 181);
    check_area(rl_frame_depth_area(frame), 0, 0, 96, 64);
    CHECK_INT(rl_frame_plane_in(frame->picture, 1, rl_frame_area(frame)).width, 161);
    frame->area = (struct rl_area){0, 0, 321, 181};
    CHECK(rl_frame_is_whole(frame));
    rl_frame_free(&frame);
}

static void areas_cut_planes_and_maps(void)
{
    struct rl_frame *frame = frame_of(AV_PIX_FMT_YUV420P10, 1920, 1080, 384, 216);
    frame->area = (struct rl_area){4, 140, 1920, 940};
    CHECK(!rl_frame_is_whole(frame));
    struct rl_plane whole = rl_frame_plane(frame->picture, 1);
    struct rl_plane luma = rl_frame_plane_in(frame->picture, 0, frame->area);
    struct rl_plane chroma = rl_frame_plane_in(frame->picture, 1, frame->area);
    CHECK_INT(luma.width, 1916);
    CHECK_INT(luma.height, 800);
    CHECK_INT(chroma.width, 958);
    CHECK_INT(chroma.height, 400);
    CHECK_INT(chroma.data - whole.data, 70 * whole.stride + 2 * 2);
    check_area(rl_frame_depth_area(frame), 1, 28, 384, 188);
    // Maps of the picture's size are cut to the sample; tiny ones keep a cell.
    frame->depth->width = 1920;
    frame->depth->height = 1080;
    check_area(rl_frame_depth_area(frame), 4, 140, 1920, 940);
    frame->depth->width = frame->depth->height = 1;
    check_area(rl_frame_depth_area(frame), 0, 0, 1, 1);
    rl_frame_free(&frame);
}

// Whatever the bars and the network, its map fits in exactly.
static void maps_are_sized_around_the_area(void)
{
    struct rl_frame *frame = frame_of(AV_PIX_FMT_YUV420P, 1920, 1080, 1, 1);
    frame->area = (struct rl_area){0, 140, 1920, 940};
    int width, height;
    rl_frame_depth_size(frame, 384, 160, &width, &height);
    CHECK_INT(width, 384);
    CHECK_INT(height, 216);
    for (int x0 = 0; x0 < 720; x0 += 22)
        for (int y1 = 1080; y1 > 675; y1 -= 14)
            for (int cells = 14; cells <= 518; cells += 63) {
                frame->area = (struct rl_area){x0, 1080 - y1 + 2, 1920 - x0 / 2, y1};
                rl_frame_depth_size(frame, cells, cells + 7, &width, &height);
                frame->depth->width = width;
                frame->depth->height = height;
                struct rl_area area = rl_frame_depth_area(frame);
                CHECK_INT(area.x1 - area.x0, cells);
                CHECK_INT(area.y1 - area.y0, cells + 7);
            }
    rl_frame_free(&frame);
}

int main(void)
{
    RUN(every_format_has_the_nearest_working_one);
    RUN(working_formats_are_planar_native_and_without_alpha);
    RUN(planes_know_their_size);
    RUN(the_area_is_the_whole_picture_by_default);
    RUN(areas_cut_planes_and_maps);
    RUN(maps_are_sized_around_the_area);
    return check_result();
}
