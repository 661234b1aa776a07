// SPDX-License-Identifier: MIT
#include "media/box.h"

#include <stdlib.h>
#include <string.h>

static const size_t bytes_max = (size_t)1 << 31;

uint32_t rl_box_get32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

uint64_t rl_box_get64(const uint8_t *at)
{
    return (uint64_t)rl_box_get32(at) << 32 | rl_box_get32(at + 4);
}

bool rl_box_next(struct rl_box *box, const uint8_t *data, size_t size)
{
    size_t header = 8;
    if (size < 8)
        return false;
    uint64_t length = rl_box_get32(data);
    if (length == 1 && size >= 16) {
        length = rl_box_get64(data + 8);
        header = 16;
    }
    if (length < header || length > size)
        return false;
    *box = (struct rl_box){data, data + header, (size_t)length, (size_t)length - header,
                           rl_box_get32(data + 4)};
    return true;
}

bool rl_box_find(struct rl_box *box, const struct rl_box *parent, uint32_t type)
{
    const uint8_t *at = parent->body, *end = at + parent->body_size;
    struct rl_box child;
    for (; rl_box_next(&child, at, (size_t)(end - at)); at += child.size)
        if (child.type == type) {
            *box = child;
            return true;
        }
    return false;
}

void rl_bytes_put(struct rl_bytes *bytes, const void *data, size_t size)
{
    if (bytes->failed || !size)
        return;
    if (size > bytes->room - bytes->size) {
        size_t room = bytes->room * 2 + size + 4096;
        uint8_t *grown = room > bytes_max ? NULL : realloc(bytes->data, room);
        if (!grown) {
            bytes->failed = true;
            return;
        }
        bytes->data = grown;
        bytes->room = room;
    }
    memcpy(bytes->data + bytes->size, data, size);
    bytes->size += size;
}

void rl_bytes_put32(struct rl_bytes *bytes, uint32_t value)
{
    const uint8_t four[] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8),
                            (uint8_t)value};
    rl_bytes_put(bytes, four, sizeof four);
}

size_t rl_box_begin(struct rl_bytes *bytes, uint32_t type)
{
    size_t begin = bytes->size;
    rl_bytes_put32(bytes, 0);
    rl_bytes_put32(bytes, type);
    return begin;
}

void rl_box_end(struct rl_bytes *bytes, size_t begin)
{
    size_t size = bytes->size - begin;
    for (int i = 0; i < 4 && !bytes->failed; i++)
        bytes->data[begin + (size_t)i] = (uint8_t)(size >> (24 - 8 * i));
}

void rl_box_put_full(struct rl_bytes *bytes, uint32_t type, const void *body, size_t size)
{
    size_t box = rl_box_begin(bytes, type);
    rl_bytes_put32(bytes, 0);
    rl_bytes_put(bytes, body, size);
    rl_box_end(bytes, box);
}
