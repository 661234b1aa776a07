// SPDX-License-Identifier: MIT
#include "check.h"

#include "job/thrift.h"
#include "plane/frame.h"

enum { FRAMES = 40 };

// A stage that keeps two frames back, as the depth stage does.
struct slow {
    struct rl_frame *held[2];
    int seen;
};

static enum relief_status slow_push(void *stage, struct rl_frame *frame, const struct rl_sink *out,
                                    struct relief_error *err)
{
    struct slow *slow = stage;
    struct rl_frame *done = slow->held[0];
    CHECK(!frame->depth_skipped);
    slow->seen++;
    slow->held[0] = slow->held[1];
    slow->held[1] = frame;
    return done ? out->take(out->user, done, err) : RELIEF_OK;
}

static enum relief_status slow_flush(void *stage, const struct rl_sink *out,
                                     struct relief_error *err)
{
    struct slow *slow = stage;
    enum relief_status status = RELIEF_OK;
    for (int i = 0; i < 2; i++) {
        struct rl_frame *frame = slow->held[i];
        slow->held[i] = NULL;
        if (frame && status == RELIEF_OK)
            status = out->take(out->user, frame, err);
    }
    return status;
}

static void slow_close(void *stage)
{
    struct slow *slow = stage;
    rl_frame_free(&slow->held[0]);
    rl_frame_free(&slow->held[1]);
}

static const struct rl_stage_type slow_type = {"slow", slow_push, slow_flush, slow_close};

static enum relief_status count(void *user, struct rl_frame *frame, struct relief_error *err)
{
    int *next = user;
    (void)err;
    CHECK_INT(frame->index, *next);
    ++*next;
    rl_frame_free(&frame);
    return RELIEF_OK;
}

// Frame i is skipped where bit i % 8 of the pattern says so.
static void run(unsigned pattern, bool to_the_end)
{
    struct slow slow = {0};
    struct rl_stage stage = {0};
    int next = 0, wanted = 0;
    const struct rl_sink sink = {count, &next};
    CHECK_INT(rl_thrift_open(&stage, (struct rl_stage){&slow_type, &slow}, NULL), RELIEF_OK);
    for (int i = 0; i < FRAMES; i++) {
        struct rl_frame *frame = rl_frame_create();
        frame->index = i;
        frame->depth_skipped = pattern >> i % 8 & 1;
        wanted += !frame->depth_skipped;
        CHECK_INT(stage.type->push(stage.state, frame, &sink, NULL), RELIEF_OK);
    }
    if (to_the_end) {
        CHECK_INT(stage.type->flush(stage.state, &sink, NULL), RELIEF_OK);
        CHECK_INT(next, FRAMES);
    }
    CHECK_INT(slow.seen, wanted);
    stage.type->close(stage.state);
}

static void frames_keep_their_order(void)
{
    for (unsigned pattern = 0; pattern < 256; pattern++)
        run(pattern, true);
}

static void what_waits_is_freed(void)
{
    for (unsigned pattern = 0; pattern < 256; pattern++)
        run(pattern, false);
}

int main(void)
{
    RUN(frames_keep_their_order);
    RUN(what_waits_is_freed);
    return check_result();
}
