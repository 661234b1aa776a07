// SPDX-License-Identifier: MIT
//
// Models: a network's file plus a descriptor, which says how to feed it and what comes out.
//
// The descriptor is JSON beside the file: NAME.onnx has NAME.json. Keys, all optional; a key that
// is not in this list, or of the wrong type, is an error:
//   "name", "licence", "credits"       text
//   "file"                             weights, relative to the descriptor
//   "sha256"                           of the weights; checked when given
//   "size": 384                        default of the input's longer side
//   "multiple": 32                     sides are multiples of this
//   "keep_aspect": true                false: the picture is squeezed into a square
//   "mean": [r,g,b], "std": [r,g,b]    input = (rgb in 0..1 - mean) / std
//   "output": "inverse_depth"|"depth"  "depth": near is small; it is inverted
//
// 1. Without a descriptor the path's last three names may tell the family (Depth Anything, DPT);
//    else ImageNet mean and std, sides multiples of 32, inverse depth. The network itself overrules
//    both where its size is fixed.
// 2. "built-in" is relief-small.json, looked for in $RELIEF_MODELS, else beside the library.
#ifndef RL_DEPTH_MODEL_H
#define RL_DEPTH_MODEL_H

#include "base/log.h"

#include <stdbool.h>

enum rl_model_output { RL_OUTPUT_INVERSE_DEPTH = 0, RL_OUTPUT_DEPTH };

struct rl_model {
    char name[64];
    char path[RELIEF_TEXT_MAX];  // of the network's file
    char licence[64];
    char credits[160];
    char sha256[65];
    int size, multiple;
    bool keep_aspect;
    float mean[3], std[3];
    enum rl_model_output output;
    bool described;  // a descriptor was found
};

// What is assumed of a network of which nothing is known.
void rl_model_default(struct rl_model *model);

// "built-in", or the path of a network or of a descriptor. Fails with RELIEF_E_MODEL, and says
// where it looked.
enum relief_status rl_model_find(struct rl_model *model, const char *name,
                                 struct relief_error *err);

// The input size for a picture of width x height (display shape): longer side near `wanted` (0 =
// the model's own), sides multiples of the model's.
void rl_model_input_size(const struct rl_model *model, int width, int height, int wanted,
                         int *input_width, int *input_height);

#endif
