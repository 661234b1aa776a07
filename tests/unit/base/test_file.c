// SPDX-License-Identifier: MIT
#include "check.h"

#include "base/file.h"
#include "base/str.h"

#include <sys/stat.h>
#include <unistd.h>

static char folder[256];

static const char *in_folder(const char *name)
{
    static char path[2][512];
    static int turn;
    turn ^= 1;
    snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
    return path[turn];
}

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    fputs(text, file);
    fclose(file);
}

static void names_and_extensions(void)
{
    CHECK_TEXT(rl_path_name("a/b.c"), "b.c");
    CHECK_TEXT(rl_path_extension("a.b/c"), "");
    CHECK_TEXT(rl_path_extension("a/b.mkv"), "mkv");
    CHECK_TEXT(rl_path_extension(".hidden"), "");
    CHECK(rl_path_is_pattern("f_%04d.png"));
    CHECK(rl_path_is_pattern("f%d.png"));
    CHECK(!rl_path_is_pattern("f.png"));
    CHECK(!rl_path_is_pattern("100%.png"));
    CHECK(!rl_path_is_pattern("%d_%d.png"));
    CHECK(!rl_path_is_pattern("%s%d.png"));
}

static void a_part_gets_its_name_at_the_end(void)
{
    struct rl_part part;
    CHECK_INT(rl_part_open(&part, in_folder("film.mp4"), false, NULL), RELIEF_OK);
    CHECK(!rl_path_exists(in_folder("film.mp4")));
    CHECK(rl_str_ends(part.part, ".mp4"));
    put(part.part, "new");
    CHECK_INT(rl_part_commit(&part, NULL), RELIEF_OK);
    rl_part_discard(&part);
    CHECK(rl_path_exists(in_folder("film.mp4")));
}

static void names_may_be_as_long_as_they_can(void)
{
    struct rl_part part;
    char name[300] = "";
    for (int i = 0; i < 251; i++)
        name[i] = 'n';
    CHECK(rl_str_add(name, sizeof name, ".mp4"));
    CHECK_INT(rl_part_open(&part, in_folder(name), false, NULL), RELIEF_OK);
    CHECK(rl_str_ends(part.part, ".part0.mp4"));
    CHECK_INT(rl_part_commit(&part, NULL), RELIEF_OK);
    rl_part_discard(&part);
    CHECK(rl_path_exists(in_folder(name)));
    // Too long is known at once, not when the work is done.
    name[251] = 'n';
    CHECK(rl_str_add(name, sizeof name, ".mp4"));
    CHECK_INT(rl_part_open(&part, in_folder(name), false, NULL), RELIEF_E_OUTPUT);
    rl_part_discard(&part);
}

static void a_part_that_is_dropped_leaves_nothing(void)
{
    struct rl_part part;
    char name[512];
    CHECK_INT(rl_part_open(&part, in_folder("gone.mp4"), false, NULL), RELIEF_OK);
    rl_str_copy(name, sizeof name, part.part);
    rl_part_discard(&part);
    CHECK(!rl_path_exists(name));
    CHECK(!rl_path_exists(in_folder("gone.mp4")));
}

static void existing_files_are_safe(void)
{
    struct rl_part part;
    struct relief_error err = {0};
    put(in_folder("old"), "old");
    CHECK_INT(rl_part_open(&part, in_folder("old"), false, &err), RELIEF_E_OUTPUT);
    CHECK(strstr(err.hint, "-y"));
    rl_part_discard(&part);
    CHECK_INT(rl_part_open(&part, in_folder("late"), false, NULL), RELIEF_OK);
    put(in_folder("late"), "came meanwhile");
    CHECK_INT(rl_part_commit(&part, NULL), RELIEF_E_OUTPUT);
    rl_part_discard(&part);
    CHECK_INT(rl_part_open(&part, folder, true, NULL), RELIEF_E_OUTPUT);
    rl_part_discard(&part);
    CHECK_INT(rl_part_open(&part, in_folder("no/such/file"), true, NULL), RELIEF_E_OUTPUT);
    rl_part_discard(&part);
    CHECK_INT(rl_part_open(&part, in_folder("old"), true, NULL), RELIEF_OK);
    CHECK_INT(rl_part_commit(&part, NULL), RELIEF_OK);
    rl_part_discard(&part);
}

static void sha256_of_known_text(void)
{
    char digest[65];
    put(in_folder("abc"), "abc");
    CHECK_INT(rl_sha256_file(in_folder("abc"), digest, NULL), RELIEF_OK);
    CHECK_TEXT(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK_INT(rl_sha256_file(in_folder("none"), digest, NULL), RELIEF_E_INPUT);
}

static void folders_are_made(void)
{
    CHECK_INT(rl_make_folders(in_folder("a/b/c"), NULL), RELIEF_OK);
    CHECK(rl_path_is_folder(in_folder("a/b/c")));
    CHECK_INT(rl_make_folders(in_folder("a/b/c"), NULL), RELIEF_OK);
    CHECK_INT(rl_make_folders(in_folder("abc/d"), NULL), RELIEF_E_OUTPUT);
    CHECK(rl_path_same(in_folder("a/b"), in_folder("a/../a/b")));
    CHECK(!rl_path_same(in_folder("a"), in_folder("a/b")));
    CHECK(rl_path_same(in_folder("a/none"), in_folder("a/b/../none")));
    CHECK(!rl_path_same(in_folder("a/none"), in_folder("a/b/none")));
    CHECK(!rl_path_same(in_folder("a/none"), in_folder("a/b")));
    CHECK(!rl_path_same(in_folder("no/none"), in_folder("no/none")));
}

int main(void)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/relief-test-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(folder))
        return 1;
    RUN(names_and_extensions);
    RUN(a_part_gets_its_name_at_the_end);
    RUN(names_may_be_as_long_as_they_can);
    RUN(a_part_that_is_dropped_leaves_nothing);
    RUN(existing_files_are_safe);
    RUN(sha256_of_known_text);
    RUN(folders_are_made);
    char command[300];
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    return system(command) ? 1 : check_result();
}
