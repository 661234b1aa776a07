// SPDX-License-Identifier: MIT
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>

#include <libavutil/error.h>

struct status_row {
    const char *name;
    int exit_code;
    int http_code;
};

static const struct status_row status_rows[] = {
#define STATUS(id, word, exit_code, http_code) [id] = {word, exit_code, http_code},
#include "base/status.def"
#undef STATUS
};

static const struct status_row *find_row(enum relief_status status)
{
    const size_t count = sizeof status_rows / sizeof *status_rows;
    return &status_rows[(size_t)status < count ? status : RELIEF_E_FAILED];
}

const char *relief_status_name(enum relief_status status)
{
    return find_row(status)->name;
}

int relief_status_exit_code(enum relief_status status)
{
    return find_row(status)->exit_code;
}

// One line: what libraries say may hold newlines.
static void flatten(char *text)
{
    for (; *text; text++)
        if (*text == '\n' || *text == '\r')
            *text = ' ';
}

static void record(struct relief_error *err, enum relief_status status, const char *format,
                   va_list args, const char *cause)
{
    if (!err || err->status != RELIEF_OK)
        return;
    err->status = status;
    int used = vsnprintf(err->message, sizeof err->message, format, args);
    if (cause && used >= 0 && (size_t)used < sizeof err->message)
        snprintf(err->message + used, sizeof err->message - (size_t)used, ": %s", cause);
    flatten(err->message);
}

enum relief_status rl_fail(struct relief_error *err, enum relief_status status, const char *format,
                           ...)
{
    va_list args;
    va_start(args, format);
    record(err, status, format, args, NULL);
    va_end(args);
    return status;
}

enum relief_status rl_fail_av(struct relief_error *err, enum relief_status status, int averror,
                              const char *format, ...)
{
    if (averror == AVERROR(ENOMEM))
        return rl_fail_memory(err);
    if (averror == AVERROR_EXIT)
        return rl_fail_cancelled(err);
    char cause[AV_ERROR_MAX_STRING_SIZE] = "";
    av_strerror(averror, cause, sizeof cause);
    va_list args;
    va_start(args, format);
    record(err, status, format, args, cause);
    va_end(args);
    return status;
}

enum relief_status rl_fail_errno(struct relief_error *err, enum relief_status status, int errnum,
                                 const char *format, ...)
{
    char cause[AV_ERROR_MAX_STRING_SIZE] = "";
    av_strerror(AVERROR(errnum), cause, sizeof cause);
    va_list args;
    va_start(args, format);
    record(err, status, format, args, cause);
    va_end(args);
    return status;
}

enum relief_status rl_fail_memory(struct relief_error *err)
{
    return rl_fail(err, RELIEF_E_MEMORY, "out of memory");
}

enum relief_status rl_fail_cancelled(struct relief_error *err)
{
    return rl_fail(err, RELIEF_E_CANCELLED, "cancelled");
}

void rl_hint(struct relief_error *err, const char *format, ...)
{
    if (!err || err->hint[0])
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(err->hint, sizeof err->hint, format, args);
    va_end(args);
    flatten(err->hint);
}

enum relief_status rl_error_pass(struct relief_error *to, const struct relief_error *from)
{
    if (to && to->status == RELIEF_OK)
        *to = *from;
    return from->status;
}
