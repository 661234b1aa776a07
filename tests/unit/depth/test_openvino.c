// SPDX-License-Identifier: MIT
//
// The OpenVINO engine, through the stage, on the tiny networks of tests/data/networks (their map is
// R / 2 + G / 4 + B / 8) and on the built-in model. Skipped (77) where the library is not there.
#include "run.h"

#include "base/cpu.h"
#include "depth/engine.h"

// Red 200, green 100, blue 40: 0.5 * 200/255 + 0.25 * 100/255 + 0.125 * 40/255
static const int gbr[3] = {100, 40, 200};
static const double weighed = (0.5 * 200 + 0.25 * 100 + 0.125 * 40) / 255;

static int warnings;

static void count_warning(void *user, enum relief_log_level level, const char *text)
{
    (void)user, (void)text;
    warnings += level == RELIEF_LOG_WARN;
}

static const char *network(const char *name)
{
    static char path[1024];
    const char *folder = getenv("RELIEF_TEST_NETWORKS");
    snprintf(path, sizeof path, "%s/%s", folder ? folder : ".", name);
    return path;
}

static struct rl_depth_params params_for(const char *model, const char *device)
{
    return (struct rl_depth_params){.model = model,
                                    .device = device,
                                    .precision = RELIEF_PRECISION_F32,
                                    .threads = 1,
                                    .width = 64,
                                    .height = 32};
}

static void check_shape(const char *name, int width, int height, double value)
{
    struct outcome o;
    AVFrame *picture = flat_picture(AV_PIX_FMT_GBRP, 64, 32, gbr);
    struct rl_depth_params params = params_for(network(name), "cpu");
    run_stage(&o, &params, &picture, 1);
    printf("  %s: %s\n", name, o.status == RELIEF_OK ? o.summary : o.err.message);
    CHECK_INT(o.status, RELIEF_OK);
    CHECK_INT(o.count, 1);
    if (o.count == 1) {
        CHECK_INT(o.frames[0]->depth->width, width);
        CHECK_INT(o.frames[0]->depth->height, height);
        CHECK_NEAR(depth_at(o.frames[0], 0, 0), value, 0.004);
        CHECK_NEAR(depth_at(o.frames[0], width - 1, height - 1), value, 0.004);
    }
    outcome_clear(&o);
}

static void networks_of_many_shapes_are_taken(void)
{
    check_shape("free.onnx", 64, 32, weighed);
    check_shape("flat.onnx", 64, 32, weighed);
    check_shape("last.onnx", 64, 32, weighed);
    check_shape("half.onnx", 64, 32, weighed);
    check_shape("five.onnx", 56, 28, 1 / weighed);  // second output; depth, so it is inverted
}

static void each_frame_has_its_own_map(void)
{
    struct outcome o;
    AVFrame *pictures[9];
    struct rl_depth_params params = params_for(network("free.onnx"), "cpu");
    for (int i = 0; i < 9; i++)
        pictures[i] = flat_picture(AV_PIX_FMT_GBRP, 64, 32, (const int[3]){0, 0, 20 * i});
    run_stage(&o, &params, pictures, 9);
    CHECK_INT(o.count, 9);
    for (int i = 0; i < o.count; i++)
        CHECK_NEAR(depth_at(o.frames[i], 10, 10), 0.5 * 20 * i / 255, 1e-4);
    outcome_clear(&o);
}

static void what_is_repeated_is_not_seen_again(void)
{
    static const int reds[] = {100, 100, 101, 102, 102}, shown[] = {100, 100, 100, 102, 102};
    struct outcome o;
    AVFrame *pictures[5];
    struct rl_depth_params params = params_for(network("free.onnx"), "cpu");
    for (int i = 0; i < 5; i++)
        pictures[i] = flat_picture(AV_PIX_FMT_GBRP, 64, 32, (const int[3]){0, 0, reds[i]});
    run_stage(&o, &params, pictures, 5);
    CHECK_INT(o.count, 5);
    for (int i = 0; i < o.count; i++)
        CHECK_NEAR(depth_at(o.frames[i], 10, 10), 0.5 * shown[i] / 255, 1e-5);
    if (o.count == 5)
        CHECK(o.frames[3]->depth->data[0] == o.frames[4]->depth->data[0]);
    outcome_clear(&o);
}

static void what_is_not_finite_is_replaced(void)
{
    struct outcome o;
    AVFrame *picture = flat_picture(AV_PIX_FMT_GBRP, 64, 32, (const int[3]){0, 0, 255});
    for (int y = 8; y < 16; y++)
        memset(picture->data[2] + y * picture->linesize[2] + 16, 0, 16);
    struct rl_depth_params params = params_for(network("holes.onnx"), "cpu");
    run_stage(&o, &params, &picture, 1);
    CHECK_INT(o.count, 1);
    for (int y = 0; y < 32 && o.count; y++)
        for (int x = 0; x < 64; x++)
            CHECK_NEAR(depth_at(o.frames[0], x, y), 2, 1e-3);
    outcome_clear(&o);
}

static void check_refused(const char *path, const char *word)
{
    struct outcome o;
    struct rl_depth_params params = params_for(path, "cpu");
    run_stage(&o, &params, NULL, 0);
    printf("  %s\n", o.err.message);
    CHECK_INT(o.status, RELIEF_E_MODEL);
    CHECK(strstr(o.err.message, path) && strstr(o.err.message, word));
    CHECK(!strchr(o.err.message, '\n'));
}

static void other_files_are_refused_in_one_line(void)
{
    char path[] = "/tmp/relief-test-XXXXXX.onnx";
    int fd = mkstemps(path, 5);
    FILE *file = fdopen(fd, "w");
    fputs("\x08\x08\x12\x07pytorch not a network at all", file);
    fclose(file);
    check_refused(path, "network");
    file = fopen(path, "w");
    fclose(file);
    check_refused(path, "network");
    remove(path);
    check_refused(network("vector.onnx"), "dimensions");
    check_refused(network("classes.onnx"), "no depth map");
    check_refused(network("pair.onnx"), "2 inputs");
    check_refused(network("grey.onnx"), "1 channels");
}

static void a_missing_device_falls_back_with_one_warning(void)
{
    struct outcome o;
    struct rl_log log;
    struct relief_log_sink sink = {count_warning, NULL, RELIEF_LOG_TRACE};
    AVFrame *picture = flat_picture(AV_PIX_FMT_GBRP, 64, 32, gbr);
    struct rl_depth_params params = params_for(network("free.onnx"), "teapot");
    rl_log_init(&log, &sink);
    params.log = &log;
    warnings = 0;
    run_stage(&o, &params, &picture, 1);
    CHECK_INT(o.status, RELIEF_OK);
    CHECK_INT(warnings, 1);
    CHECK_TEXT(o.summary, "free on cpu, 64x32, f32");
    outcome_clear(&o);
    rl_log_clear(&log);
}

static void a_cache_saves_the_opening(void)
{
    struct outcome o;
    struct rl_depth_cache *cache = NULL;
    struct rl_depth_params params = params_for(network("free.onnx"), "cpu");
    CHECK_INT(rl_depth_cache_create(&cache, NULL), RELIEF_OK);
    params.cache = cache;
    for (int i = 0; i < 3; i++) {
        AVFrame *picture = flat_picture(AV_PIX_FMT_GBRP, 64, 32, gbr);
        params.size = i == 2 ? 96 : 0;
        run_stage(&o, &params, &picture, 1);
        CHECK_INT(o.count, 1);
        CHECK_NEAR(depth_at(o.frames[0], 3, 3), weighed, 0.004);
        outcome_clear(&o);
    }
    rl_depth_cache_free(&cache);
}

// One that was opened for one look at a picture has no room for two.
static void a_cache_tells_networks_for_more_looks_apart(void)
{
    struct outcome o;
    struct rl_depth_cache *cache = NULL;
    struct rl_depth_params params = params_for(network("free.onnx"), "cpu");
    CHECK_INT(rl_depth_cache_create(&cache, NULL), RELIEF_OK);
    params.cache = cache;
    for (int i = 0; i < 2; i++) {
        AVFrame *pictures[3];
        for (int k = 0; k < 3; k++)
            pictures[k] = flat_picture(AV_PIX_FMT_GBRP, 64, 32, (const int[3]){0, 0, 20 * k});
        params.tta = i ? RELIEF_TTA_ON : RELIEF_TTA_OFF;
        run_stage(&o, &params, pictures, 3);
        CHECK_INT(o.count, 3);
        for (int k = 0; k < o.count; k++)
            CHECK_NEAR(depth_at(o.frames[k], 3, 3), 0.5 * 20 * k / 255, 1e-4);
        outcome_clear(&o);
    }
    rl_depth_cache_free(&cache);
}

// Bright on the right: the map's sides are not exchanged when the mirror image counts, too.
static void a_mirrored_look_is_turned_back(void)
{
    struct outcome o;
    struct rl_depth_params params = params_for(network("free.onnx"), "cpu");
    params.tta = RELIEF_TTA_ON;
    AVFrame *pictures[5];
    for (int i = 0; i < 5; i++) {
        pictures[i] = flat_picture(AV_PIX_FMT_GBRP, 64, 32, (const int[3]){0, 0, 0});
        for (int y = 0; y < 32; y++)
            memset(pictures[i]->data[2] + y * pictures[i]->linesize[2] + 40, 40 * i, 24);
    }
    run_stage(&o, &params, pictures, 5);
    CHECK_INT(o.count, 5);
    for (int i = 0; i < o.count; i++) {
        CHECK_NEAR(depth_at(o.frames[i], 10, 10), 0, 1e-4);
        CHECK_NEAR(depth_at(o.frames[i], 50, 10), 0.5 * 40 * i / 255, 1e-4);
    }
    outcome_clear(&o);
}

// Of the network's own size: scaling has a left and a right of its own.
static AVFrame *slanted_picture(bool mirrored)
{
    AVFrame *picture = flat_picture(AV_PIX_FMT_GBRP, 384, 224, (const int[3]){90, 90, 90});
    for (int y = 0; y < 224; y++)
        for (int x = 0; x < 384; x++) {
            const int at = mirrored ? 383 - x : x;
            picture->data[0][y * picture->linesize[0] + x] =
                (uint8_t)(at > 220 && at < 310 && y > 60 ? 200 : 30 + (at * 5 + y * 3) / 20 % 120);
        }
    return picture;
}

// Left and right are all the same to the mean of both looks, as they are not to a network.
static double unevenness(enum relief_tta tta)
{
    struct outcome o;
    struct rl_depth_params params = params_for("built-in", "cpu");
    AVFrame *pictures[2] = {slanted_picture(false), slanted_picture(true)};
    params.width = 384;
    params.height = 224;
    params.tta = tta;
    run_stage(&o, &params, pictures, 2);
    CHECK_INT(o.count, 2);
    double most = 0;
    const int width = o.count ? o.frames[0]->depth->width : 0;
    for (int y = 0; o.count && y < o.frames[0]->depth->height; y++)
        for (int x = 0; x < width; x++)
            most = fmax(
                most, fabs(depth_at(o.frames[0], x, y) - depth_at(o.frames[1], width - 1 - x, y)));
    outcome_clear(&o);
    return most;
}

static void with_tta_left_and_right_are_alike(void)
{
    const double once = unevenness(RELIEF_TTA_OFF), twice = unevenness(RELIEF_TTA_AUTO);
    CHECK(once > 0.01);
    CHECK(twice < once / 1000);
    printf("  left beside right: %g, with tta %g\n", once, twice);
}

static AVFrame *still_motion(void)
{
    struct rl_pool pool = {0};
    AVFrame *motion = rl_pool_get(&pool, AV_PIX_FMT_GBRPF32, 256, 144, NULL);
    rl_pool_clear(&pool);
    for (int i = 0; i < 3; i++) {
        const struct rl_plane plane = rl_frame_plane(motion, i);
        for (int y = 0; y < plane.height; y++)
            for (int x = 0; x < plane.width; x++)
                ((float *)(void *)rl_plane_row(&plane, y))[x] = i == RL_MOTION_CONFIDENCE;
    }
    return motion;
}

// One picture again and again, with a speck that flickers, but for the last; where it does not
// move, as the frames claim.
static void see_again(struct outcome *o, enum relief_tta tta, bool follows)
{
    enum { COUNT = 3 };
    struct rl_depth_params params = params_for("built-in", "cpu");
    params.width = 384;
    params.height = 224;
    params.tta = tta;
    struct rl_sink sink = {keep_frame, o};
    struct rl_stage stage;
    *o = (struct outcome){0};
    CHECK_INT(rl_depth_open(&stage, &params, &o->err), RELIEF_OK);
    for (int i = 0; stage.type && i < COUNT; i++) {
        struct rl_frame *frame = rl_frame_create();
        frame->index = i;
        frame->picture = slanted_picture(i == COUNT - 1);
        frame->picture->data[0][0] += (uint8_t)(2 * i);
        frame->motion_back = i ? still_motion() : NULL;
        frame->depth_follows = follows && i > 0;
        CHECK_INT(stage.type->push(stage.state, frame, &sink, &o->err), RELIEF_OK);
    }
    if (stage.type) {
        CHECK_INT(stage.type->flush(stage.state, &sink, &o->err), RELIEF_OK);
        stage.type->close(stage.state);
    }
    CHECK_INT(o->count, COUNT);
}

static double greatest_difference(const struct rl_frame *a, const struct rl_frame *b)
{
    double most = 0;
    for (int y = 0; y < a->depth->height; y++)
        for (int x = 0; x < a->depth->width; x++)
            most = fmax(most, fabs(depth_at(a, x, y) - depth_at(b, x, y)));
    return most;
}

// A picture that stands still needs one look a frame. That only one was there shows where the last
// frame lies about its motion.
static void what_follows_is_seen_in_turns(void)
{
    struct outcome twice, turns, asked;
    see_again(&twice, RELIEF_TTA_AUTO, false);
    see_again(&turns, RELIEF_TTA_AUTO, true);
    see_again(&asked, RELIEF_TTA_ON, true);
    for (int i = 0; i < 2 && i < turns.count; i++)
        CHECK(greatest_difference(twice.frames[i], turns.frames[i]) < .01);
    if (twice.count == 3 && turns.count == 3 && asked.count == 3) {
        CHECK(greatest_difference(twice.frames[2], turns.frames[2]) > .2);
        CHECK(greatest_difference(twice.frames[2], asked.frames[2]) == 0);
    }
    outcome_clear(&twice);
    outcome_clear(&turns);
    outcome_clear(&asked);
}

// A ramp with a pattern in it: nothing like a film, but not flat.
static void see_a_pattern(struct outcome *o, enum relief_precision precision)
{
    AVFrame *picture = flat_picture(AV_PIX_FMT_YUV420P, 640, 360, (const int[3]){0, 128, 128});
    for (int y = 0; y < 360; y++)
        for (int x = 0; x < 640; x++)
            picture->data[0][y * picture->linesize[0] + x] = (uint8_t)(16 + (x * 7 + y * y) % 220);
    struct rl_depth_params params = params_for("built-in", "auto");
    params.width = 640;
    params.height = 360;
    params.precision = precision;
    run_stage(o, &params, &picture, 1);
    printf("  %s\n", o->status == RELIEF_OK ? o->summary : o->err.message);
    CHECK_INT(o->count, 1);
}

static void find_range(const struct outcome *o, float *least, float *most)
{
    *least = 1e9f;
    *most = -1e9f;
    for (int y = 0; o->count && y < o->frames[0]->depth->height; y++)
        for (int x = 0; x < o->frames[0]->depth->width; x++) {
            *least = fminf(*least, depth_at(o->frames[0], x, y));
            *most = fmaxf(*most, depth_at(o->frames[0], x, y));
        }
}

// Not a test of quality: the map is finite and not flat.
static void the_built_in_model_runs(void)
{
    struct outcome o;
    float least, most;
    see_a_pattern(&o, RELIEF_PRECISION_AUTO);
    CHECK(strstr(o.summary, rl_cpu_is_fast_in_bf16() ? "bf16"
                            : rl_cpu_has_vnni()      ? "int8"
                                                     : "f32") != NULL);
    find_range(&o, &least, &most);
    CHECK(least >= 0 && most < 100 && most > least);
    outcome_clear(&o);
}

// The file in 8 bits is of the same network as the other.
static void in_8_bits_it_says_nearly_the_same(void)
{
    struct outcome whole, bytes;
    float least, most;
    double sum = 0;
    see_a_pattern(&whole, RELIEF_PRECISION_F32);
    see_a_pattern(&bytes, RELIEF_PRECISION_INT8);
    CHECK(strstr(whole.summary, "f32") != NULL);
    CHECK(strstr(bytes.summary, rl_cpu_has_vnni() ? "int8" : "f32") != NULL);
    find_range(&whole, &least, &most);
    if (whole.count && bytes.count) {
        const AVFrame *map = whole.frames[0]->depth;
        for (int y = 0; y < map->height; y++)
            for (int x = 0; x < map->width; x++)
                sum += fabs(depth_at(whole.frames[0], x, y) - depth_at(bytes.frames[0], x, y));
        sum /= map->width * map->height;
        printf("  %.4f of the range\n", sum / (most - least));
        CHECK(sum < .05 * (most - least));
        CHECK((sum > 0) == rl_cpu_has_vnni());
    }
    outcome_clear(&whole);
    outcome_clear(&bytes);
}

// Layers inside may be rounded to bfloat16, but not the map: slopes would become steps.
static void a_map_has_more_steps_than_bfloat16(void)
{
    struct outcome o;
    AVFrame *picture = flat_picture(AV_PIX_FMT_YUV420P, 640, 360, (const int[3]){0, 128, 128});
    for (int y = 0; y < 360; y++)
        memset(picture->data[0] + y * picture->linesize[0], 16 + y * 220 / 360, 640);
    struct rl_depth_params params = params_for("built-in", "auto");
    params.width = 640;
    params.height = 360;
    params.precision = RELIEF_PRECISION_BF16;
    run_stage(&o, &params, &picture, 1);
    CHECK_INT(o.count, 1);
    int coarse = 0;
    for (int x = 0; o.count && x < o.frames[0]->depth->width; x++) {
        const float value = depth_at(o.frames[0], x, o.frames[0]->depth->height / 2);
        uint32_t bits;
        memcpy(&bits, &value, sizeof bits);
        coarse += !(bits & 0x3fff);  // a mean of two has a bit more than either
    }
    CHECK(o.count && coarse < o.frames[0]->depth->width / 2);
    outcome_clear(&o);
}

static void the_processor_is_among_the_devices(void)
{
    struct relief_device devices[8];
    size_t count = rl_depth_devices(devices, 8);
    CHECK(count >= 2);
    CHECK_TEXT(devices[0].name, "cpu");
    CHECK_INT(devices[0].usable, 1);
    CHECK_INT(rl_depth_devices(devices, 0), count);
}

// OpenVINO loads a part of TBB in a way that AddressSanitizer forbids, and ends the process.
static bool is_address_sanitized(void)
{
#if defined(__SANITIZE_ADDRESS__)
    return true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
    return true;
#else
    return false;
#endif
#else
    return false;
#endif
}

int main(void)
{
    char why[256];
    if (is_address_sanitized()) {
        printf("skipped: AddressSanitizer\n");
        return 77;
    }
    if (!rl_engine_openvino.available(why, sizeof why)) {
        printf("skipped: %s\n", why);
        return 77;
    }
    RUN(networks_of_many_shapes_are_taken);
    RUN(each_frame_has_its_own_map);
    RUN(what_is_repeated_is_not_seen_again);
    RUN(what_is_not_finite_is_replaced);
    RUN(other_files_are_refused_in_one_line);
    RUN(a_missing_device_falls_back_with_one_warning);
    RUN(a_cache_saves_the_opening);
    RUN(a_cache_tells_networks_for_more_looks_apart);
    RUN(a_mirrored_look_is_turned_back);
    RUN(with_tta_left_and_right_are_alike);
    RUN(what_follows_is_seen_in_turns);
    RUN(the_built_in_model_runs);
    RUN(in_8_bits_it_says_nearly_the_same);
    RUN(a_map_has_more_steps_than_bfloat16);
    RUN(the_processor_is_among_the_devices);
    return check_result();
}
