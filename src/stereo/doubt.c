// SPDX-License-Identifier: MIT
#include "stereo/doubt.h"

#include "stereo/fill/rim.h"

#include <stdlib.h>

// Two values are the same within so many levels of 255. What is off the seam is the thing unless
// that is so many times farther off.
enum { SAME = 12, FARTHER = 3 };

// How far a thing's rim reaches beyond its outline in the map, luma pixels.
enum { RIM = 8 };

static void measure(const int values[], int count, int *low, int *high)
{
    *low = *high = values[0];
    for (int k = 1; k < count; k++) {
        *low = values[k] < *low ? values[k] : *low;
        *high = values[k] > *high ? values[k] : *high;
    }
}

void rl_doubt_measure(struct rl_doubt_seam *seam, int plane, const int values[], int count)
{
    measure(values, count, &seam->low[plane], &seam->high[plane]);
}

void rl_doubt_measure_thing(struct rl_doubt_seam *seam, const struct rl_fill *fill, int x, int y,
                            int inwards)
{
    enum { INSIDE = 3 };
    for (int plane = 0; plane < fill->planes; plane++) {
        int values[INSIDE], count = 0;
        for (int i = x; count < INSIDE && i >= 0 && i < fill->levels[0].width; i += inwards)
            values[count++] = rl_fill_view_get(fill, plane, i, y);
        seam->thing_low[plane] = seam->low[plane];
        seam->thing_high[plane] = seam->high[plane];
        if (count)
            measure(values, count, &seam->thing_low[plane], &seam->thing_high[plane]);
    }
}

bool rl_doubt_is_same(const struct rl_sight *sight, const struct rl_place *place,
                      const struct rl_place *here, const struct rl_fill_cell *hole)
{
    return rl_sight_differ(sight, place, here, hole) <= SAME * sight->fill->planes
                                                            << (sight->bits - 8);
}

// By how much a value lies outside of the seam's: positive when it is brighter.
static int off_seam(const struct rl_doubt_seam *seam, int plane, int value)
{
    if (value > seam->high[plane])
        return value - seam->high[plane];
    return value < seam->low[plane] ? value - seam->low[plane] : 0;
}

// True when a value may be the thing's, mixed with what lies behind it.
static bool is_mixed(const struct rl_doubt_seam *seam, int plane, int value, int bits)
{
    const int off = off_seam(seam, plane, value);
    const int brighter = off_seam(seam, plane, seam->thing_high[plane]);
    const int darker = -off_seam(seam, plane, seam->thing_low[plane]);
    return abs(off) > (RL_RIM_SEEN << (bits - 8)) + seam->high[plane] - seam->low[plane] &&
           rl_rim_is_mixed(off, brighter, darker);
}

// By how much the values differ from what is seen at a place, summed up.
static int differ(const struct rl_sight *sight, const struct rl_place *place, const int at[2],
                  const int values[RL_FILL_PLANES])
{
    int sum = 0;
    for (int plane = 0; plane < sight->fill->planes; plane++)
        sum += abs(values[plane] - rl_sight_sample(sight, place, plane, at));
    return sum;
}

// True when something nearer lies close beside a place, and not there.
static bool is_beside_thing(const struct rl_sight *sight, const struct rl_place *seen,
                            const struct rl_fill_cell *hole)
{
    const int near = hole->near & ~1;
    int at[2];
    return rl_sight_locate(seen, hole->x, hole->y, near, at) &&
           rl_sight_is_clear(sight, seen, at, near, 0) &&
           !rl_sight_is_clear(sight, seen, at, near, RIM);
}

bool rl_doubt_is_thing(const struct rl_sight *sight, const struct rl_doubt_seam *seam,
                       const struct rl_doubt_places *places, const struct rl_fill_cell *hole,
                       const int values[RL_FILL_PLANES])
{
    int most = 0, sum = 0, at[2];
    bool mixed = false;
    for (int plane = 0; plane < sight->fill->planes; plane++) {
        const int off = abs(off_seam(seam, plane, values[plane]));
        most = off > most ? off : most;
        sum += off;
        mixed |= is_mixed(seam, plane, values[plane], sight->bits);
    }
    return (mixed || (most > SAME << (sight->bits - 8) &&
                      rl_sight_locate(&places->here, hole->x, hole->y, hole->near & ~1, at) &&
                      differ(sight, &places->here, at, values) < FARTHER * sum)) &&
           is_beside_thing(sight, &places->seen, hole);
}
