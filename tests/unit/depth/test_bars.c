// SPDX-License-Identifier: MIT
//
// Which black bars are believed, and when; and that the network sees nothing of them.
#include "run.h"

#include "depth/bars.h"
#include "depth/prepare.h"

enum { W = 640, H = 360 };

static const int black[3] = {16, 128, 128};

static uint32_t seed = 1;

static int noise(int most)
{
    seed = seed * 1664525u + 1013904223u;
    return (int)(seed >> 16) % (2 * most + 1) - most;
}

static AVFrame *film(void)
{
    return flat_picture(AV_PIX_FMT_YUV420P, W, H, black);
}

static void put(AVFrame *picture, int x, int y, int luma)
{
    picture->data[0][y * picture->linesize[0] + x] = (uint8_t)(luma < 0     ? 0
                                                               : luma > 255 ? 255
                                                                            : luma);
}

// A picture of dots, bright or dim, over black. The same dots at the same place, always.
static void draw(AVFrame *picture, struct rl_area area, int luma)
{
    for (int y = area.y0; y < area.y1; y++)
        for (int x = area.x0; x < area.x1; x++)
            put(picture, x, y, 16 + luma + (luma ? (x * 7919 + y * 104729) % luma - luma / 2 : 0));
}

// White letters: half of the rectangle is ink.
static void write_text(AVFrame *picture, struct rl_area area)
{
    for (int y = area.y0; y < area.y1; y++)
        for (int x = area.x0; x < area.x1; x++)
            put(picture, x, y, (x / 4) % 2 ? 235 : 16);
}

static struct rl_area push(struct rl_bars *bars, AVFrame *picture)
{
    struct rl_area area = rl_bars_push(bars, picture);
    av_frame_free(&picture);
    return area;
}

static void check_area(struct rl_area got, int x0, int y0, int x1, int y1)
{
    CHECK_INT(got.x0, x0);
    CHECK_INT(got.y0, y0);
    CHECK_INT(got.x1, x1);
    CHECK_INT(got.y1, y1);
}

static const struct rl_area letterbox = {0, 46, W, H - 46}, pillarbox = {80, 0, W - 80, H};
static const struct rl_area all = {0, 0, W, H};

static AVFrame *boxed(struct rl_area area, int luma)
{
    AVFrame *picture = film();
    draw(picture, area, luma);
    return picture;
}

static void one_bright_picture_is_enough(void)
{
    struct rl_bars bars;
    rl_bars_init(&bars);
    check_area(push(&bars, boxed(letterbox, 90)), 0, 46, W, H - 46);
    rl_bars_init(&bars);
    check_area(push(&bars, boxed(pillarbox, 90)), 80, 0, W - 80, H);
    rl_bars_init(&bars);
    check_area(push(&bars, boxed((struct rl_area){80, 46, W - 80, H - 46}, 90)), 80, 46, W - 80,
               H - 46);
    rl_bars_init(&bars);
    check_area(push(&bars, boxed(all, 90)), 0, 0, W, H);
}

static void edges_lie_between_chroma_samples(void)
{
    struct rl_bars bars;
    rl_bars_init(&bars);
    check_area(push(&bars, boxed((struct rl_area){0, 45, W, H - 47}, 90)), 0, 46, W, H - 48);
}

static void deep_and_rgb_pictures_have_bars_too(void)
{
    static const int deep_black[3] = {64, 512, 512}, rgb_black[3] = {0, 0, 0};
    struct rl_bars bars;
    AVFrame *picture = flat_picture(AV_PIX_FMT_YUV420P10, W, H, deep_black);
    for (int y = 46; y < H - 46; y++)
        for (int x = 0; x < W; x++)
            ((uint16_t *)(void *)(picture->data[0] + y * picture->linesize[0]))[x] = 400;
    rl_bars_init(&bars);
    check_area(push(&bars, picture), 0, 46, W, H - 46);
    picture = flat_picture(AV_PIX_FMT_GBRP, W, H, rgb_black);
    for (int y = 45; y < H - 45; y++)
        for (int x = 0; x < W; x++)
            put(picture, x, y, 100);
    rl_bars_init(&bars);
    check_area(push(&bars, picture), 0, 45, W, H - 45);
}

// Film grain of a transfer, an encoder's smear at the edge, black that is not quite black.
static void bars_may_be_imperfect(void)
{
    struct rl_bars bars;
    AVFrame *picture = film();
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            put(picture, x, y, 22 + noise(3));
    draw(picture, letterbox, 90);
    for (int x = 0; x < W; x += 5) {
        put(picture, x, 45, 50);
        put(picture, x, 44, 34);
    }
    rl_bars_init(&bars);
    check_area(push(&bars, picture), 0, 46, W, H - 46);
}

static void subtitles_in_a_bar_do_not_matter(void)
{
    const struct rl_area inside = {160, H - 40, W - 160, H - 14};
    const struct rl_area across = {160, H - 60, W - 160, H - 34};
    struct rl_bars bars;
    rl_bars_init(&bars);
    for (int i = 0; i < 40; i++) {
        AVFrame *picture = boxed(letterbox, 90);
        write_text(picture, i % 20 < 10 ? inside : across);
        check_area(push(&bars, picture), 0, 46, W, H - 46);
    }
}

// What rolls through both bars is the film's last picture.
static void credits_through_both_bars_are_picture(void)
{
    struct rl_bars bars;
    rl_bars_init(&bars);
    push(&bars, boxed(letterbox, 90));
    for (int i = 0; i < 40; i++) {
        AVFrame *picture = film();
        for (int y = (40 - i) % 20; y + 10 < H; y += 20) {
            int half = 40 + noise(30);
            write_text(picture, (struct rl_area){W / 2 - half, y, W / 2 + half, y + 10});
        }
        struct rl_area area = push(&bars, picture);
        check_area(area, 0, i < 23 ? 46 : 0, W, i < 23 ? H - 46 : H);
    }
}

static AVFrame *night(int frame)
{
    // A black sky over a dark street, lamps, one straight horizon; below, the road is black.
    AVFrame *picture = film();
    draw(picture, (struct rl_area){0, 120, W, 260}, 6);
    for (int i = 0; i < 9; i++) {
        int x = 20 + 70 * i + frame;
        draw(picture, (struct rl_area){x, 90 + 7 * i, x + 6, 96 + 7 * i}, 150);
    }
    return picture;
}

static void dark_pictures_stay_whole(void)
{
    struct rl_bars bars;
    rl_bars_init(&bars);
    for (int i = 0; i < 30; i++)
        check_area(push(&bars, film()), 0, 0, W, H);
    for (int i = 0; i < 30; i++)
        check_area(push(&bars, night(i)), 0, 0, W, H);
    // Black above a horizon, picture below; a face lit in the dark; a title.
    for (int i = 0; i < 30; i++)
        check_area(push(&bars, boxed((struct rl_area){0, 130, W, H}, 80)), 0, 0, W, H);
    for (int i = 0; i < 30; i++)
        check_area(push(&bars, boxed((struct rl_area){240, 60, 400, 300}, 80)), 0, 0, W, H);
    for (int i = 0; i < 30; i++) {
        AVFrame *picture = film();
        write_text(picture, (struct rl_area){150, 160, W - 150, 200});
        check_area(push(&bars, picture), 0, 0, W, H);
    }
}

// Light that fades towards black above and below, without a line.
static void soft_darkness_is_no_bar(void)
{
    struct rl_bars bars;
    rl_bars_init(&bars);
    for (int i = 0; i < 30; i++) {
        AVFrame *picture = film();
        for (int y = 0; y < H; y++)
            for (int x = 0; x < W; x++) {
                int from_edge = (y < H - y ? y : H - y) - 40 - x / 16;
                put(picture, x, y, 16 + (from_edge > 0 ? from_edge + noise(2) : 0));
            }
        check_area(push(&bars, picture), 0, 0, W, H);
    }
}

static void dark_shots_of_a_letterboxed_film_keep_its_area(void)
{
    struct rl_bars bars;
    rl_bars_init(&bars);
    push(&bars, boxed(letterbox, 90));
    for (int i = 0; i < 5; i++)
        check_area(push(&bars, film()), 0, 46, W, H - 46);
    for (int i = 0; i < 30; i++)
        check_area(push(&bars, night(i)), 0, 46, W, H - 46);
    // Brighter again, and black at its own top and bottom.
    for (int i = 0; i < 30; i++)
        check_area(push(&bars, boxed((struct rl_area){0, 100, W, H - 46}, 70)), 0, 46, W, H - 46);
}

static void dim_pictures_have_to_last(void)
{
    struct rl_bars bars;
    rl_bars_init(&bars);
    for (int i = 0; i < 20; i++) {
        struct rl_area area = push(&bars, boxed(letterbox, 14));
        check_area(area, 0, i < 11 ? 0 : 46, W, i < 11 ? H : H - 46);
    }
}

// A film that opens up for some shots: the first frame of each has its own area.
static void the_shape_may_change_with_the_shot(void)
{
    struct rl_bars bars;
    rl_bars_init(&bars);
    for (int shot = 0; shot < 6; shot++)
        for (int i = 0; i < 6; i++) {
            bool open = shot % 2;
            struct rl_area area = push(&bars, boxed(open ? all : letterbox, open ? 150 : 90));
            check_area(area, 0, open ? 0 : 46, W, open ? H : H - 46);
        }
}

// Something black that comes into the shot from above and below, as doors do.
static void nothing_closes_in_within_a_shot(void)
{
    struct rl_bars bars;
    rl_bars_init(&bars);
    push(&bars, boxed(all, 90));
    for (int i = 0; i < 11; i++)
        check_area(push(&bars, boxed((struct rl_area){0, 4 * i, W, H - 4 * i}, 90)), 0, 0, W, H);
}

// The network's input comes from the area alone, and its map lies where the area lies.
static void the_network_sees_no_bars(void)
{
    struct outcome o;
    AVFrame *picture = film();
    for (int y = letterbox.y0; y < letterbox.y1; y++)
        for (int x = 0; x < W; x++)
            put(picture, x, y, 235);
    struct rl_model model;
    struct rl_prepare prepare;
    static float input[3 * 96 * 32];
    rl_model_default(&model);
    CHECK_INT(rl_prepare_init(&prepare, &model, 96, 32, NULL), RELIEF_OK);
    CHECK_INT(rl_prepare_run(&prepare, picture, letterbox, input, NULL), RELIEF_OK);
    for (int i = 0; i < 96 * 32; i++)
        CHECK_NEAR(input[i], (1 - 0.485) / 0.229, 0.01);
    rl_prepare_clear(&prepare);

    struct rl_depth_params params = {
        .model = "built-in", .device = "dummy", .width = W, .height = H};
    struct rl_stage bars;
    struct rl_frame *frame = rl_frame_create();
    frame->picture = picture;
    CHECK_INT(rl_bars_open(&bars, NULL, NULL), RELIEF_OK);
    o = (struct outcome){0};
    struct rl_sink keep = {keep_frame, &o};
    CHECK_INT(bars.type->push(bars.state, frame, &keep, NULL), RELIEF_OK);
    bars.type->close(bars.state);
    check_area(rl_frame_area(frame), 0, 46, W, H - 46);
    struct rl_stage depth;
    CHECK_INT(rl_depth_open(&depth, &params, NULL), RELIEF_OK);
    o.count = 0;
    CHECK_INT(depth.type->push(depth.state, frame, &keep, NULL), RELIEF_OK);
    CHECK_INT(depth.type->flush(depth.state, &keep, NULL), RELIEF_OK);
    CHECK_TEXT(rl_depth_summary(&depth), "made-up depth on dummy, 384x160");
    depth.type->close(depth.state);
    struct rl_area cells = rl_frame_depth_area(frame);
    CHECK_INT(cells.x1 - cells.x0, 384);
    CHECK_INT(cells.y1 - cells.y0, 160);
    CHECK_NEAR(frame->depth->height, 160.0 * H / (H - 92), 1);
    // The dummy's ramp from 0.1 to 0.7 fills the area; bars are as far as its farthest point.
    CHECK_NEAR(depth_at(frame, 5, cells.y0), 0.1, 1e-6);
    CHECK_NEAR(depth_at(frame, 5, cells.y1 - 1), 0.7, 1e-6);
    CHECK_NEAR(depth_at(frame, 200, 0), 0.1, 1e-6);
    CHECK_NEAR(depth_at(frame, 200, frame->depth->height - 1), 0.1, 1e-6);
    outcome_clear(&o);
}

int main(void)
{
    RUN(one_bright_picture_is_enough);
    RUN(edges_lie_between_chroma_samples);
    RUN(deep_and_rgb_pictures_have_bars_too);
    RUN(bars_may_be_imperfect);
    RUN(subtitles_in_a_bar_do_not_matter);
    RUN(credits_through_both_bars_are_picture);
    RUN(dark_pictures_stay_whole);
    RUN(soft_darkness_is_no_bar);
    RUN(dark_shots_of_a_letterboxed_film_keep_its_area);
    RUN(dim_pictures_have_to_last);
    RUN(the_shape_may_change_with_the_shot);
    RUN(nothing_closes_in_within_a_shot);
    RUN(the_network_sees_no_bars);
    return check_result();
}
