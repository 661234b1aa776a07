// SPDX-License-Identifier: MIT
//
// What a network's numbers mean -> relative inverse depth: larger is nearer, finite everywhere.
//
// 1. Inverse depth is taken as it is. What is no number takes the value before it; so does minus
//    infinity; plus infinity is as near as the nearest finite value.
// 2. Depth and metric depth z become 1 / z. Infinity, sky above all, becomes 0, the farthest there
//    is. Nothing lies at zero, behind the camera, or at no number: such places take the value
//    before them, and 0 at the top of the picture.
// 3. A few values close to zero must not take the whole range: what is nearer than a quarter of the
//    nearest hundredth of the picture counts as that near.
#ifndef RL_DEPTH_MEANING_H
#define RL_DEPTH_MEANING_H

#include "depth/model.h"

struct rl_meaning {
    bool invert;
    float least, most;  // what values are limited to before they are inverted
    float last;         // of the row before
};

// For a map of `count` values; rows then follow from top to bottom.
struct rl_meaning rl_meaning_of(enum rl_model_output output, const float *map, size_t count);
void rl_meaning_row(struct rl_meaning *meaning, float *to, const float *from, int width);

#endif
