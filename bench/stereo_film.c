// SPDX-License-Identifier: MIT
//
// What the frames around bring to the holes: drawn clips whose hidden parts are known, through the
// watch stage (motion) and the stereo stage, once with each fill.
//
//     stereo_film
//
// Each clip has a textured thing before a textured wall; the right view is made of the left picture
// and a map of the network's size, and compared with the right view as it is drawn. Prints PSNR of
// luma in dB over the pixels that show the wall and that the left picture hides, those that a frame
// of the clip up to six before or four after shows, and the others; and how much those two pixels
// off the thing's outline change from frame to frame (mean absolute difference of 255), how much
// they truly do, and how much as many pixels beside them do, which the left picture shows.
#include "base/cpu.h"
#include "plane/pool.h"
#include "steady/watch.h"
#include "stereo/film.h"
#include "stereo/stereo.h"

#include <math.h>
#include <string.h>

enum { WIDTH = 640, HEIGHT = 360, MAP_WIDTH = 256, MAP_HEIGHT = 144, FRAMES = 16 };
enum { SHOWN_BACK = 6, SHOWN_AHEAD = 4, OUTLINE = 2 };

static const double divergence = 3, wall_depth = 0.1, thing_depth = 0.9;

// Pixels a frame by which wall and thing move, and half the thing's width.
static const struct clip {
    const char *name;
    double wall_dx, wall_dy, thing_dx, half_px;
} clips[] = {
    {"camera passes, slow", -1.3, 0, -3.1, 90}, {"camera passes, fast", -6, 0, -14, 90},
    {"camera tilts and pans", 3.2, 0.8, 7, 90}, {"camera passes a pole", -2.6, 0, -6.3, 10},
    {"thing moves, wall still", 0, 0, 4.4, 90}, {"nothing moves", 0, 0, 0, 90},
};

static double grain(double x, double y)
{
    double v = 0;
    for (int k = 0; k < 4; k++) {
        double f = 0.11 * (1 << k) * 0.6;
        v += sin(x * f * (1 + 0.13 * k) + sin(y * f * 0.7) * 2 + k) * sin(y * f + x * f * 0.31) /
             (1 + 0.5 * k);
    }
    return v;
}

static double wall(const struct clip *clip, double x, double y, int t)
{
    return 110 + 30 * grain(x - clip->wall_dx * t, y - clip->wall_dy * t);
}

static bool is_thing(const struct clip *clip, double x, double y, int t)
{
    double dx = (x - WIDTH / 2.0 - clip->thing_dx * (t - FRAMES / 2)) / clip->half_px,
           dy = (y - 185) / 125;
    return dx * dx + dy * dy < 1;
}

static double thing(const struct clip *clip, double x, double y, int t)
{
    return 170 + 25 * grain(1.7 * (x - clip->thing_dx * t) + 50, y * 1.3);
}

static double parallax(double depth)
{
    return (0.5 - depth) * divergence / 100 * WIDTH;
}

static uint8_t left_pixel(const struct clip *clip, int x, int y, int t)
{
    return (uint8_t)lround(is_thing(clip, x, y, t) ? thing(clip, x, y, t) : wall(clip, x, y, t));
}

static struct rl_frame *draw(const struct clip *clip, int t, struct rl_pool pools[2])
{
    struct rl_frame *frame = rl_frame_create();
    frame->index = frame->pts = t;
    frame->picture = rl_pool_get(&pools[0], AV_PIX_FMT_YUV420P, WIDTH, HEIGHT, NULL);
    frame->depth = rl_pool_get(&pools[1], AV_PIX_FMT_GRAYF32, MAP_WIDTH, MAP_HEIGHT, NULL);
    frame->depth_is_final = true;
    struct rl_plane luma = rl_frame_plane(frame->picture, 0), map = rl_frame_plane(frame->depth, 0);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            rl_plane_row(&luma, y)[x] = left_pixel(clip, x, y, t);
    for (int p = 1; p < 3; p++) {
        struct rl_plane chroma = rl_frame_plane(frame->picture, p);
        for (int y = 0; y < chroma.height; y++)
            memset(rl_plane_row(&chroma, y), 128, (size_t)chroma.width);
    }
    for (int y = 0; y < MAP_HEIGHT; y++)
        for (int x = 0; x < MAP_WIDTH; x++) {
            double u = (x + 0.5) * WIDTH / MAP_WIDTH - 0.5,
                   v = (y + 0.5) * HEIGHT / MAP_HEIGHT - 0.5;
            ((float *)(void *)rl_plane_row(
                &map, y))[x] = (float)(is_thing(clip, u, v, t) ? thing_depth : wall_depth);
        }
    return frame;
}

static enum relief_status keep(void *user, struct rl_frame *frame, struct relief_error *err)
{
    (void)err;
    ((struct rl_frame **)user)[frame->index] = frame;
    return RELIEF_OK;
}

static void pass(struct rl_stage *stage, struct rl_frame *frames[FRAMES])
{
    struct rl_sink sink = {keep, frames};
    struct rl_frame *in[FRAMES];
    memcpy(in, frames, sizeof in);
    for (int t = 0; t < FRAMES; t++)
        if (stage->type->push(stage->state, in[t], &sink, NULL))
            abort();
    if (stage->type->flush(stage->state, &sink, NULL))
        abort();
    stage->type->close(stage->state);
}

static void make(const struct clip *clip, enum relief_fill fill, struct rl_frame *frames[FRAMES])
{
    struct rl_pool pools[2] = {0};
    struct rl_stage watch, stereo;
    struct rl_watch_params watching = {.depth_every = 1, .cpu = rl_cpu_flags(-1)};
    struct rl_stereo_params params = {.divergence = (float)divergence,
                                      .convergence = 0.5f,
                                      .anchor = RELIEF_ANCHOR_LEFT,
                                      .eyes = RL_EYE_RIGHT,
                                      .fill = fill,
                                      .cpu = rl_cpu_flags(-1)};
    for (int t = 0; t < FRAMES; t++)
        frames[t] = draw(clip, t, pools);
    if (rl_watch_open(&watch, &watching, NULL) || rl_stereo_open(&stereo, &params, NULL))
        abort();
    pass(&watch, frames);
    pass(&stereo, frames);
    for (int i = 0; i < 2; i++)
        rl_pool_clear(&pools[i]);
}

// What a pixel of the right view is: 0 no hole, 1 a hole that some frame shows, 2 one that none
// does.
static int kind(const struct clip *clip, int x, int y, int t)
{
    double from = x - parallax(wall_depth);
    if (is_thing(clip, x - parallax(thing_depth), y, t) || !is_thing(clip, from, y, t))
        return 0;
    for (int k = -SHOWN_BACK; k <= SHOWN_AHEAD; k++) {
        double there = from + clip->wall_dx * k, down = y + clip->wall_dy * k;
        if (t + k >= 0 && t + k < FRAMES && there >= 0 && there < WIDTH &&
            !is_thing(clip, there, down, t + k))
            return 1;
    }
    return 2;
}

struct score {
    double error[3], count[3], change, true_change, changes, around, arounds;
};

static double truth(const struct clip *clip, int x, int y, int t)
{
    return wall(clip, x - parallax(wall_depth), y, t);
}

// True when this pixel of the right view is hidden from the left picture, or shown by it beside
// such ones, and lies off the outlines; `hidden` says which.
static bool is_inner(const struct clip *clip, int x, int y, int t, bool hidden)
{
    for (int k = -OUTLINE; k <= OUTLINE; k++)
        if (is_thing(clip, x + k - parallax(thing_depth), y, t))
            return false;
    int width = (int)(parallax(wall_depth) - parallax(thing_depth));
    return hidden ? kind(clip, x, y, t)
                  : !kind(clip, x, y, t) && kind(clip, x - width, y, t) &&
                        !kind(clip, x - OUTLINE, y, t);
}

static void count_changes(struct score *score, const struct clip *clip,
                          struct rl_frame *frames[FRAMES], int t, int x, int y)
{
    struct rl_plane view = rl_frame_plane(frames[t]->right, 0);
    struct rl_plane next = rl_frame_plane(frames[t + 1]->right, 0);
    double change = abs(rl_plane_row(&next, y)[x] - rl_plane_row(&view, y)[x]);
    if (is_inner(clip, x, y, t, true) && is_inner(clip, x, y, t + 1, true)) {
        score->change += change;
        score->true_change += fabs(truth(clip, x, y, t + 1) - truth(clip, x, y, t));
        score->changes++;
    } else if (is_inner(clip, x, y, t, false) && is_inner(clip, x, y, t + 1, false)) {
        score->around += change;
        score->arounds++;
    }
}

static void judge(struct score *score, const struct clip *clip, struct rl_frame *frames[FRAMES])
{
    for (int t = 0; t < FRAMES; t++) {
        struct rl_plane view = rl_frame_plane(frames[t]->right, 0);
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < WIDTH; x++) {
                int k = kind(clip, x, y, t);
                double e = rl_plane_row(&view, y)[x] - truth(clip, x, y, t);
                score->error[k] += k ? e * e : 0;
                score->count[k]++;
                if (t + 1 < FRAMES)
                    count_changes(score, clip, frames, t, x, y);
            }
    }
}

static double db(double error, double count)
{
    return count > 0 ? 10 * log10(65025 * count / error) : NAN;
}

int main(void)
{
    static const char *const names[] = {"film", "single"};
    printf("                                  shown   hidden  change  truly around\n");
    for (size_t c = 0; c < sizeof clips / sizeof *clips; c++)
        for (int fill = 0; fill < 2; fill++) {
            struct rl_frame *frames[FRAMES];
            struct score s = {{0}, {0}, 0, 0, 0, 0, 0};
            make(&clips[c], (enum relief_fill)fill, frames);
            judge(&s, &clips[c], frames);
            printf("%-24s %-8s %6.1f   %6.1f  %6.1f %6.1f %6.1f\n", clips[c].name, names[fill],
                   db(s.error[1], s.count[1]), db(s.error[2], s.count[2]), s.change / s.changes,
                   s.true_change / s.changes, s.around / s.arounds);
            for (int t = 0; t < FRAMES; t++)
                rl_frame_free(&frames[t]);
        }
    return 0;
}
