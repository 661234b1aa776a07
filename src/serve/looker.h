// SPDX-License-Identifier: MIT
//
// A process that opens films, so that the server need not: it says what is in a file, and draws
// previews as JPEG.
//
// 1. rl_looker_start() forks a keeper while the program has one thread; the keeper forks the
//    looker, and another one when that has crashed or taken too long. The request that it died of
//    gets an error; the next one a fresh looker.
// 2. Requests and answers are JSON, each one message of a socket; pictures come through memory
//    that both share.
// 3. Both processes end when the server ends, however that happens.
// 4. One request at a time; others wait. Any thread.
#ifndef RL_SERVE_LOOKER_H
#define RL_SERVE_LOOKER_H

#include "base/error.h"

#include <jansson.h>

struct rl_looker;

enum relief_status rl_looker_start(struct rl_looker **looker, struct relief_error *err);

// Ends the request that is under way, and every later one, with an error: for those who wait to go
// away before _stop.
void rl_looker_refuse(struct rl_looker *looker);

// Nobody may wait for an answer any more.
void rl_looker_stop(struct rl_looker **looker);

// What was found in a film, as the API shows it: a new object in *info.
enum relief_status rl_looker_probe(struct rl_looker *looker, const char *path, json_t **info,
                                   struct relief_error *err);

struct rl_look {
    const char *path;
    int64_t time_us;
    const char *view;        // a name of enum relief_view
    int longest_px;          // of the picture
    const json_t *settings;  // name -> text
};

struct rl_looked {
    void *jpeg;  // the caller frees it
    size_t size;
    int width, height;
    double seconds;  // how long it took to draw
};

enum relief_status rl_looker_preview(struct rl_looker *looker, const struct rl_look *look,
                                     struct rl_looked *looked, struct relief_error *err);

#endif
