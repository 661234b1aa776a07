// SPDX-License-Identifier: MIT
#include "media/stereo_jpeg.h"

#include "base/file.h"

#include <string.h>
#include <strings.h>

enum { SOI = 0xd8, APP0 = 0xe0, APP2 = 0xe2, APP3 = 0xe3 };

bool rl_is_jps_name(const char *path)
{
    return !strcasecmp(rl_path_extension(path), "jps");
}

bool rl_is_mpo_name(const char *path)
{
    return !strcasecmp(rl_path_extension(path), "mpo");
}

// A marker's segment under way; all numbers are big-endian.
struct segment {
    uint8_t bytes[RL_STEREO_JPEG_ADDED];
    size_t size;
};

static void put(struct segment *s, const void *bytes, size_t count)
{
    memcpy(s->bytes + s->size, bytes, count);
    s->size += count;
}

static void put16(struct segment *s, unsigned value)
{
    const uint8_t bytes[] = {(uint8_t)(value >> 8), (uint8_t)value};
    put(s, bytes, 2);
}

static void put32(struct segment *s, uint32_t value)
{
    put16(s, value >> 16);
    put16(s, value & 0xffff);
}

static void begin(struct segment *s, int marker, const char *word, size_t length)
{
    s->size = 0;
    put16(s, 0xff00u | (unsigned)marker);
    put16(s, 0);  // its length, which end() fills in
    put(s, word, length);
}

static void end(struct segment *s)
{
    s->bytes[2] = (uint8_t)((s->size - 2) >> 8);
    s->bytes[3] = (uint8_t)(s->size - 2);
}

// Where notes may begin: behind the start of the picture, and JFIF's own, which has to come first.
// 0 when it is no JPEG.
static size_t place_of_notes(const uint8_t *jpeg, size_t size)
{
    if (size < 6 || jpeg[0] != 0xff || jpeg[1] != SOI)
        return 0;
    if (jpeg[2] != 0xff || jpeg[3] != APP0)
        return 2;
    size_t length = (size_t)jpeg[4] << 8 | jpeg[5];
    return 4 + length <= size ? 4 + length : 0;
}

static size_t insert(uint8_t *to, const uint8_t *jpeg, size_t size, size_t place,
                     const struct segment *s)
{
    memcpy(to, jpeg, place);
    memcpy(to + place, s->bytes, s->size);
    memcpy(to + place + s->size, jpeg + place, size - place);
    return size + s->size;
}

size_t rl_jps_write(uint8_t *to, const uint8_t *jpeg, size_t size, bool right_first)
{
    struct segment s;
    // No gap; whole views; side by side; stereoscopic; no comment.
    const uint8_t what[] = {0, right_first ? 0 : 4, 2, 1, 0, 0};
    size_t place = place_of_notes(jpeg, size);
    if (!place)
        return 0;
    begin(&s, APP3, "_JPSJPS_", 8);
    put16(&s, 4);
    put(&s, what, sizeof what);
    end(&s);
    return insert(to, jpeg, size, place, &s);
}

// ---------------------------------------------------------------------------------------------
// MPO

enum {
    TYPE_LONG = 4,
    TYPE_RATIONAL = 5,
    TYPE_UNDEFINED = 7,
    TYPE_SRATIONAL = 10,
    FIELD_BYTES = 12,
    INDEX_FIELDS = 3,
    ATTRIBUTE_FIELDS = 4,
    ENTRIES_BYTES = 32,
    HEADER_BYTES = 8,
};

static void put_field(struct segment *s, unsigned tag, unsigned type, uint32_t count,
                      uint32_t value)
{
    put16(s, tag);
    put16(s, type);
    put32(s, count);
    put32(s, value);
}

// The header that offsets count from. Returns how far it lies behind the segment's beginning.
static size_t begin_mpf(struct segment *s)
{
    begin(s, APP2, "MPF\0", 4);
    size_t origin = s->size;
    put(s, "MM\0*", 4);
    put32(s, HEADER_BYTES);
    return origin;
}

// How the views lie in space: nothing is known of angle and distance. `at` is where it begins.
static void put_attributes(struct segment *s, uint32_t at, uint32_t number, bool versioned)
{
    const unsigned fields = ATTRIBUTE_FIELDS + versioned;
    const uint32_t behind = at + 2 + FIELD_BYTES * fields + 4;
    put16(s, fields);
    if (versioned)
        put_field(s, 0xb000, TYPE_UNDEFINED, 4, 0x30313030);  // "0100"
    put_field(s, 0xb101, TYPE_LONG, 1, number);
    put_field(s, 0xb204, TYPE_LONG, 1, 1);  // the view that others are counted from: the left one
    put_field(s, 0xb205, TYPE_SRATIONAL, 1, behind);
    put_field(s, 0xb206, TYPE_RATIONAL, 1, behind + 8);
    put32(s, 0);
    for (int i = 0; i < 4; i++)
        put32(s, UINT32_MAX);
}

size_t rl_mpo_write(uint8_t *to, const uint8_t *left, size_t left_size, const uint8_t *right,
                    size_t right_size)
{
    struct segment first, second;
    const uint32_t disparity = 0x020002, representative = 0x20000000;
    const uint32_t entries = HEADER_BYTES + 2 + FIELD_BYTES * INDEX_FIELDS + 4;
    const size_t first_place = place_of_notes(left, left_size);
    const size_t second_place = place_of_notes(right, right_size);
    if (!first_place || !second_place)
        return 0;
    begin_mpf(&second);
    put_attributes(&second, HEADER_BYTES, 2, true);
    end(&second);
    size_t origin = first_place + begin_mpf(&first);
    put16(&first, INDEX_FIELDS);
    put_field(&first, 0xb000, TYPE_UNDEFINED, 4, 0x30313030);
    put_field(&first, 0xb001, TYPE_LONG, 1, 2);
    put_field(&first, 0xb002, TYPE_UNDEFINED, ENTRIES_BYTES, entries);
    put32(&first, entries + ENTRIES_BYTES);
    size_t table = first.size;  // sizes are known when the segment is
    first.size += ENTRIES_BYTES;
    put_attributes(&first, entries + ENTRIES_BYTES, 1, false);
    end(&first);
    const size_t total = first.size;
    first.size = table;
    put32(&first, representative | disparity);
    put32(&first, (uint32_t)(left_size + total));
    put32(&first, 0);  // the first one's offset is 0 by definition
    put32(&first, 0);
    put32(&first, disparity);
    put32(&first, (uint32_t)(right_size + second.size));
    put32(&first, (uint32_t)(left_size + total - origin));
    put32(&first, 0);
    first.size = total;
    size_t size = insert(to, left, left_size, first_place, &first);
    return size + insert(to + size, right, right_size, second_place, &second);
}
