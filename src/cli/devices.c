// SPDX-License-Identifier: MIT
//
// relief devices: where networks can run here, and why not elsewhere.
#include "cli/commands.h"

#include <jansson.h>

enum { DEVICES_MAX = 32 };

static void print_text(const struct relief_device *devices, size_t count)
{
    for (size_t i = 0; i < count; i++)
        printf("%-10s %-4s %s\n", devices[i].name, devices[i].usable ? "yes" : "no",
               devices[i].detail);
}

static enum relief_status print_json(const struct relief_device *devices, size_t count,
                                     struct relief_error *err)
{
    json_t *list = json_array();
    int failed = 0;
    for (size_t i = 0; i < count; i++)
        failed |= json_array_append_new(list,
                                        json_pack("{ss sb ss}", "name", devices[i].name, "usable",
                                                  devices[i].usable, "detail", devices[i].detail));
    if (!failed)
        (void)json_dumpf(list, stdout, JSON_INDENT(2));
    printf("\n");
    json_decref(list);
    return failed ? rl_fail_memory(err) : RELIEF_OK;
}

enum relief_status rl_show_devices(struct relief_context *ctx, const struct rl_args *args,
                                   struct relief_error *err)
{
    struct relief_device devices[DEVICES_MAX] = {0};
    size_t count = relief_devices(ctx, devices, DEVICES_MAX);
    if (count > DEVICES_MAX)
        count = DEVICES_MAX;
    if (args->json)
        return print_json(devices, count, err);
    print_text(devices, count);
    return RELIEF_OK;
}
