// SPDX-License-Identifier: MIT
#include "stereo/aim.h"

#include "stereo/comfort.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { GRID_W = 96, GRID_H = 54, BINS = 64, REACH = 4, SAMPLES = 4, BORDER_ROWS = 128 };

static const float middle_x = 0.25f, middle_y = 0.3f;   // deviation, of width and height
static const float anywhere = 0.05f;                    // what a corner counts at least
static const float nearness = 0.65f, sharpness = 0.7f;  // share of the weight that hangs on it
static const float standing = 0.95f;        // likewise on standing out from the rest of its row
static const float behind_share = 0.15f;    // of a row: is its rest, the farthest of it
static const float standing_step = 0.15f;   // of the range, that counts as standing out
static const float least_screen = 0.35f;    // of the range: what is before the screen tires
static const float sharp_step = 0.06f;      // of full brightness, from pixel to pixel
static const float border_share = 0.03f;    // of the width
static const float border_height = 0.125f;  // of the height
static const float screen_rate = 1.5f, outward_rate = 3, inward_rate = 0.7f;  // a second

// ---------------------------------------------------------------------------------------------
// One frame

static float cell_at(const struct rl_plane *map, int x, int y)
{
    const float d = ((const float *)(const void *)rl_plane_row(map, y))[x];
    return d > 0 ? d < 1 ? d : 1 : 0;  // what is no number is 0
}

static float ramp(float value, float full)
{
    return value < 0 ? 0 : value < full ? value / full : 1;
}

struct luma {
    struct rl_plane plane;
    int bits;
};

static int sample_at(const struct luma *luma, int x, int y)
{
    const uint8_t *row = rl_plane_row(&luma->plane, y);
    return luma->bits > 8 ? ((const uint16_t *)(const void *)row)[x] : row[x];
}

// The mean step of brightness around a place of the grid, 0..1: what is in focus has some.
static float sharp_at(const struct luma *luma, int gx, int gy)
{
    int sum = 0;
    for (int k = 0; k < SAMPLES; k++) {
        int x = (int)((int64_t)(SAMPLES * gx + k) * luma->plane.width / (SAMPLES * GRID_W));
        int y = (int)((int64_t)(SAMPLES * gy + k * 3 % SAMPLES) * luma->plane.height /
                      (SAMPLES * GRID_H));
        x = x < luma->plane.width - 1 ? x : luma->plane.width - 2;
        y = y < luma->plane.height - 1 ? y : luma->plane.height - 2;
        if (x < 0 || y < 0)
            return 0;
        const int at = sample_at(luma, x, y);
        sum += abs(sample_at(luma, x + 1, y) - at) + abs(sample_at(luma, x, y + 1) - at);
    }
    const float step = (float)sum / (float)(2 * SAMPLES << luma->bits);
    return ramp(step, sharp_step);
}

static float bell(float at, float deviation)
{
    const float off = (at - 0.5f) / deviation;
    return expf(-0.5f * off * off);
}

// The middle of the fullest window of bins, weighed.
static float fullest(const float bins[BINS])
{
    float most = -1, found = 0;
    for (int at = 0; at < BINS; at++) {
        float sum = 0, moment = 0;
        for (int k = at - REACH; k <= at + REACH; k++)
            if (k >= 0 && k < BINS) {
                sum += bins[k];
                moment += bins[k] * ((float)k + 0.5f) / BINS;
            }
        if (sum > most) {
            most = sum;
            found = sum > 0 ? moment / sum : 0;
        }
    }
    return found;
}

static int by_size(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x < y) - (x > y);
}

// The depths of row `gy` of the grid. Returns what lies behind the things in it: ground and walls
// have the depth of their row, and do not stand out from it.
static float take_row(float row[GRID_W], const struct rl_plane *map, int gy)
{
    float sorted[GRID_W];
    for (int gx = 0; gx < GRID_W; gx++)
        row[gx] = cell_at(map, (2 * gx + 1) * map->width / (2 * GRID_W),
                          (2 * gy + 1) * map->height / (2 * GRID_H));
    memcpy(sorted, row, sizeof sorted);
    qsort(sorted, GRID_W, sizeof *sorted, by_size);
    return sorted[GRID_W - 1 - (int)(GRID_W * behind_share)];
}

// What a place of the grid, at depth d and by `before` nearer than the rest of its row, counts.
static float weight_of(const struct luma *luma, int gx, int gy, float d, float before)
{
    const float place = bell(((float)gx + 0.5f) / GRID_W, middle_x) *
                            bell(((float)gy + 0.5f) / GRID_H, middle_y) +
                        anywhere;
    return place * (1 - nearness + nearness * d) *
           (1 - sharpness + sharpness * sharp_at(luma, gx, gy)) *
           (1 - standing + standing * ramp(before, standing_step));
}

float rl_aim_subject(const struct rl_frame *frame)
{
    const struct rl_plane map = rl_frame_plane_in(frame->depth, 0, rl_frame_depth_area(frame));
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(
        (enum AVPixelFormat)frame->picture->format);
    const struct luma luma = {rl_frame_plane_in(frame->picture, 0, rl_frame_area(frame)),
                              desc->comp[0].depth};
    float bins[BINS] = {0};
    for (int gy = 0; gy < GRID_H; gy++) {
        float row[GRID_W];
        const float behind = take_row(row, &map, gy);
        for (int gx = 0; gx < GRID_W; gx++)
            bins[(int)(row[gx] * (BINS - 1) + 0.5f)] += weight_of(&luma, gx, gy, row[gx],
                                                                  row[gx] - behind);
    }
    return fmaxf(least_screen, fullest(bins));
}

float rl_aim_border(const struct rl_frame *frame, bool right)
{
    const struct rl_plane map = rl_frame_plane_in(frame->depth, 0, rl_frame_depth_area(frame));
    const int strip = (int)((float)map.width * border_share) + 1;
    const int x0 = right ? map.width - strip : 0;
    float rows[BORDER_ROWS];
    for (int k = 0; k < BORDER_ROWS; k++) {
        const int y = (2 * k + 1) * map.height / (2 * BORDER_ROWS);
        rows[k] = 0;
        for (int x = x0; x < x0 + strip; x++)
            rows[k] = fmaxf(rows[k], cell_at(&map, x, y));
    }
    qsort(rows, BORDER_ROWS, sizeof *rows, by_size);
    return rows[(int)(BORDER_ROWS * border_height)];
}

// ---------------------------------------------------------------------------------------------
// Over time

enum { SCREEN, LEFT, RIGHT, VALUES };

struct held {
    struct rl_frame *frame;
    float seen[VALUES];
};

struct aim {
    struct rl_aim_params params;
    struct held held[RL_AIM_AHEAD + 1];
    int count;
    bool started;
    float at[VALUES], speed[VALUES];  // speed a second
};

// The frames of the shot that the first held one belongs to.
static int shot_length(const struct aim *aim)
{
    int count = 1;
    while (count < aim->count && !aim->held[count].frame->cut)
        count++;
    return count;
}

static float median_of(const struct aim *aim, int value, int count)
{
    float sorted[RL_AIM_AHEAD + 1];
    for (int i = 0; i < count; i++)
        sorted[i] = aim->held[i].seen[value];
    qsort(sorted, (size_t)count, sizeof *sorted, by_size);
    return sorted[count / 2];
}

// The most of what lasts: of each two neighbours in time the lesser counts.
static float lasting_of(const struct aim *aim, int value, int count)
{
    float most = count > 1 ? 0 : aim->held[0].seen[value];
    for (int i = 0; i + 1 < count; i++)
        most = fmaxf(most, fminf(aim->held[i].seen[value], aim->held[i + 1].seen[value]));
    return most;
}

// One step of a critically damped spring, in closed form.
static void approach(float *at, float *speed, float goal, float rate, float seconds)
{
    const float off = *at - goal, push = *speed + rate * off, fade = expf(-rate * seconds);
    *at = goal + (off + push * seconds) * fade;
    *speed = (*speed - rate * push * seconds) * fade;
}

static float limited(float value, float most)
{
    return value > most ? most : value < -most ? -most : value;
}

static void move(struct aim *aim, int value, float goal, float seconds)
{
    float *at = &aim->at[value], *speed = &aim->speed[value], before = *at;
    const float rate = value == SCREEN ? screen_rate : goal > *at ? outward_rate : inward_rate;
    approach(at, speed, goal, rate, seconds);
    if (value == SCREEN) {
        *at = before + limited(*at - before, RL_AIM_SPEED * seconds);
        *speed = limited(*speed, RL_AIM_SPEED);
    }
}

static enum relief_status pass_on(struct aim *aim, const struct rl_sink *out,
                                  struct relief_error *err)
{
    struct rl_frame *frame = aim->held[0].frame;
    const int count = shot_length(aim);
    const double rate = aim->params.frame_rate > 0 ? aim->params.frame_rate : 25;
    for (int value = 0; value < VALUES; value++) {
        const float goal = value == SCREEN ? median_of(aim, value, count)
                                           : lasting_of(aim, value, count);
        if (frame->cut || !aim->started) {
            aim->at[value] = goal;
            aim->speed[value] = 0;
        } else {
            move(aim, value, goal, (float)(1 / rate));
        }
    }
    aim->started = true;
    frame->aim = (struct rl_aim){true, aim->at[SCREEN], {aim->at[LEFT], aim->at[RIGHT]}};
    aim->count--;
    memmove(aim->held, aim->held + 1, (size_t)aim->count * sizeof *aim->held);
    return out->take(out->user, frame, err);
}

static float bend(const struct aim *aim, float d)
{
    return d + aim->params.curve * d * (1 - d);
}

// The nearest that the screen may be, so that the farthest depth, 0, is not too far behind it.
static float nearest_screen(const struct rl_aim_params *params)
{
    const float range_mm = params->divergence / 100 * params->screen_width_mm;
    return range_mm > RL_COMFORT_EYES ? RL_COMFORT_EYES / range_mm : 1;
}

static enum relief_status push(void *state, struct rl_frame *frame, const struct rl_sink *out,
                               struct relief_error *err)
{
    struct aim *aim = state;
    struct held *held = &aim->held[aim->count++];
    *held = (struct held){.frame = frame, .seen = {aim->params.convergence}};
    if (aim->params.screen)
        held->seen[SCREEN] = fminf(bend(aim, rl_aim_subject(frame)), nearest_screen(&aim->params));
    if (aim->params.borders) {
        held->seen[LEFT] = bend(aim, rl_aim_border(frame, false));
        held->seen[RIGHT] = bend(aim, rl_aim_border(frame, true));
    }
    return aim->count > RL_AIM_AHEAD ? pass_on(aim, out, err) : RELIEF_OK;
}

static enum relief_status flush(void *state, const struct rl_sink *out, struct relief_error *err)
{
    struct aim *aim = state;
    enum relief_status status = RELIEF_OK;
    while (status == RELIEF_OK && aim->count)
        status = pass_on(aim, out, err);
    return status;
}

static void close_stage(void *state)
{
    struct aim *aim = state;
    for (int i = 0; i < aim->count; i++)
        rl_frame_free(&aim->held[i].frame);
    free(aim);
}

enum relief_status rl_aim_open(struct rl_stage *stage, const struct rl_aim_params *params,
                               struct relief_error *err)
{
    static const struct rl_stage_type type = {"aim", push, flush, close_stage};
    struct aim *aim = calloc(1, sizeof *aim);
    if (!aim)
        return rl_fail_memory(err);
    aim->params = *params;
    *stage = (struct rl_stage){&type, aim};
    return RELIEF_OK;
}
