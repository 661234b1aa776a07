// SPDX-License-Identifier: MIT
#include "check.h"

#include "base/options/options.h"

static void every_row_is_complete(void)
{
    for (size_t i = 0; i < rl_option_count; i++) {
        const struct relief_option *o = &rl_option_table[i];
        CHECK(o->name && *o->name);
        CHECK(o->brief && strlen(o->brief) <= 60);
        CHECK(rl_option_find(o->name) == o);
        CHECK(o->type == RL_OPT_CHOICE || o->type == RL_OPT_FLAG || o->type == RL_OPT_ALIAS ||
              o->type == RL_OPT_COMMAND || (o->unit && *o->unit));
        if (o->type == RL_OPT_ALIAS || o->type == RL_OPT_COMMAND)
            continue;
        CHECK(o->detail && *o->detail);
        struct relief_params p;
        struct relief_error err = {0};
        relief_params_default(&p);
        CHECK_INT(rl_option_set(o, &p, o->fallback, &err), RELIEF_OK);
        for (size_t j = 0; j < i; j++)
            CHECK(!o->short_name || o->short_name != rl_option_table[j].short_name);
    }
}

static void defaults_print_as_nothing(void)
{
    struct relief_params p;
    char text[256];
    relief_params_default(&p);
    CHECK_INT(relief_params_print(&p, text, sizeof text), 0);
    CHECK_TEXT(text, "");
    CHECK_INT(rl_options_check(&p, NULL), RELIEF_OK);
}

static void values_print_and_parse_again(void)
{
    struct relief_params p;
    struct relief_error err = {0};
    char text[256];
    relief_params_default(&p);
    CHECK_INT(relief_params_set(&p, "divergence", "2.5", &err), RELIEF_OK);
    CHECK_INT(relief_params_set(&p, "format", "tb2l", &err), RELIEF_OK);
    CHECK_INT(relief_params_set(&p, "depth_size", "512", &err), RELIEF_OK);
    CHECK_INT(relief_params_set(&p, "start", ".5", &err), RELIEF_OK);
    CHECK_INT(p.start_us, 500000);
    CHECK_INT(relief_params_set(&p, "start", "1:02:03.5", &err), RELIEF_OK);
    CHECK_INT(relief_params_set(&p, "verbose", "", &err), RELIEF_OK);
    CHECK_INT(p.format, RELIEF_FORMAT_AB2L);
    CHECK_INT(p.start_us, 3723500000);
    CHECK_INT(p.log, RELIEF_LOG_VERBOSE);
    size_t length = relief_params_print(&p, text, sizeof text);
    CHECK_TEXT(text, "format=ab2l,divergence=2.5,depth-size=512,start=3723.500000,log=verbose");
    CHECK_INT(length, strlen(text));
    CHECK_INT(relief_params_print(&p, NULL, 0), length);
}

static void nonsense_is_refused_and_changes_nothing(void)
{
    static const char *const bad[][2] = {
        {"divergence", "11"}, {"divergence", "-1"}, {"divergence", "x"},   {"divergence", "nan"},
        {"divergence", ""},   {"format", "arcx"},   {"depth-size", "1.5"}, {"threads", "1e99"},
        {"start", "1:99"},    {"start", "-3"},      {"start", "1e5"},      {"start", "0x10"},
        {"start", "1:2:3:4"}, {"start", "."},       {"overwrite", "2"},    {"output", "a.mp4"},
        {"divergense", "1"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct relief_params p, before;
        struct relief_error err = {0};
        relief_params_default(&p);
        before = p;
        CHECK_INT(relief_params_set(&p, bad[i][0], bad[i][1], &err), RELIEF_E_ARGUMENT);
        CHECK(*err.message);
        CHECK(!memcmp(&p, &before, sizeof p));
    }
}

static void numbers_may_have_words(void)
{
    struct relief_params p;
    char text[256];
    relief_params_default(&p);
    CHECK_INT(relief_params_set(&p, "convergence", "auto", NULL), RELIEF_OK);
    CHECK_NEAR(p.convergence, RELIEF_CONVERGENCE_AUTO, 0);
    CHECK_INT(rl_options_check(&p, NULL), RELIEF_OK);
    relief_params_print(&p, text, sizeof text);
    CHECK_TEXT(text, "convergence=auto");
    CHECK_INT(relief_params_set(&p, "convergence", "-1", NULL), RELIEF_E_ARGUMENT);
    CHECK_INT(relief_params_set(&p, "depth-every", "auto", NULL), RELIEF_OK);
    CHECK_INT(p.depth_every, 0);
}

static void the_nearest_name_is_suggested(void)
{
    struct relief_params p;
    struct relief_error err = {0};
    relief_params_default(&p);
    CHECK_INT(relief_params_set(&p, "divergense", "1", &err), RELIEF_E_ARGUMENT);
    CHECK_TEXT(err.hint, "--divergence");
    CHECK(rl_option_nearest("zzzzzz") == NULL);
}

static void fields_set_directly_are_checked(void)
{
    struct relief_params p;
    relief_params_default(&p);
    p.convergence = 1.5f;
    CHECK_INT(rl_options_check(&p, NULL), RELIEF_E_ARGUMENT);
    relief_params_default(&p);
    memset(p.model, 'x', sizeof p.model);
    CHECK_INT(rl_options_check(&p, NULL), RELIEF_E_ARGUMENT);
    relief_params_default(&p);
    p.format = (enum relief_format)99;
    CHECK_INT(rl_options_check(&p, NULL), RELIEF_E_ARGUMENT);
}

int main(void)
{
    RUN(every_row_is_complete);
    RUN(defaults_print_as_nothing);
    RUN(values_print_and_parse_again);
    RUN(nonsense_is_refused_and_changes_nothing);
    RUN(numbers_may_have_words);
    RUN(the_nearest_name_is_suggested);
    RUN(fields_set_directly_are_checked);
    return check_result();
}
