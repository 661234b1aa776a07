// SPDX-License-Identifier: MIT
#include "cli/args.h"

#include "base/file.h"
#include "base/str.h"

#include <ctype.h>

struct parser {
    struct rl_args *args;
    char **argv;  // ends with NULL
    int next;     // the word that comes next
    bool has_command;
};

static enum relief_status fail_unknown(const char *word, const char *name, struct relief_error *err)
{
    rl_fail(err, RELIEF_E_ARGUMENT, "%s: there is no such option", word);
    const char *nearest = rl_option_nearest(name);
    if (nearest)
        rl_hint(err, "--%s", nearest);
    else
        rl_hint(err, "relief --help");
    return RELIEF_E_ARGUMENT;
}

// "-1", "-.5": what a value may look like although it begins with a dash. "-" is a file.
static bool is_value(const char *word)
{
    return word[0] != '-' || !word[1] || isdigit((unsigned char)word[1]) || word[1] == '.';
}

static enum relief_status set_output(struct rl_args *args, const char *value,
                                     struct relief_error *err)
{
    if (args->output)
        return rl_fail(err, RELIEF_E_ARGUMENT, "--output: was given twice");
    if (!*value)
        return rl_fail(err, RELIEF_E_ARGUMENT, "--output: the name is empty");
    args->output = value;
    return RELIEF_OK;
}

// What belongs to the command and not to struct relief_params.
static enum relief_status apply_command(struct rl_args *args, const struct relief_option *option,
                                        const char *value, struct relief_error *err)
{
    int topic = RL_EMIT_BASIC;
    enum relief_status served;
    if (rl_serve_params_set(&args->serve, option->name, value, &served, err))
        return served;
    if (!strcmp(option->name, "output"))
        return set_output(args, value, err);
    if (!strcmp(option->name, "json"))
        args->json = true;
    if (!strcmp(option->name, "download"))
        args->download = true;
    if (!strcmp(option->name, "skip-existing"))
        args->skip_existing = true;
    if (!strcmp(option->name, "version"))
        args->version = true;
    if (!strcmp(option->name, "help")) {
        enum relief_status status = value ? rl_option_choice(option, value, &topic, err)
                                          : RELIEF_OK;
        if (status != RELIEF_OK)
            return status;
        args->help = true;
        args->topic = (enum rl_emit_form)topic;
    }
    return RELIEF_OK;
}

// `attached` is the value that stands in the same word; NULL when there is none.
static enum relief_status apply(struct parser *p, const struct relief_option *option,
                                const char *attached, struct relief_error *err)
{
    const char *value = attached;
    bool may_be_attached = option->type == RL_OPT_COMMAND && option->choices;
    if (rl_option_takes_value(option) && !value) {
        const char *word = p->argv[p->next];
        if (!word)
            return rl_fail(err, RELIEF_E_ARGUMENT, "--%s: needs a value: %s", option->name,
                           rl_option_placeholder(option));
        if (!is_value(word)) {
            rl_fail(err, RELIEF_E_ARGUMENT, "--%s: needs a value, but '%s' follows", option->name,
                    word);
            rl_hint(err, "--%s=%s", option->name, rl_option_placeholder(option));
            return RELIEF_E_ARGUMENT;
        }
        value = word;
        p->next++;
    }
    if (!rl_option_takes_value(option) && value && !may_be_attached)
        return rl_fail(err, RELIEF_E_ARGUMENT, "--%s: takes no value", option->name);
    if (option->type == RL_OPT_COMMAND)
        return apply_command(p->args, option, value, err);
    return rl_option_set(option, &p->args->params,
                         option->type == RL_OPT_FLAG && !value ? "1" : value, err);
}

// "--name" or "--name=value".
static enum relief_status parse_long(struct parser *p, const char *word, struct relief_error *err)
{
    char name[64];
    const char *equals = strchr(word, '=');
    int length = (int)(equals ? equals - word : (ptrdiff_t)strlen(word)) - 2;
    snprintf(name, sizeof name, "%.*s", length, word + 2);
    const struct relief_option *option = length < (int)sizeof name ? rl_option_find(name) : NULL;
    char dashed[sizeof name + 2];
    snprintf(dashed, sizeof dashed, "--%s", name);
    if (!option)
        return fail_unknown(dashed, name, err);
    return apply(p, option, equals ? equals + 1 : NULL, err);
}

// "-v", "-vy", "-f value", "-fvalue", "-f=value".
static enum relief_status parse_short(struct parser *p, const char *word, struct relief_error *err)
{
    for (const char *letter = word + 1; *letter; letter++) {
        const struct relief_option *option = rl_option_find_short(*letter);
        if (!option)
            return fail_unknown(word, word + 1, err);
        const char *rest = letter[1] == '=' ? letter + 2 : letter + 1;
        bool takes_rest = rl_option_takes_value(option) || letter[1] == '=';
        enum relief_status status = apply(p, option, takes_rest && letter[1] ? rest : NULL, err);
        if (status != RELIEF_OK || takes_rest)
            return status;
    }
    return RELIEF_OK;
}

// A word that looks like a mistyped command and is no file: "infos".
static enum relief_status check_command(const char *word, struct relief_error *err)
{
    if (strpbrk(word, "./%:") || rl_path_exists(word))
        return RELIEF_OK;
    for (int i = 0; i < RL_COMMAND_COUNT; i++)
        if (rl_str_distance(word, rl_command_table[i].name) <= 2) {
            rl_fail(err, RELIEF_E_ARGUMENT, "%s: there is no such command", word);
            rl_hint(err, "relief %s", rl_command_table[i].name);
            return RELIEF_E_ARGUMENT;
        }
    return RELIEF_OK;
}

static enum relief_status parse_word(struct parser *p, const char *word, bool literal,
                                     struct relief_error *err)
{
    struct rl_args *args = p->args;
    bool first = !p->has_command;
    p->has_command = true;
    if (first && !literal) {
        args->command = rl_command_find(word);
        if (args->command != RL_COMMAND_COUNT)
            return RELIEF_OK;
        args->command = RL_COMMAND_CONVERT;
        enum relief_status status = check_command(word, err);
        if (status != RELIEF_OK)
            return status;
    }
    if (args->command == RL_COMMAND_HELP)
        return apply_command(args, rl_option_find("help"), word, err);
    if (!*word)
        return rl_fail(err, RELIEF_E_ARGUMENT, "the name of an input is empty");
    args->inputs[args->input_count++] = word;
    return RELIEF_OK;
}

static enum relief_status check(const struct rl_args *args, struct relief_error *err)
{
    const char *name = rl_command_table[args->command].name;
    if (args->help || args->version)
        return RELIEF_OK;
    bool takes_none = args->command == RL_COMMAND_DEVICES || args->command == RL_COMMAND_SERVE;
    if (takes_none && args->input_count)
        return rl_fail(err, RELIEF_E_ARGUMENT, "%s: takes no file", name);
    if (args->command == RL_COMMAND_INFO && args->input_count != 1)
        return rl_fail(err, RELIEF_E_ARGUMENT, "%s: takes one file", name);
    if (args->command == RL_COMMAND_CONVERT && !args->input_count) {
        rl_fail(err, RELIEF_E_ARGUMENT, "no input was given");
        rl_hint(err, "relief FILE, or relief --help");
        return RELIEF_E_ARGUMENT;
    }
    return RELIEF_OK;
}

enum relief_status rl_args_parse(struct rl_args *args, int argc, char **argv,
                                 struct relief_error *err)
{
    enum relief_status status = RELIEF_OK;
    *args = (struct rl_args){.command = RL_COMMAND_CONVERT};
    relief_params_default(&args->params);
    rl_serve_params_default(&args->serve);
    args->inputs = calloc((size_t)argc + 1, sizeof *args->inputs);
    if (!args->inputs)
        return rl_fail_memory(err);
    struct parser p = {.args = args, .argv = argv, .next = argc > 0 ? 1 : 0};
    bool literal = false;
    while (status == RELIEF_OK && p.next < argc) {
        const char *word = argv[p.next++];
        if (!literal && !strcmp(word, "--"))
            literal = true;
        else if (literal || word[0] != '-' || !word[1])
            status = parse_word(&p, word, literal, err);
        else if (word[1] == '-')
            status = parse_long(&p, word, err);
        else
            status = parse_short(&p, word, err);
    }
    args->help = args->help || args->command == RL_COMMAND_HELP;
    if (status == RELIEF_OK)
        status = check(args, err);
    if (status != RELIEF_OK)
        rl_args_clear(args);
    return status;
}

void rl_args_clear(struct rl_args *args)
{
    free(args->inputs);
    *args = (struct rl_args){0};
}
