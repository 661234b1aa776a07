// SPDX-License-Identifier: MIT
#include "check.h"

#include "base/workers.h"

#include <pthread.h>
#include <stdatomic.h>

enum { ROWS = 1001 };

struct rows {
    atomic_int seen[ROWS];
    atomic_int slot_busy[64];
};

static void mark(void *arg, int begin, int end, int slot)
{
    struct rows *rows = arg;
    CHECK(begin % 2 == 0);
    CHECK(atomic_fetch_add(&rows->slot_busy[slot], 1) == 0);
    for (int y = begin; y < end; y++)
        rows->seen[y]++;
    atomic_fetch_sub(&rows->slot_busy[slot], 1);
}

static void check_once(struct rl_workers *workers)
{
    static _Thread_local struct rows rows;
    memset(&rows, 0, sizeof rows);
    rl_workers_rows(workers, ROWS, 2, mark, &rows);
    for (int y = 0; y < ROWS; y++)
        CHECK_INT(rows.seen[y], 1);
}

static void *call_often(void *workers)
{
    for (int i = 0; i < 50; i++)
        check_once(workers);
    return NULL;
}

static void each_row_is_done_once(void)
{
    for (int threads = 1; threads <= 5; threads++) {
        struct rl_workers *workers = NULL;
        CHECK_INT(rl_workers_create(&workers, threads, NULL), RELIEF_OK);
        CHECK_INT(rl_workers_slots(workers), threads);
        call_often(workers);
        rl_workers_free(&workers);
        CHECK(workers == NULL);
    }
    check_once(NULL);
}

static void two_callers_share_the_workers(void)
{
    struct rl_workers *workers = NULL;
    pthread_t thread;
    CHECK_INT(rl_workers_create(&workers, 3, NULL), RELIEF_OK);
    pthread_create(&thread, NULL, call_often, workers);
    call_often(workers);
    pthread_join(thread, NULL);
    rl_workers_free(&workers);
}

int main(void)
{
    RUN(each_row_is_done_once);
    RUN(two_callers_share_the_workers);
    return check_result();
}
