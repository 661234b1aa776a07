// SPDX-License-Identifier: MIT
//
// Bounded strings: a buffer, its size, always NUL-terminated.
#ifndef RL_BASE_STR_H
#define RL_BASE_STR_H

#include "base/error.h"

#include <stdbool.h>

// Copy `from` into `to` of `size` bytes. False when it did not fit (then it is cut).
bool rl_str_copy(char *to, size_t size, const char *from);

// Append formatted text. False when it did not fit (then it is cut).
bool rl_str_add(char *to, size_t size, const char *format, ...) RL_PRINTF(3, 4);

// A new string on the heap, or NULL when out of memory; free with free().
char *rl_str_format(const char *format, ...) RL_PRINTF(1, 2);

bool rl_str_starts(const char *text, const char *prefix);
bool rl_str_ends(const char *text, const char *suffix);

// As strcmp(), but runs of digits compare as numbers: 2 comes before 10.
int rl_str_compare_naturally(const char *a, const char *b);

// How many single-letter edits turn `a` into `b` (Levenshtein); for "did you mean".
size_t rl_str_distance(const char *a, const char *b);

#endif
