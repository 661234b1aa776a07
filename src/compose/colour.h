// SPDX-License-Identifier: MIT
//
// What the numbers of a picture mean, and what the glasses want: both folded into the fixed-point
// map of the anaglyph kernels.
//
// Matrices act on gamma-coded R'G'B', as the field's published figures do. Untagged YUV is taken
// as players take it: BT.709 from 1280 columns or 577 rows on, BT.601 below; limited range.
#ifndef RL_COMPOSE_COLOUR_H
#define RL_COMPOSE_COLOUR_H

#include "compose/anaglyph/anaglyph.h"

#include <stdbool.h>

#include <libavutil/frame.h>
#include <relief/relief.h>

// The samples of a picture in its own bit depth.
struct rl_colour {
    bool rgb;              // planes are G B R; else Y U V
    int depth;             // bits of a sample
    double luma_black;     // sample of black
    double luma_span;      // from black to white
    double chroma_span;    // of U and V, whose neutral is half of 1 << depth
    double to_code[3][3];  // R G B in 0..1 -> the three planes: luma 0..1, chroma -0.5..0.5
};

void rl_colour_of(struct rl_colour *colour, const AVFrame *picture);

// Subsampled chroma lies on the first of its luma columns (`across`) or rows, not between them.
bool rl_chroma_on_first(const AVFrame *picture, bool across);

// True for the anaglyphs among the formats.
bool rl_format_is_anaglyph(enum relief_format format);

// 16.16 fixed point: rows R G B of the result, columns R G B of the left, then of the right view.
// NULL when the format is no anaglyph, or one that is no matrix (wimmer2).
const int32_t (*rl_anaglyph_matrix(enum relief_format format))[6];

void rl_anaglyph_map_init(struct rl_anaglyph_map *map, const int32_t matrix[3][6],
                          const struct rl_colour *colour);

#endif
