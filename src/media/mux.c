// SPDX-License-Identifier: MIT
#include "media/mux.h"

#include "base/str.h"
#include "media/codec.h"
#include "media/tags.h"

#include <sys/stat.h>

#include <libavutil/avstring.h>
#include <libavutil/mem.h>

static bool is_mov(const struct rl_mux *mux)
{
    return av_match_name(mux->container->name, "mov,mp4,ipod,3gp,3g2,psp,f4v");
}

static enum relief_status find_container(struct rl_mux *mux, struct relief_error *err)
{
    mux->container = !strcmp(mux->path, "-") ? av_guess_format("matroska", NULL, NULL)
                                             : av_guess_format(NULL, mux->path, NULL);
    // A device such as /dev/null has no extension.
    if (!mux->container && mux->direct)
        mux->container = av_guess_format("matroska", NULL, NULL);
    if (mux->container && !(mux->container->flags & AVFMT_NOFILE))
        return RELIEF_OK;
    const char *extension = rl_path_extension(mux->path);
    if (*extension)
        rl_fail(err, RELIEF_E_OUTPUT, "%s: no known kind of video file ends in .%s", mux->path,
                extension);
    else
        rl_fail(err, RELIEF_E_OUTPUT, "%s: the name does not tell the kind of file", mux->path);
    rl_hint(err, "end it in .mp4, .mkv, .mov, .webm or .avi");
    return RELIEF_E_OUTPUT;
}

// A pipe or a device is written as it is: a part could not take its place.
static bool is_direct(const char *path)
{
    struct stat info;
    return !strcmp(path, "-") ||
           (stat(path, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode));
}

enum relief_status rl_mux_open(struct rl_mux *mux, const char *path, const struct rl_source *source,
                               const struct rl_writer_params *params, struct relief_error *err)
{
    *mux = (struct rl_mux){
        .path = path, .source = source, .params = params, .direct = is_direct(path)};
    mux->span = (struct rl_span){AV_NOPTS_VALUE, AV_NOPTS_VALUE, AV_NOPTS_VALUE, 0};
    pthread_mutex_init(&mux->mutex, NULL);
    mux->held = av_packet_alloc();
    if (!mux->held)
        return rl_fail_memory(err);
    enum relief_status status = find_container(mux, err);
    if (status == RELIEF_OK && !mux->direct)
        status = rl_part_open(&mux->part, path, params->overwrite, err);
    if (status != RELIEF_OK)
        return status;
    if (!strcmp(path, "-"))
        mux->url = rl_str_format("pipe:1");
    else
        mux->url = rl_str_format("file:%s", mux->direct ? path : mux->part.part);
    return mux->url ? RELIEF_OK : rl_fail_memory(err);
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
    if (is_mov(mux) && stream->codecpar->codec_id == AV_CODEC_ID_HEVC)
        stream->codecpar->codec_tag = MKTAG('h', 'v', 'c', '1');  // Apple plays no other
    if (failed >= 0 && mux->params->copy_streams)
        failed = rl_tags_copy_video(stream, mux->source);
    if (failed >= 0)
        failed = rl_tags_copy_hdr(stream, mux->source);
    if (failed >= 0)
        failed = rl_tags_set_layout(stream, mux->container->name, mux->params->layout);
    return failed;
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

static void set_mov_options(const struct rl_mux *mux, AVDictionary **options)
{
    int64_t ticks = ticks_per_second(mux->encoder->time_base);
    // Index in front: one more pass over the finished file.
    av_dict_set(options, "movflags", "+faststart", 0);
    av_dict_set_int(options, "video_track_timescale", ticks, 0);
    // Edit lists count in this one: the default of 1000 would move the film's or the sound's start.
    av_dict_set_int(options, "movie_timescale", ticks < 90000 ? ticks * (90000 / ticks) : ticks, 0);
    // Apple's keys fit into no other kind of tag, and this kind hides titles from some players.
    const AVFormatContext *from = mux->source->demuxer;
    if (from && mux->params->copy_streams &&
        av_dict_get(from->metadata, "com.apple.quicktime.", NULL, AV_DICT_IGNORE_SUFFIX))
        av_dict_set(options, "movflags", "+faststart+use_metadata_tags", 0);
}

static int make_format(struct rl_mux *mux, AVFormatContext **format, AVDictionary **options)
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
    if (is_mov(mux))
        set_mov_options(mux, options);
    return add_streams(mux, *format);
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

static int try_header(struct rl_mux *mux)
{
    enum { BYTES = 4096 };
    struct sink sink = {0};
    AVFormatContext *format = NULL;
    AVDictionary *options = NULL;
    unsigned char *buffer = av_malloc(BYTES);
    AVIOContext *io = buffer
                          ? avio_alloc_context(buffer, BYTES, 1, &sink, NULL, sink_write, sink_seek)
                          : NULL;
    int failed = io ? make_format(mux, &format, &options) : AVERROR(ENOMEM);
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
static enum relief_status find_refused(struct rl_mux *mux, struct relief_error *err)
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
        int failed = try_header(mux);
        char why[AV_ERROR_MAX_STRING_SIZE] = "", reason[128];
        if (failed >= 0)
            continue;
        if (rl_copies_convert(&mux->copies, i, mux->source, mux->container) && try_header(mux) >= 0)
            continue;
        av_strerror(failed, why, sizeof why);
        snprintf(reason, sizeof reason, "%s files cannot carry it (%s)", mux->container->name, why);
        rl_copies_refuse(&mux->copies, i, reason);
    }
    free(wanted);
    return RELIEF_OK;
}

static enum relief_status cannot_write(struct rl_mux *mux, int averror, struct relief_error *err)
{
    // The muxer's own code can hide what the file said first.
    int first = mux->format && mux->format->pb ? mux->format->pb->error : 0;
    return rl_fail_av(err, RELIEF_E_OUTPUT, first < 0 ? first : averror, "%s: cannot be written",
                      strcmp(mux->path, "-") != 0 ? mux->path : "standard output");
}

// Covers are no packets of the film: they are written once, in front.
static int write_covers(struct rl_mux *mux)
{
    for (size_t i = 0; i < mux->copies.count; i++) {
        const struct rl_copy *copy = &mux->copies.list[i];
        const AVStream *from = mux->source->demuxer->streams[i];
        if (copy->fate != RL_FATE_COPY || !(from->disposition & AV_DISPOSITION_ATTACHED_PIC) ||
            from->attached_pic.size <= 0)
            continue;
        AVPacket *packet = av_packet_clone(&from->attached_pic);
        if (!packet)
            return AVERROR(ENOMEM);
        packet->stream_index = copy->out_index;
        packet->pts = packet->dts = 0;
        int failed = av_interleaved_write_frame(mux->format, packet);
        av_packet_free(&packet);
        if (failed < 0)
            return failed;
    }
    return 0;
}

enum relief_status rl_mux_start(struct rl_mux *mux, const AVCodecContext *encoder,
                                struct relief_error *err)
{
    AVDictionary *options = NULL;
    mux->encoder = encoder;
    enum relief_status status = rl_copies_plan(&mux->copies, mux->source, mux->container,
                                               mux->params->copy_streams, err);
    if (status == RELIEF_OK && mux->copies.fate_count && try_header(mux) < 0)
        status = find_refused(mux, err);
    if (status != RELIEF_OK)
        return status;
    rl_copies_settle(&mux->copies, mux->source, mux->container, mux->params->log);
    int failed = make_format(mux, &mux->format, &options);
    if (failed >= 0)
        failed = avio_open(&mux->format->pb, mux->url, AVIO_FLAG_WRITE);
    if (failed >= 0)
        failed = avformat_write_header(mux->format, &options);
    av_dict_free(&options);
    if (failed >= 0)
        failed = write_covers(mux);
    return failed < 0 ? cannot_write(mux, failed, err) : RELIEF_OK;
}

static int64_t missing_of(const struct rl_mux *mux, const struct rl_copy *copy)
{
    bool written = copy->fate == RL_FATE_COPY || copy->fate == RL_FATE_CONVERT;
    int64_t arrived = written ? mux->format->streams[copy->out_index]->nb_frames : 0;
    return written ? FFMAX(0, copy->handed - arrived) : 0;
}

// A damaged packet of another stream is no reason to lose the film. The muxer holds packets back to
// order them, so the one that it refuses may be another than the one it is given; it is gone then.
// As long as so many are missing among the copies, none of the film's frames is.
static bool is_bearable(struct rl_mux *mux, int averror)
{
    if (mux->format->pb->error < 0 ||
        (averror != AVERROR(EINVAL) && averror != AVERROR_INVALIDDATA))
        return false;
    int64_t missing = 0;
    for (size_t i = 0; i < mux->copies.count; i++)
        missing += missing_of(mux, &mux->copies.list[i]);
    return ++mux->refused <= missing;
}

// NULL for `packet` writes what is held back; NULL for `copy`: it is the film's.
static int interleave(struct rl_mux *mux, AVPacket *packet, struct rl_copy *copy)
{
    pthread_mutex_lock(&mux->mutex);
    if (copy)
        copy->handed++;
    int failed = av_interleaved_write_frame(mux->format, packet);
    if (failed < 0 && is_bearable(mux, failed))
        failed = packet ? 0 : AVERROR(EAGAIN);
    // A full disk comes before anything that follows from it.
    if (failed < 0 && mux->format->pb->error < 0)
        failed = mux->format->pb->error;
    pthread_mutex_unlock(&mux->mutex);
    return failed;
}

// MP4 counts a track's length in order of decoding, where the last packet is seldom the last
// picture: it gets what is missing, as long as it does not reach beyond the end of the film.
static void stretch_last(struct rl_mux *mux)
{
    const struct rl_span *span = &mux->span;
    int64_t missing = span->end_pts - span->first_pts - (mux->held->dts - span->first_dts);
    int64_t room = span->end_pts - mux->held->pts;
    if (is_mov(mux) && mux->held->data && mux->held->duration > 0 && missing > 0)
        mux->held->duration = FFMIN(missing, room);
}

static enum relief_status write_held(struct rl_mux *mux, struct relief_error *err)
{
    if (!mux->held->data)
        return RELIEF_OK;
    int failed = interleave(mux, mux->held, NULL);
    mux->span.count++;
    return failed < 0 ? cannot_write(mux, failed, err) : RELIEF_OK;
}

// An MP4 ends where its last picture ends: one of unknown length would never be seen.
static void give_length(const struct rl_mux *mux, AVPacket *packet)
{
    AVRational rate = mux->source->frame_rate;
    AVRational base = mux->format->streams[mux->video_index]->time_base;
    if (!is_mov(mux) || packet->duration > 0)
        return;
    packet->duration = rate.num > 0 ? av_rescale_q(1, av_inv_q(rate), base) : 0;
    packet->duration = FFMAX(packet->duration, 1);
}

enum relief_status rl_mux_video(struct rl_mux *mux, AVPacket *packet, struct relief_error *err)
{
    packet->stream_index = mux->video_index;
    av_packet_rescale_ts(packet, mux->encoder->time_base,
                         mux->format->streams[mux->video_index]->time_base);
    give_length(mux, packet);
    struct rl_span *span = &mux->span;
    if (span->first_pts == AV_NOPTS_VALUE) {
        span->first_pts = packet->pts;
        span->first_dts = packet->dts;
    }
    span->first_pts = FFMIN(span->first_pts, packet->pts);
    span->end_pts = FFMAX(span->end_pts, packet->pts + packet->duration);
    enum relief_status status = write_held(mux, err);
    av_packet_move_ref(mux->held, packet);
    return status;
}

// Sources repeat or reverse times here and there; muxers refuse that.
static bool repair_times(struct rl_mux *mux, struct rl_copy *copy, const AVStream *from,
                         AVPacket *packet)
{
    bool sound = from->codecpar->codec_type == AVMEDIA_TYPE_AUDIO;
    if (packet->dts == AV_NOPTS_VALUE)
        packet->dts = packet->pts;
    if (packet->dts == AV_NOPTS_VALUE && copy->last_dts != AV_NOPTS_VALUE)
        packet->dts = copy->last_dts + 1;
    if (packet->dts == AV_NOPTS_VALUE)
        return false;
    int64_t earliest = INT64_MIN;
    if (copy->last_dts != AV_NOPTS_VALUE)
        earliest = copy->last_dts + !(mux->container->flags & AVFMT_TS_NONSTRICT);
    if (packet->dts < earliest) {
        packet->dts = earliest;
        if (sound && !copy->repaired)
            rl_warn(mux->params->log, "%s: audio stream %d: times that run backwards were repaired",
                    mux->source->path, from->index);
        copy->repaired = true;
    }
    if (packet->pts == AV_NOPTS_VALUE || packet->pts < packet->dts)
        packet->pts = packet->dts;
    copy->last_dts = packet->dts;
    return true;
}

// Matroska keeps Opus later by the codec's delay and says how much; before FFmpeg 7 the muxer said
// it, but did not move the packets.
static int64_t opus_delay(const struct rl_mux *mux, const struct rl_copy *copy, AVRational base)
{
#if LIBAVFORMAT_VERSION_MAJOR < 61
    const AVCodecParameters *par = mux->format->streams[copy->out_index]->codecpar;
    if (par->codec_id == AV_CODEC_ID_OPUS && par->initial_padding > 0 &&
        av_match_name(mux->container->name, "matroska,webm"))
        return av_rescale_q(par->initial_padding, (AVRational){1, 48000}, base);
#endif
    (void)mux, (void)copy, (void)base;
    return 0;
}

// An encoder's first packets come before the film begins. Where the container cannot say so, they
// would move everything else: what lies mostly before 0 is left out, the rest begins there.
static bool fits_beginning(const struct rl_mux *mux, const struct rl_copy *copy, AVPacket *packet)
{
    if (!copy->sound || packet->pts >= 0 || mux->container->flags & AVFMT_TS_NEGATIVE)
        return true;
    if (packet->pts + packet->duration / 2 <= 0)
        return false;
    packet->pts = packet->dts = 0;
    return true;
}

static AVRational packet_base(const struct rl_mux *mux, const struct rl_copy *copy)
{
    return mux->format->streams[copy->out_index]->time_base;
}

static enum relief_status write_copy(struct rl_mux *mux, struct rl_copy *copy, const AVStream *from,
                                     AVPacket *packet, struct relief_error *err)
{
    const struct rl_source *source = mux->source;
    const AVRational base = copy->sound ? rl_sound_time_base(copy->sound) : from->time_base;
    int64_t shift = av_rescale_q(source->start_pts, source->time_base, base) -
                    opus_delay(mux, copy, base);
    if (packet->pts != AV_NOPTS_VALUE)
        packet->pts -= shift;
    if (packet->dts != AV_NOPTS_VALUE)
        packet->dts -= shift;
    packet->stream_index = copy->out_index;
    packet->pos = -1;
    av_packet_rescale_ts(packet, base, packet_base(mux, copy));
    // Bitmap subtitles that stay until the next one say so by an endless duration.
    const AVRational day = {86400, 1};
    if (packet->duration < 0 || av_compare_ts(packet->duration, packet_base(mux, copy), 1, day) > 0)
        packet->duration = 0;
    if (!fits_beginning(mux, copy, packet) || !repair_times(mux, copy, from, packet))
        return RELIEF_OK;
    int failed = interleave(mux, packet, copy);
    return failed < 0 ? cannot_write(mux, failed, err) : RELIEF_OK;
}

// On its way from rl_sound_convert() to write_copy().
struct sound_way {
    struct rl_mux *mux;
    size_t index;
    enum relief_status status;
    struct relief_error *err;
};

static int write_sound(void *user, AVPacket *packet)
{
    struct sound_way *way = user;
    way->status = write_copy(way->mux, &way->mux->copies.list[way->index],
                             way->mux->source->demuxer->streams[way->index], packet, way->err);
    return way->status == RELIEF_OK ? 0 : AVERROR_EXTERNAL;
}

// NULL for `packet` ends the stream.
static enum relief_status convert_sound(struct rl_mux *mux, size_t index, const AVPacket *packet,
                                        struct relief_error *err)
{
    struct sound_way way = {.mux = mux, .index = index, .err = err};
    int failed = rl_sound_convert(mux->copies.list[index].sound, packet, write_sound, &way);
    if (failed < 0 && way.status == RELIEF_OK)
        return rl_fail_av(err, RELIEF_E_FAILED, failed, "%s: audio stream %d: cannot be converted",
                          mux->source->path, (int)index);
    return way.status;
}

static enum relief_status end_sounds(struct rl_mux *mux, struct relief_error *err)
{
    enum relief_status status = RELIEF_OK;
    for (size_t i = 0; i < mux->copies.count && status == RELIEF_OK; i++) {
        const struct rl_sound *sound = mux->copies.list[i].sound;
        if (!sound)
            continue;
        status = convert_sound(mux, i, NULL, err);
        if (rl_sound_damaged(sound) > 0)
            rl_warn(mux->params->log, "%s: audio stream %d: %d damaged packets became silence",
                    mux->source->path, (int)i, rl_sound_damaged(sound));
    }
    return status;
}

enum relief_status rl_mux_copy(struct rl_mux *mux, const AVPacket *packet, struct relief_error *err)
{
    size_t index = (size_t)packet->stream_index;
    struct rl_copy *copy = index < mux->copies.count ? &mux->copies.list[index] : NULL;
    if (!copy || (copy->fate != RL_FATE_COPY && copy->fate != RL_FATE_CONVERT))
        return RELIEF_OK;
    const AVStream *from = mux->source->demuxer->streams[index];
    if (from->disposition & AV_DISPOSITION_ATTACHED_PIC)
        return RELIEF_OK;
    if (copy->sound)
        return convert_sound(mux, index, packet, err);
    AVPacket *own = copy->fate == RL_FATE_COPY ? av_packet_clone(packet) : av_packet_alloc();
    if (!own)
        return rl_fail_memory(err);
    bool got = true;
    enum relief_status status = RELIEF_OK;
    if (copy->fate == RL_FATE_CONVERT && rl_subtitle_convert(copy->subtitle, packet, own, &got) < 0)
        status = rl_fail_memory(err);
    if (status == RELIEF_OK && got)
        status = write_copy(mux, copy, from, own, err);
    av_packet_free(&own);
    return status;
}

// Some muxers join packets: what is missing was refused only if something was.
static void tell_missing(const struct rl_mux *mux)
{
    for (size_t i = 0; mux->refused && i < mux->copies.count; i++) {
        const struct rl_copy *copy = &mux->copies.list[i];
        const long long missing = missing_of(mux, copy);
        if (missing > 0)
            rl_warn(mux->params->log,
                    "%s: %s stream %d: %lld damaged packets that %s files cannot carry left out",
                    mux->source->path, copy->told->kind, copy->told->index, missing,
                    mux->container->name);
    }
}

enum relief_status rl_mux_finish(struct rl_mux *mux, struct relief_error *err)
{
    stretch_last(mux);
    enum relief_status status = end_sounds(mux, err);
    if (status == RELIEF_OK)
        status = write_held(mux, err);
    if (status != RELIEF_OK)
        return status;
    int failed = AVERROR(EAGAIN);
    while (failed == AVERROR(EAGAIN))
        failed = interleave(mux, NULL, NULL);
    if (failed < 0)
        return cannot_write(mux, failed, err);
    tell_missing(mux);
    failed = av_write_trailer(mux->format);
    const AVStream *video = mux->format->streams[mux->video_index];
    if (failed >= 0 && video->nb_frames < mux->span.count)
        return rl_fail(err, RELIEF_E_OUTPUT, "%s: %s files cannot carry some of the frames",
                       mux->path, mux->container->name);
    avio_flush(mux->format->pb);
    if (failed >= 0)
        failed = mux->format->pb->error;
    if (failed < 0)
        return cannot_write(mux, failed, err);
    failed = avio_closep(&mux->format->pb);
    if (failed < 0)
        return cannot_write(mux, failed, err);
    return mux->direct ? RELIEF_OK : rl_part_commit(&mux->part, err);
}

void rl_mux_close(struct rl_mux *mux)
{
    if (mux->format) {
        avio_closep(&mux->format->pb);
        avformat_free_context(mux->format);
    }
    av_packet_free(&mux->held);
    rl_copies_clear(&mux->copies);
    rl_part_discard(&mux->part);
    free(mux->url);
    pthread_mutex_destroy(&mux->mutex);
    *mux = (struct rl_mux){0};
}
