// SPDX-License-Identifier: MIT
#include "shim.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>
#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersrc.h>
#include <libavformat/avformat.h>
#include <libavutil/buffer.h>
#include <libavutil/channel_layout.h>
#include <libavutil/spherical.h>
#include <libavutil/stereo3d.h>
#include <libavutil/samplefmt.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>

static atomic_int counted, failing;  // failing: 0 none, n the nth, -n it and all behind it

static bool fails(void)
{
    const int target = atomic_load(&failing);
    if (!target)
        return false;
    const int now = atomic_fetch_add(&counted, 1) + 1;
    return now == target || (target < 0 && now >= -target);
}

void shim_arm(int n, bool rest)
{
    atomic_store(&counted, 0);
    atomic_store(&failing, rest ? -n : n);
}

int shim_disarm(void)
{
    atomic_store(&failing, 0);
    return atomic_load(&counted);
}

// POINTER(type, name, parameters, arguments): NULL and ENOMEM; NUMBER likewise: FFmpeg's code.
#define POINTER(type, name, parameters, arguments) \
    type __real_##name parameters; \
    type __wrap_##name parameters; \
    type __wrap_##name parameters \
    { \
        if (fails()) { \
            errno = ENOMEM; \
            return NULL; \
        } \
        return __real_##name arguments; \
    }
#define NUMBER(name, parameters, arguments) \
    int __real_##name parameters; \
    int __wrap_##name parameters; \
    int __wrap_##name parameters \
    { \
        return fails() ? AVERROR(ENOMEM) : __real_##name arguments; \
    }

POINTER(void *, malloc, (size_t size), (size))
POINTER(void *, calloc, (size_t count, size_t size), (count, size))
POINTER(void *, realloc, (void *memory, size_t size), (memory, size))
POINTER(FILE *, open_memstream, (char **text, size_t *size), (text, size))
POINTER(void *, av_malloc, (size_t size), (size))
POINTER(void *, av_mallocz, (size_t size), (size))
POINTER(void *, av_calloc, (size_t count, size_t size), (count, size))
POINTER(void *, av_malloc_array, (size_t count, size_t size), (count, size))
POINTER(char *, av_strdup, (const char *text), (text))
POINTER(AVFrame *, av_frame_alloc, (void), ())
POINTER(AVFrame *, av_frame_clone, (const AVFrame *frame), (frame))
POINTER(AVPacket *, av_packet_alloc, (void), ())
POINTER(AVPacket *, av_packet_clone, (const AVPacket *packet), (packet))
POINTER(uint8_t *, av_packet_new_side_data,
        (AVPacket * packet, enum AVPacketSideDataType type, size_t size), (packet, type, size))
POINTER(AVBufferRef *, av_buffer_alloc, (size_t size), (size))
POINTER(AVBufferRef *, av_buffer_ref, (const AVBufferRef *buffer), (buffer))
POINTER(AVBufferPool *, av_buffer_pool_init, (size_t size, AVBufferRef *(*alloc)(size_t size)),
        (size, alloc))
POINTER(AVBufferRef *, av_buffer_pool_get, (AVBufferPool * pool), (pool))
POINTER(AVCodecContext *, avcodec_alloc_context3, (const AVCodec *codec), (codec))
POINTER(AVFormatContext *, avformat_alloc_context, (void), ())
POINTER(AVStream *, avformat_new_stream, (AVFormatContext * format, const AVCodec *codec),
        (format, codec))
POINTER(AVProgram *, av_new_program, (AVFormatContext * format, int id), (format, id))
POINTER(AVIOContext *, avio_alloc_context,
        (unsigned char *buffer, int size, int write, void *user,
         int (*read_packet)(void *, uint8_t *, int), int (*write_packet)(void *, uint8_t *, int),
         int64_t (*seek)(void *, int64_t, int)),
        (buffer, size, write, user, read_packet, write_packet, seek))
POINTER(AVFilterGraph *, avfilter_graph_alloc, (void), ())
POINTER(AVFilterInOut *, avfilter_inout_alloc, (void), ())
POINTER(AVFilterContext *, avfilter_graph_alloc_filter,
        (AVFilterGraph * graph, const AVFilter *filter, const char *name), (graph, filter, name))
POINTER(AVBufferSrcParameters *, av_buffersrc_parameters_alloc, (void), ())
POINTER(AVStereo3D *, av_stereo3d_alloc, (void), ())
POINTER(AVSphericalMapping *, av_spherical_alloc, (size_t * size), (size))
POINTER(struct AVSHA *, av_sha_alloc, (void), ())
POINTER(struct SwsContext *, sws_getContext,
        (int a, int b, enum AVPixelFormat c, int d, int e, enum AVPixelFormat f, int g,
         SwsFilter *h, SwsFilter *i, const double *j),
        (a, b, c, d, e, f, g, h, i, j))

NUMBER(av_dict_set, (AVDictionary * *dict, const char *key, const char *value, int flags),
       (dict, key, value, flags))
NUMBER(av_dict_set_int, (AVDictionary * *dict, const char *key, int64_t value, int flags),
       (dict, key, value, flags))
NUMBER(av_dict_copy, (AVDictionary * *to, const AVDictionary *from, int flags), (to, from, flags))
NUMBER(av_new_packet, (AVPacket * packet, int size), (packet, size))
NUMBER(av_packet_copy_props, (AVPacket * to, const AVPacket *from), (to, from))
NUMBER(av_frame_get_buffer, (AVFrame * frame, int align), (frame, align))
NUMBER(av_frame_copy_props, (AVFrame * to, const AVFrame *from), (to, from))
NUMBER(av_frame_make_writable, (AVFrame * frame), (frame))
NUMBER(av_channel_layout_copy, (AVChannelLayout * to, const AVChannelLayout *from), (to, from))
NUMBER(avcodec_open2, (AVCodecContext * context, const AVCodec *codec, AVDictionary **options),
       (context, codec, options))
NUMBER(avcodec_parameters_copy, (AVCodecParameters * to, const AVCodecParameters *from), (to, from))
NUMBER(avcodec_parameters_from_context, (AVCodecParameters * to, const AVCodecContext *from),
       (to, from))
NUMBER(avcodec_parameters_to_context, (AVCodecContext * to, const AVCodecParameters *from),
       (to, from))
NUMBER(avcodec_send_frame, (AVCodecContext * context, const AVFrame *frame), (context, frame))
NUMBER(avcodec_send_packet, (AVCodecContext * context, const AVPacket *packet), (context, packet))
NUMBER(avcodec_receive_frame, (AVCodecContext * context, AVFrame *frame), (context, frame))
NUMBER(avcodec_receive_packet, (AVCodecContext * context, AVPacket *packet), (context, packet))
NUMBER(avformat_find_stream_info, (AVFormatContext * format, AVDictionary **options),
       (format, options))
NUMBER(avformat_write_header, (AVFormatContext * format, AVDictionary **options), (format, options))
NUMBER(avformat_alloc_output_context2,
       (AVFormatContext * *format, const AVOutputFormat *container, const char *name,
        const char *path),
       (format, container, name, path))
NUMBER(swr_alloc_set_opts2,
       (struct SwrContext * *swr, const AVChannelLayout *a, enum AVSampleFormat b, int c,
        const AVChannelLayout *d, enum AVSampleFormat e, int f, int g, void *log),
       (swr, a, b, c, d, e, f, g, log))
NUMBER(av_samples_alloc_array_and_samples,
       (uint8_t * **data, int *linesize, int channels, int count, enum AVSampleFormat format,
        int align),
       (data, linesize, channels, count, format, align))
NUMBER(avfilter_graph_create_filter,
       (AVFilterContext * *made, const AVFilter *filter, const char *name, const char *arguments,
        void *opaque, AVFilterGraph *graph),
       (made, filter, name, arguments, opaque, graph))
NUMBER(avfilter_graph_parse2,
       (AVFilterGraph * graph, const char *text, AVFilterInOut **in, AVFilterInOut **out),
       (graph, text, in, out))
NUMBER(avfilter_graph_parse_ptr,
       (AVFilterGraph * graph, const char *text, AVFilterInOut **in, AVFilterInOut **out,
        void *log),
       (graph, text, in, out, log))
NUMBER(avfilter_graph_config, (AVFilterGraph * graph, void *log), (graph, log))
NUMBER(avfilter_init_str, (AVFilterContext * filter, const char *arguments), (filter, arguments))
NUMBER(av_buffersrc_parameters_set, (AVFilterContext * filter, AVBufferSrcParameters *parameters),
       (filter, parameters))

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *),
                          void *arg);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *),
                          void *arg);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *),
                          void *arg)
{
    return fails() ? EAGAIN : __real_pthread_create(thread, attr, start, arg);
}

// On failure the demuxer goes, whoever made it.
int __real_avformat_open_input(AVFormatContext **format, const char *url, const AVInputFormat *kind,
                               AVDictionary **options);
int __wrap_avformat_open_input(AVFormatContext **format, const char *url, const AVInputFormat *kind,
                               AVDictionary **options);
int __wrap_avformat_open_input(AVFormatContext **format, const char *url, const AVInputFormat *kind,
                               AVDictionary **options)
{
    if (!fails())
        return __real_avformat_open_input(format, url, kind, options);
    avformat_free_context(*format);
    *format = NULL;
    return AVERROR(ENOMEM);
}

// What jansson cannot hold while it reads a text it calls bad syntax; so it reads in peace.
static _Thread_local bool reading;

static void *json_malloc(size_t size)
{
    return reading ? __real_malloc(size) : __wrap_malloc(size);
}

#define READER(name, parameters, arguments) \
    json_t *__real_##name parameters; \
    json_t *__wrap_##name parameters; \
    json_t *__wrap_##name parameters \
    { \
        reading = true; \
        json_t *json = __real_##name arguments; \
        reading = false; \
        return json; \
    }

READER(json_load_file, (const char *path, size_t flags, json_error_t *error), (path, flags, error))
READER(json_loads, (const char *text, size_t flags, json_error_t *error), (text, flags, error))
READER(json_loadb, (const char *text, size_t size, size_t flags, json_error_t *error),
       (text, size, flags, error))

void shim_init(void)
{
    json_set_alloc_funcs(json_malloc, free);
}
