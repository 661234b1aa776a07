// SPDX-License-Identifier: MIT
//
// What relief_models*() does: see relief.h. Any thread.
#ifndef RL_DEPTH_MODELS_H
#define RL_DEPTH_MODELS_H

#include "base/log.h"

enum relief_status rl_models_list(struct relief_model_info *models, size_t capacity, size_t *count,
                                  struct relief_error *err);
enum relief_status rl_models_find(const char *name, struct relief_model_info *model,
                                  struct relief_error *err);
enum relief_status rl_models_get(const char *name, relief_download_fn progress, void *user,
                                 struct rl_log *log, struct relief_error *err);
enum relief_status rl_models_check(const char *name, struct rl_log *log, struct relief_error *err);
enum relief_status rl_models_remove(const char *name, struct relief_error *err);

#endif
