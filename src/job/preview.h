// SPDX-License-Identifier: MIT
//
// One frame through the same stages as a conversion.
#ifndef RL_JOB_PREVIEW_H
#define RL_JOB_PREVIEW_H

#include "job/context.h"

// What relief_preview() promises. The frame's depth range is its own: no film came before it.
enum relief_status rl_preview(struct relief_context *ctx, const char *input, int64_t time_us,
                              const struct relief_params *params, struct relief_image *image,
                              struct relief_error *err);

#endif
