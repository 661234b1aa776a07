// SPDX-License-Identifier: MIT
#include "stereo/fill/seam.h"

enum { PART = 38 };  // of 256, taken from each neighbour across an edge

static int get(const void *row, int x, int wide)
{
    return wide ? ((const uint16_t *)row)[x] : ((const uint8_t *)row)[x];
}

static void put(void *row, int x, int wide, int value)
{
    if (wide)
        ((uint16_t *)row)[x] = (uint16_t)value;
    else
        ((uint8_t *)row)[x] = (uint8_t)value;
}

// A step lies between x and x + 1.
static int is_step(const int16_t *near, int x)
{
    return (uint16_t)(near[x + 1] - near[x] + RL_SEAM_STEP) > 2 * RL_SEAM_STEP;
}

// The first step at or behind x, or `last`.
static int next_step(const int16_t *near, int x, int last)
{
    enum { BLOCK = 32 };
    for (; x + BLOCK <= last; x += BLOCK) {
        int any = 0;
        for (int k = 0; k < BLOCK; k++)
            any |= is_step(near, x + k);
        if (any)
            break;
    }
    while (x < last && !is_step(near, x))
        x++;
    return x;
}

void rl_seam_row(void *row, const int16_t *near, int width, int wide)
{
    int last = width - 1;
    for (int x = next_step(near, 0, last); x < last; x = next_step(near, x + 1, last)) {
        int a = get(row, x, wide), b = get(row, x + 1, wide);
        if (x == 0 || !is_step(near, x - 1))
            put(row, x, wide, a + (((b - a) * PART + 128) >> 8));
        if (x + 1 == last || !is_step(near, x + 1))
            put(row, x + 1, wide, b + (((a - b) * PART + 128) >> 8));
    }
}
