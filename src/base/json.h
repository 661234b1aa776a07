// SPDX-License-Identifier: MIT
//
// What Jansson leaves to its user.
#ifndef RL_BASE_JSON_H
#define RL_BASE_JSON_H

#include <jansson.h>

// A text for JSON: file names and metadata need not be UTF-8, JSON must. Bytes that spoil it become
// '?'. NULL when out of memory.
json_t *rl_json_text(const char *text);

#endif
