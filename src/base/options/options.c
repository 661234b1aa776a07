// SPDX-License-Identifier: MIT
#include "base/options/options.h"

#include "base/c_locale.h"
#include "base/str.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>

const char *rl_option_group_name(enum rl_option_group group)
{
    static const char *const names[RL_GROUP_COUNT] = {"look", "depth", "encoding", "running",
                                                      "serving"};
    return names[group];
}

// '_' and '-' are the same letter in names.
static bool same_name(const char *a, const char *b)
{
    for (; *a && *b; a++, b++)
        if (*a != *b && !(*a == '-' && *b == '_') && !(*a == '_' && *b == '-'))
            return false;
    return *a == *b;
}

const struct relief_option *rl_option_find(const char *name)
{
    for (size_t i = 0; i < rl_option_count; i++)
        if (same_name(rl_option_table[i].name, name))
            return &rl_option_table[i];
    return NULL;
}

const struct relief_option *rl_option_find_short(char short_name)
{
    for (size_t i = 0; i < rl_option_count && short_name; i++)
        if (rl_option_table[i].short_name == short_name)
            return &rl_option_table[i];
    return NULL;
}

const char *rl_option_nearest(const char *name)
{
    const char *nearest = NULL;
    size_t best = strlen(name) / 2 + 1;  // more edits than that is another word
    for (size_t i = 0; i < rl_option_count; i++) {
        size_t distance = rl_str_distance(rl_option_table[i].name, name);
        if (distance < best) {
            best = distance;
            nearest = rl_option_table[i].name;
        }
    }
    return nearest;
}

bool rl_option_takes_value(const struct relief_option *option)
{
    switch (option->type) {
    case RL_OPT_FLAG:
    case RL_OPT_ALIAS:
        return false;
    case RL_OPT_COMMAND:
        return option->unit != NULL;
    default:
        return true;
    }
}

bool rl_parse_time(const char *text, int64_t *time_us)
{
    double seconds = 0;
    int fields = 0;
    for (const char *p = text;; p++) {
        char *end;
        if (!isdigit((unsigned char)(*p == '.' ? p[1] : *p)))
            return false;
        double value = strtod(p, &end);
        // Only digits and one point: strtod() alone takes "1e5", "inf" and "0x10" too.
        for (const char *c = p; c < end; c++)
            if (!isdigit((unsigned char)*c) && *c != '.')
                return false;
        bool last = *end == 0;
        if ((!last && *end != ':') || (!last && value != floor(value)) || ++fields > 3)
            return false;
        if (fields > 1 && value >= 60)
            return false;
        seconds = seconds * 60 + value;
        if (last)
            break;
        p = end;
    }
    if (seconds > 1e9)
        return false;
    *time_us = llround(seconds * 1e6);
    return true;
}

static enum relief_status fail_value(const struct relief_option *option, const char *value,
                                     struct relief_error *err, const char *wanted)
{
    return rl_fail(err, RELIEF_E_ARGUMENT, "--%s: '%s' is not %s", option->name, value, wanted);
}

static enum relief_status set_number(const struct relief_option *option, void *field,
                                     const char *value, struct relief_error *err)
{
    char *end;
    for (const struct rl_choice *c = option->choices; c && c->name; c++)
        if (!strcmp(c->name, value)) {
            if (option->type == RL_OPT_INT)
                *(int *)field = c->value;
            else
                *(float *)field = (float)c->value;
            return RELIEF_OK;
        }
    errno = 0;
    double number = strtod(value, &end);
    bool whole = option->type == RL_OPT_INT;
    if (end == value || *end || !isfinite(number) || errno || (whole && number != floor(number)))
        return fail_value(option, value, err, whole ? "a whole number" : "a number");
    if (number < option->min || number > option->max)
        return rl_fail(err, RELIEF_E_ARGUMENT, "--%s: %s is out of range: %g to %g", option->name,
                       value, option->min, option->max);
    if (whole)
        *(int *)field = (int)number;
    else
        *(float *)field = (float)number;
    return RELIEF_OK;
}

enum relief_status rl_option_choice(const struct relief_option *option, const char *word,
                                    int *value, struct relief_error *err)
{
    char words[256] = "";
    for (const struct rl_choice *c = option->choices; c->name; c++) {
        if (!strcmp(c->name, word)) {
            *value = c->value;
            return RELIEF_OK;
        }
        if (c->brief)
            rl_str_add(words, sizeof words, "%s%s", *words ? ", " : "", c->name);
    }
    rl_fail(err, RELIEF_E_ARGUMENT, "--%s: '%s' is not one of its words", option->name, word);
    rl_hint(err, "%s", words);
    return RELIEF_E_ARGUMENT;
}

static enum relief_status set_flag(const struct relief_option *option, int *field,
                                   const char *value, struct relief_error *err)
{
    static const char *const words[] = {"0", "1", "no", "yes", "off", "on", "false", "true"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(words[i], value)) {
            *field = (int)(i % 2);
            return RELIEF_OK;
        }
    return fail_value(option, value, err, "yes or no");
}

enum relief_status rl_option_set(const struct relief_option *option, struct relief_params *params,
                                 const char *value, struct relief_error *err)
{
    char *field = (char *)params + option->offset;
    switch (option->type) {
    case RL_OPT_FLOAT:
    case RL_OPT_INT:
        return set_number(option, field, value, err);
    case RL_OPT_FLAG:
        return set_flag(option, (int *)(void *)field, value, err);
    case RL_OPT_CHOICE:
        return rl_option_choice(option, value, (int *)(void *)field, err);
    case RL_OPT_TIME:
        if (!rl_parse_time(value, (int64_t *)(void *)field))
            return fail_value(option, value, err, "a time: [HH:]MM:SS[.mmm] or seconds");
        return RELIEF_OK;
    case RL_OPT_TEXT:
        if (strlen(value) >= option->size)
            return rl_fail(err, RELIEF_E_ARGUMENT, "--%s: the text is too long: at most %zu bytes",
                           option->name, option->size - 1);
        rl_str_copy(field, option->size, value);
        return RELIEF_OK;
    case RL_OPT_ALIAS: {
        const char *equals = strchr(option->fallback, '=');
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)(equals - option->fallback), option->fallback);
        return rl_option_set(rl_option_find(name), params, equals + 1, err);
    }
    case RL_OPT_COMMAND:
        break;
    }
    return rl_fail(err, RELIEF_E_ARGUMENT, "--%s: is a word of the command, not a parameter",
                   option->name);
}

// A number out of the range is printed as its word, if it has one.
static void print_float(const struct relief_option *option, float value, char *text, size_t size)
{
    const bool inside = (double)value >= option->min && (double)value <= option->max;
    for (const struct rl_choice *c = option->choices; c && c->name && !inside; c++)
        if ((float)c->value == value) {
            rl_str_copy(text, size, c->name);
            return;
        }
    snprintf(text, size, "%.7g", (double)value);
}

void rl_option_get(const struct relief_option *option, const struct relief_params *params,
                   char *text, size_t size)
{
    const char *field = (const char *)params + option->offset;
    text[0] = 0;
    switch (option->type) {
    case RL_OPT_FLOAT:
        print_float(option, *(const float *)(const void *)field, text, size);
        break;
    case RL_OPT_INT:
    case RL_OPT_FLAG:
        snprintf(text, size, "%d", *(const int *)(const void *)field);
        break;
    case RL_OPT_TIME:
        snprintf(text, size, "%.6f", (double)*(const int64_t *)(const void *)field / 1e6);
        break;
    case RL_OPT_TEXT:
        rl_str_copy(text, size, field);
        break;
    case RL_OPT_CHOICE:
        for (const struct rl_choice *c = option->choices; c->name; c++)
            if (c->value == *(const int *)(const void *)field) {
                rl_str_copy(text, size, c->name);
                break;
            }
        break;
    case RL_OPT_ALIAS:
    case RL_OPT_COMMAND:
        break;
    }
}

static bool is_parameter(const struct relief_option *option)
{
    return option->type != RL_OPT_ALIAS && option->type != RL_OPT_COMMAND;
}

enum relief_status rl_options_check(const struct relief_params *params, struct relief_error *err)
{
    enum relief_status status = RELIEF_OK;
    for (size_t i = 0; i < rl_option_count && status == RELIEF_OK; i++) {
        const struct relief_option *option = &rl_option_table[i];
        if (!is_parameter(option))
            continue;
        const char *field = (const char *)params + option->offset;
        if (option->type == RL_OPT_TEXT && !memchr(field, 0, option->size))
            return rl_fail(err, RELIEF_E_ARGUMENT, "--%s: the text has no end", option->name);
        // What prints and parses again is valid.
        char text[RELIEF_TEXT_MAX];
        struct relief_params scratch;
        rl_option_get(option, params, text, sizeof text);
        status = rl_option_set(option, &scratch, text, err);
    }
    return status;
}

void relief_params_default(struct relief_params *params)
{
    RL_C_LOCALE;
    *params = (struct relief_params){0};
    for (size_t i = 0; i < rl_option_count; i++)
        if (is_parameter(&rl_option_table[i]))
            (void)rl_option_set(&rl_option_table[i], params, rl_option_table[i].fallback, NULL);
}

enum relief_status relief_params_set(struct relief_params *params, const char *name,
                                     const char *value, struct relief_error *err)
{
    RL_C_LOCALE;
    const struct relief_option *option = rl_option_find(name);
    if (option)
        return rl_option_set(option, params, value, err);
    rl_fail(err, RELIEF_E_ARGUMENT, "--%s: there is no such option", name);
    const char *nearest = rl_option_nearest(name);
    if (nearest)
        rl_hint(err, "--%s", nearest);
    return RELIEF_E_ARGUMENT;
}

size_t relief_params_print(const struct relief_params *params, char *text, size_t size)
{
    RL_C_LOCALE;
    size_t length = 0;
    struct relief_params defaults;
    relief_params_default(&defaults);
    if (size)
        text[0] = 0;
    for (size_t i = 0; i < rl_option_count; i++) {
        const struct relief_option *option = &rl_option_table[i];
        char value[RELIEF_TEXT_MAX], usual[RELIEF_TEXT_MAX];
        if (!is_parameter(option))
            continue;
        rl_option_get(option, params, value, sizeof value);
        rl_option_get(option, &defaults, usual, sizeof usual);
        if (!strcmp(value, usual))
            continue;
        size_t room = length < size ? size - length : 0;
        int added = snprintf(room ? text + length : NULL, room, "%s%s=%s", length ? "," : "",
                             option->name, value);
        length += added > 0 ? (size_t)added : 0;
    }
    return length;
}
