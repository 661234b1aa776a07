// SPDX-License-Identifier: MIT
#include "cli/names.h"

#include "base/file.h"
#include "base/str.h"

#include <strings.h>

// Kinds of picture that can be written; others become PNG.
static const char *const picture_kinds[] = {"png", "jpg", "jpeg", "webp", "tif", "tiff"};
static const char *const video_kinds[] = {"mp4", "mkv", "mov"};

// The entry of `kinds` that is the extension of `path`, or `otherwise`.
static const char *kept_kind(const char *path, const char *const *kinds, size_t count,
                             const char *otherwise)
{
    const char *extension = rl_path_extension(path);
    for (size_t i = 0; i < count; i++)
        if (!strcasecmp(extension, kinds[i]))
            return kinds[i];
    return otherwise;
}

static bool is_picture(const struct relief_media_info *info)
{
    return info && !strcmp(info->kind, "picture");
}

const char *rl_output_extension(const struct relief_params *params, const char *input,
                                const struct relief_media_info *info)
{
    const bool in_turn = params->format == RELIEF_FORMAT_AL || params->format == RELIEF_FORMAT_AR;
    if (is_picture(info) && params->format == RELIEF_FORMAT_WIGGLE)
        return "gif";
    const bool depth = params->encoder == RELIEF_ENCODER_AUTO &&
                       params->format == RELIEF_FORMAT_DEPTH;
    if (is_picture(info) && depth)
        return "png";
    if (is_picture(info) && params->encoder == RELIEF_ENCODER_AUTO && !in_turn)
        return kept_kind(input, picture_kinds, sizeof picture_kinds / sizeof *picture_kinds, "png");
    // Depth maps keep their 16 bits in FFV1, pictures of them in PNG.
    if (params->encoder == RELIEF_ENCODER_FFV1 || depth)
        return "mkv";
    if (params->encoder == RELIEF_ENCODER_PRORES)
        return "mov";
    const char *kind = kept_kind(input, video_kinds, sizeof video_kinds / sizeof *video_kinds,
                                 "mp4");
    // MOV has no AV1.
    return params->encoder == RELIEF_ENCODER_AV1 && !strcmp(kind, "mov") ? "mp4" : kind;
}

// What players look for in a name. Kodi wants _3D_ and SBS, TAB, HSBS or HTAB between marks;
// Skybox, Pigasus and DeoVR LRF (whole) or LR (half), TB, 180x180_3dh; iw3's player the last part.
// Kodi takes the left eye first: what is not so has no words of its.
static const char *tokens_of(enum relief_format format)
{
    switch (format) {
    case RELIEF_FORMAT_SBSL:
        return "_3D_LRF_Full_SBS";
    case RELIEF_FORMAT_SBSR:
        return "_RLF_cross";
    case RELIEF_FORMAT_SBS2L:
        return "_3D_HSBS_LR";
    case RELIEF_FORMAT_SBS2R:
        return "_RL";
    case RELIEF_FORMAT_ABL:
        return "_3D_TAB_TBF_fulltb";
    case RELIEF_FORMAT_ABR:
        return "_BTF";
    case RELIEF_FORMAT_AB2L:
        return "_3D_HTAB_TB";
    case RELIEF_FORMAT_AB2R:
        return "_BT";
    case RELIEF_FORMAT_VR180:
        return "_180x180_3dh_LR";
    case RELIEF_FORMAT_RGBD:
        return "_RGBD";
    case RELIEF_FORMAT_ARCC:
    case RELIEF_FORMAT_ARCH:
    case RELIEF_FORMAT_ARCG:
    case RELIEF_FORMAT_ARCD:
    case RELIEF_FORMAT_WIMMER:
    case RELIEF_FORMAT_WIMMER2:
        return "_redcyan";
    default:
        return "_3d";
    }
}

static const char *ending_of(const struct relief_params *params)
{
    return params->name_tokens ? tokens_of(params->format) : "_3d";
}

bool rl_output_is_folder(const char *output)
{
    return rl_str_ends(output, "/") || rl_path_is_folder(output);
}

// File systems take 255 bytes; the longest ending, and ".partN" while it is written, come on top.
static const size_t longest_stem = 220;

// At most `length` bytes of `name`, no UTF-8 letter cut in two.
static size_t fitting(const char *name, size_t length)
{
    if (length <= longest_stem)
        return length;
    length = longest_stem;
    while (length && ((unsigned char)name[length] & 0xc0) == 0x80)
        length--;
    return length;
}

// The name of the film without folder and extension: "film" of "a/film.mkv", "f" of "f_%04d.png",
// "frames" of the folder "frames/". Free with free().
static char *stem(const char *input)
{
    char *copy = NULL;
    if (!strcmp(input, "-"))
        return rl_str_format("stdin");
    if (rl_path_is_folder(input))
        copy = realpath(input, NULL);
    if (!copy)
        copy = rl_str_format("%s", input);
    if (!copy)
        return NULL;
    if (strstr(copy, "://"))
        copy[strcspn(copy, "?#")] = 0;
    const char *name = rl_path_name(copy);
    const char *extension = rl_path_extension(name);
    size_t length = *extension && !rl_path_is_folder(input) ? (size_t)(extension - 1 - name)
                                                            : strlen(name);
    if (rl_path_is_pattern(input)) {
        length = strcspn(name, "%");
        while (length && strchr("_-. ", name[length - 1]))
            length--;
    }
    length = fitting(name, length);
    char *result = length ? rl_str_format("%.*s", (int)length, name) : rl_str_format("output");
    free(copy);
    return result;
}

char *rl_output_name(const struct rl_args *args, const char *input,
                     const struct relief_media_info *info)
{
    bool folder = args->output && rl_output_is_folder(args->output);
    const char *extension = rl_output_extension(&args->params, input, info);
    if (args->output && !folder)
        return rl_str_format("%s", args->output);
    const bool alone = args->input_count == 1 && !args->in_folder;
    if (!args->output && alone && is_picture(info))
        return rl_str_format("output%s.%s", ending_of(&args->params), extension);
    // One name that people and programs can rely on, whatever the input is called.
    if (!args->output && alone)
        return rl_str_format("output_3d_video%s.%s",
                             args->params.name_tokens ? ending_of(&args->params) : "",
                             rl_output_extension(&args->params, "film.mp4", info));
    char *name = stem(input);
    if (!name)
        return NULL;
    const char *where = folder ? args->output : "";
    char *path = rl_str_format("%s%s%s%s.%s", where, folder && !rl_str_ends(where, "/") ? "/" : "",
                               name, ending_of(&args->params), extension);
    free(name);
    return path;
}

enum relief_status rl_check_outputs(const struct rl_args *args, struct relief_error *err)
{
    const struct relief_params *p = &args->params;
    if (args->input_count < 2)
        return RELIEF_OK;
    if (args->output && !rl_output_is_folder(args->output)) {
        rl_fail(err, RELIEF_E_ARGUMENT, "%s: is one output for %zu inputs", args->output,
                args->input_count);
        rl_hint(err, "-o %s/", strcmp(args->output, "-") ? args->output : "DIR");
        return RELIEF_E_ARGUMENT;
    }
    const char *const single[][2] = {
        {"report", p->report}, {"keep", p->keep}, {"depth-out", p->depth_out}};
    for (size_t i = 0; i < sizeof single / sizeof *single; i++)
        if (*single[i][1])
            return rl_fail(err, RELIEF_E_ARGUMENT, "--%s: works with one input at a time",
                           single[i][0]);
    return RELIEF_OK;
}

static bool same_path(const char *a, const char *b)
{
    return !strcmp(a, b) || rl_path_same(a, b);
}

enum relief_status rl_check_names(const struct rl_args *args, char *const *names,
                                  struct relief_error *err)
{
    for (size_t i = 0; i < args->input_count; i++) {
        if (!strcmp(names[i], "-"))
            continue;
        for (size_t j = 0; j < i; j++)
            if (same_path(names[i], names[j]))
                return rl_fail(err, RELIEF_E_ARGUMENT, "%s: both %s and %s would be written to it",
                               names[i], args->inputs[j], args->inputs[i]);
        for (size_t j = 0; j < args->input_count; j++)
            if (same_path(names[i], args->inputs[j]))
                return rl_fail(err, RELIEF_E_OUTPUT, "%s: is an input and cannot be written",
                               names[i]);
    }
    return RELIEF_OK;
}
