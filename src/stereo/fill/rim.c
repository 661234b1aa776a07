// SPDX-License-Identifier: MIT
#include "stereo/fill/rim.h"

// Pixels of the surface that are looked at, how many of them have to be there, and of the thing.
enum { BEYOND = 8, LEAST = 4, INSIDE = 3 };

// What is off the surface by more than so many levels of 255 is the thing's unless that is so many
// times farther off.
enum { OFF = 12, FARTHER = 3 };

// How far a rim fades out, luma pixels, and how many that show nothing are skipped; what can be
// seen of it is off by more than one in so many of how uneven the surface is.
enum { FADES = 6, GAP = 1, UNEVEN = 2 };

// By how many pixels a rim gets wider or narrower from row to row, and how many from frame to frame
// are none.
enum { GROWS = 1, STICKS = 1 };

// In how many rows more than not a rim has to be clear, and rows that count.
enum { CLEAR_LEAST = 1, CLEAR_MOST = 3 };

struct range {
    int low, high, count;
};

static void add(struct range *range, int value)
{
    range->low = range->count && range->low < value ? range->low : value;
    range->high = range->count && range->high > value ? range->high : value;
    range->count++;
}

// How far a value lies outside of the range: positive when it is brighter.
static int outside(const struct range *range, int value)
{
    if (value > range->high)
        return value - range->high;
    return value < range->low ? value - range->low : 0;
}

static bool is_own(const struct rl_fill *fill, const struct rl_rim *rim, int x)
{
    const int near = rl_fill_near_row(fill, rim->y)[x];
    return near != RL_FILL_HOLE && !(near & 1) && abs(near - rim->near) <= 2 * fill->tolerance;
}

// How wide a rim may be with what fades out of it.
static int most_px(const struct rl_fill *fill)
{
    return fill->rim + FADES / fill->mixed;
}

// How many pixels from `own` on show the surface, of those that are looked at.
static int count_own(const struct rl_fill *fill, const struct rl_rim *rim)
{
    const int most = most_px(fill) + BEYOND;
    int count = 0;
    for (int x = rim->own; count < most && x >= 0 && x < fill->levels[0].width; x += rim->outwards)
        if (!is_own(fill, rim, x))
            break;
        else
            count++;
    return count;
}

static int value_at(const struct rl_fill *fill, const struct rl_rim *rim, int plane, int k)
{
    return rl_fill_view_get(fill, plane, rim->own + rim->outwards * k, rim->y);
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

// A plane beside a run, where its rim can be: `most` pixels, of which those from fill->rim on may
// only fade.
struct beside {
    struct range beyond, inside;
    int most, seen, above;
    int brighter, darker;  // by how much the thing is
};

static bool is_thing(const struct beside *beside, int value, int off)
{
    return abs(outside(&beside->inside, value)) < FARTHER * abs(off);
}

// Something of the thing that hangs together with it: mixed, or the halo of a sharpened picture.
static bool fades(const struct beside *beside, int k, int off)
{
    const int least = k < beside->above ? beside->seen / 2 : beside->seen;
    return abs(off) > least && rl_rim_is_mixed(off, beside->brighter, beside->darker);
}

// True when the rim is clearly off: by more than twice as much as the surface is uneven.
static bool parts(const struct rl_fill *fill, const struct rl_rim *rim, int plane,
                  const struct beside *beside, int count)
{
    int most = 0;
    for (int k = 0; k < count; k++) {
        const int off = abs(outside(&beside->beyond, value_at(fill, rim, plane, k)));
        most = off > most ? off : most;
    }
    return 2 * (beside->beyond.high - beside->beyond.low) <= most;
}

static int count_plane(const struct rl_fill *fill, const struct rl_rim *rim, int plane,
                       const struct beside *beside)
{
    const int strong = OFF << (fill->bits - 8);
    int count = 0, whole = 0, k = 0;
    for (; k < beside->most; k++) {
        const int value = value_at(fill, rim, plane, k), off = outside(&beside->beyond, value);
        if (k < fill->rim && abs(off) > strong && is_thing(beside, value, off))
            count = whole = k + 1;
        else if (k - count <= GAP && fades(beside, k, off) && (k < fill->rim || abs(off) <= strong))
            count = k + 1;
    }
    if (whole == fill->rim && count == whole)
        return -1;
    return count == beside->most ? whole : count;
}

static int look_at_plane(const struct rl_fill *fill, const struct rl_rim *rim, int plane, int own,
                         int above, bool *is_clear)
{
    const int most = most_px(fill);
    struct beside beside = {.most = own < most + LEAST ? fill->rim : most,
                            .inside = look_inside(fill, rim, plane),
                            .above = above};
    for (int k = beside.most; k < own && k < beside.most + BEYOND; k++)
        add(&beside.beyond, value_at(fill, rim, plane, k));
    const struct range *beyond = &beside.beyond;
    if (beyond->count < LEAST || !beside.inside.count)
        return 0;
    beside.brighter = outside(beyond, beside.inside.high);
    beside.darker = -outside(beyond, beside.inside.low);
    beside.seen = (RL_RIM_SEEN << (fill->bits - 8)) + (beyond->high - beyond->low) / UNEVEN;
    const int count = count_plane(fill, rim, plane, &beside);
    *is_clear &= count <= 0 || parts(fill, rim, plane, &beside, count);
    return count;
}

// The widest rim in the rows above; nothing where there is none.
static struct rl_fill_rim look_above(const struct rl_fill *fill, const struct rl_rim *rim)
{
    const int b = rim->own / RL_FILL_BLOCK, blocks = fill->levels[0].blocks;
    struct rl_fill_rim most = {0};
    for (int i = b > 0 ? b - 1 : 0; i <= b + 1 && i < blocks; i++) {
        const struct rl_fill_rim *above = &fill->rims[i];
        if (above->outwards == rim->outwards && rim->y - above->y <= 2 &&
            above->count >= most.count)
            most = *above;
    }
    return most;
}

static int limit(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

// What the frame before did there; nothing when there was no such run.
static struct rl_fill_rim_before look_before(const struct rl_fill *fill, const struct rl_rim *rim)
{
    const struct rl_fill_level *level = &fill->levels[0];
    const int b = rim->own / RL_FILL_BLOCK;
    const struct rl_fill_rim_before before = fill->rims_before[level->height * level->blocks + b];
    return before.outwards == rim->outwards ? before : (struct rl_fill_rim_before){0};
}

static void keep(const struct rl_fill *fill, const struct rl_rim *rim, int count, int clear,
                 bool went)
{
    const int b = rim->own / RL_FILL_BLOCK;
    fill->rims[b] = (struct rl_fill_rim){(int16_t)count, (int16_t)rim->outwards, rim->y, clear};
    fill->rims_before[rim->y * fill->levels[0].blocks + b] = (struct rl_fill_rim_before){
        (int16_t)rim->outwards, (int16_t)count, went};
}

// How many pixels the planes say.
static int look_at_planes(const struct rl_fill *fill, const struct rl_rim *rim, int own, int wide,
                          bool *is_clear)
{
    int count = 0;
    *is_clear = true;
    for (int plane = 0; plane < fill->planes; plane++) {
        const int there = look_at_plane(fill, rim, plane, own, wide, is_clear);
        if (there < 0)
            return 0;
        count = there > count ? there : count;
    }
    return count;
}

int rl_rim_count(const struct rl_fill *fill, const struct rl_rim *rim, bool *goes)
{
    *goes = false;
    if (!fill->rim)
        return 0;
    const int own = count_own(fill, rim);
    const struct rl_fill_rim above = look_above(fill, rim);
    const struct rl_fill_rim_before before = look_before(fill, rim);
    bool is_clear;
    int count = look_at_planes(fill, rim, own,
                               above.count > before.count ? above.count : before.count, &is_clear);
    count = limit(count, above.count - GROWS, above.count + GROWS);
    if (before.outwards && abs(count - before.count) <= STICKS)
        count = before.count;
    count = limit(count, 0, own > 0 ? own - 1 : 0);
    const int clear = limit(above.clear + (is_clear ? 1 : -1), 0, CLEAR_MOST);
    *goes = clear >= CLEAR_LEAST + (before.outwards && !before.went);
    keep(fill, rim, count, clear, *goes);
    return count;
}
