// SPDX-License-Identifier: MIT
//
// The arithmetic that every version of the upsampling shares, term by term.
#ifndef RL_STEREO_UPSAMPLE_UPSAMPLE_PLACE_H
#define RL_STEREO_UPSAMPLE_UPSAMPLE_PLACE_H

#include <stdint.h>

// How much the contrast of depth is raised between lowest and highest; measured with maps of a
// quarter and an eighth of the picture's size on true stereo pairs: 1 leaves edges soft, from 2 on
// they get jagged.
#define RL_UPSAMPLE_CONTRAST 1.5f

static inline int rl_place_limit(int value, int max)
{
    return value < 0 ? 0 : value > max ? max : value;
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

// The guided depth of one pixel from the four fields at its place, 0..65535.
static inline uint16_t rl_place_guided(const float at[4], float brightness)
{
    float middle = (at[2] + at[3]) * 0.5f;
    float d = middle + (at[0] * brightness + at[1] - middle) * RL_UPSAMPLE_CONTRAST;
    d = d > at[2] ? d : at[2];
    d = d < at[3] ? d : at[3];
    return (uint16_t)(d * 65535 + 0.5f);
}

// Pixels [x, width) of a row; SAMPLE is a sample of luma.
#define RL_PLACE_GUIDED_ROW(to, luma, x, width, luma_scale, fields, cells) \
    for (; x < width; x++) { \
        float place = rl_place(x, width, cells), at[4]; \
        int left = rl_place_floor(place); \
        int i = rl_place_limit(left, cells - 1), j = rl_place_limit(left + 1, cells - 1); \
        for (int k = 0; k < 4; k++) \
            at[k] = rl_place_mix(fields[k][i], fields[k][j], place - (float)left); \
        to[x] = rl_place_guided(at, (float)luma[x] * luma_scale); \
    }

static inline uint16_t rl_place_larger(uint16_t a, uint16_t b)
{
    return a > b ? a : b;
}

// Pixels [x, width) of a row widened by one.
#define RL_PLACE_WIDEN_ROW(to, from, x, width) \
    for (; x < width; x++) { \
        uint16_t left = from[x > 0 ? x - 1 : 0], right = from[x + 1 < width ? x + 1 : x]; \
        to[x] = rl_place_larger(rl_place_larger(left, from[x]), right); \
    }

#endif
