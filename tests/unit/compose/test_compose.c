// SPDX-License-Identifier: MIT
//
// The stage: which eye lands where, in every format, size and depth.
#include "picture.h"

#include <libavutil/stereo3d.h>

static unsigned all_features(void)
{
    return rl_cpu_flags(-1);
}

static AVFrame *noise(enum AVPixelFormat format, int width, int height, unsigned seed)
{
    AVFrame *picture = make_picture(format, width, height);
    const unsigned most = (1u << depth_of(picture)) - 1;
    for (int i = 0; i < 3; i++) {
        struct rl_plane plane = rl_frame_plane(picture, i);
        for (int y = 0; y < plane.height; y++)
            for (int x = 0; x < plane.width; x++)
                set(picture, i, x, y, (int)(next_random(&seed) & most));
    }
    return picture;
}

// Planes G B R of an anaglyph, one eye of colour `rgb` and the other black.
static void chart(enum relief_format format, bool left_eye, const int rgb[3], int out[3])
{
    static const int black[3] = {0};
    const int gbr[3] = {rgb[1], rgb[2], rgb[0]};
    AVFrame *shown = make_flat(AV_PIX_FMT_GBRP, 8, 4, gbr);
    AVFrame *dark = make_flat(AV_PIX_FMT_GBRP, 8, 4, black);
    struct rl_frame *frame = compose_pair(format, left_eye ? shown : dark, left_eye ? dark : shown);
    for (int i = 0; i < 3; i++)
        out[(i + 1) % 3] = get(frame->output, i, 3, 2);
    rl_frame_free(&frame);
}

static void each_eye_has_its_colours_alone(void)
{
    static const int colours[][3] = {{255, 255, 255}, {255, 0, 0},   {0, 255, 0},    {0, 0, 255},
                                     {255, 255, 0},   {0, 255, 255}, {200, 100, 50}, {0, 0, 0}};
    static const enum relief_format pure[] = {RELIEF_FORMAT_ARCC, RELIEF_FORMAT_ARCH,
                                              RELIEF_FORMAT_ARCG, RELIEF_FORMAT_ARBG,
                                              RELIEF_FORMAT_ARGG};
    for (size_t f = 0; f < sizeof pure / sizeof *pure; f++)
        for (size_t c = 0; c < sizeof colours / sizeof *colours; c++) {
            const int *rgb = colours[c];
            int out[3], grey = (int)lrint(.299 * rgb[0] + .587 * rgb[1] + .114 * rgb[2]);
            bool colour = pure[f] == RELIEF_FORMAT_ARCC || pure[f] == RELIEF_FORMAT_ARCH;
            chart(pure[f], true, rgb, out);
            CHECK_INT(out[0], pure[f] == RELIEF_FORMAT_ARCC ? rgb[0] : grey);
            CHECK_INT(out[1], 0);
            CHECK_INT(out[2], 0);
            chart(pure[f], false, rgb, out);
            CHECK_INT(out[0], 0);
            CHECK_INT(out[1], colour ? rgb[1] : pure[f] == RELIEF_FORMAT_ARBG ? 0 : grey);
            CHECK_INT(out[2], colour ? rgb[2] : pure[f] == RELIEF_FORMAT_ARGG ? 0 : grey);
        }
}

static void dubois_splits_white_as_published(void)
{
    static const int white[3] = {255, 255, 255};
    int out[3];
    // Sums of the rows: 1.13, 1.09, 1.03 for the eye that is meant, below zero for the other.
    chart(RELIEF_FORMAT_ARCD, true, white, out);
    CHECK_INT(out[0], 255);
    CHECK_INT(out[1], 0);
    CHECK_INT(out[2], 0);
    chart(RELIEF_FORMAT_ARCD, false, white, out);
    CHECK_INT(out[0], 0);
    CHECK_INT(out[1], 255);
    CHECK_INT(out[2], 255);
}

// What one eye sees of a colour: 'r' 'g' 'b' a colour of its view, 'y' its grey, '.' nothing.
static void green_magenta_and_amber_blue_have_their_eyes(void)
{
    static const struct {
        enum relief_format format;
        const char *left, *right;
    } rows[] = {
        {RELIEF_FORMAT_AGMC, ".g.", "r.b"}, {RELIEF_FORMAT_AGMH, ".y.", "r.b"},
        {RELIEF_FORMAT_AGMG, ".y.", "y.y"}, {RELIEF_FORMAT_AYBC, "rg.", "..b"},
        {RELIEF_FORMAT_AYBH, "rg.", "..y"}, {RELIEF_FORMAT_AYBG, "yy.", "..y"},
    };
    static const int colours[][3] = {{255, 255, 255}, {255, 0, 0},    {0, 255, 0},
                                     {0, 0, 255},     {200, 100, 50}, {0, 0, 0}};
    for (size_t f = 0; f < sizeof rows / sizeof *rows; f++)
        for (size_t c = 0; c < sizeof colours / sizeof *colours; c++)
            for (int eye = 0; eye < 2; eye++) {
                const int *rgb = colours[c];
                const char *seen = eye ? rows[f].right : rows[f].left;
                int out[3], grey = (int)lrint(.299 * rgb[0] + .587 * rgb[1] + .114 * rgb[2]);
                chart(rows[f].format, !eye, rgb, out);
                for (int i = 0; i < 3; i++)
                    CHECK_INT(out[i], seen[i] == '.' ? 0 : seen[i] == 'y' ? grey : rgb[i]);
            }
}

static void least_squares_ones_have_their_eyes(void)
{
    static const int white[3] = {255, 255, 255};
    // Sums of the published rows, clipped.
    static const struct {
        enum relief_format format;
        int left[3], right[3];
    } rows[] = {
        {RELIEF_FORMAT_AGMD, {0, 255, 0}, {255, 0, 255}},
        {RELIEF_FORMAT_AYBD, {255, 242, 0}, {0, 13, 255}},
    };
    for (size_t f = 0; f < sizeof rows / sizeof *rows; f++)
        for (int eye = 0; eye < 2; eye++) {
            int out[3];
            chart(rows[f].format, !eye, white, out);
            for (int i = 0; i < 3; i++)
                CHECK_INT(out[i], (eye ? rows[f].right : rows[f].left)[i]);
        }
}

static void wimmer_leaves_out_red(void)
{
    static const int red[3] = {255, 0, 0}, green[3] = {0, 200, 0}, blue[3] = {0, 0, 200};
    int out[3];
    chart(RELIEF_FORMAT_WIMMER, true, red, out);
    CHECK(!out[0] && !out[1] && !out[2]);
    chart(RELIEF_FORMAT_WIMMER, true, green, out);
    CHECK(out[0] == 140 && !out[1] && !out[2]);
    chart(RELIEF_FORMAT_WIMMER, true, blue, out);
    CHECK(out[0] == 60 && !out[1] && !out[2]);
    chart(RELIEF_FORMAT_WIMMER, false, green, out);
    CHECK(!out[0] && out[1] == 200 && !out[2]);
    chart(RELIEF_FORMAT_WIMMER, false, blue, out);
    CHECK(!out[0] && !out[1] && out[2] == 200);
}

static void red_comes_from_the_left_eye_of_yuv(void)
{
    // BT.601, limited range: what the standard says of red and of cyan.
    static const int black[3] = {16, 128, 128}, white[3] = {235, 128, 128};
    static const int red[3] = {81, 90, 240}, cyan[3] = {170, 166, 16};
    for (int eye = 0; eye < 2; eye++) {
        struct rl_frame *frame = compose_pair(
            RELIEF_FORMAT_ARCC, make_flat(AV_PIX_FMT_YUV420P, 37, 21, eye ? black : white),
            make_flat(AV_PIX_FMT_YUV420P, 37, 21, eye ? white : black));
        for (int i = 0; i < 3; i++) {
            CHECK_INT(get(frame->output, i, 0, 0), (eye ? cyan : red)[i]);
            CHECK_INT(get(frame->output, i, 36, 20), (eye ? cyan : red)[i]);
        }
        rl_frame_free(&frame);
    }
}

static void equal_greys_stay_grey(void)
{
    for (int luma = 16; luma <= 235; luma++) {
        const int sample[3] = {luma, 128, 128};
        struct rl_frame *frame = compose_pair(RELIEF_FORMAT_ARCC,
                                              make_flat(AV_PIX_FMT_YUV420P, 6, 4, sample),
                                              make_flat(AV_PIX_FMT_YUV420P, 6, 4, sample));
        for (int i = 0; i < 3; i++)
            CHECK_INT(get(frame->output, i, 1, 1), sample[i]);
        rl_frame_free(&frame);
    }
}

// Formats that put views beside each other as they are, and where the second one goes.
static void whole_packings_are_exact(void)
{
    static const enum relief_format formats[] = {RELIEF_FORMAT_SBSL, RELIEF_FORMAT_SBSR,
                                                 RELIEF_FORMAT_ABL, RELIEF_FORMAT_ABR};
    static const enum AVPixelFormat pixels[] = {AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUV422P10,
                                                AV_PIX_FMT_GBRP};
    for (int f = 0; f < 4; f++)
        for (int p = 0; p < 3; p++) {
            AVFrame *left = noise(pixels[p], 46, 26, 1), *right = noise(pixels[p], 46, 26, 2);
            struct rl_frame *frame = compose_pair(formats[f], left, right);
            bool across = f < 2, right_first = f & 1;
            for (int i = 0; i < 3; i++) {
                struct rl_plane plane = rl_frame_plane(left, i);
                for (int y = 0; y < plane.height; y++)
                    for (int x = 0; x < plane.width; x++) {
                        int x2 = across ? x + plane.width : x, y2 = across ? y : y + plane.height;
                        CHECK_INT(get(frame->output, i, right_first ? x2 : x, right_first ? y2 : y),
                                  get(left, i, x, y));
                        CHECK_INT(get(frame->output, i, right_first ? x : x2, right_first ? y : y2),
                                  get(right, i, x, y));
                    }
            }
            rl_frame_free(&frame);
        }
}

// The eye that is drawn at (x, y): 0 left, 1 right.
static int eye_at(enum relief_format format, int x, int y)
{
    switch (format) {
    case RELIEF_FORMAT_IRL:
        return y % 2;
    case RELIEF_FORMAT_IRR:
        return 1 - y % 2;
    case RELIEF_FORMAT_ICL:
        return x % 2;
    case RELIEF_FORMAT_ICR:
        return 1 - x % 2;
    case RELIEF_FORMAT_CHL:
        return (x + y) % 2;
    default:
        return 1 - (x + y) % 2;
    }
}

static void interleaved_views_take_turns(void)
{
    static const enum AVPixelFormat pixels[] = {
        AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUV422P,   AV_PIX_FMT_YUV444P,   AV_PIX_FMT_YUV440P,
        AV_PIX_FMT_YUV411P, AV_PIX_FMT_YUV410P,   AV_PIX_FMT_GBRP,      AV_PIX_FMT_YUV420P10,
        AV_PIX_FMT_GBRP16,  AV_PIX_FMT_YUV422P12, AV_PIX_FMT_YUV444P10,
    };
    static const int sizes[][2] = {{46, 26}, {45, 27}, {1, 1}, {2, 5}, {7, 1}};
    for (int format = RELIEF_FORMAT_IRL; format <= RELIEF_FORMAT_CHR; format++)
        for (size_t p = 0; p < sizeof pixels / sizeof *pixels; p++)
            for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
                AVFrame *views[2];
                for (int eye = 0; eye < 2; eye++)
                    views[eye] = noise(pixels[p], sizes[s][0], sizes[s][1], 1 + (unsigned)eye);
                struct rl_frame *frame = compose_pair((enum relief_format)format, views[0],
                                                      views[1]);
                CHECK_INT(frame->output->width, sizes[s][0]);
                CHECK_INT(frame->output->height, sizes[s][1]);
                for (int i = 0; i < 3; i++) {
                    struct rl_plane plane = rl_frame_plane(frame->output, i);
                    for (int y = 0; y < plane.height; y++)
                        for (int x = 0; x < plane.width; x++)
                            CHECK_INT(
                                get(frame->output, i, x, y),
                                get(views[eye_at((enum relief_format)format, x, y)], i, x, y));
                }
                rl_frame_free(&frame);
            }
}

static void half_packings_keep_slopes_and_order(void)
{
    for (int format = RELIEF_FORMAT_SBS2L; format <= RELIEF_FORMAT_AB2R; format++) {
        bool across = format == RELIEF_FORMAT_SBS2L || format == RELIEF_FORMAT_SBS2R;
        bool right_first = format == RELIEF_FORMAT_SBS2R || format == RELIEF_FORMAT_AB2R;
        if (format == RELIEF_FORMAT_ABL || format == RELIEF_FORMAT_ABR)
            continue;
        AVFrame *left = make_picture(AV_PIX_FMT_YUV444P10, 80, 80);
        AVFrame *right = make_picture(AV_PIX_FMT_YUV444P10, 80, 80);
        for (int i = 0; i < 3; i++)
            for (int y = 0; y < 80; y++)
                for (int x = 0; x < 80; x++) {
                    set(left, i, x, y, 100 + 4 * (across ? x : y));
                    set(right, i, x, y, 900 - 4 * (across ? x : y));
                }
        struct rl_frame *frame = compose_pair((enum relief_format)format, left, right);
        CHECK_INT(frame->output->width, 80);
        CHECK_INT(frame->output->height, 80);
        for (int at = 4; at < 36; at++) {
            int first = get(frame->output, 0, across ? at : 7, across ? 7 : at);
            int second = get(frame->output, 1, across ? at + 40 : 7, across ? 7 : at + 40);
            CHECK_INT(right_first ? second : first, 102 + 8 * at);
            CHECK_INT(right_first ? first : second, 898 - 8 * at);
        }
        rl_frame_free(&frame);
    }
}

static void one_eye_is_the_view_itself(void)
{
    for (int eye = 0; eye < 2; eye++) {
        AVFrame *view = noise(AV_PIX_FMT_YUV420P10, 33, 17, 5);
        struct rl_frame *frame = compose_pair(eye ? RELIEF_FORMAT_MR : RELIEF_FORMAT_ML,
                                              eye ? NULL : view, eye ? view : NULL);
        CHECK(same_samples(frame->output, view));
        rl_frame_free(&frame);
    }
}

static AVFrame *make_map(int width, int height)
{
    AVFrame *map = make_picture(AV_PIX_FMT_GRAYF32, width, height);
    struct rl_plane plane = rl_frame_plane(map, 0);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            ((float *)rl_plane_row(&plane, y))[x] = (float)x / (float)(width - 1);
    return map;
}

static void depth_is_grey_and_white_is_near(void)
{
    static const struct {
        enum AVPixelFormat pixels;
        enum AVColorRange range;
        int black, white, neutral;
    } cases[] = {
        {AV_PIX_FMT_YUV420P, AVCOL_RANGE_MPEG, 16, 235, 128},
        {AV_PIX_FMT_YUV444P10, AVCOL_RANGE_MPEG, 64, 940, 512},
        {AV_PIX_FMT_YUV422P12, AVCOL_RANGE_JPEG, 0, 4095, 2048},
        {AV_PIX_FMT_GBRP, AVCOL_RANGE_UNSPECIFIED, 0, 255, -1},
        {AV_PIX_FMT_GBRP16, AVCOL_RANGE_UNSPECIFIED, 0, 65535, -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AVFrame *picture = noise(cases[i].pixels, 101, 31, 3);
        picture->color_range = cases[i].range;
        struct rl_frame *frame = compose_with(RELIEF_FORMAT_DEPTH, picture, NULL, make_map(26, 9),
                                              0, NULL);
        for (int p = 0; p < 3; p++) {
            bool luma = p == 0 || cases[i].neutral < 0;
            int middle = (cases[i].black + cases[i].white + 1) / 2;
            CHECK_INT(get(frame->output, p, 0, 5), luma ? cases[i].black : cases[i].neutral);
            CHECK_INT(get(frame->output, p, 100, 30), luma ? cases[i].white : cases[i].neutral);
            CHECK_NEAR(get(frame->output, p, 50, 9), luma ? middle : cases[i].neutral,
                       1 + cases[i].white / 200.);
        }
        rl_frame_free(&frame);
    }
}

// Not the least squares, nor what leaves a colour out.
static bool leaves_grey(enum relief_format format)
{
    return format != RELIEF_FORMAT_ARCD && format != RELIEF_FORMAT_ARBG &&
           format != RELIEF_FORMAT_ARGG && format != RELIEF_FORMAT_AGMD &&
           format != RELIEF_FORMAT_AYBD && format != RELIEF_FORMAT_WIMMER2 &&
           format != RELIEF_FORMAT_RGBD && format != RELIEF_FORMAT_VR180;
}

// HDMI has views of 720 or 1080 lines alone; test_formats.c has those.
static int has_any_size(int format)
{
    return format != RELIEF_FORMAT_HDMI;
}

static void every_format_has_its_size(void)
{
    static const int grey[3] = {99, 128, 128};
    static const enum AVPixelFormat pixels[] = {AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUV444P,
                                                AV_PIX_FMT_YUV411P, AV_PIX_FMT_YUV410P};
    for (int format = 0; format < RELIEF_FORMAT_COUNT; format++)
        for (int p = 0; p < 4 && has_any_size(format); p++)
            for (int width = 1; width < 40; width++) {
                int height = 40 - width;
                struct rl_compose_shape shape;
                struct rl_frame *frame = compose_with((enum relief_format)format,
                                                      make_flat(pixels[p], width, height, grey),
                                                      make_flat(pixels[p], width, height, grey),
                                                      make_map(3, 2), all_features(), NULL);
                CHECK_INT(rl_compose_shape_of(&shape, (enum relief_format)format, 70, pixels[p],
                                              width, height, (AVRational){1, 1}, NULL),
                          RELIEF_OK);
                CHECK_INT(frame->output->width, shape.width);
                CHECK_INT(frame->output->height, shape.height);
                for (int i = 0; i < 3 && format != RELIEF_FORMAT_DEPTH; i++) {
                    struct rl_plane plane = rl_frame_plane(frame->output, i);
                    for (int y = 0; y < plane.height; y++)
                        for (int x = 0; x < plane.width; x++)
                            if (leaves_grey((enum relief_format)format))
                                CHECK_INT(get(frame->output, i, x, y), grey[i]);
                }
                rl_frame_free(&frame);
            }
}

static void sizes_are_as_promised(void)
{
    static const struct {
        enum relief_format format;
        enum AVPixelFormat pixels;
        int width, height, output_width, output_height;
    } cases[] = {
        {RELIEF_FORMAT_ARCC, AV_PIX_FMT_YUV420P, 853, 481, 853, 481},
        {RELIEF_FORMAT_SBSL, AV_PIX_FMT_YUV420P, 1920, 1080, 3840, 1080},
        {RELIEF_FORMAT_SBSL, AV_PIX_FMT_YUV420P, 853, 481, 1704, 481},
        {RELIEF_FORMAT_SBSL, AV_PIX_FMT_YUV444P, 853, 481, 1706, 481},
        {RELIEF_FORMAT_ABR, AV_PIX_FMT_YUV420P, 853, 481, 853, 960},
        {RELIEF_FORMAT_SBS2L, AV_PIX_FMT_YUV420P, 1920, 1080, 1920, 1080},
        {RELIEF_FORMAT_SBS2R, AV_PIX_FMT_YUV420P, 854, 480, 852, 480},
        {RELIEF_FORMAT_AB2L, AV_PIX_FMT_YUV422P, 854, 481, 854, 480},
        {RELIEF_FORMAT_DEPTH, AV_PIX_FMT_YUV420P, 853, 481, 853, 481},
        {RELIEF_FORMAT_CHR, AV_PIX_FMT_YUV420P, 853, 481, 853, 481},
        {RELIEF_FORMAT_HDMI, AV_PIX_FMT_YUV420P, 1920, 1080, 1920, 2205},
        {RELIEF_FORMAT_HDMI, AV_PIX_FMT_YUV420P, 1280, 720, 1280, 1470},
        {RELIEF_FORMAT_RGBD, AV_PIX_FMT_YUV420P, 853, 481, 1704, 481},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rl_compose_shape shape;
        CHECK_INT(rl_compose_shape_of(&shape, cases[i].format, 70, cases[i].pixels, cases[i].width,
                                      cases[i].height, (AVRational){4, 3}, NULL),
                  RELIEF_OK);
        CHECK_INT(shape.width, cases[i].output_width);
        CHECK_INT(shape.height, cases[i].output_height);
        CHECK(shape.sample_aspect.num == 4 && shape.sample_aspect.den == 3);
    }
}

static void workers_and_features_change_nothing(void)
{
    static const enum AVPixelFormat pixels[] = {AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUV420P10,
                                                AV_PIX_FMT_YUV440P, AV_PIX_FMT_GBRP12};
    struct rl_workers *workers = NULL;
    CHECK_INT(rl_workers_create(&workers, 3, NULL), RELIEF_OK);
    for (int format = 0; format < RELIEF_FORMAT_COUNT; format++)
        for (int p = 0; p < 4 && has_any_size(format); p++)
            for (int width = 30; width < 120; width += 17) {
                AVFrame *left = noise(pixels[p], width, 61, 1),
                        *right = noise(pixels[p], width, 61, 2);
                left->chroma_location = right->chroma_location = width & 1 ? AVCHROMA_LOC_TOPLEFT
                                                                           : AVCHROMA_LOC_CENTER;
                struct rl_frame *plain = compose_with((enum relief_format)format,
                                                      av_frame_clone(left), av_frame_clone(right),
                                                      make_map(9, 7), 0, NULL);
                struct rl_frame *fast = compose_with((enum relief_format)format, left, right,
                                                     make_map(9, 7), all_features(), workers);
                CHECK(same_samples(plain->output, fast->output));
                rl_frame_free(&plain);
                rl_frame_free(&fast);
            }
    rl_workers_free(&workers);
}

static void tags_stay_and_stale_side_data_goes(void)
{
    static const int grey[3] = {99, 128, 128};
    for (int format = 0; format < RELIEF_FORMAT_COUNT; format++) {
        AVFrame *left = make_flat(AV_PIX_FMT_YUV420P, 32, has_any_size(format) ? 18 : 720, grey);
        left->color_primaries = AVCOL_PRI_BT2020;
        left->color_trc = AVCOL_TRC_ARIB_STD_B67;
        left->sample_aspect_ratio = (AVRational){4, 3};
        CHECK(av_stereo3d_create_side_data(left) != NULL);
        struct rl_frame *frame = compose_with((enum relief_format)format, left,
                                              av_frame_clone(left), make_map(4, 4), 0, NULL);
        CHECK_INT(frame->output->color_primaries, AVCOL_PRI_BT2020);
        CHECK_INT(frame->output->color_trc, AVCOL_TRC_ARIB_STD_B67);
        CHECK_INT(frame->output->sample_aspect_ratio.num, format == RELIEF_FORMAT_VR180 ? 1 : 4);
        CHECK(av_frame_get_side_data(frame->output, AV_FRAME_DATA_STEREO3D) == NULL);
        rl_frame_free(&frame);
    }
}

static void a_missing_view_is_an_error(void)
{
    static const int grey[3] = {99, 128, 128};
    struct rl_compose_params params = {.format = RELIEF_FORMAT_ARCC};
    struct rl_stage stage = {0};
    struct relief_error err = {0};
    struct rl_frame *frame = rl_frame_create(), *done = NULL;
    struct rl_sink sink = {keep_frame, &done};
    frame->left = make_flat(AV_PIX_FMT_YUV420P, 8, 8, grey);
    CHECK_INT(rl_compose_open(&stage, &params, NULL), RELIEF_OK);
    CHECK_INT(stage.type->push(stage.state, frame, &sink, &err), RELIEF_E_FAILED);
    CHECK(done == NULL);
    CHECK_TEXT(err.message, "compose: frame 0 lacks a view or its depth");
    stage.type->close(stage.state);
}

int main(void)
{
    RUN(each_eye_has_its_colours_alone);
    RUN(dubois_splits_white_as_published);
    RUN(green_magenta_and_amber_blue_have_their_eyes);
    RUN(least_squares_ones_have_their_eyes);
    RUN(wimmer_leaves_out_red);
    RUN(red_comes_from_the_left_eye_of_yuv);
    RUN(equal_greys_stay_grey);
    RUN(whole_packings_are_exact);
    RUN(interleaved_views_take_turns);
    RUN(half_packings_keep_slopes_and_order);
    RUN(one_eye_is_the_view_itself);
    RUN(depth_is_grey_and_white_is_near);
    RUN(every_format_has_its_size);
    RUN(sizes_are_as_promised);
    RUN(workers_and_features_change_nothing);
    RUN(tags_stay_and_stale_side_data_goes);
    RUN(a_missing_view_is_an_error);
    return check_result();
}
