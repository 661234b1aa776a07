// SPDX-License-Identifier: MIT
//
// A stage around the depth stage: frames with depth_skipped go by it.
//
// 1. All frames leave in the order in which they came; those that went by wait for those before
//    them. The stage inside sees only the others, and knows nothing of this.
// 2. Owns the stage inside and closes it.
#ifndef RL_JOB_THRIFT_H
#define RL_JOB_THRIFT_H

#include "base/stage.h"

// Takes over `inner`, also on failure.
enum relief_status rl_thrift_open(struct rl_stage *stage, struct rl_stage inner,
                                  struct relief_error *err);

#endif
