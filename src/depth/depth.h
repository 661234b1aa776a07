// SPDX-License-Identifier: MIT
//
// The depth stage: picture -> frame->depth, relative inverse depth (GRAYF32, at the network's
// output size, larger is nearer, free scale and shift per frame; depth_is_final stays false).
//
// 1. Two requests are under way at once: while the network looks at one frame, the next is being
//    prepared. Frames leave in order, up to two frames later.
// 2. A map is finite everywhere, and depends on its own picture only, but for rules 5 and 6.
// 3. The network sees frame->area, in that area's shape: a network whose input may have any shape
//    is opened anew when the area changes; the one before stays in the cache.
// 4. With test-time augmentation the map is the mean of what the network says of the picture
//    and of its mirror image, turned back: twice the time, fewer errors.
// 5. With RELIEF_TTA_AUTO a frame with depth_follows is looked at once, in turns as it is and
//    mirrored, if the one before was seen in the same area; the other look goes along motion.
// 6. A picture that differs from the one that the network looked at last by no more than a step
//    of 8 bits anywhere in its input has that one's map, the same AVFrame data: it is not to be
//    written to. The first frame of a shot never has.
#ifndef RL_DEPTH_DEPTH_H
#define RL_DEPTH_DEPTH_H

#include "base/log.h"
#include "base/stage.h"
#include "depth/model.h"
#include "plane/frame.h"

struct rl_depth_cache;  // opened networks that stages share; see cache.h

struct rl_depth_params {
    const char *model;   // "built-in" or a path; not looked at with the dummy engine
    int size;            // longer side of the input; 0 = the model's
    const char *device;  // "auto", "cpu", "gpu", "npu", ..., or "dummy"
    enum relief_precision precision;
    int threads;                   // of the processor; 0 = one per core
    enum relief_tta tta;           // auto: as the model's descriptor says; see 4
    int width, height;             // of the pictures to come, upright
    AVRational sample_aspect;      // shape of their pixels; 0/x when unknown
    struct rl_depth_cache *cache;  // where the network comes from and goes to; may be NULL
    struct rl_log *log;
};

enum relief_status rl_depth_cache_create(struct rl_depth_cache **cache, struct relief_error *err);

// All stages that use it must be closed before.
void rl_depth_cache_free(struct rl_depth_cache **cache);

// Find model and device, open the network. A device that is not there falls back to the processor
// with one warning. Fails with RELIEF_E_MODEL or RELIEF_E_DEVICE.
enum relief_status rl_depth_open(struct rl_stage *stage, const struct rl_depth_params *params,
                                 struct relief_error *err);

// Rows for relief_devices(): all engines. Returns how many there are.
size_t rl_depth_devices(struct relief_device *devices, size_t capacity);

// "built-in on cpu, 384x224, bf16": what was opened, for the log and the report.
const char *rl_depth_summary(const struct rl_stage *stage);

#endif
