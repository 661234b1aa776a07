// SPDX-License-Identifier: MIT
//
// What jobs and previews of one program share. Thread-safe.
#ifndef RL_JOB_CONTEXT_H
#define RL_JOB_CONTEXT_H

#include "base/log.h"
#include "depth/depth.h"
#include "depth/models.h"

struct relief_context {
    struct rl_log log;
    struct rl_depth_cache *networks;  // opened ones, lent to one job or preview at a time
};

#endif
