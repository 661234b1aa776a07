// SPDX-License-Identifier: MIT
//
// Picture -> the network's input: each plane is scaled to the input's size (averaging areas on the
// way down), then converted to RGB by the picture's own matrix and range, and normalised.
#ifndef RL_DEPTH_PREPARE_H
#define RL_DEPTH_PREPARE_H

#include "depth/model.h"
#include "plane/frame.h"

struct SwsContext;

struct rl_prepare {
    int width, height;  // of the network's input
    float mean[3], std[3];
    uint8_t *planes[3];  // the scaled picture, 8 bits a sample
    int stride;
    struct SwsContext *scalers[3];
    enum AVPixelFormat from_format;  // what the scalers were made for
    struct rl_area from;
};

enum relief_status rl_prepare_init(struct rl_prepare *prepare, const struct rl_model *model,
                                   int width, int height, struct relief_error *err);
void rl_prepare_clear(struct rl_prepare *prepare);

// `input` is float[3][height][width]; what of the picture lies in `area` goes in. The picture may
// change size, format and area from call to call.
enum relief_status rl_prepare_run(struct rl_prepare *prepare, const AVFrame *picture,
                                  struct rl_area area, float *input, struct relief_error *err);

#endif
