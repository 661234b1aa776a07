// SPDX-License-Identifier: MIT
//
// The stage: maps as a network gives them, with a scale and shift of its own for every frame.
#include "check.h"

#include "plane/pool.h"
#include "steady/range.h"
#include "steady/smooth/smooth.h"
#include "steady/steady.h"
#include "steady/watch.h"

#include <math.h>

#include <libavutil/common.h>
#include <libavutil/mem.h>

enum { WIDTH = 128, HEIGHT = 72, FRAMES = 80, MAP_W = 96, MAP_H = 56 };

// What went into frame t, and what came out.
struct clip {
    float (*depth)(int t, int x, int y);
    int (*luma)(int t, int x, int y);
    bool final;
    int count;
    bool cut[FRAMES];
    float d[FRAMES][MAP_H][MAP_W];
};

static struct clip clip;

static enum relief_status note(void *user, struct rl_frame *frame, struct relief_error *err)
{
    (void)user, (void)err;
    CHECK_INT(frame->index, clip.count);
    CHECK(frame->depth_is_final);
    CHECK_INT(frame->depth->width, MAP_W);
    CHECK_INT(frame->depth->height, MAP_H);
    struct rl_plane map = rl_frame_plane(frame->depth, 0);
    for (int y = 0; y < MAP_H; y++)
        memcpy(clip.d[clip.count][y], rl_plane_row(&map, y), sizeof clip.d[0][0]);
    clip.cut[clip.count++] = frame->cut;
    rl_frame_free(&frame);
    return RELIEF_OK;
}

static struct rl_frame *draw(int t, struct rl_pool *pictures, struct rl_pool *maps)
{
    struct rl_frame *frame = rl_frame_create();
    frame->index = t;
    frame->depth_is_final = clip.final;
    frame->picture = rl_pool_get(pictures, AV_PIX_FMT_YUV420P, WIDTH, HEIGHT, NULL);
    frame->depth = rl_pool_get(maps, AV_PIX_FMT_GRAYF32, MAP_W, MAP_H, NULL);
    struct rl_plane picture = rl_frame_plane(frame->picture, 0),
                    map = rl_frame_plane(frame->depth, 0);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            rl_plane_row(&picture, y)[x] = (uint8_t)clip.luma(t, x, y);
    for (int y = 0; y < MAP_H; y++)
        for (int x = 0; x < MAP_W; x++)
            ((float *)rl_plane_row(&map, y))[x] = clip.depth(t, x, y);
    return frame;
}

static enum relief_status to_stage(void *user, struct rl_frame *frame, struct relief_error *err)
{
    const struct rl_stage *stage = user;
    const struct rl_sink sink = {note, NULL};
    return stage->type->push(stage->state, frame, &sink, err);
}

static void run(float (*depth)(int, int, int), int (*luma)(int, int, int), bool final)
{
    const struct rl_steady_params params = {.level = RELIEF_STEADY_NORMAL, .frame_rate = 25};
    struct rl_watch_params watching = {0};
    struct rl_stage watch = {0}, steady = {0};
    const struct rl_sink sink = {note, NULL}, between = {to_stage, &steady};
    struct rl_pool pictures = {0}, maps = {0};
    clip = (struct clip){.depth = depth, .luma = luma, .final = final};
    CHECK_INT(rl_watch_open(&watch, &watching, NULL), RELIEF_OK);
    CHECK_INT(rl_steady_open(&steady, &params, NULL), RELIEF_OK);
    for (int t = 0; t < FRAMES; t++)
        CHECK_INT(watch.type->push(watch.state, draw(t, &pictures, &maps), &between, NULL),
                  RELIEF_OK);
    CHECK_INT(watch.type->flush(watch.state, &between, NULL), RELIEF_OK);
    CHECK_INT(steady.type->flush(steady.state, &sink, NULL), RELIEF_OK);
    watch.type->close(watch.state);
    steady.type->close(steady.state);
    rl_pool_clear(&pictures);
    rl_pool_clear(&maps);
    CHECK_INT(clip.count, FRAMES);
}

// A number of -1 .. 1 that belongs to t.
static float wobble(int t)
{
    unsigned seed = (unsigned)t * 2654435761u;
    return (float)((seed ^ seed >> 15) % 2001) / 1000 - 1;
}

static int still(int t, int x, int y)
{
    (void)t;
    return 40 + (x * 3 + y * 5 + (x / 16 * 37 + y / 16 * 59) % 90) % 170;
}

static int two_scenes(int t, int x, int y)
{
    return t < 40 ? still(0, x, y) : 40 + ((x / 9 * 71 + y / 7 * 43) % 160);
}

static float ramp(int x, int y)
{
    return (float)(x + y) / (MAP_W + MAP_H - 2);
}

static float jittery(int t, int x, int y)
{
    return (3 + ramp(x, y) * 10) * (1 + .06f * wobble(t)) + .5f * wobble(t + 1000);
}

static double spread_over_time(int x, int y, int from)
{
    double sum = 0, squares = 0;
    for (int t = from; t < FRAMES; t++) {
        sum += clip.d[t][y][x];
        squares += (double)clip.d[t][y][x] * clip.d[t][y][x];
    }
    double count = FRAMES - from, mean = sum / count;
    return sqrt(fmax(squares / count - mean * mean, 0));
}

static void still_things_keep_their_depth(void)
{
    run(jittery, still, false);
    // The map's own jitter is 6 % of values up to 13 and more: about .05 of the range, untreated.
    for (int x = 8; x < MAP_W; x += 20)
        CHECK(spread_over_time(x, MAP_H / 2, 5) < .006);
    CHECK(clip.d[FRAMES - 1][MAP_H - 1][MAP_W - 1] > .97f);
    CHECK(clip.d[FRAMES - 1][0][0] < .03f);
    CHECK(clip.cut[0] && !clip.cut[1]);
}

static float scaled_at_the_cut(int t, int x, int y)
{
    return t < 40 ? ramp(x, y) : 100 + 50 * ramp(x, y);
}

static void a_cut_starts_anew(void)
{
    run(scaled_at_the_cut, two_scenes, false);
    CHECK(clip.cut[40]);
    for (int t = 0; t < FRAMES; t++) {
        CHECK_NEAR(clip.d[t][28][48], ramp(48, 28), .03);
        CHECK(clip.cut[t] == (t == 0 || t == 40));
    }
}

static float newcomer(int t, int x, int y)
{
    bool there = t >= 30 && t < 60 && x > 60 && y > 30;
    return there ? 2 + .01f * (float)x : ramp(x, y);
}

static int newcomer_luma(int t, int x, int y)
{
    bool there = t >= 30 && t < 60 && x > 80 && y > 38;
    return there ? 200 : still(0, x, y);
}

// He has relief, though the range was not made for him, and what stands still hardly gives way.
static void newcomers_have_relief(void)
{
    run(newcomer, newcomer_luma, false);
    const float before = clip.d[29][10][10], soon = clip.d[50][10][10], later = clip.d[62][10][10];
    CHECK(soon < before && soon > .8f * before);
    CHECK_NEAR(later, soon, .1f * before);
    CHECK(clip.d[45][40][70] > .85f);
    CHECK(clip.d[45][40][90] > clip.d[45][40][70] + .001f);
}

static float nearly_flat(int t, int x, int y)
{
    return t < 40 ? 5 * ramp(x, y) : 3 + .05f * ramp(x, y) + .02f * wobble(x * 31 + y * 17 + t);
}

static void flat_maps_are_not_blown_up(void)
{
    run(nearly_flat, two_scenes, false);
    double most = 0, least = 1;
    for (int y = 0; y < MAP_H; y++)
        for (int x = 0; x < MAP_W; x++) {
            most = fmax(most, clip.d[70][y][x]);
            least = fmin(least, clip.d[70][y][x]);
        }
    CHECK(most - least < .15);
    CHECK(least > .3 && most < .7);
}

static float broken(int t, int x, int y)
{
    if (t == 20)
        return NAN;
    return x == 5 && y == 5   ? INFINITY
           : x == 6 && y == 6 ? 1e30f
           : x == 7 && y == 7 ? NAN
                              : ramp(x, y);
}

static void broken_values_do_no_harm(void)
{
    run(broken, still, false);
    for (int t = 0; t < FRAMES; t++)
        for (int y = 0; y < MAP_H; y++)
            for (int x = 0; x < MAP_W; x++)
                CHECK(clip.d[t][y][x] >= 0 && clip.d[t][y][x] <= 1);
    CHECK_NEAR(clip.d[40][28][48], ramp(48, 28), .03);
}

static float constant(int t, int x, int y)
{
    (void)t, (void)x, (void)y;
    return 0;
}

static void a_constant_map_is_in_the_middle(void)
{
    run(constant, still, false);
    CHECK_NEAR(clip.d[10][10][10], .5, .01);
}

static void final_maps_pass_untouched(void)
{
    run(scaled_at_the_cut, two_scenes, true);
    CHECK(clip.cut[40] && !clip.cut[41]);
    CHECK_NEAR(clip.d[10][28][48], ramp(48, 28), 1e-6);
    CHECK_NEAR(clip.d[50][28][48], 100 + 50 * ramp(48, 28), 1e-4);
}

static void percentiles_are_exact_enough(void)
{
    static float values[200 * 200], counts[200 * 200];
    struct rl_range_cells cells = {values, NULL, 200, 0, 0, 200, 200};
    struct rl_limits seen;
    for (int y = 0; y < 200; y++)
        for (int x = 0; x < 200; x++) {
            values[y * 200 + x] = (float)((y * 200 + x) * 7919 % 40000) / 4;
            counts[y * 200 + x] = 2;
        }
    CHECK(rl_range_measure(&cells, &seen));
    CHECK_NEAR(seen.far, 100, 20);
    CHECK_NEAR(seen.near, 9900, 20);
    values[0] = 1e9f;  // a wild value among them
    CHECK(rl_range_measure(&cells, &seen));
    CHECK_NEAR(seen.far, 100, 20);
    CHECK_NEAR(seen.near, 9900, 20);
    for (int i = 0; i < 200 * 200; i += 20) {  // a snowfall: a tenth of the columns, all new
        values[i] = 50000;
        counts[i] = 1;
    }
    CHECK(rl_range_measure(&cells, &seen));
    CHECK_NEAR(seen.near, 50000, 1);
    cells.count = counts;
    CHECK(rl_range_measure(&cells, &seen));
    CHECK_NEAR(seen.near, 9900, 20);
    values[0] = NAN;
    cells.x1 = cells.y1 = 1;
    CHECK(!rl_range_measure(&cells, &seen));
}

static int64_t alive_count;

static void note_death(void *user, uint8_t *data)
{
    (void)user;
    av_free(data);
    alive_count--;
}

// A frame that tells when its picture is freed.
static struct rl_frame *mortal(int64_t index)
{
    struct rl_frame *frame = rl_frame_create();
    frame->index = index;
    frame->picture = av_frame_alloc();
    frame->picture->format = AV_PIX_FMT_GRAY8;
    frame->picture->width = frame->picture->height = 64;
    frame->picture->linesize[0] = 64;
    frame->picture->data[0] = av_mallocz(64 * 64);
    frame->picture->buf[0] = av_buffer_create(frame->picture->data[0], 64 * 64, note_death, NULL,
                                              0);
    alive_count++;
    return frame;
}

static enum relief_status refuse(void *user, struct rl_frame *frame, struct relief_error *err)
{
    (void)user;
    rl_frame_free(&frame);
    return rl_fail(err, RELIEF_E_FAILED, "no more");
}

// Rule 4 of base/stage.h.
static void who_fails_keeps_no_frame(void)
{
    const struct rl_sink sink = {refuse, NULL};
    for (int which = 0; which < 2; which++) {
        const struct rl_watch_params watching = {.depth_every = 1};
        const struct rl_steady_params params = {.level = RELIEF_STEADY_NORMAL, .frame_rate = 25};
        struct rl_stage stage = {0};
        enum relief_status status = RELIEF_OK;
        alive_count = 0;
        CHECK_INT(which ? rl_watch_open(&stage, &watching, NULL)
                        : rl_steady_open(&stage, &params, NULL),
                  RELIEF_OK);
        // The third frame of steady has no depth though a shot begins there; watch is refused.
        for (int t = 0; t < 20 && status == RELIEF_OK; t++) {
            struct rl_frame *frame = mortal(t);
            if (!which && t < 2) {
                frame->depth = av_frame_alloc();
                frame->depth->format = AV_PIX_FMT_GRAYF32;
                frame->depth->width = frame->depth->height = 32;
                av_frame_get_buffer(frame->depth, 0);
                for (int y = 0; y < 32; y++)
                    memset(frame->depth->data[0] + y * frame->depth->linesize[0], 0, 128);
            }
            frame->cut = true;
            status = stage.type->push(stage.state, frame, &sink, NULL);
        }
        CHECK_INT(status, RELIEF_E_FAILED);
        CHECK_INT(alive_count, 0);
        stage.type->close(stage.state);
    }
}

// What is beyond near and far keeps its order, and what is well within stays what it is.
static void beyond_the_range_there_is_relief(void)
{
    const struct rl_smooth_finish plain = rl_smooth_finish_of(2, 6, 2, 6),
                                  bent = rl_smooth_finish_of(2, 6, 0, 12);
    struct rl_smooth_fns fns;
    float depth[122], d[122];
    rl_smooth_init(&fns, 0);
    for (int i = 0; i < 121; i++)
        depth[i] = (float)i / 10;
    depth[121] = NAN;
    fns.finish_row(d, depth, 122, &plain);
    for (int i = 0; i < 121; i++)
        CHECK_NEAR(d[i], av_clipf((depth[i] - 2) / 4, 0, 1), 1e-5);
    fns.finish_row(d, depth, 122, &bent);
    for (int i = 1; i < 121; i++) {
        CHECK(d[i] > d[i - 1]);
        if (depth[i] > 3 && depth[i] < 5)
            CHECK_NEAR(d[i], (depth[i] - 2) / 4, 1e-5);
    }
    CHECK_NEAR(d[0], 0, 1e-5);
    CHECK_NEAR(d[120], 1, 1e-5);
    CHECK(d[121] == 0);
}

// From 0 .. 1 to 0 .. .2: slowly within a scene, within a second where all of it is new.
static void a_new_picture_has_a_new_range(void)
{
    const struct rl_limits wide = {0, 1}, narrow = {0, .2f};
    for (int is_new = 0; is_new < 2; is_new++) {
        const struct rl_range_frame frame = {.unit = 1, .news = (float)is_new};
        struct rl_range range;
        rl_range_init(&range, 25);
        rl_range_next(&range, &wide, 1, &(struct rl_range_frame){.first = true, .unit = 1});
        for (int t = 0; t < 25; t++)
            rl_range_next(&range, &narrow, 1, &frame);
        CHECK(is_new ? range.at.near < .22f : range.at.near > .95f);
        CHECK(range.reach.near >= range.at.near);
    }
}

// Somebody comes close for a second and a half: what stands still behind him keeps its depth, and
// he has relief meanwhile. Where all moves room is made for him.
static void a_still_picture_keeps_its_range(void)
{
    const struct rl_limits empty = {0, 1}, close = {0, 2};
    for (int is_still = 0; is_still < 2; is_still++) {
        const struct rl_range_frame frame = {.unit = 1, .news = .2f, .still = is_still ? .6f : .1f};
        struct rl_range range;
        rl_range_init(&range, 25);
        rl_range_next(&range, &empty, 1, &(struct rl_range_frame){.first = true, .unit = 1});
        for (int t = 0; t < 38; t++)
            rl_range_next(&range, &close, 1, &frame);
        CHECK(is_still ? range.at.near < 1.2f : range.at.near > 1.8f);
        CHECK(range.reach.near > 1.9f);
    }
}

int main(void)
{
    RUN(who_fails_keeps_no_frame);
    RUN(beyond_the_range_there_is_relief);
    RUN(a_new_picture_has_a_new_range);
    RUN(a_still_picture_keeps_its_range);
    RUN(still_things_keep_their_depth);
    RUN(a_cut_starts_anew);
    RUN(newcomers_have_relief);
    RUN(flat_maps_are_not_blown_up);
    RUN(broken_values_do_no_harm);
    RUN(a_constant_map_is_in_the_middle);
    RUN(final_maps_pass_untouched);
    RUN(percentiles_are_exact_enough);
    return check_result();
}
