// SPDX-License-Identifier: MIT
//
// The interface of inference engines. An engine opens a network and runs it; it knows nothing of
// video. One not built in, or whose library is not there, leaves a row that says why.
#ifndef RL_DEPTH_ENGINE_H
#define RL_DEPTH_ENGINE_H

#include "base/log.h"
#include "depth/model.h"

#include <stdbool.h>

struct rl_network;  // an opened network; each engine has its own struct behind it

struct rl_network_params {
    const struct rl_model *model;
    int width, height;  // of the input wanted; a network of fixed size answers with its own
    const char *device;  // "auto", "cpu", "gpu", "npu", ...
    enum relief_precision precision;
    int threads;   // of the processor; 0 = one per core
    int requests;  // how many inferences may be under way at once
    struct rl_log *log;
};

// What a network takes and gives, once opened.
struct rl_network_shape {
    int width, height;                // of the input, pixels
    int output_width, output_height;  // of the depth map
};

struct rl_engine {
    const char *name;  // static: "openvino", "dummy"

    // Fills at most `capacity` devices; returns how many there are. An engine that cannot run
    // gives one row, usable = 0, whose detail says why.
    size_t (*devices)(struct relief_device *devices, size_t capacity);

    // Fails with RELIEF_E_MODEL (file missing, broken, not a picture -> map network) or
    // RELIEF_E_DEVICE.
    enum relief_status (*open)(struct rl_network **network, const struct rl_network_params *params,
                               struct relief_error *err);

    void (*shape)(const struct rl_network *network, struct rl_network_shape *shape);

    // The input of request `slot`: float[3][height][width], planes R, G, B, already normalised.
    // The caller fills it before _start. The memory belongs to the network.
    float *(*input)(struct rl_network *network, int slot);

    // Begin; returns at once. One thread calls for all slots.
    enum relief_status (*start)(struct rl_network *network, int slot, struct relief_error *err);

    // Wait until the request is done. `*output` is float[output_height][output_width], valid until
    // the slot's next start.
    enum relief_status (*wait)(struct rl_network *network, int slot, const float **output,
                               struct relief_error *err);

    void (*close)(struct rl_network **network);
};

extern const struct rl_engine rl_engine_openvino;
extern const struct rl_engine rl_engine_dummy;

// The engine that serves `device`: the dummy for "dummy", else the first usable one.
const struct rl_engine *rl_engine_for(const char *device);

#endif
