// SPDX-License-Identifier: MIT
#include "base/workers.h"

#include "base/c_locale.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <unistd.h>

// One call of rl_workers_rows(): bands are handed out under the pool's mutex; a slot is taken by
// each thread that joins the call and kept until no band is left.
struct call {
    rl_rows_fn fn;
    void *arg;
    int rows, step;
    int share, least;  // see next_band()
    int next_row;
    int slots_taken;
    int running;  // threads inside fn
    struct call *next;
};

struct rl_workers {
    pthread_mutex_t mutex;
    pthread_cond_t work, done;
    pthread_t *threads;
    int thread_count;  // besides the caller
    bool quit;
    struct call *calls;
};

int rl_core_count(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
        return CPU_COUNT(&set);
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 ? (int)count : 1;
}

// Where the band that begins at the next row ends. Bands get smaller, so that threads are done at
// about the same time, although rows differ in what they cost.
static int next_band(const struct call *call)
{
    const int left = call->rows - call->next_row, part = left / call->share;
    const int band = part > call->least ? part : call->least;
    return band < left ? call->next_row + band / call->step * call->step : call->rows;
}

// Run bands of a call until none is left. Enters and leaves with the mutex held.
static void help(struct rl_workers *workers, struct call *call)
{
    int slot = call->slots_taken++;
    call->running++;
    while (call->next_row < call->rows) {
        int begin = call->next_row, end = next_band(call);
        call->next_row = end;
        pthread_mutex_unlock(&workers->mutex);
        call->fn(call->arg, begin, end, slot);
        pthread_mutex_lock(&workers->mutex);
    }
    call->running--;
    if (!call->running)
        pthread_cond_broadcast(&workers->done);
}

static struct call *find_work(struct rl_workers *workers)
{
    for (struct call *call = workers->calls; call; call = call->next)
        if (call->next_row < call->rows)
            return call;
    return NULL;
}

static void *worker_main(void *arg)
{
    RL_C_LOCALE;
    struct rl_workers *workers = arg;
    pthread_mutex_lock(&workers->mutex);
    for (;;) {
        struct call *call = find_work(workers);
        if (call)
            help(workers, call);
        else if (workers->quit)
            break;
        else
            pthread_cond_wait(&workers->work, &workers->mutex);
    }
    pthread_mutex_unlock(&workers->mutex);
    return NULL;
}

enum relief_status rl_workers_create(struct rl_workers **out, int threads, struct relief_error *err)
{
    struct rl_workers *workers = calloc(1, sizeof *workers);
    if (!workers)
        return rl_fail_memory(err);
    pthread_mutex_init(&workers->mutex, NULL);
    pthread_cond_init(&workers->work, NULL);
    pthread_cond_init(&workers->done, NULL);
    int wanted = (threads > 0 ? threads : rl_core_count()) - 1;
    workers->threads = calloc((size_t)wanted + 1, sizeof *workers->threads);
    if (!workers->threads) {
        rl_workers_free(&workers);
        return rl_fail_memory(err);
    }
    // A thread that cannot be made is work for the others, not an error.
    while (workers->thread_count < wanted &&
           !pthread_create(&workers->threads[workers->thread_count], NULL, worker_main, workers))
        workers->thread_count++;
    *out = workers;
    return RELIEF_OK;
}

void rl_workers_free(struct rl_workers **workers)
{
    struct rl_workers *w = *workers;
    *workers = NULL;
    if (!w)
        return;
    pthread_mutex_lock(&w->mutex);
    w->quit = true;
    pthread_cond_broadcast(&w->work);
    pthread_mutex_unlock(&w->mutex);
    for (int i = 0; i < w->thread_count; i++)
        pthread_join(w->threads[i], NULL);
    free(w->threads);
    pthread_mutex_destroy(&w->mutex);
    pthread_cond_destroy(&w->work);
    pthread_cond_destroy(&w->done);
    free(w);
}

int rl_workers_slots(const struct rl_workers *workers)
{
    return workers ? workers->thread_count + 1 : 1;
}

static void unlink_call(struct rl_workers *workers, const struct call *call)
{
    struct call **place = &workers->calls;
    while (*place != call)
        place = &(*place)->next;
    *place = call->next;
}

void rl_workers_rows(struct rl_workers *workers, int rows, int step, rl_rows_fn fn, void *arg)
{
    if (rows <= 0)
        return;
    if (rl_workers_slots(workers) == 1) {
        fn(arg, 0, rows, 0);
        return;
    }
    const int slots = rl_workers_slots(workers), least = rows / (8 * slots);
    struct call call = {.fn = fn,
                        .arg = arg,
                        .rows = rows,
                        .step = step,
                        .share = 2 * slots,
                        .least = least > step ? least : step};
    pthread_mutex_lock(&workers->mutex);
    call.next = workers->calls;
    workers->calls = &call;
    pthread_cond_broadcast(&workers->work);
    help(workers, &call);
    while (call.running)
        pthread_cond_wait(&workers->done, &workers->mutex);
    unlink_call(workers, &call);
    pthread_mutex_unlock(&workers->mutex);
}
