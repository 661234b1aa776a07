// SPDX-License-Identifier: MIT
#include "media/mkv_tracks.h"

#include "base/file.h"
#include "media/ebml.h"
#include "media/language.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libavutil/crc.h>

enum {
    ID_TRACKS = 0x1654AE6B,
    ID_TRACK = 0xAE,
    ID_TYPE = 0x83,
    ID_CODEC = 0x86,
    ID_LANGUAGE = 0x22B59C,
    ID_LANGUAGE_TAG = 0x22B59D,
    ID_VIDEO = 0xE0,
    ID_STEREO_MODE = 0x53B8,
    TRACKS_MAX = 1 << 24,
};

// The Tracks element of an open file. NULL with `place` 0: there is none; else memory is short.
static uint8_t *read_tracks(int fd, uint64_t *place, size_t *size)
{
    struct rl_element element;
    *place = 0;
    if (!rl_ebml_find(&element, fd, ID_TRACKS) || element.size > TRACKS_MAX)
        return NULL;
    *place = element.at;
    *size = (size_t)(rl_element_end(&element) - element.at);
    uint8_t *data = malloc(*size);
    if (data && !rl_read_at(fd, data, *size, *place)) {
        free(data);
        *place = 0;
        return NULL;
    }
    return data;
}

// ---------------------------------------------------------------------------------------------
// Reading

struct track {
    enum AVMediaType type;  // unknown: FFmpeg makes no stream of it
    char tag[RL_LANGUAGE_BYTES];
};

static enum AVMediaType type_of(uint64_t type)
{
    switch (type) {
    case 1:
        return AVMEDIA_TYPE_VIDEO;
    case 2:
        return AVMEDIA_TYPE_AUDIO;
    case 0x11:
        return AVMEDIA_TYPE_SUBTITLE;
    case 0x21:
        return AVMEDIA_TYPE_DATA;
    default:
        return AVMEDIA_TYPE_UNKNOWN;
    }
}

static struct track read_track(const uint8_t *data, const struct rl_element *track)
{
    struct track read = {.type = AVMEDIA_TYPE_UNKNOWN};
    struct rl_element field;
    const size_t end = (size_t)rl_element_end(track);
    bool has_codec = false;
    for (uint64_t at = track->body; rl_element_next(&field, data, end, at);
         at = rl_element_end(&field)) {
        const char *text = (const char *)data + field.body;
        const size_t length = strnlen(text, (size_t)field.size);
        has_codec |= field.id == ID_CODEC;
        if (field.id == ID_TYPE)
            read.type = type_of(rl_element_value(&field, data));
        if (field.id == ID_LANGUAGE_TAG && rl_language_is_tag(text, length))
            memcpy(read.tag, text, length);
    }
    if (!has_codec)
        read.type = AVMEDIA_TYPE_UNKNOWN;
    return read;
}

static int name_stream(AVFormatContext *demuxer, unsigned index, const struct track *track)
{
    if (index >= demuxer->nb_streams || !*track->tag ||
        demuxer->streams[index]->codecpar->codec_type != track->type)
        return 0;
    int failed = av_dict_set(&demuxer->streams[index]->metadata, RL_LANGUAGE_TAG, track->tag, 0);
    return failed < 0 ? failed : 0;
}

// FFmpeg makes its streams in the order of the tracks, and those of covers and fonts after them.
int rl_mkv_tracks_read_element(AVFormatContext *demuxer, const uint8_t *tracks, size_t size)
{
    struct rl_element all, element;
    unsigned index = 0;
    int failed = 0;
    if (!rl_element_next(&all, tracks, size, 0) || all.id != ID_TRACKS)
        return 0;
    for (uint64_t at = all.body; !failed && rl_element_next(&element, tracks, size, at);
         at = rl_element_end(&element)) {
        struct track track = {.type = AVMEDIA_TYPE_UNKNOWN};
        if (element.id == ID_TRACK)
            track = read_track(tracks, &element);
        if (track.type != AVMEDIA_TYPE_UNKNOWN)
            failed = name_stream(demuxer, index++, &track);
    }
    return failed;
}

int rl_mkv_tracks_read(AVFormatContext *demuxer, int fd)
{
    uint64_t place;
    size_t size = 0;
    uint8_t *tracks = read_tracks(fd, &place, &size);
    if (!tracks)
        return place ? AVERROR(ENOMEM) : 0;
    int failed = rl_mkv_tracks_read_element(demuxer, tracks, size);
    free(tracks);
    return failed;
}

// ---------------------------------------------------------------------------------------------
// Writing

// "por=pt-BR...": of Language's four bytes of head and these, two elements are made with four each.
static const char held_form[] = "%s=%s...";
enum { HELD_END = 3 };

int rl_mkv_tracks_hold(AVDictionary **words)
{
    char held[2 * RL_LANGUAGE_BYTES];
    const AVDictionaryEntry *code = av_dict_get(*words, "language", NULL, 0);
    const AVDictionaryEntry *tag = av_dict_get(*words, RL_LANGUAGE_TAG, NULL, 0);
    if (!tag)
        return 0;
    const char *letters = code && strlen(code->value) == 3 ? code->value : "und";
    int size = snprintf(held, sizeof held, held_form, letters, tag->value);
    bool fits = size > 0 && (size_t)size < sizeof held;
    int failed = fits ? av_dict_set(words, "language", held, 0) : 0;
    return failed < 0 ? failed : av_dict_set(words, RL_LANGUAGE_TAG, NULL, 0);
}

static void replace_language(uint8_t *data, const struct rl_element *language)
{
    char *text = (char *)data + language->body;
    const size_t size = (size_t)language->size;
    const char *equals = memchr(text, '=', size);
    const size_t code = equals ? (size_t)(equals - text) : 0;
    if (!equals || size < code + 1 + HELD_END || language->body - language->at != 4 ||
        memcmp(text + size - HELD_END, "...", HELD_END) != 0)
        return;
    char tag[RL_LANGUAGE_BYTES];
    const size_t length = size - code - 1 - HELD_END;
    if (!rl_language_is_tag(equals + 1, length))
        return;
    memcpy(tag, equals + 1, length);
    data[language->at + 3] = (uint8_t)(0x80 | code);
    const uint8_t head[] = {0x22, 0xB5, 0x9D, (uint8_t)(0x80 | length)};
    memcpy(text + code, head, sizeof head);
    memcpy(text + code + sizeof head, tag, length);
}

// True when the mode was put in.
static bool replace_inside(uint8_t *data, const struct rl_element *parent, int stereo_mode)
{
    struct rl_element element;
    const size_t end = (size_t)rl_element_end(parent);
    bool is_set = false;
    for (uint64_t at = parent->body; rl_element_next(&element, data, end, at);
         at = rl_element_end(&element)) {
        if ((element.id == ID_TRACK && parent->id == ID_TRACKS) ||
            (element.id == ID_VIDEO && parent->id == ID_TRACK))
            is_set |= replace_inside(data, &element, is_set ? 0 : stereo_mode);
        if (element.id == ID_LANGUAGE && parent->id == ID_TRACK)
            replace_language(data, &element);
        if (element.id == ID_STEREO_MODE && parent->id == ID_VIDEO && element.size == 1 &&
            stereo_mode && !is_set) {
            data[element.body] = (uint8_t)stereo_mode;
            is_set = true;
        }
    }
    return is_set;
}

// A checksum that stands first covers what follows it.
static void sum(uint8_t *tracks, size_t size)
{
    struct rl_element all, crc;
    if (!rl_element_next(&all, tracks, size, 0) || !rl_element_next(&crc, tracks, size, all.body) ||
        crc.id != RL_EBML_CRC || crc.size != 4)
        return;
    const uint64_t from = rl_element_end(&crc);
    const uint32_t sum = ~av_crc(av_crc_get_table(AV_CRC_32_IEEE_LE), UINT32_MAX, tracks + from,
                                 (size_t)(rl_element_end(&all) - from));
    for (int i = 0; i < 4; i++)
        tracks[crc.body + (unsigned)i] = (uint8_t)(sum >> 8 * i);
}

bool rl_mkv_tracks_replace(uint8_t *tracks, size_t size, int stereo_mode)
{
    struct rl_element all;
    if (!rl_element_next(&all, tracks, size, 0) || all.id != ID_TRACKS)
        return !stereo_mode;
    const bool is_set = replace_inside(tracks, &all, stereo_mode);
    sum(tracks, size);
    return is_set || !stereo_mode;
}

static int finish(int fd, int stereo_mode)
{
    uint64_t place;
    size_t size = 0;
    uint8_t *tracks = read_tracks(fd, &place, &size);
    if (!tracks)
        return place ? ENOMEM : stereo_mode ? EINVAL : 0;
    int cause = rl_mkv_tracks_replace(tracks, size, stereo_mode) ? 0 : EINVAL;
    if (!cause && !rl_write_at(fd, tracks, size, place))
        cause = errno;
    free(tracks);
    return cause;
}

int rl_mkv_tracks_finish(const char *path, int stereo_mode)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return errno;
    int cause = finish(fd, stereo_mode);
    if (close(fd) < 0 && !cause)
        cause = errno;
    return cause;
}
