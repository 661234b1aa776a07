// SPDX-License-Identifier: MIT
//
// Formats beside matrices and packings, each against a plain composition by its formula in floating
// point: linear light, Wimmer's optimised anaglyph, HDMI's frame packing, picture and depth, half a
// sphere, and views in turn.
#include "picture.h"

#include "compose/sphere.h"

static AVFrame *noise(enum AVPixelFormat format, int width, int height, unsigned seed)
{
    AVFrame *picture = make_picture(format, width, height);
    const unsigned most = (1u << depth_of(picture)) - 1;
    for (int i = 0; i < 3; i++) {
        struct rl_plane plane = rl_frame_plane(picture, i);
        for (int y = 0; y < plane.height; y++)
            for (int x = 0; x < plane.width; x++)
                set(picture, i, x, y, (int)(next_random(&seed) % (most + 1)));
    }
    return picture;
}

struct outputs {
    struct rl_frame *frames[32];
    int count;
};

static enum relief_status keep_all(void *user, struct rl_frame *frame, struct relief_error *err)
{
    (void)err;
    struct outputs *out = user;
    out->frames[out->count++] = frame;
    return RELIEF_OK;
}

static void free_all(struct outputs *out)
{
    while (out->count)
        rl_frame_free(&out->frames[--out->count]);
}

// `count` frames of the same two views, `duration` ticks each.
static void compose_film(const struct rl_compose_params *params, int count, int64_t first_pts,
                         int64_t duration, struct outputs *out)
{
    struct rl_stage stage = {0};
    struct rl_sink sink = {keep_all, out};
    static const int left[3] = {40, 128, 128}, right[3] = {80, 128, 128};
    CHECK_INT(rl_compose_open(&stage, params, NULL), RELIEF_OK);
    for (int i = 0; i < count; i++) {
        struct rl_frame *frame = rl_frame_create();
        frame->index = i;
        frame->pts = first_pts + i * duration;
        frame->duration = duration;
        frame->left = make_flat(AV_PIX_FMT_YUV420P, 16, 16, left);
        frame->right = make_flat(AV_PIX_FMT_YUV420P, 16, 16, right);
        frame->picture = av_frame_clone(frame->left);
        CHECK_INT(stage.type->push(stage.state, frame, &sink, NULL), RELIEF_OK);
    }
    stage.type->close(stage.state);
}

static int shown_eye(const struct rl_frame *frame)
{
    return get(frame->output, 0, 3, 3) == 80;
}

// ---------------------------------------------------------------------------------------------
// Anaglyphs that are no matrix

static double to_light(double code)
{
    return code <= 0.04045 ? code / 12.92 : pow((code + 0.055) / 1.055, 2.4);
}

static double to_code(double light)
{
    return light <= 0.0031308 ? light * 12.92 : 1.055 * pow(light, 1 / 2.4) - 0.055;
}

static double unit(double value)
{
    return fmin(fmax(value, 0), 1);
}

static void linear_pixel(const double matrix[3][6], const double in[6], double out[3])
{
    for (int row = 0; row < 3; row++) {
        double eyes[2] = {0};
        for (int i = 0; i < 6; i++)
            eyes[i / 3] += matrix[row][i] * to_light(in[i]);
        out[row] = to_code(unit(unit(eyes[0]) + unit(eyes[1])));
    }
}

static void optimised_pixel(const double in[6], double out[3])
{
    double v[6];
    for (int eye = 0; eye < 6; eye += 3) {
        v[eye + 1] = unit(in[eye + 1] + .45 * fmax(0, in[eye] - in[eye + 1]));
        v[eye + 2] = unit(in[eye + 2] + .25 * fmax(0, in[eye] - in[eye + 2]));
    }
    out[0] = pow(.75 * v[1] + .25 * v[2], 1 / 1.6);
    out[1] = v[4];
    out[2] = v[5];
}

// As printed by Dubois, for red-cyan; for green-magenta and amber-blue.
static const double red_cyan[3][6] = {{.437, .449, .164, -.011, -.032, -.007},
                                      {-.062, -.062, -.024, .377, .761, .009},
                                      {-.048, -.050, -.017, -.026, -.093, 1.234}};
static const double green_magenta[3][6] = {{-.062, -.158, -.039, .529, .705, .024},
                                           {.284, .668, .143, -.016, -.015, -.065},
                                           {-.015, -.027, .021, .009, .075, .937}};
static const double amber_blue[3][6] = {{1.062, -.205, .299, -.016, -.123, -.017},
                                        {-.026, .908, .068, .006, .062, -.017},
                                        {-.038, -.173, .022, .094, .185, .911}};

static void is_as_the_formula(enum relief_format format, enum AVPixelFormat pixels,
                              const double matrix[3][6], bool left_only, bool right_only)
{
    struct rl_compose_params params = {
        .format = format, .linear = matrix != NULL, .cpu = rl_cpu_flags(-1)};
    struct rl_stage stage = {0};
    struct outputs out = {.count = 0};
    struct rl_sink sink = {keep_all, &out};
    static const int black[3] = {0};
    struct rl_frame *frame = rl_frame_create();
    AVFrame *left = right_only ? make_flat(pixels, 64, 32, black) : noise(pixels, 64, 32, 5);
    AVFrame *right = left_only ? make_flat(pixels, 64, 32, black) : noise(pixels, 64, 32, 6);
    const double most = (1 << depth_of(left)) - 1;
    frame->left = av_frame_clone(left);
    frame->right = av_frame_clone(right);
    frame->picture = av_frame_clone(left);
    CHECK_INT(rl_compose_open(&stage, &params, NULL), RELIEF_OK);
    CHECK_INT(stage.type->push(stage.state, frame, &sink, NULL), RELIEF_OK);
    double worst = 0;
    for (int y = 0; y < 32; y++)
        for (int x = 0; x < 64; x++) {
            double in[6], wanted[3];
            for (int i = 0; i < 6; i++)  // planes are G B R
                in[i] = get(i < 3 ? left : right, (i + 2) % 3, x, y) / most;
            if (matrix)
                linear_pixel(matrix, in, wanted);
            else
                optimised_pixel(in, wanted);
            for (int i = 0; i < 3; i++)
                worst = fmax(
                    worst, fabs(get(out.frames[0]->output, (i + 2) % 3, x, y) - wanted[i] * most));
        }
    // Rounding, and the four decimals of the published figures.
    CHECK_NEAR(worst, 0, pixels == AV_PIX_FMT_GBRP ? 1.01 : 3);
    stage.type->close(stage.state);
    free_all(&out);
    av_frame_free(&left);
    av_frame_free(&right);
}

static void light_is_mixed(void)
{
    static const enum AVPixelFormat pixels[] = {AV_PIX_FMT_GBRP, AV_PIX_FMT_GBRP10};
    for (int p = 0; p < 2; p++)
        for (int eyes = 0; eyes < 3; eyes++) {
            is_as_the_formula(RELIEF_FORMAT_ARCD, pixels[p], red_cyan, eyes == 1, eyes == 2);
            is_as_the_formula(RELIEF_FORMAT_AGMD, pixels[p], green_magenta, eyes == 1, eyes == 2);
            is_as_the_formula(RELIEF_FORMAT_AYBD, pixels[p], amber_blue, eyes == 1, eyes == 2);
            is_as_the_formula(RELIEF_FORMAT_WIMMER2, pixels[p], NULL, eyes == 1, eyes == 2);
        }
}

// ---------------------------------------------------------------------------------------------
// HDMI

static void blank_lines_lie_between(void)
{
    static const struct {
        enum AVPixelFormat pixels;
        int height, blank;
    } rows[] = {{AV_PIX_FMT_YUV444P, 1080, 45},
                {AV_PIX_FMT_YUV420P, 1080, 45},
                {AV_PIX_FMT_YUV420P10, 720, 30},
                {AV_PIX_FMT_GBRP, 720, 30}};
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        const int height = rows[r].height, second = height + rows[r].blank;
        AVFrame *left = noise(rows[r].pixels, 16, height, 1);
        AVFrame *right = noise(rows[r].pixels, 16, height, 2);
        struct rl_frame *frame = compose_pair(RELIEF_FORMAT_HDMI, left, right);
        const AVFrame *out = frame->output;
        const bool rgb = rows[r].pixels == AV_PIX_FMT_GBRP;
        CHECK_INT(out->height, 2 * height + rows[r].blank);
        for (int i = 0; i < 3; i++) {
            const int step = rows[r].pixels == AV_PIX_FMT_YUV444P || rgb || !i ? 1 : 2;
            const int unit_ = 1 << (depth_of(out) - 8);
            const int black = rgb ? 0 : i ? 128 * unit_ : 16 * unit_;
            struct rl_plane plane = rl_frame_plane(out, i);
            for (int y = 0; y < plane.height; y++) {
                int got = get(out, i, 5, y), wanted = black;
                const double at = (y + .5) * step;  // luma lines from the top to the middle
                if (at < height)
                    wanted = get(left, i, 5, y);
                else if (at > second && (at - second) / step - .5 == floor((at - second) / step))
                    wanted = get(right, i, 5, (int)((at - second) / step));
                else if (at > second)
                    wanted = (get(right, i, 5, (int)((at - second) / step - .5)) +
                              get(right, i, 5, (int)((at - second) / step + .5)) + 1) /
                             2;
                // A chroma row that covers a border may be either's.
                if (step == 1 || (fabs(at - height) >= step && fabs(at - second) >= step))
                    CHECK_INT(got, wanted);
            }
        }
        rl_frame_free(&frame);
    }
}

static void other_heights_are_refused(void)
{
    struct rl_compose_shape shape;
    struct relief_error err = {0};
    CHECK_INT(rl_compose_shape_of(&shape, RELIEF_FORMAT_HDMI, 70, AV_PIX_FMT_YUV420P, 640, 480,
                                  (AVRational){1, 1}, &err),
              RELIEF_E_ARGUMENT);
    CHECK(strstr(err.message, "480") != NULL);
}

// ---------------------------------------------------------------------------------------------
// Picture and depth

static void depth_lies_on_the_right(void)
{
    AVFrame *picture = noise(AV_PIX_FMT_YUV420P, 38, 20, 3);
    AVFrame *depth = make_picture(AV_PIX_FMT_GRAYF32, 38, 20);
    struct rl_plane map = rl_frame_plane(depth, 0);
    for (int y = 0; y < 20; y++)
        for (int x = 0; x < 38; x++)
            ((float *)(void *)rl_plane_row(&map, y))[x] = (float)x / 37;
    struct rl_frame *frame = compose_with(RELIEF_FORMAT_RGBD, NULL, picture, depth,
                                          rl_cpu_flags(-1), NULL);
    CHECK_INT(frame->output->width, 76);
    for (int y = 0; y < 20; y++)
        for (int x = 0; x < 38; x++) {
            CHECK_INT(get(frame->output, 0, x, y), get(frame->picture, 0, x, y));
            CHECK_NEAR(get(frame->output, 0, 38 + x, y), 16 + 219.0 * x / 37, 1);
            CHECK_INT(get(frame->output, 1, 19 + x / 2, y / 2), 128);
            CHECK_INT(get(frame->output, 2, x / 2, y / 2), get(frame->picture, 2, x / 2, y / 2));
        }
    rl_frame_free(&frame);
}

// ---------------------------------------------------------------------------------------------
// Half of a sphere

// A picture whose samples say where they are: slopes stay slopes when they are interpolated.
static AVFrame *slope(enum AVPixelFormat format, int width, int height, int base)
{
    AVFrame *picture = make_picture(format, width, height);
    for (int i = 0; i < 3; i++) {
        struct rl_plane plane = rl_frame_plane(picture, i);
        for (int y = 0; y < plane.height; y++)
            for (int x = 0; x < plane.width; x++)
                set(picture, i, x, y,
                    base + 20 * i + 100 * x / plane.width + 30 * y / plane.height);
    }
    return picture;
}

static double slope_at(int base, int index, double u, double v)
{
    return base + 20 * index + 100 * u + 30 * v - .5;
}

static void straight_views_bend_onto_the_sphere(void)
{
    static const enum AVPixelFormat pixels[] = {AV_PIX_FMT_YUV444P, AV_PIX_FMT_YUV420P,
                                                AV_PIX_FMT_GBRP12};
    const double pi = 3.14159265358979323846;
    const int width = 160, height = 90;
    for (int p = 0; p < 3; p++) {
        struct rl_frame *frame = compose_pair(RELIEF_FORMAT_VR180,
                                              slope(pixels[p], width, height, 30),
                                              slope(pixels[p], width, height, 60));
        const AVFrame *out = frame->output;
        const double f = width / 2.0 / tan(35 * pi / 180);
        CHECK_INT(out->width, 2 * out->height);
        CHECK_INT(out->height, 240);  // 1.5 times the width
        CHECK(out->sample_aspect_ratio.num == 1 && out->sample_aspect_ratio.den == 1);
        int seen = 0, black = 0;
        for (int i = 0; i < 3; i++) {
            struct rl_plane plane = rl_frame_plane(out, i);
            const int size = plane.height, luma = p == 2 ? 0 : i ? 128 : 16;
            // Chroma that nobody sites lies on its first column here, and between its rows.
            const double shift = p == 1 && i ? -.25 : 0;
            for (int eye = 0; eye < 2; eye++)
                for (int y = 0; y < size; y++)
                    for (int x = 0; x < size; x++) {
                        double lon = ((x + .5 + shift) / size - .5) * pi;
                        double lat = ((y + .5) / size - .5) * pi;
                        double u = f * tan(lon) / width + .5;
                        double v = f * tan(lat) / cos(lon) / height + .5;
                        int got = get(out, i, x + eye * size, y);
                        if (u > .03 && u < .97 && v > .05 && v < .95) {
                            double at = u - shift * 2 / width;
                            CHECK_NEAR(got, slope_at(eye ? 60 : 30, i, at, v), 2.2);
                            seen++;
                        } else if (u < -.05 || u > 1.05 || v < -.05 || v > 1.05) {
                            CHECK_INT(got, luma);
                            black++;
                        }
                    }
        }
        CHECK(seen > 5000 && black > 50000);
        rl_frame_free(&frame);
    }
}

static void spheres_have_their_size(void)
{
    CHECK_INT(rl_sphere_size(70, 1920, 1080, (AVRational){1, 1}), 2880);
    CHECK_INT(rl_sphere_size(150, 1920, 1080, (AVRational){1, 1}), 800);
    CHECK_INT(rl_sphere_size(70, 7680, 4320, (AVRational){1, 1}), 4096);
    CHECK_INT(rl_sphere_size(70, 1440, 1080, (AVRational){4, 3}), 2880);
    CHECK_INT(rl_sphere_size(70, 2, 2, (AVRational){0, 1}), 16);
}

// ---------------------------------------------------------------------------------------------
// Views in turn

static void every_frame_is_shown_twice(void)
{
    for (int right = 0; right < 2; right++) {
        struct rl_compose_params params = {.format = right ? RELIEF_FORMAT_AR : RELIEF_FORMAT_AL,
                                           .time_base = {1, 25},
                                           .frame_rate = {25, 1}};
        struct outputs out = {.count = 0};
        compose_film(&params, 3, 7, 1, &out);
        CHECK_INT(out.count, 6);
        for (int i = 0; i < out.count; i++) {
            CHECK_INT(out.frames[i]->index, i);
            CHECK_INT(out.frames[i]->pts, 14 + i);  // half ticks
            CHECK_INT(out.frames[i]->duration, 1);
            CHECK_INT(shown_eye(out.frames[i]), (i & 1) ^ right);
        }
        free_all(&out);
    }
    struct rl_compose_shape shape;
    CHECK_INT(rl_compose_shape_of(&shape, RELIEF_FORMAT_AL, 70, AV_PIX_FMT_YUV420P, 16, 16,
                                  (AVRational){1, 1}, NULL),
              RELIEF_OK);
    CHECK_INT(shape.ticks, 2);
}

static void frames_of_unknown_length_are_average_ones(void)
{
    struct rl_compose_params params = {
        .format = RELIEF_FORMAT_AL, .time_base = {1, 1000}, .frame_rate = {25, 1}};
    struct outputs out = {.count = 0};
    compose_film(&params, 1, 100, 0, &out);
    CHECK_INT(out.frames[0]->pts, 200);
    CHECK_INT(out.frames[1]->pts, 240);
    CHECK_INT(out.frames[1]->duration, 40);
    free_all(&out);
}

static void a_film_wiggles_by_the_clock(void)
{
    struct rl_compose_params params = {
        .format = RELIEF_FORMAT_WIGGLE, .time_base = {1, 1000}, .frame_rate = {25, 1}};
    struct outputs out = {.count = 0};
    compose_film(&params, 20, 5000, 40, &out);
    CHECK_INT(out.count, 20);
    for (int i = 0; i < out.count; i++) {
        CHECK_INT(out.frames[i]->pts, 5000 + 40 * i);
        CHECK_INT(shown_eye(out.frames[i]), 40 * i / 140 % 2);
    }
    free_all(&out);
}

static void a_picture_wiggles_to_and_fro(void)
{
    struct rl_compose_params params = {.format = RELIEF_FORMAT_WIGGLE,
                                       .time_base = {1, 100},
                                       .frame_rate = {25, 1},
                                       .still_turns = 3};
    struct outputs out = {.count = 0};
    compose_film(&params, 1, 0, 4, &out);
    CHECK_INT(out.count, 6);
    for (int i = 0; i < out.count; i++) {
        CHECK_INT(out.frames[i]->pts, 14 * i);
        CHECK_INT(out.frames[i]->duration, 14);
        CHECK_INT(shown_eye(out.frames[i]), i % 2);
    }
    free_all(&out);
}

int main(void)
{
    RUN(light_is_mixed);
    RUN(blank_lines_lie_between);
    RUN(other_heights_are_refused);
    RUN(depth_lies_on_the_right);
    RUN(straight_views_bend_onto_the_sphere);
    RUN(spheres_have_their_size);
    RUN(every_frame_is_shown_twice);
    RUN(frames_of_unknown_length_are_average_ones);
    RUN(a_film_wiggles_by_the_clock);
    RUN(a_picture_wiggles_to_and_fro);
    return check_result();
}
