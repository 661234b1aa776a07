// SPDX-License-Identifier: MIT
//
// The commands. Each does its work and returns a status; a failure that has not been shown yet is
// in `err`. Results go to standard output, which main() checks at the end.
#ifndef RL_CLI_COMMANDS_H
#define RL_CLI_COMMANDS_H

#include "cli/args.h"
#include "cli/view.h"

// Converts all inputs; shows failures itself, goes on after one, and returns the first one's
// status.
enum relief_status rl_convert(struct relief_context *ctx, const struct rl_args *args,
                              struct rl_view *view);

enum relief_status rl_show_info(struct relief_context *ctx, const struct rl_args *args,
                                struct relief_error *err);

enum relief_status rl_run_server(const struct rl_args *args, struct relief_error *err);

// list, get, check, path, remove: the words of `args->inputs`.
enum relief_status rl_models_command(struct relief_context *ctx, const struct rl_args *args,
                                     struct relief_error *err);

// The model that a conversion wants is here afterwards, if the user agrees to a download or has
// done so with --download. What cannot be told here is left to the job.
enum relief_status rl_models_ensure(struct relief_context *ctx, const struct rl_args *args,
                                    struct relief_error *err);

enum relief_status rl_show_devices(struct relief_context *ctx, const struct rl_args *args,
                                   struct relief_error *err);

#endif
