// SPDX-License-Identifier: MIT
//
// Kernel: one row of the network's depth map at picture size, 16 bits.
//
// 1. Pixel centres are aligned: the sample x of a plane of width W lies at (x + 0.5) / W of the
//    picture's width. Outside the map its border samples go on.
// 2. A map of the picture's size is only rounded: to = round(d * 65535), d limited to 0..1.
// 3. Each row depends on the map alone, not on other rows of the result.
#ifndef RL_STEREO_UPSAMPLE_UPSAMPLE_H
#define RL_STEREO_UPSAMPLE_UPSAMPLE_H

#include <stddef.h>
#include <stdint.h>

struct rl_upsample_map {
    const float *data;
    ptrdiff_t stride;  // bytes
    int width, height;
};

// Row `y` of a plane of width x height samples.
void rl_upsample_row(uint16_t *to, int width, int height, int y, const struct rl_upsample_map *map);

#endif
