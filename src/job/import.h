// SPDX-License-Identifier: MIT
//
// The import stage: depth maps from a file instead of a network (--depth-in).
//
// 1. The n-th map goes with the n-th frame of the conversion, whatever their times. One picture
//    serves for all frames; a film of maps that ends early lends its last map, with one warning.
// 2. 65535 (white) is nearest; the map is final: nobody changes its range.
#ifndef RL_JOB_IMPORT_H
#define RL_JOB_IMPORT_H

#include "base/log.h"
#include "base/stage.h"

#include <stdatomic.h>

struct rl_import_params {
    const char *path;
    const atomic_bool *stop;
    struct rl_log *log;
};

// Fails with RELIEF_E_INPUT when there is no picture in the file.
enum relief_status rl_import_open(struct rl_stage *stage, const struct rl_import_params *params,
                                  struct relief_error *err);

#endif
