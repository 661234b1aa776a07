// SPDX-License-Identifier: MIT
//
// What is to be converted, once folders are opened.
//
// 1. A folder with films stands for them, in natural order (2 before 10), whatever pictures lie
//    beside them: posters, mostly. One without is left as it is: pictures that are a film.
// 2. What relief made of a film of that folder, NAME_3d.EXT or with --name-tokens, is none. Hidden
//    files and subfolders are not looked at.
#ifndef RL_CLI_INPUTS_H
#define RL_CLI_INPUTS_H

#include "cli/args.h"

struct rl_inputs {
    struct rl_args args;  // the same with other inputs
    char **found;         // those of folders
    size_t found_count;
};

// `args` is to outlive `inputs`. Fails with RELIEF_E_MEMORY; a folder that cannot be read stays an
// input, and fails when its turn comes.
enum relief_status rl_inputs_open(struct rl_inputs *inputs, const struct rl_args *args,
                                  struct relief_error *err);
void rl_inputs_clear(struct rl_inputs *inputs);

#endif
