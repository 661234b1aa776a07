// SPDX-License-Identifier: MIT
#include "media/boxes.h"

#include "base/file.h"
#include "media/box.h"
#include "media/film_tags.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    FTYP = RL_BOX('f', 't', 'y', 'p'),
    MOOV = RL_BOX('m', 'o', 'o', 'v'),
    MOOF = RL_BOX('m', 'o', 'o', 'f'),
    TRAK = RL_BOX('t', 'r', 'a', 'k'),
    MDIA = RL_BOX('m', 'd', 'i', 'a'),
    MINF = RL_BOX('m', 'i', 'n', 'f'),
    MDHD = RL_BOX('m', 'd', 'h', 'd'),
    ELNG = RL_BOX('e', 'l', 'n', 'g'),
    HDLR = RL_BOX('h', 'd', 'l', 'r'),
    VIDE = RL_BOX('v', 'i', 'd', 'e'),
    STBL = RL_BOX('s', 't', 'b', 'l'),
    STSD = RL_BOX('s', 't', 's', 'd'),
    TKHD = RL_BOX('t', 'k', 'h', 'd'),
    UDTA = RL_BOX('u', 'd', 't', 'a'),
    META = RL_BOX('m', 'e', 't', 'a'),
    ILST = RL_BOX('i', 'l', 's', 't'),
    TX3G = RL_BOX('t', 'x', '3', 'g'),
    STCO = RL_BOX('s', 't', 'c', 'o'),
    CO64 = RL_BOX('c', 'o', '6', '4'),
    ST3D = RL_BOX('s', 't', '3', 'd'),
    SV3D = RL_BOX('s', 'v', '3', 'd'),
    VEXU = RL_BOX('v', 'e', 'x', 'u'),
    HFOV = RL_BOX('h', 'f', 'o', 'v'),
};

enum {
    ENTRY_BYTES = 86,  // of a visual sample entry, its header included, before its boxes
    MOOV_BYTES_MAX = 1 << 30,
};

// ---------------------------------------------------------------------------------------------
// What is said

// Spherical Video V2. Bounds are parts of the whole sphere in 0.32 fixed point: a quarter is
// missing on either side.
static void put_sv3d(struct rl_bytes *out)
{
    static const uint8_t straight[12] = {0};
    static const uint8_t bounds[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0x40, 0, 0, 0};
    size_t sv3d = rl_box_begin(out, SV3D);
    rl_box_put_full(out, RL_BOX('s', 'v', 'h', 'd'), "relief", sizeof "relief");
    size_t proj = rl_box_begin(out, RL_BOX('p', 'r', 'o', 'j'));
    rl_box_put_full(out, RL_BOX('p', 'r', 'h', 'd'), straight, sizeof straight);
    rl_box_put_full(out, RL_BOX('e', 'q', 'u', 'i'), bounds, sizeof bounds);
    rl_box_end(out, proj);
    rl_box_end(out, sv3d);
}

// Apple's HEVC Stereo Video Interoperability Profile, and QuickTime's "video extended usage".
static void put_vexu(struct rl_bytes *out, const struct rl_layout *layout)
{
    // Left and right are there; 8: the right one first.
    const uint8_t eyes_bits = (uint8_t)(1 | 2 | (layout->right_first ? 8 : 0));
    size_t vexu = rl_box_begin(out, VEXU);
    size_t eyes = rl_box_begin(out, RL_BOX('e', 'y', 'e', 's'));
    rl_box_put_full(out, RL_BOX('s', 't', 'r', 'i'), &eyes_bits, 1);
    rl_box_end(out, eyes);
    size_t proj = rl_box_begin(out, RL_BOX('p', 'r', 'o', 'j'));
    rl_box_put_full(out, RL_BOX('p', 'r', 'j', 'i'), layout->vr180 ? "hequ" : "rect", 4);
    rl_box_end(out, proj);
    size_t pack = rl_box_begin(out, RL_BOX('p', 'a', 'c', 'k'));
    rl_box_put_full(out, RL_BOX('p', 'k', 'i', 'n'), layout->pkin, 4);
    rl_box_end(out, pack);
    rl_box_end(out, vexu);
}

// Google's boxes come first: FFmpeg 7.1 refuses a file with st3d behind vexu. It reads no packing
// in vexu, and says "unspecified" of the stream; decoded frames still say what their message says.
static void put_layout(struct rl_bytes *out, const struct rl_layout *layout)
{
    if (layout->st3d) {
        const uint8_t mode = (uint8_t)layout->st3d;
        rl_box_put_full(out, ST3D, &mode, 1);
    }
    if (layout->vr180)
        put_sv3d(out);
    if (layout->pkin)
        put_vexu(out, layout);
    if (layout->vr180) {
        size_t hfov = rl_box_begin(out, HFOV);
        rl_bytes_put32(out, 180000);  // thousandths of a degree
        rl_box_end(out, hfov);
    }
}

// ---------------------------------------------------------------------------------------------
// The tree of a moov

struct walk {
    const struct rl_boxes *boxes;
    struct rl_bytes out;
    uint64_t shift;
    bool wide;
    const struct rl_track_words *words;  // of the track under way; NULL: none
    bool is_video;                       // that track is one of pictures
    bool done;                           // the boxes were put into a track
    bool failed;                         // something is not understood
};

static bool is_ours(uint32_t type)
{
    return type == ST3D || type == SV3D || type == VEXU || type == HFOV;
}

// Texts that are all forced are flagged, others as they are.
static void copy_text_entry(struct walk *w, const struct rl_box *entry)
{
    size_t begin = w->out.size;
    rl_bytes_put(&w->out, entry->data, entry->size);
    if (w->words && w->words->disposition & AV_DISPOSITION_FORCED && !w->out.failed)
        w->out.data[begin + 16] |= RL_TX3G_FORCED;
}

// A visual sample entry with the boxes at its end; others as they are.
static void copy_entry(struct walk *w, const struct rl_box *entry)
{
    const uint8_t *data = entry->data, *end = data + entry->size;
    struct rl_box child;
    if (entry->type == TX3G && entry->size >= 20) {
        copy_text_entry(w, entry);
        return;
    }
    if (!w->is_video || w->done || entry->body != data + 8 || entry->size < ENTRY_BYTES ||
        rl_box_get32(data + 32) != ((uint32_t)w->boxes->width << 16 | (uint32_t)w->boxes->height)) {
        rl_bytes_put(&w->out, data, entry->size);
        return;
    }
    size_t begin = w->out.size;
    rl_bytes_put(&w->out, data, ENTRY_BYTES);
    for (data += ENTRY_BYTES; rl_box_next(&child, data, (size_t)(end - data)); data += child.size)
        if (!is_ours(child.type))
            rl_bytes_put(&w->out, data, child.size);
    put_layout(&w->out, &w->boxes->layout);
    rl_bytes_put(&w->out, data, (size_t)(end - data));  // QuickTime's end mark, or nothing
    rl_box_end(&w->out, begin);
    w->done = true;
}

static void copy_stsd(struct walk *w, const struct rl_box *stsd)
{
    struct rl_box entry;
    if (stsd->body_size < 8) {
        w->failed = true;
        return;
    }
    size_t begin = rl_box_begin(&w->out, STSD);
    rl_bytes_put(&w->out, stsd->body, 8);
    const uint8_t *at = stsd->body + 8, *end = stsd->body + stsd->body_size;
    for (; rl_box_next(&entry, at, (size_t)(end - at)); at += entry.size)
        copy_entry(w, &entry);
    rl_bytes_put(&w->out, at, (size_t)(end - at));
    rl_box_end(&w->out, begin);
}

static void copy_offsets(struct walk *w, const struct rl_box *from)
{
    const size_t bytes = from->type == CO64 ? 8 : 4;
    const bool wide = w->wide || from->type == CO64;
    const uint64_t most = wide ? UINT64_MAX : UINT32_MAX;
    uint32_t count = from->body_size >= 8 ? rl_box_get32(from->body + 4) : 0;
    if (from->body_size < 8 || count > (from->body_size - 8) / bytes) {
        w->failed = true;
        return;
    }
    size_t begin = rl_box_begin(&w->out, wide ? CO64 : STCO);
    rl_bytes_put(&w->out, from->body, 8);
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *at = from->body + 8 + i * bytes;
        uint64_t offset = bytes == 8 ? rl_box_get64(at) : rl_box_get32(at);
        w->failed = w->failed || offset > most - w->shift;
        offset += w->shift;
        if (wide)
            rl_bytes_put32(&w->out, (uint32_t)(offset >> 32));
        rl_bytes_put32(&w->out, (uint32_t)offset);
    }
    rl_box_end(&w->out, begin);
}

static bool is_folder(uint32_t type)
{
    return type == MOOV || type == TRAK || type == MDIA || type == MINF || type == STBL;
}

// A box that is left out; what rl_tracks_put_language() writes comes instead.
static bool is_replaced(const struct walk *w, uint32_t type, uint32_t parent)
{
    return parent == MDIA && type == ELNG && w->words;
}

// Boxes are nested five deep at most: moov trak mdia minf stbl, each only where it belongs.
static uint32_t parent_of(uint32_t type)
{
    switch (type) {
    case TRAK:
        return MOOV;
    case MDIA:
        return TRAK;
    case MINF:
        return MDIA;
    case STBL:
        return MINF;
    default:
        return 0;
    }
}

static void find_words(struct walk *w, const struct rl_box *trak)
{
    struct rl_box tkhd;
    w->words = NULL;
    if (!rl_box_find(&tkhd, trak, TKHD) || tkhd.body_size < 24)
        return;
    const uint32_t id = rl_box_get32(tkhd.body + (tkhd.body[0] == 1 ? 20 : 12));
    for (size_t i = 0; i < w->boxes->track_count; i++)
        if (w->boxes->tracks[i].id == id)
            w->words = &w->boxes->tracks[i];
}

// FFmpeg switches the first of a kind on where none is the default one. Film and sound have to be,
// but texts would be shown to everybody.
static void copy_header(struct walk *w, const struct rl_box *tkhd)
{
    size_t begin = w->out.size;
    rl_bytes_put(&w->out, tkhd->data, tkhd->size);
    if (w->words && w->words->is_text && !(w->words->disposition & AV_DISPOSITION_DEFAULT) &&
        tkhd->body_size >= 4 && !w->out.failed)
        w->out.data[begin + (size_t)(tkhd->body - tkhd->data) + 3] &= 0xfe;
}

// NULL for `udta`: the track has none yet.
static void copy_user_data(struct walk *w, const struct rl_box *udta)
{
    const uint8_t *at = udta ? udta->body : NULL, *end = udta ? at + udta->body_size : NULL;
    struct rl_box child;
    size_t begin = rl_box_begin(&w->out, UDTA), empty = w->out.size;
    rl_tracks_put(&w->out, w->words, w->boxes->quicktime);
    for (; at && rl_box_next(&child, at, (size_t)(end - at)); at += child.size)
        if (!rl_tracks_is_ours(child.type))
            rl_bytes_put(&w->out, child.data, child.size);
    if (at)
        rl_bytes_put(&w->out, at, (size_t)(end - at));  // QuickTime's end mark, or nothing
    rl_box_end(&w->out, begin);
    if (!udta && w->out.size == empty)
        w->out.size = begin;
}

// iTunes' list of tags, with more of them.
static void copy_film_data(struct walk *w, const struct rl_box *box)
{
    const uint8_t *at = box->body, *end = at + box->body_size;
    size_t begin = rl_box_begin(&w->out, box->type);
    struct rl_box child;
    if (box->type == META && box->body_size >= 4) {
        rl_bytes_put(&w->out, at, 4);  // version and flags
        at += 4;
    }
    for (; rl_box_next(&child, at, (size_t)(end - at)); at += child.size)
        if ((box->type == UDTA && child.type == META) || (box->type == META && child.type == ILST))
            copy_film_data(w, &child);
        else if (box->type != ILST || !rl_film_tags_is_ours(&child, w->boxes->tags))
            rl_bytes_put(&w->out, child.data, child.size);
    if (box->type == ILST)
        rl_film_tags_put_itunes(&w->out, w->boxes->tags);
    rl_bytes_put(&w->out, at, (size_t)(end - at));
    rl_box_end(&w->out, begin);
}

static void copy_box(struct walk *w, const struct rl_box *box, uint32_t parent)
{
    if (box->type == TRAK && parent == MOOV) {
        w->is_video = false;
        find_words(w, box);
    }
    if (box->type == HDLR && parent == MDIA && box->body_size >= 12)
        w->is_video = rl_box_get32(box->body + 8) == VIDE;
    if (parent == STBL && box->type == STSD) {
        copy_stsd(w, box);
    } else if (parent == STBL && (box->type == STCO || box->type == CO64)) {
        copy_offsets(w, box);
    } else if (parent == TRAK && box->type == TKHD) {
        copy_header(w, box);
    } else if (parent == TRAK && box->type == UDTA && w->words) {
        copy_user_data(w, box);
    } else if (parent == MOOV && box->type == UDTA && w->boxes->tags && !w->boxes->quicktime) {
        copy_film_data(w, box);
    } else if (is_folder(box->type) && parent_of(box->type) == parent) {
        struct rl_box child;
        const uint8_t *at = box->body, *end = box->body + box->body_size;
        size_t begin = rl_box_begin(&w->out, box->type);
        for (; rl_box_next(&child, at, (size_t)(end - at)); at += child.size) {
            if (!is_replaced(w, child.type, box->type))
                copy_box(w, &child, box->type);
            if (child.type == MDHD && box->type == MDIA && w->words)
                rl_tracks_put_language(&w->out, w->words);
        }
        w->failed = w->failed || at != end;
        if (box->type == TRAK && w->words && !rl_box_find(&child, box, UDTA))
            copy_user_data(w, NULL);
        if (box->type == MOOV && w->boxes->tags && w->boxes->quicktime &&
            !rl_box_find(&child, box, META))
            rl_film_tags_put_quicktime(&w->out, w->boxes->tags);
        rl_box_end(&w->out, begin);
    } else {
        rl_bytes_put(&w->out, box->data, box->size);
    }
}

bool rl_boxes_rewrite(const uint8_t *moov, size_t size, const struct rl_boxes *boxes,
                      uint64_t shift, bool wide, uint8_t **out, size_t *out_size, bool *told)
{
    const struct rl_layout *layout = &boxes->layout;
    struct walk w = {.boxes = boxes, .shift = shift, .wide = wide};
    struct rl_box box;
    *out = NULL;
    *told = false;
    errno = EINVAL;
    if (size > MOOV_BYTES_MAX || !rl_box_next(&box, moov, size) || box.type != MOOV ||
        box.size != size)
        return false;
    copy_box(&w, &box, 0);
    if (w.failed || w.out.failed) {
        free(w.out.data);
        errno = w.out.failed ? ENOMEM : EINVAL;
        return false;
    }
    *out = w.out.data;
    *out_size = w.out.size;
    *told = w.done || (!layout->st3d && !layout->vr180 && !layout->pkin);
    return true;
}

// ---------------------------------------------------------------------------------------------
// The file

struct file {
    int fd;
    const char *name;
    uint64_t size;
    uint64_t front;  // where the index goes
    uint64_t moov, moov_size;
};

// Finds the index, which has to be the last box. False: not understood; `failed` is for errno.
static bool find_moov(struct file *file, bool *failed)
{
    uint64_t at = 0;
    uint8_t head[16];
    while (file->size - at >= 16) {
        if (!rl_read_at(file->fd, head, sizeof head, at)) {
            *failed = true;
            return false;
        }
        uint64_t size = rl_box_get32(head);
        uint32_t type = rl_box_get32(head + 4);
        if (size == 1)
            size = rl_box_get64(head + 8);
        if (size < 8 || size > file->size - at || type == MOOF)
            return false;
        if (type == FTYP && !at)
            file->front = size;
        if (type == MOOV) {
            file->moov = at;
            file->moov_size = size;
            return at + size == file->size && size <= MOOV_BYTES_MAX;
        }
        at += size;
    }
    return false;
}

// Moves what lies between the front and the index, from its end.
static int shift_samples(const struct file *file, uint64_t shift)
{
    const size_t block = 1 << 20;
    uint8_t *buffer = malloc(block);
    if (!buffer)
        return -1;
    int failed = 0;
    for (uint64_t end = file->moov; end > file->front && !failed;) {
        size_t size = end - file->front < block ? (size_t)(end - file->front) : block;
        end -= size;
        failed = rl_read_at(file->fd, buffer, size, end) ? 0 : -1;
        if (!failed)
            failed = rl_write_at(file->fd, buffer, size, end + shift) ? 0 : -1;
    }
    int cause = errno;
    free(buffer);
    errno = cause;
    return failed;
}

// The new index. Its size does not depend on where the samples go, only on how wide offsets are.
static bool make_moov(const struct file *file, const uint8_t *moov, const struct rl_boxes *boxes,
                      uint8_t **out, size_t *size, bool *told)
{
    const size_t old = (size_t)file->moov_size;
    const bool wide = file->size + 2 * file->moov_size + 4096 > UINT32_MAX;
    if (!rl_boxes_rewrite(moov, old, boxes, 0, wide, out, size, told))
        return false;
    uint64_t shift = *size;
    free(*out);
    return rl_boxes_rewrite(moov, old, boxes, shift, wide, out, size, told);
}

static enum relief_status fail_io(const struct file *file, struct relief_error *err)
{
    return rl_fail_errno(err, RELIEF_E_OUTPUT, errno, "%s: cannot be written", file->name);
}

static enum relief_status rewrite(struct file *file, const struct rl_boxes *boxes, bool *told,
                                  struct relief_error *err)
{
    uint8_t *moov = malloc((size_t)file->moov_size), *made = NULL;
    size_t size = 0;
    enum relief_status status = RELIEF_OK;
    if (!moov)
        status = rl_fail_memory(err);
    else if (!rl_read_at(file->fd, moov, (size_t)file->moov_size, file->moov))
        status = fail_io(file, err);
    else if (make_moov(file, moov, boxes, &made, &size, told)) {
        if (shift_samples(file, size) < 0 || !rl_write_at(file->fd, made, size, file->front) ||
            ftruncate(file->fd, (off_t)(file->moov + size)) < 0)
            status = fail_io(file, err);
    } else if (errno == ENOMEM) {
        status = rl_fail_memory(err);
    }
    free(made);
    free(moov);
    return status;
}

enum relief_status rl_boxes_finish(const char *path, const char *name, const struct rl_boxes *boxes,
                                   bool *told, struct relief_error *err)
{
    struct file file = {.fd = open(path, O_RDWR | O_CLOEXEC), .name = name};
    enum relief_status status = RELIEF_OK;
    bool failed = false;
    *told = false;
    if (file.fd < 0)
        return fail_io(&file, err);
    off_t end = lseek(file.fd, 0, SEEK_END);
    file.size = end > 0 ? (uint64_t)end : 0;
    if (find_moov(&file, &failed))
        status = rewrite(&file, boxes, told, err);
    else if (failed || end < 0)
        status = fail_io(&file, err);
    if (close(file.fd) < 0 && status == RELIEF_OK)
        status = fail_io(&file, err);
    return status;
}
