// SPDX-License-Identifier: MIT
//
// Descriptors: how to feed a network and what comes out, as JSON. A file beside the weights, or an
// entry of a registry (registry.h), which share these keys, all optional:
//
//   "name", "licence", "credits"       text
//   "non_commercial": true             the licence forbids commercial use: said at every use
//   "size": 384                        a side of the input, see "fit"
//   "fit": "longer"                    the longer side is `size`, aspect kept
//          "minimal"                   the side that takes the least scaling is `size`: the shorter
//                                      one of pictures larger than that; aspect kept
//          "exact"                     both sides are `size`; the picture is squeezed
//          "area"                      as many pixels as a 16:9 picture has whose longer side is
//                                      `size`, aspect kept; no side is longer than twice that
//   "multiple": 32                     sides are multiples of this
//   "normalisation": "imagenet"        input = (rgb in 0..1 - mean) / std with ImageNet's figures,
//                    "half"            with 0.5 for both,
//                    "inside"          or rgb as it is: the graph does it
//   "mean": [r,g,b], "std": [r,g,b]    other figures
//   "tensors": {"input": "...",        its name in the graph, checked
//               "output": "..."}       the map's name, where there are several outputs
//   "output": "inverse_depth"          relative inverse depth: near is large
//             "depth"                  relative depth: near is small
//             "metric_depth"           metres
//   "tta": true                        --tta auto lets it see each picture mirrored, too
// and in files only:
//   "file"                             weights, relative to the descriptor
//   "sha256"                           of the weights; checked when given
//   "int8": {"file": "...",            the same network in 8 bits, for processors with VNNI
//            "sha256": "..."}
//
// A key that is not in this list, or of the wrong type, is an error.
#ifndef RL_DEPTH_DESCRIPTOR_H
#define RL_DEPTH_DESCRIPTOR_H

#include "depth/model.h"

#include <jansson.h>

// One key. False when its value does not fit; *known tells whether there is such a key at all.
bool rl_descriptor_key(struct rl_model *model, const char *key, const json_t *value, bool *known);

// A descriptor's file; fills in model->path. Fails with RELIEF_E_MODEL.
enum relief_status rl_descriptor_read(struct rl_model *model, const char *path,
                                      struct relief_error *err);

// What keys are made of; false when the value does not fit.
bool rl_descriptor_text(const json_t *value, char *to, size_t size);
bool rl_descriptor_digest(const json_t *value, char to[65]);

#endif
