// SPDX-License-Identifier: MIT
#include "media/unsaid.h"

#include "base/str.h"
#include "media/header.h"
#include "media/language.h"
#include "media/tags.h"
#include "media/tracks.h"

#include <strings.h>

#include <libavutil/avstring.h>

// Others (single pictures in motion, bare streams) carry nothing of this, and nobody expects it.
static const struct container {
    const char *names;
    int purposes;  // AV_DISPOSITION_* that it can say
    bool titles, languages;
    const char *tags;  // of the film, that its muxer writes; NULL: all
} containers[] = {
    {"matroska",
     AV_DISPOSITION_FORCED | AV_DISPOSITION_HEARING_IMPAIRED | AV_DISPOSITION_VISUAL_IMPAIRED |
         AV_DISPOSITION_DESCRIPTIONS | AV_DISPOSITION_CAPTIONS | AV_DISPOSITION_ORIGINAL |
         AV_DISPOSITION_DUB | AV_DISPOSITION_COMMENT,
     true, true, NULL},
    {"webm", AV_DISPOSITION_FORCED, true, true, NULL},
    {"mov", 0, true, true,
     "title,artist,author,album,date,comment,genre,copyright,make,model,location"},
    {"3gp,3g2", 0, true, true, "title,artist,author,genre,comment,album,copyright,date,location"},
    {RL_TAGS_MOV, 0, true, true,
     "title,artist,album_artist,composer,album,date,comment,genre,copyright,grouping,lyrics,"
     "description,synopsis,show,episode_id,network,keywords,episode_sort,season_number,media_type,"
     "hd_video,gapless_playback,compilation,track,disc,tmpo,location"},
    {"nut",
     AV_DISPOSITION_ORIGINAL | AV_DISPOSITION_DUB | AV_DISPOSITION_COMMENT | AV_DISPOSITION_LYRICS |
         AV_DISPOSITION_KARAOKE,
     true, true, NULL},
    {"mpegts",
     AV_DISPOSITION_HEARING_IMPAIRED | AV_DISPOSITION_VISUAL_IMPAIRED |
         AV_DISPOSITION_CLEAN_EFFECTS,
     false, true, "title,service_name,service_provider"},
    {"avi", 0, true, false, "title,artist,comment,copyright,date,genre,album,track,encoded_by"},
    {"ogg,ogv", 0, true, true, NULL},
    {"asf", 0, false, true, NULL},
    {"flv", 0, false, false, NULL},
    {"mpeg,vob,dvd,svcd,vcd,mxf", 0, false, false, ""},
};

// What a stream can be for. "Default" is no purpose: what comes first is it.
enum {
    PURPOSES = AV_DISPOSITION_DUB | AV_DISPOSITION_ORIGINAL | AV_DISPOSITION_COMMENT |
               AV_DISPOSITION_LYRICS | AV_DISPOSITION_KARAOKE | AV_DISPOSITION_FORCED |
               AV_DISPOSITION_HEARING_IMPAIRED | AV_DISPOSITION_VISUAL_IMPAIRED |
               AV_DISPOSITION_CLEAN_EFFECTS | AV_DISPOSITION_CAPTIONS | AV_DISPOSITION_DESCRIPTIONS,
    TEXT_BYTES = 512,
};

static const struct container *find_container(const struct rl_mux *mux)
{
    for (size_t i = 0; i < sizeof containers / sizeof *containers; i++)
        if (av_match_name(mux->container->name, containers[i].names))
            return &containers[i];
    return NULL;
}

static int purposes_of(const struct container *container, const struct rl_mux *mux)
{
    const bool quicktime = !strcmp(mux->container->name, "mov");
    return rl_header_is_mov(mux) ? rl_tracks_carry(quicktime) : container->purposes;
}

static void add_purposes(char *text, size_t size, const AVStream *stream, int said)
{
    int lost = stream->disposition & PURPOSES & ~said;
    // FFmpeg calls each of these two by both names.
    if (stream->disposition & said & AV_DISPOSITION_HEARING_IMPAIRED)
        lost &= ~AV_DISPOSITION_CAPTIONS;
    if (stream->disposition & said & AV_DISPOSITION_VISUAL_IMPAIRED)
        lost &= ~AV_DISPOSITION_DESCRIPTIONS;
    for (; lost; lost &= lost - 1) {
        const char *name = av_disposition_to_string(lost & -lost);
        rl_str_add(text, size, "%sstream %d is \"%s\"", *text ? ", " : "", stream->index,
                   name ? name : "special");
    }
}

static void add_entry(char *text, size_t size, const AVStream *stream, const char *key)
{
    const AVDictionaryEntry *entry = av_dict_get(stream->metadata, key, NULL, 0);
    if (entry && *entry->value && strcmp(entry->value, "und") != 0)
        rl_str_add(text, size, "%sthe %s of stream %d", *text ? ", " : "", key, stream->index);
}

// A language such as "pt-BR" where only "por" can be said.
static void add_language(char *text, size_t size, const AVStream *stream)
{
    const AVDictionaryEntry *tag = av_dict_get(stream->metadata, RL_LANGUAGE_TAG, NULL, 0);
    if (tag && strchr(tag->value, '-'))
        rl_str_add(text, size, "%sthat the language of stream %d is %s", *text ? ", " : "",
                   stream->index, tag->value);
}

// Said anew by every muxer, or of no use outside the file that it stands in.
static bool is_technical(const char *key, bool is_stream)
{
    static const char *const names[] = {
        "encoder",        "creation_time", "duration",     "timecode",  "major_brand",
        "minor_version",  "software",      "handler_name", "vendor_id", "language",
        "time_reference", "stereo_mode",   RL_LANGUAGE_TAG};
    static const char *const ends[] = {"_uid", "_umid", "_ul", "_brands", "_version_num"};
    // The last are Matroska's statistics of a track and what is said of it elsewhere.
    static const char *const starts[] = {"_STATISTICS_", "BPS",         "DURATION",   "NUMBER_OF_",
                                         "rotate",       "stereo_mode", "alpha_mode", "title",
                                         "filename",     "mimetype"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcasecmp(key, names[i]))
            return true;
    for (size_t i = 0; is_stream && i < sizeof starts / sizeof *starts; i++)
        if (rl_str_starts(key, starts[i]))
            return true;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (rl_str_ends(key, ends[i]))
            return true;
    return false;
}

// FFmpeg gives what has a language twice: as "title" and as "title-eng".
static bool is_twin(const AVDictionary *tags, const char *key)
{
    const size_t length = strlen(key);
    char base[64];
    if (length < 5 || length >= sizeof base || key[length - 4] != '-')
        return false;
    memcpy(base, key, length - 4);
    base[length - 4] = 0;
    return av_dict_get(tags, base, NULL, 0);
}

int rl_unsaid_tags(const struct rl_mux *mux, AVDictionary **tags)
{
    const struct container *container = find_container(mux);
    const AVDictionaryEntry *tag = NULL;
    if (!container || !container->tags || !mux->params->copy_streams || !mux->source->demuxer ||
        (rl_header_is_mov(mux) && rl_header_keeps_keys(mux)))
        return 0;
    int failed = 0;
    while (failed >= 0 &&
           (tag = av_dict_get(mux->source->demuxer->metadata, "", tag, AV_DICT_IGNORE_SUFFIX)))
        if (!is_technical(tag->key, false) && !is_twin(mux->source->demuxer->metadata, tag->key) &&
            !av_match_name(tag->key, container->tags))
            failed = av_dict_set(tags, tag->key, tag->value, 0);
    return failed < 0 ? failed : 0;
}

static void add_stream_tags(char *text, size_t size, const AVStream *stream)
{
    const AVDictionaryEntry *tag = NULL;
    while ((tag = av_dict_get(stream->metadata, "", tag, AV_DICT_IGNORE_SUFFIX)))
        if (!is_technical(tag->key, true))
            rl_str_add(text, size, "%s%.40s of stream %d", *text ? ", " : "", tag->key,
                       stream->index);
}

static void add_tags(char *text, size_t size, const struct rl_mux *mux)
{
    AVDictionary *tags = NULL;
    const AVDictionaryEntry *tag = NULL;
    int count = 0;
    (void)rl_unsaid_tags(mux, &tags);
    while (!rl_unsaid_takes_tags(mux) && (tag = av_dict_get(tags, "", tag, AV_DICT_IGNORE_SUFFIX)))
        rl_str_add(text, size, "%s%s%.40s", *text ? ", " : "", count++ ? "" : "the tags ",
                   tag->key);
    av_dict_free(&tags);
}

bool rl_unsaid_takes_tags(const struct rl_mux *mux)
{
    return rl_header_is_mov(mux) && !av_match_name(mux->container->name, "3gp,3g2");
}

void rl_unsaid_tell(const struct rl_mux *mux)
{
    char text[TEXT_BYTES] = "";
    const struct container *container = find_container(mux);
    if (!container || !mux->params->copy_streams || !mux->source->demuxer)
        return;
    for (size_t i = 0; i < mux->copies.count; i++) {
        const AVStream *stream = mux->source->demuxer->streams[i];
        const enum rl_fate fate = mux->copies.list[i].fate;
        if (fate == RL_FATE_OUT || fate == RL_FATE_COVER)
            continue;
        if (!container->titles)
            add_entry(text, sizeof text, stream, "title");
        if (!container->languages)
            add_entry(text, sizeof text, stream, "language");
        else if (!rl_header_takes_language_tags(mux))
            add_language(text, sizeof text, stream);
        add_purposes(text, sizeof text, stream, purposes_of(container, mux));
        if (!av_match_name(mux->container->name, "matroska,webm,nut,ogg,ogv"))
            add_stream_tags(text, sizeof text, stream);
    }
    add_tags(text, sizeof text, mux);
    if (*text)
        rl_warn(mux->params->log, "%s: left out, as %s files have no word for it: %s%s",
                mux->source->path, mux->container->name, text,
                rl_str_ends(container->names, "matroska") ? "" : " (.mkv can say it)");
}
