// SPDX-License-Identifier: MIT
#include "stereo/fill/fill.h"

#include "stereo/warp/warp.h"

#include <stdbool.h>

// Of 65535: so much nearer than the background at the edge a sample may be.
enum { NEARER = 1300 };

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

// One side of a run of holes.
struct side {
    int edge, step;  // the first target that is no hole, and the way further out
    int count;       // targets that show one surface, from there on
    int depth;
};

static struct side look(const int32_t *map, const uint16_t *depth, int edge, int step, int most)
{
    struct side side = {edge, step, 0, 0};
    if (most > 0) {
        side.count = count_background(map, depth, edge, step, most);
        side.depth = depth_at(depth, map[edge]);
    }
    return side;
}

// The farther side; where both are about as far, the one that has more to show.
static bool is_left_better(const struct side *left, const struct side *right)
{
    if (!left->count || !right->count)
        return left->count;
    if (left->depth > right->depth + NEARER)
        return false;
    return left->depth + NEARER < right->depth || left->count > right->count;
}

// Fill [begin, end); targets before `filled` were holes themselves, or lie beyond some.
static void fill_run(int32_t *map, const uint16_t *depth, int width, int mixed_px, int filled,
                     int begin, int end)
{
    int reach = end - begin + mixed_px;  // more is not needed
    int left_most = begin - filled, right_most = width - end;
    struct side left = look(map, depth, begin - 1, -1, left_most < reach ? left_most : reach);
    struct side right = look(map, depth, end, 1, right_most < reach ? right_most : reach);
    const struct side *from = is_left_better(&left, &right) ? &left : &right;
    // At the border of the picture there is no near thing.
    int mixed = begin == 0 || end == width ? 0 : mixed_px;
    mixed = from->count > mixed ? mixed : from->count - 1;
    mirror(map, from->edge + mixed * from->step, from->step, end - begin + mixed,
           from->count - mixed);
}

void rl_fill_row(int32_t *map, const uint16_t *depth, int width, int mixed_px)
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
        fill_run(map, depth, width, mixed_px, filled, begin, x);
        filled = x;
    }
}
