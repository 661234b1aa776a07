// SPDX-License-Identifier: MIT
#include "steady/behind.h"

#include <math.h>

// Frames that a mean of those behind is made of. Few, so that it does not show whether it was made
// of more or less: some frames leave with more frames behind them than others.
static const float most_behind = 4;

// The memory `from` of the frame behind `held`, carried to that. NULL when out of memory.
static AVFrame *carried_to(struct rl_carrier *carrier, const struct rl_held *held,
                           const AVFrame *from)
{
    return rl_memory_carry(carrier, from, held->frame->motion_ahead,
                           rl_memory_plane(held->memory, RL_MEMORY_LUMA),
                           rl_memory_stride(held->memory), -1);
}

enum relief_status rl_behind_fill(struct rl_carrier *carrier, struct rl_line *line,
                                  struct relief_error *err)
{
    const int newest = line->count - 1, first = line->known_count;
    for (int i = newest - 1; i >= first; i--) {
        const struct rl_held *held = &line->held[i], *next = held + 1;
        if (!held->frame->motion_ahead || next->begins)
            break;
        AVFrame *w = carried_to(carrier, held, next->memory);
        if (!w)
            return rl_fail_memory(err);
        const float way = (float)(i - first + 1) / (float)(newest - first + 1);
        for (int y = 0; y < w->height; y++) {
            const struct rl_carried to = rl_memory_row(held->memory, y);
            carrier->fns.mix_row(to.depth, to.count, rl_memory_row(w, y), w->width, way);
        }
        av_frame_free(&w);
    }
    return RELIEF_OK;
}

enum relief_status rl_behind_light_up(struct rl_carrier *carrier, struct rl_line *line,
                                      float known_worth, struct relief_error *err)
{
    for (int i = line->count - 2; i >= 0; i--) {
        struct rl_held *held = &line->held[i], *next = held + 1;
        if (next->frame->cut || !held->frame->motion_ahead || !held->memory ||
            held->worth >= known_worth || held->memory->width != next->memory->width ||
            held->memory->height != next->memory->height)
            break;
        AVFrame *w = carried_to(carrier, held, next->memory);
        if (!w)
            return rl_fail_memory(err);
        rl_memory_only(held->memory, w);
        av_frame_free(&w);
        held->scale = next->scale;
        held->begins = true;
        next->begins = false;
        if (i < line->known_count)
            rl_held_measure(held);
    }
    line->final_count = 0;
    return RELIEF_OK;
}

static float range_of(const struct rl_held *held)
{
    return held->seen.near - held->seen.far;
}

// A frame's own word joins what was carried to it from behind, NULL if nothing was.
static enum relief_status add_own(struct rl_carrier *carrier, const struct rl_held *held,
                                  AVFrame **said, struct relief_error *err)
{
    if (!*said) {
        *said = held->own ? av_frame_clone(held->own) : NULL;
        return *said || !held->own ? RELIEF_OK : rl_fail_memory(err);
    }
    if (held->own)
        rl_memory_blend(carrier, *said, held->own, *said, range_of(held), most_behind);
    else
        rl_memory_only(*said, *said);
    rl_memory_take_luma(*said, held->memory);
    return RELIEF_OK;
}

// What is known behind frame `held`, as it arrives there, in its units; `said` is what the one
// behind it and all later ones say, and is freed.
static AVFrame *carry_back(struct rl_carrier *carrier, const struct rl_held *held, AVFrame *said)
{
    const struct rl_scale pull = held[1].pull;
    AVFrame *w = carried_to(carrier, held, said);
    av_frame_free(&said);
    if (w)
        rl_memory_scale(w, (struct rl_scale){1 / pull.scale, -pull.shift / pull.scale});
    return w;
}

// `behind` is NULL where nothing is known from there.
static enum relief_status finish(struct rl_carrier *carrier, struct rl_held *held,
                                 const AVFrame *behind, struct relief_error *err)
{
    av_frame_free(&held->final);
    if (!behind)
        return RELIEF_OK;
    held->final = rl_memory_new(carrier, behind->width, behind->height);
    if (!held->final)
        return rl_fail_memory(err);
    rl_memory_blend(carrier, held->final, held->memory, behind, range_of(held), INFINITY);
    return RELIEF_OK;
}

enum relief_status rl_behind_finish(struct rl_carrier *carrier, struct rl_line *line, int count,
                                    struct relief_error *err)
{
    enum relief_status status = RELIEF_OK;
    AVFrame *said = NULL;  // by the frames behind number i and, at the end of each round, by it
    for (int i = line->known_count - 1; i >= 0 && status == RELIEF_OK; i--) {
        struct rl_held *held = &line->held[i];
        if (i + 1 < line->known_count && held[1].begins)
            av_frame_free(&said);
        if (said) {
            said = carry_back(carrier, held, said);
            status = said ? RELIEF_OK : rl_fail_memory(err);
        }
        if (i < count && status == RELIEF_OK)
            status = finish(carrier, held, said, err);
        if (status == RELIEF_OK)
            status = add_own(carrier, held, &said, err);
    }
    av_frame_free(&said);
    line->final_count = count;
    return status;
}
