// SPDX-License-Identifier: MIT
#include "depth/models.h"

#include "base/file.h"
#include "base/str.h"
#include "depth/download.h"
#include "depth/stock.h"

#include <errno.h>
#include <sys/statvfs.h>
#include <unistd.h>

static const char built_in[] = "built-in";

// ---------------------------------------------------------------------------------------------
// Listing

static void describe_model(struct relief_model_info *info, const struct rl_model *model)
{
    static const char *const outputs[] = {"inverse depth", "depth", "metric depth"};
    static const char *const fits[] = {
        [RL_FIT_LONGER] = "aspect kept",
        [RL_FIT_MINIMAL] = "shorter side, aspect kept",
        [RL_FIT_EXACT] = "exact",
        [RL_FIT_AREA] = "area of 16:9, aspect kept",
    };
    rl_str_copy(info->name, sizeof info->name, model->name);
    rl_str_copy(info->licence, sizeof info->licence, model->licence);
    rl_str_copy(info->output, sizeof info->output, outputs[model->output]);
    rl_str_copy(info->path, sizeof info->path, model->path);
    info->non_commercial = model->non_commercial;
    rl_str_add(info->input, sizeof info->input, "%d, %s", model->size, fits[model->fit]);
    if (model->fit != RL_FIT_EXACT)
        rl_str_add(info->input, sizeof info->input, ", multiples of %d", model->multiple);
}

static void describe_entry(struct relief_model_info *info, const struct rl_registry_entry *entry)
{
    *info = (struct relief_model_info){.bytes_are_exact = 1, .from_user = entry->is_users};
    describe_model(info, &entry->model);
    rl_str_copy(info->description, sizeof info->description, entry->description);
    rl_str_copy(info->url, sizeof info->url, entry->files[0].url);
    info->state = (enum relief_model_state)rl_stock_state(entry);
    for (int i = 0; i < entry->file_count; i++) {
        const struct rl_registry_file *file = &entry->files[i];
        info->bytes += file->bytes ? file->bytes : file->about_bytes;
        info->bytes_are_exact = info->bytes_are_exact && file->bytes;
    }
}

// False when it is not there.
static bool describe_built_in(struct relief_model_info *info)
{
    struct rl_model model;
    *info = (struct relief_model_info){.bytes_are_exact = 1, .state = RELIEF_MODEL_PRESENT};
    if (rl_model_find(&model, built_in, NULL, NULL) != RELIEF_OK)
        return false;
    describe_model(info, &model);
    rl_str_copy(info->name, sizeof info->name, built_in);
    rl_str_copy(info->description, sizeof info->description, "comes with relief: small and fast");
    info->bytes = rl_stock_bytes(model.path);
    return true;
}

enum relief_status rl_models_list(struct relief_model_info *models, size_t capacity, size_t *count,
                                  struct relief_error *err)
{
    struct rl_registry registry;
    struct relief_model_info own;
    *count = 0;
    enum relief_status status = rl_registry_load(&registry, err);
    if (status != RELIEF_OK)
        return status;
    if (describe_built_in(&own) && (*count)++ < capacity)
        models[0] = own;
    for (size_t i = 0; i < registry.count; i++, (*count)++)
        if (*count < capacity)
            describe_entry(&models[*count], &registry.entries[i]);
    rl_registry_clear(&registry);
    return RELIEF_OK;
}

// The entry of a name, out of a registry that the caller clears.
static enum relief_status load(struct rl_registry *registry, const char *name,
                               const struct rl_registry_entry **entry, struct relief_error *err)
{
    enum relief_status status = rl_registry_load(registry, err);
    return status == RELIEF_OK ? rl_registry_find(registry, name, entry, err) : status;
}

enum relief_status rl_models_find(const char *name, struct relief_model_info *model,
                                  struct relief_error *err)
{
    struct rl_registry registry = {0};
    const struct rl_registry_entry *entry;
    if (strcmp(name, built_in) == 0 && describe_built_in(model))
        return RELIEF_OK;
    enum relief_status status = load(&registry, name, &entry, err);
    if (status == RELIEF_OK)
        describe_entry(model, entry);
    rl_registry_clear(&registry);
    return status;
}

// ---------------------------------------------------------------------------------------------
// Getting

struct get {
    const struct rl_registry_entry *entry;
    int index;  // of the file under way
    relief_download_fn progress;
    void *user;
    struct rl_log *log;
};

static bool go_on(void *user, int64_t done, int64_t total)
{
    const struct get *get = user;
    const struct relief_download download = {get->entry->model.name,
                                             get->entry->files[get->index].name, done, total};
    return !get->progress || !get->progress(get->user, &download);
}

static enum relief_status check_space(const char *path, int64_t bytes, struct relief_error *err)
{
    char folder[RELIEF_TEXT_MAX] = "";
    struct statvfs disk;
    rl_str_add(folder, sizeof folder, "%.*s", (int)(rl_path_name(path) - path), path);
    if (statvfs(folder, &disk))
        return RELIEF_OK;
    const int64_t room = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
    if (room >= bytes)
        return RELIEF_OK;
    rl_fail(err, RELIEF_E_OUTPUT, "%s: too little room: %lld MB are needed, %lld MB are free",
            folder, (long long)(bytes / 1000000), (long long)(room / 1000000));
    rl_hint(err, "XDG_CACHE_HOME names another place");
    return RELIEF_E_OUTPUT;
}

// A part that was begun earlier may belong to another version of the file: then once more, anew.
static enum relief_status fetch(struct get *get, const char *part, struct relief_error *err)
{
    const struct rl_registry_file *file = &get->entry->files[get->index];
    const struct rl_download download = {
        .url = file->url,
        .part = part,
        .bytes = file->bytes,
        .go_on = go_on,
        .user = get,
        .log = get->log,
    };
    const int64_t begun = rl_stock_bytes(part);
    enum relief_status status = check_space(
        part, (file->bytes ? file->bytes : file->about_bytes) - (begun > 0 ? begun : 0), err);
    for (bool resumed = begun > 0; status == RELIEF_OK; resumed = false) {
        struct relief_error wrong = {0};
        status = rl_download(&download, err);
        if (status != RELIEF_OK ||
            rl_stock_verify(get->entry, get->index, part, get->log, &wrong) == RELIEF_OK)
            return status;
        unlink(part);
        if (!resumed)
            return rl_error_pass(err, &wrong);
        rl_verbose(get->log, "%s: what was there of it does not fit: from the start", file->name);
    }
    return status;
}

static enum relief_status get_file(struct get *get, struct relief_error *err)
{
    char path[RELIEF_TEXT_MAX], part[RELIEF_TEXT_MAX];
    struct relief_error wrong = {0};
    rl_stock_path(get->entry, get->index, "", path, sizeof path);
    if (!rl_stock_path(get->entry, get->index, ".part", part, sizeof part))
        return rl_fail(err, RELIEF_E_MODEL, "%s: the path of the cache is too long", path);
    if (rl_path_exists(path)) {
        if (rl_stock_verify(get->entry, get->index, path, get->log, &wrong) == RELIEF_OK)
            return RELIEF_OK;
        rl_warn(get->log, "%s; it is fetched again", wrong.message);
    }
    enum relief_status status = fetch(get, part, err);
    if (status == RELIEF_OK && rename(part, path))
        status = rl_fail_errno(err, RELIEF_E_OUTPUT, errno, "%s: cannot be written", path);
    if (status == RELIEF_OK)
        rl_stock_mark(get->entry, get->index);
    return status;
}

enum relief_status rl_models_get(const char *name, relief_download_fn progress, void *user,
                                 struct rl_log *log, struct relief_error *err)
{
    struct rl_registry registry = {0};
    struct get get = {.progress = progress, .user = user, .log = log};
    int lock = -1;
    if (strcmp(name, built_in) == 0)
        return RELIEF_OK;
    enum relief_status status = load(&registry, name, &get.entry, err);
    if (status == RELIEF_OK)
        status = rl_stock_lock(get.entry, &lock, err);
    for (; status == RELIEF_OK && get.index < get.entry->file_count; get.index++)
        status = get_file(&get, err);
    if (lock >= 0)
        close(lock);
    rl_registry_clear(&registry);
    return status;
}

// ---------------------------------------------------------------------------------------------
// Keeping

enum relief_status rl_models_check(const char *name, struct rl_log *log, struct relief_error *err)
{
    struct rl_registry registry = {0};
    const struct rl_registry_entry *entry;
    struct rl_model own;
    if (strcmp(name, built_in) == 0)
        return rl_model_find(&own, name, NULL, err);
    enum relief_status status = load(&registry, name, &entry, err);
    if (status == RELIEF_OK)
        status = rl_stock_check(entry, log, err);
    rl_registry_clear(&registry);
    return status;
}

enum relief_status rl_models_remove(const char *name, struct relief_error *err)
{
    struct rl_registry registry = {0};
    const struct rl_registry_entry *entry;
    if (strcmp(name, built_in) == 0)
        return rl_fail(err, RELIEF_E_ARGUMENT, "%s: belongs to relief and stays", name);
    enum relief_status status = load(&registry, name, &entry, err);
    if (status == RELIEF_OK)
        status = rl_stock_remove(entry, err);
    rl_registry_clear(&registry);
    return status;
}
