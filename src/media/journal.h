// SPDX-License-Identifier: MIT
//
// What is encoded so far, beside the output, so that an interrupted film can go on.
//
// 1. NAME.resume holds words that name the conversion, then every packet of the encoder with its
//    times, as they came. Each ends in a check sum: what a crash cut off is found, and dropped.
// 2. A film goes on at a key packet before which all pictures before it came out of the encoder:
//    nothing behind it needs what is before it. Of open groups of pictures that is not true. Less
//    than RL_JOURNAL_LEAST pictures are not worth a file that is left behind.
// 3. A journal is a comfort: where it cannot be written it is removed, and the film goes on.
// 4. A file of that name that is no journal is left alone. One that is in use is locked.
// 5. One thread at a time.
#ifndef RL_MEDIA_JOURNAL_H
#define RL_MEDIA_JOURNAL_H

#include "base/log.h"
#include "media/write.h"

#include <libavcodec/avcodec.h>

enum { RL_JOURNAL_LEAST = 24 };

struct rl_journal {
    char *path;
    int fd;  // -1: given up
    struct rl_log *log;
    int64_t count;         // packets in the file that count
    int64_t tail;          // where those end that count; -1 when nothing stands behind them
    int64_t replay_count;  // of them, those to be replayed still
    bool can_go_on;        // there is a place to go on at
    unsigned char *bytes;  // of a record on its way
    size_t room;
};

// Where a picture stands in the film.
struct rl_journal_place {
    int64_t number;  // pictures before it
    int64_t shot;    // pictures before the first one of its shot
};

// Opens the journal of `output`. When it holds what the conversion of that `key` left, *resume says
// how far that had come, and its packets wait for _replay; else it is begun anew, and *resume is 0.
// NULL in *journal: nothing can be kept. Fails with RELIEF_E_MEMORY only.
enum relief_status rl_journal_open(struct rl_journal **journal, const char *output, const char *key,
                                   struct rl_log *log, struct rl_resume *resume,
                                   struct relief_error *err);

// The next packet of those taken up, when it is decoded at `dts` or before. False in *got: none.
enum relief_status rl_journal_replay(struct rl_journal *journal, int64_t dts, AVPacket *packet,
                                     bool *got, struct relief_error *err);

// Keep a packet; all that were taken up have been replayed.
void rl_journal_add(struct rl_journal *journal, const AVPacket *packet,
                    const struct rl_journal_place *place);

// Removes the file, unless the film was interrupted and can go on. Accepts NULL inside.
void rl_journal_close(struct rl_journal **journal, bool interrupted);

// `output` is complete: removes a journal of it that nobody uses.
void rl_journal_remove(const char *output);

#endif
