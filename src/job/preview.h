// SPDX-License-Identifier: MIT
//
// One frame through the same stages as a conversion, again and again.
//
// 1. What relief_viewer_* promise. The frame's depth range is its own: no film came before it.
// 2. A few pictures are kept with their final depth; the one unused for longest goes first. Views
//    are made from them anew each time.
#ifndef RL_JOB_PREVIEW_H
#define RL_JOB_PREVIEW_H

#include "job/context.h"

struct relief_viewer;

enum relief_status rl_viewer_create(struct relief_viewer **viewer, struct relief_context *ctx,
                                    const char *path, int longest_px, struct relief_error *err);

// `params` are checked.
enum relief_status rl_viewer_render(struct relief_viewer *viewer, int64_t time_us,
                                    const struct relief_params *params, enum relief_view view,
                                    struct relief_image *image, struct relief_error *err);

void rl_viewer_free(struct relief_viewer **viewer);

#endif
