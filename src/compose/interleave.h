// SPDX-License-Identifier: MIT
//
// Two views in one picture of their own size, taking turns by rows, columns or squares of one
// sample.
//
// 1. Sample (x, y) of each plane is sample (x, y) of the view whose turn it is there: nothing is
//    filtered, which is what screens with a polarised row for each eye want.
// 2. Subsampled chroma takes turns at its own resolution, as in FFmpeg's stereo3d. Such a sample
//    colours pixels of both eyes; 4:4:4 keeps them apart.
#ifndef RL_COMPOSE_INTERLEAVE_H
#define RL_COMPOSE_INTERLEAVE_H

#include "base/workers.h"
#include "plane/frame.h"

// How a format interleaves the views; checkerboards change turns both ways.
struct rl_interleaving {
    bool rows, columns;  // the turn changes from row to row, from column to column
    bool right_first;    // sample (0, 0) is the right eye's
};

// False when the format does not interleave.
bool rl_interleaving_of(struct rl_interleaving *how, enum relief_format format);

// Writes into `output`, of the views' format and size.
void rl_interleave_picture(const struct rl_interleaving *how, struct rl_workers *workers,
                           const AVFrame *left, const AVFrame *right, const AVFrame *output);

#endif
