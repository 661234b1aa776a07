// SPDX-License-Identifier: MIT
#include "media/mux.h"

#include "base/str.h"
#include "media/boxes.h"
#include "media/header.h"
#include "media/language.h"
#include "media/mkv_tracks.h"
#include "media/riff.h"
#include "media/unsaid.h"

#include <errno.h>
#include <sys/stat.h>

#include <libavutil/avstring.h>

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

// The whole film from Matroska to Matroska: they can go as they are.
static bool copies_chapters(const struct rl_mux *mux)
{
    return mux->chapters.data && !mux->chapters.is_bound && rl_header_is_matroska(mux) &&
           !mux->direct && !mux->source->start_pts && !mux->source->end_pts;
}

static void tell_chapters(const struct rl_mux *mux)
{
    rl_warn(mux->params->log,
            "%s: chapters: those within others, and further editions and languages are left out",
            mux->source->path);
}

static enum relief_status read_chapters(struct rl_mux *mux, struct relief_error *err)
{
    const AVFormatContext *from = mux->source->demuxer;
    if (!mux->params->copy_streams || !from || !from->nb_chapters ||
        !av_match_name("matroska", from->iformat->name))
        return RELIEF_OK;
    if (rl_chapters_read(&mux->chapters, mux->source->path))
        return rl_fail_memory(err);
    if (mux->chapters.is_rich && !copies_chapters(mux))
        tell_chapters(mux);
    return RELIEF_OK;
}

// A file that is not understood keeps what the muxer wrote.
static int replace_chapters(const struct rl_mux *mux)
{
    int cause = copies_chapters(mux) ? rl_chapters_replace(mux->part.part, &mux->chapters) : 0;
    if (cause == EINVAL && mux->chapters.is_rich)
        tell_chapters(mux);
    return cause == EINVAL ? 0 : cause;
}

enum relief_status rl_mux_start(struct rl_mux *mux, const AVCodecContext *encoder,
                                struct relief_error *err)
{
    AVDictionary *options = NULL;
    mux->encoder = encoder;
    enum relief_status status = rl_copies_plan(&mux->copies, mux->source, mux->container, mux->path,
                                               mux->params->copy_streams, err);
    if (status == RELIEF_OK)
        status = read_chapters(mux, err);
    if (status == RELIEF_OK && mux->copies.fate_count && rl_header_try(mux) < 0)
        status = rl_header_find_refused(mux, err);
    if (status != RELIEF_OK)
        return status;
    rl_copies_settle(&mux->copies, mux->source, mux->container, mux->params->log);
    rl_unsaid_tell(mux);
    int failed = rl_header_make(mux, &mux->format, &options);
    if (failed >= 0)
        failed = avio_open(&mux->format->pb, mux->url, AVIO_FLAG_WRITE);
    if (failed >= 0)
        failed = avformat_write_header(mux->format, &options);
    av_dict_free(&options);
    mux->begun = failed >= 0;
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
    if (rl_header_is_mov(mux) && mux->held->data && mux->held->duration > 0 && missing > 0)
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
    if (!rl_header_is_mov(mux) || packet->duration > 0)
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

static AVRational packet_base(const struct rl_mux *mux, const struct rl_copy *copy)
{
    return mux->format->streams[copy->out_index]->time_base;
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
        // Short packets in a coarse clock share a time, which is no fault.
        const int64_t tick = av_rescale_q(1, from->time_base, packet_base(mux, copy));
        const bool is_back = packet->dts < copy->last_dts - tick;
        packet->dts = earliest;
        if (sound && is_back && !copy->repaired)
            rl_warn(mux->params->log, "%s: audio stream %d: times that run backwards were repaired",
                    mux->source->path, from->index);
        copy->repaired |= is_back;
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

// An MP4 ends each track where its last packet ends: one of unknown length would never be played.
static void give_copy_length(const struct rl_mux *mux, const struct rl_copy *copy, AVPacket *packet)
{
    AVCodecParameters *par = mux->format->streams[copy->out_index]->codecpar;
    int samples = 0;
    if (!rl_header_is_mov(mux) || packet->duration > 0)
        return;
    if (par->codec_type == AVMEDIA_TYPE_AUDIO && par->sample_rate > 0)
        samples = av_get_audio_frame_duration2(par, packet->size);
    if (samples > 0)
        packet->duration = av_rescale_q(samples, (AVRational){1, par->sample_rate},
                                        packet_base(mux, copy));
    else if (copy->last_dts != AV_NOPTS_VALUE && par->codec_type == AVMEDIA_TYPE_AUDIO)
        packet->duration = packet->dts - copy->last_dts;
    packet->duration = FFMAX(packet->duration, 1);
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
    give_copy_length(mux, copy, packet);
    if (!fits_beginning(mux, copy, packet) || !repair_times(mux, copy, from, packet))
        return RELIEF_OK;
    if (copy->start_s < 0)
        copy->start_s = FFMAX((double)packet->pts * av_q2d(packet_base(mux, copy)), 0);
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

// A header that has no place for it is no reason to lose a film.
static int set_starts(const struct rl_mux *mux)
{
    int cause = 0;
    for (size_t i = 0; i < mux->copies.count && !cause; i++) {
        const struct rl_copy *copy = &mux->copies.list[i];
        if (copy->start_s > 0)
            cause = rl_riff_set_start(mux->part.part, copy->out_index, copy->start_s);
        if (cause == EINVAL) {
            rl_warn(mux->params->log, "%s: does not say that stream %zu begins %.3f s late",
                    mux->path, i, copy->start_s);
            cause = 0;
        }
    }
    return cause;
}

// Tags of the film that the muxer did not write.
static int find_tags(const struct rl_mux *mux, AVDictionary **tags)
{
    const struct rl_layout layout = rl_layout_of(mux->params->layout);
    const char *tag = rl_layout_tag(&layout);
    if (!rl_unsaid_takes_tags(mux) || rl_header_keeps_keys(mux))
        return 0;
    int failed = rl_unsaid_tags(mux, tags);
    return failed < 0 || !tag ? failed : av_dict_set(tags, "stereo_mode", tag, 0);
}

// FFmpeg numbers tracks in the order of its streams.
static enum relief_status complete_boxes(const struct rl_mux *mux, bool *done,
                                         struct relief_error *err)
{
    const AVFormatContext *format = mux->format;
    AVDictionary *tags = NULL;
    struct rl_track_words *words = calloc(format->nb_streams + 1, sizeof *words);
    if (!words || find_tags(mux, &tags) < 0) {
        free(words);
        av_dict_free(&tags);
        return rl_fail_memory(err);
    }
    for (unsigned i = 0; i < format->nb_streams; i++) {
        const AVStream *stream = format->streams[i];
        const AVDictionaryEntry *title = av_dict_get(stream->metadata, "title", NULL, 0);
        const AVDictionaryEntry *tag = av_dict_get(stream->metadata, RL_LANGUAGE_TAG, NULL, 0);
        words[i] = (struct rl_track_words){.id = i + 1,
                                           .title = title && *title->value ? title->value : NULL,
                                           .language = tag ? tag->value : NULL,
                                           .disposition = stream->disposition,
                                           .is_text = stream->codecpar->codec_type ==
                                                      AVMEDIA_TYPE_SUBTITLE};
    }
    const struct rl_boxes boxes = {.layout = rl_layout_of(mux->params->layout),
                                   .width = mux->encoder->width,
                                   .height = mux->encoder->height,
                                   .tracks = words,
                                   .track_count = format->nb_streams,
                                   .tags = tags,
                                   .quicktime = !strcmp(mux->container->name, "mov")};
    enum relief_status status = rl_boxes_finish(mux->part.part, mux->path, &boxes, done, err);
    av_dict_free(&tags);
    free(words);
    return status;
}

// What the muxer does not say, and MP4's index in front.
static enum relief_status complete_part(struct rl_mux *mux, struct relief_error *err)
{
    const struct rl_layout layout = rl_layout_of(mux->params->layout);
    enum relief_status status = RELIEF_OK;
    bool done = true;
    int cause = !strcmp(mux->container->name, "avi") ? set_starts(mux) : 0;
    if (cause)
        return rl_fail_errno(err, RELIEF_E_OUTPUT, cause, "%s: cannot be told when sound begins",
                             mux->path);
    if (rl_header_is_mov(mux))
        status = complete_boxes(mux, &done, err);
    else if (rl_header_is_matroska(mux))
        cause = rl_mkv_tracks_finish(mux->part.part, layout.anaglyph);
    if (cause)
        return rl_fail_errno(err, RELIEF_E_OUTPUT, cause, "%s: its tracks cannot be completed",
                             mux->path);
    cause = replace_chapters(mux);
    if (cause)
        return rl_fail_errno(err, RELIEF_E_OUTPUT, cause, "%s: cannot be given its chapters",
                             mux->path);
    if (!done)
        rl_warn(mux->params->log, "%s: does not say how it is to be seen", mux->path);
    return status;
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
    mux->begun = false;
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
    if (mux->direct)
        return RELIEF_OK;
    enum relief_status named = complete_part(mux, err);
    return named == RELIEF_OK ? rl_part_commit(&mux->part, err) : named;
}

// FFmpeg's GIF muxer lets go of its last picture only with the trailer.
static void end_gif(struct rl_mux *mux)
{
    if (mux->begun && !mux->direct && !strcmp(mux->container->name, "gif"))
        (void)av_write_trailer(mux->format);
}

void rl_mux_close(struct rl_mux *mux)
{
    if (mux->format) {
        end_gif(mux);
        avio_closep(&mux->format->pb);
        avformat_free_context(mux->format);
    }
    av_packet_free(&mux->held);
    rl_copies_clear(&mux->copies);
    rl_chapters_clear(&mux->chapters);
    rl_part_discard(&mux->part);
    free(mux->url);
    pthread_mutex_destroy(&mux->mutex);
    *mux = (struct rl_mux){0};
}
