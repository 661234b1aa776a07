// SPDX-License-Identifier: MIT
#include "check.h"

#include "job/pipeline.h"

#include <pthread.h>
#include <unistd.h>

// A film of `length` empty frames; frame number `break_at` cannot be read.
struct film {
    int length, next, break_at, delay_us;
};

static enum relief_status film_pull(void *user, struct rl_frame **frame, struct relief_error *err)
{
    struct film *film = user;
    *frame = NULL;
    if (film->delay_us)
        usleep((useconds_t)film->delay_us);
    if (film->next == film->length)
        return RELIEF_OK;
    if (film->break_at && film->next == film->break_at)
        return rl_fail(err, RELIEF_E_INPUT, "film broke");
    *frame = rl_frame_create();
    (*frame)->index = film->next++;
    return RELIEF_OK;
}

// A stage that holds back `hold` frames and fails at frame `break_at`.
struct holder {
    struct rl_frame *held[8];
    int count, hold, break_at;
};

static enum relief_status holder_push(void *stage, struct rl_frame *frame,
                                      const struct rl_sink *out, struct relief_error *err)
{
    struct holder *h = stage;
    if (h->break_at && frame->index == h->break_at) {
        rl_frame_free(&frame);
        return rl_fail(err, RELIEF_E_MODEL, "stage broke");
    }
    h->held[h->count++] = frame;
    if (h->count <= h->hold)
        return RELIEF_OK;
    struct rl_frame *first = h->held[0];
    memmove(h->held, h->held + 1, (size_t)--h->count * sizeof *h->held);
    return out->take(out->user, first, err);
}

static enum relief_status holder_flush(void *stage, const struct rl_sink *out,
                                       struct relief_error *err)
{
    struct holder *h = stage;
    enum relief_status status = RELIEF_OK;
    for (int i = 0; i < h->count; i++) {
        struct rl_frame *frame = h->held[i];
        h->held[i] = NULL;
        if (status == RELIEF_OK)
            status = out->take(out->user, frame, err);
        else
            rl_frame_free(&frame);
    }
    h->count = 0;
    return status;
}

static void holder_close(void *stage)
{
    struct holder *h = stage;
    for (int i = 0; i < h->count; i++)
        rl_frame_free(&h->held[i]);
    h->count = 0;
}

static const struct rl_stage_type holder_type = {"holder", holder_push, holder_flush, holder_close};

struct drain {
    int next, break_at;
};

static enum relief_status drain_take(void *user, struct rl_frame *frame, struct relief_error *err)
{
    struct drain *drain = user;
    CHECK_INT(frame->index, drain->next);
    drain->next++;
    rl_frame_free(&frame);
    if (drain->break_at && drain->next == drain->break_at)
        return rl_fail(err, RELIEF_E_OUTPUT, "drain broke");
    return RELIEF_OK;
}

static enum relief_status run(struct film *film, struct holder *holders, int count,
                              struct drain *drain, bool single_thread, atomic_bool *stop,
                              struct relief_error *err)
{
    static _Thread_local _Atomic int64_t busy_ns[RL_PIPELINE_STAGES_MAX + 2];
    struct rl_pipeline_params params = {
        .pull = film_pull,
        .pull_user = film,
        .stage_count = count,
        .drain = {drain_take, drain},
        .single_thread = single_thread,
        .queue_frames = 3,
        .stop = stop,
        .busy_ns = busy_ns,
    };
    for (int i = 0; i < count; i++)
        params.stages[i] = (struct rl_stage){&holder_type, &holders[i]};
    enum relief_status status = rl_pipeline_run(&params, err);
    for (int i = 0; i < count; i++)
        holder_close(&holders[i]);
    return status;
}

static void all_frames_arrive_in_order(void)
{
    for (int single = 0; single < 2; single++)
        for (int stages = 0; stages < 4; stages++) {
            struct film film = {.length = 50};
            struct holder holders[4] = {{.hold = 0}, {.hold = 2}, {.hold = 5}};
            struct drain drain = {0};
            atomic_bool stop = false;
            struct relief_error err = {0};
            CHECK_INT(run(&film, holders, stages, &drain, single, &stop, &err), RELIEF_OK);
            CHECK_INT(drain.next, 50);
        }
}

static void the_first_failure_is_reported(void)
{
    for (int single = 0; single < 2; single++)
        for (int where = 0; where < 3; where++) {
            struct film film = {.length = 500, .break_at = where == 0 ? 40 : 0};
            struct holder holders[2] = {{.hold = 1}, {.hold = 2, .break_at = where == 1 ? 40 : 0}};
            struct drain drain = {.break_at = where == 2 ? 40 : 0};
            atomic_bool stop = false;
            struct relief_error err = {0};
            static const enum relief_status wanted[] = {RELIEF_E_INPUT, RELIEF_E_MODEL,
                                                        RELIEF_E_OUTPUT};
            CHECK_INT(run(&film, holders, 2, &drain, single, &stop, &err), wanted[where]);
            CHECK(strstr(err.message, "broke"));
        }
}

static void *cancel_soon(void *stop)
{
    usleep(50000);
    atomic_store((atomic_bool *)stop, true);
    return NULL;
}

static void a_cancel_ends_it(void)
{
    for (int single = 0; single < 2; single++) {
        struct film film = {.length = 1 << 30, .delay_us = 1000};
        struct holder holders[1] = {{.hold = 2}};
        struct drain drain = {0};
        atomic_bool stop = false;
        struct relief_error err = {0};
        pthread_t thread;
        pthread_create(&thread, NULL, cancel_soon, &stop);
        CHECK_INT(run(&film, holders, 1, &drain, single, &stop, &err), RELIEF_E_CANCELLED);
        pthread_join(thread, NULL);
        CHECK(drain.next > 0 && drain.next < 1000);
    }
}

int main(void)
{
    RUN(all_frames_arrive_in_order);
    RUN(the_first_failure_is_reported);
    RUN(a_cancel_ends_it);
    return check_result();
}
