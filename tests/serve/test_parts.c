// SPDX-License-Identifier: MIT
//
// The parts of the server that decide without a socket: guard, routes, ranges, settings, lines of a
// child.
#include "check.h"

#include "base/options/options.h"
#include "serve/child.h"
#include "serve/server.h"
#include "serve/settings.h"

static struct rl_guard guard;

static void open_guard(const char *listen, const char *token)
{
    rl_guard_init(&guard, listen, 8347, token);
}

static void a_loopback_server_has_loopback_names(void)
{
    static const char *const good[] = {"localhost",   "LOCALHOST:80", "127.0.0.1",
                                       "127.9.9.9:1", "[::1]",        "[::1]:8347"};
    static const char *const bad[] = {
        "",       "evil.example", "127.0.0.1.evil", "127.evil", "localhost.evil", "[::1",
        "[::1]x", "10.0.0.1",     "localhost:8x",   ":80",      "[::2]"};
    open_guard("127.0.0.1", NULL);
    CHECK_TEXT(guard.token, "");
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        CHECK(rl_guard_host(&guard, good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(!rl_guard_host(&guard, bad[i]));
    CHECK(!rl_guard_host(&guard, NULL));
    rl_guard_clear(&guard);
}

static void an_open_server_has_a_token(void)
{
    char bearer[RL_TOKEN_MAX + 8];
    open_guard("0.0.0.0", NULL);
    CHECK_INT(strlen(guard.token), 26);
    CHECK(rl_guard_host(&guard, "192.168.1.7:8347"));
    CHECK(!rl_guard_host(&guard, "evil.example"));
    snprintf(bearer, sizeof bearer, "Bearer %s", guard.token);
    CHECK(rl_guard_token(&guard, bearer, NULL));
    CHECK(rl_guard_token(&guard, NULL, guard.token));
    bearer[strlen(bearer) - 1] ^= 1;
    CHECK(!rl_guard_token(&guard, bearer, NULL));
    CHECK(!rl_guard_token(&guard, "Bearer ", ""));
    CHECK(!rl_guard_token(&guard, NULL, NULL));
    CHECK(!rl_guard_token(&guard, guard.token, NULL));
    rl_guard_clear(&guard);
}

static void only_its_own_pages_ask(void)
{
    CHECK(rl_guard_origin(NULL, "localhost", NULL));
    CHECK(rl_guard_origin("http://localhost:80", "localhost:80", "same-origin"));
    CHECK(rl_guard_origin(NULL, "localhost", "none"));
    CHECK(!rl_guard_origin("http://localhost:81", "localhost:80", NULL));
    CHECK(!rl_guard_origin("https://localhost", "localhost", NULL));
    CHECK(!rl_guard_origin("null", "localhost", NULL));
    CHECK(!rl_guard_origin(NULL, "localhost", "cross-site"));
    CHECK(!rl_guard_origin("http://localhost", NULL, NULL));
}

static int passed(const char *address, bool upload, double now_s)
{
    int count = 0;
    while (count < 10000 && rl_guard_rate(&guard, address, upload, now_s))
        count++;
    return count;
}

static void buckets_empty_and_fill(void)
{
    open_guard("127.0.0.1", NULL);
    CHECK_INT(passed("a", true, 10), 200);
    CHECK_INT(passed("a", true, 10), 0);
    CHECK_INT(passed("a", false, 10), 600);
    CHECK_INT(passed("b", true, 10), 200);
    CHECK_INT(passed("a", true, 15), 10);
    // A clock that goes back gives nothing, and takes nothing.
    CHECK_INT(passed("a", true, 1), 0);
    CHECK_INT(passed("a", true, 1e6), 200);
    rl_guard_clear(&guard);
}

static void names_are_random(void)
{
    char a[27], b[27];
    rl_random_name(a, 26);
    rl_random_name(b, 26);
    CHECK_INT(strlen(a), 26);
    CHECK(strcmp(a, b) != 0);
    CHECK_INT(strspn(a, "0123456789abcdefghjkmnpqrstvwxyz"), 26);
}

static void ranges_are_read(void)
{
    static const struct {
        const char *header;
        bool is_one;
        int64_t first, count;
    } rows[] = {
        {"bytes=0-0", true, 0, 1},      {"bytes=5-", true, 5, 95},
        {"bytes=-10", true, 90, 10},    {"bytes=-1000", true, 0, 100},
        {"bytes=90-200", true, 90, 10}, {"bytes=100-", true, 100, 0},
        {"bytes=-0", true, 100, 0},     {"bytes=5-4", false, 0, 0},
        {"bytes=", false, 0, 0},        {"bytes=-", false, 0, 0},
        {"bytes=1-2,3-4", false, 0, 0}, {"bytes=a-", false, 0, 0},
        {"bits=0-1", false, 0, 0},      {"bytes=99999999999999999999-", false, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t first = -1, count = -1;
        CHECK_INT(rl_parse_range(rows[i].header, 100, &first, &count), rows[i].is_one);
        if (rows[i].is_one && rows[i].count)
            CHECK_INT(first, rows[i].first);
        CHECK_INT(count, rows[i].count);
    }
    int64_t first, count;
    CHECK(rl_parse_range("bytes=0-", 0, &first, &count) && !count);
    CHECK(!rl_parse_range(NULL, 100, &first, &count));
}

static void routes_are_found(void)
{
    char id[40], allowed[64];
    const struct rl_route *route = rl_route_find(rl_routes, "POST", "/api/jobs/ab12/cancel", id,
                                                 sizeof id, allowed, sizeof allowed);
    CHECK(route && route->handle == rl_cancel_job);
    CHECK_TEXT(id, "ab12");
    route = rl_route_find(rl_routes, "HEAD", "/", id, sizeof id, allowed, sizeof allowed);
    CHECK(route && route->handle == rl_get_page);
    CHECK(!rl_route_find(rl_routes, "PATCH", "/api/jobs/ab12", id, sizeof id, allowed,
                         sizeof allowed));
    CHECK_TEXT(allowed, "GET, DELETE");
    static const char *const nowhere[] = {
        "/api/jobs/", "/api/jobs/a/b",      "/api/jobs/../x", "/api/jobs/a%20b",
        "//",         "/api/jobs/a/cancel/"};
    for (size_t i = 0; i < sizeof nowhere / sizeof *nowhere; i++) {
        CHECK(!rl_route_find(rl_routes, "GET", nowhere[i], id, sizeof id, allowed, sizeof allowed));
        CHECK_TEXT(allowed, "");
    }
}

// Nothing that names a file of the machine, or that the command alone knows, can be set.
static void settings_name_no_files(void)
{
    for (size_t i = 0; i < rl_option_count; i++) {
        const struct relief_option *o = &rl_option_table[i];
        if (o->unit && o->type == RL_OPT_TEXT && strstr(o->unit, "FILE"))
            CHECK(!rl_setting_allowed(o));
        if (o->type == RL_OPT_COMMAND || o->type == RL_OPT_ALIAS)
            CHECK(!rl_setting_allowed(o));
    }
    CHECK(rl_setting_allowed(rl_option_find("divergence")));
    CHECK(!rl_setting_allowed(rl_option_find("keep")));
    CHECK(!rl_setting_allowed(rl_option_find("overwrite")));
    struct relief_params params;
    struct relief_error err = {0};
    relief_params_default(&params);
    CHECK_INT(rl_setting_apply(&params, "model", "../x", &err), RELIEF_E_ARGUMENT);
    err = (struct relief_error){0};
    CHECK_INT(rl_setting_apply(&params, "report", "x", &err), RELIEF_E_ARGUMENT);
    err = (struct relief_error){0};
    CHECK_INT(rl_setting_apply(&params, "divergence", "3.5", &err), RELIEF_OK);
    CHECK_NEAR(params.divergence, 3.5, 1e-6);
}

static char last_line[64];
static int line_count;

static void take_line(void *user, const char *text, size_t size)
{
    (void)user;
    line_count++;
    snprintf(last_line, sizeof last_line, "%.*s", (int)(size < 60 ? size : 60), text);
}

static void lines_come_in_pieces(void)
{
    static struct rl_lines lines;
    static char much[20000];
    rl_lines_add(&lines, "one\ntw", 6, take_line, NULL);
    CHECK_INT(line_count, 1);
    rl_lines_add(&lines, "o\n", 2, take_line, NULL);
    CHECK_TEXT(last_line, "two");
    // One that is too long is dropped whole, the next is a line again.
    memset(much, 'x', sizeof much);
    rl_lines_add(&lines, much, sizeof much, take_line, NULL);
    rl_lines_add(&lines, "x\nthree\n", 8, take_line, NULL);
    CHECK_TEXT(last_line, "three");
    CHECK_INT(line_count, 3);
}

static void told(struct rl_told *t, const char *line)
{
    rl_told_parse(t, line, strlen(line));
}

static void what_a_child_tells_is_understood(void)
{
    struct rl_told t;
    told(&t, "{\"event\": \"progress\", \"frames\": 7, \"total\": 9, \"fps\": 2.5, \"eta\": null}");
    CHECK(t.what == RL_TOLD_PROGRESS && t.frames == 7 && t.total == 9);
    CHECK_NEAR(t.left_s, -1, 0);
    told(&t, "{\"event\": \"done\", \"output\": \"output_3d_video.mp4\"}");
    CHECK(t.what == RL_TOLD_DONE);
    CHECK_TEXT(t.output, "output_3d_video.mp4");
    // A child that lies names no file elsewhere, and no absurd figures.
    told(&t, "{\"event\": \"done\", \"output\": \"../../x\", \"frames\": -5, \"fps\": 1e300}");
    CHECK_TEXT(t.output, "");
    CHECK(t.frames == 0 && t.fps == 0);
    static const char *const nonsense[] = {
        "", "{", "[]", "5", "{\"event\": 5}", "{\"event\": \"x\"}"};
    for (size_t i = 0; i < sizeof nonsense / sizeof *nonsense; i++) {
        told(&t, nonsense[i]);
        CHECK(t.what == RL_TOLD_NOTHING);
    }
}

int main(void)
{
    RUN(a_loopback_server_has_loopback_names);
    RUN(an_open_server_has_a_token);
    RUN(only_its_own_pages_ask);
    RUN(buckets_empty_and_fill);
    RUN(names_are_random);
    RUN(ranges_are_read);
    RUN(routes_are_found);
    RUN(settings_name_no_files);
    RUN(lines_come_in_pieces);
    RUN(what_a_child_tells_is_understood);
    return check_result();
}
