// SPDX-License-Identifier: MIT
#include "media/chapters.h"

#include "base/file.h"
#include "media/ebml.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    ID_SEEK_HEAD = 0x114D9B74,
    ID_SEEK = 0x4DBB,
    ID_SEEK_ID = 0x53AB,
    ID_SEEK_POSITION = 0x53AC,
    ID_CHAPTERS = 0x1043A770,
    ID_EDITION = 0x45B9,
    ID_ORDERED = 0x45DD,
    ID_ATOM = 0xB6,
    ID_CHAPTER_TRACK = 0x8F,
    ID_DISPLAY = 0x80,
    DEPTH_MAX = 16,     // of chapters within chapters
    PLACES_MAX = 4096,  // bytes of the list of places, with the space behind it
    CHAPTERS_MAX = 1 << 24,
};

// ---------------------------------------------------------------------------------------------
// Looking

static void look_inside(struct rl_chapters *chapters, const uint8_t *data, size_t size,
                        uint64_t parent, int depth)
{
    struct rl_element element;
    int editions = 0, names = 0;
    for (uint64_t at = 0; rl_element_next(&element, data, size, at);
         at = rl_element_end(&element)) {
        editions += element.id == ID_EDITION;
        names += element.id == ID_DISPLAY;
        chapters->is_rich |= (element.id == ID_ATOM && parent == ID_ATOM) ||
                             (element.id == ID_ORDERED && rl_element_value(&element, data));
        chapters->is_bound |= element.id == ID_CHAPTER_TRACK;
        if (depth < DEPTH_MAX && (element.id == ID_EDITION || element.id == ID_ATOM))
            look_inside(chapters, data + element.body, (size_t)element.size, element.id, depth + 1);
    }
    chapters->is_rich |= editions > 1 || names > 1;
}

void rl_chapters_look(struct rl_chapters *chapters)
{
    struct rl_element all;
    chapters->is_rich = chapters->is_bound = false;
    if (chapters->data && rl_element_next(&all, chapters->data, chapters->size, 0))
        look_inside(chapters, chapters->data + all.body, (size_t)all.size, all.id, 0);
}

// ---------------------------------------------------------------------------------------------
// Reading

// The list of places: where it says that chapters are, from the segment's body. False when it does
// not.
static bool find_place(const uint8_t *data, size_t size, uint64_t *place)
{
    struct rl_element seek, field;
    for (uint64_t at = 0; rl_element_next(&seek, data, size, at); at = rl_element_end(&seek)) {
        uint64_t id = 0, position = 0;
        const size_t end = (size_t)rl_element_end(&seek);
        for (uint64_t in = seek.body; rl_element_next(&field, data, end, in);
             in = rl_element_end(&field)) {
            if (field.id == ID_SEEK_ID)
                id = rl_element_value(&field, data);
            if (field.id == ID_SEEK_POSITION)
                position = rl_element_value(&field, data);
        }
        if (seek.id == ID_SEEK && id == ID_CHAPTERS) {
            *place = position;
            return true;
        }
    }
    return false;
}

// What lies in front of the clusters.
struct front {
    struct rl_element segment, places, space, chapters;  // space: empty, right behind places
};

static bool find_front(int fd, struct front *front)
{
    struct rl_element element;
    *front = (struct front){0};
    if (!rl_ebml_find_segment(&front->segment, fd))
        return false;
    uint64_t at = front->segment.body;
    for (int i = 0; i < RL_EBML_FRONT_MAX && rl_element_read(&element, fd, at); i++) {
        if (element.id == RL_EBML_CLUSTER || element.is_endless || element.size > INT64_MAX / 2)
            break;
        if (element.id == ID_SEEK_HEAD && !front->places.id)
            front->places = element;
        if (element.id == RL_EBML_VOID && front->places.id && at == rl_element_end(&front->places))
            front->space = element;
        if (element.id == ID_CHAPTERS && !front->chapters.id)
            front->chapters = element;
        at = rl_element_end(&element);
    }
    return true;
}

// Where the list says that they are, if they are not in front.
static void follow_place(int fd, struct front *front)
{
    uint8_t data[PLACES_MAX];
    struct rl_element element;
    const size_t size = (size_t)front->places.size;
    if (front->chapters.id || !front->places.id || front->places.size > sizeof data ||
        !rl_read_at(fd, data, size, front->places.body))
        return;
    uint64_t place = 0;
    if (find_place(data, size, &place) && place < INT64_MAX / 2 &&
        rl_element_read(&element, fd, front->segment.body + place) && element.id == ID_CHAPTERS &&
        !element.is_endless)
        front->chapters = element;
}

static int read_chapters(struct rl_chapters *chapters, int fd)
{
    struct front front;
    if (!find_front(fd, &front))
        return 0;
    follow_place(fd, &front);
    if (!front.chapters.id || front.chapters.size > CHAPTERS_MAX)
        return 0;
    const size_t size = (size_t)(rl_element_end(&front.chapters) - front.chapters.at);
    chapters->data = malloc(size);
    if (!chapters->data)
        return ENOMEM;
    if (!rl_read_at(fd, chapters->data, size, front.chapters.at)) {
        rl_chapters_clear(chapters);
        return 0;
    }
    chapters->size = size;
    rl_chapters_look(chapters);
    return 0;
}

int rl_chapters_read(struct rl_chapters *chapters, const char *path)
{
    struct stat info;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    int cause = 0;
    if (fd >= 0 && fstat(fd, &info) == 0 && S_ISREG(info.st_mode))
        cause = read_chapters(chapters, fd);
    if (fd >= 0)
        close(fd);
    return cause;
}

void rl_chapters_clear(struct rl_chapters *chapters)
{
    free(chapters->data);
    *chapters = (struct rl_chapters){0};
}

// ---------------------------------------------------------------------------------------------
// Writing

// A number in eight bytes, after the first of which nothing but the value stands.
static void put_size(uint8_t *to, uint64_t value)
{
    for (int i = 0; i < 8; i++)
        to[i] = (uint8_t)(value >> (56 - 8 * i));
    to[0] = 1;
}

// Empty space of so many bytes, nine at least: what has to be written of it.
static void put_void(uint8_t to[9], uint64_t bytes)
{
    to[0] = RL_EBML_VOID;
    put_size(to + 1, bytes - 9);
}

// The list of places without its checksum, the chapters at `place`; then empty space, so that it is
// as long as it was with the space behind it. False when that is not understood or too short.
static bool make_places(uint8_t *out, size_t room, const uint8_t *old, size_t size, uint64_t place)
{
    static const uint8_t seek[] = {0x4D, 0xBB, 0x92, 0x53, 0xAB, 0x84, 0x10,
                                   0x43, 0xA7, 0x70, 0x53, 0xAC, 0x88};
    static const uint8_t name[] = {0x11, 0x4D, 0x9B, 0x74};
    const size_t head = sizeof name + 8;
    struct rl_element entry;
    uint64_t replaced;
    size_t used = head;
    for (uint64_t at = 0; at < size; at = rl_element_end(&entry)) {
        if (!rl_element_next(&entry, old, size, at))
            return false;
        const size_t bytes = (size_t)(rl_element_end(&entry) - entry.at);
        if (entry.id != ID_SEEK || find_place(old + entry.at, bytes, &replaced))
            continue;
        if (bytes > room - used)
            return false;
        memcpy(out + used, old + entry.at, bytes);
        used += bytes;
    }
    if (room - used < sizeof seek + 8 + 9)
        return false;
    memcpy(out + used, seek, sizeof seek);
    used += sizeof seek;
    put_size(out + used, place);
    out[used] = (uint8_t)(place >> 56);
    used += 8;
    memcpy(out, name, sizeof name);
    put_size(out + sizeof name, used - head);
    memset(out + used, 0, room - used);
    put_void(out + used, room - used);
    return true;
}

static int replace(int fd, const struct rl_chapters *chapters)
{
    struct front front;
    uint8_t old[PLACES_MAX], places[PLACES_MAX], space[9], size[8];
    const off_t end = lseek(fd, 0, SEEK_END);
    if (end < 0)
        return errno;
    // The segment's size has eight bytes, and nothing stands behind it.
    if (!find_front(fd, &front) || !front.chapters.id || !front.places.id || !front.space.id ||
        front.segment.body - front.segment.at != 12 ||
        rl_element_end(&front.segment) != (uint64_t)end ||
        rl_element_end(&front.chapters) - front.chapters.at < sizeof space)
        return EINVAL;
    const size_t room = (size_t)(rl_element_end(&front.space) - front.places.at);
    const size_t old_size = (size_t)front.places.size;
    if (room > sizeof places || !rl_read_at(fd, old, old_size, front.places.body) ||
        !make_places(places, room, old, old_size, (uint64_t)end - front.segment.body))
        return EINVAL;
    put_void(space, rl_element_end(&front.chapters) - front.chapters.at);
    put_size(size, front.segment.size + chapters->size);
    const bool is_written = rl_write_at(fd, chapters->data, chapters->size, (uint64_t)end) &&
                            rl_write_at(fd, size, sizeof size, front.segment.at + 4) &&
                            rl_write_at(fd, places, room, front.places.at) &&
                            rl_write_at(fd, space, sizeof space, front.chapters.at);
    return is_written ? 0 : errno;
}

int rl_chapters_replace(const char *path, const struct rl_chapters *chapters)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return errno;
    int cause = replace(fd, chapters);
    if (close(fd) < 0 && !cause)
        cause = errno;
    return cause;
}
