// SPDX-License-Identifier: MIT
//
// A network opened with OpenVINO; private to openvino.c (reading, compiling, running) and
// openvino_ports.c (how it wants its picture, where the map comes out).
#ifndef RL_DEPTH_OPENVINO_NETWORK_H
#define RL_DEPTH_OPENVINO_NETWORK_H

#include "depth/engine.h"
#include "depth/openvino_api.h"

struct request {
    ov_infer_request_t *request;
    ov_tensor_t *input, *output;
    float *input_data;
    bool busy;
};

struct rl_network {
    struct rl_openvino ov;
    ov_core_t *core;
    ov_model_t *model;  // until it is compiled
    ov_compiled_model_t *compiled;
    struct request requests[RL_REQUESTS_MAX];
    const char *path;    // of the file, for error texts; only while opening
    bool channels_last;  // the network takes H x W x 3
    int input_rank;
    size_t output_index;
    struct rl_network_info info;
};

// "FILE: what: why", the why from OpenVINO. RELIEF_E_MODEL.
enum relief_status rl_openvino_fail(const struct rl_network *network, ov_status_e status,
                                    const char *what, struct relief_error *err);

// Finds the picture among the inputs, gives it one picture of fixed size, finds the map among the
// outputs, and puts float32 planes on both sides. Fills in info.width to info.output_height; the
// output's size stays 0 when only a run can tell it.
enum relief_status rl_openvino_settle_ports(struct rl_network *network,
                                            const struct rl_network_params *params,
                                            struct relief_error *err);

// A map has exactly two sides that are not 1: its height, then its width.
bool rl_openvino_map_size(const int64_t *dims, int rank, int *height, int *width);

#endif
