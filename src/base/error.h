// SPDX-License-Identifier: MIT
//
// Errors: a status, and the first cause as text in the caller's struct relief_error.
//
// 1. Texts are lower case, one line, no full stop: "FILE: what went wrong: why".
// 2. The first cause wins: a struct that already holds a failure is left as it is.
// 3. `err` may be NULL everywhere.
#ifndef RL_BASE_ERROR_H
#define RL_BASE_ERROR_H

#include "base/banned.h"

#include <relief/relief.h>

#if defined(__GNUC__)
#define RL_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define RL_PRINTF(text, first)
#endif

// Record a failure and return its status: `return rl_fail(err, RELIEF_E_INPUT, "...")`.
enum relief_status rl_fail(struct relief_error *err, enum relief_status status, const char *format,
                           ...) RL_PRINTF(3, 4);

// The same, with ": " and FFmpeg's words for `averror` behind the text. AVERROR(ENOMEM) becomes
// RELIEF_E_MEMORY, AVERROR_EXIT becomes RELIEF_E_CANCELLED, whatever `status` says.
enum relief_status rl_fail_av(struct relief_error *err, enum relief_status status, int averror,
                              const char *format, ...) RL_PRINTF(4, 5);

// The same, with ": " and the system's words for `errnum` behind the text.
enum relief_status rl_fail_errno(struct relief_error *err, enum relief_status status, int errnum,
                                 const char *format, ...) RL_PRINTF(4, 5);

enum relief_status rl_fail_memory(struct relief_error *err);
enum relief_status rl_fail_cancelled(struct relief_error *err);

// Add what the user can try. Only the first hint is kept.
void rl_hint(struct relief_error *err, const char *format, ...) RL_PRINTF(2, 3);

// Hand a failure from one struct to another, if that one holds none yet. Returns from->status.
enum relief_status rl_error_pass(struct relief_error *to, const struct relief_error *from);

#endif
