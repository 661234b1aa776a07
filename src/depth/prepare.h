// SPDX-License-Identifier: MIT
//
// Picture -> the network's input: scaled with area averaging, converted to RGB by the picture's own
// matrix and range, normalised. 8 bits a channel are kept in between: networks are trained on them.
#ifndef RL_DEPTH_PREPARE_H
#define RL_DEPTH_PREPARE_H

#include "depth/model.h"
#include "plane/frame.h"

struct SwsContext;

struct rl_prepare {
    int width, height;    // of the network's input
    float table[3][256];  // 8-bit R, G, B -> normalised
    uint8_t *rgb[3];      // the scaled picture
    int rgb_stride;
    struct SwsContext *scaler;
    int from_width, from_height, from_matrix, from_full;  // what the scaler was made for
    enum AVPixelFormat from_format;
};

enum relief_status rl_prepare_init(struct rl_prepare *prepare, const struct rl_model *model,
                                   int width, int height, struct relief_error *err);
void rl_prepare_clear(struct rl_prepare *prepare);

// `input` is float[3][height][width]. The picture may change size and format from call to call.
enum relief_status rl_prepare_run(struct rl_prepare *prepare, const AVFrame *picture, float *input,
                                  struct relief_error *err);

#endif
