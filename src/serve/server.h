// SPDX-License-Identifier: MIT
//
// What the handlers share, and the handlers by the routes that lead to them (routes.c). A handler
// runs in a thread of its connection; it may wait, and answers through request->reply.
#ifndef RL_SERVE_SERVER_H
#define RL_SERVE_SERVER_H

#include "serve/desk.h"
#include "serve/http.h"
#include "serve/looker.h"
#include "serve/runner.h"
#include "serve/serve.h"

struct rl_server {
    struct rl_desk desk;
    struct rl_looker *looker;
    struct rl_runner *runner;
    struct rl_guard guard;
    struct rl_http *http;
    int64_t max_upload_bytes;
    char folder[4096];  // whose films may be named, resolved; empty = none
};

// Ends with a NULL method.
extern const struct rl_route rl_routes[];

// films.c
void rl_list_films(struct rl_request *request);
void rl_get_film(struct rl_request *request);
void rl_delete_film(struct rl_request *request);
void rl_get_film_content(struct rl_request *request);
void rl_probe_film(struct rl_request *request);
void rl_list_folder(struct rl_request *request);
void rl_name_film(struct rl_request *request);

// upload.c
void rl_upload_done(struct rl_request *request);
extern const struct rl_pieces rl_upload_pieces;

// previews.c
void rl_get_preview(struct rl_request *request);
void rl_get_thumbnail(struct rl_request *request);

// jobs.c
void rl_list_jobs(struct rl_request *request);
void rl_post_job(struct rl_request *request);
void rl_get_job(struct rl_request *request);
void rl_delete_job(struct rl_request *request);
void rl_cancel_job(struct rl_request *request);
void rl_pause_job(struct rl_request *request);
void rl_resume_job(struct rl_request *request);
void rl_retry_job(struct rl_request *request);
void rl_get_result(struct rl_request *request);

// events.c
void rl_get_events(struct rl_request *request);
void rl_get_job_events(struct rl_request *request);

// facts.c
void rl_get_options(struct rl_request *request);
void rl_get_models(struct rl_request *request);
void rl_get_health(struct rl_request *request);
void rl_get_page(struct rl_request *request);

// Bytes that may still be written to the data folder, with some left for the database.
int64_t rl_free_bytes(const struct rl_server *server);

#endif
