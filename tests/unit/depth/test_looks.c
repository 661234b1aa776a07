// SPDX-License-Identifier: MIT
//
// Looks in turns: what the other one would have said.
#include "check.h"

#include "depth/looks.h"
#include "plane/pool.h"

enum { WIDTH = 48, HEIGHT = 32 };

static struct rl_pool maps, motions;

// Motion of half the map's size: the same everywhere, but for what can be trusted.
static struct rl_frame *frame_with(float dx, float dy, float left_trust, float right_trust)
{
    struct rl_frame *frame = rl_frame_create();
    frame->picture = rl_pool_get(&maps, AV_PIX_FMT_GRAY8, 2 * WIDTH, 2 * HEIGHT, NULL);
    frame->depth = rl_pool_get(&maps, AV_PIX_FMT_GRAYF32, WIDTH, HEIGHT, NULL);
    frame->motion_back = rl_pool_get(&motions, AV_PIX_FMT_GBRPF32, WIDTH / 2, HEIGHT / 2, NULL);
    for (int plane = 0; plane < 3; plane++) {
        const struct rl_plane to = rl_frame_plane(frame->motion_back, plane);
        for (int y = 0; y < to.height; y++)
            for (int x = 0; x < to.width; x++) {
                const float trust = x < WIDTH / 4 ? left_trust : right_trust;
                ((float *)(void *)rl_plane_row(&to, y))[x] = plane == 0   ? dx
                                                             : plane == 1 ? dy
                                                                          : trust;
            }
    }
    return frame;
}

static float *cell(const struct rl_frame *frame, int x, int y)
{
    const struct rl_plane map = rl_frame_plane(frame->depth, 0);
    return (float *)(void *)rl_plane_row(&map, y) + x;
}

static float plain_at(float x, float y)
{
    return 3 + .05f * x + .02f * y;
}

static float mirrored_at(float x, float y)
{
    return plain_at(x, y) + .4f - .01f * x;
}

static float mean_at(float x, float y)
{
    return (plain_at(x, y) + mirrored_at(x, y)) / 2;
}

typedef float (*look_fn)(float x, float y);

static void draw(const struct rl_frame *frame, look_fn look, float shift)
{
    const struct rl_area area = rl_frame_depth_area(frame);
    for (int y = area.y0; y < area.y1; y++)
        for (int x = area.x0; x < area.x1; x++)
            *cell(frame, x, y) = look((float)(x - area.x0) + shift, (float)(y - area.y0));
}

// A frame that both looks saw.
static void begin(struct rl_looks *looks, struct rl_area area)
{
    struct rl_frame *frame = frame_with(0, 0, 1, 1);
    frame->area = area;
    CHECK_INT(rl_looks_init(looks, WIDTH - area.x0 / 2, HEIGHT, NULL), RELIEF_OK);
    draw(frame, mean_at, 0);
    for (int y = 0; y < looks->height; y++)
        for (int x = 0; x < looks->width; x++)
            rl_looks_skew_row(looks, y)[x] = mirrored_at((float)x, (float)y) -
                                             plain_at((float)x, (float)y);
    rl_looks_keep(looks, frame);
    rl_frame_free(&frame);
}

static void what_stands_still_keeps_its_mean(void)
{
    struct rl_looks looks;
    begin(&looks, (struct rl_area){0});
    for (int i = 1; i < 6; i++) {
        const bool mirrored = i % 2;
        struct rl_frame *frame = frame_with(0, 0, 1, 1);
        draw(frame, mirrored ? mirrored_at : plain_at, 0);
        rl_looks_complete(&looks, frame, mirrored);
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < WIDTH; x++)
                CHECK_NEAR(*cell(frame, x, y), mean_at((float)x, (float)y), 1e-5);
        rl_looks_keep(&looks, frame);
        rl_frame_free(&frame);
    }
    rl_looks_clear(&looks);
}

// Four cells to the left in the frame before: two of motion's.
static void the_other_look_goes_along_motion(void)
{
    struct rl_looks looks;
    begin(&looks, (struct rl_area){0});
    struct rl_frame *frame = frame_with(-2, 0, 1, 1);
    draw(frame, plain_at, -4);
    rl_looks_complete(&looks, frame, false);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 4; x < WIDTH; x++)
            CHECK_NEAR(*cell(frame, x, y), mean_at((float)x - 4, (float)y), 1e-4);
    rl_frame_free(&frame);
    rl_looks_clear(&looks);
}

// On the left nothing can be followed: the look is believed there, less what it errs by of old.
static void what_is_new_is_believed(void)
{
    struct rl_looks looks;
    begin(&looks, (struct rl_area){0});
    struct rl_frame *frame = frame_with(0, 0, 0, 1);
    draw(frame, plain_at, 0);
    *cell(frame, 4, 4) = *cell(frame, WIDTH - 5, 4) = 9;
    rl_looks_complete(&looks, frame, false);
    CHECK_NEAR(*cell(frame, 4, 4), 9 + (.4 - .01 * 4) / 2, 1e-5);
    CHECK_NEAR(*cell(frame, WIDTH - 5, 4), (9 + mirrored_at(WIDTH - 5, 4)) / 2, 1e-5);
    rl_frame_free(&frame);
    rl_looks_clear(&looks);
}

// A bar at the left: cells are counted from its edge, motion from the picture's.
static void bars_do_not_shift_it(void)
{
    struct rl_looks looks;
    const struct rl_area area = {WIDTH / 2, 0, 2 * WIDTH, 2 * HEIGHT};
    begin(&looks, area);
    struct rl_frame *frame = frame_with(0, 0, 0, 1);
    frame->area = area;
    draw(frame, plain_at, 0);
    *cell(frame, WIDTH / 4 + 2, 4) = *cell(frame, WIDTH - 5, 4) = 9;
    rl_looks_complete(&looks, frame, false);
    CHECK_NEAR(*cell(frame, WIDTH / 4 + 2, 4), 9 + (.4 - .01 * 2) / 2, 1e-5);
    CHECK_NEAR(*cell(frame, WIDTH - 5, 4), (9 + mirrored_at(3 * WIDTH / 4 - 5, 4)) / 2, 1e-5);
    rl_frame_free(&frame);
    rl_looks_clear(&looks);
}

int main(void)
{
    RUN(what_stands_still_keeps_its_mean);
    RUN(the_other_look_goes_along_motion);
    RUN(what_is_new_is_believed);
    RUN(bars_do_not_shift_it);
    rl_pool_clear(&maps);
    rl_pool_clear(&motions);
    return check_result();
}
