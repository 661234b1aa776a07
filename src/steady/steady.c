// SPDX-License-Identifier: MIT
#include "steady/steady.h"

#include "steady/behind.h"
#include "steady/shot.h"

enum {
    SEEN_AHEAD = 4,  // frames behind it that say what they know of one, if there are as many
};

struct steady {
    struct rl_steady_params params;
    struct rl_line line;
    struct rl_shot shot;
    struct rl_range range;
    struct rl_pool maps;
};

static enum relief_status normalise(struct steady *steady, struct rl_frame *frame,
                                    struct rl_plane from, struct rl_limits limits,
                                    struct rl_limits reach, struct relief_error *err)
{
    const struct rl_smooth_finish finish = rl_smooth_finish_of(limits.far, limits.near, reach.far,
                                                               reach.near);
    AVFrame *final = rl_pool_get(&steady->maps, AV_PIX_FMT_GRAYF32, from.width, from.height, NULL);
    if (!final)
        return rl_fail_memory(err);
    const struct rl_plane to = rl_frame_plane(final, 0);
    for (int y = 0; y < from.height; y++)
        steady->shot.carrier.fns.finish_row((float *)(void *)rl_plane_row(&to, y),
                                            (const float *)(const void *)rl_plane_row(&from, y),
                                            from.width, &finish);
    av_frame_free(&frame->depth);
    frame->depth = final;
    frame->depth_is_final = true;
    return RELIEF_OK;
}

// A cell that is the mean of n frames knew (n - 1) / n of it before. A frame without a map of its
// own has nothing but that.
static enum relief_status show_known(struct steady *steady, struct rl_held *held,
                                     struct relief_error *err)
{
    const AVFrame *memory = held->memory;
    AVFrame *known = rl_pool_get(&steady->maps, AV_PIX_FMT_GRAYF32, memory->width, memory->height,
                                 NULL);
    if (!known)
        return rl_fail_memory(err);
    const struct rl_plane to = rl_frame_plane(known, 0);
    for (int y = 0; y < memory->height; y++) {
        const float *count = rl_memory_row(memory, y).count;
        float *row = (float *)(void *)rl_plane_row(&to, y);
        for (int x = 0; x < memory->width; x++) {
            const float before = held->frame->depth_skipped ? count[x] : count[x] - held->worth;
            row[x] = before > 0 ? before / (before + 1) : 0;
        }
    }
    held->frame->known = known;
    return RELIEF_OK;
}

static struct rl_limits to_network(struct rl_limits limits, struct rl_scale scale)
{
    return (struct rl_limits){(limits.far - scale.shift) / scale.scale,
                              (limits.near - scale.shift) / scale.scale};
}

static struct rl_limits to_shot(struct rl_limits limits, struct rl_scale scale)
{
    return (struct rl_limits){scale.scale * limits.far + scale.shift,
                              scale.scale * limits.near + scale.shift};
}

static enum relief_status pass_on(struct steady *steady, const struct rl_sink *out,
                                  struct relief_error *err)
{
    const struct rl_line *line = &steady->line;
    struct rl_limits ahead[RL_RANGE_AHEAD + 1];
    int count = 0;
    while (count < line->known_count && count <= RL_RANGE_AHEAD &&
           !(count && line->held[count].begins)) {
        ahead[count] = line->held[count].seen;
        count++;
    }
    struct rl_held held = rl_line_take_first(&steady->line);
    const AVFrame *known = held.final ? held.final : held.memory;
    rl_range_next(&steady->range, ahead, count,
                  &(struct rl_range_frame){held.begins, held.scale.scale, held.news, held.still});
    const struct rl_limits limits = to_shot(
        rl_range_credible(&steady->range, to_network(steady->range.at, held.scale)), held.scale);
    enum relief_status status = normalise(steady, held.frame,
                                          rl_frame_plane(known, RL_MEMORY_DEPTH), limits,
                                          steady->range.reach, err);
    if (status == RELIEF_OK && steady->params.show_known)
        status = show_known(steady, &held, err);
    rl_held_free_pictures(&held);
    if (status == RELIEF_OK)
        return out->take(out->user, held.frame, err);
    rl_frame_free(&held.frame);
    return status;
}

// Lets the oldest frames leave until `left` are left that are known.
static enum relief_status pass_on_all(struct steady *steady, int left, const struct rl_sink *out,
                                      struct relief_error *err)
{
    struct rl_line *line = &steady->line;
    enum relief_status status = RELIEF_OK;
    while (status == RELIEF_OK && line->known_count > left) {
        // Several at a time, because each time goes through all that are held.
        if (!line->final_count)
            status = rl_behind_finish(&steady->shot.carrier, line,
                                      left ? line->known_count - SEEN_AHEAD : line->known_count,
                                      err);
        if (status == RELIEF_OK)
            status = pass_on(steady, out, err);
    }
    return status;
}

static enum relief_status flush(void *stage, const struct rl_sink *out, struct relief_error *err)
{
    struct steady *steady = stage;
    rl_shot_settle(&steady->shot, &steady->line);
    const enum relief_status status = pass_on_all(steady, 0, out, err);
    rl_line_clear(&steady->line);
    return status;
}

static enum relief_status by_itself(struct steady *steady, struct rl_frame *frame,
                                    const struct rl_sink *out, struct relief_error *err)
{
    struct rl_limits seen;
    rl_held_measure_map(&seen, frame, frame->depth);
    const struct rl_limits limits = rl_range_credible(&steady->range, seen);
    enum relief_status status = normalise(steady, frame, rl_frame_plane(frame->depth, 0), limits,
                                          limits, err);
    if (status == RELIEF_OK)
        return out->take(out->user, frame, err);
    rl_frame_free(&frame);
    return status;
}

static enum relief_status hold(struct steady *steady, struct rl_frame *frame,
                               const struct rl_sink *out, struct relief_error *err)
{
    steady->line.held[steady->line.count++] = (struct rl_held){.frame = frame};
    enum relief_status status = rl_shot_take(&steady->shot, &steady->line, &steady->range, err);
    return status == RELIEF_OK ? pass_on_all(steady, RL_RANGE_AHEAD, out, err) : status;
}

static enum relief_status push(void *stage, struct rl_frame *frame, const struct rl_sink *out,
                               struct relief_error *err)
{
    struct steady *steady = stage;
    if (frame->depth_is_final)
        return out->take(out->user, frame, err);
    if (steady->params.level == RELIEF_STEADY_OFF && frame->depth)
        return by_itself(steady, frame, out, err);
    const enum relief_status status = hold(steady, frame, out, err);
    if (status != RELIEF_OK)
        rl_line_clear(&steady->line);
    return status;
}

static void close_stage(void *stage)
{
    struct steady *steady = stage;
    rl_line_clear(&steady->line);
    rl_shot_clear(&steady->shot);
    rl_pool_clear(&steady->maps);
    free(steady);
}

enum relief_status rl_steady_open(struct rl_stage *stage, const struct rl_steady_params *params,
                                  struct relief_error *err)
{
    static const struct rl_stage_type type = {"steady", push, flush, close_stage};
    struct steady *steady = calloc(1, sizeof *steady);
    if (!steady)
        return rl_fail_memory(err);
    steady->params = *params;
    rl_range_init(&steady->range, params->frame_rate);
    rl_shot_init(&steady->shot, params->level, params->cpu);
    *stage = (struct rl_stage){&type, steady};
    return RELIEF_OK;
}
