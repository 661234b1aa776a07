// SPDX-License-Identifier: MIT
#include "check.h"

#include "base/queue.h"

static int released;
static int numbers[100];

static void release(void *item)
{
    (void)item;
    released++;
}

static void *produce(void *arg)
{
    struct rl_queue *queue = arg;
    for (int i = 0; i < 100; i++)
        if (!rl_queue_push(queue, &numbers[i]))
            return NULL;
    rl_queue_finish(queue);
    return NULL;
}

static void items_come_in_order_then_the_end(void)
{
    struct rl_queue queue;
    pthread_t thread;
    CHECK(rl_queue_init(&queue, 3, release));
    pthread_create(&thread, NULL, produce, &queue);
    for (int i = 0; i < 100; i++)
        CHECK(rl_queue_pop(&queue) == &numbers[i]);
    CHECK(rl_queue_pop(&queue) == NULL);
    pthread_join(thread, NULL);
    rl_queue_clear(&queue);
}

static void the_consumer_can_end_it(void)
{
    struct rl_queue queue;
    pthread_t thread;
    released = 0;
    CHECK(rl_queue_init(&queue, 3, release));
    pthread_create(&thread, NULL, produce, &queue);
    CHECK(rl_queue_pop(&queue) == &numbers[0]);
    rl_queue_stop(&queue);
    pthread_join(thread, NULL);
    CHECK(rl_queue_pop(&queue) == NULL);
    CHECK(rl_queue_stopped(&queue));
    CHECK(!rl_queue_push(&queue, &numbers[0]));
    rl_queue_clear(&queue);
    CHECK(released >= 1 && released <= 6);
}

int main(void)
{
    RUN(items_come_in_order_then_the_end);
    RUN(the_consumer_can_end_it);
    return check_result();
}
