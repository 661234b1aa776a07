// SPDX-License-Identifier: MIT
//
// Two views side by side or one above the other, whole or halved.
#ifndef RL_COMPOSE_PACKING_H
#define RL_COMPOSE_PACKING_H

#include "base/workers.h"
#include "compose/pack/half.h"
#include "plane/frame.h"

// How a format packs the views; across and down are both 1 for formats that pack nothing.
struct rl_packing {
    int across, down;  // 2 in the direction in which the views stand
    bool half;         // each view is halved in that direction
    bool right_first;  // the right eye is left or above
};

struct rl_packing rl_packing_of(enum relief_format format);

// The size of one view in the packed picture. Views must meet where chroma samples begin: odd sizes
// are rounded down to that.
void rl_packing_view_size(const struct rl_packing *packing, enum AVPixelFormat pixels, int width,
                          int height, int *view_width, int *view_height);

// Writes into `output`, whose size is across x down views of the size above.
void rl_packing_picture(const struct rl_packing *packing, const struct rl_half_fns *fns,
                        struct rl_workers *workers, const AVFrame *left, const AVFrame *right,
                        const AVFrame *output);

#endif
