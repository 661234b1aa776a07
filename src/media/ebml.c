// SPDX-License-Identifier: MIT
#include "media/ebml.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <libavutil/crc.h>

enum {
    ID_CRC = 0xBF,
    ID_SEGMENT = 0x18538067,
    ID_TRACKS = 0x1654AE6B,
    ID_TRACK = 0xAE,
    ID_VIDEO = 0xE0,
    ID_STEREO_MODE = 0x53B8,
    BEGINNING_BYTES = 1 << 22,  // tracks lie in front; attachments and clusters do not count
};

size_t rl_ebml_number(const uint8_t *data, size_t size, bool keep, uint64_t *value)
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

// A place in the file's beginning, and the element of tracks around it.
struct place {
    size_t at, tracks, tracks_size;
};

static struct place find_stereo_mode(const uint8_t *data, size_t size)
{
    struct place place = {0};
    for (size_t at = 0; at < size;) {
        uint64_t id = 0, length = 0;
        size_t head = rl_ebml_number(data + at, size - at, true, &id);
        size_t more = head ? rl_ebml_number(data + at + head, size - at - head, false, &length) : 0;
        if (!more)
            break;
        at += head + more;
        if (id == ID_STEREO_MODE && length == 1 && at < size) {
            place.at = at;
            break;
        }
        if (id == ID_TRACKS) {
            place.tracks = at;
            place.tracks_size = length <= size - at ? (size_t)length : 0;
        }
        bool inside = id == ID_SEGMENT || id == ID_TRACKS || id == ID_TRACK || id == ID_VIDEO;
        if (inside)
            continue;  // what is in it stands where it ends
        if (length > size - at)
            break;
        at += (size_t)length;
    }
    return place;
}

size_t rl_ebml_stereo_mode(const uint8_t *data, size_t size)
{
    return find_stereo_mode(data, size).at;
}

// A checksum that stands first in the tracks covers what follows it. False when there is none.
static bool sum_tracks(uint8_t *data, const struct place *place)
{
    enum { SUM_BYTES = 6 };
    uint8_t *tracks = data + place->tracks;
    if (place->tracks_size < SUM_BYTES || tracks[0] != ID_CRC || tracks[1] != 0x84)
        return false;
    const uint32_t sum = ~av_crc(av_crc_get_table(AV_CRC_32_IEEE_LE), UINT32_MAX,
                                 tracks + SUM_BYTES, place->tracks_size - SUM_BYTES);
    for (int i = 0; i < 4; i++)
        tracks[2 + i] = (uint8_t)(sum >> 8 * i);
    return true;
}

static int write_bytes(int fd, const uint8_t *data, size_t at, size_t size)
{
    const ssize_t done = pwrite(fd, data + at, size, (off_t)at);
    return done == (ssize_t)size ? 0 : done < 0 ? errno : EIO;
}

static int set_stereo_mode(int fd, uint8_t *data, size_t size, int mode)
{
    const struct place place = find_stereo_mode(data, size);
    if (!place.at)
        return EINVAL;
    data[place.at] = (uint8_t)mode;
    int cause = write_bytes(fd, data, place.at, 1);
    if (!cause && sum_tracks(data, &place))
        cause = write_bytes(fd, data, place.tracks + 2, 4);
    return cause;
}

int rl_ebml_set_stereo_mode(const char *path, int mode)
{
    uint8_t *data = malloc(BEGINNING_BYTES);
    if (!data)
        return ENOMEM;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    ssize_t size = fd >= 0 ? pread(fd, data, BEGINNING_BYTES, 0) : -1;
    int cause = size < 0 ? errno : set_stereo_mode(fd, data, (size_t)size, mode);
    if (fd >= 0 && close(fd) < 0 && !cause)
        cause = errno;
    free(data);
    return cause;
}
