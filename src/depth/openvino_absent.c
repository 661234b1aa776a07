// SPDX-License-Identifier: MIT
//
// Stands in for openvino.c where OpenVINO's headers were not there when relief was built.
#include "depth/engine.h"

#include "base/str.h"

static const char cause[] = "built without OpenVINO's headers";

static bool absent_available(char *why, size_t size)
{
    rl_str_copy(why, size, cause);
    return false;
}

static size_t absent_devices(struct relief_device *devices, size_t capacity)
{
    if (capacity > 0) {
        *devices = (struct relief_device){"cpu", "", 0};
        rl_str_add(devices->detail, sizeof devices->detail, "OpenVINO: %s", cause);
    }
    return 1;
}

static enum relief_status absent_open(struct rl_network **network,
                                      const struct rl_network_params *params,
                                      struct relief_error *err)
{
    (void)network, (void)params;
    return rl_fail(err, RELIEF_E_DEVICE, "depth: no engine can run the network: %s", cause);
}

// What follows needs an opened network, and there never is one.
const struct rl_engine rl_engine_openvino = {
    .name = "openvino",
    .available = absent_available,
    .devices = absent_devices,
    .open = absent_open,
};
