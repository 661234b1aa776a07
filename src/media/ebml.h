// SPDX-License-Identifier: MIT
//
// Elements of EBML (RFC 8794), which Matroska is made of: identifier, size, body.
//
// Sizes that a file states are believed only as far as the bytes that are there.
#ifndef RL_MEDIA_EBML_H
#define RL_MEDIA_EBML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Of Matroska (RFC 9559), where every file has them.
enum {
    RL_EBML_HEAD = 0x1A45DFA3,
    RL_EBML_SEGMENT = 0x18538067,
    RL_EBML_CLUSTER = 0x1F43B675,
    RL_EBML_CRC = 0xBF,
    RL_EBML_VOID = 0xEC,
};

enum { RL_EBML_FRONT_MAX = 64 };  // elements that are looked at in front of the first cluster

struct rl_element {
    uint64_t id, at, body, size;  // where it and its body begin; the body's size
    bool is_endless;              // its size is not known
};

static inline uint64_t rl_element_end(const struct rl_element *element)
{
    return element->body + element->size;
}

// The head of an element whose first byte is byte `at` of something larger. False when it is none.
bool rl_element_parse(struct rl_element *element, const uint8_t *data, size_t size, uint64_t at);

// The element at byte `at` of `data`; false when none fits there.
bool rl_element_next(struct rl_element *element, const uint8_t *data, size_t size, uint64_t at);

// The element at byte `at` of an open file; its place stays. The body may reach beyond the end.
bool rl_element_read(struct rl_element *element, int fd, uint64_t at);

// Its body as a number; of long ones, the first eight bytes.
uint64_t rl_element_value(const struct rl_element *element, const uint8_t *data);

// The segment of a Matroska file.
bool rl_ebml_find_segment(struct rl_element *segment, int fd);

// The first of a kind that stands in the segment, in front of the clusters.
bool rl_ebml_find(struct rl_element *found, int fd, uint64_t id);

#endif
