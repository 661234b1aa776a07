// SPDX-License-Identifier: MIT
#include "base/file.h"

#include "base/str.h"

#include <ctype.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libavutil/mem.h>
#include <libavutil/sha.h>

const char *rl_path_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

const char *rl_path_extension(const char *path)
{
    const char *name = rl_path_name(path);
    const char *dot = strrchr(name, '.');
    return dot && dot != name ? dot + 1 : "";
}

bool rl_path_is_film(const char *path)
{
    static const char *const kinds[] = {"mp4", "mkv", "mov",  "webm", "avi",  "m4v", "wmv",
                                        "ts",  "mts", "m2ts", "mpg",  "mpeg", "ogv", "3gp",
                                        "flv", "mxf", "vob",  "asf",  "divx", "y4m"};
    const char *extension = rl_path_extension(path);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcasecmp(extension, kinds[i]))
            return true;
    return false;
}

bool rl_path_exists(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0;
}

bool rl_path_is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

// The folder that a name stands in.
static bool stat_folder(const char *path, struct stat *info)
{
    const int length = (int)(rl_path_name(path) - path);
    char *folder = length ? rl_str_format("%.*s", length, path) : rl_str_format(".");
    bool found = folder && stat(folder, info) == 0;
    free(folder);
    return found;
}

bool rl_path_same(const char *a, const char *b)
{
    struct stat x, y;
    bool a_exists = stat(a, &x) == 0, b_exists = stat(b, &y) == 0;
    if (a_exists != b_exists)
        return false;
    if (!a_exists && (strcmp(rl_path_name(a), rl_path_name(b)) != 0 || !stat_folder(a, &x) ||
                      !stat_folder(b, &y)))
        return false;
    return x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

bool rl_path_is_pattern(const char *path)
{
    int numbers = 0;
    for (const char *p = strchr(path, '%'); p; p = strchr(p + 1, '%')) {
        const char *q = p + 1;
        while (isdigit((unsigned char)*q))
            q++;
        if (*q != 'd')
            return false;
        numbers++;
    }
    return numbers == 1;
}

void rl_path_own_folder(char *folder, size_t size)
{
    Dl_info info;
    folder[0] = 0;
    if (!dladdr((void *)(intptr_t)&rl_path_own_folder, &info) || !info.dli_fname)
        return;
    // A statically linked copy answers with argv[0], which may hold no folder at all.
    char real[4096];
    const char *name = strchr(info.dli_fname, '/') ? info.dli_fname : "/proc/self/exe";
    char *resolved = realpath(name, real);
    if (!resolved)
        return;
    char *slash = strrchr(resolved, '/');
    if (!slash)
        return;
    *slash = 0;
    rl_str_copy(folder, size, resolved);
}

enum relief_status rl_make_folders(const char *path, struct relief_error *err)
{
    char *copy = rl_str_format("%s", path);
    if (!copy)
        return rl_fail_memory(err);
    enum relief_status status = RELIEF_OK;
    for (char *p = copy + 1; status == RELIEF_OK; p++) {
        if (*p && *p != '/')
            continue;
        char kept = *p;
        *p = 0;
        if (mkdir(copy, 0777) && errno != EEXIST)
            status = rl_fail_errno(err, RELIEF_E_OUTPUT, errno, "%s: cannot make the folder", copy);
        else if (!rl_path_is_folder(copy))
            status = rl_fail(err, RELIEF_E_OUTPUT, "%s: is a file, not a folder", copy);
        *p = kept;
        if (!kept)
            break;
    }
    free(copy);
    return status;
}

static enum relief_status refuse_existing(const char *path, struct relief_error *err)
{
    rl_fail(err, RELIEF_E_OUTPUT, "%s: exists already", path);
    rl_hint(err, "-y replaces it, -o names another");
    return RELIEF_E_OUTPUT;
}

// The extension stays last, so that programs which look at it know the kind of file. Of a name that
// leaves no room the end goes: it is the finished file's that counts.
static char *name_part(const char *path, int number)
{
    const char *extension = rl_path_extension(path), *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    const char *end = *extension ? extension - 1 : path + strlen(path);
    const size_t added = strlen(".part999.") + strlen(extension);
    const size_t most = added < NAME_MAX ? NAME_MAX - added : 0;
    if ((size_t)(end - name) > most)
        end = name + most;
    return rl_str_format("%.*s.part%d%s%s", (int)(end - path), path, number, *extension ? "." : "",
                         extension);
}

bool rl_read_at(int fd, void *data, size_t size, uint64_t at)
{
    for (size_t got = 0; got < size;) {
        ssize_t more = pread(fd, (uint8_t *)data + got, size - got, (off_t)(at + got));
        if (more < 0 && errno == EINTR)
            continue;
        if (more <= 0) {
            errno = more ? errno : EIO;
            return false;
        }
        got += (size_t)more;
    }
    return true;
}

bool rl_write_at(int fd, const void *data, size_t size, uint64_t at)
{
    for (size_t done = 0; done < size;) {
        ssize_t more = pwrite(fd, (const uint8_t *)data + done, size - done, (off_t)(at + done));
        if (more < 0 && errno == EINTR)
            continue;
        if (more < 0)
            return false;
        done += (size_t)more;
    }
    return true;
}

enum relief_status rl_part_open(struct rl_part *part, const char *path, bool overwrite,
                                struct relief_error *err)
{
    *part = (struct rl_part){.overwrite = overwrite};
    struct stat info;
    if (rl_path_is_folder(path))
        return rl_fail(err, RELIEF_E_OUTPUT, "%s: is a folder", path);
    const bool exists = stat(path, &info) == 0;
    if (!exists && errno == ENAMETOOLONG)
        return rl_fail_errno(err, RELIEF_E_OUTPUT, errno, "%s: cannot be written", path);
    // A rename would put a file in the place of /dev/null.
    if (exists && !S_ISREG(info.st_mode))
        return rl_fail(err, RELIEF_E_OUTPUT, "%s: is a device or a pipe, not a file", path);
    if (!overwrite && rl_path_exists(path))
        return refuse_existing(path, err);
    part->path = rl_str_format("%s", path);
    if (!part->path)
        return rl_fail_memory(err);
    for (int number = 0; number < 1000; number++) {
        char *name = name_part(path, number);
        if (!name)
            return rl_fail_memory(err);
        int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0) {
            close(fd);
            part->part = name;
            return RELIEF_OK;
        }
        int cause = errno;
        free(name);
        if (cause != EEXIST)
            return rl_fail_errno(err, RELIEF_E_OUTPUT, cause, "%s: cannot be written", path);
    }
    return rl_fail(err, RELIEF_E_OUTPUT, "%s: too many unfinished copies beside it", path);
}

static enum relief_status flush(const char *name, const char *path, struct relief_error *err)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    int failed = fd < 0 || fsync(fd);
    int cause = errno;
    if (fd >= 0)
        close(fd);
    // Some file systems cannot sync; only a failed write-back loses data.
    if (failed && (cause == EIO || cause == ENOSPC || cause == EDQUOT))
        return rl_fail_errno(err, RELIEF_E_OUTPUT, cause, "%s: cannot be written", path);
    return RELIEF_OK;
}

enum relief_status rl_part_commit(struct rl_part *part, struct relief_error *err)
{
    enum relief_status status = flush(part->part, part->path, err);
    if (status != RELIEF_OK)
        return status;
    int failed = part->overwrite
                     ? rename(part->part, part->path)
                     : renameat2(AT_FDCWD, part->part, AT_FDCWD, part->path, RENAME_NOREPLACE);
    if (failed && !part->overwrite && (errno == EINVAL || errno == ENOSYS))
        failed = rl_path_exists(part->path) ? (errno = EEXIST, -1) : rename(part->part, part->path);
    if (failed && errno == EEXIST)
        return refuse_existing(part->path, err);
    if (failed)
        return rl_fail_errno(err, RELIEF_E_OUTPUT, errno, "%s: cannot be named", part->path);
    free(part->part);
    part->part = NULL;
    return RELIEF_OK;
}

void rl_part_discard(struct rl_part *part)
{
    if (part->part)
        unlink(part->part);
    free(part->part);
    free(part->path);
    *part = (struct rl_part){0};
}

enum relief_status rl_sha256_file(const char *path, char digest[65], struct relief_error *err)
{
    enum relief_status status = RELIEF_OK;
    struct AVSHA *sha = av_sha_alloc();
    FILE *file = fopen(path, "rb");
    uint8_t *buffer = malloc(1 << 16), sum[32];
    digest[0] = 0;
    if (!file)
        status = rl_fail_errno(err, RELIEF_E_INPUT, errno, "%s: cannot be read", path);
    else if (!sha || !buffer)
        status = rl_fail_memory(err);
    else {
        const size_t step = 1 << 16;
        size_t got = step;
        av_sha_init(sha, 256);
        while (got == step) {
            got = fread(buffer, 1, step, file);
            av_sha_update(sha, buffer, got);
        }
        if (ferror(file))
            status = rl_fail_errno(err, RELIEF_E_INPUT, errno, "%s: cannot be read", path);
        av_sha_final(sha, sum);
        for (int i = 0; i < 32; i++)
            snprintf(digest + 2 * i, 3, "%02x", sum[i]);
    }
    if (file)
        fclose(file);
    free(buffer);
    av_free(sha);
    return status;
}
