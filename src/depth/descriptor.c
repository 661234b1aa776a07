// SPDX-License-Identifier: MIT
#include "depth/descriptor.h"

#include "base/file.h"
#include "base/str.h"

bool rl_descriptor_text(const json_t *value, char *to, size_t size)
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

// Which of the words the value is, or -1.
static int take_word(const json_t *value, const char *const *words)
{
    const char *text = json_is_string(value) ? json_string_value(value) : "";
    for (int i = 0; words[i]; i++)
        if (strcmp(text, words[i]) == 0)
            return i;
    return -1;
}

static bool take_output(const json_t *value, enum rl_model_output *to)
{
    static const char *const words[] = {"inverse_depth", "depth", "metric_depth", NULL};
    int word = take_word(value, words);
    *to = word < 0 ? RL_OUTPUT_INVERSE_DEPTH : (enum rl_model_output)word;
    return word >= 0;
}

static bool take_fit(const json_t *value, enum rl_model_fit *to)
{
    static const char *const words[] = {"longer", "minimal", "exact", "area", NULL};
    int word = take_word(value, words);
    *to = word < 0 ? RL_FIT_LONGER : (enum rl_model_fit)word;
    return word >= 0;
}

static bool take_normalisation(const json_t *value, struct rl_model *m)
{
    static const char *const words[] = {"imagenet", "half", "inside", NULL};
    int word = take_word(value, words);
    for (int c = 0; c < 3 && word > 0; c++) {
        m->mean[c] = word == 1 ? 0.5f : 0;
        m->std[c] = word == 1 ? 0.5f : 1;
    }
    return word >= 0;
}

static bool take_tensors(const json_t *value, struct rl_model *m)
{
    const json_t *input = json_object_get(value, "input"),
                 *output = json_object_get(value, "output");
    return json_is_object(value) &&
           json_object_size(value) == (input ? 1U : 0U) + (output ? 1U : 0U) &&
           (!input || rl_descriptor_text(input, m->input, sizeof m->input)) &&
           (!output || rl_descriptor_text(output, m->result, sizeof m->result));
}

static bool take_bool(const json_t *value, bool *to)
{
    *to = json_is_true(value);
    return json_is_boolean(value);
}

bool rl_descriptor_digest(const json_t *value, char to[65])
{
    return rl_descriptor_text(value, to, 65) && strlen(to) == 64 &&
           strspn(to, "0123456789abcdef") == 64;
}

static bool take_text_key(struct rl_model *m, const char *key, const json_t *value, bool *known)
{
    const struct {
        const char *key;
        char *to;
        size_t size;
    } rows[] = {{"name", m->name, sizeof m->name},
                {"licence", m->licence, sizeof m->licence},
                {"credits", m->credits, sizeof m->credits}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(key, rows[i].key) == 0)
            return rl_descriptor_text(value, rows[i].to, rows[i].size);
    *known = false;
    return true;
}

bool rl_descriptor_key(struct rl_model *m, const char *key, const json_t *value, bool *known)
{
    *known = true;
    if (strcmp(key, "size") == 0)
        return take_int(value, 16, 4096, &m->size);
    if (strcmp(key, "multiple") == 0)
        return take_int(value, 1, 512, &m->multiple);
    if (strcmp(key, "fit") == 0)
        return take_fit(value, &m->fit);
    if (strcmp(key, "normalisation") == 0)
        return take_normalisation(value, m);
    if (strcmp(key, "mean") == 0)
        return take_three(value, -1e6, m->mean);
    if (strcmp(key, "std") == 0)
        return take_three(value, 1e-6, m->std);
    if (strcmp(key, "tensors") == 0)
        return take_tensors(value, m);
    if (strcmp(key, "output") == 0)
        return take_output(value, &m->output);
    if (strcmp(key, "non_commercial") == 0)
        return take_bool(value, &m->non_commercial);
    if (strcmp(key, "tta") == 0)
        return take_bool(value, &m->tta);
    if (strcmp(key, "keep_aspect") == 0) {  // the word for "fit" before there was "minimal"
        m->fit = json_is_true(value) ? RL_FIT_LONGER : RL_FIT_EXACT;
        return json_is_boolean(value);
    }
    return take_text_key(m, key, value, known);
}

// `from` with its name replaced by `name`, unless that is absolute.
static bool beside(char *to, size_t size, const char *from, const char *name)
{
    int folder = *name == '/' ? 0 : (int)(rl_path_name(from) - from);
    *to = 0;
    return rl_str_add(to, size, "%.*s%s", folder, from, name);
}

static bool take_int8(const json_t *value, const char *path, struct rl_model *m)
{
    char file[RELIEF_TEXT_MAX] = "";
    const json_t *digest = json_object_get(value, "sha256");
    return json_is_object(value) && json_object_size(value) == (digest ? 2U : 1U) &&
           rl_descriptor_text(json_object_get(value, "file"), file, sizeof file) && *file &&
           beside(m->int8_path, sizeof m->int8_path, path, file) &&
           (!digest || rl_descriptor_digest(digest, m->int8_sha256));
}

// What only files have, beside the keys above. `path` is the descriptor's.
static bool take_file_key(struct rl_model *m, const char *path, char file[RELIEF_TEXT_MAX],
                          const char *key, const json_t *value, bool *known)
{
    *known = true;
    if (strcmp(key, "file") == 0)
        return rl_descriptor_text(value, file, RELIEF_TEXT_MAX) && *file;
    if (strcmp(key, "sha256") == 0)
        return rl_descriptor_digest(value, m->sha256);
    if (strcmp(key, "int8") == 0)
        return take_int8(value, path, m);
    return rl_descriptor_key(m, key, value, known);
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
        if (!take_file_key(model, path, file, key, json_object_iter_value(i), &known))
            return rl_fail(err, RELIEF_E_MODEL, "%s: \"%.64s\" has a value that does not fit", path,
                           key);
        if (!known)
            return rl_fail(err, RELIEF_E_MODEL, "%s: unknown key \"%.64s\"", path, key);
    }
    return RELIEF_OK;
}

enum relief_status rl_descriptor_read(struct rl_model *model, const char *path,
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
