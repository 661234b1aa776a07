// SPDX-License-Identifier: MIT
#include "base/options/manual.h"

#include "base/banned.h"

const char rl_manual_name[] = "turns 2D video into stereoscopic 3D";

const char rl_manual_inputs[] =
    "INPUT is a video or picture of any kind that FFmpeg reads, a numbered sequence such as "
    "f_%04d.png, a folder of films (each of them) or of pictures (one film), or - for standard "
    "input. For every frame the depth of the "
    "scene is estimated, the views of a left and a right eye are made from it, and both are put "
    "together as --format says. Frame times, sound, subtitles, chapters and metadata stay those "
    "of the source.";

const char rl_manual_options[] =
    "Options may stand anywhere: --name value, --name=value, -n value, -nvalue; short ones without "
    "a value may be joined (-vy). Of an option given twice the last counts. -- ends the options.";

const char rl_manual_files[] =
    "One input is written to output_3d_video.mp4 in the current folder (.mkv for FFV1, .mov for "
    "ProRes; a single picture to output_3d.png or its own kind) unless -o says otherwise. Several "
    "inputs, or a folder, give NAME_3d.EXT. While it is being written a file is called "
    "NAME.partN.EXT; it gets its name when it is complete, and nothing is left of it when the "
    "conversion fails or is interrupted. What was encoded until then is in NAME.EXT.resume: the "
    "same command goes on from there (--resume), and removes it in the end.";

const struct rl_command_row rl_command_table[RL_COMMAND_COUNT] = {
    [RL_COMMAND_CONVERT] =
        {"convert", "[convert] INPUT... [-o OUTPUT]", "convert films and pictures",
         "The word convert may be left out. With several inputs, a failed one does not keep the "
         "others from being converted."},
    [RL_COMMAND_INFO] =
        {"info", "info FILE [--json]", "what is in it, what would be done",
         "Takes all options of a conversion and says what it would write, without doing it."},
    [RL_COMMAND_MODELS] =
        {"models", "models ACTION [NAME...]", "depth networks by name",
         "list shows what --model takes by name, and what is here (--json for programs). get NAME "
         "downloads a network, going on where an earlier attempt stopped, and prints its path; "
         "check [NAME] reads what is here and compares it with its checksums; path NAME prints "
         "where it lies; remove NAME deletes it. Files lie in $XDG_CACHE_HOME/relief/models "
         "(~/.cache). What the registry has no checksum of is recorded when it first comes, in "
         "models.lock.json in $XDG_CONFIG_HOME/relief (~/.config), and checked from then on. A "
         "registry.json there adds models of your own, see docs/models.md. Proxies are taken from "
         "https_proxy and no_proxy, certificates from CURL_CA_BUNDLE or SSL_CERT_FILE; a transfer "
         "may stand still for RELIEF_STALL_SECONDS, 30 by default. Nothing else in relief uses "
         "the network."},
    [RL_COMMAND_DEVICES] = {"devices", "devices [--json]", "where networks can run",
                            "Lists what --device takes here, and what is missing for the others."},
    [RL_COMMAND_SERVE] =
        {"serve", "serve", "a page in the browser for all this",
         "Opens a local page, and an HTTP interface, for bringing films, looking at them, "
         "converting them one after the other and taking them home; its address is printed. It "
         "listens on 127.0.0.1 alone unless --listen says otherwise. Ctrl-C ends it; jobs go on at "
         "the next start."},
    [RL_COMMAND_HELP] = {"help", "help [all|man]", "this help; all options; the manual",
                         "The same as --help, --help=all and so on."},
};

const struct rl_example rl_example_table[] = {
    {"relief film.mp4", "red-cyan, into output_3d_video.mp4", true},
    {"relief film.mkv -f sbs2l -o film_tv.mkv", "for a 3D television", true},
    {"relief film.mp4 --start 1:20 --duration 10", "try ten seconds", true},
    {"relief *.mp4 -o 3d/", "several films, into a folder", true},
    {"relief film.mp4 --depth-in depth.mkv -f arcd",
     "other glasses, with depth maps that "
     "--depth-out depth.mkv has stored in an earlier run",
     false},
    {0},
};

const struct rl_exit_row rl_exit_table[] = {
    {0, "done"},
    {1, "the conversion failed"},
    {2, "wrong use: unknown option, value out of range"},
    {3, "the input is missing, unreadable or holds no picture"},
    {4, "the output cannot be written"},
    {5, "the model or the device is not available"},
    {130, "interrupted"},
    {0},
};

enum rl_command rl_command_find(const char *name)
{
    for (int i = 0; i < RL_COMMAND_COUNT; i++)
        if (!strcmp(rl_command_table[i].name, name))
            return (enum rl_command)i;
    return RL_COMMAND_COUNT;
}
