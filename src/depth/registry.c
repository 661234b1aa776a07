// SPDX-License-Identifier: MIT
#include "depth/registry.h"

#include "base/file.h"
#include "base/str.h"
#include "depth/descriptor.h"

enum { FORMAT = 1 };

// ---------------------------------------------------------------------------------------------
// Folders and names

static bool find_folder(const char *variable, const char *below_home, char *path, size_t size)
{
    const char *named = getenv(variable), *home = getenv("HOME");
    *path = 0;
    if (named && *named == '/')
        return rl_str_add(path, size, "%s/relief", named);
    return home && *home && rl_str_add(path, size, "%s/%s/relief", home, below_home);
}

bool rl_registry_cache(char *path, size_t size)
{
    return find_folder("XDG_CACHE_HOME", ".cache", path, size);
}

bool rl_registry_config(char *path, size_t size)
{
    return find_folder("XDG_CONFIG_HOME", ".config", path, size);
}

static const char name_letters[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

bool rl_registry_is_name(const char *name)
{
    return *name && name[strspn(name, name_letters)] == 0 && strcmp(name, "built-in") != 0 &&
           !(rl_path_exists(name) && !rl_path_is_folder(name));
}

// ---------------------------------------------------------------------------------------------
// Reading

// Where in the registry something is wrong.
struct place {
    const char *path, *name;
    struct relief_error *err;
};

static enum relief_status fail_at(const struct place *place, const char *what)
{
    return rl_fail(place->err, RELIEF_E_MODEL, "%s: \"%.64s\": %s", place->path, place->name, what);
}

static bool take_bytes(const json_t *value, int64_t *to)
{
    *to = json_integer_value(value);
    return json_is_integer(value) && *to > 0;
}

static bool take_url(const json_t *value, char *to)
{
    return rl_descriptor_text(value, to, RL_REGISTRY_URL_MAX) &&
           (rl_str_starts(to, "https://") || rl_str_starts(to, "http://"));
}

// A name, not a way out of the folder.
static bool take_file_name(const json_t *value, char *to, size_t size)
{
    return rl_descriptor_text(value, to, size) && *to && *to != '.' && !strchr(to, '/');
}

static enum relief_status read_file(struct rl_registry_file *file, const json_t *object,
                                    const struct place *place)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(intptr_t)object, key, value)
    {
        bool fits = strcmp(key, "name") == 0  ? take_file_name(value, file->name, sizeof file->name)
                    : strcmp(key, "url") == 0 ? take_url(value, file->url)
                    : strcmp(key, "bytes") == 0       ? take_bytes(value, &file->bytes)
                    : strcmp(key, "about_bytes") == 0 ? take_bytes(value, &file->about_bytes)
                    : strcmp(key, "sha256") == 0      ? rl_descriptor_digest(value, file->sha256)
                                                      : false;
        if (!fits)
            return fail_at(place, "one of its files has an unknown key, or a value that does not "
                                  "fit");
    }
    if (!*file->name || !*file->url)
        return fail_at(place, "its files need a \"name\" and a \"url\"");
    return RELIEF_OK;
}

static enum relief_status read_files(struct rl_registry_entry *entry, const json_t *list,
                                     const struct place *place)
{
    size_t count = json_array_size(list);
    if (!json_is_array(list) || !count || count > RL_REGISTRY_FILES_MAX)
        return fail_at(place, "\"files\" is not a list of one to four files");
    for (size_t i = 0; i < count; i++) {
        enum relief_status status = read_file(&entry->files[i], json_array_get(list, i), place);
        if (status != RELIEF_OK)
            return status;
    }
    entry->file_count = (int)count;
    return RELIEF_OK;
}

static enum relief_status read_key(struct rl_registry_entry *entry, const char *key,
                                   const json_t *value, const struct place *place)
{
    char what[128];
    bool known = true, fits;
    if (strcmp(key, "files") == 0)
        return read_files(entry, value, place);
    if (strcmp(key, "description") == 0)
        fits = rl_descriptor_text(value, entry->description, sizeof entry->description);
    else
        fits = rl_descriptor_key(&entry->model, key, value, &known);
    if (known && fits)
        return RELIEF_OK;
    snprintf(what, sizeof what,
             known ? "\"%.64s\" has a value that does not fit" : "unknown key \"%.64s\"", key);
    return fail_at(place, what);
}

static enum relief_status read_entry(struct rl_registry_entry *entry, const json_t *object,
                                     const struct place *place)
{
    const char *key;
    json_t *value;
    char cache[RELIEF_TEXT_MAX];
    *entry = (struct rl_registry_entry){0};
    rl_model_default(&entry->model);
    if (!rl_registry_is_name(place->name) || !json_is_object(object))
        return fail_at(place, "is not a model: a name of letters, digits, - and _, and an object");
    json_object_foreach((json_t *)(intptr_t)object, key, value)
    {
        enum relief_status status = read_key(entry, key, value, place);
        if (status != RELIEF_OK)
            return status;
    }
    if (!entry->file_count)
        return fail_at(place, "\"files\" is missing");
    struct rl_model *model = &entry->model;
    model->described = true;
    rl_str_copy(model->name, sizeof model->name, place->name);
    if (!rl_registry_cache(cache, sizeof cache)) {
        rl_fail(place->err, RELIEF_E_MODEL, "there is no folder to keep models in");
        rl_hint(place->err, "set HOME or XDG_CACHE_HOME");
        return RELIEF_E_MODEL;
    }
    if (!rl_str_add(model->path, sizeof model->path, "%s/models/%s/%s", cache, model->name,
                    entry->files[0].name))
        return fail_at(place, "its path is too long");
    return RELIEF_OK;
}

static struct rl_registry_entry *entry_for(struct rl_registry *registry, const char *name)
{
    for (size_t i = 0; i < registry->count; i++)
        if (strcmp(registry->entries[i].model.name, name) == 0)
            return &registry->entries[i];
    struct rl_registry_entry *more = realloc(registry->entries,
                                             (registry->count + 1) * sizeof *more);
    if (!more)
        return NULL;
    registry->entries = more;
    more[registry->count] = (struct rl_registry_entry){0};
    return &more[registry->count++];
}

static enum relief_status read_registry(struct rl_registry *registry, const char *path,
                                        bool is_users, struct relief_error *err)
{
    json_error_t cause;
    const char *name;
    json_t *value;
    enum relief_status status = RELIEF_OK;
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &cause);
    const json_t *models = json_object_get(root, "models");
    if (!root)
        return rl_fail(err, RELIEF_E_MODEL, "%s: is not a registry: line %d: %s", path, cause.line,
                       cause.text);
    if (json_integer_value(json_object_get(root, "format")) != FORMAT || !json_is_object(models))
        status = rl_fail(err, RELIEF_E_MODEL,
                         "%s: is not a registry: \"format\" is not %d, or \"models\" is no object",
                         path, FORMAT);
    json_object_foreach((json_t *)(intptr_t)models, name, value)
    {
        if (status != RELIEF_OK)
            break;
        struct rl_registry_entry *entry = entry_for(registry, name);
        const struct place place = {path, name, err};
        status = entry ? read_entry(entry, value, &place) : rl_fail_memory(err);
        if (status == RELIEF_OK)
            entry->is_users = is_users;
    }
    json_decref(root);
    return status;
}

enum relief_status rl_registry_load(struct rl_registry *registry, struct relief_error *err)
{
    char path[RELIEF_TEXT_MAX], config[RELIEF_TEXT_MAX];
    enum relief_status status = RELIEF_OK;
    *registry = (struct rl_registry){0};
    if (rl_model_own_file("registry.json", path, sizeof path))
        status = read_registry(registry, path, false, err);
    *path = 0;
    if (status == RELIEF_OK && rl_registry_config(config, sizeof config) &&
        rl_str_add(path, sizeof path, "%s/registry.json", config) && rl_path_exists(path))
        status = read_registry(registry, path, true, err);
    if (status != RELIEF_OK)
        rl_registry_clear(registry);
    return status;
}

void rl_registry_clear(struct rl_registry *registry)
{
    free(registry->entries);
    *registry = (struct rl_registry){0};
}

enum relief_status rl_registry_find(const struct rl_registry *registry, const char *name,
                                    const struct rl_registry_entry **entry,
                                    struct relief_error *err)
{
    const char *nearest = NULL;
    size_t least = 4;
    for (size_t i = 0; i < registry->count; i++) {
        const char *known = registry->entries[i].model.name;
        size_t distance = rl_str_distance(name, known);
        if (distance == 0) {
            *entry = &registry->entries[i];
            return RELIEF_OK;
        }
        if (distance < least) {
            least = distance;
            nearest = known;
        }
    }
    rl_fail(err, RELIEF_E_MODEL, "%s: no such model", name);
    if (nearest)
        rl_hint(err, "%s", nearest);
    else
        rl_hint(err, "relief models list, or the path of an ONNX or OpenVINO IR file");
    return RELIEF_E_MODEL;
}
