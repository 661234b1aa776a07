// SPDX-License-Identifier: MIT
#include "stereo/fill/fill.h"

#include "stereo/warp/warp.h"

#include <stdbool.h>

enum {
    NEARER = 1300,  // of 65535: so much nearer than the background at the edge a sample may be
    MIXED_PX = 1,   // background samples beside the edge that show some of the near thing's colour
};

static int depth_at(const uint16_t *depth, int32_t position)
{
    return depth[(position + 128) >> 8];
}

// How many targets from `edge` on, going `step` and at most `most`, belong to the background.
static int count_background(const int32_t *map, const uint16_t *depth, int edge, int step, int most)
{
    int limit = depth_at(depth, map[edge]) + NEARER, count = 1;
    while (count < most) {
        int32_t position = map[edge + count * step];
        if (position == RL_WARP_HOLE || depth_at(depth, position) > limit)
            break;
        count++;
    }
    return count;
}

// Fill `holes` targets beside `edge` with its mirror image; `step` leads away from the holes.
static void mirror(int32_t *map, int edge, int step, int holes, int count)
{
    int at = 0, turn = 1;
    for (int k = 1; k <= holes; k++) {
        map[edge - k * step] = map[edge + at * step];
        if (at + turn < 0 || at + turn >= count)
            turn = -turn;
        else
            at += turn;
    }
}

static void fill_run(int32_t *map, const uint16_t *depth, int width, int filled, int begin, int end)
{
    bool at_border = begin == 0 || end == width;
    bool from_left = at_border ? end == width
                               : depth_at(depth, map[begin - 1]) <= depth_at(depth, map[end]);
    int edge = from_left ? begin - 1 : end, step = from_left ? -1 : 1;
    int count = count_background(map, depth, edge, step, from_left ? begin - filled : width - end);
    // At the border of the picture there is no near thing.
    int mixed = at_border ? 0 : count > MIXED_PX ? MIXED_PX : count - 1;
    mirror(map, edge + mixed * step, step, end - begin + mixed, count - mixed);
}

void rl_fill_row(int32_t *map, const uint16_t *depth, int width)
{
    int filled = 0;  // targets before this one are filled or looked at
    for (int x = 0; x < width;) {
        if (map[x] != RL_WARP_HOLE) {
            x++;
            continue;
        }
        int begin = x;
        while (x < width && map[x] == RL_WARP_HOLE)
            x++;
        if (begin == 0 && x == width) {
            for (int i = 0; i < width; i++)
                map[i] = 256 * i;
            return;
        }
        fill_run(map, depth, width, filled, begin, x);
        filled = x;
    }
}
