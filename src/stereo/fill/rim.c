// SPDX-License-Identifier: MIT
#include "stereo/fill/rim.h"

#include <stdlib.h>

// Pixels of the surface that are looked at, how many of them have to be there, and of the thing.
enum { BEYOND = 8, LEAST = 4, INSIDE = 3 };

// What is off the surface by more than so many levels of 255 is the thing's unless that is so many
// times farther off.
enum { OFF = 12, FARTHER = 3 };

enum { GROWS = 2 };  // pixels, from row to row

struct range {
    int low, high, count;
};

static void add(struct range *range, int value)
{
    range->low = range->count && range->low < value ? range->low : value;
    range->high = range->count && range->high > value ? range->high : value;
    range->count++;
}

static int outside(const struct range *range, int value)
{
    if (value > range->high)
        return value - range->high;
    return value < range->low ? range->low - value : 0;
}

static bool is_own(const struct rl_fill *fill, const struct rl_rim *rim, int x)
{
    const int near = rl_fill_near_row(fill, rim->y)[x];
    return near != RL_FILL_HOLE && !(near & 1) && abs(near - rim->near) <= 2 * fill->tolerance;
}

// The values of the surface beyond where the rim can be.
static struct range look_beyond(const struct rl_fill *fill, const struct rl_rim *rim, int plane)
{
    struct range range = {0};
    for (int k = fill->rim; k < fill->rim + BEYOND; k++) {
        const int x = rim->own + rim->outwards * k;
        if (x < 0 || x >= fill->levels[0].width || !is_own(fill, rim, x))
            break;
        add(&range, rl_fill_view_get(fill, plane, x, rim->y));
    }
    return range;
}

static struct range look_inside(const struct rl_fill *fill, const struct rl_rim *rim, int plane)
{
    const int16_t *near = rl_fill_near_row(fill, rim->y);
    struct range range = {0};
    for (int k = 0; k < INSIDE; k++) {
        const int x = rim->thing - rim->outwards * k;
        if (x < 0 || x >= fill->levels[0].width || near[x] == RL_FILL_HOLE)
            break;
        add(&range, rl_fill_view_get(fill, plane, x, rim->y));
    }
    return range;
}

static int count_plane(const struct rl_fill *fill, const struct rl_rim *rim, int plane)
{
    const struct range beyond = look_beyond(fill, rim, plane);
    int count = 0;
    if (beyond.count < LEAST)
        return 0;
    const struct range inside = look_inside(fill, rim, plane);
    for (int k = 0; k < fill->rim && inside.count; k++) {
        const int x = rim->own + rim->outwards * k;
        if (!is_own(fill, rim, x))
            break;
        const int value = rl_fill_view_get(fill, plane, x, rim->y), off = outside(&beyond, value);
        if (off > OFF << (fill->bits - 8) && outside(&inside, value) < FARTHER * off)
            count = k + 1;
    }
    return count;
}

// How wide a rim may be: little more than in the rows above.
static int most_of(const struct rl_fill *fill, const struct rl_rim *rim)
{
    const int b = rim->own / RL_FILL_BLOCK, blocks = fill->levels[0].blocks;
    int most = 0;
    for (int i = b > 0 ? b - 1 : 0; i <= b + 1 && i < blocks; i++) {
        const struct rl_fill_rim *above = &fill->rims[i];
        if (above->outwards == rim->outwards && rim->y - above->y <= 2 && above->count > most)
            most = above->count;
    }
    return most + GROWS;
}

int rl_rim_count(const struct rl_fill *fill, const struct rl_rim *rim)
{
    int count = 0;
    if (!fill->rim)
        return 0;
    for (int plane = 0; plane < fill->planes; plane++) {
        const int there = count_plane(fill, rim, plane);
        if (there == fill->rim)
            return 0;
        count = there > count ? there : count;
    }
    const int most = most_of(fill, rim);
    count = count < most ? count : most;
    fill->rims[rim->own / RL_FILL_BLOCK] = (struct rl_fill_rim){(int16_t)count,
                                                                (int16_t)rim->outwards, rim->y};
    return count;
}
