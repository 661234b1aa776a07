// SPDX-License-Identifier: MIT
//
// The single forms behind rl_emit(); for src/base/options alone.
#ifndef RL_BASE_OPTIONS_EMIT_FORMS_H
#define RL_BASE_OPTIONS_EMIT_FORMS_H

#include "base/options/emit.h"

void rl_emit_help(FILE *out, bool all);
void rl_emit_man(FILE *out);
void rl_emit_markdown(FILE *out);
void rl_emit_completion(FILE *out);
enum relief_status rl_emit_json(FILE *out, struct relief_error *err);

// The title of a group: "Look". At most `size` bytes.
void rl_group_title(enum rl_option_group group, char *title, size_t size);

// "0 to 10" for numbers; empty for the others. At most `size` bytes.
void rl_option_range(const struct relief_option *option, char *text, size_t size);

// The default as a reader should see it; NULL when there is none worth a word.
const char *rl_option_shown_default(const struct relief_option *option);

#endif
