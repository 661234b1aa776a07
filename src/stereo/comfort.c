// SPDX-License-Identifier: MIT
#include "stereo/comfort.h"

#include <inttypes.h>
#include <stdlib.h>

bool rl_comfort_open(struct rl_comfort *comfort, float screen_width_mm, struct rl_log *log)
{
    *comfort = (struct rl_comfort){.screen_width_mm = screen_width_mm, .log = log};
    comfort->shots = calloc(RL_COMFORT_SHOTS, sizeof *comfort->shots);
    return comfort->shots;
}

void rl_comfort_close(struct rl_comfort *comfort)
{
    free(comfort->shots);
    *comfort = (struct rl_comfort){0};
}

enum { BINS = 512, IGNORED = 1000 };  // one cell of so many does not count at either end
enum { COUNTS = 4 };  // of each bin, as cells side by side are often alike, and a count waits

void rl_comfort_measure(const struct rl_frame *frame, float *nearest, float *farthest)
{
    const struct rl_plane map = rl_frame_plane_in(frame->depth, 0, rl_frame_depth_area(frame));
    int counts[COUNTS][BINS] = {{0}}, *bins = counts[0];
    int ignored = map.width * map.height / IGNORED, low = 0, high = BINS - 1;
    for (int y = 0; y < map.height; y++) {
        const float *row = (const float *)(const void *)rl_plane_row(&map, y);
        for (int x = 0; x < map.width; x++) {
            float d = row[x] > 0 ? row[x] < 1 ? row[x] : 1 : 0;  // what is no number is 0
            counts[x % COUNTS][(int)(d * (BINS - 1) + 0.5f)]++;
        }
    }
    for (int i = BINS; i < COUNTS * BINS; i++)
        bins[i % BINS] += counts[i / BINS][i % BINS];
    for (int sum = bins[low]; sum <= ignored && low < high; sum += bins[low])
        low++;
    for (int sum = bins[high]; sum <= ignored && high > low; sum += bins[high])
        high--;
    *farthest = (float)low / (BINS - 1);
    *nearest = (float)high / (BINS - 1);
}

static void judge(const struct rl_comfort *comfort, const struct rl_shot *shot)
{
    float range = shot->farthest - shot->nearest;
    float behind_mm = shot->farthest / 100 * comfort->screen_width_mm;
    if (range > RL_COMFORT_RANGE)
        rl_warn(comfort->log,
                "frames %" PRId64 " to %" PRId64 " use %.1f %% of the width for depth: more than "
                "%.0f %% tires most eyes",
                shot->first, shot->first + shot->frames - 1, (double)range,
                (double)RL_COMFORT_RANGE);
    if (behind_mm > RL_COMFORT_EYES)
        rl_warn(comfort->log,
                "frames %" PRId64 " to %" PRId64 " reach %.0f mm behind the screen: more than "
                "%.0f mm makes eyes diverge",
                shot->first, shot->first + shot->frames - 1, (double)behind_mm,
                (double)RL_COMFORT_EYES);
}

void rl_comfort_count(struct rl_comfort *comfort, const struct rl_frame *frame, float nearest,
                      float farthest)
{
    bool begins = !comfort->count || (frame->cut && comfort->count < RL_COMFORT_SHOTS);
    if (begins && comfort->count)
        judge(comfort, &comfort->shots[comfort->count - 1]);
    if (begins)
        comfort->shots[comfort->count++] = (struct rl_shot){frame->index, 0, nearest, farthest};
    struct rl_shot *shot = &comfort->shots[comfort->count - 1];
    shot->frames++;
    shot->nearest = nearest < shot->nearest ? nearest : shot->nearest;
    shot->farthest = farthest > shot->farthest ? farthest : shot->farthest;
}

void rl_comfort_end(struct rl_comfort *comfort)
{
    if (comfort->count)
        judge(comfort, &comfort->shots[comfort->count - 1]);
}
