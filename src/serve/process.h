// SPDX-License-Identifier: MIT
//
// What the processes beside the server have in common.
#ifndef RL_SERVE_PROCESS_H
#define RL_SERVE_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

// In a new child: default signals, none blocked; dies when `parent`, the process that forked it,
// ends; no core dump; memory of its own at most three quarters of the machine's; kinder to others
// by `nice`. Only calls that are allowed between fork() and exec(). False when the parent has gone.
bool rl_process_settle(pid_t parent, int nice);

// Standard input from, and the other two to, the named descriptors (-1: nowhere); all others are
// closed.
void rl_process_descriptors(int out, int err);

#endif
