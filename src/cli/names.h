// SPDX-License-Identifier: MIT
//
// What outputs are called.
//
// 1. One input, no -o: output_3d_video.mp4 in the current folder, whatever the input is called
//    (.mkv for FFV1, .mov for ProRes); a single picture: output_3d.EXT.
// 2. Several inputs, or a folder as input or output: NAME_3d.EXT, in the latter or the current one.
// 3. EXT: .mkv, .mov and .mp4 stay, other kinds of video become .mp4; FFV1 takes .mkv, ProRes .mov;
//    a single picture keeps its own kind, or becomes .png; one that wiggles becomes .gif.
// 4. With --name-tokens the _3d of names becomes what players look for in the format, and one
//    input without -o gets it behind output_3d_video.
// 5. No two inputs get the same output, and no output is an input.
#ifndef RL_CLI_NAMES_H
#define RL_CLI_NAMES_H

#include "cli/args.h"

// What decides about the extension, beside the name. `info` may be NULL when the input cannot be
// probed: then it counts as a video of unknown kind.
const char *rl_output_extension(const struct relief_params *params, const char *input,
                                const struct relief_media_info *info);

// The output's name for one of the inputs; free with free(). NULL when out of memory.
char *rl_output_name(const struct rl_args *args, const char *input,
                     const struct relief_media_info *info);

// True when -o names a folder: it ends in '/', or is one.
bool rl_output_is_folder(const char *output);

// What can be refused before any work begins: one file or a report for several inputs.
enum relief_status rl_check_outputs(const struct rl_args *args, struct relief_error *err);

// Rule 5, for the names that rl_output_name() gave, one for each input.
enum relief_status rl_check_names(const struct rl_args *args, char *const *names,
                                  struct relief_error *err);

#endif
