// SPDX-License-Identifier: MIT
//
// The formula of stereo.h on scenes whose geometry is known.
#include "check.h"

#include "base/cpu.h"
#include "scene.h"

enum { W = 400, H = 24 };

static double flat_depth;

static double flat(double x, double y)
{
    (void)x;
    (void)y;
    return flat_depth;
}

static const struct rl_stereo_params defaults = {
    .divergence = 5, .convergence = 0.5f, .anchor = RELIEF_ANCHOR_BOTH, .eyes = RL_EYES_BOTH};

// p(d) = (C - d) * V/100 * W, and what each eye takes of it.
static void check_plane(const struct rl_stereo_params *params, double d)
{
    const struct scene scene = {scene_grain, flat, 0, 0};
    flat_depth = d;
    struct rl_frame *frame = scene_views(scene_draw(&scene, AV_PIX_FMT_YUV420P, W, H), params);
    double p = (params->convergence - d) * params->divergence / 100 * W;
    double left = params->anchor == RELIEF_ANCHOR_BOTH   ? -p / 2
                  : params->anchor == RELIEF_ANCHOR_LEFT ? 0
                                                         : -p;
    double right = left + p;
    for (int plane = 0; plane < 2; plane++) {
        double scale = plane ? 2 : 1;
        int x0 = 40 / (int)scale, x1 = (W - 40) / (int)scale, y = plane ? 5 : 11;
        double l = scale * scene_shift(frame->left, frame->picture, plane, y, x0, x1,
                                       left / scale - 1, left / scale + 1);
        double r = scale * scene_shift(frame->right, frame->picture, plane, y, x0, x1,
                                       right / scale - 1, right / scale + 1);
        CHECK_NEAR(l, left, 1.0 / 16);
        CHECK_NEAR(r, right, 1.0 / 16);
    }
    rl_frame_free(&frame);
}

static void planes_move_by_the_formula(void)
{
    static const double depths[] = {0, 0.1, 0.27, 0.5, 0.731, 1};
    static const float convergences[] = {0, 0.5f, 1};
    for (int anchor = 0; anchor < 3; anchor++)
        for (int c = 0; c < 3; c++)
            for (int i = 0; i < 6; i++) {
                struct rl_stereo_params params = defaults;
                params.anchor = (enum relief_anchor)anchor;
                params.convergence = convergences[c];
                check_plane(&params, depths[i]);
            }
}

// Brightness tells the place: what a pixel of a view shows, in pixels of the source.
static double ruler(double x, double y)
{
    (void)y;
    return x / (W - 1);
}

static double slope(double x, double y)
{
    return 0.1 + 0.8 * x / W * (1 - y / H) + 0.1 * y / H;
}

static double hills(double x, double y)
{
    return 0.5 + 0.4 * sin(x * 0.02 + y * 0.1);
}

// Every pixel of both eyes shows the source at the place the formula names.
static void check_surface(double (*depth)(double, double), enum relief_anchor anchor)
{
    const struct scene scene = {ruler, depth, 0, 0};
    struct rl_stereo_params params = defaults;
    params.anchor = anchor;
    struct rl_frame *frame = scene_views(scene_draw(&scene, AV_PIX_FMT_YUV444P16, W, H), &params);
    for (int eye = 0; eye < 2; eye++) {
        double share = anchor == RELIEF_ANCHOR_BOTH   ? eye - 0.5
                       : anchor == RELIEF_ANCHOR_LEFT ? eye
                                                      : eye - 1;
        double worst = 0;
        for (int y = 0; y < H; y++)
            for (int x = 24; x < W - 24; x++) {
                double from = scene_sample(eye ? frame->right : frame->left, 0, x, y) * (W - 1);
                double to = from + share * (0.5 - depth(from, y)) * 5 / 100 * W;
                worst = fmax(worst, fabs(to - x));
            }
        CHECK_NEAR(worst, 0, 1.0 / 16);
    }
    rl_frame_free(&frame);
}

// Chroma lies where luma does, whatever its resolution; 8 bits tell the place to 1.6 pixels,
// rounded once in the source and once in the view.
static void check_chroma(enum AVPixelFormat format, int step, double tolerance)
{
    const struct scene scene = {ruler, slope, 0, 0};
    struct rl_frame *frame = scene_views(scene_draw(&scene, format, W, H), &defaults);
    double worst = 0;
    for (int x = 24 / step; x < (W - 24) / step; x++) {
        double from = scene_sample(frame->right, 1, x, 0) * (W - 1);
        double to = from + (0.5 - slope(from, 0)) * 10;
        worst = fmax(worst, fabs(to - x * step));
    }
    CHECK_NEAR(worst, 0, tolerance);
    rl_frame_free(&frame);
}

static void chroma_lies_where_luma_does(void)
{
    check_chroma(AV_PIX_FMT_YUV444P16, 1, 1.0 / 16);
    check_chroma(AV_PIX_FMT_YUV422P16, 2, 1.0 / 16);
    check_chroma(AV_PIX_FMT_YUV420P16, 2, 1.0 / 4);
    check_chroma(AV_PIX_FMT_YUV440P, 1, 1.6);
    check_chroma(AV_PIX_FMT_YUV411P, 4, 1.6);
}

static void slanted_and_curved_surfaces_hold_the_formula(void)
{
    for (int anchor = 0; anchor < 3; anchor++) {
        check_surface(slope, (enum relief_anchor)anchor);
        check_surface(hills, (enum relief_anchor)anchor);
    }
}

// Things at d = 1, bright, before a dark background at d = 0: with 5 % of 400 px they move 5 px
// against the formula's screen, the background 5 px the other way.
static int thing_begin, thing_end;

static bool is_thing(double x)
{
    return x > thing_begin - 0.5 && x < thing_end - 0.5;
}

static double thing_depth(double x, double y)
{
    (void)y;
    return is_thing(x) ? 1 : 0;
}

static double thing_texture(double x, double y)
{
    return is_thing(x) ? 0.75 + 0.2 * (scene_grain(x, y) - 0.5) : 0.1 + 0.3 * scene_grain(x, y);
}

static void check_thing_row(const AVFrame *view, int plane, int y, int begin, int end, int loose)
{
    struct rl_plane p = rl_frame_plane(view, plane);
    int wrong = 0, black = 0;
    for (int x = 0; x < p.width; x++) {
        double value = scene_sample(view, plane, x, y);
        bool near_edge = abs(x - begin) < loose || abs(x - end) < loose;
        wrong += !near_edge && (value > 0.5) != (x >= begin && x < end);
        black += value < 0.05;
    }
    CHECK_INT(wrong, 0);
    CHECK_INT(black, 0);
}

static void check_thing(int begin, int width, enum AVPixelFormat format)
{
    const struct scene scene = {thing_texture, thing_depth, 0, 0};
    thing_begin = begin;
    thing_end = begin + width;
    struct rl_frame *frame = scene_views(scene_draw(&scene, format, W, H), &defaults);
    for (int y = 0; y < H; y++) {
        check_thing_row(frame->left, 0, y, begin + 5, begin + width + 5, 0);
        check_thing_row(frame->right, 0, y, begin - 5, begin + width - 5, 0);
    }
    // Chroma samples are two pixels wide and know the edge only so well; a thing thinner than
    // they are may fall between them.
    for (int y = 0; y < H / 2 && format == AV_PIX_FMT_YUV420P && width > 8; y++) {
        check_thing_row(frame->left, 1, y, (begin + 5) / 2, (begin + width + 5) / 2, 3);
        check_thing_row(frame->right, 2, y, (begin - 5) / 2, (begin + width - 5) / 2, 3);
    }
    rl_frame_free(&frame);
}

static void near_covers_far_and_holes_show_the_background(void)
{
    static const int widths[] = {80, 20, 11, 10, 9, 5, 3, 2, 1};
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++)
        for (int begin = 150; begin < 154; begin++) {
            check_thing(begin, widths[i], AV_PIX_FMT_YUV420P);
            check_thing(begin, widths[i], AV_PIX_FMT_GBRP10);
        }
}

static double flat_thing(double x, double y)
{
    (void)y;
    return is_thing(x) ? 0.85 : 0.25;
}

// The map has one sample to eight pixels, and the thing ends in the middle of samples: the whole
// thing must move, up to its rim, and no more than that.
static void edges_of_a_small_map_follow_the_picture(void)
{
    for (int begin = 120; begin < 128; begin++) {
        const struct scene scene = {flat_thing, thing_depth, W / 8, H / 8};
        thing_begin = begin;
        thing_end = begin + 100;
        struct rl_frame *frame = scene_views(scene_draw(&scene, AV_PIX_FMT_YUV444P, W, H),
                                             &defaults);
        check_thing_row(frame->left, 0, 9, begin + 5, begin + 105, 3);
        check_thing_row(frame->right, 0, 9, begin - 5, begin + 95, 3);
        rl_frame_free(&frame);
    }
}

// In one row the wall beside a thing has its colour.
static double thing_with_tooth(double x, double y)
{
    const bool is_tooth = fabs(y - 9) < 0.5 && x > thing_end - 0.5 && x < thing_end + 4.5;
    return is_tooth || is_thing(x) ? 0.85 : 0.25;
}

// Colour says that the thing goes on there; one row alone does not make it so.
static void outlines_have_no_teeth(void)
{
    const struct scene scene = {thing_with_tooth, thing_depth, W / 8, H / 8};
    thing_begin = 120;
    thing_end = 200;
    struct rl_frame *frame = scene_views(scene_draw(&scene, AV_PIX_FMT_YUV444P, W, H), &defaults);
    for (int x = thing_end + 2; x < thing_end + 4; x++) {
        CHECK(scene_sample(frame->right, 0, x - 5, 9) < 0.5);
        CHECK(scene_sample(frame->right, 0, x + 5, 9) > 0.5);
    }
    rl_frame_free(&frame);
}

// How far a point is inside of a slanted thing, pixels.
static double inside_slant(double x, double y)
{
    return 200 + 0.4 * y - x;
}

static double slanted_texture(double x, double y)
{
    return inside_slant(x, y) > 0 ? 0.85 : 0.25;
}

static double ramp_px;

// A network's ramp.
static double slanted_ramp(double x, double y)
{
    return 0.5 * erfc(-inside_slant(x, y) / ramp_px);
}

static void check_slant(int map_width, int map_height)
{
    enum { TALL = 120 };
    const struct scene scene = {slanted_texture, slanted_ramp, map_width, map_height};
    ramp_px = 1.5 * W / map_width;
    struct rl_frame *frame = scene_views(scene_draw(&scene, AV_PIX_FMT_YUV444P, W, TALL),
                                         &defaults);
    for (int y = 8; y < TALL - 8; y++) {
        int x = 100;
        while (x < 300 && scene_sample(frame->right, 0, x, y) > 0.55)
            x++;
        CHECK(fabs(inside_slant(x + 5 - 0.5, y)) < 1);
    }
    rl_frame_free(&frame);
}

// The thing moves as one, up to its outline, which stays straight; also in a film that is hardly
// larger than the map.
static void soft_outlines_move_as_one(void)
{
    check_slant(W / 8, 15);
    check_slant(W * 4 / 5, 96);
}

static double upright_grain(double x, double y)
{
    (void)y;
    return scene_grain(x, 0);
}

static double floor_ramp(double x, double y)
{
    (void)x;
    return 0.5 * erfc((23.5 - y) / 6);
}

// What lies below row 24 is near, and so are two rows above it.
static void soft_outlines_are_wider_upwards(void)
{
    enum { WIDE = 640, TALL = 48 };
    const struct scene scene = {upright_grain, floor_ramp, WIDE / 4, TALL / 4};
    struct rl_frame *frame = scene_views(scene_draw(&scene, AV_PIX_FMT_YUV444P, WIDE, TALL),
                                         &defaults);
    for (int y = 18; y < 28; y++) {
        double shift = scene_shift(frame->right, frame->picture, 0, y, 200, 400, -20, 20);
        CHECK(y == 21 || (shift < 0) == (y > 21));
    }
    rl_frame_free(&frame);
}

// A broad thing, and beside it a bar in the middle of a sample of the map, half as wide as that.
static bool is_broad_or_bar(double x)
{
    return (x > 119.5 && x < 175.5) || (x > 185.5 && x < 189.5);
}

static double broad_and_bar(double x, double y)
{
    (void)y;
    return is_broad_or_bar(x) ? 0.85 : 0.25;
}

static double share_of_eight(double x, double y)
{
    (void)y;
    double sum = 0;
    for (int i = 0; i < 8; i++)
        sum += is_broad_or_bar(x - 3.5 + i);
    return sum / 8;
}

// The map says 0.5 of the bar, and of nothing else: it has the depth of the thing beside it. The
// wall between them does not go out of sight.
static void thin_things_move_like_those_beside_them(void)
{
    const struct scene scene = {broad_and_bar, share_of_eight, W / 8, H / 8};
    struct rl_stereo_params params = defaults;
    params.divergence = 3;
    struct rl_frame *frame = scene_views(scene_draw(&scene, AV_PIX_FMT_YUV444P, W, H), &params);
    for (int x = 182; x < 194; x++) {
        bool rim = is_broad_or_bar(x) != is_broad_or_bar(x - 1);
        CHECK(rim || (scene_sample(frame->left, 0, x + 3, 9) > 0.5) == is_broad_or_bar(x));
        CHECK(rim || (scene_sample(frame->right, 0, x - 3, 9) > 0.5) == is_broad_or_bar(x));
    }
    rl_frame_free(&frame);
}

// A grating of bars, closer than they move: each bar must be there, whole, and in order.
static double grating_depth(double x, double y)
{
    (void)y;
    return fmod(x + 0.5, 7) < 3 ? 1 : 0;
}

static double grating_texture(double x, double y)
{
    return grating_depth(x, y) > 0 ? 0.9 : 0.2;
}

static void thin_bars_stay_whole(void)
{
    const struct scene scene = {grating_texture, grating_depth, 0, 0};
    struct rl_frame *frame = scene_views(scene_draw(&scene, AV_PIX_FMT_YUV444P, W, H), &defaults);
    int wrong = 0;
    for (int x = 20; x < W - 20; x++) {
        wrong += (scene_sample(frame->left, 0, x, 3) > 0.5) != (grating_depth(x - 5, 3) > 0);
        wrong += (scene_sample(frame->right, 0, x, 3) > 0.5) != (grating_depth(x + 5, 3) > 0);
    }
    CHECK_INT(wrong, 0);
    rl_frame_free(&frame);
}

static double noise(double x, double y)
{
    double v = sin(x * 12.9898 + y * 78.233) * 43758.5453;
    return v - floor(v);
}

static double jumble(double x, double y)
{
    return floor(x / 9) + floor(y / 5) > 8 ? noise(floor(x / 13), floor(y / 6)) : hills(x, y);
}

static void no_depth_no_change(void)
{
    const struct scene scene = {noise, jumble, 0, 0};
    struct rl_stereo_params params = defaults;
    params.divergence = 0;
    struct rl_frame *frame = scene_views(scene_draw(&scene, AV_PIX_FMT_YUV420P10, W, H), &params);
    CHECK(scene_same(frame->left, frame->picture));
    CHECK(scene_same(frame->right, frame->picture));
    rl_frame_free(&frame);

    // Moved by nothing, but through all kernels: the depth is that of the screen.
    const struct scene screen = {noise, flat, 0, 0};
    flat_depth = 1;
    params.divergence = 5;
    params.convergence = 1;
    frame = scene_views(scene_draw(&screen, AV_PIX_FMT_YUV420P10, W, H), &params);
    CHECK(scene_same(frame->left, frame->picture));
    CHECK(frame->left->data[0] != frame->picture->data[0]);
    rl_frame_free(&frame);
}

static void anchored_eye_is_the_source(void)
{
    const struct scene scene = {noise, jumble, 0, 0};
    for (int anchor = 0; anchor < 3; anchor++) {
        struct rl_stereo_params params = defaults;
        params.anchor = (enum relief_anchor)anchor;
        struct rl_frame *frame = scene_views(scene_draw(&scene, AV_PIX_FMT_YUV420P, W, H), &params);
        CHECK((frame->left->data[0] == frame->picture->data[0]) == (anchor == RELIEF_ANCHOR_LEFT));
        CHECK((frame->right->data[0] == frame->picture->data[0]) ==
              (anchor == RELIEF_ANCHOR_RIGHT));
        rl_frame_free(&frame);
        params.eyes = RL_EYE_RIGHT;
        frame = scene_views(scene_draw(&scene, AV_PIX_FMT_YUV420P, W, H), &params);
        CHECK(!frame->left && frame->right);
        rl_frame_free(&frame);
    }
}

// Workers and CPU level never change a sample, in any format and at odd sizes.
static void check_same(enum AVPixelFormat format, int width, int height, int map_w, int map_h)
{
    const struct scene scene = {noise, jumble, map_w, map_h};
    struct rl_stereo_params plain = defaults, fast = defaults;
    plain.divergence = fast.divergence = 8;
    fast.cpu = rl_cpu_flags(-1);
    if (rl_workers_create(&fast.workers, 3, NULL))
        return;
    struct rl_frame *a = scene_views(scene_draw(&scene, format, width, height), &plain);
    struct rl_frame *b = scene_views(scene_draw(&scene, format, width, height), &fast);
    CHECK(scene_same(a->left, b->left));
    CHECK(scene_same(a->right, b->right));
    rl_frame_free(&a);
    rl_frame_free(&b);
    rl_workers_free(&fast.workers);
}

static void workers_and_cpu_change_nothing(void)
{
    static const enum AVPixelFormat formats[] = {
        AV_PIX_FMT_YUV420P,   AV_PIX_FMT_YUV422P,   AV_PIX_FMT_YUV444P,   AV_PIX_FMT_YUV411P,
        AV_PIX_FMT_YUV440P,   AV_PIX_FMT_YUV410P,   AV_PIX_FMT_GBRP,      AV_PIX_FMT_YUV420P10,
        AV_PIX_FMT_YUV422P12, AV_PIX_FMT_YUV444P16, AV_PIX_FMT_YUV420P16, AV_PIX_FMT_GBRP16};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        check_same(formats[i], 131, 37, 0, 0);
        check_same(formats[i], 131, 37, 33, 11);
        check_same(formats[i], 64, 8, 70, 9);
        check_same(formats[i], 2, 2, 32, 32);
        check_same(formats[i], 1, 1, 0, 0);
        check_same(formats[i], 9, 3, 1, 1);
    }
    for (int width = 1; width <= 130; width++)
        check_same(AV_PIX_FMT_YUV420P, width, 5, width / 2 + 1, 3);
}

// `picture` and its map without what lies outside `area`.
static struct rl_frame *cut_out(const struct rl_frame *frame, struct rl_area area)
{
    struct rl_frame *cut = rl_frame_create();
    AVFrame **const parts[] = {&cut->picture, &cut->depth};
    const AVFrame *const from[] = {frame->picture, frame->depth};
    for (int i = 0; i < 2; i++) {
        AVFrame *to = *parts[i] = av_frame_alloc();
        to->format = from[i]->format;
        to->width = area.x1 - area.x0;
        to->height = area.y1 - area.y0;
        CHECK(av_frame_get_buffer(to, 0) >= 0);
        for (int plane = 0; plane < (i ? 1 : 3); plane++) {
            struct rl_plane a = rl_frame_plane_in(from[i], plane, area);
            struct rl_plane b = rl_frame_plane(to, plane);
            for (int y = 0; y < b.height; y++)
                memcpy(rl_plane_row(&b, y), rl_plane_row(&a, y),
                       (size_t)b.width * (i ? sizeof(float) : 1));
        }
    }
    cut->depth_is_final = true;
    return cut;
}

static bool same_in(const AVFrame *a, struct rl_area area_a, const AVFrame *b,
                    struct rl_area area_b)
{
    bool same = true;
    for (int plane = 0; plane < 3; plane++) {
        struct rl_plane pa = rl_frame_plane_in(a, plane, area_a);
        struct rl_plane pb = rl_frame_plane_in(b, plane, area_b);
        for (int y = 0; y < pa.height; y++)
            same = same && !memcmp(rl_plane_row(&pa, y), rl_plane_row(&pb, y), (size_t)pa.width);
    }
    return same;
}

static void check_bars(struct rl_area area)
{
    const struct scene scene = {scene_grain, hills, 0, 0};
    const struct rl_area all = {0, 0, area.x1 - area.x0, area.y1 - area.y0};
    const struct rl_area bars[] = {{0, 0, W, area.y0},
                                   {0, area.y1, W, H},
                                   {0, area.y0, area.x0, area.y1},
                                   {area.x1, area.y0, W, area.y1}};
    struct rl_stereo_params params = defaults;
    struct rl_frame *frame = scene_draw(&scene, AV_PIX_FMT_YUV420P, W, H);
    struct rl_frame *cut = cut_out(frame, area);
    frame->area = area;
    frame = scene_views(frame, &params);
    params.divergence *= (float)W / (float)all.x1;
    cut = scene_views(cut, &params);
    for (int eye = 0; eye < 2; eye++) {
        const AVFrame *view = eye ? frame->right : frame->left;
        CHECK(same_in(view, area, eye ? cut->right : cut->left, all));
        CHECK(!same_in(view, area, frame->picture, area));
        for (int i = 0; i < 4; i++)
            CHECK(same_in(view, bars[i], frame->picture, bars[i]));
    }
    rl_frame_free(&cut);
    rl_frame_free(&frame);
}

// Bars stay, and what lies between them comes out as if there were none.
static void bars_stay_where_they_are(void)
{
    check_bars((struct rl_area){0, 4, W, H - 6});
    check_bars((struct rl_area){50, 0, W - 50, H});
    check_bars((struct rl_area){50, 2, W - 50, H - 4});
}

int main(void)
{
    RUN(planes_move_by_the_formula);
    RUN(slanted_and_curved_surfaces_hold_the_formula);
    RUN(chroma_lies_where_luma_does);
    RUN(near_covers_far_and_holes_show_the_background);
    RUN(edges_of_a_small_map_follow_the_picture);
    RUN(outlines_have_no_teeth);
    RUN(soft_outlines_move_as_one);
    RUN(soft_outlines_are_wider_upwards);
    RUN(thin_things_move_like_those_beside_them);
    RUN(thin_bars_stay_whole);
    RUN(no_depth_no_change);
    RUN(anchored_eye_is_the_source);
    RUN(workers_and_cpu_change_nothing);
    RUN(bars_stay_where_they_are);
    return check_result();
}
