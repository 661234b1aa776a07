// SPDX-License-Identifier: MIT
#include "base/options/emit.h"

#include "base/options/emit_forms.h"
#include "base/options/manual.h"
#include "base/str.h"

#include <ctype.h>

enum {
    WIDTH = 80,   // columns of a line of help
    COLUMN = 26,  // where explanations begin
    INDENT = 14,  // where the words of an option begin in the long help
};

const char *rl_option_placeholder(const struct relief_option *option)
{
    switch (option->type) {
    case RL_OPT_FLOAT:
    case RL_OPT_INT:
        return "N";
    case RL_OPT_CHOICE:
        return "NAME";
    case RL_OPT_TEXT:
    case RL_OPT_TIME:
    case RL_OPT_COMMAND:
        return option->unit;
    case RL_OPT_FLAG:
    case RL_OPT_ALIAS:
        break;
    }
    return NULL;
}

void rl_group_title(enum rl_option_group group, char *title, size_t size)
{
    rl_str_copy(title, size, rl_option_group_name(group));
    title[0] = (char)toupper((unsigned char)title[0]);
}

void rl_option_range(const struct relief_option *option, char *text, size_t size)
{
    text[0] = 0;
    if (option->type == RL_OPT_FLOAT || option->type == RL_OPT_INT)
        snprintf(text, size, "%g to %g", option->min, option->max);
}

const char *rl_option_shown_default(const struct relief_option *option)
{
    bool worth = rl_option_takes_value(option) && option->fallback && *option->fallback;
    return worth ? option->fallback : NULL;
}

// "-f, --format NAME": how the option is written.
static void spell(const struct relief_option *option, char *text, size_t size)
{
    const char *value = rl_option_placeholder(option);
    if (option->short_name)
        snprintf(text, size, "-%c, --%s", option->short_name, option->name);
    else
        snprintf(text, size, "    --%s", option->name);
    if (value)
        rl_str_add(text, size, " %s", value);
}

// As many of the option's words as fit into `room` columns, the rest as "...".
static void add_words(const struct relief_option *option, char *text, size_t size, size_t room)
{
    char words[WIDTH] = "";
    const char *joint = ": ";
    for (const struct rl_choice *c = option->choices; c->name; c++) {
        if (!c->brief)
            continue;
        bool more = c[1].name != NULL;
        if (strlen(words) + strlen(joint) + strlen(c->name) + (more ? 5 : 0) > room) {
            if (*words)
                rl_str_add(words, sizeof words, ", ...");
            break;
        }
        rl_str_add(words, sizeof words, "%s%s", joint, c->name);
        joint = ", ";
    }
    rl_str_add(text, size, "%s", words);
}

static void print_option(FILE *out, const struct relief_option *option, bool all)
{
    char head[WIDTH], text[4 * WIDTH], fallback[WIDTH] = "";
    spell(option, head, sizeof head);
    rl_str_copy(text, sizeof text, option->brief);
    if (rl_option_shown_default(option))
        snprintf(fallback, sizeof fallback, " [%s]", option->fallback);
    size_t used = COLUMN + strlen(text) + strlen(fallback);
    if (option->choices && rl_option_takes_value(option) && !all && used < WIDTH)
        add_words(option, text, sizeof text, WIDTH - used);
    fprintf(out, "  %-*s%s%s%s\n", COLUMN - 2, head, strlen(head) > COLUMN - 3 ? " " : "", text,
            fallback);
    if (!all)
        return;
    rl_option_range(option, text, sizeof text);
    if (*text)
        fprintf(out, "%*s%s %s\n", COLUMN, "", text, option->unit);
    for (const struct rl_choice *c = option->choices; c && c->name; c++)
        if (c->brief)
            fprintf(out, "%*s%-*s%s\n", INDENT, "", COLUMN - INDENT, c->name, c->brief);
}

void rl_emit_help(FILE *out, bool all)
{
    fprintf(out, "relief %s\n\n", rl_manual_name);
    for (int i = 0; i < RL_COMMAND_COUNT; i++)
        fprintf(out, "%s relief %-31s %s\n", i ? "      " : "Usage:", rl_command_table[i].usage,
                rl_command_table[i].brief);
    fprintf(out, "\nINPUT: a file, a folder of films, one of pictures, f_%%04d.png, or -\n");
    for (int group = 0; group < RL_GROUP_COUNT; group++) {
        char title[32];
        if (!all && group == RL_GROUP_SERVING)
            continue;  // has no basic options
        rl_group_title((enum rl_option_group)group, title, sizeof title);
        fprintf(out, "\n%s:\n", title);
        for (size_t i = 0; i < rl_option_count; i++)
            if ((int)rl_option_table[i].group == group && (all || rl_option_table[i].basic))
                print_option(out, &rl_option_table[i], all);
    }
    fprintf(out, "\nExamples:\n");
    for (const struct rl_example *e = rl_example_table; e->command; e++)
        if (e->basic)
            fprintf(out, "  %-42s  %s\n", e->command, e->brief);
}

enum relief_status rl_emit(enum rl_emit_form form, FILE *out, struct relief_error *err)
{
    switch (form) {
    case RL_EMIT_BASIC:
        rl_emit_help(out, false);
        break;
    case RL_EMIT_ALL:
        rl_emit_help(out, true);
        break;
    case RL_EMIT_MAN:
        rl_emit_man(out);
        break;
    case RL_EMIT_COMPLETION:
        rl_emit_completion(out);
        break;
    case RL_EMIT_MARKDOWN:
        rl_emit_markdown(out);
        break;
    case RL_EMIT_JSON:
        return rl_emit_json(out, err);
    }
    return RELIEF_OK;
}
