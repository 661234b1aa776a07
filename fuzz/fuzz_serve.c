// SPDX-License-Identifier: MIT
//
// What strangers may send to relief serve, and what a child may tell it: Host, Origin and Range
// headers, tokens, paths, settings as JSON, and lines of progress. The first byte chooses.
#include "base/options/options.h"
#include "base/str.h"
#include "serve/child.h"
#include "serve/http.h"
#include "serve/settings.h"
#include "serve/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void nobody(struct rl_request *request)
{
    (void)request;
}

static const struct rl_route routes[] = {
    {"GET", "/", RL_BODY_NONE, nobody, ""},
    {"GET", "/api/jobs/{id}", RL_BODY_NONE, nobody, ""},
    {"POST", "/api/jobs/{id}/cancel", RL_BODY_JSON, nobody, ""},
    {0},
};

static void guard_headers(const char *text)
{
    struct rl_guard guard;
    rl_guard_init(&guard, "127.0.0.1", 1, "a-secret-token");
    // Whatever passes as a host of a loopback server is a loopback name.
    if (rl_guard_host(&guard, text) && !strstr(text, "127.") && !strstr(text, "::1") &&
        !strcasestr(text, "localhost"))
        abort();
    if (rl_guard_token(&guard, text, text) && !strstr(text, "a-secret-token"))
        abort();
    (void)rl_guard_origin(text, text, NULL);
    rl_guard_clear(&guard);
}

static void parse_range(const char *text)
{
    int64_t first = 0, count = 0;
    const int64_t size = 1000;
    if (rl_parse_range(text, size, &first, &count) && count &&
        (first < 0 || count < 0 || first + count > size))
        abort();
}

static void find_route(const char *text)
{
    char id[40], allowed[64];
    if (rl_route_find(routes, "GET", text, id, sizeof id, allowed, sizeof allowed) &&
        strpbrk(id, "./%"))
        abort();
}

// What is accepted is a set of allowed options, and is accepted again.
static void read_settings(const char *text)
{
    struct relief_params params;
    json_t *plain = NULL, *again = NULL, *json = rl_store_parse(text, JSON_OBJECT);
    if (json && rl_settings_read(json, &params, &plain, NULL) == RELIEF_OK) {
        if (rl_options_check(&params, NULL) != RELIEF_OK || params.keep[0] || params.report[0] ||
            params.depth_in[0] || params.depth_out[0] || strchr(params.model, '/') ||
            rl_settings_read(plain, &params, &again, NULL) != RELIEF_OK)
            abort();
    }
    json_decref(json);
    json_decref(plain);
    json_decref(again);
}

static void take_line(void *user, const char *line, size_t size)
{
    struct rl_told told;
    (void)user;
    rl_told_parse(&told, line, size);
    if (strchr(told.output, '/') || told.frames < 0 || told.total < 0 || told.fps < 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct rl_lines lines;
    char text[4096];
    if (size < 2 || size >= sizeof text)
        return 0;
    memcpy(text, data + 1, size - 1);
    text[size - 1] = 0;
    switch (data[0] % 5) {
    case 0:
        guard_headers(text);
        break;
    case 1:
        parse_range(text);
        break;
    case 2:
        find_route(text);
        break;
    case 3:
        read_settings(text);
        break;
    default:
        lines = (struct rl_lines){0};
        rl_lines_add(&lines, text, size - 1, take_line, NULL);
    }
    return 0;
}
