// SPDX-License-Identifier: MIT
//
// Drawn clips: where shots begin, and what only looks like it.
#include "check.h"

#include "steady/cuts.h"

// Scenes are drawn in units of 256 x 144, every other of which is a pixel.
enum { WIDTH = 256, HEIGHT = 144, STEP = 2, FRAMES = 60 };

// A scene: soft blobs at places of its own, `dx` columns along.
static float scene(int which, double x, double y, double dx)
{
    double luma = 110 + 40 * sin(which * 1.7 + y * .02 * (which + 1));
    unsigned seed = (unsigned)which * 7919u + 17u;
    for (int i = 0; i < 9; i++) {
        seed = seed * 1664525u + 1013904223u;
        double cx = (seed >> 8) % 400 - 70., cy = (seed >> 17) % HEIGHT, r = 14 + (seed >> 26);
        double far = ((x + dx - cx) * (x + dx - cx) + (y - cy) * (y - cy)) / (r * r);
        luma += ((seed >> 5 & 1) ? 90 : -90) * exp(-far);
    }
    return (float)fmin(fmax(luma, 16), 235);
}

// What a clip shows at a pixel of frame t.
typedef float (*clip_fn)(int t, int x, int y);

static void draw(AVFrame *picture, clip_fn clip, int t)
{
    for (int y = 0; y < picture->height; y++)
        for (int x = 0; x < picture->width; x++)
            picture->data[0][y * picture->linesize[0] + x] = (uint8_t)clip(t, x * STEP, y * STEP);
}

// The frames that begin a shot, frame 0 left out, as "20 40 ".
static const char *cuts_of(clip_fn clip)
{
    static char text[256];
    AVFrame *picture = av_frame_alloc();
    struct rl_cuts cuts;
    picture->format = AV_PIX_FMT_YUV420P;
    picture->width = WIDTH / STEP;
    picture->height = HEIGHT / STEP;
    CHECK(av_frame_get_buffer(picture, 0) == 0);
    rl_cuts_init(&cuts);
    text[0] = 0;
    for (int t = 0, asked = 0; t < FRAMES; t++) {
        struct rl_thumb thumb;
        draw(picture, clip, t);
        rl_thumb_of(&thumb, picture);
        rl_cuts_add(&cuts, &thumb);
        for (; asked + RL_CUTS_AHEAD <= t || (t == FRAMES - 1 && asked < FRAMES); asked++)
            if (rl_cuts_at(&cuts, asked) && asked)
                snprintf(text + strlen(text), sizeof text - strlen(text), "%d ", asked);
    }
    av_frame_free(&picture);
    return text;
}

static float hard_cuts(int t, int x, int y)
{
    return scene(t < 20 ? 1 : t < 41 ? 2 : 3, x, y, t * .5);
}

static float cut_at_the_end(int t, int x, int y)
{
    return scene(t < FRAMES - 1 ? 1 : 2, x, y, 0);
}

static float dissolve(int t, int x, int y)
{
    float part = (float)fmin(fmax((t - 20) / 12., 0), 1);
    return (1 - part) * scene(1, x, y, 0) + part * scene(2, x, y, 0);
}

// A bright frame while one scene becomes another: those before do not come back in full.
static float flash_in_a_dissolve(int t, int x, int y)
{
    float part = (float)fmin(fmax((t - 20) / 7., 0), 1);
    float luma = (1 - part) * scene(1, x, y, 0) + part * scene(2, x, y, 0);
    return t == 22 ? .2f * luma + 200 : luma;
}

// A scene of two tones.
static float tones(int which, double x, double y, float dark, float bright)
{
    return scene(which, x, y, 0) < 110 ? dark : bright;
}

// The same, with light on the first scene alone: it differs less from what comes than from what
// was.
static float flash_on_what_goes(int t, int x, int y)
{
    float part = (float)fmin(fmax((t - 19) / 9., 0), 1), goes = tones(1, x, y, 102, 118);
    return (1 - part) * (t == 21 ? .2f * goes + 200 : goes) + part * tones(4, x, y, 140, 180);
}

static float fades(int t, int x, int y)
{
    double light = t < 15 ? 1 : t < 27 ? (27 - t) / 12. : t < 33 ? 0 : fmin((t - 33) / 12., 1);
    return (float)(16 + light * (scene(1, x, y, 0) - 16));
}

// One white frame, then two.
static float flash(int t, int x, int y)
{
    return t == 20 || t == 40 || t == 41 ? 235 : scene(1, x, y, t * .5);
}

// Another picture for two frames: an object close to the camera.
static float interlude(int t, int x, int y)
{
    return scene(t == 30 || t == 31 ? 2 : 1, x, y, 0);
}

static float strobe(int t, int x, int y)
{
    return t > 15 && t / 2 % 2 ? scene(1, x, y, 0) : 16 + (scene(1, x, y, 0) - 16) / 8;
}

static float cut_out_of_a_strobe(int t, int x, int y)
{
    if (t >= 31)
        return scene(2, x, y, 0);
    return t / 2 % 2 ? scene(1, x, y, 0) : scene(1, x, y, 0) * .15f;
}

// Sky above and ground below in both.
static float cut_to_its_like(int t, int x, int y)
{
    return (y < HEIGHT / 2 ? 190 : 90) + (scene(t < 25 ? 1 : 2, x, y, 0) - 110) / 3;
}

static float pan(int t, int x, int y)
{
    return scene(1, x, y, t < 20 ? 0 : t < 30 ? (t - 20) * 24 : 240);
}

static float light_is_switched_on(int t, int x, int y)
{
    return t < 30 ? 16 + (scene(1, x, y, 0) - 16) * .55f : scene(1, x, y, 0);
}

static float cut_in_letterbox(int t, int x, int y)
{
    return y < 24 || y >= HEIGHT - 24 ? 16 : scene(t < 25 ? 1 : 2, x, y, 0);
}

// Washed out, a picture is like nothing that comes later.
static float cut_after_a_flash(int t, int x, int y)
{
    float luma = scene(t < 25 ? 1 : 2, x, y, 0);
    return t == 19 ? .2f * luma + 200 : t < 25 ? luma : 16 + luma / 3;
}

static float cut_in_the_dark(int t, int x, int y)
{
    return 16 + (scene(t < 25 ? 1 : 2, x, y, 0) - 16) / 6;
}

static void cuts_lie_on_the_right_frame(void)
{
    CHECK_TEXT(cuts_of(hard_cuts), "20 41 ");
    CHECK_TEXT(cuts_of(cut_at_the_end), "59 ");
    CHECK_TEXT(cuts_of(cut_in_letterbox), "25 ");
    CHECK_TEXT(cuts_of(cut_in_the_dark), "25 ");
    CHECK_TEXT(cuts_of(cut_after_a_flash), "25 ");
    CHECK_TEXT(cuts_of(cut_out_of_a_strobe), "31 ");
    CHECK_TEXT(cuts_of(cut_to_its_like), "25 ");
}

static void what_is_no_cut(void)
{
    CHECK_TEXT(cuts_of(dissolve), "");
    CHECK_TEXT(cuts_of(flash_in_a_dissolve), "");
    CHECK_TEXT(cuts_of(flash_on_what_goes), "");
    CHECK_TEXT(cuts_of(fades), "");
    CHECK_TEXT(cuts_of(flash), "");
    CHECK_TEXT(cuts_of(interlude), "");
    CHECK_TEXT(cuts_of(strobe), "");
    CHECK_TEXT(cuts_of(pan), "");
    CHECK_TEXT(cuts_of(light_is_switched_on), "");
}

static void bars_are_left_out(void)
{
    AVFrame *picture = av_frame_alloc();
    struct rl_thumb thumb;
    struct rl_thumb_area area;
    picture->format = AV_PIX_FMT_YUV420P;
    picture->width = WIDTH / STEP;
    picture->height = HEIGHT / STEP;
    CHECK(av_frame_get_buffer(picture, 0) == 0);
    draw(picture, cut_in_letterbox, 0);
    rl_thumb_of(&thumb, picture);
    CHECK(rl_thumb_active(&thumb, &area));
    CHECK_INT(area.x0, 0);
    CHECK_INT(area.y0, 7);
    CHECK_INT(area.x1, 64);
    CHECK_INT(area.y1, 29);
    memset(thumb.luma, 0, sizeof thumb.luma);
    CHECK(!rl_thumb_active(&thumb, &area));
    CHECK_INT(area.y1, 36);
    av_frame_free(&picture);
}

int main(void)
{
    RUN(cuts_lie_on_the_right_frame);
    RUN(what_is_no_cut);
    RUN(bars_are_left_out);
    return check_result();
}
