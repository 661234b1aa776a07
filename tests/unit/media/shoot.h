// SPDX-License-Identifier: MIT
//
// Small films for tests of the reader. The number of a frame is its luma level, so that a test can
// see which frame came out.
#ifndef RL_TESTS_SHOOT_H
#define RL_TESTS_SHOOT_H

#include "check.h"

#include "media/read.h"

#include <libavcodec/avcodec.h>
#include <libavutil/display.h>
#include <unistd.h>

enum { SHOT_W = 64, SHOT_H = 48, SHOT_MOST = 64 };

static char shot_folder[256];

static inline const char *shot_path(const char *name)
{
    static char paths[4][512];
    static int turn;
    turn = (turn + 1) % 4;
    snprintf(paths[turn], sizeof paths[turn], "%s/%s", shot_folder, name);
    return paths[turn];
}

static inline void shot_begin(void)
{
    snprintf(shot_folder, sizeof shot_folder, "/tmp/relief-test-XXXXXX");
    CHECK(mkdtemp(shot_folder) != NULL);
}

static inline void shot_end(void)
{
    char command[300];
    snprintf(command, sizeof command, "rm -rf '%s'", shot_folder);
    CHECK_INT(system(command), 0);
}

struct shot {
    enum AVCodecID codec;  // 0 = FFV1
    int width, height;     // 0 = 64x48
    enum AVPixelFormat format;
    AVRational time_base;  // 0 = 1/1000
    int count;
    const int64_t *pts;  // NULL: step * number
    int64_t step;
    int b_frames, gop;
    int interlaced_from;  // first frame with the flag; 0 = none
    int turn_degrees;     // clockwise; 0 = no display matrix
    AVRational aspect;
    bool with_text;  // a subtitle every tenth of a second
};

static inline int shot_level(int number)
{
    return 20 + 4 * (number % 50);
}

// The top left quarter is bright, the rest says the number. Interlaced frames: the fields' edges
// lie 8 pixels apart, as those of a thing that moves 16 pixels a frame.
static inline AVFrame *shot_draw(const struct shot *shot, int number)
{
    AVFrame *frame = av_frame_alloc();
    frame->format = shot->format;
    frame->width = shot->width;
    frame->height = shot->height;
    CHECK(av_frame_get_buffer(frame, 0) >= 0);
    bool interlaced = shot->interlaced_from && number >= shot->interlaced_from;
    for (int p = 0; p < av_pix_fmt_count_planes(shot->format); p++) {
        struct rl_plane plane = rl_frame_plane(frame, p);
        for (int y = 0; y < plane.height; y++)
            for (int x = 0; x < plane.width; x++) {
                int edge = interlaced ? 8 + number * 16 % 40 + 8 * (y & 1) : plane.width / 2;
                bool bright = x < edge && (interlaced || y < plane.height / 2);
                rl_plane_row(&plane, y)[x] = p ? 128 : bright ? 250 : (uint8_t)shot_level(number);
            }
    }
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
    if (interlaced)
        frame->flags |= AV_FRAME_FLAG_INTERLACED | AV_FRAME_FLAG_TOP_FIELD_FIRST;
#else
    frame->interlaced_frame = frame->top_field_first = interlaced;
#endif
    frame->sample_aspect_ratio = shot->aspect;
    frame->pts = shot->pts ? shot->pts[number] : shot->step * number;
    return frame;
}

static inline void shot_set_matrix(AVStream *stream, int degrees)
{
    int32_t matrix[9];
    av_display_rotation_set(matrix, degrees);
#if LIBAVFORMAT_VERSION_INT >= AV_VERSION_INT(60, 15, 100)
    AVPacketSideData *data = av_packet_side_data_new(&stream->codecpar->coded_side_data,
                                                     &stream->codecpar->nb_coded_side_data,
                                                     AV_PKT_DATA_DISPLAYMATRIX, sizeof matrix, 0);
    memcpy(data->data, matrix, sizeof matrix);
#else
    memcpy(av_stream_new_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, sizeof matrix), matrix,
           sizeof matrix);
#endif
}

static inline void shot_write(AVFormatContext *muxer, AVCodecContext *codec, AVFrame *frame)
{
    AVPacket *packet = av_packet_alloc();
    CHECK(avcodec_send_frame(codec, frame) >= 0);
    while (avcodec_receive_packet(codec, packet) >= 0) {
        if (!packet->duration)
            packet->duration = 1;
        av_packet_rescale_ts(packet, codec->time_base, muxer->streams[0]->time_base);
        CHECK(av_interleaved_write_frame(muxer, packet) >= 0);
    }
    av_packet_free(&packet);
}

static inline void shot_write_texts(AVFormatContext *muxer, int64_t until_ms)
{
    AVPacket *packet = av_packet_alloc();
    for (int64_t at = 0; at < until_ms; at += 100) {
        CHECK(av_new_packet(packet, 2) >= 0);
        memcpy(packet->data, "hi", 2);
        packet->stream_index = 1;
        packet->pts = packet->dts = av_rescale_q(at, (AVRational){1, 1000},
                                                 muxer->streams[1]->time_base);
        packet->duration = av_rescale_q(50, (AVRational){1, 1000}, muxer->streams[1]->time_base);
        packet->flags = AV_PKT_FLAG_KEY;
        CHECK(av_interleaved_write_frame(muxer, packet) >= 0);
    }
    av_packet_free(&packet);
}

static inline AVCodecContext *shot_open_codec(const struct shot *shot)
{
    const AVCodec *encoder = avcodec_find_encoder(shot->codec);
    AVCodecContext *codec = avcodec_alloc_context3(encoder);
    codec->width = shot->width;
    codec->height = shot->height;
    codec->pix_fmt = shot->format;
    codec->time_base = shot->time_base;
    codec->sample_aspect_ratio = shot->aspect;
    codec->max_b_frames = shot->b_frames;
    codec->gop_size = shot->gop ? shot->gop : 12;
    codec->thread_count = 1;
    if (shot->codec == AV_CODEC_ID_FFV1)
        codec->level = 3;  // older ones do not store what is interlaced
    if (shot->codec == AV_CODEC_ID_MPEG4) {
        codec->flags |= AV_CODEC_FLAG_QSCALE;
        codec->global_quality = 2 * FF_QP2LAMBDA;
    }
    if (shot->interlaced_from)
        codec->flags |= AV_CODEC_FLAG_INTERLACED_DCT;
    CHECK(avcodec_open2(codec, encoder, NULL) >= 0);
    return codec;
}

// The extension of `path` picks the container.
static inline void shoot(const char *path, struct shot shot)
{
    AVFormatContext *muxer = NULL;
    shot.codec = shot.codec ? shot.codec : AV_CODEC_ID_FFV1;
    shot.width = shot.width ? shot.width : SHOT_W;
    shot.height = shot.height ? shot.height : SHOT_H;
    shot.time_base = shot.time_base.num ? shot.time_base : (AVRational){1, 1000};
    shot.aspect = shot.aspect.num ? shot.aspect : (AVRational){1, 1};
    CHECK(avformat_alloc_output_context2(&muxer, NULL, NULL, path) >= 0);
    AVCodecContext *codec = shot_open_codec(&shot);
    AVStream *stream = avformat_new_stream(muxer, NULL);
    avcodec_parameters_from_context(stream->codecpar, codec);
    stream->time_base = shot.time_base;
    stream->sample_aspect_ratio = shot.aspect;
    if (shot.turn_degrees)
        shot_set_matrix(stream, shot.turn_degrees);
    if (shot.with_text) {
        AVStream *text = avformat_new_stream(muxer, NULL);
        text->codecpar->codec_type = AVMEDIA_TYPE_SUBTITLE;
        text->codecpar->codec_id = AV_CODEC_ID_SUBRIP;
        text->time_base = (AVRational){1, 1000};
    }
    CHECK(avio_open(&muxer->pb, path, AVIO_FLAG_WRITE) >= 0);
    CHECK(avformat_write_header(muxer, NULL) >= 0);
    if (shot.with_text)
        shot_write_texts(muxer, shot.step * shot.count);
    for (int i = 0; i < shot.count; i++) {
        AVFrame *frame = shot_draw(&shot, i);
        shot_write(muxer, codec, frame);
        av_frame_free(&frame);
    }
    shot_write(muxer, codec, NULL);
    CHECK(av_write_trailer(muxer) >= 0);
    avio_closep(&muxer->pb);
    avcodec_free_context(&codec);
    avformat_free_context(muxer);
}

// A picture file, whatever its name says.
static inline void shoot_still(const char *path, int width, int height, int number)
{
    struct shot shot = {.codec = AV_CODEC_ID_PNG,
                        .width = width,
                        .height = height,
                        .format = AV_PIX_FMT_GRAY8,
                        .time_base = {1, 25},
                        .aspect = {1, 1}};
    AVCodecContext *codec = shot_open_codec(&shot);
    AVFrame *frame = shot_draw(&shot, number);
    AVPacket *packet = av_packet_alloc();
    CHECK(avcodec_send_frame(codec, frame) >= 0 && avcodec_receive_packet(codec, packet) >= 0);
    FILE *file = fopen(path, "wb");
    CHECK(file && fwrite(packet->data, 1, (size_t)packet->size, file) == (size_t)packet->size);
    if (file)
        fclose(file);
    av_packet_free(&packet);
    av_frame_free(&frame);
    avcodec_free_context(&codec);
}

static inline void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    CHECK(file && fputs(text, file) >= 0);
    if (file)
        fclose(file);
}

// What a reader gave out.
struct seen {
    enum relief_status status;
    struct relief_error err;
    struct rl_source source;  // its pointers are stale
    int count;
    int64_t pts[SHOT_MOST], duration[SHOT_MOST];
    int level[SHOT_MOST];  // luma at the bottom right
    bool fits;             // every frame has the source's size and format, and counts from 0
    int packets, warnings;
    char warning[256];
};

static inline void seen_line(void *user, enum relief_log_level level, const char *text)
{
    struct seen *seen = user;
    seen->warnings += level <= RELIEF_LOG_WARN;
    if (level <= RELIEF_LOG_WARN)
        snprintf(seen->warning, sizeof seen->warning, "%s", text);
}

static inline enum relief_status seen_packet(void *user, const AVPacket *packet,
                                             struct relief_error *err)
{
    (void)packet, (void)err;
    ((struct seen *)user)->packets++;
    return RELIEF_OK;
}

static inline void see_frame(struct seen *seen, struct rl_frame *frame)
{
    const AVFrame *picture = frame->picture;
    struct rl_plane luma = rl_frame_plane(picture, 0);
    seen->pts[seen->count] = frame->pts;
    seen->duration[seen->count] = frame->duration;
    seen->level[seen->count] = rl_plane_row(&luma, luma.height - 3)[luma.width - 3];
    seen->fits &= picture->width == seen->source.width && picture->height == seen->source.height &&
                  picture->format == (int)seen->source.format && frame->index == seen->count;
    seen->count++;
}

static inline struct seen see(const char *path, struct rl_reader_params params)
{
    struct seen seen = {.fits = true};
    struct rl_reader *reader = NULL;
    struct rl_log log;
    rl_log_init(&log, &(struct relief_log_sink){seen_line, &seen, RELIEF_LOG_WARN});
    if (params.format == 0)
        params.format = AV_PIX_FMT_NONE;
    params.log = &log;
    seen.status = rl_reader_open(&reader, path, &params, &seen.err);
    if (seen.status == RELIEF_OK) {
        seen.source = *rl_reader_source(reader);
        rl_reader_on_packet(reader, seen_packet, &seen);
    }
    for (struct rl_frame *frame; seen.status == RELIEF_OK && seen.count < SHOT_MOST;) {
        seen.status = rl_reader_next(reader, &frame, &seen.err);
        if (seen.status != RELIEF_OK || !frame)
            break;
        see_frame(&seen, frame);
        rl_frame_free(&frame);
    }
    if (reader)
        rl_reader_close(&reader);
    rl_log_clear(&log);
    return seen;
}

#endif
