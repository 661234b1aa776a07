// SPDX-License-Identifier: MIT
//
// Motion that is known because it was drawn.
#include "check.h"

#include "plane/pool.h"
#include "steady/watch.h"

#include <math.h>

enum { WIDTH = 640, HEIGHT = 360, FRAMES = 12, CUT = 8, SCALE = 640 / 256 };

typedef float (*clip_fn)(int t, float x, float y);

static struct rl_area film_area;
static bool asks_what_follows;

static struct {
    int count;
    AVFrame *back[FRAMES], *ahead[FRAMES];
    bool cut[FRAMES], follows[FRAMES];
} seen;

static enum relief_status note(void *user, struct rl_frame *frame, struct relief_error *err)
{
    (void)user, (void)err;
    CHECK_INT(frame->index, seen.count);
    seen.cut[seen.count] = frame->cut;
    seen.follows[seen.count] = frame->depth_follows;
    seen.back[seen.count] = frame->motion_back;
    seen.ahead[seen.count++] = frame->motion_ahead;
    frame->motion_back = frame->motion_ahead = NULL;
    rl_frame_free(&frame);
    return RELIEF_OK;
}

static void watch_clip(clip_fn clip)
{
    const struct rl_watch_params params = {.depth_follows = asks_what_follows};
    const struct rl_sink sink = {note, NULL};
    struct rl_stage stage = {0};
    struct rl_pool pool = {0};
    seen.count = 0;
    CHECK_INT(rl_watch_open(&stage, &params, NULL), RELIEF_OK);
    for (int t = 0; t < FRAMES; t++) {
        struct rl_frame *frame = rl_frame_create();
        frame->index = t;
        frame->picture = rl_pool_get(&pool, AV_PIX_FMT_YUV420P, WIDTH, HEIGHT, NULL);
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < WIDTH; x++)
                frame->picture->data[0][y * frame->picture->linesize[0] + x] = (uint8_t)clip(
                    t, (float)x, (float)y);
        frame->area = film_area;
        CHECK_INT(stage.type->push(stage.state, frame, &sink, NULL), RELIEF_OK);
    }
    CHECK_INT(stage.type->flush(stage.state, &sink, NULL), RELIEF_OK);
    stage.type->close(stage.state);
    rl_pool_clear(&pool);
    CHECK_INT(seen.count, FRAMES);
}

static void forget(void)
{
    for (int t = 0; t < FRAMES; t++) {
        av_frame_free(&seen.back[t]);
        av_frame_free(&seen.ahead[t]);
    }
}

static float texture(float x, float y)
{
    return 120 + 40 * sinf(x * .043f + y * .021f) + 30 * sinf(x * .017f - y * .06f) +
           25 * sinf(x * .11f) * sinf(y * .09f);
}

static float at(const AVFrame *motion, enum rl_motion_plane plane, int x, int y)
{
    struct rl_plane p = rl_frame_plane(motion, (int)plane);
    return ((const float *)(const void *)rl_plane_row(&p, y))[x];
}

// Everything moves 5 pixels right and 2 up per frame: 2 and .8 cells.
static float pan(int t, float x, float y)
{
    return texture(x - 5 * (float)t, y + 2 * (float)t);
}

static void a_pan_is_seen(void)
{
    watch_clip(pan);
    CHECK(!seen.back[0] && !seen.ahead[FRAMES - 1]);
    for (int t = 1; t < FRAMES; t++)
        for (int y = 12; y < 132; y += 10)
            for (int x = 12; x < 244; x += 10) {
                CHECK_NEAR(at(seen.back[t], RL_MOTION_DX, x, y), -2, .1);
                CHECK_NEAR(at(seen.back[t], RL_MOTION_DY, x, y), .8, .1);
                CHECK_NEAR(at(seen.ahead[t - 1], RL_MOTION_DX, x, y), 2, .1);
                CHECK_NEAR(at(seen.ahead[t - 1], RL_MOTION_DY, x, y), -.8, .1);
                CHECK(at(seen.back[t], RL_MOTION_CONFIDENCE, x, y) > .9f);
            }
    // What has come in at the left was not there before.
    CHECK(at(seen.back[5], RL_MOTION_CONFIDENCE, 0, 70) < .1f);
    forget();
}

// The pan between black pillars of 80 pixels, 32 cells.
static float pillarboxed(int t, float x, float y)
{
    return x < 80 || x >= 560 ? 16 : pan(t, x, y);
}

static void bars_hold_no_motion_back(void)
{
    film_area = (struct rl_area){80, 0, 560, HEIGHT};
    watch_clip(pillarboxed);
    int wrong_count = 0;
    for (int y = 12; y < 132; y += 10)
        for (int i = 0; i < 4; i++) {
            wrong_count += fabsf(at(seen.back[6], RL_MOTION_DX, 220 - i, y) + 2) > .5f;
            wrong_count += fabsf(at(seen.ahead[6], RL_MOTION_DX, 35 + i, y) - 2) > .5f;
        }
    CHECK(wrong_count < 3);  // of 96
    film_area = (struct rl_area){0};
    forget();
}

// The pan under a light that doubles.
static float pan_in_a_fade(int t, float x, float y)
{
    return 16 + (pan(t, x, y) - 16) * (.4f + .05f * (float)t);
}

static void light_may_change(void)
{
    watch_clip(pan_in_a_fade);
    for (int y = 12; y < 132; y += 10)
        for (int x = 12; x < 244; x += 10) {
            CHECK_NEAR(at(seen.back[6], RL_MOTION_DX, x, y), -2, .25);
            CHECK(at(seen.back[6], RL_MOTION_CONFIDENCE, x, y) > .7f);
        }
    forget();
}

// A square that moves 12 pixels (4.8 cells) right over a ground that stands still.
static float square(int t, float x, float y)
{
    float left = 100 + 12 * (float)t;
    if (x >= left && x < left + 150 && y >= 100 && y < 250)
        return 255 - texture(2 * (x - left), 2 * y);
    return texture(x, y);
}

static void borders_of_motion_are_doubted(void)
{
    watch_clip(square);
    const AVFrame *back = seen.back[6];
    CHECK_NEAR(at(back, RL_MOTION_DX, 96, 70), -4.8, .2);  // inside the square: 172 .. 322 by now
    CHECK_NEAR(at(back, RL_MOTION_DX, 200, 70), 0, .05);
    CHECK(at(back, RL_MOTION_CONFIDENCE, 96, 70) > .9f);
    CHECK(at(back, RL_MOTION_CONFIDENCE, 200, 70) > .9f);
    CHECK(at(back, RL_MOTION_CONFIDENCE, 66, 70) < .3f);  // uncovered: pixel 165
    forget();
}

// A road without anything on it, and film grain.
static float grainy(int t, float x, float y)
{
    const unsigned seed = (unsigned)x * 7919u + (unsigned)y * 104729u + (unsigned)t * 1299709u;
    return 100 + y * .05f + (float)((seed ^ seed >> 13) * 2654435761u >> 24) / 48;
}

static void smooth_pictures_are_not_doubted(void)
{
    watch_clip(grainy);
    double sum = 0;
    int count = 0;
    for (int y = 8; y < 136; y++)
        for (int x = 8; x < 248; x++, count++)
            sum += at(seen.back[6], RL_MOTION_CONFIDENCE, x, y);
    CHECK(sum / count > .8);
    forget();
}

static float with_a_cut(int t, float x, float y)
{
    return t < CUT ? texture(x, y) : 240 - texture(y * 1.7f + 90, x * .6f);
}

static void nothing_reaches_across_a_cut(void)
{
    watch_clip(with_a_cut);
    for (int t = 0; t < FRAMES; t++) {
        CHECK(seen.cut[t] == (t == 0 || t == CUT));
        CHECK(!seen.back[t] == (t == 0 || t == CUT));
        CHECK(!seen.ahead[t] == (t == CUT - 1 || t == FRAMES - 1));
    }
    forget();
}

// Half a pixel a frame, in two shots.
static float slow(int t, float x, float y)
{
    const float moved = x - .5f * (float)t;
    return t < CUT ? texture(moved, y) : 240 - texture(y * 1.7f + 90, moved * .6f);
}

static int follow_count(clip_fn clip)
{
    int count = 0;
    watch_clip(clip);
    for (int t = 0; t < FRAMES; t++) {
        count += seen.follows[t];
        CHECK(!seen.follows[t] || (t > 0 && !seen.cut[t]));
    }
    forget();
    return count;
}

static void what_hardly_moves_follows(void)
{
    CHECK_INT(follow_count(slow), 0);
    asks_what_follows = true;
    CHECK_INT(follow_count(slow), FRAMES - 2);
    CHECK_INT(follow_count(pan), 0);
    asks_what_follows = false;
}

int main(void)
{
    RUN(a_pan_is_seen);
    RUN(bars_hold_no_motion_back);
    RUN(light_may_change);
    RUN(borders_of_motion_are_doubted);
    RUN(smooth_pictures_are_not_doubted);
    RUN(nothing_reaches_across_a_cut);
    RUN(what_hardly_moves_follows);
    return check_result();
}
