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

// A list of strings on the heap.
struct rl_names {
    char **at;
    size_t count;
};

// Fills `inputs`, which the caller clears, after a failure too; *in_folder says whether any was
// found in a folder. Fails with RELIEF_E_MEMORY; a folder that cannot be read stays an input, and
// fails when its turn comes.
enum relief_status rl_inputs_find(struct rl_names *inputs, bool *in_folder,
                                  const struct rl_args *args, struct relief_error *err);
void rl_names_clear(struct rl_names *names);

#endif
