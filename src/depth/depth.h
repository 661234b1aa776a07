// SPDX-License-Identifier: MIT
//
// The depth stage: picture -> frame->depth, relative inverse depth (GRAYF32, at the network's output
// size, larger is nearer, free scale and shift per frame; depth_is_final stays false).
//
// 1. Two requests are under way at once: while the network looks at one frame, the next is being
//    prepared. Frames leave in order, up to two frames later.
// 2. The dummy engine's map is a function of the picture's size and the frame's index alone.
#ifndef RL_DEPTH_DEPTH_H
#define RL_DEPTH_DEPTH_H

#include "base/log.h"
#include "base/stage.h"
#include "depth/model.h"
#include "plane/frame.h"

// Opened networks that jobs and previews of one context take turns with, so that a preview does not
// load the model again. Each is lent to one stage at a time. Thread-safe.
struct rl_depth_cache;

enum relief_status rl_depth_cache_create(struct rl_depth_cache **cache, struct relief_error *err);
void rl_depth_cache_free(struct rl_depth_cache **cache);

struct rl_depth_params {
    struct rl_depth_cache *cache;  // may be NULL
    const char *model;   // "built-in" or a path
    int size;            // longer side of the input; 0 = the model's
    const char *device;
    enum relief_precision precision;
    int threads;
    int width, height;      // of the pictures to come, upright
    AVRational sample_aspect;
    struct rl_log *log;
};

// Find model and device, open the network. A device that is not there falls back to the processor
// with one warning. Fails with RELIEF_E_MODEL or RELIEF_E_DEVICE.
enum relief_status rl_depth_open(struct rl_stage *stage, const struct rl_depth_params *params,
                                 struct relief_error *err);

// Rows for relief_devices(): all engines. Returns how many there are.
size_t rl_depth_devices(struct relief_device *devices, size_t capacity);

// "built-in on cpu, 384x224, bf16": what was opened, for the log and the report.
const char *rl_depth_summary(const struct rl_stage *stage);

#endif
