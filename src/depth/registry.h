// SPDX-License-Identifier: MIT
//
// The registry: models that are known by name, and where their files come from.
//
// registry.json lies beside the built-in model; a user's own, $XDG_CONFIG_HOME/relief/registry.json
// (~/.config/relief), adds models and replaces those of the same name. docs/models.md is the
// description for users:
//
//     {"format": 1,
//      "models": {
//        "NAME": {
//          "description": "one line",
//          "files": [{"name": "model.onnx", "url": "https://...", "bytes": 1, "sha256": "..."}],
//          KEYS OF descriptor.h
//        }}}
//
// 1. The first file is the network; the others lie beside it under their names (weights of an IR,
//    external data of ONNX).
// 2. "bytes" and "sha256" are checked when given. What has no "sha256" is recorded when it is first
//    seen, and checked from then on (stock.h). "about_bytes" is what users are told before.
// 3. Names are made of letters, digits, '-' and '_'.
#ifndef RL_DEPTH_REGISTRY_H
#define RL_DEPTH_REGISTRY_H

#include "depth/model.h"

enum { RL_REGISTRY_FILES_MAX = 4, RL_REGISTRY_URL_MAX = 512 };

struct rl_registry_file {
    char name[128];
    char url[RL_REGISTRY_URL_MAX];
    int64_t bytes;        // 0: not known
    int64_t about_bytes;  // likewise
    char sha256[65];      // empty: not known
};

struct rl_registry_entry {
    struct rl_model model;  // its path is that of the first file in the user's cache
    char description[160];
    struct rl_registry_file files[RL_REGISTRY_FILES_MAX];
    int file_count;
    bool is_users;  // from the user's own registry
};

struct rl_registry {
    struct rl_registry_entry *entries;  // in the files' order
    size_t count;
};

// Fails with RELIEF_E_MODEL: a file that is not a registry, or no folder for the cache.
enum relief_status rl_registry_load(struct rl_registry *registry, struct relief_error *err);
void rl_registry_clear(struct rl_registry *registry);

// Fails with RELIEF_E_MODEL, and names the nearest.
enum relief_status rl_registry_find(const struct rl_registry *registry, const char *name,
                                    const struct rl_registry_entry **entry,
                                    struct relief_error *err);

// Could this be a name of the registry, rather than "built-in" or a path?
bool rl_registry_is_name(const char *name);

// relief's folder below $XDG_CACHE_HOME or ~/.cache, and below $XDG_CONFIG_HOME or ~/.config.
bool rl_registry_cache(char *path, size_t size);
bool rl_registry_config(char *path, size_t size);

#endif
