// SPDX-License-Identifier: MIT
//
// Everything that is written out of the option table and the manual's texts: help, man page, bash
// completion, JSON, and docs/options.md.
//
// 1. What an option is called, takes and defaults to comes from its row alone; so the forms cannot
//    disagree.
// 2. The text of a form depends on nothing else: no locale, no date, no terminal.
#ifndef RL_BASE_OPTIONS_EMIT_H
#define RL_BASE_OPTIONS_EMIT_H

#include "base/options/options.h"

// The topics of --help=TOPIC, in the table's row of "help".
enum rl_emit_form {
    RL_EMIT_BASIC,       // two screens: 48 lines of 80 columns
    RL_EMIT_ALL,         // every option, with its choices
    RL_EMIT_MAN,         // relief.1, for man
    RL_EMIT_COMPLETION,  // for bash
    RL_EMIT_MARKDOWN,    // docs/options.md
    RL_EMIT_JSON,        // an array with an object for each row
};

// Writes one form. Errors of `out` itself are left for the caller's ferror(); what fails here is
// memory.
enum relief_status rl_emit(enum rl_emit_form form, FILE *out, struct relief_error *err);

// What stands for the value in texts: "NAME", "N", "FILE"; NULL when the option takes none.
const char *rl_option_placeholder(const struct relief_option *option);

#endif
