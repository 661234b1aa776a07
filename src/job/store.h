// SPDX-License-Identifier: MIT
//
// Stages that store what passes and hand it on untouched: --depth-out and --keep.
#ifndef RL_JOB_STORE_H
#define RL_JOB_STORE_H

#include "base/log.h"
#include "base/stage.h"
#include "media/read.h"

#include <stdbool.h>

struct rl_store_params {
    const struct rl_source *source;  // must live as long as the stage
    bool overwrite;
    struct rl_log *log;
};

// Stores final depth maps as 16-bit grey: a numbered sequence when `path` is a pattern, else a
// video (FFV1) with the source's times, or one picture for a still.
enum relief_status rl_store_depth_open(struct rl_stage *stage, const char *path,
                                       const struct rl_store_params *params,
                                       struct relief_error *err);

// Stores frames, depth, left and right as lossless PNG in sub-folders of `folder`, numbered from 0.
enum relief_status rl_store_all_open(struct rl_stage *stage, const char *folder,
                                     const struct rl_store_params *params,
                                     struct relief_error *err);

// True when the numbered pictures of `folder` could replace one that reading `input` needs.
bool rl_store_all_hits(const char *folder, const char *input);

// Give what a store stage wrote its final name. Other stages are left alone.
enum relief_status rl_store_finish(struct rl_stage *stage, struct relief_error *err);

#endif
