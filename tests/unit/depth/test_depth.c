// SPDX-License-Identifier: MIT
//
// The stage with the dummy engine, the preparation of pictures, and the cache of networks. Nothing
// here loads a library.
#include "run.h"

#include "depth/cache.h"
#include "depth/meaning.h"
#include "depth/prepare.h"

static const int grey[3] = {128, 128, 128};

static struct rl_depth_params dummy_params(int width, int height)
{
    return (struct rl_depth_params){
        .model = "built-in", .device = "dummy", .width = width, .height = height};
}

static void frames_leave_in_order_with_a_map(void)
{
    struct outcome o;
    for (int count = 0; count <= 5; count++) {
        AVFrame *pictures[5];
        for (int i = 0; i < count; i++)
            pictures[i] = flat_picture(AV_PIX_FMT_YUV420P, 320, 180, grey);
        struct rl_depth_params params = dummy_params(320, 180);
        run_stage(&o, &params, pictures, count);
        CHECK_INT(o.status, RELIEF_OK);
        CHECK_INT(o.count, count);
        for (int i = 0; i < o.count; i++) {
            CHECK_INT(o.frames[i]->index, i);
            CHECK(o.frames[i]->picture && o.frames[i]->depth);
            CHECK_INT(o.frames[i]->depth->format, AV_PIX_FMT_GRAYF32);
            CHECK_INT(o.frames[i]->depth->width, 384);
            CHECK_INT(o.frames[i]->depth->height, 224);
            CHECK(!o.frames[i]->depth_is_final);
            // Never more than two frames are held.
            CHECK(o.pushed_before[i] <= i + 3);
        }
        outcome_clear(&o);
    }
}

static void the_made_up_map_is_a_ramp_and_a_box(void)
{
    struct outcome o;
    AVFrame *picture = flat_picture(AV_PIX_FMT_YUV420P, 64, 64, grey);
    struct rl_depth_params params = dummy_params(64, 64);
    params.size = 64;
    run_stage(&o, &params, &picture, 1);
    CHECK_INT(o.count, 1);
    CHECK_NEAR(depth_at(o.frames[0], 5, 0), 0.1, 1e-6);
    CHECK_NEAR(depth_at(o.frames[0], 5, 63), 0.7, 1e-6);
    CHECK_NEAR(depth_at(o.frames[0], 32, 32), 1, 0);
    CHECK_NEAR(depth_at(o.frames[0], 16, 16), 1, 0);
    CHECK(depth_at(o.frames[0], 15, 32) < 0.5f);
    outcome_clear(&o);
}

static void pixels_that_are_not_square_count(void)
{
    struct outcome o;
    AVFrame *picture = flat_picture(AV_PIX_FMT_YUV420P, 720, 576, grey);
    struct rl_depth_params params = dummy_params(720, 576);
    params.sample_aspect = (AVRational){64, 45};
    run_stage(&o, &params, &picture, 1);
    CHECK_TEXT(o.summary, "made-up depth on dummy, 384x224");
    outcome_clear(&o);
}

static enum relief_status refuse(void *user, struct rl_frame *frame, struct relief_error *err)
{
    (void)user;
    rl_frame_free(&frame);
    return rl_fail(err, RELIEF_E_CANCELLED, "nobody wants more");
}

static void a_stage_that_is_stopped_holds_nothing(void)
{
    struct rl_depth_params params = dummy_params(64, 64);
    struct rl_sink sink = {refuse, NULL};
    struct rl_stage stage;
    struct relief_error err = {0};
    enum relief_status status = RELIEF_OK;
    CHECK_INT(rl_depth_open(&stage, &params, &err), RELIEF_OK);
    for (int i = 0; i < 3; i++) {
        struct rl_frame *frame = rl_frame_create();
        frame->picture = flat_picture(AV_PIX_FMT_YUV420P, 64, 64, grey);
        CHECK_INT(status, RELIEF_OK);
        status = stage.type->push(stage.state, frame, &sink, &err);
    }
    CHECK_INT(status, RELIEF_E_CANCELLED);
    stage.type->close(stage.state);
}

static struct rl_area all_of(const AVFrame *picture)
{
    return (struct rl_area){0, 0, picture->width, picture->height};
}

// What a colour comes to, 8 bits each.
static void check_rgb(AVFrame *picture, double r, double g, double b)
{
    struct rl_model model;
    struct rl_prepare prepare;
    float input[3 * 32 * 48];
    rl_model_default(&model);
    for (int c = 0; c < 3; c++) {
        model.mean[c] = 0;
        model.std[c] = 1.0f / 255;
    }
    CHECK_INT(rl_prepare_init(&prepare, &model, 48, 32, NULL), RELIEF_OK);
    CHECK_INT(rl_prepare_run(&prepare, picture, all_of(picture), input, NULL), RELIEF_OK);
    static const int places[] = {0, 47, 32 * 48 - 1, 700};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        CHECK_NEAR(input[places[i]], r, 2);
        CHECK_NEAR(input[32 * 48 + places[i]], g, 2);
        CHECK_NEAR(input[2 * 32 * 48 + places[i]], b, 2);
    }
    rl_prepare_clear(&prepare);
    av_frame_free(&picture);
}

static AVFrame *tagged(AVFrame *picture, enum AVColorSpace matrix, enum AVColorRange range)
{
    picture->colorspace = matrix;
    picture->color_range = range;
    return picture;
}

static void colours_follow_the_tags(void)
{
    // Pure red in each matrix and range, computed from the standards' coefficients.
    static const int bt709[3] = {63, 102, 240}, bt601[3] = {81, 90, 240};
    static const int bt601_full[3] = {76, 85, 255}, bt2020_10[3] = {294, 387, 960};
    static const int gbr[3] = {10, 200, 90};
    check_rgb(
        tagged(flat_picture(AV_PIX_FMT_YUV420P, 201, 99, bt709), AVCOL_SPC_BT709, AVCOL_RANGE_MPEG),
        255, 0, 0);
    check_rgb(tagged(flat_picture(AV_PIX_FMT_YUV422P, 201, 99, bt601), AVCOL_SPC_SMPTE170M,
                     AVCOL_RANGE_MPEG),
              255, 0, 0);
    check_rgb(tagged(flat_picture(AV_PIX_FMT_YUV444P, 201, 99, bt601_full), AVCOL_SPC_BT470BG,
                     AVCOL_RANGE_JPEG),
              255, 0, 0);
    check_rgb(tagged(flat_picture(AV_PIX_FMT_YUVJ420P, 200, 100, bt601_full), AVCOL_SPC_SMPTE170M,
                     AVCOL_RANGE_UNSPECIFIED),
              255, 0, 0);
    check_rgb(tagged(flat_picture(AV_PIX_FMT_YUV420P10, 201, 99, bt2020_10), AVCOL_SPC_BT2020_NCL,
                     AVCOL_RANGE_MPEG),
              255, 0, 0);
    check_rgb(tagged(flat_picture(AV_PIX_FMT_GBRP, 30, 20, gbr), AVCOL_SPC_RGB, AVCOL_RANGE_JPEG),
              90, 10, 200);
    // Untagged: BT.709 from HD on, BT.601 below.
    check_rgb(flat_picture(AV_PIX_FMT_YUV420P, 1280, 720, bt709), 255, 0, 0);
    check_rgb(flat_picture(AV_PIX_FMT_YUV420P, 720, 576, bt601), 255, 0, 0);
}

static void scaling_down_averages(void)
{
    // Columns of black and white one pixel wide come to grey, at any phase.
    struct rl_model model;
    struct rl_prepare prepare;
    static const int zero[3] = {0, 128, 128};
    float input[3 * 32 * 48];
    AVFrame *picture = flat_picture(AV_PIX_FMT_YUV444P, 48 * 8, 32 * 8, zero);
    tagged(picture, AVCOL_SPC_BT709, AVCOL_RANGE_JPEG);
    for (int y = 0; y < picture->height; y++)
        for (int x = 1; x < picture->width; x += 2)
            picture->data[0][y * picture->linesize[0] + x] = 255;
    rl_model_default(&model);
    CHECK_INT(rl_prepare_init(&prepare, &model, 48, 32, NULL), RELIEF_OK);
    CHECK_INT(rl_prepare_run(&prepare, picture, all_of(picture), input, NULL), RELIEF_OK);
    for (int i = 0; i < 32 * 48; i++)
        CHECK_NEAR(input[i], (0.5 - 0.485) / 0.229, 0.02);
    rl_prepare_clear(&prepare);
    av_frame_free(&picture);
}

static void pictures_may_change_on_the_way(void)
{
    struct outcome o;
    AVFrame *pictures[3] = {
        flat_picture(AV_PIX_FMT_YUV420P, 320, 180, grey),
        flat_picture(AV_PIX_FMT_YUV444P10, 100, 50, grey),
        flat_picture(AV_PIX_FMT_GBRP, 20, 400, grey),
    };
    struct rl_depth_params params = dummy_params(320, 180);
    run_stage(&o, &params, pictures, 3);
    CHECK_INT(o.status, RELIEF_OK);
    CHECK_INT(o.count, 3);
    outcome_clear(&o);
}

static void check_meaning(enum rl_model_output output, const float *from, const float *wanted,
                          int width, int height)
{
    float to[64];
    struct rl_meaning meaning = rl_meaning_of(output, from, (size_t)(width * height));
    for (int y = 0; y < height; y++)
        rl_meaning_row(&meaning, to + y * width, from + y * width, width);
    for (int i = 0; i < width * height; i++)
        CHECK_NEAR(to[i], wanted[i], 1e-6);
}

static void inverse_depth_stays_as_it_is(void)
{
    static const float from[] = {-3, NAN, 0, INFINITY, 5, -INFINITY};
    static const float wanted[] = {-3, -3, 0, 5, 5, 5};
    check_meaning(RL_OUTPUT_INVERSE_DEPTH, from, wanted, 3, 2);
}

// Sky first: no number, infinite, or zero as masks have it; then metres.
static void depth_is_inverted_with_care(void)
{
    static const float from[] = {0, NAN, INFINITY, -1, 100, 50, 10, 0, 2, 4, NAN, 8};
    static const float wanted[] = {0, 0, 0, 0, .01f, .02f, .1f, .1f, .5f, .25f, .25f, .125f};
    check_meaning(RL_OUTPUT_DEPTH, from, wanted, 4, 3);
    check_meaning(RL_OUTPUT_METRIC_DEPTH, from, wanted, 4, 3);
    static const float nothing[] = {0, NAN, INFINITY, -1}, none[4] = {0};
    check_meaning(RL_OUTPUT_DEPTH, nothing, none, 2, 2);
}

// A speck at the lens takes no more than four times what is near anyway; a sky a thousand times
// as far as the rest flattens nothing.
static void wild_values_do_not_take_the_range(void)
{
    static float from[1000], to[1000];
    for (int i = 0; i < 1000; i++)
        from[i] = i < 500 ? 4000 : 2 + (float)(i - 500) / 100;
    from[700] = 1e-6f;
    struct rl_meaning meaning = rl_meaning_of(RL_OUTPUT_DEPTH, from, 1000);
    rl_meaning_row(&meaning, to, from, 1000);
    CHECK(to[700] <= 4.5f * to[500]);
    CHECK_NEAR(to[500], 0.5, 1e-6);
    CHECK_NEAR(to[600], 1 / 3.0, 1e-6);
    CHECK_NEAR(to[999], 1 / 6.99, 1e-6);
    CHECK_NEAR(to[0], 1 / 4000.0, 1e-9);
}

static void networks_are_kept_and_handed_out_once(void)
{
    struct rl_depth_cache *cache = NULL;
    struct rl_model model;
    rl_model_default(&model);
    struct rl_network_params params = {&model, 64, 32, "dummy", RELIEF_PRECISION_AUTO, 1, 2};
    struct rl_network_key key, other;
    struct rl_opened a = {&rl_engine_dummy, NULL}, b = a, c = a;
    CHECK_INT(rl_depth_cache_create(&cache, NULL), RELIEF_OK);
    rl_network_key_init(&key, &params);
    params.width = 96;
    rl_network_key_init(&other, &params);
    CHECK(!rl_depth_cache_take(cache, &key, &a));
    CHECK_INT(rl_engine_dummy.open(&a.network, &params, NULL), RELIEF_OK);
    struct rl_network *first = a.network;
    rl_depth_cache_give(cache, &key, &a);
    CHECK(!a.network);
    CHECK(!rl_depth_cache_take(cache, &other, &b));
    CHECK(rl_depth_cache_take(cache, &key, &b));
    CHECK(b.network == first);
    CHECK(!rl_depth_cache_take(cache, &key, &c));
    // More than are kept: the oldest are closed, and nothing leaks.
    rl_depth_cache_give(cache, &key, &b);
    for (int i = 0; i < 6; i++) {
        struct rl_opened extra = {&rl_engine_dummy, NULL};
        CHECK_INT(rl_engine_dummy.open(&extra.network, &params, NULL), RELIEF_OK);
        rl_depth_cache_give(cache, &other, &extra);
    }
    CHECK(!rl_depth_cache_take(cache, &key, &c));
    rl_depth_cache_free(&cache);
    CHECK(!cache);
    rl_depth_cache_free(&cache);
}

static void devices_are_counted_beyond_the_capacity(void)
{
    struct relief_device one[1] = {{"", "", 0}};
    CHECK_INT(rl_engine_dummy.devices(one, 0), 1);
    CHECK_TEXT(one[0].name, "");
    CHECK_INT(rl_engine_dummy.devices(one, 1), 1);
    CHECK_TEXT(one[0].name, "dummy");
    CHECK_INT(one[0].usable, 1);
    CHECK(rl_engine_for("dummy") == &rl_engine_dummy);
}

static void without_the_library_it_says_why(void)
{
    struct relief_error err = {0};
    struct relief_device devices[4] = {{"", "", 0}};
    struct rl_stage stage;
    struct rl_depth_params params = dummy_params(64, 64);
    params.device = "auto";
    setenv("RELIEF_OPENVINO", "/no/such/folder", 1);
    CHECK_INT(rl_depth_open(&stage, &params, &err), RELIEF_E_DEVICE);
    CHECK(!stage.type && strstr(err.message, "OpenVINO"));
    CHECK_INT(rl_depth_devices(devices, 4), 2);
    CHECK_TEXT(devices[0].name, "cpu");
    CHECK_INT(devices[0].usable, 0);
    CHECK(strstr(devices[0].detail, "OpenVINO"));
    CHECK_TEXT(devices[1].name, "dummy");
}

int main(void)
{
    RUN(frames_leave_in_order_with_a_map);
    RUN(the_made_up_map_is_a_ramp_and_a_box);
    RUN(pixels_that_are_not_square_count);
    RUN(a_stage_that_is_stopped_holds_nothing);
    RUN(colours_follow_the_tags);
    RUN(scaling_down_averages);
    RUN(pictures_may_change_on_the_way);
    RUN(inverse_depth_stays_as_it_is);
    RUN(depth_is_inverted_with_care);
    RUN(wild_values_do_not_take_the_range);
    RUN(networks_are_kept_and_handed_out_once);
    RUN(devices_are_counted_beyond_the_capacity);
    RUN(without_the_library_it_says_why);
    return check_result();
}
