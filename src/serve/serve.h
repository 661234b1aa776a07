// SPDX-License-Identifier: MIT
//
// relief serve: the page, and the HTTP interface behind it.
//
// 1. The server itself opens no film: what looks into one (looker.h) and what converts one
//    (child.h) are processes of their own, with limits, which end when the server ends.
// 2. Jobs and films stand in a database and outlive the server; a job that was interrupted begins
//    anew, a result that was complete is kept.
// 3. One server per data folder.
#ifndef RL_SERVE_SERVE_H
#define RL_SERVE_SERVE_H

#include "base/error.h"

#include <stdbool.h>

struct rl_serve_params {
    const char *listen;  // an IPv4 or IPv6 address
    int port;            // 0 = any that is free
    const char *token;   // NULL: none on a loopback address, else one is made
    const char *data;    // NULL: where the user's data belong
    const char *folder;  // whose films may be named; NULL = none
    double max_upload_gib;
    double keep_days;  // films and results older than that go; 0 = they stay
};

void rl_serve_params_default(struct rl_serve_params *params);

// The options of the group "serving" by name, as on the command line; `value` must outlive
// `params`. False when there is no such option; else *status says whether the value is one.
bool rl_serve_params_set(struct rl_serve_params *params, const char *name, const char *value,
                         enum relief_status *status, struct relief_error *err);

// Serves until SIGINT or SIGTERM. Forks before it makes a thread: call it with none running.
enum relief_status rl_serve(const struct rl_serve_params *params, struct relief_error *err);

#endif
