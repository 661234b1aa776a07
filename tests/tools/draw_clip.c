// SPDX-License-Identifier: MIT
//
// draw_clip FRAMES FILE: film the scene of scene.h, 640x360 at 25 frames/s, with a soft tone at
// each bounce. For scripts/demo, and for tests that need a film with sound.
#include "scene.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/opt.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { WIDTH = 640, HEIGHT = 360, RATE = 25, SOUND_RATE = 48000 };

struct track {
    AVCodecContext *codec;
    AVStream *stream;
    AVFrame *frame;
};

static int die(const char *what, int averror)
{
    fprintf(stderr, "draw_clip: %s: %s\n", what, av_err2str(averror));
    exit(1);
}

static int must(const char *what, int result)
{
    return result < 0 ? die(what, result) : result;
}

// Full range 0..1 RGB to BT.709, limited range, 8 bits.
static void draw_frame(AVFrame *frame, double seconds)
{
    must("frame", av_frame_make_writable(frame));
    for (int y = 0; y < HEIGHT; y += 2)
        for (int x = 0; x < WIDTH; x += 2) {
            double u = 0, v = 0;
            for (int i = 0; i < 4; i++) {
                int px = x + (i & 1), py = y + (i >> 1);
                struct colour c = scene_pixel(px, py, WIDTH, HEIGHT, seconds);
                double luma = 0.2126 * c.r + 0.7152 * c.g + 0.0722 * c.b;
                frame->data[0][py * frame->linesize[0] + px] = (uint8_t)lround(16 + 219 * luma);
                u += (c.b - luma) / 1.8556 / 4;
                v += (c.r - luma) / 1.5748 / 4;
            }
            frame->data[1][y / 2 * frame->linesize[1] + x / 2] = (uint8_t)lround(128 + 224 * u);
            frame->data[2][y / 2 * frame->linesize[2] + x / 2] = (uint8_t)lround(128 + 224 * v);
        }
}

static void draw_sound(AVFrame *frame, int64_t first_sample)
{
    must("sound", av_frame_make_writable(frame));
    for (int channel = 0; channel < 2; channel++)
        for (int i = 0; i < frame->nb_samples; i++) {
            double t = (double)(first_sample + i) / SOUND_RATE, since = t - floor(t);
            ((float *)(void *)frame->data[channel])[i] = (float)(0.25 * exp(-9 * since) *
                                                                 sin(2 * 3.14159265 * 330 * since));
        }
}

// Encode a frame, or drain with NULL, into the file.
static void encode(AVFormatContext *file, struct track *track, const AVFrame *frame)
{
    AVPacket *packet = av_packet_alloc();
    must("encode", avcodec_send_frame(track->codec, frame));
    while (avcodec_receive_packet(track->codec, packet) >= 0) {
        av_packet_rescale_ts(packet, track->codec->time_base, track->stream->time_base);
        packet->stream_index = track->stream->index;
        must("write", av_interleaved_write_frame(file, packet));
    }
    av_packet_free(&packet);
}

static const AVCodec *find_encoder(const char *name, enum AVCodecID otherwise)
{
    const AVCodec *codec = avcodec_find_encoder_by_name(name);
    return codec ? codec : avcodec_find_encoder(otherwise);
}

static void add_stream(AVFormatContext *file, struct track *track, const AVCodec *codec)
{
    if (file->oformat->flags & AVFMT_GLOBALHEADER)
        track->codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    must("open encoder", avcodec_open2(track->codec, codec, NULL));
    track->stream = avformat_new_stream(file, NULL);
    track->stream->time_base = track->codec->time_base;
    must("stream", avcodec_parameters_from_context(track->stream->codecpar, track->codec));
}

static void open_pictures(AVFormatContext *file, struct track *track)
{
    const AVCodec *codec = find_encoder("libx264", AV_CODEC_ID_MPEG4);
    AVCodecContext *c = track->codec = avcodec_alloc_context3(codec);
    c->width = WIDTH;
    c->height = HEIGHT;
    c->pix_fmt = AV_PIX_FMT_YUV420P;
    c->time_base = (AVRational){1, RATE};
    c->framerate = (AVRational){RATE, 1};
    c->bit_rate = 4000000;
    c->colorspace = AVCOL_SPC_BT709;
    c->color_primaries = AVCOL_PRI_BT709;
    c->color_trc = AVCOL_TRC_BT709;
    c->color_range = AVCOL_RANGE_MPEG;
    add_stream(file, track, codec);
    track->stream->avg_frame_rate = c->framerate;
    track->frame = av_frame_alloc();
    track->frame->format = c->pix_fmt;
    track->frame->width = WIDTH;
    track->frame->height = HEIGHT;
    must("frame", av_frame_get_buffer(track->frame, 0));
}

static void open_sound(AVFormatContext *file, struct track *track)
{
    const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_AAC);
    AVCodecContext *c = track->codec = avcodec_alloc_context3(codec);
    c->sample_fmt = AV_SAMPLE_FMT_FLTP;
    c->sample_rate = SOUND_RATE;
    c->ch_layout = (AVChannelLayout)AV_CHANNEL_LAYOUT_STEREO;
    c->time_base = (AVRational){1, SOUND_RATE};
    c->bit_rate = 96000;
    add_stream(file, track, codec);
    track->frame = av_frame_alloc();
    track->frame->format = c->sample_fmt;
    track->frame->nb_samples = c->frame_size;
    track->frame->sample_rate = SOUND_RATE;
    track->frame->ch_layout = c->ch_layout;
    must("sound", av_frame_get_buffer(track->frame, 0));
}

static void close_track(AVFormatContext *file, struct track *track)
{
    encode(file, track, NULL);
    av_frame_free(&track->frame);
    avcodec_free_context(&track->codec);
}

static void film(AVFormatContext *file, long frame_count)
{
    struct track pictures, sound;
    int64_t samples = 0;
    open_pictures(file, &pictures);
    open_sound(file, &sound);
    must("header", avformat_write_header(file, NULL));
    for (long i = 0; i < frame_count; i++) {
        for (; samples * RATE < (int64_t)(i + 1) * SOUND_RATE; samples += sound.frame->nb_samples) {
            draw_sound(sound.frame, samples);
            sound.frame->pts = samples;
            encode(file, &sound, sound.frame);
        }
        draw_frame(pictures.frame, (double)i / RATE);
        pictures.frame->pts = i;
        encode(file, &pictures, pictures.frame);
    }
    close_track(file, &pictures);
    close_track(file, &sound);
    must("trailer", av_write_trailer(file));
}

int main(int argc, char **argv)
{
    long frame_count = argc == 3 ? strtol(argv[1], NULL, 10) : 0;
    if (frame_count < 1 || frame_count > 100000) {
        fprintf(stderr, "usage: draw_clip FRAMES FILE\n");
        return 2;
    }
    AVFormatContext *file = NULL;
    av_log_set_level(AV_LOG_ERROR);
    must(argv[2], avformat_alloc_output_context2(&file, NULL, NULL, argv[2]));
    must(argv[2], avio_open(&file->pb, argv[2], AVIO_FLAG_WRITE));
    film(file, frame_count);
    must(argv[2], avio_closep(&file->pb));
    avformat_free_context(file);
    return 0;
}
