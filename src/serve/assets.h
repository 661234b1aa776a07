// SPDX-License-Identifier: MIT
//
// The files of web/, put into the program when it is built (scripts/embed).
#ifndef RL_SERVE_ASSETS_H
#define RL_SERVE_ASSETS_H

#include <stddef.h>

struct rl_asset {
    const char *path;  // of the route
    const char *type;
    const char *tag;  // changes with the content
    const unsigned char *bytes;
    size_t size;
};

extern const struct rl_asset rl_assets[];  // ends with a NULL path

#endif
