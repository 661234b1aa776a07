// SPDX-License-Identifier: MIT
#include "media/copy.h"

#include "base/file.h"
#include "base/str.h"
#include "media/codec.h"
#include "media/tags.h"

#include <strings.h>

#include <libavutil/avstring.h>
#include <libavutil/mem.h>

static bool is_one_of(const AVOutputFormat *container, const char *names)
{
    return av_match_name(container->name, names);
}

static bool is_among(enum AVCodecID codec, const enum AVCodecID *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (codec == list[i])
            return true;
    return false;
}

// A transport stream takes anything, and calls what it does not know private data, which nobody
// finds again. Those of Blu-ray refuse what they do not know.
static bool is_private(const AVStream *stream, const struct rl_source *source, const char *path)
{
    static const enum AVCodecID known[] = {
        AV_CODEC_ID_MP1,          AV_CODEC_ID_MP2,       AV_CODEC_ID_MP3,
        AV_CODEC_ID_AAC,          AV_CODEC_ID_AAC_LATM,  AV_CODEC_ID_AC3,
        AV_CODEC_ID_EAC3,         AV_CODEC_ID_DTS,       AV_CODEC_ID_TRUEHD,
        AV_CODEC_ID_S302M,        AV_CODEC_ID_OPUS,      AV_CODEC_ID_DVB_SUBTITLE,
        AV_CODEC_ID_DVB_TELETEXT, AV_CODEC_ID_SMPTE_KLV, AV_CODEC_ID_TIMED_ID3};
    const enum AVCodecID codec = stream->codecpar->codec_id;
    if (codec == AV_CODEC_ID_BIN_DATA)
        return !av_match_name(source->demuxer->iformat->name, "mpegts");
    return strcasecmp(rl_path_extension(path), "m2ts") != 0 &&
           !is_among(codec, known, sizeof known / sizeof *known);
}

// AVI keeps time by bytes or by packets of even length: the times of others are lost in it.
static bool is_uneven(enum AVCodecID codec)
{
    static const enum AVCodecID uneven[] = {AV_CODEC_ID_DTS, AV_CODEC_ID_EAC3, AV_CODEC_ID_FLAC,
                                            AV_CODEC_ID_VORBIS};
    return is_among(codec, uneven, sizeof uneven / sizeof *uneven);
}

static bool carries(const AVOutputFormat *container, enum AVCodecID codec)
{
    // Some muxers do not know before they see a stream; then a trial header tells.
    return avformat_query_codec(container, codec, FF_COMPLIANCE_EXPERIMENTAL) != 0;
}

static bool carries_stream(const AVOutputFormat *container, const AVStream *stream,
                           const struct rl_source *source, const char *path)
{
    const AVCodecParameters *par = stream->codecpar;
    if (par->codec_type == AVMEDIA_TYPE_ATTACHMENT)
        return is_one_of(container, "matroska");
    if (is_one_of(container, "mpegts") && is_private(stream, source, path))
        return false;
    if (is_one_of(container, "avi") && is_uneven(par->codec_id))
        return false;
    // Data of a kind that has no name here would get that of another kind.
    if (par->codec_id == AV_CODEC_ID_BIN_DATA && container->codec_tag &&
        av_codec_get_id(container->codec_tag, par->codec_tag) != par->codec_id)
        return false;
    return carries(container, par->codec_id);
}

static const char *kind_of(const AVStream *stream)
{
    const char *kind = av_get_media_type_string(stream->codecpar->codec_type);
    return stream->disposition & AV_DISPOSITION_ATTACHED_PIC ? "cover" : kind ? kind : "data";
}

static void set_fate(struct rl_stream_fate *fate, const char *outcome, const char *format, ...)
    RL_PRINTF(3, 4);

static void set_fate(struct rl_stream_fate *fate, const char *outcome, const char *format, ...)
{
    va_list args;
    rl_str_copy(fate->outcome, sizeof fate->outcome, outcome);
    va_start(args, format);
    vsnprintf(fate->reason, sizeof fate->reason, format, args);
    va_end(args);
}

static enum rl_fate plan_picture(const AVStream *stream, const AVOutputFormat *container,
                                 struct rl_stream_fate *fate)
{
    if (!(stream->disposition & AV_DISPOSITION_ATTACHED_PIC)) {
        set_fate(fate, "left out", "only one picture track is converted");
        return RL_FATE_OUT;
    }
    if (is_one_of(container, "matroska") && stream->attached_pic.size > 0)
        return RL_FATE_COVER;
    if (is_one_of(container, "mp4,ipod") && carries(container, stream->codecpar->codec_id))
        return RL_FATE_COPY;
    set_fate(fate, "left out", "%s files have no place for it", container->name);
    return RL_FATE_OUT;
}

// MOV and MP4 keep chapter titles and time codes in tracks of their own, which the muxer makes anew
// from what the demuxer has understood.
static bool is_made_anew(const AVStream *stream, const struct rl_source *source,
                         const AVOutputFormat *container)
{
    uint32_t tag = stream->codecpar->codec_tag;
    if (stream->codecpar->codec_type != AVMEDIA_TYPE_DATA)
        return false;
    if (tag == MKTAG('t', 'e', 'x', 't') && source->demuxer->nb_chapters)
        return true;
    return tag == MKTAG('t', 'm', 'c', 'd') && is_one_of(container, "mov,mp4");
}

// Below zero when it cannot be converted.
static int convert_text(struct rl_copy *copy, const AVStream *stream,
                        const AVOutputFormat *container)
{
    enum AVCodecID text = rl_subtitle_target(stream, container);
    if (text == AV_CODEC_ID_NONE)
        return AVERROR(ENOSYS);
    int failed = rl_subtitle_open(&copy->subtitle, stream, text);
    if (failed >= 0)
        set_fate(copy->told, "converted", "to %s", avcodec_get_name(text));
    return failed;
}

static int convert_sound(struct rl_copy *copy, const AVStream *stream,
                         const AVOutputFormat *container)
{
    if (stream->codecpar->codec_type != AVMEDIA_TYPE_AUDIO)
        return AVERROR(ENOSYS);
    int failed = rl_sound_open(&copy->sound, stream, container);
    if (failed >= 0)
        set_fate(copy->told, "converted", "to %s: %s files cannot carry it",
                 avcodec_get_name(rl_sound_codec(copy->sound)), container->name);
    return failed;
}

static enum rl_fate plan_stream(struct rl_copy *copy, const AVStream *stream,
                                const struct rl_source *source, const AVOutputFormat *container,
                                const char *path, struct rl_stream_fate *fate, bool *no_memory)
{
    const AVCodecParameters *par = stream->codecpar;
    if (par->codec_type == AVMEDIA_TYPE_VIDEO)
        return plan_picture(stream, container, fate);
    if (is_made_anew(stream, source, container)) {
        set_fate(fate, "converted", "%s", "made anew by the container");
        return RL_FATE_OUT;
    }
    if (carries_stream(container, stream, source, path))
        return RL_FATE_COPY;
    int failed = convert_text(copy, stream, container);
    if (failed == AVERROR(ENOSYS))
        failed = convert_sound(copy, stream, container);
    if (failed >= 0)
        return RL_FATE_CONVERT;
    *no_memory = failed == AVERROR(ENOMEM);  // then it is no stream that cannot be carried
    set_fate(fate, "left out", "%s files cannot carry it", container->name);
    return RL_FATE_OUT;
}

enum relief_status rl_copies_plan(struct rl_copies *copies, const struct rl_source *source,
                                  const AVOutputFormat *container, const char *path, bool wanted,
                                  struct relief_error *err)
{
    size_t count = source->demuxer && wanted ? source->demuxer->nb_streams : 0;
    *copies = (struct rl_copies){.count = count};
    copies->list = calloc(count + 1, sizeof *copies->list);
    copies->fates = calloc(count + 1, sizeof *copies->fates);
    if (!copies->list || !copies->fates)
        return rl_fail_memory(err);
    for (size_t i = 0; i < count; i++) {
        const AVStream *stream = source->demuxer->streams[i];
        struct rl_copy *copy = &copies->list[i];
        copy->out_index = -1;
        copy->last_dts = AV_NOPTS_VALUE;
        copy->start_s = -1;
        if ((int)i == source->video_index) {
            copy->fate = RL_FATE_VIDEO;
            continue;
        }
        struct rl_stream_fate *fate = &copies->fates[copies->fate_count++];
        copy->told = fate;
        fate->index = (int)i;
        rl_str_copy(fate->kind, sizeof fate->kind, kind_of(stream));
        rl_str_copy(fate->codec, sizeof fate->codec, avcodec_get_name(stream->codecpar->codec_id));
        set_fate(fate, "copied", "%s", "");
        bool no_memory = false;
        copy->fate = plan_stream(copy, stream, source, container, path, fate, &no_memory);
        if (no_memory)
            return rl_fail_memory(err);
    }
    return RELIEF_OK;
}

// The source's number for a codec, if it means the same here; else the muxer picks its own.
static uint32_t pick_tag(const AVOutputFormat *container, const AVCodecParameters *par)
{
    unsigned own = 0;
    if (!container->codec_tag ||
        av_codec_get_id(container->codec_tag, par->codec_tag) == par->codec_id ||
        !av_codec_get_tag2(container->codec_tag, par->codec_id, &own))
        return par->codec_tag;
    return 0;
}

static int make_cover(AVStream *to, const AVStream *from)
{
    AVCodecParameters *par = to->codecpar;
    size_t size = (size_t)from->attached_pic.size;
    bool png = from->codecpar->codec_id == AV_CODEC_ID_PNG;
    par->codec_type = AVMEDIA_TYPE_ATTACHMENT;
    par->codec_id = from->codecpar->codec_id;
    par->extradata = av_mallocz(size + AV_INPUT_BUFFER_PADDING_SIZE);
    if (!par->extradata)
        return AVERROR(ENOMEM);
    memcpy(par->extradata, from->attached_pic.data, size);
    par->extradata_size = (int)size;
    // Matroska's players look for this name.
    int failed = av_dict_set(&to->metadata, "filename", png ? "cover.png" : "cover.jpg", 0);
    if (failed < 0)
        return failed;
    return av_dict_set(&to->metadata, "mimetype", png ? "image/png" : "image/jpeg", 0);
}

static int name_attachment(AVStream *to)
{
    int failed = av_dict_set(&to->metadata, "filename", "attachment", AV_DICT_DONT_OVERWRITE);
    if (failed < 0)
        return failed;
    return av_dict_set(&to->metadata, "mimetype", "application/octet-stream",
                       AV_DICT_DONT_OVERWRITE);
}

int rl_copies_add_stream(struct rl_copies *copies, const struct rl_source *source, size_t index,
                         AVFormatContext *format)
{
    struct rl_copy *copy = &copies->list[index];
    const AVStream *from = source->demuxer->streams[index];
    AVStream *to = avformat_new_stream(format, NULL);
    if (!to)
        return AVERROR(ENOMEM);
    copy->out_index = to->index;
    to->time_base = from->time_base;
    to->disposition = from->disposition;
    int failed = av_dict_copy(&to->metadata, from->metadata, 0);
    if (failed >= 0)
        failed = rl_tags_fit(&to->metadata, format->oformat);
    if (failed < 0)
        return failed;
    if (copy->sound) {
        to->time_base = rl_sound_time_base(copy->sound);
        return rl_sound_parameters(copy->sound, to->codecpar);
    }
    if (copy->subtitle) {
        failed = rl_subtitle_parameters(copy->subtitle, to->codecpar);
        // In MOV the muxer's own choice is QuickTime's text, which cannot be forced.
        if (to->codecpar->codec_id == AV_CODEC_ID_MOV_TEXT)
            to->codecpar->codec_tag = MKTAG('t', 'x', '3', 'g');
        return failed;
    }
    if (copy->fate == RL_FATE_COVER)
        return make_cover(to, from);
    failed = avcodec_parameters_copy(to->codecpar, from->codecpar);
    if (failed < 0)
        return failed;
    to->codecpar->codec_tag = pick_tag(format->oformat, from->codecpar);
    to->avg_frame_rate = from->avg_frame_rate;
    to->r_frame_rate = from->r_frame_rate;
    to->sample_aspect_ratio = from->sample_aspect_ratio;
    if (from->codecpar->codec_type == AVMEDIA_TYPE_ATTACHMENT)
        return name_attachment(to);
    return rl_stream_copy_side_data(to, from);
}

bool rl_copies_convert(struct rl_copies *copies, size_t index, const struct rl_source *source,
                       const AVOutputFormat *container)
{
    struct rl_copy *copy = &copies->list[index];
    const AVStream *stream = source->demuxer->streams[index];
    if (copy->fate != RL_FATE_COPY ||
        (convert_text(copy, stream, container) < 0 && convert_sound(copy, stream, container) < 0))
        return false;
    copy->fate = RL_FATE_CONVERT;
    return true;
}

void rl_copies_refuse(struct rl_copies *copies, size_t index, const char *reason)
{
    struct rl_copy *copy = &copies->list[index];
    copy->fate = RL_FATE_OUT;
    copy->out_index = -1;
    rl_subtitle_close(&copy->subtitle);
    rl_sound_close(&copy->sound);
    set_fate(copy->told, "left out", "%s", reason);
}

// Whether Matroska would have copied the stream.
static bool matroska_keeps(const struct rl_stream_fate *fate)
{
    const AVOutputFormat *matroska = av_guess_format("matroska", NULL, NULL);
    const AVCodecDescriptor *codec = avcodec_descriptor_get_by_name(fate->codec);
    return matroska && codec && carries(matroska, codec->id);
}

static void settle(const struct rl_stream_fate *fate, const struct rl_source *source,
                   const AVOutputFormat *container, struct rl_log *log)
{
    const bool lost = !strcmp(fate->outcome, "left out");
    const bool changed = !strcmp(fate->outcome, "converted");
    const bool sound = !strcmp(fate->kind, "audio");
    const bool styled = !strcmp(fate->codec, "ass") || !strcmp(fate->codec, "ssa");
    const bool other = !strcmp(fate->kind, "video") || !strcmp(fate->kind, "data");
    const char *advice = "", *colon = *fate->reason ? ": " : "";
    if (rl_str_starts(fate->reason, "to "))
        colon = " ";
    if (lost && !other && !is_one_of(container, "matroska"))
        advice = " (.mkv can keep it)";
    else if (changed && sound && matroska_keeps(fate))
        advice = " (.mkv keeps it)";
    else if (changed && styled)
        advice = ": its places and styles are left out (.mkv keeps them)";
    rl_log_line(log, lost || (changed && (sound || styled)) ? RELIEF_LOG_WARN : RELIEF_LOG_VERBOSE,
                "%s: %s stream %d (%s) %s%s%s%s", source->path, fate->kind, fate->index,
                fate->codec, fate->outcome, colon, fate->reason, advice);
}

void rl_copies_settle(const struct rl_copies *copies, const struct rl_source *source,
                      const AVOutputFormat *container, struct rl_log *log)
{
    for (size_t i = 0; i < copies->fate_count; i++)
        settle(&copies->fates[i], source, container, log);
    if (copies->count && source->demuxer->nb_chapters &&
        !is_one_of(container, "matroska,webm,mov,mp4,ipod,nut,ogg,ogv,asf"))
        rl_warn(log, "%s: chapters left out: %s files cannot carry them (.mkv can keep them)",
                source->path, container->name);
}

void rl_copies_clear(struct rl_copies *copies)
{
    for (size_t i = 0; copies->list && i < copies->count; i++) {
        rl_subtitle_close(&copies->list[i].subtitle);
        rl_sound_close(&copies->list[i].sound);
    }
    free(copies->list);
    free(copies->fates);
    *copies = (struct rl_copies){0};
}
