// SPDX-License-Identifier: MIT
#include "media/ebml.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    ID_SEGMENT = 0x18538067,
    ID_TRACKS = 0x1654AE6B,
    ID_TRACK = 0xAE,
    ID_VIDEO = 0xE0,
    ID_STEREO_MODE = 0x53B8,
    BEGINNING_BYTES = 1 << 22,  // tracks lie in front; attachments and clusters do not count
};

// A number of 1 to 8 bytes whose leading zeros tell its length; the marker stays with `keep`.
// Returns its length, 0 when it does not fit.
static size_t read_number(const uint8_t *data, size_t size, bool keep, uint64_t *value)
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

size_t rl_ebml_stereo_mode(const uint8_t *data, size_t size)
{
    for (size_t at = 0; at < size;) {
        uint64_t id = 0, length = 0;
        size_t head = read_number(data + at, size - at, true, &id);
        size_t more = head ? read_number(data + at + head, size - at - head, false, &length) : 0;
        if (!more)
            return 0;
        at += head + more;
        if (id == ID_STEREO_MODE && length == 1 && at < size)
            return at;
        bool inside = id == ID_SEGMENT || id == ID_TRACKS || id == ID_TRACK || id == ID_VIDEO;
        if (inside)
            continue;  // what is in it stands where it ends
        if (length > size - at)
            return 0;
        at += (size_t)length;
    }
    return 0;
}

int rl_ebml_set_stereo_mode(const char *path, int mode)
{
    const uint8_t byte = (uint8_t)mode;
    uint8_t *data = malloc(BEGINNING_BYTES);
    if (!data)
        return ENOMEM;
    int cause = 0, fd = open(path, O_RDWR | O_CLOEXEC);
    ssize_t size = fd >= 0 ? pread(fd, data, BEGINNING_BYTES, 0) : -1;
    if (size < 0)
        cause = errno;
    size_t place = size > 0 ? rl_ebml_stereo_mode(data, (size_t)size) : 0;
    if (!cause && !place)
        cause = EINVAL;
    if (!cause && pwrite(fd, &byte, 1, (off_t)place) != 1)
        cause = errno;
    if (fd >= 0 && close(fd) < 0 && !cause)
        cause = errno;
    free(data);
    return cause;
}
