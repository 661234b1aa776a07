// SPDX-License-Identifier: MIT
//
// Boxes of MP4 and MOV in memory: going through them, and putting new ones together. All numbers
// are written big end first.
//
// Sizes that a file states are believed only as far as the bytes that are there.
#ifndef RL_MEDIA_BOX_H
#define RL_MEDIA_BOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RL_BOX(a, b, c, d) \
    ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

// Points into the bytes that it was found in.
struct rl_box {
    const uint8_t *data, *body;
    size_t size, body_size;
    uint32_t type;
};

uint32_t rl_box_get32(const uint8_t *at);
uint64_t rl_box_get64(const uint8_t *at);

// The box that begins at `data`; false when none fits there.
bool rl_box_next(struct rl_box *box, const uint8_t *data, size_t size);

// The first box of that type right inside `parent`; false when there is none.
bool rl_box_find(struct rl_box *box, const struct rl_box *parent, uint32_t type);

// Bytes that grow; zero the struct before, and free `data` with free(). Nothing more is put once
// memory was short (`failed`).
struct rl_bytes {
    uint8_t *data;
    size_t size, room;
    bool failed;
};

void rl_bytes_put(struct rl_bytes *bytes, const void *data, size_t size);
void rl_bytes_put32(struct rl_bytes *bytes, uint32_t value);

// Returns where the box begins; rl_box_end() fills in its size.
size_t rl_box_begin(struct rl_bytes *bytes, uint32_t type);
void rl_box_end(struct rl_bytes *bytes, size_t begin);

// A whole box of version 0 without flags.
void rl_box_put_full(struct rl_bytes *bytes, uint32_t type, const void *body, size_t size);

#endif
