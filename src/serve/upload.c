// SPDX-License-Identifier: MIT
//
// Films that are brought: bytes go to disk as they come. A film is listed when it is complete; one
// that breaks off, does not fit or is too large leaves nothing.
#include "base/file.h"
#include "base/json.h"
#include "base/str.h"
#include "serve/server.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

static const int64_t reserve_bytes = 64 << 20;  // for the database, and for others

struct upload {
    struct rl_server *server;
    char id[RL_ID_LENGTH + 1];
    char path[4096];
    int fd;
    int64_t bytes;
};

int64_t rl_free_bytes(const struct rl_server *server)
{
    struct statvfs info;
    if (statvfs(server->desk.folder, &info))
        return INT64_MAX;
    int64_t bytes = (int64_t)info.f_bavail * (int64_t)info.f_frsize - reserve_bytes;
    return bytes > 0 ? bytes : 0;
}

static void abandon(void *user)
{
    struct upload *upload = user;
    struct rl_desk *desk = &upload->server->desk;
    if (upload->fd >= 0)
        close(upload->fd);
    rl_desk_lock(desk);
    struct rl_film *film = rl_film_find(desk, upload->id);
    if (film) {
        film->owned = true;
        (void)rl_film_remove(desk, film, NULL);
    }
    rl_desk_unlock(desk);
    free(upload);
}

// What the user calls it: the part behind the last slash of either kind, without what would spoil
// a line. It never becomes a path.
static void clean_name(const char *given, char *name, size_t size)
{
    const char *slash = strrchr(given, '/'), *other = strrchr(given, '\\');
    if (other && (!slash || other > slash))
        slash = other;
    rl_str_copy(name, size, slash ? slash + 1 : given);
    for (char *c = name; *c; c++)
        if (iscntrl((unsigned char)*c))
            *c = '_';
    // A letter of UTF-8 that was cut in two at the end.
    size_t length = strlen(name);
    while (length == size - 1 && length && (name[length - 1] & 0x80))
        name[--length] = 0;
    if (!*name)
        rl_str_copy(name, size, "film");
}

// Some formats are known by their extension alone: it is kept when it is a plain word.
static void add_extension(const char *name, char *path, size_t size)
{
    const char *extension = rl_path_extension(name);
    size_t length = strspn(extension, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                      "0123456789");
    if (length && length <= 8 && !extension[length])
        rl_str_add(path, size, ".%s", extension);
}

static bool check_size(struct rl_request *request)
{
    struct rl_server *server = request->server;
    if (request->content_bytes > server->max_upload_bytes) {
        rl_reply_error(&request->reply, 413, "size", "the film is larger than %.3g GiB",
                       (double)server->max_upload_bytes / (1 << 30));
        return false;
    }
    if (request->content_bytes > rl_free_bytes(server)) {
        rl_reply_error(&request->reply, 507, "output", "there is no room left on the disk");
        return false;
    }
    return true;
}

// The film's place on the desk and in the data folder.
static bool open_place(struct rl_request *request, struct upload *upload, const char *name)
{
    struct relief_error err = {0};
    struct rl_desk *desk = &request->server->desk;
    char folder[4000];
    rl_desk_lock(desk);
    struct rl_film *film = rl_film_add(desk, name, &err);
    if (film)
        rl_str_copy(upload->id, sizeof upload->id, film->id);
    rl_desk_unlock(desk);
    if (!film) {
        rl_reply_failure(&request->reply, &err);
        return false;
    }
    snprintf(folder, sizeof folder, "%s/films/%s", desk->folder, upload->id);
    snprintf(upload->path, sizeof upload->path, "%s/film", folder);
    add_extension(name, upload->path, sizeof upload->path);
    if (rl_make_folders(folder, &err) == RELIEF_OK) {
        upload->fd = open(upload->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (upload->fd < 0)
            rl_fail_errno(&err, RELIEF_E_OUTPUT, errno, "the film cannot be stored");
    }
    if (upload->fd < 0)
        rl_reply_failure(&request->reply, &err);
    return upload->fd >= 0;
}

static bool begin(struct rl_request *request, const char *given)
{
    char name[200];
    if (!given)
        given = rl_request_query(request, "filename");
    clean_name(given ? given : "film", name, sizeof name);
    if (!check_size(request))
        return false;
    struct upload *upload = calloc(1, sizeof *upload);
    if (!upload) {
        rl_reply_error(&request->reply, 500, "memory", "out of memory");
        return false;
    }
    upload->server = request->server;
    upload->fd = -1;
    request->upload = upload;
    return open_place(request, upload, name);
}

static bool store(struct rl_request *request, struct upload *upload, const char *bytes, size_t size)
{
    upload->bytes += (int64_t)size;
    if (upload->bytes > request->server->max_upload_bytes) {
        rl_reply_error(&request->reply, 413, "size", "the film is too large");
        return false;
    }
    while (size) {
        ssize_t written = write(upload->fd, bytes, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0) {
            struct relief_error err = {0};
            rl_fail_errno(&err, RELIEF_E_OUTPUT, errno, "the film cannot be stored");
            rl_reply_failure(&request->reply, &err);
            return false;
        }
        bytes += written;
        size -= (size_t)written;
    }
    return true;
}

static bool take(struct rl_request *request, const char *name, bool first, const char *bytes,
                 size_t size)
{
    bool fits = true;
    if (!request->upload)
        fits = begin(request, name);
    else if (name && first) {
        rl_reply_error(&request->reply, 400, "argument", "one film a request");
        fits = false;
    }
    fits = fits && store(request, request->upload, bytes, size);
    // Its room is needed at once, not when a slow client has sent the rest.
    if (!fits && request->upload) {
        abandon(request->upload);
        request->upload = NULL;
    }
    return fits;
}

const struct rl_pieces rl_upload_pieces = {take, abandon};

// The film becomes a film: stored, then listed.
static enum relief_status complete(struct upload *upload, struct relief_error *err)
{
    struct rl_desk *desk = &upload->server->desk;
    int failed = fsync(upload->fd);
    failed |= close(upload->fd);
    upload->fd = -1;
    if (failed)
        return rl_fail_errno(err, RELIEF_E_OUTPUT, errno, "the film cannot be stored");
    struct rl_film *film = rl_film_find(desk, upload->id);
    if (!film)
        return rl_fail(err, RELIEF_E_FAILED, "the film has gone");
    rl_str_copy(film->path, sizeof film->path, upload->path);
    film->bytes = upload->bytes;
    film->owned = true;
    enum relief_status status = rl_film_save(desk, film, err);
    film->complete = status == RELIEF_OK;
    return status;
}

void rl_upload_done(struct rl_request *request)
{
    struct relief_error err = {0};
    struct upload *upload = request->upload;
    struct rl_desk *desk = &request->server->desk;
    if (!upload || !upload->bytes) {
        rl_reply_error(&request->reply, 400, "argument", "the request brings no film");
        return;
    }
    rl_desk_lock(desk);
    enum relief_status status = complete(upload, &err);
    if (status == RELIEF_OK)
        rl_reply_json(&request->reply, 201, rl_film_json(rl_film_find(desk, upload->id)));
    rl_desk_unlock(desk);
    if (status != RELIEF_OK) {
        rl_reply_failure(&request->reply, &err);
        return;  // the request's end abandons it
    }
    rl_reply_header(&request->reply, "Location", "/api/files/%s", upload->id);
    request->upload = NULL;
    free(upload);
}
