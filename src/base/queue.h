// SPDX-License-Identifier: MIT
//
// A bounded first-in-first-out of pointers between two threads; it ends from either side.
//
// 1. The producer calls _finish: the consumer takes what is left, then gets NULL (end of stream).
// 2. Either side, or a third thread, calls _stop: waiting ends at once on both sides, what is
//    still queued is released with the function given at _init, push refuses from then on.
// 3. Items belong to the queue from a successful push until pop.
#ifndef RL_BASE_QUEUE_H
#define RL_BASE_QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct rl_queue {
    pthread_mutex_t mutex;
    pthread_cond_t not_empty, not_full;
    void **items;
    size_t capacity, count, head;
    bool finished, stopped;
    void (*release)(void *item);
};

// False when out of memory. `release` frees one item.
bool rl_queue_init(struct rl_queue *queue, size_t capacity, void (*release)(void *item));
void rl_queue_clear(struct rl_queue *queue);

// Waits for room. False when the queue was stopped: the item was released.
bool rl_queue_push(struct rl_queue *queue, void *item);

// Waits for an item. NULL at the end of the stream and when the queue was stopped.
void *rl_queue_pop(struct rl_queue *queue);

void rl_queue_finish(struct rl_queue *queue);
void rl_queue_stop(struct rl_queue *queue);
bool rl_queue_stopped(struct rl_queue *queue);

#endif
