// SPDX-License-Identifier: MIT
#include "check.h"

#include "cli/args.h"

#define PARSE(...) parse((const char *[]){"relief", __VA_ARGS__, NULL})

static struct rl_args args;
static struct relief_error err;

static enum relief_status parse(const char **words)
{
    int count = 0;
    while (words[count])
        count++;
    rl_args_clear(&args);
    err = (struct relief_error){0};
    return rl_args_parse(&args, count, (char **)words, &err);
}

static void every_spelling_of_a_value_is_read(void)
{
    CHECK_INT(PARSE("film.mp4", "--format", "sbsl"), RELIEF_OK);
    CHECK_INT(args.params.format, RELIEF_FORMAT_SBSL);
    CHECK_INT(PARSE("--format=sbsl", "film.mp4"), RELIEF_OK);
    CHECK_INT(args.params.format, RELIEF_FORMAT_SBSL);
    CHECK_INT(PARSE("-fsbsl", "film.mp4"), RELIEF_OK);
    CHECK_INT(args.params.format, RELIEF_FORMAT_SBSL);
    CHECK_INT(PARSE("-f", "sbsl", "film.mp4"), RELIEF_OK);
    CHECK_INT(args.params.format, RELIEF_FORMAT_SBSL);
    CHECK_INT(PARSE("-f=sbsl", "film.mp4"), RELIEF_OK);
    CHECK_INT(args.params.format, RELIEF_FORMAT_SBSL);
    CHECK_INT(PARSE("-vyfsbsl", "film.mp4"), RELIEF_OK);
    CHECK_INT(args.params.format, RELIEF_FORMAT_SBSL);
    CHECK_INT(args.params.overwrite, 1);
    CHECK_INT(args.params.log, RELIEF_LOG_VERBOSE);
    CHECK_INT(args.input_count, 1);
    CHECK_TEXT(args.inputs[0], "film.mp4");
}

static void negative_numbers_are_values(void)
{
    CHECK_INT(PARSE("a", "--crf", "-1", "--cpu-mask", "-1"), RELIEF_OK);
    CHECK_NEAR(args.params.crf, -1, 0);
}

static void a_dash_is_a_file(void)
{
    CHECK_INT(PARSE("-", "-o", "-"), RELIEF_OK);
    CHECK_TEXT(args.inputs[0], "-");
    CHECK_TEXT(args.output, "-");
}

static void two_dashes_end_the_options(void)
{
    CHECK_INT(PARSE("-y", "--", "--format", "-q", "info"), RELIEF_OK);
    CHECK_INT(args.input_count, 3);
    CHECK_TEXT(args.inputs[0], "--format");
    CHECK_INT(args.params.log, RELIEF_LOG_WARN);
    CHECK_INT(PARSE("--", "info"), RELIEF_OK);
    CHECK_INT(args.command, RL_COMMAND_CONVERT);
}

static void commands_come_first_and_may_be_left_out(void)
{
    CHECK_INT(PARSE("convert", "a.mp4", "b.mp4"), RELIEF_OK);
    CHECK_INT(args.command, RL_COMMAND_CONVERT);
    CHECK_INT(args.input_count, 2);
    CHECK_INT(PARSE("-y", "info", "info", "--json"), RELIEF_OK);
    CHECK_INT(args.command, RL_COMMAND_INFO);
    CHECK_TEXT(args.inputs[0], "info");
    CHECK(args.json);
    CHECK_INT(PARSE("models", "get", "a", "--progress", "json"), RELIEF_OK);
    CHECK_INT(args.command, RL_COMMAND_MODELS);
    CHECK_INT(args.input_count, 2);
    CHECK_INT(PARSE("a", "--download"), RELIEF_OK);
    CHECK(args.download);
    CHECK_INT(PARSE("devices"), RELIEF_OK);
    CHECK_INT(args.command, RL_COMMAND_DEVICES);
}

static void help_takes_a_topic(void)
{
    CHECK_INT(PARSE("--help"), RELIEF_OK);
    CHECK(args.help);
    CHECK_INT(args.topic, RL_EMIT_BASIC);
    CHECK_INT(PARSE("-h", "film.mp4"), RELIEF_OK);
    CHECK(args.help && args.input_count == 1);
    CHECK_INT(PARSE("--help=all"), RELIEF_OK);
    CHECK_INT(args.topic, RL_EMIT_ALL);
    CHECK_INT(PARSE("help", "man"), RELIEF_OK);
    CHECK(args.help);
    CHECK_INT(args.topic, RL_EMIT_MAN);
    CHECK_INT(PARSE("--help=nonsense"), RELIEF_E_ARGUMENT);
    CHECK_INT(PARSE("--version"), RELIEF_OK);
    CHECK(args.version);
}

static void the_last_of_two_counts_but_not_for_the_output(void)
{
    CHECK_INT(PARSE("a", "-f", "sbsl", "-f", "abl"), RELIEF_OK);
    CHECK_INT(args.params.format, RELIEF_FORMAT_ABL);
    CHECK_INT(PARSE("a", "-o", "b", "-o", "c"), RELIEF_E_ARGUMENT);
}

static void mistakes_are_named(void)
{
    CHECK_INT(PARSE("--divergense", "2", "a"), RELIEF_E_ARGUMENT);
    CHECK_TEXT(err.message, "--divergense: there is no such option");
    CHECK_TEXT(err.hint, "--divergence");
    CHECK_INT(PARSE("-Z"), RELIEF_E_ARGUMENT);
    CHECK_TEXT(err.message, "-Z: there is no such option");
    CHECK_INT(PARSE("a", "--report"), RELIEF_E_ARGUMENT);
    CHECK_TEXT(err.message, "--report: needs a value: FILE");
    CHECK_INT(PARSE("a", "--report", "--keep", "x"), RELIEF_E_ARGUMENT);
    CHECK_TEXT(err.message, "--report: needs a value, but '--keep' follows");
    CHECK_INT(PARSE("a", "--overwrite=1"), RELIEF_E_ARGUMENT);
    CHECK_TEXT(err.message, "--overwrite: takes no value");
    CHECK_INT(PARSE("infos", "a.mp4"), RELIEF_E_ARGUMENT);
    CHECK_TEXT(err.hint, "relief info");
    CHECK_INT(PARSE("-f", "arcx", "a"), RELIEF_E_ARGUMENT);
    CHECK(strstr(err.hint, "arcc, arch") != NULL);
    CHECK_INT(PARSE(""), RELIEF_E_ARGUMENT);
    CHECK_INT(PARSE("-y"), RELIEF_E_ARGUMENT);
    CHECK_INT(PARSE("info"), RELIEF_E_ARGUMENT);
    CHECK_INT(PARSE("info", "a", "b"), RELIEF_E_ARGUMENT);
    CHECK_INT(PARSE("devices", "a"), RELIEF_E_ARGUMENT);
    CHECK_INT(PARSE("a", "-o", ""), RELIEF_E_ARGUMENT);
    CHECK_INT(PARSE("a", "--="), RELIEF_E_ARGUMENT);
    CHECK_INT(PARSE("a", "--"
                         "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
              RELIEF_E_ARGUMENT);
}

static void no_words_at_all_is_wrong_use(void)
{
    char *none[] = {NULL};
    rl_args_clear(&args);
    err = (struct relief_error){0};
    CHECK_INT(rl_args_parse(&args, 0, none, &err), RELIEF_E_ARGUMENT);
    CHECK_TEXT(err.message, "no input was given");
}

// The parser knows each option of the table, by its long and its short name.
static void every_option_of_the_table_is_understood(void)
{
    for (size_t i = 0; i < rl_option_count; i++) {
        const struct relief_option *o = &rl_option_table[i];
        char name[64], letter[3] = {'-', o->short_name};
        const char *value = o->fallback && *o->fallback ? o->fallback : "x";
        bool takes = rl_option_takes_value(o);
        snprintf(name, sizeof name, "--%s", o->name);
        CHECK_INT(PARSE("film.mp4", name, takes ? value : NULL), RELIEF_OK);
        if (o->short_name)
            CHECK_INT(PARSE("film.mp4", letter, takes ? value : NULL), RELIEF_OK);
        if (takes)
            CHECK_INT(PARSE("film.mp4", name), RELIEF_E_ARGUMENT);
    }
}

int main(void)
{
    RUN(every_spelling_of_a_value_is_read);
    RUN(negative_numbers_are_values);
    RUN(a_dash_is_a_file);
    RUN(two_dashes_end_the_options);
    RUN(commands_come_first_and_may_be_left_out);
    RUN(help_takes_a_topic);
    RUN(the_last_of_two_counts_but_not_for_the_output);
    RUN(mistakes_are_named);
    RUN(no_words_at_all_is_wrong_use);
    RUN(every_option_of_the_table_is_understood);
    rl_args_clear(&args);
    return check_result();
}
