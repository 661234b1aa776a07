// SPDX-License-Identifier: MIT
//
// relief models: what networks are known by name, which of them are here, and getting them here.
#include "base/json.h"
#include "base/str.h"
#include "cli/commands.h"
#include "cli/interrupt.h"

#include <time.h>
#include <unistd.h>

enum { MODELS_MAX = 256, STEP_NS = 200000000 };

// What a download says while it runs.
struct ticker {
    int64_t said_ns;
    bool draws, json, quiet;
};

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void say_json(const struct relief_download *d)
{
    json_t *line = json_pack("{ss ss ss sI sI}", "event", "download", "model", d->model, "file",
                             d->file, "done", (json_int_t)d->done_bytes, "total",
                             (json_int_t)d->total_bytes);
    if (line && json_dumpf(line, stdout, JSON_COMPACT) == 0)
        putchar('\n');
    fflush(stdout);
    json_decref(line);
}

static void say_progress(const struct ticker *ticker, const struct relief_download *d)
{
    char text[160] = "";
    rl_str_add(text, sizeof text, "%s: %s: %.1f", d->model, d->file, (double)d->done_bytes / 1e6);
    if (d->total_bytes)
        rl_str_add(text, sizeof text, " of %.1f MB, %.0f %%", (double)d->total_bytes / 1e6,
                   100 * (double)d->done_bytes / (double)d->total_bytes);
    else
        rl_str_add(text, sizeof text, " MB");
    fprintf(stderr, ticker->draws ? "\r\033[K%s" : "relief: %s\n", text);
}

// Five times a second on a terminal, every ten seconds elsewhere.
static int on_download(void *user, const struct relief_download *d)
{
    struct ticker *ticker = user;
    const int64_t now = now_ns(), step = ticker->draws || ticker->json ? STEP_NS : 50L * STEP_NS;
    const bool complete = d->total_bytes && d->done_bytes == d->total_bytes;
    if (!ticker->quiet && (now - ticker->said_ns >= step || complete)) {
        ticker->said_ns = now;
        if (ticker->json)
            say_json(d);
        else
            say_progress(ticker, d);
    }
    return rl_interrupt_came();
}

static enum relief_status get(struct relief_context *ctx, const struct rl_args *args,
                              const char *name, struct relief_error *err)
{
    const int style = args->params.progress;
    struct ticker ticker = {
        .draws = isatty(STDERR_FILENO) && style != RELIEF_PROGRESS_JSON,
        .json = style == RELIEF_PROGRESS_JSON,
        .quiet = style == RELIEF_PROGRESS_NONE || args->params.log == RELIEF_LOG_ERROR,
        .said_ns = now_ns(),
    };
    enum relief_status status = relief_models_get(ctx, name, on_download, &ticker, err);
    if (ticker.draws && !ticker.quiet)
        fputs("\r\033[K", stderr);
    return status;
}

// "MIT", or what must not be overlooked.
static void name_licence(const struct relief_model_info *info, char *text, size_t size)
{
    *text = 0;
    rl_str_add(text, size, "licence %s%s", *info->licence ? info->licence : "not known",
               info->non_commercial ? ": NOT FOR COMMERCIAL USE" : "");
}

static void name_size(const struct relief_model_info *info, char *text, size_t size)
{
    *text = 0;
    if (info->bytes)
        rl_str_add(text, size, "%s%.1f MB", info->bytes_are_exact ? "" : "about ",
                   (double)info->bytes / 1e6);
    else
        rl_str_add(text, size, "size unknown");
}

// ---------------------------------------------------------------------------------------------
// Before a conversion

static bool ask(const struct relief_model_info *info)
{
    char size[32], licence[128], answer[16] = "";
    name_size(info, size, sizeof size);
    name_licence(info, licence, sizeof licence);
    fprintf(stderr,
            "relief: the model %s is not here yet: %s from %s\nrelief: %s\nDownload it? [y/N] ",
            info->name, size, info->url, licence);
    return fgets(answer, sizeof answer, stdin) && (*answer == 'y' || *answer == 'Y');
}

enum relief_status rl_models_ensure(struct relief_context *ctx, const struct rl_args *args,
                                    struct relief_error *err)
{
    const struct relief_params *params = &args->params;
    const char *name = params->model;
    struct relief_model_info info;
    // Paths, and conversions that need no network.
    if (strpbrk(name, "/.") || !strcmp(params->device, "dummy") || *params->depth_in ||
        relief_models_find(ctx, name, &info, NULL) != RELIEF_OK ||
        info.state == RELIEF_MODEL_PRESENT)
        return RELIEF_OK;
    if (!args->download && (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)))
        return RELIEF_OK;  // the job says what is missing
    if (!args->download && !ask(&info))
        return rl_fail(err, RELIEF_E_MODEL, "%s: this model has not been downloaded", name);
    return get(ctx, args, name, err);
}

// ---------------------------------------------------------------------------------------------
// The command

static const char *const state_names[] = {"no", "partial", "yes"};

static void print_table(const struct relief_model_info *models, size_t count)
{
    char size[32];
    printf("%-16s %-8s %-15s %-26s %s\n", "NAME", "HERE", "SIZE", "LICENCE", "WHAT IT IS");
    for (size_t i = 0; i < count; i++) {
        const struct relief_model_info *m = &models[i];
        char licence[96] = "";
        rl_str_add(licence, sizeof licence, "%s%s", m->licence,
                   m->non_commercial ? " (no commerce)" : "");
        name_size(m, size, sizeof size);
        printf("%-16s %-8s %-15s %-26s %s\n", m->name, state_names[m->state], size, licence,
               m->description);
    }
}

static json_t *model_json(const struct relief_model_info *m)
{
    return json_pack("{ss ss ss sb sb ss ss sI sb so ss sb}", "name", m->name, "description",
                     m->description, "licence", m->licence, "non_commercial", m->non_commercial,
                     "here", m->state == RELIEF_MODEL_PRESENT, "input", m->input, "output",
                     m->output, "bytes", (json_int_t)m->bytes, "bytes_are_exact",
                     m->bytes_are_exact, "path", rl_json_text(m->path), "url", m->url, "from_user",
                     m->from_user);
}

static enum relief_status print_json(const struct relief_model_info *models, size_t count,
                                     struct relief_error *err)
{
    json_t *list = json_array();
    int failed = 0;
    for (size_t i = 0; i < count; i++)
        failed |= json_array_append_new(list, model_json(&models[i]));
    if (!failed)
        (void)json_dumpf(list, stdout, JSON_INDENT(2));
    printf("\n");
    json_decref(list);
    return failed ? rl_fail_memory(err) : RELIEF_OK;
}

// All models in memory of the caller's.
static enum relief_status load(struct relief_context *ctx, struct relief_model_info **models,
                               size_t *count, struct relief_error *err)
{
    *models = calloc(MODELS_MAX, sizeof **models);
    *count = 0;
    enum relief_status status = *models ? relief_models(ctx, *models, MODELS_MAX, count, err)
                                        : rl_fail_memory(err);
    if (status == RELIEF_OK && *count > MODELS_MAX)
        *count = MODELS_MAX;
    return status;
}

static enum relief_status list(struct relief_context *ctx, const struct rl_args *args,
                               struct relief_error *err)
{
    struct relief_model_info *models;
    size_t count;
    enum relief_status status = load(ctx, &models, &count, err);
    if (status == RELIEF_OK && args->json)
        status = print_json(models, count, err);
    else if (status == RELIEF_OK)
        print_table(models, count);
    free(models);
    return status;
}

static enum relief_status get_named(struct relief_context *ctx, const struct rl_args *args,
                                    const char *name, struct relief_error *err)
{
    struct relief_model_info info;
    char licence[128];
    enum relief_status status = relief_models_find(ctx, name, &info, err);
    if (status != RELIEF_OK)
        return status;
    name_licence(&info, licence, sizeof licence);
    if (args->params.log > RELIEF_LOG_ERROR || info.non_commercial)
        fprintf(stderr, "relief: %s: %s\n", name, licence);
    status = get(ctx, args, name, err);
    if (status == RELIEF_OK && args->params.progress != RELIEF_PROGRESS_JSON)
        printf("%s\n", info.path);
    return status;
}

static enum relief_status check_named(struct relief_context *ctx, const struct rl_args *args,
                                      const char *name, struct relief_error *err)
{
    (void)args;
    enum relief_status status = relief_models_check(ctx, name, err);
    if (status == RELIEF_OK)
        printf("%s: as it should be\n", name);
    return status;
}

static enum relief_status show_path(struct relief_context *ctx, const struct rl_args *args,
                                    const char *name, struct relief_error *err)
{
    (void)args;
    struct relief_model_info info;
    enum relief_status status = relief_models_find(ctx, name, &info, err);
    if (status == RELIEF_OK && info.state != RELIEF_MODEL_PRESENT) {
        status = rl_fail(err, RELIEF_E_MODEL, "%s: this model has not been downloaded", name);
        rl_hint(err, "relief models get %s", name);
    }
    if (status == RELIEF_OK)
        printf("%s\n", info.path);
    return status;
}

static enum relief_status remove_named(struct relief_context *ctx, const struct rl_args *args,
                                       const char *name, struct relief_error *err)
{
    (void)args;
    return relief_models_remove(ctx, name, err);
}

static enum relief_status check_all(struct relief_context *ctx, const struct rl_args *args,
                                    struct relief_error *err)
{
    struct relief_model_info *models;
    size_t count = 0;
    enum relief_status status = load(ctx, &models, &count, err);
    for (size_t i = 0; i < count && status == RELIEF_OK; i++)
        if (models[i].state == RELIEF_MODEL_PRESENT)
            status = check_named(ctx, args, models[i].name, err);
    free(models);
    return status;
}

typedef enum relief_status (*action_fn)(struct relief_context *ctx, const struct rl_args *args,
                                        const char *name, struct relief_error *err);

static const struct {
    const char *word;
    action_fn fn;  // for each name; NULL: list
} actions[] = {
    {"list", NULL},      {"get", get_named},       {"check", check_named},
    {"path", show_path}, {"remove", remove_named},
};

enum relief_status rl_models_command(struct relief_context *ctx, const struct rl_args *args,
                                     struct relief_error *err)
{
    const char *word = args->input_count ? args->inputs[0] : "list";
    enum relief_status status = RELIEF_OK;
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        if (strcmp(actions[i].word, word) != 0)
            continue;
        if (!actions[i].fn && args->input_count > 1)
            return rl_fail(err, RELIEF_E_ARGUMENT, "models list: takes no name");
        if (!actions[i].fn)
            return list(ctx, args, err);
        if (args->input_count < 2 && actions[i].fn == check_named)
            return check_all(ctx, args, err);
        if (args->input_count < 2) {
            rl_fail(err, RELIEF_E_ARGUMENT, "models %s: needs a name", word);
            rl_hint(err, "relief models list");
            return RELIEF_E_ARGUMENT;
        }
        for (size_t n = 1; n < args->input_count && status == RELIEF_OK; n++)
            status = actions[i].fn(ctx, args, args->inputs[n], err);
        return status;
    }
    rl_fail(err, RELIEF_E_ARGUMENT, "models %s: there is no such action", word);
    rl_hint(err, "relief models list, get, check, path or remove");
    return RELIEF_E_ARGUMENT;
}
