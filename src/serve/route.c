// SPDX-License-Identifier: MIT
#include "base/str.h"
#include "serve/http.h"

#include <ctype.h>

// "/api/jobs/{id}/cancel" against a path.
static bool matches(const char *pattern, const char *path, char *id, size_t id_size)
{
    while (*pattern && *path) {
        if (!rl_str_starts(pattern, "{id}")) {
            if (*pattern++ != *path++)
                return false;
            continue;
        }
        size_t length = 0;
        while (isalnum((unsigned char)path[length]))
            length++;
        if (!length || length >= id_size)
            return false;
        memcpy(id, path, length);
        id[length] = 0;
        path += length;
        pattern += 4;
    }
    return !*pattern && !*path;
}

const struct rl_route *rl_route_find(const struct rl_route *routes, const char *method,
                                     const char *path, char *id, size_t id_size, char *allowed,
                                     size_t allowed_size)
{
    const char *wanted = strcmp(method, "HEAD") ? method : "GET";
    id[0] = allowed[0] = 0;
    for (const struct rl_route *r = routes; r->method; r++) {
        if (!matches(r->path, path, id, id_size))
            continue;
        if (!strcmp(r->method, wanted))
            return r;
        rl_str_add(allowed, allowed_size, "%s%s", *allowed ? ", " : "", r->method);
    }
    return NULL;
}
