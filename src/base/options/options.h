// SPDX-License-Identifier: MIT
//
// The option table: each option of relief stands in table.c, once. The parser, --help, the man
// page, completion, the defaults and checks of struct relief_params, the HTTP API and the page's
// form all read it. An option that is not in the table does not exist.
#ifndef RL_BASE_OPTIONS_OPTIONS_H
#define RL_BASE_OPTIONS_OPTIONS_H

#include "base/error.h"

#include <stdbool.h>

enum rl_option_type {
    RL_OPT_FLOAT,    // float
    RL_OPT_INT,      // int
    RL_OPT_FLAG,     // int, 0 or 1; on the command line it takes no value
    RL_OPT_CHOICE,   // an enum (int); `choices` lists its words
    RL_OPT_TEXT,     // char[]; `size` bytes
    RL_OPT_TIME,     // int64_t microseconds; "[HH:]MM:SS[.mmm]" or seconds
    RL_OPT_ALIAS,    // another spelling of NAME=VALUE, which stands in `fallback`; takes no value
    RL_OPT_COMMAND,  // known to the command only, no parameter; takes a value if `unit` is set,
                     // with `choices` alone only an attached one (--help=all)
};

enum rl_option_group {
    RL_GROUP_LOOK,   // acts on the views alone: previews keep their depth when it changes
    RL_GROUP_DEPTH,  // acts on the depth map
    RL_GROUP_ENCODING,
    RL_GROUP_RUNNING,
    RL_GROUP_SERVING,  // of relief serve alone
    RL_GROUP_COUNT
};

struct rl_choice {
    const char *name;
    int value;
    const char *brief;  // NULL: a second spelling of an earlier word, not listed
};

// A row. Texts are static. Numbers hold what the unit says.
struct relief_option {
    const char *name;  // without dashes, words joined by '-'
    char short_name;   // 0 = none
    enum rl_option_type type;
    size_t offset, size;   // of the field in struct relief_params
    double min, max;       // FLOAT and INT, inclusive
    double step;           // FLOAT and INT: what a slider moves by
    const char *fallback;  // the default, as text; ALIAS: "name=value"
    const char *unit;      // what the value is: "% of width", "FILE", "WxH"; NULL for choices
    const struct rl_choice *choices;  // ends with a NULL name; TEXT: well-known words among others;
                                      // FLOAT and INT: words for some numbers, which
                                      // may lie out of the range
    enum rl_option_group group;
    bool basic;          // shown by --help; others by --help=all and in the manual
    const char *brief;   // one line, lower case, no full stop
    const char *detail;  // a paragraph for the manual
};

extern const struct relief_option rl_option_table[];
extern const size_t rl_option_count;

// "look", "depth", "encoding", "running", "serving".
const char *rl_option_group_name(enum rl_option_group group);

// By long name ("depth-size" or "depth_size"), or by short name. NULL when there is none.
const struct relief_option *rl_option_find(const char *name);
const struct relief_option *rl_option_find_short(char short_name);

// The name in the table that looks most like `name`, or NULL when none is near.
const char *rl_option_nearest(const char *name);

// True when the option takes a value on the command line.
bool rl_option_takes_value(const struct relief_option *option);

// The choice called `word` into *value. On error it is unchanged: RELIEF_E_ARGUMENT, with the words
// as hint.
enum relief_status rl_option_choice(const struct relief_option *option, const char *word,
                                    int *value, struct relief_error *err);

// Parse `value` into the field of `params`. On error nothing is changed: RELIEF_E_ARGUMENT.
enum relief_status rl_option_set(const struct relief_option *option, struct relief_params *params,
                                 const char *value, struct relief_error *err);

// The field's value as rl_option_set() would take it; at most `size` bytes.
void rl_option_get(const struct relief_option *option, const struct relief_params *params,
                   char *text, size_t size);

// All fields within range, texts terminated: for params that were filled directly.
enum relief_status rl_options_check(const struct relief_params *params, struct relief_error *err);

// "[HH:]MM:SS[.mmm]" or seconds, into microseconds. False when it is neither, or negative.
bool rl_parse_time(const char *text, int64_t *time_us);

#endif
