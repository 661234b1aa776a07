// SPDX-License-Identifier: MIT
#include "media/boxes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TYPE(a, b, c, d) \
    ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

enum {
    FTYP = TYPE('f', 't', 'y', 'p'),
    MOOV = TYPE('m', 'o', 'o', 'v'),
    MOOF = TYPE('m', 'o', 'o', 'f'),
    TRAK = TYPE('t', 'r', 'a', 'k'),
    MDIA = TYPE('m', 'd', 'i', 'a'),
    MINF = TYPE('m', 'i', 'n', 'f'),
    HDLR = TYPE('h', 'd', 'l', 'r'),
    VIDE = TYPE('v', 'i', 'd', 'e'),
    STBL = TYPE('s', 't', 'b', 'l'),
    STSD = TYPE('s', 't', 's', 'd'),
    STCO = TYPE('s', 't', 'c', 'o'),
    CO64 = TYPE('c', 'o', '6', '4'),
    ST3D = TYPE('s', 't', '3', 'd'),
    SV3D = TYPE('s', 'v', '3', 'd'),
    VEXU = TYPE('v', 'e', 'x', 'u'),
    HFOV = TYPE('h', 'f', 'o', 'v'),
};

enum {
    ENTRY_BYTES = 86,  // of a visual sample entry, its header included, before its boxes
    MOOV_BYTES_MAX = 1 << 30,
};

// ---------------------------------------------------------------------------------------------
// Bytes

struct out {
    uint8_t *data;
    size_t size, room;
    bool failed;
};

static void put_bytes(struct out *out, const void *bytes, size_t count)
{
    if (out->failed || !count)
        return;
    if (count > out->room - out->size) {
        size_t room = out->room * 2 + count + 4096;
        uint8_t *grown = room > MOOV_BYTES_MAX * 2u ? NULL : realloc(out->data, room);
        if (!grown) {
            out->failed = true;
            return;
        }
        out->data = grown;
        out->room = room;
    }
    memcpy(out->data + out->size, bytes, count);
    out->size += count;
}

static void put32(struct out *out, uint32_t value)
{
    const uint8_t bytes[] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8),
                             (uint8_t)value};
    put_bytes(out, bytes, 4);
}

// Returns where the box begins; end_box() fills in its size.
static size_t begin_box(struct out *out, uint32_t type)
{
    size_t begin = out->size;
    put32(out, 0);
    put32(out, type);
    return begin;
}

static void end_box(struct out *out, size_t begin)
{
    size_t size = out->size - begin;
    for (int i = 0; i < 4 && !out->failed; i++)
        out->data[begin + (size_t)i] = (uint8_t)(size >> (24 - 8 * i));
}

static uint32_t get32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static uint64_t get64(const uint8_t *at)
{
    return (uint64_t)get32(at) << 32 | get32(at + 4);
}

// A box inside `data`; false when none fits there.
struct box {
    const uint8_t *data, *body;
    size_t size, body_size;
    uint32_t type;
};

static bool next_box(struct box *box, const uint8_t *data, size_t size)
{
    size_t header = 8;
    if (size < 8)
        return false;
    uint64_t length = get32(data);
    if (length == 1 && size >= 16) {
        length = get64(data + 8);
        header = 16;
    }
    if (length < header || length > size)
        return false;
    *box = (struct box){data, data + header, (size_t)length, (size_t)length - header,
                        get32(data + 4)};
    return true;
}

// ---------------------------------------------------------------------------------------------
// What is said

static void put_full_box(struct out *out, uint32_t type, const void *body, size_t size)
{
    size_t box = begin_box(out, type);
    put32(out, 0);  // version and flags
    put_bytes(out, body, size);
    end_box(out, box);
}

// Spherical Video V2. Bounds are parts of the whole sphere in 0.32 fixed point: a quarter is
// missing on either side.
static void put_sv3d(struct out *out)
{
    static const uint8_t straight[12] = {0};
    static const uint8_t bounds[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0x40, 0, 0, 0};
    size_t sv3d = begin_box(out, SV3D);
    put_full_box(out, TYPE('s', 'v', 'h', 'd'), "relief", sizeof "relief");
    size_t proj = begin_box(out, TYPE('p', 'r', 'o', 'j'));
    put_full_box(out, TYPE('p', 'r', 'h', 'd'), straight, sizeof straight);
    put_full_box(out, TYPE('e', 'q', 'u', 'i'), bounds, sizeof bounds);
    end_box(out, proj);
    end_box(out, sv3d);
}

// Apple's HEVC Stereo Video Interoperability Profile, and QuickTime's "video extended usage".
static void put_vexu(struct out *out, const struct rl_layout *layout)
{
    // Left and right are there; 8: the right one first.
    const uint8_t eyes_bits = (uint8_t)(1 | 2 | (layout->right_first ? 8 : 0));
    size_t vexu = begin_box(out, VEXU);
    size_t eyes = begin_box(out, TYPE('e', 'y', 'e', 's'));
    put_full_box(out, TYPE('s', 't', 'r', 'i'), &eyes_bits, 1);
    end_box(out, eyes);
    size_t proj = begin_box(out, TYPE('p', 'r', 'o', 'j'));
    put_full_box(out, TYPE('p', 'r', 'j', 'i'), layout->vr180 ? "hequ" : "rect", 4);
    end_box(out, proj);
    size_t pack = begin_box(out, TYPE('p', 'a', 'c', 'k'));
    put_full_box(out, TYPE('p', 'k', 'i', 'n'), layout->pkin, 4);
    end_box(out, pack);
    end_box(out, vexu);
}

// Google's boxes come first: FFmpeg 7.1 refuses a file with st3d behind vexu. It reads no packing
// in vexu, and says "unspecified" of the stream; decoded frames still say what their message says.
static void put_layout(struct out *out, const struct rl_layout *layout)
{
    if (layout->st3d) {
        const uint8_t mode = (uint8_t)layout->st3d;
        put_full_box(out, ST3D, &mode, 1);
    }
    if (layout->vr180)
        put_sv3d(out);
    if (layout->pkin)
        put_vexu(out, layout);
    if (layout->vr180) {
        size_t hfov = begin_box(out, HFOV);
        put32(out, 180000);  // thousandths of a degree
        end_box(out, hfov);
    }
}

// ---------------------------------------------------------------------------------------------
// The tree of a moov

struct walk {
    const struct rl_boxes *boxes;
    struct out out;
    uint64_t shift;
    bool wide;
    bool is_video;  // the track under way is one of pictures
    bool done;      // the boxes were put into a track
    bool failed;    // something is not understood
};

static bool is_ours(uint32_t type)
{
    return type == ST3D || type == SV3D || type == VEXU || type == HFOV;
}

// A visual sample entry with the boxes at its end; others as they are.
static void copy_entry(struct walk *w, const struct box *entry)
{
    const uint8_t *data = entry->data, *end = data + entry->size;
    struct box child;
    if (!w->is_video || w->done || entry->body != data + 8 || entry->size < ENTRY_BYTES ||
        get32(data + 32) != ((uint32_t)w->boxes->width << 16 | (uint32_t)w->boxes->height)) {
        put_bytes(&w->out, data, entry->size);
        return;
    }
    size_t begin = w->out.size;
    put_bytes(&w->out, data, ENTRY_BYTES);
    for (data += ENTRY_BYTES; next_box(&child, data, (size_t)(end - data)); data += child.size)
        if (!is_ours(child.type))
            put_bytes(&w->out, data, child.size);
    put_layout(&w->out, &w->boxes->layout);
    put_bytes(&w->out, data, (size_t)(end - data));  // QuickTime's end mark, or nothing
    end_box(&w->out, begin);
    w->done = true;
}

static void copy_stsd(struct walk *w, const struct box *stsd)
{
    struct box entry;
    if (stsd->body_size < 8) {
        w->failed = true;
        return;
    }
    size_t begin = begin_box(&w->out, STSD);
    put_bytes(&w->out, stsd->body, 8);
    const uint8_t *at = stsd->body + 8, *end = stsd->body + stsd->body_size;
    for (; next_box(&entry, at, (size_t)(end - at)); at += entry.size)
        copy_entry(w, &entry);
    put_bytes(&w->out, at, (size_t)(end - at));
    end_box(&w->out, begin);
}

static void copy_offsets(struct walk *w, const struct box *from)
{
    const size_t bytes = from->type == CO64 ? 8 : 4;
    const bool wide = w->wide || from->type == CO64;
    const uint64_t most = wide ? UINT64_MAX : UINT32_MAX;
    uint32_t count = from->body_size >= 8 ? get32(from->body + 4) : 0;
    if (from->body_size < 8 || count > (from->body_size - 8) / bytes) {
        w->failed = true;
        return;
    }
    size_t begin = begin_box(&w->out, wide ? CO64 : STCO);
    put_bytes(&w->out, from->body, 8);
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *at = from->body + 8 + i * bytes;
        uint64_t offset = bytes == 8 ? get64(at) : get32(at);
        w->failed = w->failed || offset > most - w->shift;
        offset += w->shift;
        if (wide)
            put32(&w->out, (uint32_t)(offset >> 32));
        put32(&w->out, (uint32_t)offset);
    }
    end_box(&w->out, begin);
}

static bool is_folder(uint32_t type)
{
    return type == MOOV || type == TRAK || type == MDIA || type == MINF || type == STBL;
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

static void copy_box(struct walk *w, const struct box *box, uint32_t parent)
{
    if (box->type == TRAK)
        w->is_video = false;
    if (box->type == HDLR && parent == MDIA && box->body_size >= 12)
        w->is_video = get32(box->body + 8) == VIDE;
    if (parent == STBL && box->type == STSD) {
        copy_stsd(w, box);
    } else if (parent == STBL && (box->type == STCO || box->type == CO64)) {
        copy_offsets(w, box);
    } else if (is_folder(box->type) && parent_of(box->type) == parent) {
        struct box child;
        const uint8_t *at = box->body, *end = box->body + box->body_size;
        size_t begin = begin_box(&w->out, box->type);
        for (; next_box(&child, at, (size_t)(end - at)); at += child.size)
            copy_box(w, &child, box->type);
        w->failed = w->failed || at != end;
        end_box(&w->out, begin);
    } else {
        put_bytes(&w->out, box->data, box->size);
    }
}

bool rl_boxes_rewrite(const uint8_t *moov, size_t size, const struct rl_boxes *boxes,
                      uint64_t shift, bool wide, uint8_t **out, size_t *out_size, bool *told)
{
    const struct rl_layout *layout = &boxes->layout;
    struct walk w = {.boxes = boxes, .shift = shift, .wide = wide};
    struct box box;
    *out = NULL;
    *told = false;
    errno = EINVAL;
    if (size > MOOV_BYTES_MAX || !next_box(&box, moov, size) || box.type != MOOV ||
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

// -1 for an error, with errno; a file that ends early is one.
static int read_at(const struct file *file, void *data, size_t size, uint64_t at)
{
    for (size_t got = 0; got < size;) {
        ssize_t more = pread(file->fd, (uint8_t *)data + got, size - got, (off_t)(at + got));
        if (more < 0 && errno == EINTR)
            continue;
        if (more <= 0) {
            errno = more ? errno : EIO;
            return -1;
        }
        got += (size_t)more;
    }
    return 0;
}

static int write_at(const struct file *file, const void *data, size_t size, uint64_t at)
{
    for (size_t done = 0; done < size;) {
        ssize_t more = pwrite(file->fd, (const uint8_t *)data + done, size - done,
                              (off_t)(at + done));
        if (more < 0 && errno == EINTR)
            continue;
        if (more < 0)
            return -1;
        done += (size_t)more;
    }
    return 0;
}

// Finds the index, which has to be the last box. False: not understood; `failed` is for errno.
static bool find_moov(struct file *file, bool *failed)
{
    uint64_t at = 0;
    uint8_t head[16];
    while (file->size - at >= 16) {
        if (read_at(file, head, sizeof head, at) < 0) {
            *failed = true;
            return false;
        }
        uint64_t size = get32(head);
        uint32_t type = get32(head + 4);
        if (size == 1)
            size = get64(head + 8);
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
        failed = read_at(file, buffer, size, end);
        if (!failed)
            failed = write_at(file, buffer, size, end + shift);
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
    else if (read_at(file, moov, (size_t)file->moov_size, file->moov) < 0)
        status = fail_io(file, err);
    else if (make_moov(file, moov, boxes, &made, &size, told)) {
        if (shift_samples(file, size) < 0 || write_at(file, made, size, file->front) < 0 ||
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
