// SPDX-License-Identifier: MIT
#include "depth/engine.h"

#include "base/str.h"

struct rl_network {
    struct rl_network_info info;
    float *inputs[RL_REQUESTS_MAX];
    float *map;
};

static bool dummy_available(char *why, size_t size)
{
    rl_str_copy(why, size, "");
    return true;
}

static size_t dummy_devices(struct relief_device *devices, size_t capacity)
{
    if (capacity > 0)
        *devices = (struct relief_device){"dummy", "no network: a made-up depth map, for tests", 1};
    return 1;
}

static void draw(float *map, int width, int height)
{
    for (int y = 0; y < height; y++) {
        float ramp = 0.1f + 0.6f * (float)y / (float)(height > 1 ? height - 1 : 1);
        bool rows = y >= height / 4 && y < height - height / 4;
        for (int x = 0; x < width; x++) {
            bool box = rows && x >= width / 4 && x < width - width / 4;
            map[(size_t)y * (size_t)width + (size_t)x] = box ? 1.0f : ramp;
        }
    }
}

static void dummy_close(struct rl_network **network)
{
    struct rl_network *n = *network;
    *network = NULL;
    if (!n)
        return;
    for (int i = 0; i < RL_REQUESTS_MAX; i++)
        free(n->inputs[i]);
    free(n->map);
    free(n);
}

static enum relief_status dummy_open(struct rl_network **network,
                                     const struct rl_network_params *params,
                                     struct relief_error *err)
{
    struct rl_network *n = calloc(1, sizeof *n);
    if (!n)
        return rl_fail_memory(err);
    size_t pixels = (size_t)params->width * (size_t)params->height;
    n->info = (struct rl_network_info){
        params->width, params->height, params->width, params->height, "dummy", "", ""};
    n->map = calloc(pixels, sizeof *n->map);
    bool complete = n->map;
    for (int i = 0; i < params->requests; i++) {
        n->inputs[i] = calloc(3 * pixels, sizeof **n->inputs);
        complete = complete && n->inputs[i];
    }
    if (!complete) {
        dummy_close(&n);
        return rl_fail_memory(err);
    }
    draw(n->map, params->width, params->height);
    *network = n;
    return RELIEF_OK;
}

static const struct rl_network_info *dummy_info(const struct rl_network *network)
{
    return &network->info;
}

static float *dummy_input(struct rl_network *network, int slot)
{
    return network->inputs[slot];
}

static enum relief_status dummy_start(struct rl_network *network, int slot,
                                      struct relief_error *err)
{
    (void)network, (void)slot, (void)err;
    return RELIEF_OK;
}

static enum relief_status dummy_wait(struct rl_network *network, int slot, const float **output,
                                     struct relief_error *err)
{
    (void)slot, (void)err;
    *output = network->map;
    return RELIEF_OK;
}

const struct rl_engine rl_engine_dummy = {
    .name = "dummy",
    .available = dummy_available,
    .devices = dummy_devices,
    .open = dummy_open,
    .info = dummy_info,
    .input = dummy_input,
    .start = dummy_start,
    .wait = dummy_wait,
    .close = dummy_close,
};
