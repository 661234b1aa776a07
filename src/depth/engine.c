// SPDX-License-Identifier: MIT
#include "depth/engine.h"

// In order of preference; the dummy only serves who asks for it.
static const struct rl_engine *const engines[] = {&rl_engine_openvino, &rl_engine_dummy};

enum { ENGINE_COUNT = sizeof engines / sizeof *engines };

const struct rl_engine *rl_engine_for(const char *device)
{
    char why[256];
    if (strcmp(device, rl_engine_dummy.name) == 0)
        return &rl_engine_dummy;
    for (size_t i = 0; i < ENGINE_COUNT; i++)
        if (engines[i] != &rl_engine_dummy && engines[i]->available(why, sizeof why))
            return engines[i];
    return engines[0];
}

size_t rl_engine_devices(struct relief_device *devices, size_t capacity)
{
    size_t count = 0;
    for (size_t i = 0; i < ENGINE_COUNT; i++) {
        size_t used = count < capacity ? count : capacity;
        count += engines[i]->devices(devices + used, capacity - used);
    }
    return count;
}
