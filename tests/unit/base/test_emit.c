// SPDX-License-Identifier: MIT
//
// Help, man page, completion, JSON and Markdown all name every option and choice of the table.
#include "check.h"

#include "base/options/emit.h"
#include "base/options/manual.h"
#include "base/str.h"

#include <jansson.h>

// The form as text; free with free().
static char *emit(enum rl_emit_form form)
{
    char *text = NULL;
    size_t size = 0;
    struct relief_error err = {0};
    FILE *out = open_memstream(&text, &size);
    CHECK(out != NULL);
    CHECK_INT(rl_emit(form, out, &err), RELIEF_OK);
    fclose(out);
    return text;
}

// How `name` looks in a form: roff needs its dashes escaped.
static void spell(enum rl_emit_form form, const char *name, char *text, size_t size)
{
    text[0] = 0;
    for (; *name; name++)
        rl_str_add(text, size, form == RL_EMIT_MAN && *name == '-' ? "\\-" : "%c", *name);
}

static void every_form_names_every_option(void)
{
    static const enum rl_emit_form forms[] = {RL_EMIT_ALL, RL_EMIT_MAN, RL_EMIT_COMPLETION,
                                              RL_EMIT_MARKDOWN};
    for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
        char *text = emit(forms[f]);
        for (size_t i = 0; i < rl_option_count; i++) {
            const struct relief_option *o = &rl_option_table[i];
            char dashed[80], name[160];
            snprintf(dashed, sizeof dashed, "--%s", o->name);
            spell(forms[f], dashed, name, sizeof name);
            if (!strstr(text, name))
                printf("form %d lacks %s\n", (int)forms[f], name);
            CHECK(strstr(text, name) != NULL);
            for (const struct rl_choice *c = o->choices; c && c->name; c++)
                CHECK(!c->brief || strstr(text, c->name) != NULL);
        }
        free(text);
    }
}

static void basic_help_fits_two_screens(void)
{
    char *text = emit(RL_EMIT_BASIC);
    int lines = 0, examples = 0;
    for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
        *end = 0;
        lines++;
        examples += rl_str_starts(line, "  relief ");
        if (strlen(line) > 80)
            printf("too wide: %s\n", line);
        CHECK(strlen(line) <= 80);
        CHECK(*line == 0 || end[-1] != ' ');
    }
    CHECK(lines <= 48);
    CHECK_INT(examples, 4);
    free(text);
}

static void basic_help_shows_basic_options_only(void)
{
    char *text = emit(RL_EMIT_BASIC);
    for (size_t i = 0; i < rl_option_count; i++) {
        char name[80];
        snprintf(name, sizeof name, "--%s ", rl_option_table[i].name);
        CHECK_INT(strstr(text, name) != NULL, rl_option_table[i].basic);
    }
    free(text);
}

static void no_line_of_help_is_too_wide(void)
{
    char *text = emit(RL_EMIT_ALL);
    for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1)
        CHECK(end - line <= 80);
    free(text);
}

static void json_says_what_the_table_says(void)
{
    char *text = emit(RL_EMIT_JSON);
    json_t *list = json_loads(text, 0, NULL);
    CHECK(json_is_array(list));
    CHECK_INT(json_array_size(list), rl_option_count);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const struct relief_option *o = &rl_option_table[i];
        json_t *row = json_array_get(list, i);
        CHECK_TEXT(json_string_value(json_object_get(row, "name")), o->name);
        CHECK_TEXT(json_string_value(json_object_get(row, "brief")), o->brief);
        CHECK_INT(json_object_size(row), 13);
        if (o->type == RL_OPT_FLOAT) {
            CHECK_NEAR(json_number_value(json_object_get(row, "max")), o->max, 1e-9);
            CHECK_NEAR(json_number_value(json_object_get(row, "default")),
                       strtod(o->fallback, NULL), 1e-6);
        }
        size_t words = 0;
        for (const struct rl_choice *c = o->choices; c && c->name; c++)
            words += c->brief != NULL;
        CHECK_INT(json_array_size(json_object_get(row, "choices")), words);
    }
    json_decref(list);
    free(text);
}

static void every_exit_code_is_explained(void)
{
    for (int status = RELIEF_OK; status <= RELIEF_E_CANCELLED; status++) {
        bool found = false;
        for (const struct rl_exit_row *e = rl_exit_table; e->brief; e++)
            found = found || e->code == relief_status_exit_code((enum relief_status)status);
        CHECK(found);
    }
}

static void the_manual_begins_with_five_examples(void)
{
    char *text = emit(RL_EMIT_MAN);
    int examples = 0;
    for (const struct rl_example *e = rl_example_table; e->command; e++)
        examples++;
    CHECK_INT(examples, 5);
    CHECK(strstr(text, ".SH EXAMPLES") < strstr(text, ".SH DESCRIPTION"));
    CHECK(strstr(text, ".SH EXIT STATUS") != NULL);
    free(text);
}

static void commands_are_found(void)
{
    for (int i = 0; i < RL_COMMAND_COUNT; i++)
        CHECK_INT(rl_command_find(rl_command_table[i].name), i);
    CHECK_INT(rl_command_find("film.mp4"), RL_COMMAND_COUNT);
}

int main(void)
{
    RUN(every_form_names_every_option);
    RUN(basic_help_fits_two_screens);
    RUN(basic_help_shows_basic_options_only);
    RUN(no_line_of_help_is_too_wide);
    RUN(json_says_what_the_table_says);
    RUN(every_exit_code_is_explained);
    RUN(the_manual_begins_with_five_examples);
    RUN(commands_are_found);
    return check_result();
}
