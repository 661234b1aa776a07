// SPDX-License-Identifier: MIT
//
// Takes the oldest job of the queue, converts it in a child, and the next one when it is over.
//
// 1. Handlers set states and `stop` with the desk locked, and call rl_runner_signal() so that the
//    child hears of it; the runner's thread alone starts and reaps children.
// 2. When the server closes, the running conversion is ended and its job is left as running in the
//    store: the next start queues it again.
#ifndef RL_SERVE_RUNNER_H
#define RL_SERVE_RUNNER_H

#include "serve/desk.h"

struct rl_runner;

enum relief_status rl_runner_start(struct rl_runner **runner, struct rl_desk *desk,
                                   struct relief_error *err);

// The desk must be closing; waits for the child.
void rl_runner_stop(struct rl_runner **runner);

// With the desk locked: pause, go on, or end the job's child, as its state and `stop` say.
void rl_runner_signal(struct rl_job *job);

#endif
