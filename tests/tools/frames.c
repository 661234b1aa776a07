// SPDX-License-Identifier: MIT
//
// Prints what the reader makes of an input, one line a frame: index, pts and duration in
// microseconds, size, format, FNV-1a hash of the pixels; then the packets per other stream.
//
//     frames FILE [START [DURATION]]        in seconds
#include "media/read.h"

#include <libavutil/imgutils.h>

#include <inttypes.h>
#include <stdatomic.h>

enum { STREAMS = 64 };

static enum relief_status count(void *user, const AVPacket *packet, struct relief_error *err)
{
    (void)err;
    if (packet->stream_index < STREAMS)
        ((int *)user)[packet->stream_index]++;
    return RELIEF_OK;
}

static uint64_t hash_picture(const AVFrame *picture)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (int i = 0; i < 3; i++) {
        struct rl_plane plane = rl_frame_plane(picture, i);
        int deep = av_pix_fmt_desc_get((enum AVPixelFormat)picture->format)->comp[i].depth > 8;
        for (int y = 0; y < plane.height && plane.data; y++)
            for (int x = 0; x < plane.width << deep; x++)
                hash = (hash ^ rl_plane_row(&plane, y)[x]) * UINT64_C(1099511628211);
    }
    return hash;
}

static void say(void *user, enum relief_log_level level, const char *text)
{
    (void)user, (void)level;
    fprintf(stderr, "log: %s\n", text);
}

static int64_t in_us(int64_t time, AVRational base)
{
    return av_rescale_q(time, base, AV_TIME_BASE_Q);
}

static enum relief_status print_frames(struct rl_reader *reader, struct relief_error *err)
{
    const struct rl_source *source = rl_reader_source(reader);
    AVRational base = source->time_base;
    printf("# %dx%d %s sar %d:%d rate %d/%d start %" PRId64 " expected %" PRId64 "%s%s\n",
           source->width, source->height, av_get_pix_fmt_name(source->format),
           source->sample_aspect.num, source->sample_aspect.den, source->frame_rate.num,
           source->frame_rate.den, in_us(source->start_pts, base), source->frame_count,
           source->is_still ? " still" : "", source->is_sequence ? " sequence" : "");
    for (struct rl_frame *frame;;) {
        enum relief_status status = rl_reader_next(reader, &frame, err);
        if (status != RELIEF_OK || !frame)
            return status;
        printf("%" PRId64 " %" PRId64 " %" PRId64 " %dx%d %s %016" PRIx64 "\n", frame->index,
               in_us(frame->pts, base), in_us(frame->duration, base), frame->picture->width,
               frame->picture->height,
               av_get_pix_fmt_name((enum AVPixelFormat)frame->picture->format),
               hash_picture(frame->picture));
        rl_frame_free(&frame);
    }
}

int main(int argc, char **argv)
{
    int packets[STREAMS] = {0};
    struct relief_error err = {0};
    struct rl_reader *reader = NULL;
    struct rl_log log;
    struct rl_reader_params params = {.format = AV_PIX_FMT_NONE, .log = &log, .threads = 2};
    if (argc < 2 || argc > 4) {
        fprintf(stderr, "usage: frames FILE [START [DURATION]]\n");
        return 2;
    }
    if (argc > 2)
        params.start_us = (int64_t)(strtod(argv[2], NULL) * AV_TIME_BASE);
    if (argc > 3)
        params.duration_us = (int64_t)(strtod(argv[3], NULL) * AV_TIME_BASE);
    rl_log_init(&log, &(struct relief_log_sink){.line = say, .level = RELIEF_LOG_VERBOSE});
    enum relief_status status = rl_reader_open(&reader, argv[1], &params, &err);
    if (status == RELIEF_OK) {
        rl_reader_on_packet(reader, count, packets);
        status = print_frames(reader, &err);
    }
    for (int i = 0; i < STREAMS && reader; i++)
        if (packets[i])
            printf("stream %d %d\n", i, packets[i]);
    if (reader)
        rl_reader_close(&reader);
    if (status != RELIEF_OK)
        fprintf(stderr, "frames: %s%s%s\n", err.message, *err.hint ? " (try: " : "", err.hint);
    rl_log_clear(&log);
    return relief_status_exit_code(status);
}
