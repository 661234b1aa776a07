// SPDX-License-Identifier: MIT
//
// What the manual says beside the options: commands, examples, exit codes. Help, man page,
// completion and docs/options.md take it from here, and so does the parser of the command.
#ifndef RL_BASE_OPTIONS_MANUAL_H
#define RL_BASE_OPTIONS_MANUAL_H

#include <stdbool.h>
#include <stddef.h>

enum rl_command {
    RL_COMMAND_CONVERT,
    RL_COMMAND_INFO,
    RL_COMMAND_MODELS,
    RL_COMMAND_DEVICES,
    RL_COMMAND_SERVE,
    RL_COMMAND_HELP,
    RL_COMMAND_COUNT
};

// A command; texts as in struct relief_option.
struct rl_command_row {
    const char *name;
    const char *usage;  // what stands behind "relief"
    const char *brief;
    const char *detail;
};

struct rl_example {
    const char *command;
    const char *brief;
    bool basic;  // shown by --help; all are in the manual
};

struct rl_exit_row {
    int code;
    const char *brief;
};

extern const char rl_manual_name[];     // one line: what relief is
extern const char rl_manual_inputs[];   // what an input and an output may be: a paragraph
extern const char rl_manual_options[];  // how options are written: a paragraph
extern const char rl_manual_files[];    // what it leaves on disk: a paragraph

// By enum rl_command.
extern const struct rl_command_row rl_command_table[RL_COMMAND_COUNT];
// Ends with a NULL command.
extern const struct rl_example rl_example_table[];
// Ends with a NULL brief.
extern const struct rl_exit_row rl_exit_table[];

// The command of that name, or RL_COMMAND_COUNT.
enum rl_command rl_command_find(const char *name);

#endif
