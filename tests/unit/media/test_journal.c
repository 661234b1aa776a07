// SPDX-License-Identifier: MIT
//
// What is encoded is kept, found again as far as it is whole, and given back as it was.
#include "check.h"

#include "base/file.h"
#include "media/journal.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { GROUP = 4, BYTES = 100 };

static char folder[256], output[288], path[320];

static AVPacket *packet_of(int i)
{
    AVPacket *packet = av_packet_alloc();
    CHECK_INT(av_new_packet(packet, BYTES + i), 0);
    for (int k = 0; k < packet->size; k++)
        packet->data[k] = (uint8_t)(i * 31 + k * k);
    packet->pts = 10 * i + 3;
    packet->dts = 10 * i;
    packet->duration = 10;
    packet->flags = i % GROUP ? 0 : AV_PKT_FLAG_KEY;
    return packet;
}

static struct rl_journal *begin(const char *key, struct rl_resume *resume)
{
    struct rl_journal *journal = NULL;
    CHECK_INT(rl_journal_open(&journal, output, key, NULL, resume, NULL), RELIEF_OK);
    return journal;
}

// Packets `from` to `until`; each picture's number is its packet's, `ahead` more in open groups.
static void add(struct rl_journal *journal, int from, int until, int ahead)
{
    for (int i = from; i < until; i++) {
        const struct rl_journal_place place = {i + ahead, i / 10 * 10};
        AVPacket *packet = packet_of(i);
        rl_journal_add(journal, packet, &place);
        av_packet_free(&packet);
    }
}

static void keep(const char *key, int count, int ahead)
{
    struct rl_resume resume;
    struct rl_journal *journal = begin(key, &resume);
    CHECK_INT(resume.pictures, 0);
    add(journal, 0, count, ahead);
    rl_journal_close(&journal, true);
}

static int replay(struct rl_journal *journal, int from, int64_t dts)
{
    AVPacket *packet = av_packet_alloc();
    for (;; from++) {
        bool got = false;
        CHECK_INT(rl_journal_replay(journal, dts, packet, &got, NULL), RELIEF_OK);
        if (!got)
            break;
        AVPacket *wanted = packet_of(from);
        CHECK_INT(packet->pts, wanted->pts);
        CHECK_INT(packet->dts, wanted->dts);
        CHECK_INT(packet->duration, wanted->duration);
        CHECK_INT(packet->flags, wanted->flags);
        CHECK_INT(packet->size, wanted->size);
        CHECK(!memcmp(packet->data, wanted->data, (size_t)wanted->size));
        av_packet_free(&wanted);
        av_packet_unref(packet);
    }
    av_packet_free(&packet);
    return from;
}

static void check_place(const char *key, int pictures, int shot)
{
    struct rl_resume resume;
    struct rl_journal *journal = begin(key, &resume);
    CHECK_INT(resume.pictures, pictures);
    CHECK_INT(resume.shot, shot);
    rl_journal_close(&journal, false);
    CHECK(!rl_path_exists(path));
}

static void goes_on_at_the_last_key_picture(void)
{
    struct rl_resume resume;
    keep("film", 35, 0);
    struct rl_journal *journal = begin("film", &resume);
    CHECK_INT(resume.pictures, 32);
    CHECK_INT(resume.shot, 30);
    CHECK_INT(replay(journal, 0, -1), 0);
    CHECK_INT(replay(journal, 0, 49), 5);
    CHECK_INT(replay(journal, 5, INT64_MAX), 32);
    // Interrupted before it came to anything new.
    rl_journal_close(&journal, true);
    journal = begin("film", &resume);
    CHECK_INT(resume.pictures, 32);
    CHECK_INT(replay(journal, 0, INT64_MAX), 32);
    // And once more, from where that run came to.
    add(journal, 32, 38, 0);
    rl_journal_close(&journal, true);
    journal = begin("film", &resume);
    CHECK_INT(resume.pictures, 36);
    CHECK_INT(replay(journal, 0, INT64_MAX), 36);
    rl_journal_close(&journal, false);
    CHECK(!rl_path_exists(path));
}

static void what_is_short_is_not_kept(void)
{
    keep("film", RL_JOURNAL_LEAST, 0);
    CHECK(!rl_path_exists(path));
}

static void open_groups_are_no_place(void)
{
    struct rl_resume resume;
    struct rl_journal *journal = begin("film", &resume);
    add(journal, 0, 26, 0);
    add(journal, 26, 34, 2);  // two pictures that are shown before come behind
    rl_journal_close(&journal, true);
    check_place("film", 24, 20);
}

static void another_conversion_begins_anew(void)
{
    keep("film", 35, 0);
    check_place("another", 0, 0);
    keep("film", 35, 0);
    check_place("fil", 0, 0);
}

static void change_at(off_t offset)
{
    uint8_t byte = 0;
    int fd = open(path, O_RDWR);
    CHECK_INT(pread(fd, &byte, 1, offset), 1);
    byte ^= 16;
    CHECK_INT(pwrite(fd, &byte, 1, offset), 1);
    close(fd);
}

static void damage_is_cut_off(void)
{
    struct stat info;
    keep("film", 35, 0);
    CHECK_INT(stat(path, &info), 0);
    CHECK_INT(truncate(path, info.st_size - 3 * BYTES - 200), 0);  // within packet 32, or 31
    check_place("film", 28, 20);
    for (int part = 1; part < 8; part++) {
        keep("film", 35, 0);
        change_at(info.st_size * part / 8);
        struct rl_resume resume;
        struct rl_journal *journal = begin("film", &resume);
        CHECK(resume.pictures <= 35 * part / 8 + 1);
        CHECK_INT(replay(journal, 0, INT64_MAX), resume.pictures);
        rl_journal_close(&journal, false);
    }
}

static void one_run_has_it(void)
{
    struct rl_resume resume;
    struct rl_journal *journal = begin("film", &resume), *other = begin("film", &resume);
    CHECK(journal != NULL && !other);
    rl_journal_remove(output);
    CHECK(rl_path_exists(path));
    rl_journal_close(&journal, false);
}

static void others_are_left_alone(void)
{
    struct rl_resume resume;
    FILE *file = fopen(path, "w");
    fputs("a diary of mine, longer than the mark", file);
    fclose(file);
    struct rl_journal *journal = begin("film", &resume);
    CHECK(!journal);
    rl_journal_remove(output);
    CHECK(rl_path_exists(path));
    unlink(path);
    keep("film", 35, 0);
    rl_journal_remove(output);
    CHECK(!rl_path_exists(path));
}

static void a_full_disk_ends_it(void)
{
    struct rl_resume resume;
    struct rlimit old, small = {3 * BYTES, RLIM_INFINITY};
    signal(SIGXFSZ, SIG_IGN);
    CHECK_INT(getrlimit(RLIMIT_FSIZE, &old), 0);
    small.rlim_max = old.rlim_max;
    CHECK_INT(setrlimit(RLIMIT_FSIZE, &small), 0);
    struct rl_journal *journal = begin("film", &resume);
    add(journal, 0, 35, 0);
    CHECK_INT(setrlimit(RLIMIT_FSIZE, &old), 0);
    CHECK(!rl_path_exists(path));
    rl_journal_close(&journal, true);
    CHECK(!rl_path_exists(path));
}

int main(void)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/relief-journal-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(folder))
        return 1;
    snprintf(output, sizeof output, "%s/film.mkv", folder);
    snprintf(path, sizeof path, "%s.resume", output);
    RUN(goes_on_at_the_last_key_picture);
    RUN(what_is_short_is_not_kept);
    RUN(open_groups_are_no_place);
    RUN(another_conversion_begins_anew);
    RUN(damage_is_cut_off);
    RUN(one_run_has_it);
    RUN(others_are_left_alone);
    RUN(a_full_disk_ends_it);
    rmdir(folder);
    return check_result();
}
