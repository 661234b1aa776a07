// SPDX-License-Identifier: MIT
#include "check.h"

#include "cli/view.h"

static const struct relief_progress half = {.frames_done = 50,
                                            .frames_expected = 100,
                                            .fps = 12.34,
                                            .eta_seconds = 73,
                                            .elapsed_seconds = 4};

static void seconds_are_readable(void)
{
    char text[32];
    rl_format_seconds(0, text, sizeof text);
    CHECK_TEXT(text, "0:00");
    rl_format_seconds(73.4, text, sizeof text);
    CHECK_TEXT(text, "1:13");
    rl_format_seconds(3661, text, sizeof text);
    CHECK_TEXT(text, "1:01:01");
    rl_format_seconds(-1, text, sizeof text);
    CHECK_TEXT(text, "0:00");
}

static void a_line_tells_all_that_is_known(void)
{
    char text[256];
    rl_format_progress(&half, false, 0, text, sizeof text);
    CHECK_TEXT(text, "50/100 frames  50 %  12.3 fps  1:13 left");
    struct relief_progress unknown = {.frames_done = 7, .eta_seconds = -1};
    rl_format_progress(&unknown, true, 80, text, sizeof text);
    CHECK_TEXT(text, "7 frames");
}

static void a_bar_fits_any_width(void)
{
    char text[256];
    for (int columns = 1; columns < 200; columns++) {
        rl_format_progress(&half, true, columns, text, sizeof text);
        CHECK(strlen(text) <= (size_t)columns);
        CHECK(columns < 60 || (text[0] == '[' && strstr(text, "left") != NULL));
    }
    rl_format_progress(&half, true, 58, text, sizeof text);
    CHECK_TEXT(text, "[#######-------]  50/100 frames  50 %  12.3 fps  1:13 left");
}

static void more_frames_than_expected_is_all(void)
{
    struct relief_progress over = {.frames_done = 11, .frames_expected = 10, .eta_seconds = 0};
    char text[256];
    rl_format_progress(&over, false, 0, text, sizeof text);
    CHECK_TEXT(text, "11/10 frames  100 %  0:00 left");
}

int main(void)
{
    RUN(seconds_are_readable);
    RUN(a_line_tells_all_that_is_known);
    RUN(a_bar_fits_any_width);
    RUN(more_frames_than_expected_is_all);
    return check_result();
}
