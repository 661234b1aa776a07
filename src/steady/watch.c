// SPDX-License-Identifier: MIT
#include "steady/watch.h"

#include "plane/motion/motion.h"
#include "plane/pool.h"
#include "plane/small.h"
#include "steady/spare.h"

#include <math.h>

#include <libavutil/common.h>
#include <libavutil/mem.h>

// How much of a picture cannot be told from the one before it; shares of the picture.
struct change {
    float doubt;  // where its detail was not there before
    float lost;   // the parts of it that are full of such
    float way;    // how far things went on average, in widths
};

struct held {
    struct rl_frame *frame;
    struct change change;
    float *luma;  // of rl_spare_luma()
    bool relit;   // its light is not that of the one before
};

struct watch {
    struct held held[RL_WATCH_AHEAD + 1];  // oldest first
    int held_count;
    int64_t taken_count, decided_count;  // frames looked at, frames asked for a cut
    struct rl_cuts cuts;
    struct rl_motion_fns fns;
    struct rl_sum_fns small;
    struct rl_motion_picture pictures[2];  // of frame n at n % 2
    struct rl_motion_picture relit;        // the one before in the light of the newest
    struct rl_motion_work work;
    float *memory;   // of pictures and work, and of all below
    float *lumas;    // of frame n at n % (RL_WATCH_AHEAD + 1), spare_count values each
    float *scratch;  // for rl_spare_news()
    size_t spare_count;
    struct rl_pool motions;
    int depth_every;
    bool depth_follows;
    int skipped_count;  // frames since the network last looked
    int next_look;      // how many frames after that it looks again
    struct rl_log *log;
};

static struct rl_motion_picture *picture_of(struct watch *watch, int64_t index)
{
    return &watch->pictures[index & 1];
}

static enum relief_status set_size(struct watch *watch, const AVFrame *picture,
                                   struct relief_error *err)
{
    int width, height;
    rl_small_size(picture->width, picture->height, &width, &height);
    const size_t room = rl_motion_picture_room(width, height);
    const size_t work = rl_motion_work_room(width, height);
    watch->spare_count = rl_spare_count(width, height);
    watch->memory = av_malloc_array(3 * room + work + (RL_WATCH_AHEAD + 2) * watch->spare_count,
                                    sizeof *watch->memory);
    if (!watch->memory)
        return rl_fail_memory(err);
    rl_motion_picture_init(&watch->pictures[0], width, height, watch->memory);
    rl_motion_picture_init(&watch->pictures[1], width, height, watch->memory + room);
    rl_motion_picture_init(&watch->relit, width, height, watch->memory + 2 * room);
    rl_motion_work_init(&watch->work, width, height, watch->memory + 3 * room);
    watch->lumas = watch->memory + 3 * room + work;
    watch->scratch = watch->lumas + (RL_WATCH_AHEAD + 1) * watch->spare_count;
    return RELIEF_OK;
}

// a's luma as gain * b's + offset: what a change of light, or a fade, does to the whole picture.
struct light {
    float gain, offset;
};

static struct light light_between(const struct rl_cuts *cuts, int64_t index)
{
    const struct rl_thumb *a = rl_cuts_thumb(cuts, index), *b = rl_cuts_thumb(cuts, index - 1);
    double mean[2] = {0}, spread[2] = {0}, as_is = 0, matched = 0;
    for (int i = 0; i < RL_THUMB_SIZE; i++) {
        mean[0] += a->luma[i];
        mean[1] += b->luma[i];
    }
    mean[0] /= RL_THUMB_SIZE;
    mean[1] /= RL_THUMB_SIZE;
    for (int i = 0; i < RL_THUMB_SIZE; i++) {
        spread[0] += fabs(a->luma[i] - mean[0]);
        spread[1] += fabs(b->luma[i] - mean[1]);
    }
    const double gain = av_clipd((spread[0] + RL_THUMB_SIZE) / (spread[1] + RL_THUMB_SIZE), .25, 4);
    const double offset = mean[0] - gain * mean[1];
    for (int i = 0; i < RL_THUMB_SIZE; i++) {
        as_is += fabsf(a->luma[i] - b->luma[i]);
        matched += fabs(a->luma[i] - gain * b->luma[i] - offset);
    }
    // What enters the picture changes mean and spread too, but not the light on the rest.
    if (as_is <= 1.25 * matched)
        return (struct light){1, 0};
    return (struct light){(float)gain, (float)offset};
}

static float *plane_of(const AVFrame *motion, enum rl_motion_plane plane)
{
    return (float *)(void *)motion->data[plane];
}

static struct rl_motion_field field_of(const AVFrame *motion)
{
    return (struct rl_motion_field){plane_of(motion, RL_MOTION_DX), plane_of(motion, RL_MOTION_DY),
                                    motion->linesize[0] / (ptrdiff_t)sizeof(float)};
}

static AVFrame *search(struct watch *watch, const struct rl_motion_picture *from,
                       const struct rl_motion_picture *to)
{
    const int width = from->levels[0].width, height = from->levels[0].height;
    AVFrame *motion = rl_pool_get(&watch->motions, AV_PIX_FMT_GBRPF32, width, height, NULL);
    if (motion)
        rl_motion_search(&watch->fns, from, to, &watch->work, plane_of(motion, RL_MOTION_DX),
                         plane_of(motion, RL_MOTION_DY),
                         motion->linesize[0] / (ptrdiff_t)sizeof(float));
    return motion;
}

enum { PARTS_X = 16, PARTS_Y = 9 };

static const float detail = 8;          // gradient from which on a cell counts in full
static const float much_of_part = .3f;  // doubt in a part that is lost

// Where the picture is smooth, a road or the sky, motion may be anything: nothing is lost there,
// since depth is smooth, too.
static struct change change_of(const struct rl_motion_level *level, const AVFrame *motion)
{
    struct change change = {0};
    float doubts[PARTS_Y][PARTS_X] = {0};
    int counts[PARTS_Y][PARTS_X] = {0}, lost = 0, count = 0;
    for (int y = 1; y < level->height; y += 2) {
        const ptrdiff_t row = y * (motion->linesize[0] / (ptrdiff_t)sizeof(float));
        const float *dx = plane_of(motion, RL_MOTION_DX) + row;
        const float *dy = plane_of(motion, RL_MOTION_DY) + row;
        const float *confidence = plane_of(motion, RL_MOTION_CONFIDENCE) + row;
        const float *gx = level->gx + y * level->stride, *gy = level->gy + y * level->stride;
        const int j = y * PARTS_Y / level->height;
        for (int x = 1; x < level->width; x += 2, count++) {
            const int i = x * PARTS_X / level->width;
            const float shown = FFMIN((fabsf(gx[x]) + fabsf(gy[x])) / detail, 1);
            doubts[j][i] += shown * (1 - confidence[x]);
            counts[j][i]++;
            change.way += fabsf(dx[x]) + fabsf(dy[x]);
        }
    }
    for (int j = 0; j < PARTS_Y; j++)
        for (int i = 0; i < PARTS_X; i++) {
            change.doubt += doubts[j][i];
            lost += doubts[j][i] > much_of_part * (float)counts[j][i];
        }
    change.doubt /= (float)count;
    change.lost = (float)lost / (PARTS_X * PARTS_Y);
    change.way /= (float)count * (float)level->width;
    return change;
}

// Motion between the newest frame and the one before it.
static enum relief_status find_motion(struct watch *watch, int64_t index, struct relief_error *err)
{
    struct held *newest = &watch->held[watch->held_count - 1];
    struct rl_frame *frame = newest->frame, *before = newest[-1].frame;
    const struct rl_motion_picture *a = picture_of(watch, index), *b = picture_of(watch, index - 1);
    const struct light light = light_between(&watch->cuts, index);
    if (light.gain != 1 || light.offset != 0) {
        rl_motion_picture_relight(&watch->relit, b, light.gain, light.offset);
        b = &watch->relit;
    }
    frame->motion_back = search(watch, a, b);
    before->motion_ahead = search(watch, b, a);
    if (!frame->motion_back || !before->motion_ahead)
        return rl_fail_memory(err);
    const struct rl_motion_field back = field_of(frame->motion_back),
                                 ahead = field_of(before->motion_ahead);
    rl_motion_confidence(&watch->fns, plane_of(frame->motion_back, RL_MOTION_CONFIDENCE),
                         back.stride, a, b, back, ahead);
    rl_motion_confidence(&watch->fns, plane_of(before->motion_ahead, RL_MOTION_CONFIDENCE),
                         ahead.stride, b, a, ahead, back);
    newest->relit = b == &watch->relit;
    newest->change = change_of(&a->levels[0], frame->motion_back);
    return RELIEF_OK;
}

// Motion is looked for within the active area alone: beyond it the picture goes on with what is at
// its border, as it does beyond its own.
static void fill_bars(const struct rl_motion_level *level, const struct rl_frame *frame)
{
    const struct rl_area area = rl_frame_area(frame);
    const int width = frame->picture->width, height = frame->picture->height;
    const int x0 = (area.x0 * level->width + width - 1) / width;
    const int y0 = (area.y0 * level->height + height - 1) / height;
    const int x1 = FFMAX(area.x1 * level->width / width, x0 + 1);
    const int y1 = FFMAX(area.y1 * level->height / height, y0 + 1);
    for (int y = 0; y < level->height; y++) {
        float *row = level->luma + y * level->stride;
        if (y < y0 || y >= y1)
            memcpy(row, level->luma + av_clip(y, y0, y1 - 1) * level->stride,
                   (size_t)level->width * sizeof *row);
    }
    for (int y = 0; y < level->height; y++) {
        float *row = level->luma + y * level->stride;
        for (int x = 0; x < x0; x++)
            row[x] = row[x0];
        for (int x = x1; x < level->width; x++)
            row[x] = row[x1 - 1];
    }
}

static enum relief_status look_at(struct watch *watch, struct rl_frame *frame,
                                  struct relief_error *err)
{
    const int64_t index = watch->taken_count++;
    struct rl_thumb thumb;
    enum relief_status status = watch->memory ? RELIEF_OK : set_size(watch, frame->picture, err);
    if (status != RELIEF_OK)
        return status;
    struct rl_motion_picture *picture = picture_of(watch, index);
    const struct rl_motion_level *level = &picture->levels[0];
    rl_small_luma(&watch->small, level->luma, level->stride, level->width, level->height,
                  frame->picture);
    rl_thumb_of_luma(&thumb, level->luma, level->stride, level->width, level->height);
    if (!rl_frame_is_whole(frame))
        fill_bars(level, frame);
    rl_motion_picture_finish(picture);
    watch->held[watch->held_count - 1].luma =
        watch->lumas + (size_t)(index % (RL_WATCH_AHEAD + 1)) * watch->spare_count;
    if (watch->depth_every == 0)
        rl_spare_luma(watch->held[watch->held_count - 1].luma, level);
    rl_cuts_add(&watch->cuts, &thumb);
    if (index)
        status = find_motion(watch, index, err);
    return status;
}

// Whether frame `at` of those held begins a shot.
static void decide(struct watch *watch, int at)
{
    struct rl_frame *frame = watch->held[at].frame;
    frame->cut = rl_cuts_at(&watch->cuts, watch->decided_count++);
    if (!frame->cut)
        return;
    rl_trace(watch->log, "watch: frame %lld begins a shot", (long long)frame->index);
    av_frame_free(&frame->motion_back);
    if (at)
        av_frame_free(&watch->held[at - 1].frame->motion_ahead);
}

// What may change from one frame to the next.
static const struct change little = {.doubt = .05f, .lost = .03f, .way = .006f};

static bool follows(const struct held *held)
{
    const struct change *change = &held->change;
    return held->frame->motion_back && change->doubt <= little.doubt &&
           change->lost <= little.lost && change->way <= little.way;
}

static const float most_news = 16;  // luma, in a frame that the network is spared

// How many frames after the oldest one, which it looks at, the network looks again. A fade is
// followed frame by frame: what it says of a picture changes as that comes out of the dark.
static int next_look(struct watch *watch)
{
    struct rl_spare_frame frames[RL_WATCH_AHEAD + 1];
    int last;
    for (last = 0; last < watch->held_count; last++) {
        const struct held *held = &watch->held[last];
        frames[last] = (struct rl_spare_frame){held->frame->motion_back, held->frame->motion_ahead,
                                               held->luma};
        if (last && (!held->frame->motion_back || held->relit))
            break;
        for (int at = 1; at < last; at++)
            if (rl_spare_news(frames, at, last, watch->scratch) > most_news)
                return last - 1;
    }
    return FFMAX(last - 1, 1);
}

// Whether the network has to look at a frame that leaves.
static bool wants_depth(const struct watch *watch, const struct rl_frame *frame)
{
    if (watch->depth_every == 1 || !frame->motion_back || !frame->motion_ahead)
        return true;
    if (watch->depth_every > 1)
        return watch->skipped_count >= FFMIN(watch->depth_every - 1, RL_SKIPPED_MAX);
    return watch->skipped_count >= watch->next_look - 1;
}

static enum relief_status pass_on(struct watch *watch, const struct rl_sink *out,
                                  struct relief_error *err)
{
    struct rl_frame *frame = watch->held[0].frame;
    frame->depth_follows = watch->depth_follows && follows(&watch->held[0]);
    frame->depth_skipped = !wants_depth(watch, frame);
    watch->skipped_count = frame->depth_skipped ? watch->skipped_count + 1 : 0;
    if (!frame->depth_skipped && watch->depth_every == 0)
        watch->next_look = next_look(watch);
    watch->held_count--;
    memmove(watch->held, watch->held + 1, (size_t)watch->held_count * sizeof *watch->held);
    return out->take(out->user, frame, err);
}

static void drop_all(struct watch *watch)
{
    for (int i = 0; i < watch->held_count; i++)
        rl_frame_free(&watch->held[i].frame);
    watch->held_count = 0;
}

static enum relief_status push(void *stage, struct rl_frame *frame, const struct rl_sink *out,
                               struct relief_error *err)
{
    struct watch *watch = stage;
    watch->held[watch->held_count++] = (struct held){.frame = frame};
    enum relief_status status = look_at(watch, frame, err);
    // The one before may leave when it is known whether this one begins a shot.
    if (status == RELIEF_OK && watch->taken_count > RL_CUTS_AHEAD)
        decide(watch, watch->held_count - 1 - RL_CUTS_AHEAD);
    if (status == RELIEF_OK && watch->held_count > RL_WATCH_AHEAD)
        status = pass_on(watch, out, err);
    if (status != RELIEF_OK)
        drop_all(watch);
    return status;
}

static enum relief_status flush(void *stage, const struct rl_sink *out, struct relief_error *err)
{
    struct watch *watch = stage;
    enum relief_status status = RELIEF_OK;
    for (int64_t left = watch->taken_count - watch->decided_count; left > 0; left--)
        decide(watch, watch->held_count - (int)left);
    while (status == RELIEF_OK && watch->held_count)
        status = pass_on(watch, out, err);
    drop_all(watch);
    return status;
}

static void close_stage(void *stage)
{
    struct watch *watch = stage;
    drop_all(watch);
    rl_pool_clear(&watch->motions);
    av_free(watch->memory);
    free(watch);
}

enum relief_status rl_watch_open(struct rl_stage *stage, const struct rl_watch_params *params,
                                 struct relief_error *err)
{
    static const struct rl_stage_type type = {"watch", push, flush, close_stage};
    struct watch *watch = calloc(1, sizeof *watch);
    if (!watch)
        return rl_fail_memory(err);
    watch->log = params->log;
    watch->depth_every = params->depth_every;
    watch->depth_follows = params->depth_follows;
    rl_cuts_init(&watch->cuts);
    rl_motion_init(&watch->fns, params->cpu);
    rl_sum_init(&watch->small, params->cpu);
    *stage = (struct rl_stage){&type, watch};
    return RELIEF_OK;
}
