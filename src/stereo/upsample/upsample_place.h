// SPDX-License-Identifier: MIT
//
// The arithmetic that every version of the upsampling shares, term by term.
#ifndef RL_STEREO_UPSAMPLE_UPSAMPLE_PLACE_H
#define RL_STEREO_UPSAMPLE_UPSAMPLE_PLACE_H

#include "stereo/upsample/upsample.h"

#include <stdbool.h>

// How alike colours are: (1 - difference * RL_UPSAMPLE_COLOUR)^4, and at least RL_UPSAMPLE_LEAST;
// how strictly pixels go to near or far, by the height of the step; how much of the weight of cells
// at steps makes a pixel one of a step alone. Less than RL_UPSAMPLE_LOW is no height. Measured on
// true stereo pairs with maps of a third to an eighth of their size, sharp and blurred
// (bench/stereo_pairs.c), and on drawn outlines (bench/outlines.c).
#define RL_UPSAMPLE_COLOUR 1.75f
#define RL_UPSAMPLE_LEAST 0.0005f
#define RL_UPSAMPLE_STRICT 150.0f
#define RL_UPSAMPLE_WHOLE 1.5f
#define RL_UPSAMPLE_LOW 0.000001f

static inline int rl_place_limit(int value, int max)
{
    return value < 0 ? 0 : value > max ? max : value;
}

// A sample times this is a colour.
static inline float rl_place_scale(const struct rl_upsample_map *map)
{
    return map->weight / (float)((1 << map->bits) - 1);
}

static inline float rl_place_mix(float a, float b, float part)
{
    return a + (b - a) * part;
}

// Where the centre of sample `at` of `count` lies in a line of `of` samples.
static inline float rl_place(int at, int count, int of)
{
    return ((float)at + 0.5f) * (float)of / (float)count - 0.5f;
}

static inline int rl_place_floor(float value)
{
    int whole = (int)value;
    return (float)whole > value ? whole - 1 : whole;
}

// Quadratic B-spline: weights of the cells before, at and after; `t` is -0.5..0.5 from the middle.
static inline void rl_place_weights(float weights[3], float t)
{
    float a = 0.5f - t, b = 0.5f + t;
    weights[0] = 0.5f * a * a;
    weights[2] = 0.5f * b * b;
    weights[1] = 1 - weights[0] - weights[2];
}

static inline float rl_place_size(float a)
{
    return a < 0 ? -a : a;
}

// The cell's weight: in place, and by colour as far as there is a step.
static inline float rl_place_likeness(float difference, float place, float step)
{
    float like = 1 - difference * RL_UPSAMPLE_COLOUR;
    like = like > 0 ? like : 0;
    like = like * like;
    like = like * like + RL_UPSAMPLE_LEAST;
    return place * (1 + step * (like - 1));
}

static inline float rl_place_fourth(float a)
{
    return (a * a) * (a * a);
}

// The weighted mean of the cells around along the row.
static inline float rl_place_across(const float *cells, const float across[3])
{
    return across[0] * cells[-1] + across[1] * cells[0] + across[2] * cells[1];
}

// Near or far, whichever weighs more; `sums` are weight and weighted depth of far and near, and one
// of them may weigh nothing.
static inline float rl_place_choose(const float sums[2][2])
{
    float far = sums[0][1] / sums[0][0], near = sums[1][1] / sums[1][0];
    far = sums[0][0] > 0 ? far : near;
    near = sums[1][0] > 0 ? near : far;
    float share = sums[1][0] / (sums[0][0] + sums[1][0]) - 0.5f;
    share = 0.5f + share * (1 + RL_UPSAMPLE_STRICT * (near - far));
    share = share > 0 ? share : 0;
    share = share < 1 ? share : 1;
    return far + share * (near - far);
}

static inline float rl_place_step(const struct rl_upsample_rows *rows,
                                  const struct rl_upsample_line *line, int at,
                                  const float across[3], const float colour[3], float step)
{
    float sums[2][2] = {{0}}, part = step * RL_UPSAMPLE_WHOLE;
    part = part < 1 ? part : 1;
    for (int j = 0; j < 3; j++)
        for (int i = 0; i < 3; i++) {
            const int cell = at + i - 1;
            const float d = rows->depth[j][cell];
            float difference = rl_place_size(colour[0] - rows->colour[0][j][cell]);
            difference = difference + rl_place_size(colour[1] - rows->colour[1][j][cell]);
            difference = difference + rl_place_size(colour[2] - rows->colour[2][j][cell]);
            const float w = rl_place_likeness(difference, across[i] * line->down[j], part);
            const float far = w * rows->far[j][cell], near = w * rows->near[j][cell];
            sums[0][0] += far;
            sums[0][1] += far * d;
            sums[1][0] += near;
            sums[1][1] += near * d;
        }
    const float plain = rl_place_across(line->plain + at, across);
    return plain + part * (rl_place_choose((const float(*)[2])sums) - plain);
}

// The depth of one pixel, 0..65535.
static inline uint16_t rl_place_guided(const struct rl_upsample_rows *rows,
                                       const struct rl_upsample_line *line, int x,
                                       const float colour[3])
{
    const int at = rows->at[x];
    const float before = rows->across[0][x], behind = rows->across[1][x];
    const float across[3] = {before, 1 - before - behind, behind};
    const float step = rl_place_across(line->step + at, across);
    float d = step > 0 ? rl_place_step(rows, line, at, across, colour, step)
                       : rl_place_across(line->plain + at, across);
    d = d > 0 ? d : 0;
    d = d < 1 ? d : 1;
    return (uint16_t)(d * 65535 + 0.5f);
}

// Pixels [x, width) of rows, whose samples are of this type.
#define RL_PLACE_GUIDED_ROWS(type, rows, x, width, scale) \
    for (int row = 0; row < rows->count; row++) { \
        const struct rl_upsample_line *line = &rows->lines[row]; \
        const type *const *pixels = (const type *const *)line->pixels; \
        for (int i = x; i < width; i++) { \
            const int chroma = i >> rows->shift_x; \
            float colour[3] = {(float)pixels[0][i] * scale, (float)pixels[1][chroma] * scale, \
                               (float)pixels[2][chroma] * scale}; \
            line->to[i] = rl_place_guided(rows, line, i, colour); \
        } \
    }

static inline uint16_t rl_place_larger(uint16_t a, uint16_t b)
{
    return a > b ? a : b;
}

static inline uint16_t rl_place_smaller(uint16_t a, uint16_t b)
{
    return a < b ? a : b;
}

// What two neighbours of three both have.
static inline uint16_t rl_place_pair(uint16_t a, uint16_t b, uint16_t c)
{
    return rl_place_smaller(b, rl_place_larger(a, c));
}

// Pixels [x, width) of the middle one of seven rows.
#define RL_PLACE_WIDEN_DOWN(to, rows, x, width) \
    for (; x < width; x++) { \
        const uint16_t above = rl_place_pair(rows[0][x], rows[1][x], rows[2][x]); \
        const uint16_t at = rl_place_pair(rows[2][x], rows[3][x], rows[4][x]); \
        const uint16_t below = rl_place_pair(rows[4][x], rows[5][x], rows[6][x]); \
        to[x] = rl_place_larger(rl_place_larger(above, at), below); \
    }

// Pixels [x, end) of a row of `width` widened by `rim`.
#define RL_PLACE_WIDEN_ROW(to, from, x, end, width, rim) \
    for (; x < end; x++) { \
        const int first = x > rim ? x - rim : 0, last = x + rim < width ? x + rim : width - 1; \
        to[x] = from[x]; \
        for (int k = first; k <= last; k++) \
            to[x] = rl_place_larger(to[x], from[k]); \
    }

#endif
