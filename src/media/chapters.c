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
    ID_EBML = 0x1A45DFA3,
    ID_SEGMENT = 0x18538067,
    ID_SEEK_HEAD = 0x114D9B74,
    ID_SEEK = 0x4DBB,
    ID_SEEK_ID = 0x53AB,
    ID_SEEK_POSITION = 0x53AC,
    ID_CLUSTER = 0x1F43B675,
    ID_CHAPTERS = 0x1043A770,
    ID_EDITION = 0x45B9,
    ID_ORDERED = 0x45DD,
    ID_ATOM = 0xB6,
    ID_CHAPTER_TRACK = 0x8F,
    ID_DISPLAY = 0x80,
    ID_VOID = 0xEC,
    HEAD_MAX = 12,      // identifier and size
    FRONT_MAX = 64,     // elements in front of the first cluster
    DEPTH_MAX = 16,     // of chapters within chapters
    PLACES_MAX = 4096,  // bytes of the list of places, with the space behind it
    CHAPTERS_MAX = 1 << 24,
};

struct element {
    uint64_t id, at, body, size;  // where it and its body begin; the body's size
    bool is_endless;              // its size is not known
};

static uint64_t end_of(const struct element *element)
{
    return element->body + element->size;
}

static bool parse_head(struct element *element, const uint8_t *data, size_t size, uint64_t at)
{
    uint64_t length = 0;
    size_t head = rl_ebml_number(data, size, true, &element->id);
    size_t more = head ? rl_ebml_number(data + head, size - head, false, &length) : 0;
    if (!more)
        return false;
    element->at = at;
    element->body = at + head + more;
    element->size = length;
    element->is_endless = length == (UINT64_C(1) << 7 * more) - 1;
    return true;
}

// ---------------------------------------------------------------------------------------------
// Looking

static uint64_t read_value(const uint8_t *data, const struct element *element)
{
    uint64_t value = 0;
    for (uint64_t i = 0; i < element->size && i < 8; i++)
        value = value << 8 | data[element->body + i];
    return value;
}

static bool next_inside(struct element *element, const uint8_t *data, size_t size, uint64_t at)
{
    return at < size && parse_head(element, data + at, size - (size_t)at, at) &&
           !element->is_endless && element->size <= size - element->body;
}

static void look_inside(struct rl_chapters *chapters, const uint8_t *data, size_t size,
                        uint64_t parent, int depth)
{
    struct element element;
    int editions = 0, names = 0;
    for (uint64_t at = 0; next_inside(&element, data, size, at); at = end_of(&element)) {
        editions += element.id == ID_EDITION;
        names += element.id == ID_DISPLAY;
        chapters->is_rich |= (element.id == ID_ATOM && parent == ID_ATOM) ||
                             (element.id == ID_ORDERED && read_value(data, &element));
        chapters->is_bound |= element.id == ID_CHAPTER_TRACK;
        if (depth < DEPTH_MAX && (element.id == ID_EDITION || element.id == ID_ATOM))
            look_inside(chapters, data + element.body, (size_t)element.size, element.id, depth + 1);
    }
    chapters->is_rich |= editions > 1 || names > 1;
}

void rl_chapters_look(struct rl_chapters *chapters)
{
    struct element all;
    chapters->is_rich = chapters->is_bound = false;
    if (chapters->data && next_inside(&all, chapters->data, chapters->size, 0))
        look_inside(chapters, chapters->data + all.body, (size_t)all.size, all.id, 0);
}

// ---------------------------------------------------------------------------------------------
// Reading

static bool read_head(int fd, struct element *element, uint64_t at)
{
    uint8_t head[HEAD_MAX];
    return at <= INT64_MAX - HEAD_MAX && rl_read_at(fd, head, sizeof head, at) &&
           parse_head(element, head, sizeof head, at);
}

// The list of places: where it says that chapters are, from the segment's body. False when it does
// not.
static bool find_place(const uint8_t *data, size_t size, uint64_t *place)
{
    struct element seek, field;
    for (uint64_t at = 0; next_inside(&seek, data, size, at); at = end_of(&seek)) {
        uint64_t id = 0, position = 0;
        const size_t end = (size_t)end_of(&seek);
        for (uint64_t in = seek.body; next_inside(&field, data, end, in); in = end_of(&field)) {
            if (field.id == ID_SEEK_ID)
                id = read_value(data, &field);
            if (field.id == ID_SEEK_POSITION)
                position = read_value(data, &field);
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
    struct element segment, places, space, chapters;  // space: empty, right behind places
};

static bool find_front(int fd, struct front *front)
{
    struct element element;
    *front = (struct front){0};
    if (!read_head(fd, &element, 0) || element.id != ID_EBML || element.is_endless ||
        !read_head(fd, &front->segment, end_of(&element)) || front->segment.id != ID_SEGMENT)
        return false;
    uint64_t at = front->segment.body;
    for (int i = 0; i < FRONT_MAX && read_head(fd, &element, at); i++) {
        if (element.id == ID_CLUSTER || element.is_endless || element.size > INT64_MAX / 2)
            break;
        if (element.id == ID_SEEK_HEAD && !front->places.id)
            front->places = element;
        if (element.id == ID_VOID && front->places.id && at == end_of(&front->places))
            front->space = element;
        if (element.id == ID_CHAPTERS && !front->chapters.id)
            front->chapters = element;
        at = end_of(&element);
    }
    return true;
}

// Where the list says that they are, if they are not in front.
static void follow_place(int fd, struct front *front)
{
    uint8_t data[PLACES_MAX];
    struct element element;
    const size_t size = (size_t)front->places.size;
    if (front->chapters.id || !front->places.id || front->places.size > sizeof data ||
        !rl_read_at(fd, data, size, front->places.body))
        return;
    uint64_t place = 0;
    if (find_place(data, size, &place) && place < INT64_MAX / 2 &&
        read_head(fd, &element, front->segment.body + place) && element.id == ID_CHAPTERS &&
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
    const size_t size = (size_t)(end_of(&front.chapters) - front.chapters.at);
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
    to[0] = ID_VOID;
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
    struct element entry;
    uint64_t replaced;
    size_t used = head;
    for (uint64_t at = 0; at < size; at = end_of(&entry)) {
        if (!next_inside(&entry, old, size, at))
            return false;
        const size_t bytes = (size_t)(end_of(&entry) - entry.at);
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

static int write_at(int fd, const void *data, size_t size, uint64_t at)
{
    for (size_t done = 0; done < size;) {
        ssize_t more = pwrite(fd, (const uint8_t *)data + done, size - done, (off_t)(at + done));
        if (more < 0 && errno == EINTR)
            continue;
        if (more < 0)
            return errno;
        done += (size_t)more;
    }
    return 0;
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
        front.segment.body - front.segment.at != 12 || end_of(&front.segment) != (uint64_t)end ||
        end_of(&front.chapters) - front.chapters.at < sizeof space)
        return EINVAL;
    const size_t room = (size_t)(end_of(&front.space) - front.places.at);
    const size_t old_size = (size_t)front.places.size;
    if (room > sizeof places || !rl_read_at(fd, old, old_size, front.places.body) ||
        !make_places(places, room, old, old_size, (uint64_t)end - front.segment.body))
        return EINVAL;
    put_void(space, end_of(&front.chapters) - front.chapters.at);
    put_size(size, front.segment.size + chapters->size);
    int cause = write_at(fd, chapters->data, chapters->size, (uint64_t)end);
    if (!cause)
        cause = write_at(fd, size, sizeof size, front.segment.at + 4);
    if (!cause)
        cause = write_at(fd, places, room, front.places.at);
    if (!cause)
        cause = write_at(fd, space, sizeof space, front.chapters.at);
    return cause;
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
