// SPDX-License-Identifier: MIT
//
// What of the registry lies in the user's cache: $XDG_CACHE_HOME/relief/models/NAME/FILE.
//
// 1. A file is taken only after its size and SHA-256 were found right: those of the registry, else
//    those that were recorded when it was first seen. Records lie in models.lock.json in the user's
//    configuration, by URL, so that they outlive the cache and end with the URL.
// 2. What was found right is not read again as long as size and time stay the same: FILE.checked
//    says so. rl_stock_check() reads it all the same.
// 3. Files that the user put there are as good as downloaded ones.
// 4. While something is written into a model's folder, .lock in it is held (flock).
#ifndef RL_DEPTH_STOCK_H
#define RL_DEPTH_STOCK_H

#include "depth/registry.h"

enum rl_stock_state { RL_STOCK_MISSING = 0, RL_STOCK_PARTIAL, RL_STOCK_PRESENT };

// All files there, or something of them.
enum rl_stock_state rl_stock_state(const struct rl_registry_entry *entry);

// The model `name`, its files there and right. Fails with RELIEF_E_MODEL, and says how to get it.
enum relief_status rl_stock_find(struct rl_model *model, const char *name, struct rl_log *log,
                                 struct relief_error *err);

// "CACHE/relief/models/NAME/FILE" and a suffix; without a file the folder. False: too long.
bool rl_stock_path(const struct rl_registry_entry *entry, int file, const char *suffix, char *path,
                   size_t size);

// Whether the file at `path` is file `index` of the model, read from start to end. Records what it
// is when nothing is known of it yet, and says so. Fails with RELIEF_E_MODEL.
enum relief_status rl_stock_verify(const struct rl_registry_entry *entry, int index,
                                   const char *path, struct rl_log *log, struct relief_error *err);

// Rule 2: file `index`, under its own name, has been found right.
void rl_stock_mark(const struct rl_registry_entry *entry, int index);

// All files, read from start to end. Fails with RELIEF_E_MODEL.
enum relief_status rl_stock_check(const struct rl_registry_entry *entry, struct rl_log *log,
                                  struct relief_error *err);

// Makes the model's folder and holds its lock; *lock is closed to let go. Fails with RELIEF_E_MODEL
// when another process holds it.
enum relief_status rl_stock_lock(const struct rl_registry_entry *entry, int *lock,
                                 struct relief_error *err);

// Everything of the model, records included.
enum relief_status rl_stock_remove(const struct rl_registry_entry *entry, struct relief_error *err);

// How large a file is; -1 when there is none.
int64_t rl_stock_bytes(const char *path);

#endif
