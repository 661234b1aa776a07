// SPDX-License-Identifier: MIT
#include "base/queue.h"

#include "base/error.h"

bool rl_queue_init(struct rl_queue *queue, size_t capacity, void (*release)(void *item))
{
    *queue = (struct rl_queue){.capacity = capacity, .release = release};
    queue->items = calloc(capacity, sizeof *queue->items);
    if (!queue->items)
        return false;
    pthread_mutex_init(&queue->mutex, NULL);
    pthread_cond_init(&queue->not_empty, NULL);
    pthread_cond_init(&queue->not_full, NULL);
    return true;
}

static void *take(struct rl_queue *queue)
{
    void *item = queue->items[queue->head];
    queue->head = (queue->head + 1) % queue->capacity;
    queue->count--;
    return item;
}

void rl_queue_clear(struct rl_queue *queue)
{
    if (!queue->items)
        return;
    while (queue->count)
        queue->release(take(queue));
    free(queue->items);
    queue->items = NULL;
    pthread_mutex_destroy(&queue->mutex);
    pthread_cond_destroy(&queue->not_empty);
    pthread_cond_destroy(&queue->not_full);
}

bool rl_queue_push(struct rl_queue *queue, void *item)
{
    pthread_mutex_lock(&queue->mutex);
    while (queue->count == queue->capacity && !queue->stopped)
        pthread_cond_wait(&queue->not_full, &queue->mutex);
    bool open = !queue->stopped;
    if (open) {
        queue->items[(queue->head + queue->count) % queue->capacity] = item;
        queue->count++;
        pthread_cond_signal(&queue->not_empty);
    }
    pthread_mutex_unlock(&queue->mutex);
    if (!open)
        queue->release(item);
    return open;
}

void *rl_queue_pop(struct rl_queue *queue)
{
    void *item = NULL;
    pthread_mutex_lock(&queue->mutex);
    while (!queue->count && !queue->finished && !queue->stopped)
        pthread_cond_wait(&queue->not_empty, &queue->mutex);
    if (queue->count && !queue->stopped) {
        item = take(queue);
        pthread_cond_signal(&queue->not_full);
    }
    pthread_mutex_unlock(&queue->mutex);
    return item;
}

static void end(struct rl_queue *queue, bool *flag)
{
    pthread_mutex_lock(&queue->mutex);
    *flag = true;
    pthread_cond_broadcast(&queue->not_empty);
    pthread_cond_broadcast(&queue->not_full);
    pthread_mutex_unlock(&queue->mutex);
}

void rl_queue_finish(struct rl_queue *queue)
{
    end(queue, &queue->finished);
}

void rl_queue_stop(struct rl_queue *queue)
{
    end(queue, &queue->stopped);
}

bool rl_queue_stopped(struct rl_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    bool stopped = queue->stopped;
    pthread_mutex_unlock(&queue->mutex);
    return stopped;
}
