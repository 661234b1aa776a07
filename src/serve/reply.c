// SPDX-License-Identifier: MIT
#include "serve/reply.h"

#include "base/file.h"
#include "base/str.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdarg.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

void rl_reply_clear(struct rl_reply *reply)
{
    if (reply->owns_bytes)
        free((void *)(uintptr_t)reply->bytes);
    if (reply->is_file)
        close(reply->fd);
    if (reply->stream.close)
        reply->stream.close(reply->stream.user);
    *reply = (struct rl_reply){0};
}

void rl_reply_fixed(struct rl_reply *reply, const char *type, const void *bytes, size_t size)
{
    rl_reply_clear(reply);
    reply->status = 200;
    reply->type = type;
    reply->bytes = bytes;
    reply->size = size;
}

void rl_reply_bytes(struct rl_reply *reply, const char *type, void *bytes, size_t size)
{
    rl_reply_fixed(reply, type, bytes, size);
    reply->owns_bytes = true;
}

void rl_reply_json(struct rl_reply *reply, unsigned status, json_t *value)
{
    static const char memory[] =
        "{\"error\": {\"code\": \"memory\", \"message\": \"out of memory\"}}";
    char *text = value ? json_dumps(value, JSON_REAL_PRECISION(13) | JSON_INDENT(2)) : NULL;
    json_decref(value);
    if (text) {
        rl_reply_bytes(reply, "application/json", text, strlen(text));
        reply->status = status;
    } else {
        rl_reply_fixed(reply, "application/json", memory, sizeof memory - 1);
        reply->status = 500;
    }
}

void rl_reply_nothing(struct rl_reply *reply)
{
    rl_reply_fixed(reply, NULL, "", 0);
    reply->status = 204;
}

static void answer(struct rl_reply *reply, unsigned status, const char *code, const char *message,
                   const char *hint)
{
    json_t *error = json_pack("{ss so}", "code", code, "message", rl_json_text(message));
    if (error && hint && *hint)
        json_object_set_new(error, "hint", rl_json_text(hint));
    rl_reply_json(reply, status, error ? json_pack("{so}", "error", error) : NULL);
}

void rl_reply_error(struct rl_reply *reply, unsigned status, const char *code, const char *format,
                    ...)
{
    char message[640];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    answer(reply, status, code, message, NULL);
}

unsigned rl_http_code(enum relief_status status)
{
#define STATUS(name, word, exit_code, http_code) [name] = http_code,
    static const unsigned codes[] = {
#include "base/status.def"
    };
#undef STATUS
    return (size_t)status < sizeof codes / sizeof *codes ? codes[status] : 500;
}

void rl_reply_failure(struct rl_reply *reply, const struct relief_error *err)
{
    answer(reply, rl_http_code(err->status), relief_status_name(err->status), err->message,
           err->hint);
}

void rl_reply_header(struct rl_reply *reply, const char *name, const char *format, ...)
{
    va_list args;
    if (reply->header_count == RL_REPLY_HEADERS)
        return;
    int i = reply->header_count++;
    reply->headers[i].name = name;
    va_start(args, format);
    vsnprintf(reply->headers[i].value, sizeof reply->headers[i].value, format, args);
    va_end(args);
}

// A name that any header takes, and the whole one for browsers that know RFC 5987.
static void name_download(struct rl_reply *reply, const char *name)
{
    char plain[200], whole[420] = "";
    rl_str_copy(plain, sizeof plain, name);
    for (char *c = plain; *c; c++)
        if ((unsigned char)*c < 32 || (unsigned char)*c > 126 || *c == '"' || *c == '\\')
            *c = '_';
    for (const char *c = name; *c; c++)
        if (isalnum((unsigned char)*c) || strchr("-_.", *c))
            rl_str_add(whole, sizeof whole, "%c", *c);
        else
            rl_str_add(whole, sizeof whole, "%%%02X", (unsigned char)*c);
    rl_reply_header(reply, "Content-Disposition",
                    "attachment; filename=\"%s\"; filename*=UTF-8''%s", plain, whole);
}

void rl_reply_file(struct rl_reply *reply, const char *path, const char *type, const char *name)
{
    struct stat info;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &info) || !S_ISREG(info.st_mode)) {
        if (fd >= 0)
            close(fd);
        rl_reply_error(reply, 404, "gone", "the file is not there any more");
        return;
    }
    rl_reply_fixed(reply, type, NULL, 0);
    reply->is_file = true;
    reply->fd = fd;
    reply->file_bytes = info.st_size;
    rl_reply_header(reply, "Accept-Ranges", "bytes");
    rl_reply_header(reply, "ETag", "\"%llx-%llx-%lx\"", (unsigned long long)info.st_size,
                    (unsigned long long)info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
    if (name)
        name_download(reply, name);
}

void rl_reply_stream(struct rl_reply *reply, const char *type, struct rl_stream stream)
{
    rl_reply_fixed(reply, type, NULL, 0);
    reply->stream = stream;
}

// Digits up to `end`; false when there are none, or too many to be a size.
static bool parse_digits(const char **text, int64_t *value)
{
    const char *begin = *text;
    for (*value = 0; isdigit((unsigned char)**text); (*text)++) {
        if (*text - begin >= 18)
            return false;
        *value = *value * 10 + (**text - '0');
    }
    return *text > begin;
}

bool rl_parse_range(const char *header, int64_t size, int64_t *first, int64_t *count)
{
    int64_t last = size - 1;
    *count = 0;
    *first = 0;
    if (!header || !rl_str_starts(header, "bytes="))
        return false;
    const char *text = header + 6;
    if (*text == '-') {
        int64_t tail;
        text++;
        if (!parse_digits(&text, &tail) || *text)
            return false;
        *first = tail < size ? size - tail : 0;
        *count = tail > 0 ? size - *first : 0;
        return true;
    }
    if (!parse_digits(&text, first) || *text++ != '-')
        return false;
    if (*text && (!parse_digits(&text, &last) || *text || last < *first))
        return false;
    if (*first < size)
        *count = (last < size ? last : size - 1) - *first + 1;
    return true;
}

const char *rl_media_type(const char *path)
{
    static const char *const types[][2] = {
        {"mp4", "video/mp4"},  {"m4v", "video/mp4"},   {"mkv", "video/x-matroska"},
        {"mov", "video/mp4"},  {"webm", "video/webm"}, {"png", "image/png"},
        {"jpg", "image/jpeg"}, {"jpeg", "image/jpeg"}, {"webp", "image/webp"},
        {"tif", "image/tiff"}, {"tiff", "image/tiff"},
    };
    const char *extension = rl_path_extension(path);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (!strcasecmp(extension, types[i][0]))
            return types[i][1];
    return "application/octet-stream";
}
