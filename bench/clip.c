// SPDX-License-Identifier: MIT
#include "clip.h"

#include "base/cpu.h"
#include "depth/bars.h"
#include "depth/depth.h"
#include "media/read.h"
#include "steady/steady.h"
#include "steady/watch.h"

enum { BARS, WATCH, DEPTH, STEADY, LINKS };

// A stage, and where its frames go.
struct link {
    struct rl_stage stage;
    struct rl_sink next;
};

static enum relief_status push(void *user, struct rl_frame *frame, struct relief_error *err)
{
    struct link *link = user;
    return link->stage.type->push(link->stage.state, frame, &link->next, err);
}

static enum relief_status open_links(struct link links[LINKS], const struct rl_source *source,
                                     struct relief_error *err)
{
    const unsigned cpu = rl_cpu_flags(-1);
    const struct rl_watch_params watch = {.depth_every = 1, .cpu = cpu};
    const struct rl_steady_params steady = {
        .frame_rate = av_q2d(source->frame_rate), .level = RELIEF_STEADY_NORMAL, .cpu = cpu};
    const struct rl_depth_params depth = {.model = "built-in",
                                          .device = "cpu",
                                          .precision = RELIEF_PRECISION_F32,
                                          .width = source->width,
                                          .height = source->height,
                                          .sample_aspect = source->sample_aspect};
    enum relief_status status = rl_bars_open(&links[BARS].stage, NULL, err);
    if (status == RELIEF_OK)
        status = rl_watch_open(&links[WATCH].stage, &watch, err);
    if (status == RELIEF_OK)
        status = rl_depth_open(&links[DEPTH].stage, &depth, err);
    if (status == RELIEF_OK)
        status = rl_steady_open(&links[STEADY].stage, &steady, err);
    return status;
}

static enum relief_status read_frames(struct rl_reader *reader, int count, struct link *first,
                                      struct relief_error *err)
{
    enum relief_status status = RELIEF_OK;
    while (count-- > 0 && status == RELIEF_OK) {
        struct rl_frame *frame = NULL;
        status = rl_reader_next(reader, &frame, err);
        if (!frame)
            break;
        status = push(first, frame, err);
    }
    return status;
}

enum relief_status bench_read_clip(const char *path, int count, const struct rl_sink *sink,
                                   struct relief_error *err)
{
    const struct rl_reader_params reading = {.format = AV_PIX_FMT_YUV420P};
    struct rl_reader *reader = NULL;
    struct link links[LINKS] = {0};
    enum relief_status status = rl_reader_open(&reader, path, &reading, err);
    for (int i = 0; i < LINKS; i++)
        links[i].next = i + 1 < LINKS ? (struct rl_sink){push, &links[i + 1]} : *sink;
    if (status == RELIEF_OK)
        status = open_links(links, rl_reader_source(reader), err);
    if (status == RELIEF_OK)
        status = read_frames(reader, count, &links[0], err);
    for (int i = 0; i < LINKS && status == RELIEF_OK; i++)
        status = links[i].stage.type->flush(links[i].stage.state, &links[i].next, err);
    for (int i = 0; i < LINKS; i++)
        if (links[i].stage.type)
            links[i].stage.type->close(links[i].stage.state);
    rl_reader_close(&reader);
    return status;
}
