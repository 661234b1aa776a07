// SPDX-License-Identifier: MIT
//
// Kernel: one row of a view, picked from a row of the source at sub-pixel positions; of planes of
// one size all at once.
//
// 1. to[x] = 4-tap interpolation of `from` at map[x] / 256, with coefficients of 14 bits, rounded
//    once and limited to 0..max. At whole positions it is the sample itself; even ramps stay even.
//    With f the fraction and s[-1], s[0], s[1], s[2] the samples around:
//        s[0] + f * (s[1] - s[0]) - 3/4 * f * (1-f)^2 * (s[-1] - 2 * s[0] + s[1])
//                                 - 3/4 * f^2 * (1-f) * (s[0] - 2 * s[1] + s[2])
//    Catmull-Rom is the same with 1/2 for 3/4: views then have 4 % less energy in their gradients.
// 2. Taps outside the row take its border sample.
// 3. Positions lie in 0 .. 256 * width - 1.
#ifndef RL_STEREO_SAMPLE_SAMPLE_H
#define RL_STEREO_SAMPLE_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

// `count` samples into each of `to`; each of `from` has `width` samples. 8-bit samples for rows8
// (`max` is 255 there), uint16_t for rows16. No two rows overlap.
typedef void (*rl_sample_rows_fn)(void *const to[], const void *const from[], int planes, int width,
                                  const int32_t *map, int count, int max);

// The sum of 4 x 4 samples, of which the first row begins at `from`, by the coefficients `across`
// and `down`: times 2^28, not rounded. `stride` in bytes.
typedef int64_t (*rl_sample_point_fn)(const void *from, ptrdiff_t stride, const int16_t across[4],
                                      const int16_t down[4]);

enum { RL_SAMPLE_POINTS = 8 };  // that are sampled at once

// Places of a plane of 8-bit samples: at[i] bytes from `from` on lies the first of 4 x 4 samples.
struct rl_sample_points {
    const uint8_t *from;
    ptrdiff_t stride;
    int32_t at[RL_SAMPLE_POINTS];
    const int16_t (*taps)[4];          // rl_sample_taps, or softer ones
    int32_t across[RL_SAMPLE_POINTS];  // phases, 0..255
    int down;                          // of all
};

struct rl_sample_fns {
    rl_sample_rows_fn rows8, rows16;
    rl_sample_point_fn point8, point16;

    // The same as point8 of all places, rounded and limited.
    void (*points8)(int32_t values[RL_SAMPLE_POINTS], const struct rl_sample_points *points);
};

void rl_sample_init(struct rl_sample_fns *fns, unsigned cpu);

// Coefficients of the taps i-1, i, i+1, i+2 for a position of i + phase/256; their sum is 2^14.
extern const int16_t rl_sample_taps[256][4];

// The same of Catmull-Rom, which adds no contrast however often it is applied.
extern const int16_t rl_sample_soft_taps[256][4];

#endif
