// SPDX-License-Identifier: MIT
#include "serve/settings.h"

#include "base/options/emit.h"
#include "base/str.h"

static bool names_a_file(const struct relief_option *option)
{
    const char *unit = option->unit ? option->unit : "";
    return option->type == RL_OPT_TEXT && (strstr(unit, "FILE") || strstr(unit, "DIR"));
}

bool rl_setting_allowed(const struct relief_option *option)
{
    static const char *const running[] = {"start", "duration", "threads"};
    if (option->type == RL_OPT_ALIAS || option->type == RL_OPT_COMMAND || names_a_file(option))
        return false;
    if (option->group != RL_GROUP_RUNNING)
        return true;
    for (size_t i = 0; i < sizeof running / sizeof *running; i++)
        if (!strcmp(option->name, running[i]))
            return true;
    return false;
}

enum relief_status rl_setting_apply(struct relief_params *params, const char *name,
                                    const char *value, struct relief_error *err)
{
    const struct relief_option *option = rl_option_find(name);
    if (option && !rl_setting_allowed(option))
        return rl_fail(err, RELIEF_E_ARGUMENT, "%s: cannot be set from here", option->name);
    // A value that may be a path is taken as a name alone: the machine's files are its owner's.
    if (option && option->type == RL_OPT_TEXT && strpbrk(value, "/\\"))
        return rl_fail(err, RELIEF_E_ARGUMENT, "%s: takes a name here, no path", option->name);
    return relief_params_set(params, name, value, err);
}

// Numbers, truth values and texts as the option table takes them; false for other kinds.
static bool to_text(const json_t *value, char *text, size_t size)
{
    if (json_is_string(value))
        return strlen(json_string_value(value)) == json_string_length(value) &&
               rl_str_copy(text, size, json_string_value(value));
    if (json_is_integer(value))
        snprintf(text, size, "%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        snprintf(text, size, "%.9g", json_real_value(value));
    else if (json_is_boolean(value))
        snprintf(text, size, "%d", json_is_true(value));
    else
        return false;
    return true;
}

enum relief_status rl_settings_read(const json_t *settings, struct relief_params *params,
                                    json_t **plain, struct relief_error *err)
{
    const char *name;
    json_t *value;
    enum relief_status status = RELIEF_OK;
    relief_params_default(params);
    *plain = json_object();
    if (!*plain)
        return rl_fail_memory(err);
    // Jansson's macro wants a pointer that it does not write through.
    json_object_foreach((json_t *)(uintptr_t)settings, name, value)
    {
        char text[RELIEF_TEXT_MAX];
        if (!to_text(value, text, sizeof text))
            status = rl_fail(err, RELIEF_E_ARGUMENT, "%.64s: is no number and no text", name);
        else
            status = rl_setting_apply(params, name, text, err);
        if (status == RELIEF_OK &&
            json_object_set_new(*plain, rl_option_find(name)->name, json_string(text)))
            status = rl_fail_memory(err);
        if (status != RELIEF_OK)
            break;
    }
    if (status != RELIEF_OK) {
        json_decref(*plain);
        *plain = NULL;
    }
    return status;
}

json_t *rl_settings_table(void)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    if (!file)
        return NULL;
    enum relief_status status = rl_emit(RL_EMIT_JSON, file, NULL);
    fclose(file);
    json_t *table = status == RELIEF_OK && text ? json_loadb(text, size, 0, NULL) : NULL;
    free(text);
    for (size_t i = json_array_size(table); i-- > 0;) {
        const char *name = json_string_value(json_object_get(json_array_get(table, i), "name"));
        const struct relief_option *option = name ? rl_option_find(name) : NULL;
        if (!option || !rl_setting_allowed(option))
            json_array_remove(table, i);
    }
    return table;
}
