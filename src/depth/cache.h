// SPDX-License-Identifier: MIT
//
// Opened networks that nobody uses at the moment, so that a preview does not load the model again.
//
// 1. A network has one user at a time: _take hands it out, _give brings it back. Two jobs at the
//    same time have a network each.
// 2. Only networks whose key is the same in all its parts are handed out; the key holds size and
//    time of the file, so that a replaced file is opened anew.
// 3. A few are kept; the one unused for longest goes first.
// Any thread.
#ifndef RL_DEPTH_CACHE_H
#define RL_DEPTH_CACHE_H

#include "depth/engine.h"

struct rl_depth_cache;  // created and freed by depth.h

struct rl_network_key {
    char path[RELIEF_TEXT_MAX];
    char device[64];
    enum relief_precision precision;
    int width, height;  // of the input asked for
    int threads, requests;
    int64_t file_bytes, file_time_ns;
};

struct rl_opened {
    const struct rl_engine *engine;
    struct rl_network *network;
};

void rl_network_key_init(struct rl_network_key *key, const struct rl_network_params *params);

// False when there is none; always so when `cache` is NULL.
bool rl_depth_cache_take(struct rl_depth_cache *cache, const struct rl_network_key *key,
                         struct rl_opened *opened);

// Takes over the network, on which nothing may be under way. Closes it when `cache` is NULL.
void rl_depth_cache_give(struct rl_depth_cache *cache, const struct rl_network_key *key,
                         struct rl_opened *opened);

#endif
