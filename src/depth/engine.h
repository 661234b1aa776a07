// SPDX-License-Identifier: MIT
//
// The interface of inference engines. An engine opens a network and runs it; it knows nothing of
// video. One not built in, or whose library is not there, leaves a row that says why.
//
// 1. An engine keeps no state of its own: everything hangs on the opened network.
// 2. Calls on one network come from one thread at a time; several networks may be used at once.
// 3. With the dummy engine no library is loaded and no file is read. Its map depends on the
//    network's size alone: a ramp from 0.1 at the top to 0.7 at the bottom, and a box of 1.0 in
//    the middle (half the width, half the height), which gives every test an edge to look behind.
#ifndef RL_DEPTH_ENGINE_H
#define RL_DEPTH_ENGINE_H

#include "base/log.h"
#include "depth/model.h"

#include <stdbool.h>

enum { RL_REQUESTS_MAX = 4 };

struct rl_network;  // an opened network; each engine has its own struct behind it

struct rl_network_params {
    const struct rl_model *model;
    int width, height;   // of the input wanted; a network of fixed size answers with its own
    const char *device;  // "auto", "cpu", "gpu", "npu", ...
    enum relief_precision precision;  // INT8: the model's file is the one in 8 bits
    int threads;                      // of the processor; 0 = one per core
    int requests;  // how many inferences may be under way at once; 1 .. RL_REQUESTS_MAX
};

// What a network is, once opened.
struct rl_network_info {
    int width, height;                // of the input, pixels
    int output_width, output_height;  // of the depth map
    char device[32];                  // where it runs: "cpu", "gpu", ...
    char precision[8];                // "f32", "bf16", "int8", or "" when the device chooses
    char fallback[256];               // why it is not the device asked for; empty when it is
};

struct rl_engine {
    const char *name;  // static: "openvino", "dummy"

    // Can it run at all? Else `why` says what is missing.
    bool (*available)(char *why, size_t size);

    // Fills at most `capacity` devices; returns how many there are. An engine that cannot run
    // gives one row, usable = 0, whose detail says why.
    size_t (*devices)(struct relief_device *devices, size_t capacity);

    // Fails with RELIEF_E_MODEL (file broken, not a picture -> map network) or RELIEF_E_DEVICE.
    // A device that is not there falls back to the processor; see rl_network_info.
    enum relief_status (*open)(struct rl_network **network, const struct rl_network_params *params,
                               struct relief_error *err);

    const struct rl_network_info *(*info)(const struct rl_network *network);

    // The input of request `slot`: float[3][height][width], planes R, G, B, already normalised.
    // The caller fills it before _start. The memory belongs to the network.
    float *(*input)(struct rl_network *network, int slot);

    // Begin; returns at once.
    enum relief_status (*start)(struct rl_network *network, int slot, struct relief_error *err);

    // Wait until the request is done. `*output` is float[output_height][output_width], valid until
    // the slot's next start.
    enum relief_status (*wait)(struct rl_network *network, int slot, const float **output,
                               struct relief_error *err);

    // Waits for what is still under way. Accepts NULL inside, sets NULL.
    void (*close)(struct rl_network **network);
};

extern const struct rl_engine rl_engine_openvino;
extern const struct rl_engine rl_engine_dummy;

// The engine that serves `device`: the dummy for "dummy", else the first one available, else the
// first one, whose _open then says what is missing.
const struct rl_engine *rl_engine_for(const char *device);

// Rows for relief_devices(): those of all engines. Returns how many there are.
size_t rl_engine_devices(struct relief_device *devices, size_t capacity);

#endif
