// SPDX-License-Identifier: MIT
//
// Memory that runs out when a test wants it to. The linker (--wrap) leads every call of our own
// code that allocates, be it of libc, of FFmpeg's libraries or of jansson, through here; what the
// libraries do among themselves is theirs.
#ifndef RL_TESTS_SHIM_H
#define RL_TESTS_SHIM_H

#include <stdbool.h>

// Once, before anything else.
void shim_init(void);

// From now on count calls, and let the nth (from 1) fail; with `rest`, all behind it, too.
void shim_arm(int n, bool rest);

// No longer. Returns how many calls were counted.
int shim_disarm(void);

#endif
