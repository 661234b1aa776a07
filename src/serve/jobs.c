// SPDX-License-Identifier: MIT
//
// Jobs: ask for one, look after it, take its result.
#include "base/file.h"
#include "base/str.h"
#include "serve/server.h"
#include "serve/settings.h"

#include <time.h>
#include <unistd.h>

// With the desk locked; NULL: the reply says so.
static struct rl_job *find(struct rl_request *request)
{
    struct rl_job *job = rl_job_find(&request->server->desk, request->id);
    if (!job)
        rl_reply_error(&request->reply, 404, "id", "there is no such job");
    return job;
}

static void refuse(struct rl_request *request, const struct rl_job *job, const char *what)
{
    rl_reply_error(&request->reply, 409, "state", "a job that is %s cannot be %s",
                   rl_job_state_name(job->state), what);
}

// Stores a change of state, and answers with the job.
static void answer(struct rl_request *request, struct rl_job *job, unsigned status)
{
    struct relief_error err = {0};
    if (rl_job_save(&request->server->desk, job, &err) == RELIEF_OK)
        rl_reply_json(&request->reply, status, rl_job_json(job));
    else
        rl_reply_failure(&request->reply, &err);
}

void rl_list_jobs(struct rl_request *request)
{
    struct rl_desk *desk = &request->server->desk;
    json_t *list = json_array();
    rl_desk_lock(desk);
    for (const struct rl_job *job = desk->jobs; job; job = job->next)
        if (!job->deleted)
            json_array_append_new(list, rl_job_json(job));
    rl_desk_unlock(desk);
    rl_reply_json(&request->reply, 200, list ? json_pack("{so}", "jobs", list) : NULL);
}

void rl_get_job(struct rl_request *request)
{
    rl_desk_lock(&request->server->desk);
    const struct rl_job *job = find(request);
    if (job)
        rl_reply_json(&request->reply, 200, rl_job_json(job));
    rl_desk_unlock(&request->server->desk);
}

// {"id": FILM, "options": {...}}, and nothing else: a misspelt word is not passed over.
static bool check_words(struct rl_request *request)
{
    const char *name;
    json_t *value;
    json_object_foreach(request->json, name, value)
    {
        if (strcmp(name, "id") != 0 && strcmp(name, "options") != 0) {
            rl_reply_error(&request->reply, 400, "argument", "%.64s: there is no such word", name);
            return false;
        }
    }
    const json_t *options = json_object_get(request->json, "options");
    if (options && !json_is_object(options)) {
        rl_reply_error(&request->reply, 400, "argument", "options: is no object");
        return false;
    }
    if (!json_is_string(json_object_get(request->json, "id"))) {
        rl_reply_error(&request->reply, 400, "argument", "id: is missing");
        return false;
    }
    return true;
}

void rl_post_job(struct rl_request *request)
{
    struct relief_error err = {0};
    struct relief_params params;
    struct rl_desk *desk = &request->server->desk;
    json_t *plain = NULL;
    if (!check_words(request))
        return;
    if (rl_settings_read(json_object_get(request->json, "options"), &params, &plain, &err) !=
        RELIEF_OK) {
        rl_reply_failure(&request->reply, &err);
        return;
    }
    rl_desk_lock(desk);
    const struct rl_film *film = rl_film_find(
        desk, json_string_value(json_object_get(request->json, "id")));
    const struct rl_job *job = film && film->complete ? rl_job_add(desk, film, plain, &err) : NULL;
    if (job) {
        rl_reply_json(&request->reply, 201, rl_job_json(job));
        rl_reply_header(&request->reply, "Location", "/api/jobs/%s", job->id);
    } else if (err.status != RELIEF_OK) {
        rl_reply_failure(&request->reply, &err);
    } else {
        rl_reply_error(&request->reply, 404, "id", "there is no such film");
    }
    rl_desk_unlock(desk);
    json_decref(plain);
}

// With the desk locked: a conversion that runs is asked to end; others are over at once.
static void stop(struct rl_job *job)
{
    if (job->process > 0) {
        job->stop = true;
        rl_runner_signal(job);
    } else {
        job->state = RL_JOB_CANCELLED;
        job->finished_s = rl_now_s();
    }
}

void rl_cancel_job(struct rl_request *request)
{
    rl_desk_lock(&request->server->desk);
    struct rl_job *job = find(request);
    if (job && rl_job_is_over(job)) {
        refuse(request, job, "cancelled");
    } else if (job) {
        stop(job);
        answer(request, job, 200);
    }
    rl_desk_unlock(&request->server->desk);
}

void rl_pause_job(struct rl_request *request)
{
    rl_desk_lock(&request->server->desk);
    struct rl_job *job = find(request);
    if (job && ((job->state != RL_JOB_QUEUED && job->state != RL_JOB_RUNNING) || job->stop)) {
        refuse(request, job, "paused");
    } else if (job) {
        job->state = RL_JOB_PAUSED;
        rl_runner_signal(job);
        answer(request, job, 200);
    }
    rl_desk_unlock(&request->server->desk);
}

void rl_resume_job(struct rl_request *request)
{
    rl_desk_lock(&request->server->desk);
    struct rl_job *job = find(request);
    if (job && (job->state != RL_JOB_PAUSED || job->stop)) {
        refuse(request, job, "resumed");
    } else if (job) {
        job->state = job->process > 0 ? RL_JOB_RUNNING : RL_JOB_QUEUED;
        rl_runner_signal(job);
        answer(request, job, 200);
    }
    rl_desk_unlock(&request->server->desk);
}

void rl_retry_job(struct rl_request *request)
{
    rl_desk_lock(&request->server->desk);
    struct rl_job *job = find(request);
    if (job && job->state != RL_JOB_FAILED && job->state != RL_JOB_CANCELLED) {
        refuse(request, job, "tried again");
    } else if (job && !rl_path_exists(job->film_path)) {
        rl_reply_error(&request->reply, 409, "gone", "its film is not there any more");
    } else if (job) {
        job->state = RL_JOB_QUEUED;
        job->frames = job->total = 0;
        job->started_s = job->finished_s = 0;
        answer(request, job, 200);
    }
    rl_desk_unlock(&request->server->desk);
}

// With the desk locked, which waiting leaves: until the conversion has ended.
static bool await_end(struct rl_desk *desk, const struct rl_job *job)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += 15;
    while (job->process > 0)
        if (pthread_cond_timedwait(&desk->changed, &desk->mutex, &until))
            break;
    return job->process == 0;
}

void rl_delete_job(struct rl_request *request)
{
    struct relief_error err = {0};
    struct rl_desk *desk = &request->server->desk;
    rl_desk_lock(desk);
    struct rl_job *job = find(request);
    if (job && !rl_job_is_over(job)) {
        stop(job);
        rl_job_tell(desk, job);
    }
    if (job && !await_end(desk, job))
        rl_reply_error(&request->reply, 409, "busy", "the conversion does not end: try again");
    else if (job && (job->deleted || rl_job_remove(desk, job, &err) == RELIEF_OK))
        rl_reply_nothing(&request->reply);
    else if (job)
        rl_reply_failure(&request->reply, &err);
    rl_desk_unlock(desk);
}

// "film_3d.mp4" of "film.mkv" and "output_3d_video.mp4".
static void own_name(const struct rl_job *job, char *name, size_t size)
{
    const char *extension = rl_path_extension(job->film_name);
    size_t stem = *extension ? (size_t)(extension - 1 - job->film_name) : strlen(job->film_name);
    snprintf(name, size, "%.*s_3d.%s", (int)(stem < 200 ? stem : 200), job->film_name,
             rl_path_extension(job->output));
}

// ?download=1 saves it as output_3d_video.mp4, ?download=name as NAME_3d.EXT.
void rl_get_result(struct rl_request *request)
{
    char path[4400], name[256] = "";
    bool done = false;
    const char *download = rl_request_query(request, "download");
    rl_desk_lock(&request->server->desk);
    const struct rl_job *job = find(request);
    if (job) {
        done = job->state == RL_JOB_DONE &&
               rl_job_result(&request->server->desk, job, path, sizeof path);
        if (download && !strcmp(download, "name"))
            own_name(job, name, sizeof name);
        else if (download)
            rl_str_copy(name, sizeof name, job->output);
    }
    rl_desk_unlock(&request->server->desk);
    if (done)
        rl_reply_file(&request->reply, path, rl_media_type(path), download ? name : NULL);
    else if (job)
        rl_reply_error(&request->reply, 409, "state", "there is no result yet");
}
