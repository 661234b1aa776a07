// SPDX-License-Identifier: MIT
//
// Options from arbitrary text: "name=value" lines. What is accepted must print and parse again to
// the same parameters.
#include "base/options/options.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct relief_params params, again;
    struct relief_error err = {0};
    char text[4096], printed[16384];
    if (size >= sizeof text)
        return 0;
    memcpy(text, data, size);
    text[size] = 0;
    relief_params_default(&params);
    again = params;
    for (char *line = text; line && *line;) {
        char *next = strchr(line, '\n');
        if (next)
            *next++ = 0;
        char *value = strchr(line, '=');
        if (value)
            *value++ = 0;
        if (relief_params_set(&params, line, value ? value : "", &err) == RELIEF_OK &&
            rl_option_find(line)->type != RL_OPT_ALIAS) {
            char shown[RELIEF_TEXT_MAX];
            rl_option_get(rl_option_find(line), &params, shown, sizeof shown);
            if (relief_params_set(&again, line, shown, NULL) != RELIEF_OK)
                abort();
        }
        line = next;
    }
    if (rl_options_check(&params, NULL) != RELIEF_OK)
        abort();
    relief_params_print(&params, printed, sizeof printed);
    return 0;
}
