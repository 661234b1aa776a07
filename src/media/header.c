// SPDX-License-Identifier: MIT
#include "media/header.h"

#include "media/codec.h"
#include "media/language.h"
#include "media/mkv_tracks.h"
#include "media/tags.h"

#include <libavutil/avstring.h>
#include <libavutil/mem.h>

bool rl_header_is_mov(const struct rl_mux *mux)
{
    return av_match_name(mux->container->name, RL_TAGS_MOV);
}

bool rl_header_is_matroska(const struct rl_mux *mux)
{
    return !strcmp(mux->container->name, "matroska");
}

// Matroska keeps the size at which one eye's view is shown: that of halved ones is twice as long as
// they are. MP4 is told at the end.
static int say_layout(const struct rl_mux *mux, AVStream *stream)
{
    struct rl_layout layout = rl_layout_of(mux->params->layout);
    if (rl_header_is_mov(mux))
        return 0;
    // The byte of an anaglyph's mode is set at the end, which a pipe does not come back from.
    if (mux->direct)
        layout.anaglyph = 0;
    if (av_match_name(mux->container->name, "matroska,webm") && stream->sample_aspect_ratio.num > 0)
        stream->sample_aspect_ratio = av_mul_q(stream->sample_aspect_ratio,
                                               (AVRational){layout.half_across, layout.half_down});
    stream->codecpar->sample_aspect_ratio = stream->sample_aspect_ratio;
    return rl_tags_set_layout(stream, mux->container->name, &layout);
}

static int add_video(struct rl_mux *mux, AVFormatContext *format)
{
    AVStream *stream = avformat_new_stream(format, NULL);
    if (!stream)
        return AVERROR(ENOMEM);
    mux->video_index = stream->index;
    int failed = avcodec_parameters_from_context(stream->codecpar, mux->encoder);
    stream->time_base = mux->encoder->time_base;
    stream->sample_aspect_ratio = mux->encoder->sample_aspect_ratio;
    if (mux->source->frame_rate.num > 0)
        stream->avg_frame_rate = stream->r_frame_rate = mux->source->frame_rate;
    if (rl_header_is_mov(mux) && stream->codecpar->codec_id == AV_CODEC_ID_HEVC)
        stream->codecpar->codec_tag = MKTAG('h', 'v', 'c', '1');  // Apple plays no other
    if (failed >= 0 && mux->params->copy_streams)
        failed = rl_tags_copy_video(stream, mux->source, mux->container);
    if (failed >= 0)
        failed = rl_tags_copy_hdr(stream, mux->source);
    return failed < 0 ? failed : say_layout(mux, stream);
}

// MPEG-TS groups streams; elsewhere muxers ignore this.
static int copy_programs(struct rl_mux *mux, AVFormatContext *format)
{
    const AVFormatContext *from = mux->source->demuxer;
    for (unsigned p = 0; p < from->nb_programs; p++) {
        const AVProgram *program = from->programs[p];
        AVProgram *made = NULL;
        for (unsigned i = 0; i < program->nb_stream_indexes; i++) {
            unsigned index = program->stream_index[i];
            int to = index >= mux->copies.count               ? -1
                     : (int)index == mux->source->video_index ? mux->video_index
                                                              : mux->copies.list[index].out_index;
            if (to < 0)
                continue;
            if (!made && !(made = av_new_program(format, program->id)))
                return AVERROR(ENOMEM);
            av_program_add_stream_index(format, program->id, (unsigned)to);
        }
        if (made && av_dict_copy(&made->metadata, program->metadata, 0) < 0)
            return AVERROR(ENOMEM);
    }
    return 0;
}

bool rl_header_takes_language_tags(const struct rl_mux *mux)
{
    return rl_header_is_mov(mux) || (rl_header_is_matroska(mux) && !mux->direct);
}

// MP4's are written with the other words of its tracks, at the end.
static int fit_languages(const struct rl_mux *mux, AVFormatContext *format)
{
    int failed = 0;
    for (unsigned i = 0; failed >= 0 && i < format->nb_streams; i++) {
        AVDictionary **words = &format->streams[i]->metadata;
        if (!rl_header_takes_language_tags(mux))
            av_dict_set(words, RL_LANGUAGE_TAG, NULL, 0);
        else if (rl_header_is_matroska(mux))
            failed = rl_mkv_tracks_hold(words);
    }
    return failed;
}

static int add_streams(struct rl_mux *mux, AVFormatContext *format)
{
    int failed = 0;
    mux->video_index = -1;
    for (size_t i = 0; failed >= 0 && i < mux->copies.count; i++) {
        if (mux->copies.list[i].fate == RL_FATE_VIDEO)
            failed = add_video(mux, format);
        else if (mux->copies.list[i].fate != RL_FATE_OUT)
            failed = rl_copies_add_stream(&mux->copies, mux->source, i, format);
    }
    if (failed >= 0 && mux->video_index < 0)
        failed = add_video(mux, format);
    if (failed < 0 || !mux->params->copy_streams)
        return failed;
    failed = fit_languages(mux, format);
    if (failed >= 0)
        failed = rl_tags_copy_file(format, mux->source);
    if (failed >= 0)
        failed = rl_tags_copy_chapters(format, mux->source);
    if (failed >= 0 && mux->source->demuxer)
        failed = copy_programs(mux, format);
    return failed;
}

// The smallest clock in which every time of the source is a whole number.
static int64_t ticks_per_second(AVRational time_base)
{
    return time_base.den / (int)av_gcd(time_base.num, time_base.den);
}

// Apple's keys fit into no other kind of tag, and this kind hides titles from some players.
bool rl_header_keeps_keys(const struct rl_mux *mux)
{
    const AVFormatContext *from = mux->source->demuxer;
    return from && mux->params->copy_streams &&
           av_dict_get(from->metadata, "com.apple.quicktime.", NULL, AV_DICT_IGNORE_SUFFIX);
}

static int set_mov_options(const struct rl_mux *mux, AVDictionary **options)
{
    int64_t ticks = ticks_per_second(mux->encoder->time_base);
    int failed = av_dict_set_int(options, "video_track_timescale", ticks, 0);
    // Edit lists count in this one: the default of 1000 would move the film's or the sound's start.
    ticks = ticks < 90000 ? ticks * (90000 / ticks) : ticks;
    if (failed >= 0)
        failed = av_dict_set_int(options, "movie_timescale", ticks, 0);
    if (failed >= 0 && rl_header_keeps_keys(mux))
        failed = av_dict_set(options, "movflags", "use_metadata_tags", 0);
    return failed;
}

int rl_header_make(struct rl_mux *mux, AVFormatContext **format, AVDictionary **options)
{
    int failed = avformat_alloc_output_context2(format, mux->container, NULL, mux->url);
    if (failed < 0)
        return failed;
    // Times are right as they are; a muxer that cannot say one below zero moves all.
    (*format)->avoid_negative_ts = av_match_name(mux->container->name, "matroska,webm")
                                       ? 0
                                       : AVFMT_AVOID_NEG_TS_AUTO;
    // Sound in MP4 that other programs write too (FLAC, TrueHD), and the box that says 3D.
    (*format)->strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL;
    if (rl_header_is_mov(mux))
        failed = set_mov_options(mux, options);
    if (!strcmp(mux->container->name, "apng"))
        failed = av_dict_set(options, "plays", "0", 0);  // for ever, as GIF does
    return failed < 0 ? failed : add_streams(mux, *format);
}

// A place without bottom, for trial headers.
struct sink {
    int64_t at, size;
};

#if LIBAVFORMAT_VERSION_MAJOR >= 61
static int sink_write(void *opaque, const uint8_t *data, int size)
#else
static int sink_write(void *opaque, uint8_t *data, int size)
#endif
{
    struct sink *sink = opaque;
    (void)data;
    sink->at += size;
    if (sink->at > sink->size)
        sink->size = sink->at;
    return size;
}

static int64_t sink_seek(void *opaque, int64_t offset, int whence)
{
    struct sink *sink = opaque;
    if (whence == AVSEEK_SIZE)
        return sink->size;
    sink->at = whence == SEEK_SET ? offset : (whence == SEEK_CUR ? sink->at : sink->size) + offset;
    return sink->at;
}

int rl_header_try(struct rl_mux *mux)
{
    enum { BYTES = 4096 };
    struct sink sink = {0};
    AVFormatContext *format = NULL;
    AVDictionary *options = NULL;
    unsigned char *buffer = av_malloc(BYTES);
    AVIOContext *io = buffer
                          ? avio_alloc_context(buffer, BYTES, 1, &sink, NULL, sink_write, sink_seek)
                          : NULL;
    int failed = io ? rl_header_make(mux, &format, &options) : AVERROR(ENOMEM);
    if (failed >= 0) {
        format->pb = io;
        failed = avformat_write_header(format, &options);
    }
    av_dict_free(&options);
    avformat_free_context(format);
    if (io)
        av_free(io->buffer);
    else
        av_free(buffer);
    avio_context_free(&io);
    return failed;
}

// Which of the streams is it that the muxer refuses? Add them one by one.
enum relief_status rl_header_find_refused(struct rl_mux *mux, struct relief_error *err)
{
    size_t count = mux->copies.count;
    enum rl_fate *wanted = calloc(count + 1, sizeof *wanted);
    if (!wanted)
        return rl_fail_memory(err);
    for (size_t i = 0; i < count; i++) {
        wanted[i] = mux->copies.list[i].fate;
        if (wanted[i] != RL_FATE_VIDEO)
            mux->copies.list[i].fate = RL_FATE_OUT;
    }
    for (size_t i = 0; i < count; i++) {
        if (wanted[i] == RL_FATE_VIDEO || wanted[i] == RL_FATE_OUT)
            continue;
        mux->copies.list[i].fate = wanted[i];
        int failed = rl_header_try(mux);
        char why[AV_ERROR_MAX_STRING_SIZE] = "", reason[128];
        if (failed < 0 && failed != AVERROR(ENOMEM) &&
            rl_copies_convert(&mux->copies, i, mux->source, mux->container)) {
            const int converted = rl_header_try(mux);
            failed = converted >= 0 || converted == AVERROR(ENOMEM) ? converted : failed;
        }
        if (failed == AVERROR(ENOMEM)) {
            free(wanted);
            return rl_fail_memory(err);
        }
        if (failed >= 0)
            continue;
        av_strerror(failed, why, sizeof why);
        snprintf(reason, sizeof reason, "%s files cannot carry it (%s)", mux->container->name, why);
        rl_copies_refuse(&mux->copies, i, reason);
    }
    free(wanted);
    return RELIEF_OK;
}
