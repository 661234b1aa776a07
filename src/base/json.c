// SPDX-License-Identifier: MIT
#include "base/json.h"

#include "base/str.h"

json_t *rl_json_text(const char *text)
{
    json_t *json = json_string(text);
    char *copy = json ? NULL : rl_str_format("%s", text);
    for (char *c = copy; c && *c; c++)
        if (*c & 0x80)
            *c = '?';
    if (copy)
        json = json_string(copy);
    free(copy);
    return json;
}
