// SPDX-License-Identifier: MIT
//
// Paths, and files that appear only when they are complete.
#ifndef RL_BASE_FILE_H
#define RL_BASE_FILE_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The part behind the last '/', and the part behind the last '.' of that ("" when there is none).
// Both point into `path`.
const char *rl_path_name(const char *path);
const char *rl_path_extension(const char *path);

// True when the name ends as those of films do, .mp4, .mkv and many others.
bool rl_path_is_film(const char *path);

bool rl_path_exists(const char *path);
bool rl_path_is_folder(const char *path);

// True when both name the same file, through links or other spellings too; of two names that no
// file has yet, when they are one name in one folder.
bool rl_path_same(const char *a, const char *b);

// A numbered sequence such as "f_%04d.png": exactly one %d or %0Nd.
bool rl_path_is_pattern(const char *path);

// The folder of the shared library or program that holds this code, without a final '/'.
// Empty when unknown.
void rl_path_own_folder(char *folder, size_t size);

// Make a folder and those above it. Fails with RELIEF_E_OUTPUT.
enum relief_status rl_make_folders(const char *path, struct relief_error *err);

// `size` bytes of an open file from byte `at` on; its place stays. False with errno, EIO for a file
// that ends before.
bool rl_read_at(int fd, void *data, size_t size, uint64_t at);

// The same the other way; a file grows as needed. False with errno.
bool rl_write_at(int fd, const void *data, size_t size, uint64_t at);

// A file that is being written: bytes go to `part`, beside `path`; only _commit gives it its name.
struct rl_part {
    char *path;
    char *part;
    bool overwrite;
};

// Picks a free name for the part and creates it empty. Refuses an existing `path` unless
// `overwrite`, a folder, a device or pipe, and a folder that does not exist or cannot be written:
// RELIEF_E_OUTPUT.
enum relief_status rl_part_open(struct rl_part *part, const char *path, bool overwrite,
                                struct relief_error *err);

// Flush to disk and rename. Refuses a file that has appeared meanwhile, unless `overwrite`.
enum relief_status rl_part_commit(struct rl_part *part, struct relief_error *err);

// Removes the part if it was not committed. Accepts a zeroed struct.
void rl_part_discard(struct rl_part *part);

// SHA-256 of a file as 64 lower-case hexadecimal digits and NUL. Fails with RELIEF_E_INPUT.
enum relief_status rl_sha256_file(const char *path, char digest[65], struct relief_error *err);

#endif
