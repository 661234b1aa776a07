// SPDX-License-Identifier: MIT
//
// The command line as a struct. What is allowed stands in the option table and the table of
// commands; this file knows only how words, dashes and equals signs go together.
#ifndef RL_CLI_ARGS_H
#define RL_CLI_ARGS_H

#include "base/options/emit.h"
#include "base/options/manual.h"
#include "serve/serve.h"

struct rl_args {
    enum rl_command command;
    struct relief_params params;
    const char **inputs;  // point into argv
    size_t input_count;
    bool in_folder;      // some were found in a folder, see inputs.h
    const char *output;  // NULL when -o was not given
    struct rl_serve_params serve;
    bool json;
    bool skip_existing;
    bool download;  // models that are not here are fetched without asking
    bool version;
    bool help;  // with `topic`; the same as RL_COMMAND_HELP
    enum rl_emit_form topic;
};

// `argv` as main() gets it; it must outlive `args`. On failure (RELIEF_E_ARGUMENT) there is
// nothing to clear.
enum relief_status rl_args_parse(struct rl_args *args, int argc, char **argv,
                                 struct relief_error *err);

void rl_args_clear(struct rl_args *args);

#endif
