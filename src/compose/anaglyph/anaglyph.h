// SPDX-License-Identifier: MIT
//
// Anaglyph kernels: rows of two views -> one row of red, green and blue -> rows of the picture.
//
//     rgb  = clip(mix * (Yl Ul Vl Yr Ur Vr) + mix_bias)         one row each, 1.0 is 32767
//     code = clip(code * (R G B) + code_bias)                   one sample of a plane
//
// 1. `mix` is the anaglyph matrix times the picture's own YUV -> RGB; `code` is RGB -> YUV. Between
//    them every colour is clipped to what a screen can show, as if the picture had been RGB.
// 2. Input rows are uint16_t at the scale of 16 bits, whatever the picture's depth: sample <<
//    shift. The matrices hold for them centred, that is minus 32768.
// 3. Rows are scratch rows: kernels work in blocks, and may read and write up to the next multiple
//    of 32 samples behind `width`; the `up` and `down` kernels read one sample before the row and
//    one behind it. Only rows of pictures (what widen and between read, code's `to`) are touched
//    within `width` alone.
// 4. avg(a, b) is (a + b + 1) >> 1 everywhere. C and SIMD agree to the bit.
#ifndef RL_COMPOSE_ANAGLYPH_H
#define RL_COMPOSE_ANAGLYPH_H

#include "base/cpu.h"

#include <stdint.h>

enum { RL_ANAGLYPH_BLOCK = 32 };

struct rl_anaglyph_map {
    int16_t mix[3][6];    // rows R G B; columns: planes 0 1 2 of the left view, then of the right
    int32_t mix_bias[3];  // rounding included
    int mix_shift;
    int16_t code[3][3];    // rows: planes of the output; columns R G B
    int32_t code_bias[3];  // rounding included
    int code_shift[3];
    uint16_t code_max;  // largest sample
};

struct rl_anaglyph_fns {
    // to = from << shift. [0]: samples of 8 bits, [1]: of 16.
    void (*widen[2])(uint16_t *to, const void *from, int width, int shift);

    // to = avg(a, b)
    void (*average)(uint16_t *to, const uint16_t *a, const uint16_t *b, int width);

    // to = avg(a, avg(a, b)) of samples << shift: a point a quarter of the way from a to b.
    void (*between[2])(uint16_t *to, const void *a, const void *b, int width, int shift);

    // Twice the samples: `width` is that of `from`. _left: sample i lies on pixel 2i; _centre:
    // between 2i and 2i + 1.
    void (*up_left)(uint16_t *to, const uint16_t *from, int width);
    void (*up_centre)(uint16_t *to, const uint16_t *from, int width);

    // Half the samples, `width` is that of `to`: (1 2 1) / 4 around pixel 2i, or the mean of 2i and
    // 2i + 1.
    void (*down_left)(uint16_t *to, const uint16_t *from, int width);
    void (*down_centre)(uint16_t *to, const uint16_t *from, int width);

    // Six rows -> three.
    void (*mix)(uint16_t *const rgb[3], const uint16_t *const in[6], int width,
                const struct rl_anaglyph_map *map);

    // Three rows -> plane `plane` of the picture. [0]: samples of 8 bits, [1]: of 16.
    void (*code[2])(void *to, const uint16_t *const rgb[3], int width,
                    const struct rl_anaglyph_map *map, int plane);
};

// Fills in what is best for the CPU features (enum rl_cpu_flag).
void rl_anaglyph_init(struct rl_anaglyph_fns *fns, unsigned cpu);

// Used by rl_anaglyph_init() only: puts its own in place of the C functions.
void rl_anaglyph_init_avx2(struct rl_anaglyph_fns *fns);
void rl_anaglyph_init_avx512(struct rl_anaglyph_fns *fns);

#endif
