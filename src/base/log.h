// SPDX-License-Identifier: MIT
//
// Log: complete lines to the sink of a context, serialised. Levels: error and warn are for the
// user; info is one line per job; verbose says what was decided and why; debug is for developers;
// only trace may speak once per frame.
#ifndef RL_BASE_LOG_H
#define RL_BASE_LOG_H

#include "base/error.h"

#include <pthread.h>

struct rl_log {
    struct relief_log_sink sink;
    pthread_mutex_t mutex;
};

// `sink` may be NULL: nothing is logged then.
void rl_log_init(struct rl_log *log, const struct relief_log_sink *sink);
void rl_log_clear(struct rl_log *log);

// Format one line and hand it to the sink; nothing happens when `log` is NULL or its level lower.
// Lines are about a thing: "film.mkv: subtitle track 4 left out: ...". Any thread.
void rl_log_line(struct rl_log *log, enum relief_log_level level, const char *format, ...)
    RL_PRINTF(3, 4);

// FFmpeg's own log is one for the whole process, and so a program's to decide about, never the
// library's. The command calls this: nothing of it reaches standard error from then on.
void rl_log_silence_ffmpeg(void);

#define rl_warn(log, ...) rl_log_line(log, RELIEF_LOG_WARN, __VA_ARGS__)
#define rl_info(log, ...) rl_log_line(log, RELIEF_LOG_INFO, __VA_ARGS__)
#define rl_verbose(log, ...) rl_log_line(log, RELIEF_LOG_VERBOSE, __VA_ARGS__)
#define rl_debug(log, ...) rl_log_line(log, RELIEF_LOG_DEBUG, __VA_ARGS__)
#define rl_trace(log, ...) rl_log_line(log, RELIEF_LOG_TRACE, __VA_ARGS__)

#endif
