// SPDX-License-Identifier: MIT
#include "check.h"

#include "base/str.h"

static void copies_are_cut_and_terminated(void)
{
    char text[4];
    CHECK(rl_str_copy(text, sizeof text, "abc"));
    CHECK(!rl_str_copy(text, sizeof text, "abcd"));
    CHECK_TEXT(text, "abc");
    CHECK(!rl_str_add(text, sizeof text, "%d", 5));
    CHECK_TEXT(text, "abc");
}

static void ends_and_starts(void)
{
    CHECK(rl_str_starts("film.mkv", "film"));
    CHECK(!rl_str_starts("fi", "film"));
    CHECK(rl_str_ends("film.mkv", ".mkv"));
    CHECK(!rl_str_ends("kv", ".mkv"));
}

static void distance_counts_edits(void)
{
    CHECK_INT(rl_str_distance("", ""), 0);
    CHECK_INT(rl_str_distance("crf", "crf"), 0);
    CHECK_INT(rl_str_distance("kitten", "sitting"), 3);
    CHECK_INT(rl_str_distance("", "abc"), 3);
}

static void numbers_in_names_count(void)
{
    static const char *const order[] = {"", "a", "a1", "a2", "a02b", "a10", "a10b3", "a10b20", "b"};
    enum { COUNT = sizeof order / sizeof *order };
    for (int i = 0; i < COUNT; i++)
        for (int k = 0; k < COUNT; k++) {
            const int got = rl_str_compare_naturally(order[i], order[k]);
            CHECK_INT((got > 0) - (got < 0), (i > k) - (i < k));
        }
}

static void the_first_cause_stays(void)
{
    struct relief_error err = {0};
    CHECK_INT(rl_fail(&err, RELIEF_E_INPUT, "a\nb"), RELIEF_E_INPUT);
    CHECK_INT(rl_fail(&err, RELIEF_E_OUTPUT, "c"), RELIEF_E_OUTPUT);
    CHECK_TEXT(err.message, "a b");
    CHECK_INT(err.status, RELIEF_E_INPUT);
    CHECK_INT(relief_status_exit_code(RELIEF_E_CANCELLED), 130);
    CHECK_TEXT(relief_status_name(RELIEF_E_MODEL), "model");
}

int main(void)
{
    RUN(copies_are_cut_and_terminated);
    RUN(ends_and_starts);
    RUN(distance_counts_edits);
    RUN(numbers_in_names_count);
    RUN(the_first_cause_stays);
    return check_result();
}
