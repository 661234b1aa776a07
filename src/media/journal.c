// SPDX-License-Identifier: MIT
#include "media/journal.h"

#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libavutil/crc.h>
#include <libavutil/mem.h>

static const char magic[] = "relief journal 1\n";

enum {
    MAGIC_BYTES = sizeof magic - 1,
    OPEN_FLAGS = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,  // what is no file is not waited for
    PACKET_MOST = 1 << 30,                                      // bytes
};

// As it stands in the file, before its packet's bytes; of this machine's byte order, for no other
// reads it.
struct record {
    struct rl_journal_place place;
    int64_t pts, dts, duration;
    int32_t flags;
    int32_t size;
    uint32_t sum;  // of all that, with 0 here, and of the packet
    uint32_t zero;
};

static uint32_t sum_of(const struct record *record, const uint8_t *data)
{
    const AVCRC *table = av_crc_get_table(AV_CRC_32_IEEE_LE);
    struct record bare = *record;
    bare.sum = 0;
    uint32_t sum = av_crc(table, UINT32_MAX, (const uint8_t *)&bare, sizeof bare);
    return av_crc(table, sum, data, (size_t)record->size);
}

static bool read_all(int fd, void *to, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t got = read(fd, (char *)to + done, size - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        done += (size_t)got;
    }
    return true;
}

static bool write_all(int fd, const void *from, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t put = write(fd, (const char *)from + done, size - done);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return false;
        done += (size_t)put;
    }
    return true;
}

static bool make_room(struct rl_journal *j, size_t size)
{
    if (size <= j->room)
        return true;
    unsigned char *grown = realloc(j->bytes, size);
    if (!grown)
        return false;
    j->bytes = grown;
    j->room = size;
    return true;
}

static bool read_record(struct rl_journal *j, struct record *record)
{
    return read_all(j->fd, record, sizeof *record) && record->size >= 0 &&
           record->size <= PACKET_MOST && make_room(j, (size_t)record->size) &&
           read_all(j->fd, j->bytes, (size_t)record->size) &&
           record->sum == sum_of(record, j->bytes);
}

// Of the packet behind `count` others.
static bool is_place(int flags, const struct rl_journal_place *place, int64_t count)
{
    return (flags & AV_PKT_FLAG_KEY) && place->number == count && count >= RL_JOURNAL_LEAST;
}

// Reads on to the end, and then back to the first packet. What is behind the last place to go on
// at, its own packet first, stays until there is another for it.
static bool find_place(struct rl_journal *j, struct rl_resume *resume)
{
    struct record record;
    off_t begin = lseek(j->fd, 0, SEEK_CUR), here = begin;
    for (int64_t count = 0; read_record(j, &record); count++) {
        if (is_place(record.flags, &record.place, count)) {
            *resume = (struct rl_resume){count, record.place.shot};
            j->tail = here;
        }
        here += (off_t)sizeof record + record.size;
    }
    j->count = j->replay_count = resume->pictures;
    return lseek(j->fd, begin, SEEK_SET) == begin;
}

// True when the file was begun by relief, or is new.
static bool is_ours(int fd)
{
    char begin[MAGIC_BYTES];
    struct stat info;
    if (fstat(fd, &info) || !S_ISREG(info.st_mode))
        return false;
    return !info.st_size ||
           (read_all(fd, begin, MAGIC_BYTES) && !memcmp(begin, magic, MAGIC_BYTES));
}

// True when the words behind the magic are these.
static bool has_key(struct rl_journal *j, const char *key)
{
    uint32_t size = 0;
    return read_all(j->fd, &size, sizeof size) && size && size == strlen(key) &&
           make_room(j, size) && read_all(j->fd, j->bytes, size) && !memcmp(j->bytes, key, size);
}

static bool begin_anew(struct rl_journal *j, const char *key)
{
    uint32_t size = (uint32_t)strlen(key);
    j->count = j->replay_count = 0;
    j->tail = -1;
    return ftruncate(j->fd, 0) == 0 && lseek(j->fd, 0, SEEK_SET) == 0 &&
           write_all(j->fd, magic, MAGIC_BYTES) && write_all(j->fd, &size, sizeof size) &&
           write_all(j->fd, key, size);
}

static void warn(const struct rl_journal *j, const char *why)
{
    rl_warn(j->log, "%s: %s: when this is interrupted it cannot go on", j->path, why);
}

// As a rule the disk is full: what is kept goes, and the film has its place.
static void give_up(struct rl_journal *j)
{
    rl_verbose(j->log, "%s: %s: given up", j->path, strerror(errno));
    unlink(j->path);
    close(j->fd);
    j->fd = -1;
}

static void forget(struct rl_journal **journal)
{
    struct rl_journal *j = *journal;
    if (j && j->fd >= 0)
        close(j->fd);
    if (j)
        free(j->path);
    if (j)
        free(j->bytes);
    free(j);
    *journal = NULL;
}

// False when it cannot be had.
static bool open_file(struct rl_journal *j)
{
    j->fd = open(j->path, OPEN_FLAGS | O_CREAT, 0666);
    if (j->fd < 0)
        warn(j, strerror(errno));
    else if (!is_ours(j->fd))
        warn(j, "is something else");
    else if (flock(j->fd, LOCK_EX | LOCK_NB))
        warn(j, "is in use");
    else
        return true;
    return false;
}

enum relief_status rl_journal_open(struct rl_journal **journal, const char *output, const char *key,
                                   struct rl_log *log, struct rl_resume *resume,
                                   struct relief_error *err)
{
    struct rl_journal *j = *journal = calloc(1, sizeof *j);
    *resume = (struct rl_resume){0};
    if (!j)
        return rl_fail_memory(err);
    j->fd = -1;
    j->tail = -1;
    j->log = log;
    j->path = rl_str_format("%s.resume", output);
    if (!j->path) {
        forget(journal);
        return rl_fail_memory(err);
    }
    if (!open_file(j)) {
        forget(journal);
        return RELIEF_OK;
    }
    bool goes_on = has_key(j, key) && find_place(j, resume) && resume->pictures > 0;
    if (!goes_on)
        *resume = (struct rl_resume){0};
    j->can_go_on = goes_on;
    if (!goes_on && !begin_anew(j, key))
        give_up(j);
    return RELIEF_OK;
}

enum relief_status rl_journal_replay(struct rl_journal *journal, int64_t dts, AVPacket *packet,
                                     bool *got, struct relief_error *err)
{
    struct record record;
    *got = false;
    if (!journal->replay_count)
        return RELIEF_OK;
    const off_t here = lseek(journal->fd, 0, SEEK_CUR);
    if (here < 0 || !read_record(journal, &record))
        return rl_fail(err, RELIEF_E_FAILED, "%s: has changed while it was in use", journal->path);
    if ((record.dts != AV_NOPTS_VALUE ? record.dts : record.pts) > dts) {
        if (lseek(journal->fd, here, SEEK_SET) != here)
            return rl_fail_errno(err, RELIEF_E_FAILED, errno, "%s: cannot be read", journal->path);
        return RELIEF_OK;
    }
    if (av_new_packet(packet, record.size) < 0)
        return rl_fail_memory(err);
    memcpy(packet->data, journal->bytes, (size_t)record.size);
    packet->pts = record.pts;
    packet->dts = record.dts;
    packet->duration = record.duration;
    packet->flags = record.flags;
    journal->replay_count--;
    *got = true;
    return RELIEF_OK;
}

static bool cut_tail(struct rl_journal *j)
{
    const off_t tail = j->tail;
    j->tail = -1;
    return tail < 0 || (ftruncate(j->fd, tail) == 0 && lseek(j->fd, tail, SEEK_SET) == tail);
}

void rl_journal_add(struct rl_journal *journal, const AVPacket *packet,
                    const struct rl_journal_place *place)
{
    if (journal->fd < 0)
        return;
    struct record record = {*place,        packet->pts,  packet->dts, packet->duration,
                            packet->flags, packet->size, 0,           0};
    record.sum = sum_of(&record, packet->data);
    if (!cut_tail(journal) || !write_all(journal->fd, &record, sizeof record) ||
        !write_all(journal->fd, packet->data, (size_t)packet->size)) {
        give_up(journal);
        return;
    }
    journal->can_go_on |= is_place(packet->flags, place, journal->count);
    journal->count++;
}

void rl_journal_close(struct rl_journal **journal, bool interrupted)
{
    struct rl_journal *j = *journal;
    if (j && j->fd >= 0 && interrupted && j->can_go_on)
        rl_verbose(j->log, "%s: holds what is done", j->path);
    else if (j && j->fd >= 0)
        unlink(j->path);
    forget(journal);
}

void rl_journal_remove(const char *output)
{
    char *path = rl_str_format("%s.resume", output);
    int fd = path ? open(path, OPEN_FLAGS) : -1;
    if (fd >= 0 && is_ours(fd) && !flock(fd, LOCK_EX | LOCK_NB))
        unlink(path);
    if (fd >= 0)
        close(fd);
    free(path);
}
