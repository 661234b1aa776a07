// SPDX-License-Identifier: MIT
#include "depth/meaning.h"

#include <math.h>
#include <string.h>

// Bins of one eighth of an octave: the upper 11 bits of a positive float.
enum { BINS = 1 << 11, BIN_SHIFT = 20 };

static const double near_share = .01;  // rule 3
static const float near_part = .25f;

static unsigned bin_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits >> BIN_SHIFT;
}

static float begin_of(unsigned bin)
{
    uint32_t bits = (uint32_t)bin << BIN_SHIFT;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

// A value that about a hundredth of the distances lie below.
static float nearest_hundredth(const float *map, size_t count)
{
    unsigned bins[BINS] = {0}, bin = 0;
    size_t counted = 0, below = 0;
    for (size_t i = 0; i < count; i++)
        if (isfinite(map[i]) && map[i] > 0) {
            bins[bin_of(map[i])]++;
            counted++;
        }
    for (; bin < BINS - 1; bin++) {
        below += bins[bin];
        if ((double)below > near_share * (double)counted)
            break;
    }
    return counted ? begin_of(bin) : 1;
}

static float highest(const float *map, size_t count)
{
    float most = -INFINITY;
    for (size_t i = 0; i < count; i++)
        if (isfinite(map[i]) && map[i] > most)
            most = map[i];
    return isfinite(most) ? most : 0;
}

struct rl_meaning rl_meaning_of(enum rl_model_output output, const float *map, size_t count)
{
    if (output == RL_OUTPUT_INVERSE_DEPTH)
        return (struct rl_meaning){.most = highest(map, count)};
    const float least = near_part * nearest_hundredth(map, count);
    // Smaller ones have no finite inverse.
    return (struct rl_meaning){.invert = true, .least = fmaxf(least, 1e-30f)};
}

void rl_meaning_row(struct rl_meaning *meaning, float *to, const float *from, int width)
{
    for (int x = 0; x < width; x++) {
        float value = from[x];
        if (meaning->invert)
            value = value > 0 ? 1 / fmaxf(value, meaning->least) : NAN;
        else if (value > meaning->most)
            value = meaning->most;
        if (!isfinite(value))
            value = meaning->last;
        to[x] = meaning->last = value;
    }
}
