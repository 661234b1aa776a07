// SPDX-License-Identifier: MIT
#include "media/unsaid.h"

#include "base/str.h"
#include "media/tags.h"
#include "media/tracks.h"

#include <strings.h>

#include <libavutil/avstring.h>

// Others (single pictures in motion, bare streams) carry nothing of this, and nobody expects it.
static const struct container {
    const char *names;
    int purposes;  // AV_DISPOSITION_* that it can say
    bool titles, languages, tags;
} containers[] = {
    {"matroska",
     AV_DISPOSITION_FORCED | AV_DISPOSITION_HEARING_IMPAIRED | AV_DISPOSITION_VISUAL_IMPAIRED |
         AV_DISPOSITION_DESCRIPTIONS | AV_DISPOSITION_CAPTIONS | AV_DISPOSITION_ORIGINAL |
         AV_DISPOSITION_DUB | AV_DISPOSITION_COMMENT,
     true, true, true},
    {"webm", AV_DISPOSITION_FORCED, true, true, true},
    {RL_TAGS_MOV, 0, true, true, true},
    {"nut",
     AV_DISPOSITION_ORIGINAL | AV_DISPOSITION_DUB | AV_DISPOSITION_COMMENT | AV_DISPOSITION_LYRICS |
         AV_DISPOSITION_KARAOKE,
     true, true, true},
    {"mpegts",
     AV_DISPOSITION_HEARING_IMPAIRED | AV_DISPOSITION_VISUAL_IMPAIRED |
         AV_DISPOSITION_CLEAN_EFFECTS,
     false, true, false},
    {"avi", 0, true, false, true},
    {"ogg,ogv", 0, true, true, true},
    {"asf", 0, false, true, true},
    {"flv", 0, false, false, true},
    {"mpeg,vob,dvd,svcd,vcd,mxf", 0, false, false, false},
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
    return av_match_name("mov", container->names) ? rl_tracks_carry(quicktime)
                                                  : container->purposes;
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

// Said anew by every muxer, or of no use outside the file that it stands in.
static bool is_technical(const char *key)
{
    static const char *const names[] = {
        "encoder",  "creation_time", "duration",  "timecode", "major_brand",   "minor_version",
        "software", "handler_name",  "vendor_id", "language", "time_reference"};
    static const char *const ends[] = {"_uid", "_umid", "_ul", "_brands", "_version_num"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcasecmp(key, names[i]))
            return true;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (rl_str_ends(key, ends[i]))
            return true;
    return false;
}

// AVI has few words, and a transport stream takes the title for the name of a service.
static bool carries_tag(const struct container *container, const char *key)
{
    static const char *const avi[] = {"title", "artist",   "comment", "copyright", "date",
                                      "genre", "language", "album",   "track",     "encoded_by"};
    const bool is_avi = !strcmp(container->names, "avi");
    if (!strcmp(container->names, "mpegts"))
        return !strcasecmp(key, "title") || rl_str_starts(key, "service_");
    for (size_t i = 0; is_avi && i < sizeof avi / sizeof *avi; i++)
        if (!strcasecmp(key, avi[i]))
            return true;
    return container->tags && !is_avi;
}

static void add_tags(char *text, size_t size, const struct rl_mux *mux,
                     const struct container *container)
{
    const AVDictionaryEntry *tag = NULL;
    int count = 0;
    while ((tag = av_dict_get(mux->source->demuxer->metadata, "", tag, AV_DICT_IGNORE_SUFFIX)))
        if (!is_technical(tag->key) && !carries_tag(container, tag->key))
            rl_str_add(text, size, "%s%s%.40s", *text ? ", " : "", count++ ? "" : "the tags ",
                       tag->key);
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
        add_purposes(text, sizeof text, stream, purposes_of(container, mux));
    }
    add_tags(text, sizeof text, mux, container);
    if (*text)
        rl_warn(mux->params->log, "%s: left out, as %s files have no word for it: %s%s",
                mux->source->path, mux->container->name, text,
                rl_str_ends(container->names, "matroska") ? "" : " (.mkv can say it)");
}
