// SPDX-License-Identifier: MIT
//
// What the command says while it works: progress, log lines, errors.
//
// 1. Talk goes to standard error. A bar is drawn in one write, so that it does not flicker, and
//    erased before any other line and at the end.
// 2. With --progress json all of it is also told as one JSON object a line, on standard output; on
//    standard error when standard output carries the film.
// 3. Calls may come from any thread.
#ifndef RL_CLI_VIEW_H
#define RL_CLI_VIEW_H

#include "base/error.h"

#include <pthread.h>
#include <stdbool.h>

enum rl_view_style { RL_VIEW_NONE, RL_VIEW_LINES, RL_VIEW_BAR, RL_VIEW_JSON };

struct rl_view {
    pthread_mutex_t mutex;
    enum rl_view_style style;
    FILE *json;         // where JSON goes
    bool drawn;         // a bar stands on the terminal
    const char *input;  // of the running job; NULL between jobs
    const char *output;
    size_t number, count;  // which input of how many
    double line_at;        // LINES: when the next line is due, seconds since the job began
    struct relief_progress last;
};

// `film_on_stdout`: standard output carries the film.
void rl_view_init(struct rl_view *view, const struct relief_params *params, bool film_on_stdout);
void rl_view_clear(struct rl_view *view);

// A log sink's `line`; `view` is a struct rl_view.
void rl_view_log(void *view, enum relief_log_level level, const char *text);

// A job begins: input `number` (from 1) of `count`. The strings must live until done or error.
void rl_view_begin(struct rl_view *view, const char *input, const char *output, size_t number,
                   size_t count);

// Has the shape of relief_progress_fn; `view` is a struct rl_view.
void rl_view_progress(void *view, const struct relief_progress *progress);

// The job that was begun is done.
void rl_view_done(struct rl_view *view);

// A failure, of the job that was begun or of the command: one line.
void rl_view_error(struct rl_view *view, const struct relief_error *err);

// "1:02:03" or "2:03", into at most `size` bytes.
void rl_format_seconds(double seconds, char *text, size_t size);

// One line of progress, at most `columns` wide; with a bar when there is room for it.
void rl_format_progress(const struct relief_progress *progress, bool bar, int columns, char *text,
                        size_t size);

#endif
