// SPDX-License-Identifier: MIT
#include "compose/turns.h"

#include <libavutil/common.h>
#include <libavutil/mathematics.h>

// About seven views a second: slower looks like two pictures, faster like a flicker.
static const int64_t view_us = 140000;

static bool is_alternating(enum relief_format format)
{
    return format == RELIEF_FORMAT_AL || format == RELIEF_FORMAT_AR;
}

int rl_turns_ticks(enum relief_format format)
{
    return is_alternating(format) ? 2 : 1;
}

void rl_turns_init(struct rl_turns *turns, const struct rl_compose_params *params)
{
    const bool is_turn = is_alternating(params->format) || params->format == RELIEF_FORMAT_WIGGLE;
    const bool has_clock = params->time_base.num > 0 && params->time_base.den > 0;
    *turns = (struct rl_turns){.format = is_turn ? params->format : RELIEF_FORMAT_COUNT,
                               .still_turns = params->still_turns};
    if (has_clock && params->frame_rate.num > 0)
        turns->average = av_rescale_q(1, av_inv_q(params->frame_rate), params->time_base);
    if (has_clock)
        turns->period = av_rescale_q(view_us, AV_TIME_BASE_Q, params->time_base);
    turns->average = FFMAX(turns->average, 1);
    turns->period = FFMAX(turns->period, 1);
}

void rl_turns_begin(struct rl_turns *turns, const struct rl_frame *frame)
{
    if (!turns->has_origin)
        turns->origin = frame->pts;
    turns->has_origin = true;
    turns->given = 0;
    turns->count = 1;
    if (is_alternating(turns->format))
        turns->count = 2;
    else if (turns->still_turns)
        turns->count = 2 * turns->still_turns;
}

bool rl_turns_left(const struct rl_turns *turns)
{
    return turns->given < turns->count;
}

// Index, time and length of the frame; returns whether the left view is shown.
static bool set_times(const struct rl_turns *turns, const struct rl_frame *frame,
                      struct rl_frame *next)
{
    const int k = turns->given;
    next->index = frame->index * turns->count + k;
    if (is_alternating(turns->format)) {
        next->duration = frame->duration > 0 ? frame->duration : turns->average;
        next->pts = 2 * frame->pts + k * next->duration;
        return (k == 0) == (turns->format == RELIEF_FORMAT_AL);
    }
    if (turns->still_turns) {
        next->duration = turns->period;
        next->pts = frame->pts + k * turns->period;
        return k % 2 == 0;
    }
    next->duration = frame->duration;
    next->pts = frame->pts;
    return (frame->pts - turns->origin) / turns->period % 2 == 0;
}

struct rl_frame *rl_turns_next(struct rl_turns *turns, const struct rl_frame *frame)
{
    struct rl_frame *next = rl_frame_create();
    if (!next)
        return NULL;
    const bool left = set_times(turns, frame, next);
    next->cut = frame->cut && turns->given == 0;
    next->output = av_frame_clone(left ? frame->left : frame->right);
    if (!next->output)
        rl_frame_free(&next);
    turns->given++;
    return next;
}
