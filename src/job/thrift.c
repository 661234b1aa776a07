// SPDX-License-Identifier: MIT
#include "job/thrift.h"

#include "plane/frame.h"

#include <assert.h>

// More than the stage inside and the frames between its own can ever be.
enum { WAITING_MAX = 64 };

struct thrift {
    struct rl_stage inner;
    // Oldest first; NULL stands for one that is inside.
    struct rl_frame *waiting[WAITING_MAX];
    int count;
    const struct rl_sink *out;  // of the call under way
};

static enum relief_status pass_on(struct thrift *thrift, struct relief_error *err)
{
    enum relief_status status = RELIEF_OK;
    while (status == RELIEF_OK && thrift->count && thrift->waiting[0]) {
        struct rl_frame *frame = thrift->waiting[0];
        thrift->count--;
        memmove(thrift->waiting, thrift->waiting + 1,
                (size_t)thrift->count * sizeof *thrift->waiting);
        status = thrift->out->take(thrift->out->user, frame, err);
    }
    return status;
}

static enum relief_status come_back(void *user, struct rl_frame *frame, struct relief_error *err)
{
    struct thrift *thrift = user;
    int at = 0;
    while (at < thrift->count && thrift->waiting[at])
        at++;
    assert(at < thrift->count);
    thrift->waiting[at] = frame;
    return pass_on(thrift, err);
}

static enum relief_status push(void *stage, struct rl_frame *frame, const struct rl_sink *out,
                               struct relief_error *err)
{
    struct thrift *thrift = stage;
    const struct rl_sink back = {come_back, thrift};
    thrift->out = out;
    assert(thrift->count < WAITING_MAX);
    thrift->waiting[thrift->count++] = frame->depth_skipped ? frame : NULL;
    if (frame->depth_skipped)
        return pass_on(thrift, err);
    return thrift->inner.type->push(thrift->inner.state, frame, &back, err);
}

static enum relief_status flush(void *stage, const struct rl_sink *out, struct relief_error *err)
{
    struct thrift *thrift = stage;
    const struct rl_sink back = {come_back, thrift};
    thrift->out = out;
    return thrift->inner.type->flush(thrift->inner.state, &back, err);
}

static void close_stage(void *stage)
{
    struct thrift *thrift = stage;
    for (int i = 0; i < thrift->count; i++)
        rl_frame_free(&thrift->waiting[i]);
    thrift->inner.type->close(thrift->inner.state);
    free(thrift);
}

enum relief_status rl_thrift_open(struct rl_stage *stage, struct rl_stage inner,
                                  struct relief_error *err)
{
    static const struct rl_stage_type type = {"thrift", push, flush, close_stage};
    struct thrift *thrift = calloc(1, sizeof *thrift);
    if (!thrift) {
        inner.type->close(inner.state);
        return rl_fail_memory(err);
    }
    thrift->inner = inner;
    *stage = (struct rl_stage){&type, thrift};
    return RELIEF_OK;
}
