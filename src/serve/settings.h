// SPDX-License-Identifier: MIT
//
// What may be asked for through the page: rows of the option table, without those that name files
// of the machine, or that belong to the command.
#ifndef RL_SERVE_SETTINGS_H
#define RL_SERVE_SETTINGS_H

#include "base/error.h"

#include <jansson.h>
#include <stdbool.h>

struct relief_option;

// By the row alone, so that a new option appears of itself.
bool rl_setting_allowed(const struct relief_option *option);

// One setting from text, as relief_params_set() takes it. Refuses what is not allowed, and models
// that are given as a path.
enum relief_status rl_setting_apply(struct relief_params *params, const char *name,
                                    const char *value, struct relief_error *err);

// {"divergence": 2.5, "format": "sbsl"} -> parameters, and *plain the same with all values as text.
// *plain is the caller's; NULL on failure.
enum relief_status rl_settings_read(const json_t *settings, struct relief_params *params,
                                    json_t **plain, struct relief_error *err);

// The allowed rows of the option table, as GET /api/options shows them; NULL when out of memory.
json_t *rl_settings_table(void);

#endif
