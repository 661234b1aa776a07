// SPDX-License-Identifier: MIT
//
// Films: what was brought, what is in it, and the folder whose films may be named.
#include "base/file.h"
#include "base/json.h"
#include "base/str.h"
#include "serve/server.h"

#include <dirent.h>
#include <strings.h>
#include <sys/stat.h>

enum { FOLDER_ENTRIES = 2000 };

static void not_there(struct rl_request *request)
{
    rl_reply_error(&request->reply, 404, "id", "there is no such film");
}

// With the desk locked; NULL: the reply says so.
static struct rl_film *find(struct rl_request *request, const char *id)
{
    struct rl_film *film = id ? rl_film_find(&request->server->desk, id) : NULL;
    if (film && film->complete)
        return film;
    not_there(request);
    return NULL;
}

void rl_list_films(struct rl_request *request)
{
    struct rl_desk *desk = &request->server->desk;
    json_t *list = json_array();
    rl_desk_lock(desk);
    for (const struct rl_film *film = desk->films; film; film = film->next)
        if (film->complete)
            json_array_append_new(list, rl_film_json(film));
    rl_desk_unlock(desk);
    rl_reply_json(&request->reply, 200, list ? json_pack("{so}", "files", list) : NULL);
}

void rl_get_film(struct rl_request *request)
{
    rl_desk_lock(&request->server->desk);
    const struct rl_film *film = find(request, request->id);
    if (film)
        rl_reply_json(&request->reply, 200, rl_film_json(film));
    rl_desk_unlock(&request->server->desk);
}

void rl_delete_film(struct rl_request *request)
{
    struct relief_error err = {0};
    struct rl_desk *desk = &request->server->desk;
    rl_desk_lock(desk);
    struct rl_film *film = find(request, request->id);
    if (film && rl_film_is_needed(desk, film))
        rl_reply_error(&request->reply, 409, "busy", "a job needs this film: cancel it first");
    else if (film && rl_film_remove(desk, film, &err) == RELIEF_OK)
        rl_reply_nothing(&request->reply);
    else if (film)
        rl_reply_failure(&request->reply, &err);
    rl_desk_unlock(desk);
}

void rl_get_film_content(struct rl_request *request)
{
    char path[4096] = "";
    rl_desk_lock(&request->server->desk);
    const struct rl_film *film = find(request, request->id);
    if (film)
        rl_str_copy(path, sizeof path, film->path);
    rl_desk_unlock(&request->server->desk);
    if (*path)
        rl_reply_file(&request->reply, path, rl_media_type(path), NULL);
}

// Looks into it once; the desk is not locked while the looker does.
void rl_probe_film(struct rl_request *request)
{
    struct relief_error err = {0};
    struct rl_desk *desk = &request->server->desk;
    char path[4096] = "", id[RL_ID_LENGTH + 1] = "";
    json_t *info = NULL;
    rl_desk_lock(desk);
    const struct rl_film *film = find(request, rl_request_query(request, "id"));
    if (film) {
        rl_str_copy(path, sizeof path, film->path);
        rl_str_copy(id, sizeof id, film->id);
        info = json_incref(film->info);
    }
    rl_desk_unlock(desk);
    if (!*path)
        return;
    if (!info && rl_looker_probe(request->server->looker, path, &info, &err) != RELIEF_OK) {
        // The user knows the film by another name than where it lies.
        const char *behind = rl_str_starts(err.message, path) ? err.message + strlen(path) : NULL;
        struct relief_error shown = {.status = err.status};
        snprintf(shown.message, sizeof shown.message, "%s%s", behind ? "this file" : err.message,
                 behind ? behind : "");
        rl_str_copy(shown.hint, sizeof shown.hint, err.hint);
        rl_reply_failure(&request->reply, &shown);
        return;
    }
    rl_desk_lock(desk);
    struct rl_film *now = rl_film_find(desk, id);
    if (now && !now->info) {
        now->info = json_incref(info);
        (void)rl_film_save(desk, now, NULL);
    }
    rl_desk_unlock(desk);
    rl_reply_json(&request->reply, 200, info);
}

// ---- The allowed folder

// The real path of a name inside the folder; false: the reply says why.
static bool resolve(struct rl_request *request, const char *name, char *path, size_t size)
{
    const char *folder = request->server->folder;
    bool inside = false;
    if (!*folder) {
        rl_reply_error(&request->reply, 404, "folder",
                       "no folder was opened: relief serve --folder");
        return false;
    }
    char *joined = rl_str_format("%s/%s", folder, name);
    char *real = joined ? realpath(joined, NULL) : NULL;
    size_t length = strlen(folder);
    if (real)
        inside = rl_str_starts(real, folder) && (real[length] == '/' || !real[length]) &&
                 rl_str_copy(path, size, real);
    free(joined);
    free(real);
    if (!inside)
        rl_reply_error(&request->reply, 404, "path", "there is no such file in the folder");
    return inside;
}

static bool is_media(const char *name)
{
    static const char *const pictures[] = {"png", "jpg", "jpeg", "gif", "webp", "tif", "tiff"};
    const char *extension = rl_path_extension(name);
    for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++)
        if (!strcasecmp(extension, pictures[i]))
            return true;
    return rl_path_is_film(name);
}

void rl_list_folder(struct rl_request *request)
{
    char path[4096], inside[4400];
    struct stat info;
    const char *name = rl_request_query(request, "path");
    if (!resolve(request, name ? name : "", path, sizeof path))
        return;
    DIR *dir = opendir(path);
    json_t *list = json_array();
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        snprintf(inside, sizeof inside, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] == '.' || stat(inside, &info))
            continue;
        bool folder = S_ISDIR(info.st_mode);
        if (!folder && !(S_ISREG(info.st_mode) && is_media(entry->d_name)))
            continue;
        json_array_append_new(list,
                              json_pack("{so sb sI}", "name", rl_json_text(entry->d_name), "folder",
                                        folder, "bytes", (json_int_t)(folder ? 0 : info.st_size)));
        if (json_array_size(list) >= FOLDER_ENTRIES)
            break;
    }
    if (dir)
        closedir(dir);
    rl_reply_json(&request->reply, 200, json_pack("{so}", "entries", list));
}

void rl_name_film(struct rl_request *request)
{
    char path[4096];
    struct stat info;
    struct relief_error err = {0};
    struct rl_desk *desk = &request->server->desk;
    const char *name = json_string_value(json_object_get(request->json, "path"));
    if (!name) {
        rl_reply_error(&request->reply, 400, "argument", "path: is missing");
        return;
    }
    if (!resolve(request, name, path, sizeof path))
        return;
    if (stat(path, &info) || !S_ISREG(info.st_mode)) {
        rl_reply_error(&request->reply, 404, "path", "there is no such file in the folder");
        return;
    }
    rl_desk_lock(desk);
    struct rl_film *film = rl_film_add(desk, rl_path_name(path), &err);
    if (film) {
        rl_str_copy(film->path, sizeof film->path, path);
        film->bytes = info.st_size;
        film->complete = true;
    }
    if (film && rl_film_save(desk, film, &err) == RELIEF_OK)
        rl_reply_json(&request->reply, 201, rl_film_json(film));
    else if (film)
        (void)rl_film_remove(desk, film, NULL);
    rl_desk_unlock(desk);
    if (err.status != RELIEF_OK)
        rl_reply_failure(&request->reply, &err);
}
