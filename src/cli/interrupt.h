// SPDX-License-Identifier: MIT
//
// Ctrl-C and SIGTERM: the first cancels the running job, or ends the program at once when nothing
// is being written; the second kills.
#ifndef RL_CLI_INTERRUPT_H
#define RL_CLI_INTERRUPT_H

#include <relief/relief.h>

#include <stdbool.h>

// Also ignores SIGPIPE and SIGXFSZ: a reader that goes away, or a file that may not grow, is an
// error of writing, not a silent death.
void rl_interrupt_install(void);

// The job that a signal cancels from now on; NULL for none. The job must outlive the watch.
void rl_interrupt_watch(struct relief_job *job);

// True once a signal has come.
bool rl_interrupt_came(void);

#endif
