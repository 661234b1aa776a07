// SPDX-License-Identifier: MIT
#include "depth/model.h"

#include "base/file.h"
#include "base/str.h"

#include <math.h>

#include <jansson.h>

static const char built_in[] = "built-in";
static const char built_in_file[] = "relief-small.json";

// Seen from the folder of the library: installed, then a build folder inside or below the checkout.
static const char *const model_folders[] = {
    "../share/relief/models", "../../share/relief/models", "models", "../models", "../../models",
    "../../../models",        "../../../../models",
};

void rl_model_default(struct rl_model *model)
{
    *model = (struct rl_model){
        .size = 384,
        .multiple = 32,
        .keep_aspect = true,
        .mean = {0.485f, 0.456f, 0.406f},
        .std = {0.229f, 0.224f, 0.225f},
    };
}

// Families that are known by their names. The first row that matches holds.
struct family {
    const char *words[2];
    int size, multiple;
    bool keep_aspect;
    bool half;  // mean and std are 0.5 instead of ImageNet's
    enum rl_model_output output;
};

static const struct family families[] = {
    {{"depth-anything-v3", "da3"}, 504, 14, true, false, RL_OUTPUT_DEPTH},
    {{"depth-anything", "da2"}, 518, 14, true, false, RL_OUTPUT_INVERSE_DEPTH},
    {{"dpt-", NULL}, 384, 32, false, true, RL_OUTPUT_INVERSE_DEPTH},
};

// Files of these families are often just called model.onnx: the two folders above count too.
static void guess_family(struct rl_model *model)
{
    const char *tail = model->path + strlen(model->path);
    for (int slashes = 0; tail > model->path; tail--)
        if (tail[-1] == '/' && ++slashes == 3)
            break;
    char text[RELIEF_TEXT_MAX];
    rl_str_copy(text, sizeof text, tail);
    for (char *c = text; *c; c++)
        if (*c == '_')
            *c = '-';
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        const struct family *f = &families[i];
        if (!strcasestr(text, f->words[0]) && !(f->words[1] && strcasestr(text, f->words[1])))
            continue;
        model->size = f->size;
        model->multiple = f->multiple;
        model->keep_aspect = f->keep_aspect;
        model->output = f->output;
        for (int c = 0; c < 3 && f->half; c++)
            model->mean[c] = model->std[c] = 0.5f;
        return;
    }
}

static bool take_text(const json_t *value, char *to, size_t size)
{
    return json_is_string(value) && rl_str_copy(to, size, json_string_value(value));
}

static bool take_int(const json_t *value, int least, int most, int *to)
{
    if (!json_is_integer(value) || json_integer_value(value) < least ||
        json_integer_value(value) > most)
        return false;
    *to = (int)json_integer_value(value);
    return true;
}

static bool take_three(const json_t *value, double least, float to[3])
{
    if (!json_is_array(value) || json_array_size(value) != 3)
        return false;
    for (size_t i = 0; i < 3; i++) {
        const json_t *item = json_array_get(value, i);
        double number = json_number_value(item);
        if (!json_is_number(item) || !(number >= least) || number > 1e6)
            return false;
        to[i] = (float)number;
    }
    return true;
}

static bool take_output(const json_t *value, enum rl_model_output *to)
{
    const char *text = json_is_string(value) ? json_string_value(value) : "";
    *to = strcmp(text, "depth") == 0 ? RL_OUTPUT_DEPTH : RL_OUTPUT_INVERSE_DEPTH;
    return *to == RL_OUTPUT_DEPTH || strcmp(text, "inverse_depth") == 0;
}

static bool take_digest(const json_t *value, char to[65])
{
    return take_text(value, to, 65) && strlen(to) == 64 && strspn(to, "0123456789abcdef") == 64;
}

// One key of the descriptor. False when its value is not what the key wants; *known tells whether
// there is such a key at all.
static bool take_key(struct rl_model *m, char file[RELIEF_TEXT_MAX], const char *key,
                     const json_t *value, bool *known)
{
    *known = true;
    if (strcmp(key, "name") == 0)
        return take_text(value, m->name, sizeof m->name);
    if (strcmp(key, "licence") == 0)
        return take_text(value, m->licence, sizeof m->licence);
    if (strcmp(key, "credits") == 0)
        return take_text(value, m->credits, sizeof m->credits);
    if (strcmp(key, "file") == 0)
        return take_text(value, file, RELIEF_TEXT_MAX) && *file;
    if (strcmp(key, "sha256") == 0)
        return take_digest(value, m->sha256);
    if (strcmp(key, "size") == 0)
        return take_int(value, 16, 4096, &m->size);
    if (strcmp(key, "multiple") == 0)
        return take_int(value, 1, 512, &m->multiple);
    if (strcmp(key, "mean") == 0)
        return take_three(value, -1e6, m->mean);
    if (strcmp(key, "std") == 0)
        return take_three(value, 1e-6, m->std);
    if (strcmp(key, "output") == 0)
        return take_output(value, &m->output);
    if (strcmp(key, "keep_aspect") == 0) {
        m->keep_aspect = json_is_true(value);
        return json_is_boolean(value);
    }
    *known = false;
    return true;
}

static enum relief_status read_keys(struct rl_model *model, const json_t *root, const char *path,
                                    char file[RELIEF_TEXT_MAX], struct relief_error *err)
{
    if (!json_is_object(root))
        return rl_fail(err, RELIEF_E_MODEL, "%s: is not a model descriptor: no JSON object", path);
    for (void *i = json_object_iter((json_t *)(intptr_t)root); i;
         i = json_object_iter_next((json_t *)(intptr_t)root, i)) {
        const char *key = json_object_iter_key(i);
        bool known;
        if (!take_key(model, file, key, json_object_iter_value(i), &known))
            return rl_fail(err, RELIEF_E_MODEL, "%s: \"%.64s\" has a value that does not fit", path,
                           key);
        if (!known)
            return rl_fail(err, RELIEF_E_MODEL, "%s: unknown key \"%.64s\"", path, key);
    }
    return RELIEF_OK;
}

// `from` with its name replaced by `name`, unless that is absolute.
static bool beside(char *to, size_t size, const char *from, const char *name)
{
    int folder = *name == '/' ? 0 : (int)(rl_path_name(from) - from);
    *to = 0;
    return rl_str_add(to, size, "%.*s%s", folder, from, name);
}

static enum relief_status read_descriptor(struct rl_model *model, const char *path,
                                          struct relief_error *err)
{
    json_error_t cause;
    char file[RELIEF_TEXT_MAX] = "";
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &cause);
    if (!root)
        return rl_fail(err, RELIEF_E_MODEL, "%s: is not a model descriptor: line %d: %s", path,
                       cause.line, cause.text);
    enum relief_status status = read_keys(model, root, path, file, err);
    json_decref(root);
    if (status != RELIEF_OK)
        return status;
    model->described = true;
    if (*file && !beside(model->path, sizeof model->path, path, file))
        return rl_fail(err, RELIEF_E_MODEL, "%s: the path of its \"file\" is too long", path);
    if (!*model->path)
        return rl_fail(err, RELIEF_E_MODEL, "%s: \"file\" is missing", path);
    return RELIEF_OK;
}

// The descriptor that belongs to a network's file, when it is there.
static enum relief_status read_beside(struct rl_model *model, struct relief_error *err)
{
    char path[RELIEF_TEXT_MAX] = "";
    const char *extension = rl_path_extension(model->path);
    int stem = (int)(*extension ? (size_t)(extension - 1 - model->path) : strlen(model->path));
    if (!rl_str_add(path, sizeof path, "%.*s.json", stem, model->path) || !rl_path_exists(path))
        return RELIEF_OK;
    return read_descriptor(model, path, err);
}

static enum relief_status find_built_in(char *path, size_t size, struct relief_error *err)
{
    char own[RELIEF_TEXT_MAX] = "";
    const char *named = getenv("RELIEF_MODELS");
    if (named && *named) {
        *path = 0;
        if (rl_str_add(path, size, "%s/%s", named, built_in_file) && rl_path_exists(path))
            return RELIEF_OK;
        return rl_fail(err, RELIEF_E_MODEL,
                       "%s: the built-in model is not in this folder, which RELIEF_MODELS names",
                       named);
    }
    rl_path_own_folder(own, sizeof own);
    for (size_t i = 0; i < sizeof model_folders / sizeof *model_folders; i++) {
        *path = 0;
        if (rl_str_add(path, size, "%s/%s/%s", own, model_folders[i], built_in_file) &&
            rl_path_exists(path))
            return RELIEF_OK;
    }
    rl_fail(err, RELIEF_E_MODEL, "built-in model: %s is neither in %s/%s nor in models/",
            built_in_file, own, model_folders[0]);
    rl_hint(err, "RELIEF_MODELS names the folder, --model another network");
    return RELIEF_E_MODEL;
}

static enum relief_status check_file(const struct rl_model *model, struct relief_error *err)
{
    char digest[65];
    struct relief_error cause = {0};
    FILE *file = fopen(model->path, "rb");
    if (!file || rl_path_is_folder(model->path)) {
        if (file)
            fclose(file);
        rl_fail(err, RELIEF_E_MODEL, "%s: no such model", model->path);
        rl_hint(err, "--model built-in, or the path of an ONNX or OpenVINO IR file");
        return RELIEF_E_MODEL;
    }
    fclose(file);
    if (!*model->sha256)
        return RELIEF_OK;
    if (rl_sha256_file(model->path, digest, &cause) != RELIEF_OK)
        return rl_fail(err, RELIEF_E_MODEL, "%s", cause.message);
    if (strcmp(digest, model->sha256) != 0)
        return rl_fail(err, RELIEF_E_MODEL,
                       "%s: is damaged: its SHA-256 is %.8s..., the descriptor says %.8s...",
                       model->path, digest, model->sha256);
    return RELIEF_OK;
}

enum relief_status rl_model_find(struct rl_model *model, const char *name, struct relief_error *err)
{
    enum relief_status status;
    char descriptor[RELIEF_TEXT_MAX] = "";
    rl_model_default(model);
    if (strcmp(name, built_in) == 0) {
        status = find_built_in(descriptor, sizeof descriptor, err);
        if (status != RELIEF_OK)
            return status;
        rl_str_copy(model->name, sizeof model->name, built_in);
    } else if (strcasecmp(rl_path_extension(name), "json") == 0) {
        rl_str_copy(descriptor, sizeof descriptor, name);
    } else {
        rl_str_copy(model->path, sizeof model->path, name);
        guess_family(model);
    }
    status = *descriptor ? read_descriptor(model, descriptor, err) : read_beside(model, err);
    if (status == RELIEF_OK)
        status = check_file(model, err);
    if (!*model->name)
        rl_str_copy(model->name, sizeof model->name, rl_path_name(name));
    return status;
}

static int to_multiple(double side, int multiple)
{
    int count = (int)lround(side / multiple);
    return (count > 0 ? count : 1) * multiple;
}

void rl_model_input_size(const struct rl_model *model, int width, int height, int wanted,
                         int *input_width, int *input_height)
{
    int longer = to_multiple(wanted > 0 ? wanted : model->size, model->multiple);
    *input_width = *input_height = longer;
    if (!model->keep_aspect || width <= 0 || height <= 0)
        return;
    if (width >= height)
        *input_height = to_multiple((double)longer * height / width, model->multiple);
    else
        *input_width = to_multiple((double)longer * width / height, model->multiple);
}
