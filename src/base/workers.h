// SPDX-License-Identifier: MIT
//
// Workers: a few threads that share the rows of one picture.
//
// 1. rl_workers_rows() cuts [0, rows) into bands, runs the function on each, and returns when all
//    are done; the calling thread works too. The cut never changes a result: bands are
//    independent by contract of the function.
// 2. Several threads may call it at the same time; their bands share the workers.
// 3. NULL, or one thread, runs everything in the caller.
#ifndef RL_BASE_WORKERS_H
#define RL_BASE_WORKERS_H

#include "base/error.h"

struct rl_workers;

// Works on rows [begin, end). `slot` is 0 .. rl_workers_slots() - 1 and no two bands of one call
// run with the same slot at the same time: use it to pick scratch memory.
typedef void (*rl_rows_fn)(void *arg, int begin, int end, int slot);

// `threads` 0 = one per core. Fails with RELIEF_E_MEMORY.
enum relief_status rl_workers_create(struct rl_workers **workers, int threads,
                                     struct relief_error *err);
void rl_workers_free(struct rl_workers **workers);

// How many bands of one call can run at the same time; at least 1. `workers` may be NULL.
int rl_workers_slots(const struct rl_workers *workers);

// Bands begin at multiples of `step` rows (2 for 4:2:0 pictures, say).
void rl_workers_rows(struct rl_workers *workers, int rows, int step, rl_rows_fn fn, void *arg);

// Cores that this process may use; at least 1.
int rl_core_count(void);

#endif
