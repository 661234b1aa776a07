// SPDX-License-Identifier: MIT
#include "check.h"

#include "cli/names.h"

#include <sys/stat.h>
#include <unistd.h>

// The output's name for the last input of a command line, for a file of that kind.
#define CHECK_NAME(kind_, wanted, ...) \
    do { \
        char *name_ = name(kind_, (const char *[]){"relief", __VA_ARGS__, NULL}); \
        CHECK_TEXT(name_, wanted); \
        free(name_); \
    } while (0)

static struct rl_args parse(const char **words)
{
    struct rl_args args;
    int count = 0;
    while (words[count])
        count++;
    CHECK_INT(rl_args_parse(&args, count, (char **)words, NULL), RELIEF_OK);
    return args;
}

static char *name(const char *kind, const char **words)
{
    struct rl_args args = parse(words);
    struct relief_media_info info = {0};
    snprintf(info.kind, sizeof info.kind, "%s", kind ? kind : "");
    char *result = rl_output_name(&args, args.inputs[args.input_count - 1], kind ? &info : NULL);
    rl_args_clear(&args);
    return result;
}

static void one_input_has_a_fixed_name(void)
{
    CHECK_NAME("video", "output_3d_video.mp4", "a/film.mp4");
    CHECK_NAME("video", "output_3d_video.mp4", "a/film.mkv");
    CHECK_NAME("video", "output_3d_video.mp4", "a/film.webm");
    CHECK_NAME("video", "output_3d_video.mkv", "film.mp4", "--encoder", "ffv1");
    CHECK_NAME("video", "output_3d_video.mov", "film.mp4", "--encoder", "prores");
    CHECK_NAME("video", "output_3d_video.mp4", "film.mov", "--encoder", "av1");
    CHECK_NAME("sequence", "output_3d_video.mp4", "f_%04d.png");
    CHECK_NAME(NULL, "output_3d_video.mp4", "-");
    CHECK_NAME("picture", "output_3d.png", "a.png");
    CHECK_NAME("picture", "output_3d.jpg", "a.JPG");
    CHECK_NAME("picture", "output_3d.png", "a.bmp");
}

static void several_inputs_are_named_after_themselves(void)
{
    CHECK_NAME("video", "film_3d.mp4", "x.mp4", "a/film.avi");
    CHECK_NAME("video", "film_3d.mkv", "x.mp4", "a/film.mkv");
    CHECK_NAME("video", "film.part.1_3d.mov", "x.mp4", "film.part.1.mov");
    CHECK_NAME("sequence", "f_3d.mp4", "x.mp4", "a/f_%04d.png");
    CHECK_NAME("video", "stdin_3d.mp4", "x.mp4", "-");
    CHECK_NAME("video", "film_3d.mp4", "x.mp4", "https://example.org/a/film.mp4?b=c/d.e");
    CHECK_NAME("picture", "a_3d.png", "x.mp4", "a.png");
}

static void tokens_are_what_players_look_for(void)
{
    CHECK_NAME("video", "film_3D_LRF_Full_SBS.mkv", "x.mp4", "film.mkv", "-f", "sbsl",
               "--name-tokens");
    CHECK_NAME("video", "out/film_3D_HSBS_LR.mkv", "film.mkv", "-f", "sbs2l", "--name-tokens", "-o",
               "out/");
    CHECK_NAME("video", "film_3D_HTAB_TB.mp4", "x.mp4", "film.mp4", "-f", "ab2l", "--name-tokens");
    CHECK_NAME("video", "output_3d_video_180x180_3dh_LR.mp4", "film.mp4", "-f", "vr180",
               "--name-tokens");
    CHECK_NAME("picture", "output_redcyan.png", "a.png", "--name-tokens");
    CHECK_NAME("video", "film_3d.mp4", "x.mp4", "film.mp4", "-f", "irl", "--name-tokens");
    // Kodi would take the wrong eye for the left one.
    CHECK_NAME("video", "film_RLF_cross.mp4", "x.mp4", "film.mp4", "-f", "sbsr", "--name-tokens");
    CHECK_NAME("picture", "output_3d.gif", "a.png", "-f", "wiggle");
    CHECK_NAME("picture", "a_3d.mp4", "x.mp4", "a.png", "-f", "al");
}

static void long_names_are_cut_between_letters(void)
{
    char input[400] = "", wanted[400] = "", latin[400] = "x";
    for (int i = 0; i < 125; i++)
        snprintf(input + strlen(input), sizeof input - strlen(input), "\xc3\xa4");
    for (int i = 0; i < 110; i++)
        snprintf(wanted + strlen(wanted), sizeof wanted - strlen(wanted), "\xc3\xa4");
    snprintf(latin + 1, sizeof latin - 1, "%s.mp4", input);
    snprintf(input + strlen(input), sizeof input - strlen(input), ".mp4");
    snprintf(wanted + strlen(wanted), sizeof wanted - strlen(wanted), "_3d.mp4");
    CHECK_NAME("video", wanted, "x.mp4", input);
    char *cut = name("video", (const char *[]){"relief", "x.mp4", latin, NULL});
    CHECK_INT(strlen(cut), 219 + strlen("_3d.mp4"));
    free(cut);
}

static void a_folder_as_output_is_a_folder(void)
{
    CHECK_NAME("video", "out/film_3d.mp4", "film.mp4", "-o", "out/");
    CHECK_NAME("video", "./film_3d.mp4", "film.mp4", "-o", ".");
    CHECK_NAME("video", "out.mkv", "film.mp4", "-o", "out.mkv");
    CHECK_NAME("video", "-", "film.mp4", "-o", "-");
    CHECK_INT(mkdir("frames.d", 0777), 0);
    CHECK_NAME("sequence", "./frames.d_3d.mp4", "frames.d/", "-o", "./");
    CHECK_INT(rmdir("frames.d"), 0);
}

static void what_cannot_work_is_refused_beforehand(void)
{
    static const char *const bad[][4] = {
        {"-o", "out.mp4"}, {"-o", "-"}, {"--report", "r.json"}, {"--keep", "k"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *words[] = {"relief", "a.mp4", "b.mp4", bad[i][0], bad[i][1], NULL};
        struct relief_error err = {0};
        struct rl_args args = parse(words);
        CHECK_INT(rl_check_outputs(&args, &err), RELIEF_E_ARGUMENT);
        CHECK(*err.message);
        args.input_count = 1;
        CHECK_INT(rl_check_outputs(&args, NULL), RELIEF_OK);
        rl_args_clear(&args);
    }
}

static void names_may_not_clash(void)
{
    struct relief_error err = {0};
    struct rl_args args = parse((const char *[]){"relief", "a/x.mp4", "b/x.mp4", NULL});
    char first[] = "x_3d.mp4", second[] = "x_3d.mp4", other[] = "y_3d.mp4", input[] = "a/x.mp4";
    CHECK_INT(rl_check_names(&args, (char *[]){first, second}, &err), RELIEF_E_ARGUMENT);
    CHECK(strstr(err.message, "a/x.mp4 and b/x.mp4") != NULL);
    CHECK_INT(rl_check_names(&args, (char *[]){first, other}, NULL), RELIEF_OK);
    CHECK_INT(rl_check_names(&args, (char *[]){first, input}, NULL), RELIEF_E_OUTPUT);
    rl_args_clear(&args);
}

static void links_to_an_input_are_seen(void)
{
    struct rl_args args = parse((const char *[]){"relief", "names.in", NULL});
    FILE *file = fopen("names.in", "w");
    CHECK(file && fclose(file) == 0);
    char soft[] = "names.soft", hard[] = "names.hard";
    CHECK_INT(symlink("names.in", soft), 0);
    CHECK_INT(link("names.in", hard), 0);
    CHECK_INT(rl_check_names(&args, (char *[]){soft}, NULL), RELIEF_E_OUTPUT);
    CHECK_INT(rl_check_names(&args, (char *[]){hard}, NULL), RELIEF_E_OUTPUT);
    unlink(soft);
    unlink(hard);
    unlink("names.in");
    rl_args_clear(&args);
}

int main(void)
{
    char folder[] = "/tmp/relief-names-XXXXXX";
    if (!mkdtemp(folder) || chdir(folder))
        return EXIT_FAILURE;
    RUN(one_input_has_a_fixed_name);
    RUN(several_inputs_are_named_after_themselves);
    RUN(tokens_are_what_players_look_for);
    RUN(long_names_are_cut_between_letters);
    RUN(a_folder_as_output_is_a_folder);
    RUN(what_cannot_work_is_refused_beforehand);
    RUN(names_may_not_clash);
    RUN(links_to_an_input_are_seen);
    rmdir(folder);
    return check_result();
}
