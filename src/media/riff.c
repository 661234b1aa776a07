// SPDX-License-Identifier: MIT
#include "media/riff.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

enum {
    BEGINNING_BYTES = 1 << 16,
    HEADER_BYTES = 56,
    AT_SCALE = 20,  // a tick lasts scale / rate seconds
    AT_RATE = 24,
    AT_START = 28,
};

static uint32_t read_32(const uint8_t *data)
{
    return data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16 | (uint32_t)data[3] << 24;
}

// Where the track's header lies, behind its name and size; 0 when there is none, or no whole one.
static size_t find_track(const uint8_t *data, size_t size, int number)
{
    size_t at = 12;
    while (at + 8 <= size) {
        const size_t length = read_32(data + at + 4);
        if (!memcmp(data + at, "LIST", 4)) {
            at += 12;  // what is in it stands where it ends
            continue;
        }
        if (!memcmp(data + at, "strh", 4) && number-- == 0)
            return length >= HEADER_BYTES - 8 && at + HEADER_BYTES <= size ? at + 8 : 0;
        if (length > size - at)
            return 0;
        at += 8 + length + (length & 1);
    }
    return 0;
}

static int set_start(int fd, int number, double seconds)
{
    uint8_t data[BEGINNING_BYTES];
    const ssize_t size = pread(fd, data, sizeof data, 0);
    if (size < 0)
        return errno;
    const size_t place = find_track(data, (size_t)size, number);
    const uint32_t scale = place ? read_32(data + place + AT_SCALE) : 0;
    if (!scale)
        return EINVAL;
    const double ticks = round(seconds * read_32(data + place + AT_RATE) / scale);
    if (!(ticks >= 0 && ticks <= INT32_MAX))
        return EINVAL;
    const uint32_t start = (uint32_t)ticks;
    const uint8_t bytes[4] = {(uint8_t)start, (uint8_t)(start >> 8), (uint8_t)(start >> 16),
                              (uint8_t)(start >> 24)};
    return pwrite(fd, bytes, sizeof bytes, (off_t)(place + AT_START)) == sizeof bytes ? 0 : errno;
}

int rl_riff_set_start(const char *path, int number, double seconds)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return errno;
    int cause = set_start(fd, number, seconds);
    if (close(fd) < 0 && !cause)
        cause = errno;
    return cause;
}
