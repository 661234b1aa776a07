// SPDX-License-Identifier: MIT
//
// A small film for tests of the writer: a Matroska file with picture, AC-3 sound, SubRip subtitles,
// a font, chapters and titles, and a stand-in for the reader that plays it.
#ifndef RL_TESTS_FILM_H
#define RL_TESTS_FILM_H

#include "check.h"

#include "media/write.h"

#include <libavcodec/avcodec.h>
#include <libavutil/channel_layout.h>
#include <libavutil/md5.h>
#include <libavutil/mem.h>
#include <unistd.h>

enum { FILM_W = 96, FILM_H = 64, SOUND_RATE = 48000, MOST_FRAMES = 64 };

static char folder[256];

static inline const char *in_folder(const char *name)
{
    static char path[4][512];
    static int turn;
    turn = (turn + 1) % 4;
    snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
    return path[turn];
}

// Their talk on standard error would hide ours.
static inline void quiet_libraries(void)
{
    av_log_set_level(AV_LOG_QUIET);
    setenv("SVT_LOG", "0", 0);
}

static inline void make_folder(void)
{
    snprintf(folder, sizeof folder, "/tmp/relief-test-XXXXXX");
    CHECK(mkdtemp(folder) != NULL);
}

static inline void remove_folder(void)
{
    char command[300];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    CHECK_INT(system(command), 0);
}

// A picture with a gradient that moves with `number`.
static inline AVFrame *draw(enum AVPixelFormat format, int width, int height, int number)
{
    AVFrame *frame = av_frame_alloc();
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(format);
    frame->format = format;
    frame->width = width;
    frame->height = height;
    CHECK(av_frame_get_buffer(frame, 0) >= 0);
    for (int p = 0; p < av_pix_fmt_count_planes(format); p++) {
        struct rl_plane plane = rl_frame_plane(frame, p);
        for (int y = 0; y < plane.height; y++)
            for (int x = 0; x < plane.width; x++) {
                int level = (x * 3 + y * 2 + number * 5 + p * 40) % 200 + 20;
                uint8_t *row = rl_plane_row(&plane, y);
                if (format == AV_PIX_FMT_GRAYF32)
                    ((float *)(void *)row)[x] = (float)level / 255.0f;
                else if (desc->comp[0].depth > 8)
                    ((uint16_t *)(void *)row)[x] = (uint16_t)(level << (desc->comp[0].depth - 8));
                else
                    row[x] = (uint8_t)level;
            }
    }
    return frame;
}

static inline AVStream *add_stream(AVFormatContext *format, enum AVMediaType type,
                                   enum AVCodecID codec)
{
    AVStream *stream = avformat_new_stream(format, NULL);
    stream->codecpar->codec_type = type;
    stream->codecpar->codec_id = codec;
    return stream;
}

static inline AVCodecContext *open_sound(AVStream *stream)
{
    AVCodecContext *codec = avcodec_alloc_context3(avcodec_find_encoder(AV_CODEC_ID_AC3));
    codec->sample_rate = SOUND_RATE;
    codec->sample_fmt = AV_SAMPLE_FMT_FLTP;
    codec->bit_rate = 96000;
    av_channel_layout_default(&codec->ch_layout, 2);
    codec->time_base = (AVRational){1, SOUND_RATE};
    CHECK(avcodec_open2(codec, NULL, NULL) >= 0);
    avcodec_parameters_from_context(stream->codecpar, codec);
    stream->time_base = codec->time_base;
    return codec;
}

static inline void write_sound(AVFormatContext *format, AVStream *stream, AVCodecContext *codec,
                               int count, double start)
{
    AVPacket *packet = av_packet_alloc();
    for (int i = 0; i < count; i++) {
        AVFrame *frame = av_frame_alloc();
        frame->format = AV_SAMPLE_FMT_FLTP;
        frame->sample_rate = SOUND_RATE;
        frame->nb_samples = codec->frame_size;
        av_channel_layout_copy(&frame->ch_layout, &codec->ch_layout);
        CHECK(av_frame_get_buffer(frame, 0) >= 0);
        for (int c = 0; c < 2; c++)
            for (int x = 0; x < frame->nb_samples; x++)
                ((float *)(void *)frame->data[c])[x] =
                    sinf((float)(i * frame->nb_samples + x) * 0.05f) * 0.5f;
        frame->pts = (int64_t)(start * SOUND_RATE) + (int64_t)i * frame->nb_samples + 256;
        CHECK(avcodec_send_frame(codec, frame) >= 0);
        while (avcodec_receive_packet(codec, packet) >= 0) {
            packet->stream_index = stream->index;
            av_packet_rescale_ts(packet, codec->time_base, stream->time_base);
            CHECK(av_interleaved_write_frame(format, packet) >= 0);
        }
        av_frame_free(&frame);
    }
    av_packet_free(&packet);
}

static inline void write_bytes(AVFormatContext *format, const AVStream *stream, const void *bytes,
                               size_t size, double at, double duration)
{
    AVPacket *packet = av_packet_alloc();
    CHECK(av_new_packet(packet, (int)size) >= 0);
    memcpy(packet->data, bytes, size);
    packet->stream_index = stream->index;
    packet->pts = packet->dts = (int64_t)(at / av_q2d(stream->time_base) + 0.5);
    packet->duration = (int64_t)(duration / av_q2d(stream->time_base) + 0.5);
    packet->flags = AV_PKT_FLAG_KEY;
    CHECK(av_interleaved_write_frame(format, packet) >= 0);
    av_packet_free(&packet);
}

static inline void add_chapter(AVFormatContext *format, int64_t start_ms, int64_t end_ms,
                               const char *title)
{
    AVChapter *chapter = av_mallocz(sizeof *chapter);
    *chapter = (AVChapter){
        .id = start_ms, .time_base = {1, 1000}, .start = start_ms, .end = end_ms};
    av_dict_set(&chapter->metadata, "title", title, 0);
    format->chapters = av_realloc(format->chapters,
                                  (format->nb_chapters + 1) * sizeof *format->chapters);
    format->chapters[format->nb_chapters++] = chapter;
}

// Streams 0 picture, 1 sound (deu), 2 subtitles, 3 font. The picture is a stub: tests draw their
// own frames.
static inline void make_film(const char *path)
{
    static const uint8_t font[32] = {0, 1, 0, 0}, pixels[FILM_W * FILM_H * 3 / 2];
    AVFormatContext *format = NULL;
    CHECK(avformat_alloc_output_context2(&format, NULL, "matroska", path) >= 0);
    AVStream *video = add_stream(format, AVMEDIA_TYPE_VIDEO, AV_CODEC_ID_RAWVIDEO);
    video->codecpar->width = FILM_W;
    video->codecpar->height = FILM_H;
    video->codecpar->format = AV_PIX_FMT_YUV420P;
    video->codecpar->codec_tag = MKTAG('I', '4', '2', '0');
    AVStream *sound = add_stream(format, AVMEDIA_TYPE_AUDIO, AV_CODEC_ID_AC3);
    AVCodecContext *codec = open_sound(sound);
    av_dict_set(&sound->metadata, "language", "deu", 0);
    av_dict_set(&sound->metadata, "title", "Ton", 0);
    AVStream *text = add_stream(format, AVMEDIA_TYPE_SUBTITLE, AV_CODEC_ID_SUBRIP);
    text->time_base = (AVRational){1, 1000};
    AVStream *attached = add_stream(format, AVMEDIA_TYPE_ATTACHMENT, AV_CODEC_ID_TTF);
    attached->codecpar->extradata = av_mallocz(sizeof font + AV_INPUT_BUFFER_PADDING_SIZE);
    memcpy(attached->codecpar->extradata, font, sizeof font);
    attached->codecpar->extradata_size = sizeof font;
    av_dict_set(&attached->metadata, "filename", "a.ttf", 0);
    av_dict_set(&attached->metadata, "mimetype", "application/x-truetype-font", 0);
    av_dict_set(&format->metadata, "title", "Der Film", 0);
    add_chapter(format, 0, 400, "eins");
    add_chapter(format, 400, 1000, "zwei");
    AVDictionary *options = NULL;
    av_dict_set(&options, "allow_raw_vfw", "1", 0);
    CHECK(avio_open(&format->pb, path, AVIO_FLAG_WRITE) >= 0);
    CHECK(avformat_write_header(format, &options) >= 0);
    av_dict_free(&options);
    write_bytes(format, video, pixels, sizeof pixels, 0, 1);
    write_sound(format, sound, codec, 30, 0);
    write_bytes(format, text, "<i>Guten</i> Tag", 16, 0.2, 0.3);
    write_bytes(format, text, "Ende", 4, 0.7, 0.2);
    CHECK(av_write_trailer(format) >= 0);
    avio_closep(&format->pb);
    avcodec_free_context(&codec);
    avformat_free_context(format);
}

struct film {
    AVFormatContext *demuxer;
    struct rl_source source;
    AVFrame *first;
    int64_t pts[MOST_FRAMES], duration[MOST_FRAMES];
    int count;
    char md5[33];  // of the sound's packets, once they have been played
};

static inline void open_film(struct film *film, const char *path, AVRational time_base)
{
    *film = (struct film){.first = draw(AV_PIX_FMT_YUV420P, FILM_W, FILM_H, 0)};
    CHECK(avformat_open_input(&film->demuxer, path, NULL, NULL) >= 0);
    CHECK(avformat_find_stream_info(film->demuxer, NULL) >= 0);
    film->first->color_range = AVCOL_RANGE_MPEG;
    film->first->colorspace = AVCOL_SPC_BT709;
    film->first->color_primaries = AVCOL_PRI_BT709;
    film->first->color_trc = AVCOL_TRC_BT709;
    film->source = (struct rl_source){
        .path = film->demuxer->url,
        .demuxer = film->demuxer,
        .format = AV_PIX_FMT_YUV420P,
        .width = FILM_W,
        .height = FILM_H,
        .sample_aspect = {4, 3},
        .time_base = time_base,
        .frame_rate = {25, 1},
        .first = film->first,
    };
}

static inline void close_film(struct film *film)
{
    avformat_close_input(&film->demuxer);
    av_frame_free(&film->first);
}

static inline struct rl_writer_params film_params(const struct film *film)
{
    return (struct rl_writer_params){
        .crf = -1,
        .preset = "",
        .pix_fmt = "",
        .speed = RELIEF_SPEED_FAST,
        .layout = RELIEF_FORMAT_ML,
        .width = film->source.width,
        .height = film->source.height,
        .format = film->source.format,
        .sample_aspect = film->source.sample_aspect,
        .copy_streams = true,
    };
}

static inline void digest(struct AVMD5 *md5, char *text)
{
    uint8_t sum[16];
    av_md5_final(md5, sum);
    for (int i = 0; i < 16; i++)
        snprintf(text + 2 * i, 3, "%02x", sum[i]);
}

// What came out.
struct outcome {
    AVFormatContext *demuxer;
    int video, sound, subtitle;                       // stream indices, -1 = none
    int64_t pts[MOST_FRAMES], duration[MOST_FRAMES];  // in order of presentation
    int count, texts;
    char md5[33], text[256];
    int64_t sound_start, text_start;
};

static inline void insert(struct outcome *o, int64_t pts, int64_t duration)
{
    int i = o->count < MOST_FRAMES ? o->count++ : MOST_FRAMES - 1;
    for (; i > 0 && o->pts[i - 1] > pts; i--) {
        o->pts[i] = o->pts[i - 1];
        o->duration[i] = o->duration[i - 1];
    }
    o->pts[i] = pts;
    o->duration[i] = duration;
}

static inline void take_packet(struct outcome *o, struct AVMD5 *md5, const AVPacket *packet)
{
    if (packet->stream_index == o->video) {
        // AVI has only the order of decoding.
        insert(o, packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts, packet->duration);
    } else if (packet->stream_index == o->sound) {
        av_md5_update(md5, packet->data, (size_t)packet->size);
        if (o->sound_start == AV_NOPTS_VALUE)
            o->sound_start = packet->pts;
    } else if (packet->stream_index == o->subtitle && packet->size > 2) {
        if (!o->texts++) {
            o->text_start = packet->pts;
            bool counted = o->demuxer->streams[o->subtitle]->codecpar->codec_id ==
                           AV_CODEC_ID_MOV_TEXT;  // begins with its length
            snprintf(o->text, sizeof o->text, "%.*s", packet->size - 2 * counted,
                     (const char *)packet->data + 2 * counted);
        }
    }
}

static inline void open_outcome(struct outcome *o, const char *path)
{
    *o = (struct outcome){.video = -1, .sound_start = AV_NOPTS_VALUE, .text_start = AV_NOPTS_VALUE};
    if (avformat_open_input(&o->demuxer, path, NULL, NULL) < 0 ||
        avformat_find_stream_info(o->demuxer, NULL) < 0) {
        const bool output_opens = false;
        CHECK(output_opens);
        return;
    }
    struct AVMD5 *md5 = av_md5_alloc();
    av_md5_init(md5);
    o->video = av_find_best_stream(o->demuxer, AVMEDIA_TYPE_VIDEO, -1, -1, NULL, 0);
    o->sound = av_find_best_stream(o->demuxer, AVMEDIA_TYPE_AUDIO, -1, -1, NULL, 0);
    o->subtitle = av_find_best_stream(o->demuxer, AVMEDIA_TYPE_SUBTITLE, -1, -1, NULL, 0);
    AVPacket *packet = av_packet_alloc();
    while (av_read_frame(o->demuxer, packet) >= 0) {
        take_packet(o, md5, packet);
        av_packet_unref(packet);
    }
    av_packet_free(&packet);
    digest(md5, o->md5);
    av_free(md5);
}

static inline void close_outcome(struct outcome *o)
{
    avformat_close_input(&o->demuxer);
}

#endif
