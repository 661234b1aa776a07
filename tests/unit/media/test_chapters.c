// SPDX-License-Identifier: MIT
//
// Matroska's chapters, from file to file as they are. Files are built here, byte by byte; whole
// films are looked at by tests/cli/test_words.py.
#include "bytes.h"
#include "check.h"

#include "media/chapters.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

// An element with a size of eight bytes.
static void put_element(struct bytes *b, const char *id, const void *body, size_t size)
{
    const uint8_t length[8] = {1, 0, 0, 0, 0, 0, (uint8_t)(size >> 8), (uint8_t)size};
    put(b, id, strlen(id));
    put(b, length, sizeof length);
    put(b, body, size);
}

#define CHAPTERS "\x10\x43\xA7\x70"
#define EDITION "\x45\xB9"
#define ATOM "\xB6"
#define DISPLAY "\x80"

// An edition of one chapter; `inside` stands in it beside its name.
static struct bytes make_edition(const struct bytes *inside)
{
    struct bytes atom = {.size = 0}, edition = {.size = 0}, all = {.size = 0};
    put_element(&atom, DISPLAY, "\x85\x83One", 5);
    put(&atom, inside->data, inside->size);
    put_element(&edition, ATOM, atom.data, atom.size);
    put_element(&all, EDITION, edition.data, edition.size);
    return all;
}

static struct bytes make_chapters(const struct bytes *editions)
{
    struct bytes all = {.size = 0};
    put_element(&all, CHAPTERS, editions->data, editions->size);
    return all;
}

static void put_seek(struct bytes *b, const char *id, uint8_t place)
{
    struct bytes seek = {.size = 0};
    put(&seek, "\x53\xAB\x84", 3);
    put(&seek, id, 4);
    put(&seek, "\x53\xAC\x81", 3);
    put(&seek, &place, 1);
    put_element(b, "\x4D\xBB", seek.data, seek.size);
}

// The list of places, with a checksum of nothing, and space; then what is given, then a cluster.
static struct bytes make_film(const struct bytes *chapters, size_t space, uint8_t place)
{
    struct bytes places = {.size = 0}, segment = {.size = 0}, film = {.size = 0};
    uint8_t empty[256] = {0};
    put(&places, "\xBF\x84sum!", 6);
    put_seek(&places, "\x15\x49\xA9\x66", 99);
    put_seek(&places, CHAPTERS, place);
    put_element(&segment, "\x11\x4D\x9B\x74", places.data, places.size);
    put_element(&segment, "\xEC", empty, space);
    if (!place)
        put(&segment, chapters->data, chapters->size);
    put_element(&segment, "\x1F\x43\xB6\x75", "pictures", 8);
    if (place)
        put(&segment, chapters->data, chapters->size);
    put_element(&film, "\x1A\x45\xDF\xA3", "head", 4);
    put_element(&film, "\x18\x53\x80\x67", segment.data, segment.size);
    return film;
}

static char path[] = "/tmp/relief-test-XXXXXX";

static void write_film(const struct bytes *film)
{
    FILE *file = fopen(path, "wb");
    CHECK(file && fwrite(film->data, 1, film->size, file) == film->size);
    CHECK(file && fclose(file) == 0);
}

static size_t read_film(uint8_t *data, size_t size)
{
    FILE *file = fopen(path, "rb");
    size = file ? fread(data, 1, size, file) : 0;
    CHECK(file && fclose(file) == 0);
    return size;
}

static void check_look(const struct bytes *editions, bool is_rich, bool is_bound)
{
    struct bytes all = make_chapters(editions);
    struct rl_chapters chapters = {.data = all.data, .size = all.size};
    rl_chapters_look(&chapters);
    CHECK_INT(chapters.is_rich, is_rich);
    CHECK_INT(chapters.is_bound, is_bound);
}

static void rich_ones_are_known(void)
{
    struct bytes inside = {.size = 0}, plain = make_edition(&inside), other = plain;
    check_look(&plain, false, false);
    put(&other, plain.data, plain.size);
    check_look(&other, true, false);
    put_element(&inside, DISPLAY,
                "\x85\x84"
                "Eins",
                6);
    other = make_edition(&inside);
    check_look(&other, true, false);
    inside.size = 0;
    put_element(&inside, ATOM, "", 0);
    other = make_edition(&inside);
    check_look(&other, true, false);
    inside.size = 0;
    put_element(&inside, "\x8F", "\x89\x81\1", 3);
    other = make_edition(&inside);
    check_look(&other, false, true);
    struct bytes ordered = {.size = 0};
    put_element(&ordered, EDITION, "\x45\xDD\x81\1", 4);
    check_look(&ordered, true, false);
    ordered.size = 0;
    put_element(&ordered, EDITION, "\x45\xDD\x81\0", 4);
    check_look(&ordered, false, false);
}

static void they_are_found_in_front_and_behind(void)
{
    struct bytes inside = {.size = 0}, editions = make_edition(&inside);
    struct bytes all = make_chapters(&editions);
    // Places count from the segment's body: the list, the space, the cluster.
    const uint8_t behind = 12 + 6 + 2 * (10 + 11) + 9 + 80 + 12 + 8;
    for (int i = 0; i < 3; i++) {
        struct bytes film = make_film(&all, 80, (uint8_t)(i == 0 ? 0 : i == 1 ? behind : 1));
        struct rl_chapters found = {0};
        write_film(&film);
        CHECK_INT(rl_chapters_read(&found, path), 0);
        CHECK_INT(found.size, i < 2 ? all.size : 0);
        CHECK(i == 2 || (found.data && !memcmp(found.data, all.data, all.size)));
        rl_chapters_clear(&found);
    }
    struct rl_chapters none = {0};
    CHECK_INT(rl_chapters_read(&none, "/nowhere/film.mkv"), 0);
    CHECK_INT(rl_chapters_read(&none, "/dev/null"), 0);
    CHECK(!none.data);
}

static void they_replace_others(void)
{
    struct bytes inside = {.size = 0}, editions = make_edition(&inside);
    struct bytes old = make_chapters(&editions), film = make_film(&old, 80, 0);
    put(&editions, editions.data, editions.size);
    struct bytes all = make_chapters(&editions);
    struct rl_chapters chapters = {.data = all.data, .size = all.size}, found = {0};
    uint8_t data[2048];
    write_film(&film);
    CHECK_INT(rl_chapters_replace(path, &chapters), 0);
    const size_t size = read_film(data, sizeof data);
    CHECK_INT(size, film.size + all.size);
    CHECK(!memcmp(data + film.size, all.data, all.size));
    CHECK(!memmem(data, film.size, CHAPTERS "\1", 5));  // but in the list of places
    CHECK(memmem(data, film.size, "\x15\x49\xA9\x66", 4) && !memmem(data, size, "sum!", 4));
    CHECK_INT(rl_chapters_read(&found, path), 0);
    CHECK_INT(found.size, all.size);
    CHECK(found.size == all.size && !memcmp(found.data, all.data, all.size) && found.is_rich);
    rl_chapters_clear(&found);
}

static void what_is_not_understood_stays(void)
{
    struct bytes inside = {.size = 0}, editions = make_edition(&inside);
    struct bytes all = make_chapters(&editions), film = make_film(&all, 80, 0);
    struct rl_chapters chapters = {.data = all.data, .size = all.size};
    uint8_t data[2048];
    uint8_t *space = memmem(film.data, film.size, "\xEC\1", 2);
    CHECK(space);
    *space = 0xED;  // the list of places has no space behind it
    write_film(&film);
    CHECK_INT(rl_chapters_replace(path, &chapters), EINVAL);
    CHECK(read_film(data, sizeof data) == film.size && !memcmp(data, film.data, film.size));
    film = make_film(&all, 80, 0);
    for (size_t at = 0; at < film.size; at++)
        for (int value = 0; value < 256; value += 15) {
            struct bytes broken = film;
            struct rl_chapters found = {0};
            broken.data[at] = (uint8_t)value;
            write_film(&broken);
            CHECK_INT(rl_chapters_read(&found, path), 0);
            rl_chapters_clear(&found);
            const int cause = rl_chapters_replace(path, &chapters);
            CHECK(cause == 0 || cause == EINVAL);
        }
}

int main(void)
{
    int fd = mkstemp(path);
    CHECK(fd >= 0 && close(fd) == 0);
    RUN(rich_ones_are_known);
    RUN(they_are_found_in_front_and_behind);
    RUN(they_replace_others);
    RUN(what_is_not_understood_stays);
    unlink(path);
    return check_result();
}
