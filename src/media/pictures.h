// SPDX-License-Identifier: MIT
//
// Inputs of many pictures: a numbered sequence ("f_%04d.png") or a folder, as a list of files.
//
// 1. A sequence begins with the lowest number that exists and ends before the first one missing.
// 2. A folder's pictures come in natural order: "f2.png" before "f10.png". Hidden files and files
//    that are no pictures by name are left out.
// 3. An existing file is never taken for a pattern, whatever its name looks like.
// 4. Internal to the room's reading side, except rl_pictures_are_hit().
#ifndef RL_MEDIA_PICTURES_H
#define RL_MEDIA_PICTURES_H

#include "base/log.h"

#include <stdbool.h>

struct rl_pictures {
    char **paths;
    size_t count;
};

// True when `path` names many pictures.
bool rl_pictures_are_meant(const char *path);

// Fails with RELIEF_E_INPUT when there are none. Call _clear after failures too.
enum relief_status rl_pictures_find(struct rl_pictures *pictures, const char *path,
                                    struct rl_log *log, struct relief_error *err);
void rl_pictures_clear(struct rl_pictures *pictures);

// True when writing `output`, a file or a pattern, could replace a file that reading `input` needs.
// Both may be "-"; an input that does not exist needs none.
bool rl_pictures_are_hit(const char *input, const char *output);

#endif
