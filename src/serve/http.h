// SPDX-License-Identifier: MIT
//
// HTTP by libmicrohttpd, which no other file includes: from the socket to a handler and back.
//
// 1. Each connection has a thread: a handler may wait. There are at most 250, and one that stays
//    silent for a minute is dropped, so slow clients take threads, not the server.
// 2. Every request passes the guard (guard.h) before a byte of its body is looked at.
// 3. A body goes to the handler as JSON of at most 64 KiB, or in pieces as it comes (uploads);
//    nothing larger is held in memory.
// 4. Every answer forbids other sites to use it; pages may load nothing from elsewhere.
#ifndef RL_SERVE_HTTP_H
#define RL_SERVE_HTTP_H

#include "serve/guard.h"
#include "serve/reply.h"

struct rl_server;   // what the handlers share; see server.h
struct rl_request;  // one request, from its first line to the end of its answer
struct rl_http;

enum rl_body { RL_BODY_NONE, RL_BODY_JSON, RL_BODY_PIECES };

struct rl_route {
    const char *method;  // "GET" answers HEAD too
    const char *path;    // "{id}" stands for letters and digits
    enum rl_body body;
    void (*handle)(struct rl_request *request);  // gives request->reply; the body is complete
    const char *brief;
};

// Where the pieces of a body go.
struct rl_pieces {
    // `name` is the file name of a form's part, at whose beginning `begin` is true; NULL when the
    // body is the file. False: no more is wanted; `reply` says why, what still comes is dropped.
    bool (*write)(struct rl_request *request, const char *name, bool begin, const char *bytes,
                  size_t size);
    void (*abandon)(void *upload);  // the request ended before it was handled
};

struct rl_request {
    struct rl_server *server;
    const struct rl_route *route;
    const char *method;
    char path[256];
    char id[40];            // what stood for "{id}"
    json_t *json;           // the body, with RL_BODY_JSON: an object
    void *upload;           // with RL_BODY_PIECES: of the handlers
    int64_t content_bytes;  // as announced; -1 when it was not
    struct rl_reply reply;
    struct rl_http_side *side;  // of http.c
};

// NULL when there is none. The strings live as long as the request.
const char *rl_request_query(struct rl_request *request, const char *name);

// Calls `each` for every name in the query; the value of "?name" is "".
void rl_request_each_query(struct rl_request *request,
                           void (*each)(void *user, const char *name, const char *value),
                           void *user);

struct rl_http_params {
    const char *listen;
    int port;
    struct rl_server *server;
    struct rl_guard *guard;
    const struct rl_route *routes;  // ends with a NULL method
    struct rl_pieces pieces;
};

// Listens and answers from now on. Fails with RELIEF_E_ARGUMENT: no address, the port is taken.
enum relief_status rl_http_start(struct rl_http **http, const struct rl_http_params *params,
                                 struct relief_error *err);

int rl_http_port(const struct rl_http *http);

// Waits for all connections to end; streams must end of themselves before.
void rl_http_stop(struct rl_http **http);

// The route of a request, and its {id}. Without one: NULL, and *allowed names the methods that the
// path has ("" when there is no such path).
const struct rl_route *rl_route_find(const struct rl_route *routes, const char *method,
                                     const char *path, char *id, size_t id_size, char *allowed,
                                     size_t allowed_size);

#endif
