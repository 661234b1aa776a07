// SPDX-License-Identifier: MIT
#include "base/file.h"
#include "base/str.h"
#include "cli/commands.h"
#include "cli/inputs.h"
#include "cli/interrupt.h"
#include "cli/names.h"

#include <sys/stat.h>

// Pipes are not probed: what is read from them is gone.
static bool can_be_probed(const char *input)
{
    struct stat info;
    if (stat(input, &info) == 0)
        return S_ISREG(info.st_mode) || S_ISDIR(info.st_mode);
    return rl_path_is_pattern(input);
}

// The output's name for each input; NULL in *names[i] is never left on success.
static enum relief_status name_outputs(struct relief_context *ctx, const struct rl_args *args,
                                       char **names, struct relief_error *err)
{
    bool fixed = args->output && !rl_output_is_folder(args->output);
    for (size_t i = 0; i < args->input_count; i++) {
        struct relief_media_info info = {0};
        // An input that cannot be read fails when its turn comes, with its own words.
        bool known = !fixed && can_be_probed(args->inputs[i]) &&
                     relief_probe(ctx, args->inputs[i], &info, NULL) == RELIEF_OK;
        names[i] = rl_output_name(args, args->inputs[i], known ? &info : NULL);
        if (!names[i])
            return rl_fail_memory(err);
    }
    return rl_check_names(args, names, err);
}

static enum relief_status convert_one(struct relief_context *ctx, const struct rl_args *args,
                                      const char *input, const char *output, struct rl_view *view,
                                      struct relief_error *err)
{
    struct relief_job *job = NULL;
    enum relief_status status = relief_job_create(&job, ctx, input, output, &args->params, err);
    if (status == RELIEF_OK) {
        rl_interrupt_watch(job);
        status = relief_job_run(job, rl_view_progress, view, err);
        rl_interrupt_watch(NULL);
    }
    relief_job_free(&job);
    return status;
}

static enum relief_status prepare(struct relief_context *ctx, const struct rl_args *args,
                                  char **names, struct relief_error *err)
{
    enum relief_status status = rl_check_outputs(args, err);
    if (status == RELIEF_OK)
        status = rl_models_ensure(ctx, args, err);
    if (status == RELIEF_OK)
        status = name_outputs(ctx, args, names, err);
    if (status == RELIEF_OK && args->output && rl_str_ends(args->output, "/"))
        status = rl_make_folders(args->output, err);
    return status;
}

static bool is_done(const struct rl_args *args, const char *output, struct rl_view *view)
{
    char line[RELIEF_TEXT_MAX + 64];
    if (!args->skip_existing || !rl_path_exists(output))
        return false;
    snprintf(line, sizeof line, "%s: exists already, and is left as it is", output);
    rl_view_log(view, RELIEF_LOG_INFO, line);
    return true;
}

static enum relief_status convert_all(struct relief_context *ctx, const struct rl_args *args,
                                      char *const *names, struct rl_view *view)
{
    enum relief_status first = RELIEF_OK;
    for (size_t i = 0; i < args->input_count && !rl_interrupt_came(); i++) {
        struct relief_error err = {0};
        if (is_done(args, names[i], view))
            continue;
        rl_view_begin(view, args->inputs[i], names[i], i + 1, args->input_count);
        enum relief_status status = convert_one(ctx, args, args->inputs[i], names[i], view, &err);
        if (status == RELIEF_OK)
            rl_view_done(view);
        else
            rl_view_error(view, &err);
        if (first == RELIEF_OK || status == RELIEF_E_CANCELLED)
            first = status;
    }
    return first == RELIEF_OK && rl_interrupt_came() ? RELIEF_E_CANCELLED : first;
}

// `args` without folders of films.
static enum relief_status convert_inputs(struct relief_context *ctx, const struct rl_args *args,
                                         struct rl_view *view)
{
    struct relief_error err = {0};
    char **names = calloc(args->input_count + 1, sizeof *names);
    enum relief_status status = names ? prepare(ctx, args, names, &err) : rl_fail_memory(&err);
    if (status == RELIEF_OK)
        status = convert_all(ctx, args, names, view);
    else
        rl_view_error(view, &err);
    for (size_t i = 0; names && i < args->input_count; i++)
        free(names[i]);
    free(names);
    return status;
}

enum relief_status rl_convert(struct relief_context *ctx, const struct rl_args *args,
                              struct rl_view *view)
{
    struct relief_error err = {0};
    struct rl_names found;
    struct rl_args opened = *args;
    enum relief_status status = rl_inputs_find(&found, &opened.in_folder, args, &err);
    opened.inputs = calloc(found.count + 1, sizeof *opened.inputs);
    if (status == RELIEF_OK && !opened.inputs)
        status = rl_fail_memory(&err);
    if (status == RELIEF_OK) {
        for (opened.input_count = 0; opened.input_count < found.count; opened.input_count++)
            opened.inputs[opened.input_count] = found.at[opened.input_count];
        status = convert_inputs(ctx, &opened, view);
    } else {
        rl_view_error(view, &err);
    }
    free(opened.inputs);
    rl_names_clear(&found);
    return status;
}
