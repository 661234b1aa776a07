// SPDX-License-Identifier: MIT
//
// What does not depend on films and jobs: the page's files, the option table, models, health.
#include "base/json.h"
#include "serve/assets.h"
#include "serve/server.h"
#include "serve/settings.h"

enum { MODELS_MAX = 64 };

void rl_get_page(struct rl_request *request)
{
    for (const struct rl_asset *asset = rl_assets; asset->path; asset++)
        if (!strcmp(asset->path, request->path)) {
            rl_reply_fixed(&request->reply, asset->type, asset->bytes, asset->size);
            rl_reply_header(&request->reply, "ETag", "\"%s\"", asset->tag);
            rl_reply_header(&request->reply, "Cache-Control", "no-cache");
            return;
        }
    rl_reply_error(&request->reply, 404, "path", "there is nothing here");
}

void rl_get_options(struct rl_request *request)
{
    json_t *table = rl_settings_table();
    rl_reply_json(&request->reply, 200, table ? json_pack("{so}", "options", table) : NULL);
}

static json_t *model_json(const struct relief_model_info *model)
{
    static const char *const states[] = {"missing", "partial", "present"};
    return json_pack("{ss so ss sb ss sI}", "name", model->name, "description",
                     rl_json_text(model->description), "licence", model->licence, "non_commercial",
                     model->non_commercial, "state", states[model->state], "bytes",
                     (json_int_t)model->bytes);
}

// What relief models lists; fetching one is left to the machine's owner.
void rl_get_models(struct rl_request *request)
{
    struct relief_context *ctx = NULL;
    struct relief_error err = {0};
    struct relief_model_info *models = calloc(MODELS_MAX, sizeof *models);
    json_t *list = json_array();
    size_t count = 0;
    enum relief_status status = models && list ? relief_context_create(&ctx, NULL, &err)
                                               : rl_fail_memory(&err);
    if (status == RELIEF_OK)
        status = relief_models(ctx, models, MODELS_MAX, &count, &err);
    for (size_t i = 0; status == RELIEF_OK && i < count && i < MODELS_MAX; i++)
        json_array_append_new(list, model_json(&models[i]));
    relief_context_free(&ctx);
    free(models);
    if (status == RELIEF_OK) {
        rl_reply_json(&request->reply, 200, json_pack("{so}", "models", list));
    } else {
        rl_reply_failure(&request->reply, &err);
        json_decref(list);
    }
}

void rl_get_health(struct rl_request *request)
{
    struct rl_server *server = request->server;
    json_int_t counts[RL_JOB_STATES] = {0}, films = 0;
    json_t *jobs = json_object();
    rl_desk_lock(&server->desk);
    for (const struct rl_job *job = server->desk.jobs; job; job = job->next)
        counts[job->state] += !job->deleted;
    for (const struct rl_film *film = server->desk.films; film; film = film->next)
        films += film->complete;
    rl_desk_unlock(&server->desk);
    for (int i = 0; i < RL_JOB_STATES; i++)
        json_object_set_new(jobs, rl_job_state_name((enum rl_job_state)i), json_integer(counts[i]));
    rl_reply_json(&request->reply, 200,
                  json_pack("{ss ss so sI sI sI sb}", "status", "ok", "version", relief_version(),
                            "jobs", jobs, "files", films, "free_bytes",
                            (json_int_t)rl_free_bytes(server), "max_upload_bytes",
                            (json_int_t)server->max_upload_bytes, "folder",
                            server->folder[0] != 0));
}
