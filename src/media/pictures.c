// SPDX-License-Identifier: MIT
#include "media/pictures.h"

#include "base/file.h"
#include "base/str.h"
#include "media/stills.h"

#include <dirent.h>
#include <errno.h>

bool rl_pictures_are_meant(const char *path)
{
    if (strcmp(path, "-") == 0)
        return false;
    return rl_path_is_folder(path) || (!rl_path_exists(path) && rl_path_is_pattern(path));
}

static int compare(const void *a, const void *b)
{
    return rl_str_compare_naturally(*(const char *const *)a, *(const char *const *)b);
}

static bool add(struct rl_pictures *pictures, char *path)
{
    // Grow at powers of two.
    size_t count = pictures->count;
    if ((count & (count - 1)) == 0) {
        char **grown = realloc(pictures->paths, (count ? 2 * count : 1) * sizeof *grown);
        if (!grown || !path) {
            pictures->paths = grown ? grown : pictures->paths;
            free(path);
            return false;
        }
        pictures->paths = grown;
    }
    if (path)
        pictures->paths[pictures->count++] = path;
    return path;
}

static enum relief_status find_in_folder(struct rl_pictures *pictures, const char *path,
                                         struct relief_error *err)
{
    enum relief_status status = RELIEF_OK;
    DIR *folder = opendir(path);
    if (!folder)
        return rl_fail_errno(err, RELIEF_E_INPUT, errno, "%s: cannot be read", path);
    const char *slash = rl_str_ends(path, "/") ? "" : "/";
    for (struct dirent *entry; status == RELIEF_OK && (entry = readdir(folder));)
        if (entry->d_name[0] != '.' && rl_is_still_name(entry->d_name) &&
            !add(pictures, rl_str_format("%s%s%s", path, slash, entry->d_name)))
            status = rl_fail_memory(err);
    closedir(folder);
    if (status != RELIEF_OK)
        return status;
    if (!pictures->count) {
        rl_fail(err, RELIEF_E_INPUT, "%s: is a folder without pictures", path);
        rl_hint(err, "name a film, or a folder of PNG, JPEG, TIFF or WebP files");
        return RELIEF_E_INPUT;
    }
    qsort(pictures->paths, pictures->count, sizeof *pictures->paths, compare);
    return RELIEF_OK;
}

// ---------------------------------------------------------------------------------------------
// Numbered sequences

// "f_%04d.png" is what stands before the number, its least digits, and what stands behind.
struct pattern {
    size_t head_length;  // of the path, the folder's part included
    int digits;
    const char *tail;
};

static struct pattern parse_pattern(const char *path)
{
    const char *percent = strchr(path, '%');
    char *end;
    long digits = strtol(percent + 1, &end, 10);
    return (struct pattern){(size_t)(percent - path), digits > 0 && digits < 32 ? (int)digits : 0,
                            end + 1};
}

static char *name_of(const char *path, const struct pattern *pattern, long long number)
{
    return rl_str_format("%.*s%0*lld%s", (int)pattern->head_length, path, pattern->digits, number,
                         pattern->tail);
}

// The number in a file's name; -1 when it is not one of the sequence.
static long long number_of(const char *name, const char *head, size_t head_length,
                           const struct pattern *pattern)
{
    if (strncmp(name, head, head_length) != 0)
        return -1;
    const char *digits = name + head_length;
    size_t count = strspn(digits, "0123456789");
    if (count == 0 || count > 18 || strcmp(digits + count, pattern->tail) != 0)
        return -1;
    bool is_padded = count > 1 && digits[0] == '0';
    if ((int)count < pattern->digits || (is_padded && (int)count != pattern->digits))
        return -1;
    return strtoll(digits, NULL, 10);
}

struct range {
    long long lowest, highest, count;
};

static enum relief_status scan(const char *path, const struct pattern *pattern, struct range *range,
                               struct relief_error *err)
{
    const char *head = rl_path_name(path);
    size_t head_length = (size_t)(path + pattern->head_length - head);
    int folder_length = (int)(head - path);
    if (pattern->head_length < (size_t)folder_length)
        return rl_fail(err, RELIEF_E_INPUT, "%s: the number has to stand in the file's name", path);
    char *folder_path = folder_length ? rl_str_format("%.*s", folder_length, path)
                                      : rl_str_format(".");
    if (!folder_path)
        return rl_fail_memory(err);
    DIR *folder = opendir(folder_path);
    int cause = errno;
    free(folder_path);
    if (!folder)
        return rl_fail_errno(err, RELIEF_E_INPUT, cause, "%s: cannot be read", path);
    for (struct dirent *entry; (entry = readdir(folder));) {
        long long number = number_of(entry->d_name, head, head_length, pattern);
        if (number < 0)
            continue;
        if (!range->count || number < range->lowest)
            range->lowest = number;
        if (!range->count || number > range->highest)
            range->highest = number;
        range->count++;
    }
    closedir(folder);
    return RELIEF_OK;
}

static enum relief_status find_numbered(struct rl_pictures *pictures, const char *path,
                                        struct rl_log *log, struct relief_error *err)
{
    struct pattern pattern = parse_pattern(path);
    struct range range = {0};
    enum relief_status status = scan(path, &pattern, &range, err);
    if (status != RELIEF_OK)
        return status;
    if (!range.count) {
        rl_fail(err, RELIEF_E_INPUT, "%s: no file has a name like this", path);
        rl_hint(err, "%%04d stands for four digits, %%d for as many as there are");
        return RELIEF_E_INPUT;
    }
    for (long long number = range.lowest; number <= range.highest; number++) {
        char *name = name_of(path, &pattern, number);
        if (name && !rl_path_exists(name)) {
            rl_warn(log, "%s: is missing: the sequence ends before it", name);
            free(name);
            break;
        }
        if (!add(pictures, name))
            return rl_fail_memory(err);
    }
    return RELIEF_OK;
}

// ---------------------------------------------------------------------------------------------

enum relief_status rl_pictures_find(struct rl_pictures *pictures, const char *path,
                                    struct rl_log *log, struct relief_error *err)
{
    *pictures = (struct rl_pictures){0};
    return rl_path_is_folder(path) ? find_in_folder(pictures, path, err)
                                   : find_numbered(pictures, path, log, err);
}

// Whether `output` is the picture at `path`, or a pattern that one of its numbers turns into it.
static bool is_hit(const char *path, const char *output)
{
    if (!rl_path_is_pattern(output))
        return rl_path_same(path, output);
    const struct pattern pattern = parse_pattern(output);
    const char *head = rl_path_name(output);
    if (output + pattern.head_length < head)
        return false;  // such a pattern is refused elsewhere
    const char *name = rl_path_name(path);
    size_t head_length = (size_t)(output + pattern.head_length - head);
    if (number_of(name, head, head_length, &pattern) < 0)
        return false;
    char *there = rl_str_format("%.*s%s", (int)(head - output), output, name);
    bool hit = there && rl_path_same(path, there);
    free(there);
    return hit;
}

bool rl_pictures_are_hit(const char *input, const char *output)
{
    struct rl_pictures pictures = {0};
    struct rl_log silent = {0};
    bool hit = false;
    if (!*input || !*output || !strcmp(input, "-") || !strcmp(output, "-"))
        return false;
    if (!rl_pictures_are_meant(input))
        return rl_path_exists(input) && is_hit(input, output);
    if (rl_pictures_find(&pictures, input, &silent, NULL) == RELIEF_OK)
        for (size_t i = 0; i < pictures.count && !hit; i++)
            hit = is_hit(pictures.paths[i], output);
    rl_pictures_clear(&pictures);
    return hit;
}

void rl_pictures_clear(struct rl_pictures *pictures)
{
    for (size_t i = 0; i < pictures->count; i++)
        free(pictures->paths[i]);
    free(pictures->paths);
    *pictures = (struct rl_pictures){0};
}
