// SPDX-License-Identifier: MIT
#include "serve/http.h"

#include "base/str.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <time.h>

enum {
    CONNECTIONS = 250,
    SILENCE_S = 60,
    JSON_BYTES = 64 << 10,
    DRAIN_BYTES = 1 << 20,  // a refused body up to this size is read, so that the answer arrives
    POST_BYTES = 64 << 10,
    STREAM_BYTES = 32 << 10,
};

static const char policy[] = "default-src 'none'; script-src 'self'; style-src 'self'; "
                             "img-src 'self' blob: data:; media-src 'self' blob:; "
                             "connect-src 'self'; base-uri 'none'; form-action 'none'; "
                             "frame-ancestors 'none'";

struct rl_http {
    struct rl_http_params params;
    struct MHD_Daemon *daemon;
    int port;
};

// What http.c keeps of a request.
struct rl_http_side {
    struct MHD_Connection *connection;
    const struct rl_http *http;
    struct MHD_PostProcessor *form;
    char *body;
    size_t body_size;
    bool refused;  // the reply is made, what comes of the body is dropped
};

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static const char *header(struct rl_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->side->connection, MHD_HEADER_KIND, name);
}

const char *rl_request_query(struct rl_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->side->connection, MHD_GET_ARGUMENT_KIND, name);
}

struct each {
    void (*call)(void *user, const char *name, const char *value);
    void *user;
};

static enum MHD_Result pass_query(void *user, enum MHD_ValueKind kind, const char *name,
                                  const char *value)
{
    const struct each *each = user;
    (void)kind;
    each->call(each->user, name ? name : "", value ? value : "");
    return MHD_YES;
}

void rl_request_each_query(struct rl_request *request,
                           void (*call)(void *user, const char *name, const char *value),
                           void *user)
{
    struct each each = {call, user};
    MHD_get_connection_values(request->side->connection, MHD_GET_ARGUMENT_KIND, pass_query, &each);
}

// ---- The guard

static void client_address(struct rl_request *request, char *text, size_t size)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(
        request->side->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *address = info ? info->client_addr : NULL;
    rl_str_copy(text, size, "unknown");
    if (address && address->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)address)->sin_addr, text,
                  (socklen_t)size);
    else if (address && address->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, text,
                  (socklen_t)size);
}

// "/?token=T" as the server prints it: the browser keeps the token as a cookie, out of the address.
static bool take_token(struct rl_request *request, const struct rl_guard *guard)
{
    const char *token = rl_request_query(request, "token");
    char bearer[RL_TOKEN_MAX + 8];
    if (!token || strcmp(request->path, "/") != 0 || !guard->token[0])
        return false;
    snprintf(bearer, sizeof bearer, "Bearer %.*s", RL_TOKEN_MAX, token);
    if (!rl_guard_token(guard, bearer, NULL))
        return false;
    rl_reply_fixed(&request->reply, "text/plain", "", 0);
    request->reply.status = 303;
    rl_reply_header(&request->reply, "Location", "/");
    rl_reply_header(&request->reply, "Set-Cookie", "%s=%s; HttpOnly; SameSite=Strict; Path=/",
                    guard->cookie, guard->token);
    return true;
}

// False: the reply says why.
static bool pass_guard(struct rl_request *request)
{
    struct rl_guard *guard = request->side->http->params.guard;
    struct rl_reply *reply = &request->reply;
    const char *host = header(request, "Host");
    char address[64];
    client_address(request, address, sizeof address);
    if (!rl_guard_host(guard, host)) {
        rl_reply_error(reply, 403, "host", "this server does not go by that name");
        return false;
    }
    if (!rl_guard_origin(header(request, "Origin"), host, header(request, "Sec-Fetch-Site")) &&
        (strcmp(request->method, "GET") != 0 || strcmp(request->path, "/") != 0)) {
        rl_reply_error(reply, 403, "origin", "requests of other sites are refused");
        return false;
    }
    // What takes room: films and jobs, but not the handling of jobs.
    bool upload = !strcmp(request->method, "POST") && !rl_str_starts(request->path, "/api/jobs/");
    if (!rl_guard_rate(guard, address, upload, now_s())) {
        rl_reply_error(reply, 429, "rate", "too many requests: wait a moment");
        rl_reply_header(reply, "Retry-After", "2");
        return false;
    }
    if (take_token(request, guard))
        return false;
    const char *cookie = MHD_lookup_connection_value(request->side->connection, MHD_COOKIE_KIND,
                                                     guard->cookie);
    if (!rl_guard_token(guard, header(request, "Authorization"), cookie)) {
        rl_reply_error(reply, 401, "token",
                       "a token is needed: open the address that relief serve has printed");
        rl_reply_header(reply, "WWW-Authenticate", "Bearer");
        return false;
    }
    return true;
}

// ---- The answer

static ssize_t read_stream(void *user, uint64_t position, char *to, size_t size)
{
    struct rl_stream *stream = user;
    (void)position;
    size_t got = stream->read(stream->user, to, size);
    return got ? (ssize_t)got : MHD_CONTENT_READER_END_OF_STREAM;
}

static void close_stream(void *user)
{
    struct rl_stream *stream = user;
    stream->close(stream->user);
    free(stream);
}

static struct MHD_Response *stream_response(struct rl_reply *reply)
{
    struct rl_stream *stream = malloc(sizeof *stream);
    if (!stream)
        return NULL;
    *stream = reply->stream;
    reply->stream = (struct rl_stream){0};
    struct MHD_Response *response = MHD_create_response_from_callback(
        MHD_SIZE_UNKNOWN, STREAM_BYTES, read_stream, stream, close_stream);
    if (!response)
        close_stream(stream);
    return response;
}

// The whole file, or the range that was asked for.
static struct MHD_Response *file_response(struct rl_request *request)
{
    struct rl_reply *reply = &request->reply;
    int64_t first = 0, count = reply->file_bytes, from, some;
    const char *tag = header(request, "If-Range");
    bool unchanged = !tag || (reply->header_count > 1 && !strcmp(tag, reply->headers[1].value));
    if (unchanged && rl_parse_range(header(request, "Range"), reply->file_bytes, &from, &some)) {
        if (!some) {
            rl_reply_error(reply, 416, "range", "the file has no such range");
            rl_reply_header(reply, "Content-Range", "bytes */%lld", (long long)count);
            return MHD_create_response_from_buffer(reply->size, (void *)(uintptr_t)reply->bytes,
                                                   MHD_RESPMEM_MUST_COPY);
        }
        rl_reply_header(reply, "Content-Range", "bytes %lld-%lld/%lld", (long long)from,
                        (long long)(from + some - 1), (long long)count);
        reply->status = 206;
        first = from;
        count = some;
    }
    struct MHD_Response *response = MHD_create_response_from_fd_at_offset64(
        (uint64_t)count, reply->fd, (uint64_t)first);
    if (response)
        reply->is_file = false;  // the descriptor is the response's now
    return response;
}

static struct MHD_Response *make_response(struct rl_request *request)
{
    struct rl_reply *reply = &request->reply;
    if (reply->stream.read)
        return stream_response(reply);
    if (reply->is_file)
        return file_response(request);
    struct MHD_Response *response = MHD_create_response_from_buffer(
        reply->size, (void *)(uintptr_t)reply->bytes,
        reply->owns_bytes ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
    if (response)
        reply->owns_bytes = false;
    return response;
}

static void add_headers(struct MHD_Response *response, const struct rl_reply *reply)
{
    static const char *const always[][2] = {
        {"Content-Security-Policy", policy},
        {"X-Content-Type-Options", "nosniff"},
        {"Referrer-Policy", "no-referrer"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"X-Frame-Options", "DENY"},
    };
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        MHD_add_response_header(response, always[i][0], always[i][1]);
    if (reply->type)
        MHD_add_response_header(response, "Content-Type", reply->type);
    bool cached = false;
    for (int i = 0; i < reply->header_count; i++) {
        MHD_add_response_header(response, reply->headers[i].name, reply->headers[i].value);
        cached = cached || !strcmp(reply->headers[i].name, "Cache-Control");
    }
    if (!cached)
        MHD_add_response_header(response, "Cache-Control", "no-store");
}

static enum MHD_Result send_reply(struct rl_request *request)
{
    struct rl_reply *reply = &request->reply;
    if (!reply->status)
        rl_reply_error(reply, 500, "failed", "nothing was answered");
    struct MHD_Response *response = make_response(request);
    if (!response)
        return MHD_NO;
    add_headers(response, reply);
    enum MHD_Result result = MHD_queue_response(request->side->connection, reply->status, response);
    MHD_destroy_response(response);
    return result;
}

// ---- The body

static void refuse(struct rl_request *request)
{
    request->side->refused = true;
}

static enum MHD_Result take_part(void *user, enum MHD_ValueKind kind, const char *key,
                                 const char *filename, const char *type, const char *encoding,
                                 const char *bytes, uint64_t offset, size_t size)
{
    struct rl_request *request = user;
    (void)kind, (void)key, (void)type, (void)encoding;
    if (!filename || request->side->refused)
        return MHD_YES;
    if (!request->side->http->params.pieces.write(request, filename, offset == 0, bytes, size))
        refuse(request);
    return MHD_YES;
}

static void take_json(struct rl_request *request, const char *bytes, size_t size)
{
    struct rl_http_side *side = request->side;
    if (side->body_size + size > JSON_BYTES) {
        rl_reply_error(&request->reply, 413, "size", "the body is too large");
        refuse(request);
        return;
    }
    if (!side->body)
        side->body = malloc(JSON_BYTES);
    if (!side->body) {
        rl_reply_error(&request->reply, 500, "memory", "out of memory");
        refuse(request);
        return;
    }
    memcpy(side->body + side->body_size, bytes, size);
    side->body_size += size;
}

static void take_body(struct rl_request *request, const char *bytes, size_t size)
{
    struct rl_http_side *side = request->side;
    if (side->refused || request->route->body == RL_BODY_NONE)
        return;
    if (request->route->body == RL_BODY_JSON) {
        take_json(request, bytes, size);
    } else if (side->form) {
        if (MHD_post_process(side->form, bytes, size) == MHD_NO && !side->refused) {
            rl_reply_error(&request->reply, 400, "argument", "the form cannot be understood");
            refuse(request);
        }
    } else if (!side->http->params.pieces.write(request, NULL, false, bytes, size)) {
        refuse(request);
    }
}

static void parse_json(struct rl_request *request)
{
    json_error_t why;
    struct rl_http_side *side = request->side;
    if (!side->body_size)
        request->json = json_object();
    else
        request->json = json_loadb(side->body, side->body_size, JSON_REJECT_DUPLICATES, &why);
    if (json_is_object(request->json))
        return;
    if (request->json)
        rl_reply_error(&request->reply, 400, "argument", "the body is no JSON object");
    else
        rl_reply_error(&request->reply, 400, "argument", "the body is no JSON: %s", why.text);
    refuse(request);
}

// ---- From the first line to the last

static bool begin_body(struct rl_request *request)
{
    struct rl_http_side *side = request->side;
    const char *type = header(request, "Content-Type");
    if (request->route->body != RL_BODY_PIECES || !type || strncasecmp(type, "multipart/", 10) != 0)
        return true;
    side->form = MHD_create_post_processor(side->connection, POST_BYTES, take_part, request);
    if (!side->form)
        rl_reply_error(&request->reply, 400, "argument", "the form has no boundary");
    return side->form != NULL;
}

static bool find_route(struct rl_request *request)
{
    char allowed[64];
    request->route = rl_route_find(request->side->http->params.routes, request->method,
                                   request->path, request->id, sizeof request->id, allowed,
                                   sizeof allowed);
    if (request->route)
        return true;
    if (!*allowed) {
        rl_reply_error(&request->reply, 404, "path", "there is nothing at %.200s", request->path);
        return false;
    }
    rl_reply_error(&request->reply, 405, "method", "%.20s: not here, but %s", request->method,
                   allowed);
    rl_reply_header(&request->reply, "Allow", "%s", allowed);
    return false;
}

static struct rl_request *begin(struct rl_http *http, struct MHD_Connection *connection,
                                const char *method, const char *path)
{
    struct rl_request *request = calloc(1, sizeof *request);
    struct rl_http_side *side = calloc(1, sizeof *side);
    if (!request || !side) {
        free(request);
        free(side);
        return NULL;
    }
    side->connection = connection;
    side->http = http;
    request->side = side;
    request->server = http->params.server;
    request->method = method;
    rl_str_copy(request->path, sizeof request->path, path);
    const char *length = header(request, "Content-Length");
    request->content_bytes = length ? strtoll(length, NULL, 10) : -1;
    side->refused = !pass_guard(request) || !find_route(request) || !begin_body(request);
    return request;
}

static enum MHD_Result answer(void *user, struct MHD_Connection *connection, const char *path,
                              const char *method, const char *version, const char *bytes,
                              size_t *size, void **state)
{
    struct rl_request *request = *state;
    (void)version;
    if (!request) {
        *state = request = begin(user, connection, method, path);
        if (!request)
            return MHD_NO;
        bool large = request->content_bytes > DRAIN_BYTES;
        return request->side->refused && large ? send_reply(request) : MHD_YES;
    }
    if (*size) {
        take_body(request, bytes, *size);
        *size = 0;
        return MHD_YES;
    }
    if (!request->side->refused && request->route->body == RL_BODY_JSON)
        parse_json(request);
    if (request->side->form) {
        MHD_destroy_post_processor(request->side->form);
        request->side->form = NULL;
    }
    if (!request->side->refused)
        request->route->handle(request);
    return send_reply(request);
}

static void completed(void *user, struct MHD_Connection *connection, void **state,
                      enum MHD_RequestTerminationCode why)
{
    struct rl_http *http = user;
    struct rl_request *request = *state;
    (void)connection, (void)why;
    *state = NULL;
    if (!request)
        return;
    if (request->side->form)
        MHD_destroy_post_processor(request->side->form);
    if (request->upload)
        http->params.pieces.abandon(request->upload);
    rl_reply_clear(&request->reply);
    json_decref(request->json);
    free(request->side->body);
    free(request->side);
    free(request);
}

// ---- Start and stop

static enum relief_status parse_address(const char *listen, int port, struct sockaddr_storage *to,
                                        struct relief_error *err)
{
    struct sockaddr_in *ip4 = (struct sockaddr_in *)(void *)to;
    struct sockaddr_in6 *ip6 = (struct sockaddr_in6 *)(void *)to;
    const char *text = strcmp(listen, "localhost") ? listen : "127.0.0.1";
    *to = (struct sockaddr_storage){0};
    if (inet_pton(AF_INET, text, &ip4->sin_addr) == 1) {
        ip4->sin_family = AF_INET;
        ip4->sin_port = htons((uint16_t)port);
        return RELIEF_OK;
    }
    *to = (struct sockaddr_storage){0};
    if (inet_pton(AF_INET6, text, &ip6->sin6_addr) == 1) {
        ip6->sin6_family = AF_INET6;
        ip6->sin6_port = htons((uint16_t)port);
        return RELIEF_OK;
    }
    return rl_fail(err, RELIEF_E_ARGUMENT, "--listen: '%s' is no IP address", listen);
}

enum relief_status rl_http_start(struct rl_http **out, const struct rl_http_params *params,
                                 struct relief_error *err)
{
    struct sockaddr_storage address;
    *out = NULL;
    enum relief_status status = parse_address(params->listen, params->port, &address, err);
    struct rl_http *http = status == RELIEF_OK ? calloc(1, sizeof *http) : NULL;
    if (!http)
        return status == RELIEF_OK ? rl_fail_memory(err) : status;
    http->params = *params;
    unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD |
                     MHD_USE_POLL | MHD_USE_ITC;
    if (address.ss_family == AF_INET6)
        flags |= MHD_USE_IPv6;
    errno = 0;
    http->daemon = MHD_start_daemon(flags, (uint16_t)params->port, NULL, NULL, answer, http,
                                    MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address,
                                    MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,
                                    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SILENCE_S,
                                    MHD_OPTION_NOTIFY_COMPLETED, completed, http, MHD_OPTION_END);
    if (!http->daemon) {
        free(http);
        rl_fail_errno(err, RELIEF_E_ARGUMENT, errno ? errno : EADDRINUSE,
                      "%s port %d: cannot listen", params->listen, params->port);
        rl_hint(err, "--port 0 takes any that is free");
        return RELIEF_E_ARGUMENT;
    }
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_BIND_PORT);
    http->port = info ? info->port : params->port;
    *out = http;
    return RELIEF_OK;
}

int rl_http_port(const struct rl_http *http)
{
    return http->port;
}

void rl_http_stop(struct rl_http **http)
{
    struct rl_http *h = *http;
    *http = NULL;
    if (!h)
        return;
    MHD_stop_daemon(h->daemon);
    free(h);
}
