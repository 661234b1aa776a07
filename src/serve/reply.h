// SPDX-License-Identifier: MIT
//
// What a handler answers: JSON, bytes, a file of which ranges may be asked, or a stream. Knows
// neither sockets nor libmicrohttpd; http.c sends it.
//
// 1. A reply owns what it was given. rl_reply_clear() frees it.
// 2. Failures are {"error": {"code", "message", "hint"}} with a fitting HTTP code.
#ifndef RL_SERVE_REPLY_H
#define RL_SERVE_REPLY_H

#include "base/json.h"
#include "base/error.h"

#include <stdbool.h>
#include <sys/types.h>

enum { RL_REPLY_HEADERS = 6 };

// Bytes as they come; `read` may wait, returns how many it wrote and 0 at the end.
struct rl_stream {
    size_t (*read)(void *user, char *to, size_t size);
    void (*close)(void *user);
    void *user;
};

struct rl_reply {
    unsigned status;  // HTTP's; 0 = nothing was answered yet
    const char *type;
    const void *bytes;
    size_t size;
    bool owns_bytes;
    int fd;  // a file, when `is_file`
    bool is_file;
    int64_t file_bytes;
    struct rl_stream stream;  // when .read is set
    struct {
        const char *name;
        char value[700];
    } headers[RL_REPLY_HEADERS];
    int header_count;
};

void rl_reply_clear(struct rl_reply *reply);

// Takes over `value`; NULL is answered as out of memory.
void rl_reply_json(struct rl_reply *reply, unsigned status, json_t *value);

// 204.
void rl_reply_nothing(struct rl_reply *reply);

void rl_reply_error(struct rl_reply *reply, unsigned status, const char *code, const char *format,
                    ...) RL_PRINTF(4, 5);

// The HTTP code follows from the failure's status.
void rl_reply_failure(struct rl_reply *reply, const struct relief_error *err);

// Static bytes.
void rl_reply_fixed(struct rl_reply *reply, const char *type, const void *bytes, size_t size);

// Takes over `bytes`, from malloc().
void rl_reply_bytes(struct rl_reply *reply, const char *type, void *bytes, size_t size);

// Opens `path`; 404 when it is not there. `name` is what a browser shall call it when it saves;
// NULL = it shall show it.
void rl_reply_file(struct rl_reply *reply, const char *path, const char *type, const char *name);

void rl_reply_stream(struct rl_reply *reply, const char *type, struct rl_stream stream);

void rl_reply_header(struct rl_reply *reply, const char *name, const char *format, ...)
    RL_PRINTF(3, 4);

// "bytes=a-b", "bytes=a-", "bytes=-n" of a file of `size` bytes: true, and the first byte and how
// many. *size_out is 0 when the range lies outside. False for what is to be ignored.
bool rl_parse_range(const char *header, int64_t size, int64_t *first, int64_t *count);

// The HTTP code of a status, from status.def.
unsigned rl_http_code(enum relief_status status);

// The type of a file by its extension.
const char *rl_media_type(const char *path);

#endif
