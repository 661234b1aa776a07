// SPDX-License-Identifier: MIT
#include "job/pipeline.h"

#include "base/c_locale.h"
#include "base/queue.h"

#include <pthread.h>
#include <time.h>

// Node 0 is the source, 1 .. stage_count the stages, the last one the drain. Each but the source
// has the queue it reads from.
struct node {
    struct run *run;
    int index;
    struct rl_queue queue;
    pthread_t thread;
    int64_t working_since_ns;
};

struct run {
    const struct rl_pipeline_params *params;
    struct node nodes[RL_PIPELINE_STAGES_MAX + 2];
    int node_count;
    pthread_mutex_t mutex;
    pthread_cond_t ended;
    int nodes_ended;
    struct relief_error err;  // the first failure in time
};

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void begin_work(struct node *node)
{
    node->working_since_ns = now_ns();
}

static void end_work(struct node *node)
{
    _Atomic int64_t *busy_ns = node->run->params->busy_ns;
    if (busy_ns)
        atomic_fetch_add(&busy_ns[node->index], now_ns() - node->working_since_ns);
}

static void stop_queues(struct run *run)
{
    for (int i = 1; i < run->node_count; i++)
        if (run->nodes[i].queue.items)
            rl_queue_stop(&run->nodes[i].queue);
}

// Keep the first failure, and end everything. What others report afterwards is its consequence.
static void fail(struct run *run, const struct relief_error *err)
{
    pthread_mutex_lock(&run->mutex);
    rl_error_pass(&run->err, err);
    pthread_mutex_unlock(&run->mutex);
    atomic_store(run->params->stop, true);
    stop_queues(run);
}

static bool stopped(const struct run *run)
{
    return atomic_load(run->params->stop);
}

static enum relief_status give_to_queue(void *user, struct rl_frame *frame,
                                        struct relief_error *err)
{
    struct node *node = user;
    end_work(node);
    bool taken = rl_queue_push(&node[1].queue, frame);
    begin_work(node);
    return taken ? RELIEF_OK : rl_fail_cancelled(err);
}

static enum relief_status give_to_node(void *user, struct rl_frame *frame,
                                       struct relief_error *err);

static struct rl_sink sink_of(struct node *node)
{
    bool direct = node->run->params->single_thread;
    return (struct rl_sink){direct ? give_to_node : give_to_queue, node};
}

// Let a node work on one frame; the drain takes it, stages hand something on.
static enum relief_status work_on(struct node *node, struct rl_frame *frame,
                                  struct relief_error *err)
{
    const struct rl_pipeline_params *params = node->run->params;
    enum relief_status status;
    begin_work(node);
    if (node->index == node->run->node_count - 1) {
        status = params->drain.take(params->drain.user, frame, err);
    } else {
        const struct rl_stage *stage = &params->stages[node->index - 1];
        struct rl_sink sink = sink_of(node);
        status = stage->type->push(stage->state, frame, &sink, err);
    }
    end_work(node);
    return status;
}

static enum relief_status give_to_node(void *user, struct rl_frame *frame, struct relief_error *err)
{
    struct node *node = user;
    end_work(node);
    enum relief_status status = work_on(&node[1], frame, err);
    begin_work(node);
    return status;
}

static enum relief_status flush(struct node *node, struct relief_error *err)
{
    const struct rl_stage *stage = &node->run->params->stages[node->index - 1];
    struct rl_sink sink = sink_of(node);
    begin_work(node);
    enum relief_status status = stage->type->flush(stage->state, &sink, err);
    end_work(node);
    return status;
}

static enum relief_status pull(struct node *source, struct rl_frame **frame,
                               struct relief_error *err)
{
    const struct rl_pipeline_params *params = source->run->params;
    begin_work(source);
    enum relief_status status = params->pull(params->pull_user, frame, err);
    end_work(source);
    if (status == RELIEF_OK && stopped(source->run)) {
        rl_frame_free(frame);
        return rl_fail_cancelled(err);
    }
    return status;
}

static void end_node(struct node *node, enum relief_status status, const struct relief_error *err)
{
    struct run *run = node->run;
    if (status != RELIEF_OK)
        fail(run, err);
    pthread_mutex_lock(&run->mutex);
    run->nodes_ended++;
    pthread_cond_signal(&run->ended);
    pthread_mutex_unlock(&run->mutex);
}

static void *source_main(void *arg)
{
    RL_C_LOCALE;
    struct node *node = arg;
    struct relief_error err = {0};
    enum relief_status status;
    for (;;) {
        struct rl_frame *frame = NULL;
        status = pull(node, &frame, &err);
        if (status != RELIEF_OK || !frame)
            break;
        if (!rl_queue_push(&node[1].queue, frame)) {
            status = rl_fail_cancelled(&err);
            break;
        }
    }
    if (status == RELIEF_OK)
        rl_queue_finish(&node[1].queue);
    end_node(node, status, &err);
    return NULL;
}

static void *node_main(void *arg)
{
    RL_C_LOCALE;
    struct node *node = arg;
    struct relief_error err = {0};
    enum relief_status status = RELIEF_OK;
    bool drain = node->index == node->run->node_count - 1;
    for (struct rl_frame *frame; status == RELIEF_OK && (frame = rl_queue_pop(&node->queue));)
        status = work_on(node, frame, &err);
    if (status == RELIEF_OK && rl_queue_stopped(&node->queue))
        status = rl_fail_cancelled(&err);
    if (status == RELIEF_OK && !drain)
        status = flush(node, &err);
    if (status == RELIEF_OK && !drain)
        rl_queue_finish(&node[1].queue);
    end_node(node, status, &err);
    return NULL;
}

// Wait for all nodes, and call tick() meanwhile.
static void wait_for_end(struct run *run, int started)
{
    const struct rl_pipeline_params *params = run->params;
    pthread_mutex_lock(&run->mutex);
    while (run->nodes_ended < started) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += 100 * 1000000;
        if (until.tv_nsec >= 1000000000) {
            until.tv_nsec -= 1000000000;
            until.tv_sec++;
        }
        pthread_cond_timedwait(&run->ended, &run->mutex, &until);
        pthread_mutex_unlock(&run->mutex);
        if (stopped(run)) {
            struct relief_error err = {0};
            rl_fail_cancelled(&err);
            fail(run, &err);
        }
        if (params->tick)
            params->tick(params->tick_user);
        pthread_mutex_lock(&run->mutex);
    }
    pthread_mutex_unlock(&run->mutex);
}

static void run_threads(struct run *run)
{
    int started = 0;
    for (; started < run->node_count; started++) {
        struct node *node = &run->nodes[started];
        if (pthread_create(&node->thread, NULL, started ? node_main : source_main, node)) {
            struct relief_error err = {0};
            rl_fail(&err, RELIEF_E_FAILED, "cannot start a thread");
            fail(run, &err);
            break;
        }
    }
    wait_for_end(run, started);
    for (int i = 0; i < started; i++)
        pthread_join(run->nodes[i].thread, NULL);
}

static void run_here(struct run *run)
{
    const struct rl_pipeline_params *params = run->params;
    struct relief_error err = {0};
    enum relief_status status;
    for (;;) {
        struct rl_frame *frame = NULL;
        status = pull(&run->nodes[0], &frame, &err);
        if (status != RELIEF_OK || !frame)
            break;
        status = work_on(&run->nodes[1], frame, &err);
        if (status != RELIEF_OK)
            break;
        if (params->tick)
            params->tick(params->tick_user);
    }
    for (int i = 1; i <= params->stage_count && status == RELIEF_OK; i++)
        status = flush(&run->nodes[i], &err);
    if (status != RELIEF_OK)
        fail(run, &err);
}

static bool make_queues(struct run *run)
{
    size_t capacity = (size_t)(run->params->queue_frames > 0 ? run->params->queue_frames : 1);
    for (int i = 1; i < run->node_count; i++)
        if (!rl_queue_init(&run->nodes[i].queue, capacity, rl_frame_release))
            return false;
    return true;
}

enum relief_status rl_pipeline_run(const struct rl_pipeline_params *params,
                                   struct relief_error *err)
{
    struct run run = {.params = params, .node_count = params->stage_count + 2};
    for (int i = 0; i < run.node_count; i++)
        run.nodes[i] = (struct node){.run = &run, .index = i};
    pthread_mutex_init(&run.mutex, NULL);
    pthread_cond_init(&run.ended, NULL);
    if (params->single_thread)
        run_here(&run);
    else if (make_queues(&run))
        run_threads(&run);
    else
        rl_fail_memory(&run.err);
    if (params->tick)
        params->tick(params->tick_user);
    for (int i = 1; i < run.node_count; i++)
        rl_queue_clear(&run.nodes[i].queue);
    pthread_cond_destroy(&run.ended);
    pthread_mutex_destroy(&run.mutex);
    return rl_error_pass(err, &run.err);
}
