// SPDX-License-Identifier: MIT
#include "base/options/emit_forms.h"

#include <jansson.h>

static const char *type_name(enum rl_option_type type)
{
    static const char *const names[] = {
        [RL_OPT_FLOAT] = "float",   [RL_OPT_INT] = "int",         [RL_OPT_FLAG] = "flag",
        [RL_OPT_CHOICE] = "choice", [RL_OPT_TEXT] = "text",       [RL_OPT_TIME] = "time",
        [RL_OPT_ALIAS] = "alias",   [RL_OPT_COMMAND] = "command",
    };
    return names[type];
}

static bool is_number(const struct relief_option *option)
{
    return option->type == RL_OPT_FLOAT || option->type == RL_OPT_INT;
}

// Whole numbers without a point, so that 10 does not become 10.0.
static json_t *number(double value)
{
    return value == (double)(json_int_t)value ? json_integer((json_int_t)value) : json_real(value);
}

// Numbers and times (in seconds) as numbers, flags as booleans, the rest as text.
static json_t *fallback(const struct relief_option *option)
{
    if (!option->fallback)
        return json_null();
    if (option->type == RL_OPT_FLAG)
        return json_boolean(!strcmp(option->fallback, "1"));
    if (is_number(option) || option->type == RL_OPT_TIME)
        return number(strtod(option->fallback, NULL));
    return json_string(option->fallback);
}

static json_t *choices(const struct relief_option *option)
{
    if (!option->choices)
        return json_null();
    json_t *list = json_array();
    for (const struct rl_choice *c = option->choices; c->name; c++)
        if (c->brief)
            json_array_append_new(list, json_pack("{ssss}", "name", c->name, "brief", c->brief));
    return list;
}

static json_t *text_or_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

// NULL when out of memory.
static json_t *row(const struct relief_option *option)
{
    const char short_name[2] = {option->short_name};
    bool range = is_number(option);
    json_t *row = json_object();
    int failed = 0;
    failed |= json_object_set_new(row, "name", json_string(option->name));
    failed |= json_object_set_new(row, "short", text_or_null(*short_name ? short_name : NULL));
    failed |= json_object_set_new(row, "type", json_string(type_name(option->type)));
    failed |= json_object_set_new(row, "unit", text_or_null(option->unit));
    failed |= json_object_set_new(row, "min", range ? number(option->min) : json_null());
    failed |= json_object_set_new(row, "max", range ? number(option->max) : json_null());
    failed |= json_object_set_new(row, "step", range ? number(option->step) : json_null());
    failed |= json_object_set_new(row, "default", fallback(option));
    failed |= json_object_set_new(row, "choices", choices(option));
    failed |= json_object_set_new(row, "group", json_string(rl_option_group_name(option->group)));
    failed |= json_object_set_new(row, "level", json_string(option->basic ? "basic" : "all"));
    failed |= json_object_set_new(row, "brief", json_string(option->brief));
    failed |= json_object_set_new(row, "detail", text_or_null(option->detail));
    if (failed) {
        json_decref(row);
        return NULL;
    }
    return row;
}

enum relief_status rl_emit_json(FILE *out, struct relief_error *err)
{
    json_t *list = json_array();
    int failed = list == NULL;
    for (size_t i = 0; i < rl_option_count; i++)
        failed |= json_array_append_new(list, row(&rl_option_table[i]));
    // A failing `out` is the caller's to notice: dumping into it is not an error of memory.
    if (!failed)
        (void)json_dumpf(list, out, JSON_INDENT(2) | JSON_REAL_PRECISION(7));
    json_decref(list);
    if (failed)
        return rl_fail_memory(err);
    fputc('\n', out);
    return RELIEF_OK;
}
