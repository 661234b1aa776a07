// SPDX-License-Identifier: MIT
#include "cli/view.h"

#include "base/json.h"
#include "base/str.h"

#include <ctype.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
    BAR_MIN = 8,  // columns: a shorter bar says nothing
    BAR_MAX = 40,
    LINE_EVERY = 5,   // seconds between plain lines
    LINE_MAX = 1024,  // bytes
};

void rl_format_seconds(double seconds, char *text, size_t size)
{
    long long whole = seconds > 0 ? (long long)(seconds + 0.5) : 0;
    if (whole >= 3600)
        snprintf(text, size, "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60, whole % 60);
    else
        snprintf(text, size, "%lld:%02lld", whole / 60, whole % 60);
}

static int percent(const struct relief_progress *p)
{
    if (p->frames_done >= p->frames_expected)
        return 100;
    return (int)(p->frames_done * 100 / p->frames_expected);
}

void rl_format_progress(const struct relief_progress *progress, bool bar, int columns, char *text,
                        size_t size)
{
    char words[160], time[32];
    bool known = progress->frames_expected > 0;
    if (known)
        snprintf(words, sizeof words, "%lld/%lld frames  %d %%", (long long)progress->frames_done,
                 (long long)progress->frames_expected, percent(progress));
    else
        snprintf(words, sizeof words, "%lld frames", (long long)progress->frames_done);
    if (progress->fps > 0)
        rl_str_add(words, sizeof words, "  %.1f fps", progress->fps);
    rl_format_seconds(progress->eta_seconds, time, sizeof time);
    if (known && progress->eta_seconds >= 0)
        rl_str_add(words, sizeof words, "  %s left", time);
    int room = columns - (int)strlen(words) - 4;
    text[0] = 0;
    if (bar && known && room >= BAR_MIN) {
        int width = room < BAR_MAX ? room : BAR_MAX, filled = width * percent(progress) / 100;
        rl_str_add(text, size, "[");
        for (int i = 0; i < width; i++)
            rl_str_add(text, size, i < filled ? "#" : "-");
        rl_str_add(text, size, "]  ");
    }
    rl_str_add(text, size, "%s", words);
    if (columns > 0 && strlen(text) > (size_t)columns)
        text[columns] = 0;
}

static enum rl_view_style choose_style(const struct relief_params *params)
{
    const char *terminal = getenv("TERM");
    switch ((enum relief_progress_style)params->progress) {
    case RELIEF_PROGRESS_BAR:
        return RL_VIEW_BAR;
    case RELIEF_PROGRESS_JSON:
        return RL_VIEW_JSON;
    case RELIEF_PROGRESS_NONE:
        return RL_VIEW_NONE;
    case RELIEF_PROGRESS_AUTO:
        break;
    }
    if (params->log == RELIEF_LOG_ERROR)
        return RL_VIEW_NONE;
    bool draws = isatty(STDERR_FILENO) && terminal && strcmp(terminal, "dumb") != 0;
    return draws ? RL_VIEW_BAR : RL_VIEW_LINES;
}

void rl_view_init(struct rl_view *view, const struct relief_params *params, bool film_on_stdout)
{
    *view = (struct rl_view){.style = choose_style(params),
                             .json = film_on_stdout ? stderr : stdout};
    pthread_mutex_init(&view->mutex, NULL);
}

void rl_view_clear(struct rl_view *view)
{
    pthread_mutex_destroy(&view->mutex);
}

static int terminal_columns(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

// One write a call: what is drawn is never seen half.
static void write_text(const char *text)
{
    fwrite(text, 1, strlen(text), stderr);
    fflush(stderr);
}

static void erase_bar(struct rl_view *view)
{
    if (view->drawn)
        write_text("\r\033[K");
    view->drawn = false;
}

static void draw_bar(struct rl_view *view)
{
    char text[LINE_MAX], line[LINE_MAX] = "\r", place[32] = "";
    if (view->count > 1)
        snprintf(place, sizeof place, "%zu/%zu  ", view->number, view->count);
    // The last column stays free: some terminals break the line there.
    int columns = terminal_columns() - 1 - (int)strlen(place);
    rl_format_progress(&view->last, true, columns > 1 ? columns : 1, text, sizeof text);
    rl_str_add(line, sizeof line, "%s%s\033[K", place, text);
    write_text(line);
    view->drawn = true;
}

static void print_line(struct rl_view *view, const char *text)
{
    char line[LINE_MAX];
    bool redraw = view->drawn;
    erase_bar(view);
    snprintf(line, sizeof line - 1, "relief: %s", text);
    // One line it is, and file names do not steer the terminal.
    for (char *c = line; *c; c++)
        if (iscntrl((unsigned char)*c))
            *c = '?';
    rl_str_add(line, sizeof line, "\n");
    write_text(line);
    if (redraw)
        draw_bar(view);
}

// Takes over `event`. An event that cannot be built or written is left out: the job goes on.
static void print_json(struct rl_view *view, json_t *event)
{
    char *line = event ? json_dumps(event, JSON_COMPACT | JSON_REAL_PRECISION(6)) : NULL;
    if (line) {
        fprintf(view->json, "%s\n", line);
        fflush(view->json);
    }
    free(line);
    json_decref(event);
}

static const char *level_name(enum relief_log_level level)
{
    static const char *const names[] = {"error", "warn", "info", "verbose", "debug", "trace"};
    return names[level];
}

void rl_view_log(void *user, enum relief_log_level level, const char *text)
{
    struct rl_view *view = user;
    char line[LINE_MAX];
    snprintf(line, sizeof line, "%s%s", level == RELIEF_LOG_WARN ? "warning: " : "", text);
    pthread_mutex_lock(&view->mutex);
    if (view->style == RL_VIEW_JSON)
        print_json(view, json_pack("{ss ss so}", "event", "log", "level", level_name(level),
                                   "message", rl_json_text(text)));
    else
        print_line(view, line);
    pthread_mutex_unlock(&view->mutex);
}

void rl_view_begin(struct rl_view *view, const char *input, const char *output, size_t number,
                   size_t count)
{
    pthread_mutex_lock(&view->mutex);
    view->input = input;
    view->output = output;
    view->number = number;
    view->count = count;
    view->line_at = LINE_EVERY;
    view->last = (struct relief_progress){.eta_seconds = -1};
    if (view->style == RL_VIEW_JSON)
        print_json(view, json_pack("{ss so so}", "event", "start", "input", rl_json_text(input),
                                   "output", rl_json_text(output)));
    pthread_mutex_unlock(&view->mutex);
}

static json_t *stages_json(const struct relief_progress *progress)
{
    json_t *stages = json_object();
    for (int i = 0; i < RELIEF_STAGE_COUNT; i++)
        if (progress->stages[i].name)
            json_object_set_new(stages, progress->stages[i].name,
                                json_real(progress->stages[i].busy_seconds));
    return stages;
}

static json_t *progress_json(const struct relief_progress *p)
{
    json_t *total = p->frames_expected > 0 ? json_integer(p->frames_expected) : json_null();
    json_t *left = p->eta_seconds >= 0 ? json_real(p->eta_seconds) : json_null();
    return json_pack("{ss sI so sf so sf so}", "event", "progress", "frames",
                     (json_int_t)p->frames_done, "total", total, "fps", p->fps, "eta", left,
                     "elapsed", p->elapsed_seconds, "stages", stages_json(p));
}

static void print_progress_line(struct rl_view *view)
{
    char words[LINE_MAX], line[LINE_MAX];
    if (view->last.elapsed_seconds < view->line_at)
        return;
    view->line_at = view->last.elapsed_seconds + LINE_EVERY;
    rl_format_progress(&view->last, false, 0, words, sizeof words);
    snprintf(line, sizeof line, "%s: %.200s", view->input, words);
    print_line(view, line);
}

void rl_view_progress(void *user, const struct relief_progress *progress)
{
    struct rl_view *view = user;
    pthread_mutex_lock(&view->mutex);
    view->last = *progress;
    if (view->style == RL_VIEW_BAR)
        draw_bar(view);
    else if (view->style == RL_VIEW_LINES)
        print_progress_line(view);
    else if (view->style == RL_VIEW_JSON)
        print_json(view, progress_json(progress));
    pthread_mutex_unlock(&view->mutex);
}

static double mean_fps(const struct relief_progress *p)
{
    const int64_t converted = p->frames_done - p->frames_resumed;
    return p->elapsed_seconds > 0 && converted > 0 ? (double)converted / p->elapsed_seconds : 0;
}

void rl_view_done(struct rl_view *view)
{
    const struct relief_progress *p = &view->last;
    char line[LINE_MAX], time[32];
    pthread_mutex_lock(&view->mutex);
    erase_bar(view);
    rl_format_seconds(p->elapsed_seconds, time, sizeof time);
    snprintf(line, sizeof line, "%s: %lld frame%s in %s, %.1f fps",
             strcmp(view->output, "-") ? view->output : "standard output",
             (long long)p->frames_done, p->frames_done == 1 ? "" : "s", time, mean_fps(p));
    if (view->style == RL_VIEW_JSON)
        print_json(view, json_pack("{ss so so sI sf sf}", "event", "done", "input",
                                   rl_json_text(view->input), "output", rl_json_text(view->output),
                                   "frames", (json_int_t)p->frames_done, "elapsed",
                                   p->elapsed_seconds, "fps", mean_fps(p)));
    else if (view->style != RL_VIEW_NONE)
        print_line(view, line);
    view->input = view->output = NULL;
    pthread_mutex_unlock(&view->mutex);
}

void rl_view_error(struct rl_view *view, const struct relief_error *err)
{
    char line[LINE_MAX];
    pthread_mutex_lock(&view->mutex);
    erase_bar(view);
    if (view->style == RL_VIEW_JSON)
        print_json(view, json_pack("{ss so* ss sI so so}", "event", "error", "input",
                                   view->input ? rl_json_text(view->input) : NULL, "status",
                                   relief_status_name(err->status), "code",
                                   (json_int_t)relief_status_exit_code(err->status), "message",
                                   rl_json_text(err->message), "hint", rl_json_text(err->hint)));
    snprintf(line, sizeof line, "%s%s%s%s", err->message, *err->hint ? " (try: " : "", err->hint,
             *err->hint ? ")" : "");
    print_line(view, line);
    view->input = view->output = NULL;
    pthread_mutex_unlock(&view->mutex);
}
