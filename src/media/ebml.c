// SPDX-License-Identifier: MIT
#include "media/ebml.h"

#include "base/file.h"

enum { HEAD_MAX = 12 };  // identifier and size

// A number of 1 to 8 bytes whose leading zeros tell its length; the marker stays with `keep`.
// Returns its length, 0 when it does not fit.
static size_t parse_number(const uint8_t *data, size_t size, bool keep, uint64_t *value)
{
    size_t length = 1;
    if (!size || !data[0])
        return 0;
    while (!(data[0] & (0x80 >> (length - 1))))
        length++;
    if (length > size)
        return 0;
    *value = keep ? data[0] : data[0] & (0xff >> length);
    for (size_t i = 1; i < length; i++)
        *value = *value << 8 | data[i];
    return length;
}

bool rl_element_parse(struct rl_element *element, const uint8_t *data, size_t size, uint64_t at)
{
    uint64_t length = 0;
    size_t head = parse_number(data, size, true, &element->id);
    size_t more = head ? parse_number(data + head, size - head, false, &length) : 0;
    if (!more)
        return false;
    element->at = at;
    element->body = at + head + more;
    element->size = length;
    element->is_endless = length == (UINT64_C(1) << 7 * more) - 1;
    return true;
}

bool rl_element_next(struct rl_element *element, const uint8_t *data, size_t size, uint64_t at)
{
    return at < size && rl_element_parse(element, data + at, size - (size_t)at, at) &&
           !element->is_endless && element->size <= size - element->body;
}

bool rl_element_read(struct rl_element *element, int fd, uint64_t at)
{
    uint8_t head[HEAD_MAX];
    return at <= INT64_MAX - HEAD_MAX && rl_read_at(fd, head, sizeof head, at) &&
           rl_element_parse(element, head, sizeof head, at);
}

uint64_t rl_element_value(const struct rl_element *element, const uint8_t *data)
{
    uint64_t value = 0;
    for (uint64_t i = 0; i < element->size && i < 8; i++)
        value = value << 8 | data[element->body + i];
    return value;
}

bool rl_ebml_find_segment(struct rl_element *segment, int fd)
{
    struct rl_element head;
    return rl_element_read(&head, fd, 0) && head.id == RL_EBML_HEAD && !head.is_endless &&
           rl_element_read(segment, fd, rl_element_end(&head)) && segment->id == RL_EBML_SEGMENT;
}

bool rl_ebml_find(struct rl_element *found, int fd, uint64_t id)
{
    if (!rl_ebml_find_segment(found, fd))
        return false;
    uint64_t at = found->body;
    for (int i = 0; i < RL_EBML_FRONT_MAX && rl_element_read(found, fd, at); i++) {
        if (found->id == RL_EBML_CLUSTER || found->is_endless || found->size > INT64_MAX / 2)
            return false;
        if (found->id == id)
            return true;
        at = rl_element_end(found);
    }
    return false;
}
