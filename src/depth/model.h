// SPDX-License-Identifier: MIT
//
// Models: a network's file, how to feed it, and what comes out.
//
// 1. "built-in" is relief-small.json, looked for in $RELIEF_MODELS, else beside the library.
// 2. A name without '/' and '.' is one of the registry (registry.h), whose files lie in the user's
//    cache.
// 3. Everything else is a path: of a network, or of its descriptor (descriptor.h). NAME.onnx has
//    NAME.json. Without one the path's last three names may tell the family (Depth Anything, DPT);
//    else ImageNet mean and std, sides multiples of 32, inverse depth.
// 4. The network itself overrules all this where its size is fixed.
#ifndef RL_DEPTH_MODEL_H
#define RL_DEPTH_MODEL_H

#include "base/log.h"

#include <stdbool.h>

// What the numbers of the map mean; see descriptor.h.
enum rl_model_output { RL_OUTPUT_INVERSE_DEPTH = 0, RL_OUTPUT_DEPTH, RL_OUTPUT_METRIC_DEPTH };

// How a picture is brought to the input's size; see descriptor.h.
enum rl_model_fit { RL_FIT_LONGER = 0, RL_FIT_MINIMAL, RL_FIT_EXACT, RL_FIT_AREA };

struct rl_model {
    char name[64];
    char path[RELIEF_TEXT_MAX];  // of the network's file
    char licence[64];
    char credits[160];
    char sha256[65];
    char int8_path[RELIEF_TEXT_MAX];  // of the same network in 8 bits; empty: there is none
    char int8_sha256[65];
    int size, multiple;
    enum rl_model_fit fit;
    float mean[3], std[3];
    enum rl_model_output output;
    char input[64], result[64];  // names of tensors, or empty: see descriptor.h
    bool tta;                    // it gains by seeing mirrored pictures, too, and is quick
    bool non_commercial;
    bool described;  // a descriptor was found
};

// What is assumed of a network of which nothing is known.
void rl_model_default(struct rl_model *model);

// Fails with RELIEF_E_MODEL, and says where it looked, or how to get the model. `log` is told what
// the user should know of the licence; it may be NULL.
enum relief_status rl_model_find(struct rl_model *model, const char *name, struct rl_log *log,
                                 struct relief_error *err);

// Put the file in 8 bits, which there is, in the place of the other. Fails with RELIEF_E_MODEL.
enum relief_status rl_model_take_int8(struct rl_model *model, struct relief_error *err);

// A file of the folder in which the models that come with relief lie. False when it is nowhere;
// then `path` is where it was expected.
bool rl_model_own_file(const char *name, char *path, size_t size);

// The input size for a picture of width x height (display shape): sides by the model's rule, or,
// when `wanted` is not 0, the longer side near that; multiples of the model's.
void rl_model_input_size(const struct rl_model *model, int width, int height, int wanted,
                         int *input_width, int *input_height);

#endif
