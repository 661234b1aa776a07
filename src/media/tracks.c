// SPDX-License-Identifier: MIT
#include "media/tracks.h"

#include "base/file.h"
#include "media/language.h"

#include <stdlib.h>
#include <string.h>

#include <libavutil/avstring.h>

enum {
    MOOV = RL_BOX('m', 'o', 'o', 'v'),
    TRAK = RL_BOX('t', 'r', 'a', 'k'),
    TKHD = RL_BOX('t', 'k', 'h', 'd'),
    UDTA = RL_BOX('u', 'd', 't', 'a'),
    META = RL_BOX('m', 'e', 't', 'a'),
    ILST = RL_BOX('i', 'l', 's', 't'),
    DATA = RL_BOX('d', 'a', 't', 'a'),
    NAME = RL_BOX('n', 'a', 'm', 'e'),
    TITL = RL_BOX('t', 'i', 't', 'l'),
    KIND = RL_BOX('k', 'i', 'n', 'd'),
    TAGC = RL_BOX('t', 'a', 'g', 'c'),
    MDIA = RL_BOX('m', 'd', 'i', 'a'),
    MINF = RL_BOX('m', 'i', 'n', 'f'),
    ELNG = RL_BOX('e', 'l', 'n', 'g'),
    STBL = RL_BOX('s', 't', 'b', 'l'),
    STSD = RL_BOX('s', 't', 's', 'd'),
    TX3G = RL_BOX('t', 'x', '3', 'g'),
    TITLE_MAX = 4096,
    MOOV_MAX = 1 << 28,
    BOXES_MAX = 1 << 16,  // in front of the moov
};

static const uint32_t itunes_name = RL_BOX(0xa9, 'n', 'a', 'm');

// Where a flag has two names, QuickTime's are read each and written both.
static const struct {
    int disposition;
    const char *role, *characteristic;
} purposes[] = {
    {AV_DISPOSITION_HEARING_IMPAIRED, "caption", "public.accessibility.transcribes-spoken-dialog"},
    {AV_DISPOSITION_HEARING_IMPAIRED, NULL, "public.accessibility.describes-music-and-sound"},
    {AV_DISPOSITION_CAPTIONS, "caption", NULL},
    {AV_DISPOSITION_VISUAL_IMPAIRED, "description", "public.accessibility.describes-video"},
    {AV_DISPOSITION_DESCRIPTIONS, "description", NULL},
    {AV_DISPOSITION_COMMENT, "commentary", "public.auxiliary-content"},
    {AV_DISPOSITION_DUB, "dub", "public.translation.dubbed"},
    {AV_DISPOSITION_FORCED, "forced-subtitle", "public.subtitles.forced-only"},
    {AV_DISPOSITION_ORIGINAL, NULL, "public.original-content"},
};

enum { PURPOSES = sizeof purposes / sizeof *purposes };

// ---------------------------------------------------------------------------------------------
// Reading

static bool is_utf8(const uint8_t *text, size_t size)
{
    const uint8_t *end = text + size;
    int32_t code;
    while (text < end)
        if (av_utf8_decode(&code, &text, end, 0) < 0)
            return false;
    return true;
}

// A copy of what follows the first `head` bytes of the body. 0 without *title when that is no text.
static int copy_text(char **title, const struct rl_box *box, size_t head)
{
    if (box->body_size <= head || box->body_size - head > TITLE_MAX)
        return 0;
    const uint8_t *text = box->body + head;
    size_t size = strnlen((const char *)text, box->body_size - head);
    if (!size || !is_utf8(text, size))
        return 0;
    *title = malloc(size + 1);
    if (!*title)
        return AVERROR(ENOMEM);
    memcpy(*title, text, size);
    (*title)[size] = 0;
    return 0;
}

// iTunes' way: meta, a full box in MP4 and a plain one in QuickTime, has a list of named data.
static bool find_itunes_name(struct rl_box *data, const struct rl_box *udta)
{
    struct rl_box meta, list, item;
    if (!rl_box_find(&meta, udta, META))
        return false;
    if (meta.body_size >= 4 && !rl_box_get32(meta.body)) {
        meta.body += 4;
        meta.body_size -= 4;
    }
    return rl_box_find(&list, &meta, ILST) && rl_box_find(&item, &list, itunes_name) &&
           rl_box_find(data, &item, DATA);
}

static int find_title(char **title, const struct rl_box *udta)
{
    struct rl_box box;
    int failed = 0;
    *title = NULL;
    if (rl_box_find(&box, udta, NAME))
        failed = copy_text(title, &box, 0);
    if (!failed && !*title && rl_box_find(&box, udta, TITL))
        failed = copy_text(title, &box, 6);  // behind version, flags and language
    if (!failed && !*title && rl_box_find(&box, udta, itunes_name))
        failed = copy_text(title, &box, 4);  // behind size and language
    if (!failed && !*title && find_itunes_name(&box, udta))
        failed = copy_text(title, &box, 8);  // behind type and language
    return failed;
}

static int find_purposes(const struct rl_box *udta)
{
    const uint8_t *at = udta->body, *end = at + udta->body_size;
    struct rl_box box;
    int found = 0;
    for (; rl_box_next(&box, at, (size_t)(end - at)); at += box.size)
        for (int i = 0; box.type == TAGC && i < PURPOSES; i++) {
            const char *name = purposes[i].characteristic;
            const size_t size = strnlen((const char *)box.body, box.body_size);
            if (name && size == strlen(name) && !memcmp(box.body, name, size))
                found |= purposes[i].disposition;
        }
    return found;
}

static bool is_forced(const struct rl_box *trak)
{
    struct rl_box box = *trak;
    if (!rl_box_find(&box, &box, MDIA) || !rl_box_find(&box, &box, MINF) ||
        !rl_box_find(&box, &box, STBL) || !rl_box_find(&box, &box, STSD) || box.body_size < 8)
        return false;
    return rl_box_next(&box, box.body + 8, box.body_size - 8) && box.type == TX3G &&
           box.size >= 20 && box.data[16] & 0x80;
}

static AVStream *find_stream(const AVFormatContext *demuxer, const struct rl_box *trak)
{
    struct rl_box tkhd;
    if (!rl_box_find(&tkhd, trak, TKHD) || tkhd.body_size < 24)
        return NULL;
    const uint32_t id = rl_box_get32(tkhd.body + (tkhd.body[0] == 1 ? 20 : 12));
    for (unsigned i = 0; i < demuxer->nb_streams; i++)
        if (demuxer->streams[i]->id == (int)id)
            return demuxer->streams[i];
    return NULL;
}

static int read_language(AVStream *stream, const struct rl_box *trak)
{
    struct rl_box box;
    char *tag = NULL;
    if (!rl_box_find(&box, trak, MDIA) || !rl_box_find(&box, &box, ELNG))
        return 0;
    int failed = copy_text(&tag, &box, 4);  // behind version and flags
    if (tag && rl_language_is_tag(tag, strlen(tag)))
        failed = av_dict_set(&stream->metadata, RL_LANGUAGE_TAG, tag, 0);
    free(tag);
    return failed < 0 ? failed : 0;
}

static int read_track(const AVFormatContext *demuxer, const struct rl_box *trak)
{
    AVStream *stream = find_stream(demuxer, trak);
    struct rl_box udta;
    char *title = NULL;
    if (!stream)
        return 0;
    if (is_forced(trak))
        stream->disposition |= AV_DISPOSITION_FORCED;
    int failed = read_language(stream, trak);
    if (failed || !rl_box_find(&udta, trak, UDTA))
        return failed;
    stream->disposition |= find_purposes(&udta);
    failed = find_title(&title, &udta);
    if (title)
        failed = av_dict_set(&stream->metadata, "title", title, AV_DICT_DONT_OVERWRITE);
    free(title);
    return failed < 0 ? failed : 0;
}

int rl_tracks_read_moov(AVFormatContext *demuxer, const uint8_t *moov, size_t size)
{
    struct rl_box box, child;
    int failed = 0;
    if (!rl_box_next(&box, moov, size) || box.type != MOOV)
        return 0;
    const uint8_t *at = box.body, *end = at + box.body_size;
    for (; !failed && rl_box_next(&child, at, (size_t)(end - at)); at += child.size)
        if (child.type == TRAK)
            failed = read_track(demuxer, &child);
    return failed;
}

int rl_tracks_read(AVFormatContext *demuxer, int fd)
{
    uint8_t head[16];
    uint64_t at = 0, size = 0;
    bool found = false;
    for (int i = 0; i < BOXES_MAX && !found && rl_read_at(fd, head, sizeof head, at); i++) {
        size = rl_box_get32(head);
        if (size == 1)
            size = rl_box_get64(head + 8);
        found = rl_box_get32(head + 4) == MOOV;
        if (size < 8 || size > (uint64_t)INT64_MAX - at)
            return 0;
        at += found ? 0 : size;
    }
    if (!found || size > MOOV_MAX)
        return 0;
    uint8_t *moov = malloc(size);
    if (!moov)
        return AVERROR(ENOMEM);
    int failed = rl_read_at(fd, moov, size, at) ? rl_tracks_read_moov(demuxer, moov, size) : 0;
    free(moov);
    return failed;
}

// ---------------------------------------------------------------------------------------------
// Writing

bool rl_tracks_is_ours(uint32_t type)
{
    return type == NAME || type == KIND || type == TAGC;
}

int rl_tracks_carry(bool quicktime)
{
    int carried = 0;
    for (int i = 0; i < PURPOSES; i++)
        if (purposes[i].role || quicktime)
            carried |= purposes[i].disposition;
    return carried;
}

static void put_role(struct rl_bytes *out, const char *role)
{
    static const char scheme[] = "urn:mpeg:dash:role:2011";
    size_t kind = rl_box_begin(out, KIND);
    rl_bytes_put32(out, 0);  // version and flags
    rl_bytes_put(out, scheme, sizeof scheme);
    rl_bytes_put(out, role, strlen(role) + 1);
    rl_box_end(out, kind);
}

void rl_tracks_put(struct rl_bytes *out, const struct rl_track_words *words, bool quicktime)
{
    const char *last = NULL;
    if (words->title) {
        size_t name = rl_box_begin(out, NAME);
        rl_bytes_put(out, words->title, strlen(words->title));
        rl_box_end(out, name);
    }
    for (int i = 0; i < PURPOSES; i++) {
        const char *role = purposes[i].role, *characteristic = purposes[i].characteristic;
        if (!(words->disposition & purposes[i].disposition))
            continue;
        if (role && (!last || strcmp(last, role) != 0))
            put_role(out, role);
        last = role ? role : last;
        if (!characteristic || !quicktime)
            continue;
        size_t tagc = rl_box_begin(out, TAGC);
        rl_bytes_put(out, characteristic, strlen(characteristic));
        rl_box_end(out, tagc);
    }
}

void rl_tracks_put_language(struct rl_bytes *out, const struct rl_track_words *words)
{
    if (words->language)
        rl_box_put_full(out, ELNG, words->language, strlen(words->language) + 1);
}
