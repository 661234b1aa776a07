// SPDX-License-Identifier: MIT
#include "base/c_locale.h"

#include <pthread.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static locale_t plain;  // never freed; 0: there was no memory, and threads stay as they are

static void make(void)
{
    plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

locale_t rl_c_locale_enter(void)
{
    pthread_once(&once, make);
    return uselocale(plain);
}

void rl_c_locale_leave(const locale_t *before)
{
    uselocale(*before);
}
