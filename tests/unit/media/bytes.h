// SPDX-License-Identifier: MIT
//
// Files that tests build byte by byte.
#ifndef RL_TESTS_BYTES_H
#define RL_TESTS_BYTES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
    uint8_t data[8192];
    size_t size;
};

static inline void put(struct bytes *b, const void *data, size_t size)
{
    memcpy(b->data + b->size, data, size);
    b->size += size;
}

#endif
