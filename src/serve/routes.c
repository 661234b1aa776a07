// SPDX-License-Identifier: MIT
#include "serve/server.h"

// The whole HTTP interface; docs/api.md and web/openapi.json say the same in more words.
const struct rl_route rl_routes[] = {
    {"GET", "/", RL_BODY_NONE, rl_get_page, "the page"},
    {"GET", "/app.js", RL_BODY_NONE, rl_get_page, "its program"},
    {"GET", "/words.js", RL_BODY_NONE, rl_get_page, "its words"},
    {"GET", "/form.js", RL_BODY_NONE, rl_get_page, "its form"},
    {"GET", "/units.js", RL_BODY_NONE, rl_get_page, "its numbers"},
    {"GET", "/preview.js", RL_BODY_NONE, rl_get_page, "its picture"},
    {"GET", "/player.js", RL_BODY_NONE, rl_get_page, "its player of results"},
    {"GET", "/style.css", RL_BODY_NONE, rl_get_page, "its looks"},
    {"GET", "/icon.svg", RL_BODY_NONE, rl_get_page, "its icon"},
    {"GET", "/api/openapi.json", RL_BODY_NONE, rl_get_page, "this interface, for programs"},

    {"GET", "/api/health", RL_BODY_NONE, rl_get_health, "is it well, and how busy"},
    {"GET", "/api/options", RL_BODY_NONE, rl_get_options, "what can be set"},
    {"GET", "/api/models", RL_BODY_NONE, rl_get_models, "depth networks that can be chosen"},

    {"POST", "/api/uploads", RL_BODY_PIECES, rl_upload_done, "bring a film"},
    {"GET", "/api/folder", RL_BODY_NONE, rl_list_folder, "films of the allowed folder"},
    {"GET", "/api/files", RL_BODY_NONE, rl_list_films, "films that were brought"},
    {"POST", "/api/files", RL_BODY_JSON, rl_name_film, "name a film of the allowed folder"},
    {"GET", "/api/files/{id}", RL_BODY_NONE, rl_get_film, "one film"},
    {"DELETE", "/api/files/{id}", RL_BODY_NONE, rl_delete_film, "forget a film"},
    {"GET", "/api/files/{id}/content", RL_BODY_NONE, rl_get_film_content, "its bytes"},
    {"GET", "/api/probe", RL_BODY_NONE, rl_probe_film, "what is in it"},
    {"GET", "/api/preview", RL_BODY_NONE, rl_get_preview, "one picture of it, as JPEG"},

    {"GET", "/api/jobs", RL_BODY_NONE, rl_list_jobs, "the queue, and what was done"},
    {"POST", "/api/jobs", RL_BODY_JSON, rl_post_job, "convert a film"},
    {"GET", "/api/events", RL_BODY_NONE, rl_get_events, "changes of all jobs, as they come"},
    {"GET", "/api/jobs/{id}", RL_BODY_NONE, rl_get_job, "one job"},
    {"DELETE", "/api/jobs/{id}", RL_BODY_NONE, rl_delete_job, "delete it and its result"},
    {"POST", "/api/jobs/{id}/cancel", RL_BODY_JSON, rl_cancel_job, "stop it"},
    {"POST", "/api/jobs/{id}/pause", RL_BODY_JSON, rl_pause_job, "let it wait"},
    {"POST", "/api/jobs/{id}/resume", RL_BODY_JSON, rl_resume_job, "let it go on"},
    {"POST", "/api/jobs/{id}/retry", RL_BODY_JSON, rl_retry_job, "begin anew"},
    {"GET", "/api/jobs/{id}/events", RL_BODY_NONE, rl_get_job_events, "its changes, to its end"},
    {"GET", "/api/jobs/{id}/thumbnail", RL_BODY_NONE, rl_get_thumbnail, "where it is, as JPEG"},
    {"GET", "/api/jobs/{id}/result", RL_BODY_NONE, rl_get_result, "the converted film"},
    {0},
};
