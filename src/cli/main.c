// SPDX-License-Identifier: MIT
//
// The command: parse, dispatch, exit code. Everything it does with video it asks of librelief.
#include "base/log.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/interrupt.h"

#include <errno.h>

// What could not be written to standard output is not to be taken for done.
static enum relief_status flush_results(struct relief_error *err)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return RELIEF_OK;
    return rl_fail_errno(err, RELIEF_E_OUTPUT, errno, "standard output: cannot be written");
}

static void print_version(void)
{
    printf("relief %s\n"
           "MIT licence; a build with a GPL build of FFmpeg is passed on under the GPL.\n",
           relief_version());
}

static enum relief_status run(struct relief_context *ctx, const struct rl_args *args,
                              struct rl_view *view, struct relief_error *err)
{
    switch (args->command) {
    case RL_COMMAND_INFO:
        return rl_show_info(ctx, args, err);
    case RL_COMMAND_MODELS:
        return rl_models_command(ctx, args, err);
    case RL_COMMAND_DEVICES:
        return rl_show_devices(ctx, args, err);
    default:
        return rl_convert(ctx, args, view);
    }
}

static enum relief_status run_with_context(const struct rl_args *args, struct rl_view *view,
                                           struct relief_error *err)
{
    struct relief_context *ctx = NULL;
    struct relief_log_sink sink = {.line = rl_view_log, .user = view, .level = args->params.log};
    enum relief_status status = relief_context_create(&ctx, &sink, err);
    if (status == RELIEF_OK)
        status = run(ctx, args, view, err);
    relief_context_free(&ctx);
    return status;
}

// What FFmpeg and SVT-AV1 say of themselves is for developers.
static void silence_libraries(void)
{
    rl_log_silence_ffmpeg();
    setenv("SVT_LOG", "1", 0);
}

int main(int argc, char **argv)
{
    struct rl_args args;
    struct rl_view view;
    struct relief_error err = {0};
    enum relief_status status = rl_args_parse(&args, argc, argv, &err);
    if (status != RELIEF_OK)
        relief_params_default(&args.params);
    rl_view_init(&view, &args.params, args.output && !strcmp(args.output, "-"));
    if (args.params.log < RELIEF_LOG_DEBUG)
        silence_libraries();
    rl_interrupt_install();
    if (status == RELIEF_OK && args.help)
        status = rl_emit(args.topic, stdout, &err);
    else if (status == RELIEF_OK && args.version)
        print_version();
    else if (status == RELIEF_OK && args.command == RL_COMMAND_SERVE)
        status = rl_run_server(&args, &err);  // makes processes before any thread
    else if (status == RELIEF_OK)
        status = run_with_context(&args, &view, &err);
    if (status == RELIEF_OK)
        status = flush_results(&err);
    if (err.status != RELIEF_OK)
        rl_view_error(&view, &err);
    rl_view_clear(&view);
    rl_args_clear(&args);
    return relief_status_exit_code(status);
}
