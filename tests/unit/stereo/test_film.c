// SPDX-License-Identifier: MIT
//
// Holes show what other frames saw: a thing passes before a still wall, and the wall behind it is
// known.
#include "check.h"

#include "plane/pool.h"
#include "stereo/stereo.h"
#include "stereo/window.h"

#include <math.h>

enum { W = 240, H = 32, FRAMES = 20, CELL = 2, SPEED = 6, SHIFT = 12 };

// Samples of a bare wall differ by up to this from frame to frame; 0: a wall with a pattern.
static int grain;

// By how much all gets darker from frame to frame, or only what lies so near beside the thing.
static int dim, dim_beside;

// The thing stands still from frame `rest` on; frame `now` is looked at.
static int rest, now;

// From this frame on, depth beside the thing lies halfway in two columns.
static int sliver = FRAMES;

// Until this frame, depth ends so many columns before the thing does.
static int narrow_until, narrow;

// What shows in those columns; 0: the thing.
static int blurred;

static int wall(int x, int y)
{
    return grain ? 90 : 60 + (x * 37 + y * 11) % 23 + (x / 5 * 29) % 41;
}

static int thing_begin(int t)
{
    return 60 + SPEED * (t < rest ? t : rest);
}

static bool is_thing(int x, int t)
{
    return x >= thing_begin(t) && x < thing_begin(t) + 50;
}

static int grain_at(int x, int y, int t)
{
    const unsigned a = (unsigned)x * 7919 + (unsigned)y * 104729 + (unsigned)t * 1299709;
    return grain ? (int)((a ^ a >> 7) * 2654435761u >> 16) % (2 * grain + 1) - grain : 0;
}

static float depth_at(int x, int t)
{
    const int behind = x - thing_begin(t) - 50;
    if (t < narrow_until && behind >= -narrow)
        return 0;
    return is_thing(x, t) ? 1 : t >= sliver && behind >= 0 && behind < 2 ? 0.5f : 0;
}

static int colour_at(int x, int y, int t)
{
    if (!is_thing(x, t))
        return wall(x, y);
    return blurred && t < narrow_until && x - thing_begin(t) - 50 >= -narrow ? blurred : 200;
}

static int dimmed(int x, int t)
{
    const int beside = x - thing_begin(t) - 50;
    return !dim_beside || (beside >= 0 && beside < dim_beside) ? dim * t : 0;
}

static AVFrame *picture(int t)
{
    struct rl_pool pool = {0};
    AVFrame *picture = rl_pool_get(&pool, AV_PIX_FMT_YUV444P, W, H, NULL);
    for (int plane = 0; plane < 3; plane++)
        for (int y = 0; y < H; y++)
            for (int x = 0; x < W; x++)
                picture->data[plane][y * picture->linesize[plane] + x] =
                    (uint8_t)(colour_at(x, y, t) + grain_at(x, y, t) - dimmed(x, t));
    rl_pool_clear(&pool);
    return picture;
}

static AVFrame *floats(enum AVPixelFormat format, int width, int height)
{
    struct rl_pool pool = {0};
    AVFrame *frame = rl_pool_get(&pool, format, width, height, NULL);
    rl_pool_clear(&pool);
    return frame;
}

static float *value(AVFrame *frame, int plane, int x, int y)
{
    return (float *)(void *)(frame->data[plane] + y * frame->linesize[plane]) + x;
}

// Where the cells of frame t lie in the next frame, or in the one before: `sign` 1 or -1.
static AVFrame *motion(int t, int sign)
{
    AVFrame *field = floats(AV_PIX_FMT_GBRPF32, W / CELL, H / CELL);
    for (int y = 0; y < field->height; y++)
        for (int x = 0; x < field->width; x++) {
            bool thing = is_thing(CELL * x, t);
            int moved = thing_begin(t + sign) - thing_begin(t);
            *value(field, RL_MOTION_DX, x, y) = thing ? (float)moved / CELL : 0;
            *value(field, RL_MOTION_DY, x, y) = 0;
            *value(field, RL_MOTION_CONFIDENCE, x, y) = 1;
        }
    return field;
}

static struct rl_frame *draw(int t, bool moving)
{
    struct rl_frame *frame = rl_frame_create();
    frame->index = frame->pts = t;
    frame->picture = picture(t);
    frame->depth_is_final = true;
    frame->depth = floats(AV_PIX_FMT_GRAYF32, W, H);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            *value(frame->depth, 0, x, y) = depth_at(x, t);
    if (moving && t > 0)
        frame->motion_back = motion(t, -1);
    if (moving && t + 1 < FRAMES)
        frame->motion_ahead = motion(t, 1);
    return frame;
}

static enum relief_status keep(void *user, struct rl_frame *frame, struct relief_error *err)
{
    (void)err;
    struct rl_frame **kept = user;
    CHECK_INT(frame->index, kept[FRAMES] ? kept[FRAMES]->index + 1 : 0);  // all, in order
    if (frame->index == now)
        kept[0] = rl_frame_clone(frame);
    rl_frame_free(&kept[FRAMES]);
    kept[FRAMES] = frame;
    return RELIEF_OK;
}

// The mean error of luma in the hole of the right eye of frame `now`, which lies to the right of
// the thing and SHIFT pixels wide. `change` is laid over the other frames.
static double error(enum relief_fill fill, bool moving, int change)
{
    struct rl_stereo_params params = {.divergence = 100.0f * SHIFT / W,
                                      .convergence = 0,
                                      .anchor = RELIEF_ANCHOR_LEFT,
                                      .eyes = RL_EYE_RIGHT,
                                      .fill = fill};
    struct rl_frame *kept[FRAMES + 1] = {0};
    struct rl_sink sink = {keep, kept};
    struct rl_stage stage;
    if (rl_stereo_open(&stage, &params, NULL))
        return -1;
    for (int t = 0; t < FRAMES; t++) {
        struct rl_frame *frame = draw(t, moving);
        for (int i = 0; i < W * H && t != now; i++) {
            uint8_t *sample = &frame->picture->data[0][i / W * frame->picture->linesize[0] + i % W];
            *sample = (uint8_t)(*sample + change);
        }
        CHECK_INT(stage.type->push(stage.state, frame, &sink, NULL), RELIEF_OK);
    }
    CHECK_INT(stage.type->flush(stage.state, &sink, NULL), RELIEF_OK);
    stage.type->close(stage.state);
    CHECK_INT(kept[FRAMES]->index, FRAMES - 1);
    double sum = 0;
    int end = thing_begin(now) + 50;
    for (int y = 0; y < H; y++)
        for (int x = end - SHIFT + 1; x < end - 1; x++)  // outlines are softened
            sum += abs(kept[0]->right->data[0][y * kept[0]->right->linesize[0] + x] - wall(x, y) +
                       dimmed(x, now));
    rl_frame_free(&kept[0]);
    rl_frame_free(&kept[FRAMES]);
    return sum / (H * (SHIFT - 2));
}

static void holes_show_what_other_frames_saw(void)
{
    CHECK(error(RELIEF_FILL_FILM, true, 0) < 2);
    CHECK(error(RELIEF_FILL_SINGLE, true, 0) > 6);
}

static void without_motion_nothing_is_taken(void)
{
    CHECK_NEAR(error(RELIEF_FILL_FILM, false, 0), error(RELIEF_FILL_SINGLE, true, 0), 0);
}

// Frames that are brighter by more than the seam allows are not used.
static void other_light_is_not_taken(void)
{
    CHECK_NEAR(error(RELIEF_FILL_FILM, true, 40), error(RELIEF_FILL_SINGLE, true, 0), 0);
}

// The thing came, and has stood there for longer than frames are held: what was seen is remembered,
// and no frame differs from the one before.
static void what_was_seen_stays(void)
{
    rest = 3;
    double errors[2];
    for (int i = 0; i < 2; i++) {
        now = 17 + i;
        errors[i] = error(RELIEF_FILL_FILM, true, 0);
        CHECK(errors[i] < 2);
    }
    CHECK_NEAR(errors[0], errors[1], 0);
    rest = FRAMES;
    now = 6;
}

// What depth says halfway beside a hole does not make it another one.
static void slivers_do_not_forget(void)
{
    rest = 3;
    now = 17;
    sliver = now - 1;
    CHECK(error(RELIEF_FILL_FILM, true, 0) < 5);  // the columns themselves are off
    sliver = rest = FRAMES;
    now = 6;
}

// Where nothing moves, the seam's grain does not move what is remembered: it would be sampled
// between pixels again and again, and lose its own grain.
static void grain_moves_nothing(void)
{
    rest = 3;
    now = 17;
    grain = 3;
    CHECK_NEAR(error(RELIEF_FILL_FILM, true, 0), 12 / 7.0, 0.2);
    grain = 0;
    rest = FRAMES;
    now = 6;
}

// What is remembered goes with the light.
static void memory_fades_with_the_picture(void)
{
    rest = 3;
    now = 17;
    dim = 3;
    CHECK(error(RELIEF_FILL_FILM, true, 0) < 3);
    dim_beside = 40;  // a shadow, 6 when it was last seen, is no fade
    CHECK(error(RELIEF_FILL_FILM, true, 0) < 7);
    dim = dim_beside = 0;
    rest = FRAMES;
    now = 6;
}

// What stands before the hole now did not lie behind it before, whatever depth said then.
static void outlines_leave_no_fringe(void)
{
    rest = 0;
    now = 17;
    narrow = 4;
    narrow_until = 4;
    CHECK(error(RELIEF_FILL_FILM, true, 0) < 25);
    narrow = narrow_until = 0;
    rest = FRAMES;
    now = 6;
}

// A thing that is blurred while it moves is wider than its depth, and half the wall's colour there.
static void blur_is_not_what_lies_behind(void)
{
    rest = 3;
    now = 17;
    narrow = 8;
    narrow_until = 4;
    blurred = 150;
    CHECK(error(RELIEF_FILL_FILM, true, 0) < 15);
    narrow = narrow_until = blurred = 0;
    rest = FRAMES;
    now = 6;
}

// Nor is what a thing tints of an even wall beside it: a codec's colours, or a sharpened outline's
// halo, which is darker than the wall where the thing is brighter.
static void tints_are_not_what_lies_behind(void)
{
    rest = 3;
    now = 17;
    narrow = 8;
    narrow_until = 4;
    grain = 1;
    for (blurred = 80; blurred <= 100; blurred += 20)
        CHECK(error(RELIEF_FILL_FILM, true, 0) < 2.5);
    narrow = narrow_until = blurred = grain = 0;
    rest = FRAMES;
    now = 6;
}

// Neither way do frames of another shot count.
static void nobody_looks_across_a_cut(void)
{
    enum { CUT = 4, COUNT = CUT + 4 };
    struct rl_window window;
    rl_window_init(&window, true);
    for (int t = 0, left = 0; left < COUNT; t++) {
        if (t < COUNT) {
            struct rl_frame *frame = draw(t, true);
            frame->cut = t == CUT;
            rl_window_push(&window, frame);
        }
        if (t < COUNT && !rl_window_is_ready(&window))
            continue;
        struct rl_film film;
        struct rl_frame *frame = NULL;
        int since = left < CUT ? left : left - CUT, until = (left < CUT ? CUT : COUNT) - 1 - left;
        rl_window_look(&window, &film);
        for (int k = 0; k < RL_FILM_BACK; k++)
            CHECK_INT(film.back[k] != NULL, k < since);
        for (int k = 0; k < RL_FILM_AHEAD; k++)
            CHECK_INT(film.ahead[k] != NULL, k < until);
        CHECK(rl_window_take(&window, &frame));
        CHECK_INT(frame->index, left++);
        rl_frame_free(&frame);
    }
    rl_window_clear(&window);
}

int main(void)
{
    rest = FRAMES;
    now = 6;
    RUN(holes_show_what_other_frames_saw);
    RUN(without_motion_nothing_is_taken);
    RUN(other_light_is_not_taken);
    RUN(what_was_seen_stays);
    RUN(slivers_do_not_forget);
    RUN(grain_moves_nothing);
    RUN(memory_fades_with_the_picture);
    RUN(outlines_leave_no_fringe);
    RUN(blur_is_not_what_lies_behind);
    RUN(tints_are_not_what_lies_behind);
    RUN(nobody_looks_across_a_cut);
    return check_result();
}
