// SPDX-License-Identifier: MIT
//
// What MP4 and MOV say of their tracks: read from boxes that are built here, and written into them.
#include "check.h"

#include "media/boxes.h"
#include "media/tracks.h"

#include <stdlib.h>

static size_t begin(struct rl_bytes *b, const char *type)
{
    return rl_box_begin(b, RL_BOX(type[0], type[1], type[2], type[3]));
}

static void put_box(struct rl_bytes *b, const char *type, const void *body, size_t size)
{
    size_t box = begin(b, type);
    rl_bytes_put(b, body, size);
    rl_box_end(b, box);
}

// Of version 1, whose times are longer, where `is_long`.
static void put_header(struct rl_bytes *b, uint32_t id, bool is_long)
{
    static const uint8_t fields[60] = {0};
    size_t tkhd = begin(b, "tkhd");
    rl_bytes_put32(b, is_long ? 0x01000003 : 0x00000003);
    rl_bytes_put(b, fields, is_long ? 16 : 8);
    rl_bytes_put32(b, id);
    rl_bytes_put(b, fields, sizeof fields);
    rl_box_end(b, tkhd);
}

static void put_texts(struct rl_bytes *b, uint32_t flags)
{
    static const uint8_t fields[30] = {0};
    size_t mdia = begin(b, "mdia"), minf = begin(b, "minf"), stbl = begin(b, "stbl");
    size_t stsd = begin(b, "stsd");
    rl_bytes_put32(b, 0);
    rl_bytes_put32(b, 1);
    size_t tx3g = begin(b, "tx3g");
    rl_bytes_put(b, fields, 8);
    rl_bytes_put32(b, flags);
    rl_bytes_put(b, fields, sizeof fields);
    rl_box_end(b, tx3g);
    rl_box_end(b, stsd);
    rl_box_end(b, stbl);
    rl_box_end(b, minf);
    rl_box_end(b, mdia);
}

// `udta` stands between its braces, as it is.
static void put_track(struct rl_bytes *b, uint32_t id, const struct rl_bytes *udta)
{
    size_t trak = begin(b, "trak");
    put_header(b, id, id % 2 == 0);
    put_texts(b, id == 3 ? 0xc0000000 : 0x40000000);
    put_box(b, "udta", udta->data, udta->size);
    rl_box_end(b, trak);
}

static AVFormatContext *make_demuxer(int count)
{
    AVFormatContext *demuxer = avformat_alloc_context();
    for (int i = 0; i < count; i++)
        avformat_new_stream(demuxer, NULL)->id = i + 1;
    return demuxer;
}

static const char *title_of(const AVFormatContext *demuxer, int index)
{
    const AVDictionaryEntry *title = av_dict_get(demuxer->streams[index]->metadata, "title", NULL,
                                                 0);
    return title ? title->value : "";
}

// Reads a film of one track with these boxes in its udta.
static AVFormatContext *read_track(const struct rl_bytes *udta, uint32_t id)
{
    struct rl_bytes moov = {0};
    AVFormatContext *demuxer = make_demuxer(4);
    size_t box = begin(&moov, "moov");
    put_box(&moov, "mvhd", "header", 6);
    put_track(&moov, id, udta);
    rl_box_end(&moov, box);
    CHECK_INT(rl_tracks_read_moov(demuxer, moov.data, moov.size), 0);
    free(moov.data);
    return demuxer;
}

static void check_title(const char *type, const void *body, size_t size, const char *wanted)
{
    struct rl_bytes udta = {0};
    put_box(&udta, "free", "", 0);
    put_box(&udta, type, body, size);
    rl_bytes_put32(&udta, 0);  // QuickTime's end mark
    for (uint32_t id = 1; id <= 2; id++) {
        AVFormatContext *demuxer = read_track(&udta, id);
        CHECK_TEXT(title_of(demuxer, (int)id - 1), wanted);
        CHECK_TEXT(title_of(demuxer, 2 - (int)id), "");
        avformat_free_context(demuxer);
    }
    free(udta.data);
}

static void titles_are_read(void)
{
    check_title("name", "Commentary", 10, "Commentary");
    check_title("name", "Caf\xc3\xa9\0", 6, "Caf\xc3\xa9");
    check_title("name", "Caf\x8e of the Mac", 15, "");  // no text of today
    check_title("name", "", 0, "");
    check_title("titl", "\0\0\0\0\x15\xc7Title", 11, "Title");
    check_title("\251nam", "\0\5\0\0Title", 9, "Title");
    check_title("\251nam", "\0\5", 2, "");
    static const uint8_t item[] = "\0\0\0\x25ilst\0\0\0\x1d\251nam\0\0\0\x15"
                                  "data\0\0\0\1\0\0\0\0Title";
    check_title("meta", item, sizeof item - 1, "Title");
    uint8_t full[4 + sizeof item] = {0};
    memcpy(full + 4, item, sizeof item - 1);
    check_title("meta", full, sizeof full - 1, "Title");
}

static void a_title_that_is_known_stays(void)
{
    struct rl_bytes moov = {0}, udta = {0};
    AVFormatContext *demuxer = make_demuxer(1);
    CHECK(av_dict_set(&demuxer->streams[0]->metadata, "title", "Known", 0) >= 0);
    put_box(&udta, "name", "Other", 5);
    size_t box = begin(&moov, "moov");
    put_track(&moov, 1, &udta);
    rl_box_end(&moov, box);
    CHECK_INT(rl_tracks_read_moov(demuxer, moov.data, moov.size), 0);
    CHECK_TEXT(title_of(demuxer, 0), "Known");
    free(moov.data);
    free(udta.data);
    avformat_free_context(demuxer);
}

static void purposes_are_read(void)
{
    struct rl_bytes udta = {0};
    put_box(&udta, "tagc", "public.accessibility.describes-video", 36);
    put_box(&udta, "tagc", "public.translation.dubbed and more", 34);
    AVFormatContext *demuxer = read_track(&udta, 3);
    CHECK_INT(demuxer->streams[2]->disposition,
              AV_DISPOSITION_VISUAL_IMPAIRED | AV_DISPOSITION_FORCED);
    avformat_free_context(demuxer);
    // That some texts are forced does not make all of them so.
    demuxer = read_track(&udta, 1);
    CHECK_INT(demuxer->streams[0]->disposition, AV_DISPOSITION_VISUAL_IMPAIRED);
    avformat_free_context(demuxer);
    free(udta.data);
}

static void what_is_written_is_read(void)
{
    const struct rl_track_words words[] = {
        {1, "One", "pt-BR", AV_DISPOSITION_COMMENT | AV_DISPOSITION_ORIGINAL, false},
        {2, NULL, NULL, AV_DISPOSITION_DEFAULT, true},
        {3, "Three", NULL, AV_DISPOSITION_FORCED, true},
    };
    struct rl_boxes boxes = {rl_layout_of(RELIEF_FORMAT_ARCC), 640, 360, words, 3, NULL, true};
    struct rl_bytes moov = {0}, udta = {0};
    AVFormatContext *demuxer = make_demuxer(3);
    uint8_t *out = NULL, *again = NULL;
    size_t size = 0, again_size = 0;
    bool told;
    put_box(&udta, "name", "Before", 6);
    put_box(&udta, "vndr", "kept", 4);
    size_t box = begin(&moov, "moov");
    for (uint32_t id = 1; id <= 3; id++)
        put_track(&moov, id, &udta);
    rl_box_end(&moov, box);
    CHECK(rl_boxes_rewrite(moov.data, moov.size, &boxes, 0, false, &out, &size, &told));
    CHECK_INT(rl_tracks_read_moov(demuxer, out, size), 0);
    CHECK_TEXT(title_of(demuxer, 0), "One");
    CHECK_TEXT(title_of(demuxer, 1), "");
    CHECK_TEXT(title_of(demuxer, 2), "Three");
    CHECK_INT(demuxer->streams[0]->disposition, words[0].disposition);
    CHECK_INT(demuxer->streams[2]->disposition, AV_DISPOSITION_FORCED);
    CHECK(memmem(out, size, "vndr", 4));
    CHECK(rl_boxes_rewrite(out, size, &boxes, 0, false, &again, &again_size, &told));
    CHECK(again_size == size && !memcmp(out, again, size));
    boxes.track_count = 0;
    free(again);
    CHECK(rl_boxes_rewrite(moov.data, moov.size, &boxes, 0, false, &again, &again_size, &told));
    CHECK(again_size == moov.size && !memcmp(again, moov.data, moov.size));
    free(again);
    free(out);
    free(moov.data);
    free(udta.data);
    avformat_free_context(demuxer);
}

static void check_tags(const struct rl_bytes *moov, bool quicktime, const char *box)
{
    struct rl_boxes boxes = {.layout = rl_layout_of(RELIEF_FORMAT_ARCC), .quicktime = quicktime};
    AVDictionary *tags = NULL;
    uint8_t *out = NULL, *again = NULL;
    size_t size = 0, again_size = 0;
    bool told;
    CHECK(av_dict_set(&tags, "DIRECTOR", "Nobody", 0) >= 0);
    boxes.tags = tags;
    CHECK(rl_boxes_rewrite(moov->data, moov->size, &boxes, 0, false, &out, &size, &told));
    CHECK(memmem(out, size, box, 4) && memmem(out, size, "DIRECTOR", 8));
    CHECK(memmem(out, size, "Lavf", 4));
    CHECK(rl_boxes_rewrite(out, size, &boxes, 0, false, &again, &again_size, &told));
    CHECK(again_size == size && !memcmp(out, again, size));
    free(out);
    free(again);
    av_dict_free(&tags);
}

static void tags_of_any_name_are_written(void)
{
    static const uint8_t meta[] = "\0\0\0\0"
                                  "\0\0\0\x24ilst\0\0\0\x1c\251too\0\0\0\x14"
                                  "data\0\0\0\1\0\0\0\0Lavf";
    struct rl_bytes moov = {0};
    size_t box = begin(&moov, "moov"), udta = begin(&moov, "udta");
    put_box(&moov, "meta", meta, sizeof meta - 1);
    rl_box_end(&moov, udta);
    rl_box_end(&moov, box);
    check_tags(&moov, false, "----");
    check_tags(&moov, true, "mdta");
    free(moov.data);
}

// Every size of the file, wrong in every way: never a read outside.
static void sizes_are_not_believed(void)
{
    static const uint32_t wrong[] = {0, 1, 7, 8, 9, 15, 100, 0x7fffffff, 0x80000000, 0xffffffff};
    struct rl_bytes moov = {0}, udta = {0};
    put_box(&udta, "name", "Title", 5);
    put_box(&udta, "tagc", "public.translation.dubbed", 25);
    size_t box = begin(&moov, "moov");
    put_track(&moov, 3, &udta);
    rl_box_end(&moov, box);
    for (size_t at = 0; at + 4 <= moov.size; at++)
        for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
            AVFormatContext *demuxer = make_demuxer(3);
            uint8_t *copy = malloc(moov.size);
            memcpy(copy, moov.data, moov.size);
            for (int k = 0; k < 4; k++)
                copy[at + (size_t)k] = (uint8_t)(wrong[i] >> (24 - 8 * k));
            CHECK_INT(rl_tracks_read_moov(demuxer, copy, moov.size), 0);
            free(copy);
            avformat_free_context(demuxer);
        }
    free(moov.data);
    free(udta.data);
}

int main(void)
{
    RUN(titles_are_read);
    RUN(a_title_that_is_known_stays);
    RUN(purposes_are_read);
    RUN(what_is_written_is_read);
    RUN(tags_of_any_name_are_written);
    RUN(sizes_are_not_believed);
    return check_result();
}
