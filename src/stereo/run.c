// SPDX-License-Identifier: MIT
#include "stereo/run.h"

#include <stdlib.h>

enum { SEAM_FAR = 24 };  // pixels at most between a hole and its seam

// Depth may still fall off beside a hole, where a soft edge ends; what is farther will do.
static bool is_seen(const struct rl_fill *fill, int x, int y, int near)
{
    int there = rl_run_near(fill, x, y);
    return there != RL_FILL_HOLE && !(there & 1) && there - near <= 4 * fill->tolerance;
}

static void add_seen(struct rl_run *run, const struct rl_fill *fill, int x, int y)
{
    struct rl_sight_pixels *seen = &run->seen;
    for (int plane = 0; plane < fill->planes; plane++)
        run->values[plane][seen->count] = rl_fill_view_get(fill, plane, x, y);
    seen->x[seen->count] = x;
    seen->y[seen->count] = y;
    seen->near[seen->count++] = rl_run_near(fill, x, y);
}

static void pad_seen(struct rl_sight_pixels *seen)
{
    for (int k = seen->count; k < RL_SAMPLE_POINTS; k++) {
        seen->x[k] = seen->x[0];
        seen->y[k] = seen->y[0];
        seen->near[k] = seen->near[0];
    }
}

// How many pixels from `x` on, outwards, show the run's surface.
static int count_seen(const struct rl_fill *fill, const struct rl_run *run, int x)
{
    int count = 0;
    for (; count < RL_RUN_SEAM && x >= 0 && x < fill->levels[0].width; count++, x += run->outwards)
        if (!is_seen(fill, x, run->first->y, run->near))
            break;
    return count;
}

void rl_run_look_beside(const struct rl_fill *fill, struct rl_run *run, int least)
{
    const struct rl_fill_level *level = &fill->levels[0];
    int y = run->first->y, begin = 1;
    int count = count_seen(fill, run, run->first->x + run->outwards);
    while (count < least && begin + count < SEAM_FAR) {
        begin += count + 1;
        count = count_seen(fill, run, run->first->x + run->outwards * begin);
    }
    run->seen.count = 0;
    run->is_cut_off = begin > 1;
    for (int k = 0; k < count && count >= least; k++) {
        int x = run->first->x + run->outwards * (begin + k);
        if (k % 2 == 0)
            add_seen(run, fill, x, y);
        for (int side = -1; side <= 1 && k % 4 == 1; side += 2) {
            int row = y + side * RL_RUN_SEAM_ROWS;
            if (row >= 0 && row < level->height && is_seen(fill, x, row, run->near))
                add_seen(run, fill, x, row);
        }
    }
    if (!run->seen.count)
        return;
    pad_seen(&run->seen);
    for (int plane = 0; plane < fill->planes; plane++)
        rl_doubt_measure(&run->seam, plane, run->values[plane], run->seen.count);
    rl_doubt_measure_thing(&run->seam, fill, run->first->x - run->outwards * run->count, y,
                           -run->outwards);
}

void rl_run_find_ends(const struct rl_fill *fill, struct rl_run *run)
{
    run->ends[0] = NULL;
    for (int i = 0; i < run->count; i++)
        if (rl_run_near(fill, run->first[i].x, run->first[i].y) & 1) {
            run->ends[0] = run->ends[0] ? run->ends[0] : &run->first[i];
            run->ends[1] = &run->first[i];
        }
}

// On which side of a run of one pixel its surface lies.
static int outwards_of(const struct rl_fill *fill, const struct rl_run *run)
{
    int x = run->first->x, width = fill->levels[0].width;
    int right = x + 1 < width ? rl_run_near(fill, x + 1, run->first->y) : INT16_MAX;
    return abs(right - run->near) <= fill->tolerance ? 1 : -1;
}

void rl_run_begin(struct rl_run *run, const struct rl_sight *sight, int index)
{
    const struct rl_fill *fill = sight->fill;
    run->first = &fill->holes[index];
    run->index = index;
    run->count = rl_fill_run(fill, index);
    run->near = run->first->near & ~1;
    run->span = rl_sight_span(sight, run->near);
    run->outwards = run->count > 1 ? run->first[0].x - run->first[1].x : outwards_of(fill, run);
}
