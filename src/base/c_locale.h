// SPDX-License-Identifier: MIT
//
// Numbers have a point, whatever the program's locale: strtod(), printf() and FFmpeg's own readers
// of options go by the calling thread's, and a program with a window mostly sets its user's.
//
// So public functions that read or write numbers, and threads of the library, begin with
// RL_C_LOCALE. A program's callbacks are called so. Any thread.
#ifndef RL_BASE_C_LOCALE_H
#define RL_BASE_C_LOCALE_H

#include <locale.h>

// Has the calling thread work in the locale "C". Returns what it had, for rl_c_locale_leave().
locale_t rl_c_locale_enter(void);
void rl_c_locale_leave(const locale_t *before);

// Until the end of the block.
#define RL_C_LOCALE \
    __attribute__((cleanup(rl_c_locale_leave), unused)) \
    const locale_t locale_before = rl_c_locale_enter()

#endif
