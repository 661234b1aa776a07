// SPDX-License-Identifier: MIT
//
// Plain ways of making the right view from the left picture, to compare the stereo stage with.
// Each returns an RGB24 picture of the pair's size.
#ifndef RL_BENCH_PLAIN_VIEWS_H
#define RL_BENCH_PLAIN_VIEWS_H

#include "pairs.h"

// Whole pixels are moved in the order of the row, whatever is nearer; black pixels then take the
// one before them.
AVFrame *view_naive(const struct pair *pair);

// Each sample is shared out to the two pixels it falls between; far ones are covered by near ones.
// What stays empty takes the next painted pixel on the right, where the background is.
AVFrame *view_splat(const struct pair *pair);

// As good as this disparity lets a warp be: surfaces are interpolated between samples, near covers
// far, and in holes stand the pixels of the true right picture.
AVFrame *view_oracle(const struct pair *pair);

#endif
