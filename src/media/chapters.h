// SPDX-License-Identifier: MIT
//
// Matroska's chapters as they are: in several languages, within each other, in several editions of
// which some are ordered. FFmpeg reads the first level alone, with one name each and no language.
//
// 1. The element is copied byte for byte from file to file: it goes behind everything else, what
//    the muxer wrote becomes empty space, and the list of places in front is written anew.
// 2. Sizes and places that a file states are believed only as far as its bytes reach. What is not
//    understood is left as it was.
#ifndef RL_MEDIA_CHAPTERS_H
#define RL_MEDIA_CHAPTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rl_chapters {
    uint8_t *data;  // the whole element, with its head; NULL: there is none
    size_t size;
    bool is_rich;   // they say more than FFmpeg reads
    bool is_bound;  // they name tracks by numbers that only hold in their file
};

// Zero the struct before; rl_chapters_clear() after. A file that is no regular one, no Matroska, or
// has no chapters gives none. 0, or ENOMEM.
int rl_chapters_read(struct rl_chapters *chapters, const char *path);

// Looks into the element in memory.
void rl_chapters_look(struct rl_chapters *chapters);

// Puts them into a finished file that FFmpeg wrote chapters into. 0, or the errno of what failed;
// EINVAL: it is not understood, and as it was.
int rl_chapters_replace(const char *path, const struct rl_chapters *chapters);

void rl_chapters_clear(struct rl_chapters *chapters);

#endif
