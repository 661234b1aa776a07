// SPDX-License-Identifier: MIT
//
// Calls that do not compile in relief: they overflow, lose errors or share hidden state.
// Included by base/error.h, so every file sees it. Use base/str.h instead.
#ifndef RL_BASE_BANNED_H
#define RL_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#undef strcpy
#undef strcat
#undef strncpy
#undef strncat
#undef sprintf
#undef vsprintf
#undef atoi
#undef atol
#undef atof
#undef strtok
#undef gets
#define strcpy(a, b) strcpy_is_banned_use_rl_str_copy
#define strcat(a, b) strcat_is_banned_use_rl_str_add
#define strncpy(a, b, n) strncpy_is_banned_use_rl_str_copy
#define strncat(a, b, n) strncat_is_banned_use_rl_str_add
#define sprintf(...) sprintf_is_banned_use_snprintf
#define vsprintf(...) vsprintf_is_banned_use_vsnprintf
#define atoi(s) atoi_is_banned_use_strtol
#define atol(s) atol_is_banned_use_strtol
#define atof(s) atof_is_banned_use_strtod
#define strtok(a, b) strtok_is_banned
#define gets(s) gets_is_banned

#endif
