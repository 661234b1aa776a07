// SPDX-License-Identifier: MIT
#include "depth/stock.h"

#include "base/file.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

bool rl_stock_path(const struct rl_registry_entry *entry, int file, const char *suffix, char *path,
                   size_t size)
{
    const char *first = entry->model.path;
    const int folder = (int)(rl_path_name(first) - first);
    *path = 0;
    return rl_str_add(path, size, "%.*s%s%s", file < 0 ? folder - 1 : folder, first,
                      file < 0 ? "" : entry->files[file].name, suffix);
}

enum rl_stock_state rl_stock_state(const struct rl_registry_entry *entry)
{
    char path[RELIEF_TEXT_MAX];
    int present = 0, partial = 0;
    for (int i = 0; i < entry->file_count; i++) {
        present += rl_stock_path(entry, i, "", path, sizeof path) && rl_path_exists(path);
        partial += rl_stock_path(entry, i, ".part", path, sizeof path) && rl_path_exists(path);
    }
    return present == entry->file_count ? RL_STOCK_PRESENT
           : present || partial         ? RL_STOCK_PARTIAL
                                        : RL_STOCK_MISSING;
}

int64_t rl_stock_bytes(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 ? (int64_t)info.st_size : -1;
}

// ---------------------------------------------------------------------------------------------
// Records of what came when nothing was known

static bool records_path(char *path, size_t size, const char *suffix)
{
    char config[RELIEF_TEXT_MAX];
    *path = 0;
    return rl_registry_config(config, sizeof config) &&
           rl_str_add(path, size, "%s/models.lock.json%s", config, suffix);
}

// NULL when there are none yet. A file that cannot be read must not pass for one without records.
static enum relief_status load_records(json_t **records, struct relief_error *err)
{
    char path[RELIEF_TEXT_MAX];
    json_error_t cause;
    *records = NULL;
    if (!records_path(path, sizeof path, "") || !rl_path_exists(path))
        return RELIEF_OK;
    *records = json_load_file(path, JSON_REJECT_DUPLICATES, &cause);
    if (!*records || !json_is_object(*records)) {
        json_decref(*records);
        *records = NULL;
        return rl_fail(err, RELIEF_E_MODEL, "%s: cannot be read: line %d: %s", path, cause.line,
                       cause.text);
    }
    return RELIEF_OK;
}

// Held while the records are read and written anew. -1 on failure.
static int guard_records(struct relief_error *err)
{
    char path[RELIEF_TEXT_MAX], folder[RELIEF_TEXT_MAX];
    if (!records_path(path, sizeof path, ".guard") || !rl_registry_config(folder, sizeof folder)) {
        rl_fail(err, RELIEF_E_MODEL, "there is no folder for the records of what was downloaded");
        return -1;
    }
    if (rl_make_folders(folder, err) != RELIEF_OK)
        return -1;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd >= 0 && flock(fd, LOCK_EX) == 0)
        return fd;
    rl_fail_errno(err, RELIEF_E_OUTPUT, errno, "%s: cannot be locked", path);
    if (fd >= 0)
        close(fd);
    return -1;
}

static enum relief_status store_records(json_t *records, struct relief_error *err)
{
    char path[RELIEF_TEXT_MAX];
    struct rl_part part = {0};
    records_path(path, sizeof path, "");
    enum relief_status status = rl_part_open(&part, path, true, err);
    if (status == RELIEF_OK && json_dump_file(records, part.part, JSON_INDENT(2) | JSON_SORT_KEYS))
        status = rl_fail(err, RELIEF_E_OUTPUT, "%s: cannot be written", path);
    if (status == RELIEF_OK)
        status = rl_part_commit(&part, err);
    rl_part_discard(&part);
    return status;
}

// That of `url` becomes `record`, which is taken over, or goes when that is NULL.
static enum relief_status change_record(const char *url, json_t *record, struct relief_error *err)
{
    json_t *records = NULL;
    int guard = guard_records(err);
    enum relief_status status = guard < 0 ? RELIEF_E_OUTPUT : load_records(&records, err);
    if (status == RELIEF_OK && !records)
        records = json_object();
    if (status == RELIEF_OK && record)
        status = json_object_set(records, url, record) ? rl_fail_memory(err)
                                                       : store_records(records, err);
    else if (status == RELIEF_OK && json_object_del(records, url) == 0)
        status = store_records(records, err);
    json_decref(records);
    json_decref(record);
    if (guard >= 0)
        close(guard);
    return status;
}

// What a file has to be: from the registry, else as recorded.
struct wanted {
    int64_t bytes;
    char sha256[65];
    bool recorded;
};

static enum relief_status find_wanted(const struct rl_registry_file *file, struct wanted *wanted,
                                      struct relief_error *err)
{
    json_t *records = NULL;
    *wanted = (struct wanted){.bytes = file->bytes};
    rl_str_copy(wanted->sha256, sizeof wanted->sha256, file->sha256);
    if (*file->sha256)
        return RELIEF_OK;
    enum relief_status status = load_records(&records, err);
    const json_t *record = json_object_get(records, file->url);
    const char *digest = json_string_value(json_object_get(record, "sha256"));
    if (status == RELIEF_OK && record) {
        wanted->recorded = true;
        wanted->bytes = json_integer_value(json_object_get(record, "bytes"));
        rl_str_copy(wanted->sha256, sizeof wanted->sha256, digest ? digest : "");
    }
    json_decref(records);
    return status;
}

// ---------------------------------------------------------------------------------------------
// Checking

static enum relief_status fail_wrong(const struct rl_registry_entry *entry, int index,
                                     const struct wanted *wanted, const char *what,
                                     struct relief_error *err)
{
    rl_fail(err, RELIEF_E_MODEL, "%s: %s is not the file that %s: %s", entry->model.name,
            entry->files[index].name,
            wanted->recorded ? "came the first time" : "the registry names", what);
    if (wanted->recorded)
        rl_hint(err, "if its source has a new one: relief models remove %s, then get it again",
                entry->model.name);
    else
        rl_hint(err, "relief models remove %s, then get it again, by another way than this proxy",
                entry->model.name);
    return RELIEF_E_MODEL;
}

static enum relief_status record(const struct rl_registry_entry *entry, int index, int64_t bytes,
                                 const char *digest, struct rl_log *log, struct relief_error *err)
{
    const struct rl_registry_file *file = &entry->files[index];
    enum relief_status status = change_record(
        file->url, json_pack("{sI ss}", "bytes", (json_int_t)bytes, "sha256", digest), err);
    if (status == RELIEF_OK)
        rl_warn(log,
                "%s: the registry has no checksum of %s: SHA-256 %.16s... is recorded, and "
                "checked from now on",
                entry->model.name, file->name, digest);
    return status;
}

enum relief_status rl_stock_verify(const struct rl_registry_entry *entry, int index,
                                   const char *path, struct rl_log *log, struct relief_error *err)
{
    struct wanted wanted;
    struct relief_error cause = {0};
    char digest[65], what[200];
    const int64_t bytes = rl_stock_bytes(path);
    enum relief_status status = find_wanted(&entry->files[index], &wanted, err);
    if (status != RELIEF_OK)
        return status;
    if (wanted.bytes && bytes != wanted.bytes) {
        snprintf(what, sizeof what, "it has %lld bytes, not %lld", (long long)bytes,
                 (long long)wanted.bytes);
        return fail_wrong(entry, index, &wanted, what, err);
    }
    if (rl_sha256_file(path, digest, &cause) != RELIEF_OK)
        return rl_fail(err, RELIEF_E_MODEL, "%s", cause.message);
    if (!*wanted.sha256)
        return record(entry, index, bytes, digest, log, err);
    if (strcmp(digest, wanted.sha256) == 0)
        return RELIEF_OK;
    snprintf(what, sizeof what, "its SHA-256 is %.16s..., not %.16s...", digest, wanted.sha256);
    return fail_wrong(entry, index, &wanted, what, err);
}

// What FILE.checked holds of a file that was found right.
static bool stamp_of(const struct rl_registry_entry *entry, int index, char *stamp, size_t size)
{
    char path[RELIEF_TEXT_MAX];
    struct stat info;
    struct wanted wanted;
    *stamp = 0;
    return rl_stock_path(entry, index, "", path, sizeof path) && stat(path, &info) == 0 &&
           find_wanted(&entry->files[index], &wanted, NULL) == RELIEF_OK && *wanted.sha256 &&
           rl_str_add(stamp, size, "%s %lld %lld.%09ld\n", wanted.sha256, (long long)info.st_size,
                      (long long)info.st_mtim.tv_sec, (long)info.st_mtim.tv_nsec);
}

void rl_stock_mark(const struct rl_registry_entry *entry, int index)
{
    char path[RELIEF_TEXT_MAX], stamp[160];
    FILE *file;
    if (!stamp_of(entry, index, stamp, sizeof stamp) ||
        !rl_stock_path(entry, index, ".checked", path, sizeof path) || !(file = fopen(path, "w")))
        return;
    fputs(stamp, file);
    fclose(file);
}

static bool is_marked(const struct rl_registry_entry *entry, int index)
{
    char path[RELIEF_TEXT_MAX], stamp[160], found[160] = "";
    FILE *file;
    if (!stamp_of(entry, index, stamp, sizeof stamp) ||
        !rl_stock_path(entry, index, ".checked", path, sizeof path) || !(file = fopen(path, "r")))
        return false;
    found[fread(found, 1, sizeof found - 1, file)] = 0;
    fclose(file);
    return strcmp(stamp, found) == 0;
}

static enum relief_status check(const struct rl_registry_entry *entry, bool marked_is_enough,
                                struct rl_log *log, struct relief_error *err)
{
    char path[RELIEF_TEXT_MAX];
    for (int i = 0; i < entry->file_count; i++) {
        if (marked_is_enough && is_marked(entry, i))
            continue;
        rl_stock_path(entry, i, "", path, sizeof path);
        enum relief_status status = rl_stock_verify(entry, i, path, log, err);
        if (status != RELIEF_OK)
            return status;
        rl_stock_mark(entry, i);
    }
    return RELIEF_OK;
}

static enum relief_status require(const struct rl_registry_entry *entry, struct relief_error *err)
{
    char folder[RELIEF_TEXT_MAX];
    if (rl_stock_state(entry) == RL_STOCK_PRESENT)
        return RELIEF_OK;
    rl_stock_path(entry, -1, "", folder, sizeof folder);
    rl_fail(err, RELIEF_E_MODEL, "%s: this model has not been downloaded", entry->model.name);
    rl_hint(err, "relief models get %s, or --download; offline: put its files into %.128s",
            entry->model.name, folder);
    return RELIEF_E_MODEL;
}

enum relief_status rl_stock_check(const struct rl_registry_entry *entry, struct rl_log *log,
                                  struct relief_error *err)
{
    enum relief_status status = require(entry, err);
    return status == RELIEF_OK ? check(entry, false, log, err) : status;
}

enum relief_status rl_stock_find(struct rl_model *model, const char *name, struct rl_log *log,
                                 struct relief_error *err)
{
    struct rl_registry registry;
    const struct rl_registry_entry *entry = NULL;
    enum relief_status status = rl_registry_load(&registry, err);
    if (status == RELIEF_OK)
        status = rl_registry_find(&registry, name, &entry, err);
    if (status == RELIEF_OK)
        status = require(entry, err);
    if (status == RELIEF_OK)
        status = check(entry, true, log, err);
    if (status == RELIEF_OK)
        *model = entry->model;
    rl_registry_clear(&registry);
    return status;
}

// ---------------------------------------------------------------------------------------------
// Changing

enum relief_status rl_stock_lock(const struct rl_registry_entry *entry, int *lock,
                                 struct relief_error *err)
{
    char folder[RELIEF_TEXT_MAX], path[RELIEF_TEXT_MAX] = "";
    rl_stock_path(entry, -1, "", folder, sizeof folder);
    *lock = -1;
    enum relief_status status = rl_make_folders(folder, err);
    if (status != RELIEF_OK)
        return status;
    rl_str_add(path, sizeof path, "%s/.lock", folder);
    *lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (*lock < 0)
        return rl_fail_errno(err, RELIEF_E_OUTPUT, errno, "%s: cannot be written", path);
    if (flock(*lock, LOCK_EX | LOCK_NB) == 0)
        return RELIEF_OK;
    close(*lock);
    *lock = -1;
    rl_fail(err, RELIEF_E_MODEL, "%s: is being downloaded by another process", entry->model.name);
    rl_hint(err, "wait until that has ended");
    return RELIEF_E_MODEL;
}

enum relief_status rl_stock_remove(const struct rl_registry_entry *entry, struct relief_error *err)
{
    static const char *const suffixes[] = {"", ".part", ".checked"};
    char path[RELIEF_TEXT_MAX];
    int lock;
    enum relief_status status = rl_stock_lock(entry, &lock, err);
    for (int i = 0; i < entry->file_count && status == RELIEF_OK; i++) {
        for (int j = 0; j < 3; j++)
            if (rl_stock_path(entry, i, suffixes[j], path, sizeof path) && unlink(path) &&
                errno != ENOENT)
                status = rl_fail_errno(err, RELIEF_E_OUTPUT, errno, "%s: cannot be removed", path);
        if (status == RELIEF_OK && !*entry->files[i].sha256)
            status = change_record(entry->files[i].url, NULL, err);
    }
    if (lock < 0)
        return status;
    rl_stock_path(entry, -1, "/.lock", path, sizeof path);
    unlink(path);
    rl_stock_path(entry, -1, "", path, sizeof path);
    rmdir(path);
    close(lock);
    return status;
}
