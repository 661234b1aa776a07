// SPDX-License-Identifier: MIT
#include "base/log.h"

#include <stdarg.h>

#include <libavutil/log.h>

void rl_log_init(struct rl_log *log, const struct relief_log_sink *sink)
{
    log->sink = sink ? *sink : (struct relief_log_sink){0};
    pthread_mutex_init(&log->mutex, NULL);
}

void rl_log_clear(struct rl_log *log)
{
    pthread_mutex_destroy(&log->mutex);
}

void rl_log_line(struct rl_log *log, enum relief_log_level level, const char *format, ...)
{
    if (!log || !log->sink.line || level > log->sink.level)
        return;
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    for (char *c = text; *c; c++)
        if (*c == '\n' || *c == '\r')
            *c = ' ';
    pthread_mutex_lock(&log->mutex);
    log->sink.line(log->sink.user, level, text);
    pthread_mutex_unlock(&log->mutex);
}

void rl_log_silence_ffmpeg(void)
{
    av_log_set_level(AV_LOG_QUIET);
}
