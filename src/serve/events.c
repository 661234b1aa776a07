// SPDX-License-Identifier: MIT
//
// Server-sent events: each job when it changes, as {"event: job", "data: the job"}, or "event:
// gone". A stream begins with what is there, so that a page which was reloaded, or lost the server
// for a while, knows everything after the first moment.
#include "base/json.h"
#include "base/str.h"
#include "serve/server.h"

#include <errno.h>
#include <time.h>

enum { BEAT_S = 15, GAP_MS = 100 };

struct events {
    struct rl_desk *desk;
    char id[RL_ID_LENGTH + 1];  // of the one job; empty = all
    uint64_t seen;              // the version up to which all was told
    char *text;                 // what waits to be sent
    size_t size, sent;
    bool last;  // the job is over: no more will come
};

// Takes over `data`.
static void add_event(FILE *out, const char *event, json_t *data)
{
    char *line = data ? json_dumps(data, JSON_COMPACT | JSON_REAL_PRECISION(13)) : NULL;
    if (line)
        fprintf(out, "event: %s\ndata: %s\n\n", event, line);
    free(line);
    json_decref(data);
}

// With the desk locked: what has changed since. False when nothing has.
static bool collect(struct events *events, FILE *out)
{
    bool any = false, found = false;
    for (const struct rl_job *job = events->desk->jobs; job; job = job->next) {
        bool mine = !events->id[0] || !strcmp(events->id, job->id);
        found = found || (mine && !job->deleted);
        if (!mine || (job->version <= events->seen && events->seen))
            continue;
        if (job->deleted && events->seen)
            add_event(out, "gone", json_pack("{ss}", "id", job->id));
        else if (!job->deleted)
            add_event(out, "job", rl_job_json(job));
        any = true;
        events->last = events->id[0] && (job->deleted || rl_job_is_over(job));
    }
    if (events->id[0] && !found)
        events->last = true;
    bool first = !events->seen;
    events->seen = events->desk->version;
    if (first)
        fprintf(out, "retry: 1000\nevent: ready\ndata: {}\n\n");
    return any || first;
}

// Waits until there is something to say, at the latest for a beat, by which broken connections are
// noticed. False when there is no more to come.
static bool fill(struct events *events)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += BEAT_S;
    free(events->text);
    events->text = NULL;
    events->size = events->sent = 0;
    FILE *out = open_memstream(&events->text, &events->size);
    if (!out)
        return false;
    bool more = true, waiting = true;
    rl_desk_lock(events->desk);
    while (more && waiting) {
        more = !events->desk->closing && !events->last;
        waiting = more && !collect(events, out);
        if (waiting &&
            pthread_cond_timedwait(&events->desk->changed, &events->desk->mutex, &until)) {
            fprintf(out, ": still here\n\n");
            waiting = false;
        }
    }
    rl_desk_unlock(events->desk);
    fclose(out);
    return more && events->text;
}

static size_t read_events(void *user, char *to, size_t size)
{
    struct events *events = user;
    // A burst of changes goes out as one.
    struct timespec gap = {0, GAP_MS * 1000000L};
    if (events->sent == events->size) {
        if (events->seen)
            nanosleep(&gap, NULL);
        if (!fill(events))
            return 0;
    }
    size_t some = events->size - events->sent < size ? events->size - events->sent : size;
    memcpy(to, events->text + events->sent, some);
    events->sent += some;
    return some;
}

static void close_events(void *user)
{
    struct events *events = user;
    free(events->text);
    free(events);
}

static void open_events(struct rl_request *request, const char *id)
{
    struct events *events = calloc(1, sizeof *events);
    if (!events) {
        rl_reply_error(&request->reply, 500, "memory", "out of memory");
        return;
    }
    events->desk = &request->server->desk;
    rl_str_copy(events->id, sizeof events->id, id);
    rl_reply_stream(&request->reply, "text/event-stream",
                    (struct rl_stream){read_events, close_events, events});
}

void rl_get_events(struct rl_request *request)
{
    open_events(request, "");
}

void rl_get_job_events(struct rl_request *request)
{
    rl_desk_lock(&request->server->desk);
    bool found = rl_job_find(&request->server->desk, request->id) != NULL;
    rl_desk_unlock(&request->server->desk);
    if (found)
        open_events(request, request->id);
    else
        rl_reply_error(&request->reply, 404, "id", "there is no such job");
}
