// SPDX-License-Identifier: MIT
//
// What Matroska says of its tracks: elements are built here, byte by byte; whole films are looked
// at by tests/cli/test_words.py and test_layout.py.
#include "bytes.h"
#include "check.h"

#include "media/language.h"
#include "media/mkv_tracks.h"

#include <stdlib.h>
#include <string.h>

static void put_element(struct bytes *b, const char *id, const void *body, size_t size)
{
    const uint8_t length[2] = {(uint8_t)(0x40 | size >> 8), (uint8_t)size};
    put(b, id, strlen(id));
    put(b, length, size > 126 ? 2 : 0);
    if (size <= 126)
        put(b, &(uint8_t){(uint8_t)(0x80 | size)}, 1);
    put(b, body, size);
}

#define TRACKS "\x16\x54\xAE\x6B"
#define TRACK "\xAE"
#define TYPE "\x83"
#define CODEC "\x86"
#define LANGUAGE "\x22\xB5\x9C"
#define LANGUAGE_TAG "\x22\xB5\x9D"
#define VIDEO "\xE0"
#define STEREO_MODE "\x53\xB8"
#define CRC "\xBF"

static void put_text(struct bytes *b, const char *id, const char *text)
{
    put_element(b, id, text, strlen(text));
}

static void put_track(struct bytes *b, uint8_t type, const char *codec, const char *id,
                      const char *language)
{
    struct bytes track = {.size = 0};
    put_element(&track, TYPE, &type, 1);
    if (codec)
        put_text(&track, CODEC, codec);
    if (language)
        put_text(&track, id, language);
    put_element(b, TRACK, track.data, track.size);
}

static struct bytes in_tracks(const struct bytes *inside)
{
    struct bytes all = {.size = 0};
    put_element(&all, TRACKS, inside->data, inside->size);
    return all;
}

static AVFormatContext *make_demuxer(const enum AVMediaType *types, int count)
{
    AVFormatContext *demuxer = avformat_alloc_context();
    for (int i = 0; i < count; i++)
        avformat_new_stream(demuxer, NULL)->codecpar->codec_type = types[i];
    return demuxer;
}

static const char *tag_of(const AVFormatContext *demuxer, unsigned stream)
{
    const AVDictionaryEntry *tag = av_dict_get(demuxer->streams[stream]->metadata, RL_LANGUAGE_TAG,
                                               NULL, 0);
    return tag ? tag->value : "none";
}

static void tags_are_read(void)
{
    static const enum AVMediaType types[] = {AVMEDIA_TYPE_VIDEO, AVMEDIA_TYPE_SUBTITLE,
                                             AVMEDIA_TYPE_SUBTITLE, AVMEDIA_TYPE_AUDIO};
    struct bytes inside = {.size = 0};
    put_track(&inside, 1, "V_VP9", LANGUAGE, "eng");
    put_track(&inside, 0x12, "B_VOBBTN", LANGUAGE_TAG, "fr");  // buttons: no stream
    put_track(&inside, 0x11, "S_TEXT/UTF8", LANGUAGE_TAG, "pt-BR");
    put_track(&inside, 2, NULL, LANGUAGE_TAG, "de");  // of no codec: no stream
    put_track(&inside, 0x11, "S_TEXT/UTF8", LANGUAGE_TAG, "zh=Hant");
    put_track(&inside, 0x11, "S_TEXT/UTF8", LANGUAGE_TAG, "sr-Latn");  // FFmpeg says it is sound
    const struct bytes tracks = in_tracks(&inside);
    AVFormatContext *demuxer = make_demuxer(types, 4);
    CHECK_INT(rl_mkv_tracks_read_element(demuxer, tracks.data, tracks.size), 0);
    CHECK_TEXT(tag_of(demuxer, 0), "none");
    CHECK_TEXT(tag_of(demuxer, 1), "pt-BR");
    CHECK_TEXT(tag_of(demuxer, 2), "none");
    CHECK_TEXT(tag_of(demuxer, 3), "none");
    avformat_free_context(demuxer);
}

static void languages_hold_and_take_their_place(void)
{
    static const struct {
        const char *code, *tag, *as;
    } cases[] = {{"por", "pt-BR", "por"}, {NULL, "yue", "und"}, {"chinese", "zh-Hant-HK", "und"}};
    for (size_t i = 0; i < 3; i++) {
        AVDictionary *words = NULL;
        CHECK_INT(rl_mkv_tracks_hold(&words), 0);
        CHECK(!words);
        if (cases[i].code)
            CHECK_INT(av_dict_set(&words, "language", cases[i].code, 0), 0);
        CHECK_INT(av_dict_set(&words, RL_LANGUAGE_TAG, cases[i].tag, 0), 0);
        CHECK_INT(rl_mkv_tracks_hold(&words), 0);
        CHECK(!av_dict_get(words, RL_LANGUAGE_TAG, NULL, 0));
        struct bytes inside = {.size = 0}, wanted = {.size = 0};
        put_track(&inside, 2, "A_OPUS", LANGUAGE, av_dict_get(words, "language", NULL, 0)->value);
        struct bytes tracks = in_tracks(&inside);
        CHECK(rl_mkv_tracks_replace(tracks.data, tracks.size, 0));
        put_text(&wanted, LANGUAGE, cases[i].as);
        put_text(&wanted, LANGUAGE_TAG, cases[i].tag);
        CHECK(!memcmp(tracks.data + tracks.size - wanted.size, wanted.data, wanted.size));
        av_dict_free(&words);
    }
}

static void what_holds_no_place_stays(void)
{
    static const char *const languages[] = {"eng",        "=...",     "eng=...",   "eng=en",
                                            "eng=e!n...", "eng=-...", "a=b=cc...", ""};
    for (size_t i = 0; i < sizeof languages / sizeof *languages; i++) {
        struct bytes inside = {.size = 0};
        put_track(&inside, 2, "A_OPUS", LANGUAGE, languages[i]);
        struct bytes tracks = in_tracks(&inside), before = tracks;
        CHECK(rl_mkv_tracks_replace(tracks.data, tracks.size, 0));
        CHECK(!memcmp(tracks.data, before.data, tracks.size));
    }
}

static struct bytes make_stereo(void)
{
    struct bytes video = {.size = 0}, track = {.size = 0}, inside = {.size = 0};
    put_element(&inside, CRC, "\0\0\0\0", 4);
    put_track(&inside, 2, "A_OPUS", STEREO_MODE, "x");  // not where it belongs
    put_element(&video, STEREO_MODE, "\5", 1);
    put_element(&track, VIDEO, video.data, video.size);
    put_element(&inside, TRACK, track.data, track.size);
    return in_tracks(&inside);
}

static void stereo_modes_and_sums_are_set(void)
{
    struct bytes tracks = make_stereo(), before = tracks;
    CHECK(rl_mkv_tracks_replace(tracks.data, tracks.size, 10));
    CHECK_INT(tracks.data[tracks.size - 1], 10);
    // Identifier, size; identifier, size and sum of the checksum.
    const size_t sum = 4 + 1 + 2;
    CHECK(memcmp(tracks.data + sum, before.data + sum, 4) != 0);
    memcpy(before.data + sum, tracks.data + sum, 4);
    before.data[before.size - 1] = 10;
    CHECK(!memcmp(tracks.data, before.data, tracks.size));
    // Where there is no such place, that is told.
    struct bytes inside = {.size = 0};
    put_track(&inside, 1, "V_VP9", LANGUAGE, "eng");
    struct bytes plain = in_tracks(&inside);
    CHECK(rl_mkv_tracks_replace(plain.data, plain.size, 0));
    CHECK(!rl_mkv_tracks_replace(plain.data, plain.size, 10));
}

// Bytes are replaced one by one, and the file cut short; the sanitizers watch.
static void sizes_are_not_believed(void)
{
    const struct bytes tracks = make_stereo();
    static const enum AVMediaType types[] = {AVMEDIA_TYPE_AUDIO, AVMEDIA_TYPE_VIDEO};
    AVFormatContext *demuxer = make_demuxer(types, 2);
    for (size_t size = 0; size <= tracks.size; size++)
        for (int value = 0; value < 256; value += size < tracks.size ? 1 : 256) {
            uint8_t *copy = malloc(size + 1);
            CHECK(copy);
            memcpy(copy, tracks.data, size);
            if (size)
                copy[(size_t)value % size] ^= (uint8_t)value;
            (void)rl_mkv_tracks_replace(copy, size, 10);
            CHECK_INT(rl_mkv_tracks_read_element(demuxer, copy, size), 0);
            free(copy);
        }
    avformat_free_context(demuxer);
}

int main(void)
{
    RUN(tags_are_read);
    RUN(languages_hold_and_take_their_place);
    RUN(what_holds_no_place_stays);
    RUN(stereo_modes_and_sums_are_set);
    RUN(sizes_are_not_believed);
    return check_result();
}
