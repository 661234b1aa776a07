// SPDX-License-Identifier: MIT
//
// Films and jobs on disk, in SQLite, which no other file includes.
//
// 1. The database carries the number of its schema; one from a newer relief is refused.
// 2. What a call has stored is there after a crash of the server or of the machine.
// 3. Calls come from one thread at a time: the desk's mutex sees to it.
#ifndef RL_SERVE_STORE_H
#define RL_SERVE_STORE_H

#include "serve/desk.h"

enum relief_status rl_store_open(struct rl_store **store, const char *path,
                                 struct relief_error *err);
void rl_store_close(struct rl_store **store);

// Reads everything, oldest first; on failure what was read so far is the desk's.
enum relief_status rl_store_load(struct rl_store *store, struct rl_desk *desk,
                                 struct relief_error *err);

enum relief_status rl_store_film(struct rl_store *store, const struct rl_film *film,
                                 struct relief_error *err);
enum relief_status rl_store_job(struct rl_store *store, const struct rl_job *job,
                                struct relief_error *err);
enum relief_status rl_store_drop_film(struct rl_store *store, const char *id,
                                      struct relief_error *err);
enum relief_status rl_store_drop_job(struct rl_store *store, const char *id,
                                     struct relief_error *err);

// A job's options or log, or a film's info, from text of the database or of a request: the value
// when it is what it should be, else an empty one of that kind.
json_t *rl_store_parse(const char *text, json_type type);

#endif
