// SPDX-License-Identifier: MIT
#include "serve/desk.h"

#include "base/file.h"
#include "base/json.h"
#include "base/str.h"
#include "serve/guard.h"
#include "serve/store.h"

#include <dirent.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char *const state_names[RL_JOB_STATES] = {"queued", "running", "paused",
                                                       "done",   "failed",  "cancelled"};

const char *rl_job_state_name(enum rl_job_state state)
{
    return state_names[state];
}

bool rl_job_is_over(const struct rl_job *job)
{
    return job->state >= RL_JOB_DONE;
}

double rl_now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

void rl_desk_lock(struct rl_desk *desk)
{
    pthread_mutex_lock(&desk->mutex);
}

void rl_desk_unlock(struct rl_desk *desk)
{
    pthread_mutex_unlock(&desk->mutex);
}

static void free_film(struct rl_film *film)
{
    json_decref(film->info);
    free(film);
}

static void free_job(struct rl_job *job)
{
    json_decref(job->options);
    json_decref(job->log);
    free(job);
}

// ---- Opening

// What became of jobs while nobody looked.
static enum relief_status resume_jobs(struct rl_desk *desk, struct relief_error *err)
{
    enum relief_status status = RELIEF_OK;
    for (struct rl_job *job = desk->jobs; job && status == RELIEF_OK; job = job->next) {
        if (job->state != RL_JOB_RUNNING && job->state != RL_JOB_PAUSED)
            continue;
        // The server died between the end of the conversion and the note of it.
        if (job->started_s > 0 && rl_job_adopt(desk, job)) {
            job->state = RL_JOB_DONE;
            job->finished_s = rl_now_s();
            if (job->total)
                job->frames = job->total;
        } else if (job->state == RL_JOB_RUNNING) {
            job->state = RL_JOB_QUEUED;
            job->frames = 0;
        }
        status = rl_job_save(desk, job, err);
    }
    return status;
}

static bool is_known(struct rl_desk *desk, const char *name)
{
    char id[RL_ID_LENGTH + 1];
    return strlen(name) == RL_ID_LENGTH && rl_str_copy(id, sizeof id, name) &&
           (rl_film_find(desk, id) || rl_job_find(desk, id));
}

// Folders of uploads that never ended, and of what was deleted while the server died.
static void remove_strays(struct rl_desk *desk, const char *room)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", desk->folder, room);
    DIR *dir = opendir(path);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        if (entry->d_name[0] == '.' || is_known(desk, entry->d_name))
            continue;
        snprintf(path, sizeof path, "%s/%s/%s", desk->folder, room, entry->d_name);
        rl_remove_folder(path);
    }
    if (dir)
        closedir(dir);
}

enum relief_status rl_desk_open(struct rl_desk *desk, const char *folder, struct relief_error *err)
{
    char path[4096];
    pthread_condattr_t clock;
    *desk = (struct rl_desk){.version = 1};
    pthread_mutex_init(&desk->mutex, NULL);
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&desk->changed, &clock);
    pthread_condattr_destroy(&clock);
    if (!rl_str_copy(desk->folder, sizeof desk->folder, folder))
        return rl_fail(err, RELIEF_E_ARGUMENT, "--data: the name is too long");
    enum relief_status status = RELIEF_OK;
    static const char *const rooms[] = {"films", "results"};
    for (int i = 0; i < 2 && status == RELIEF_OK; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, rooms[i]);
        status = rl_make_folders(path, err);
    }
    snprintf(path, sizeof path, "%s/relief.db", folder);
    if (status == RELIEF_OK)
        status = rl_store_open(&desk->store, path, err);
    if (status == RELIEF_OK)
        status = rl_store_load(desk->store, desk, err);
    if (status == RELIEF_OK)
        status = resume_jobs(desk, err);
    for (int i = 0; i < 2 && status == RELIEF_OK; i++)
        remove_strays(desk, rooms[i]);
    return status;
}

void rl_desk_close(struct rl_desk *desk)
{
    while (desk->films) {
        struct rl_film *film = desk->films;
        desk->films = film->next;
        free_film(film);
    }
    while (desk->jobs) {
        struct rl_job *job = desk->jobs;
        desk->jobs = job->next;
        free_job(job);
    }
    rl_store_close(&desk->store);
    pthread_cond_destroy(&desk->changed);
    pthread_mutex_destroy(&desk->mutex);
}

// ---- Films

struct rl_film *rl_film_find(struct rl_desk *desk, const char *id)
{
    struct rl_film *film = desk->films;
    while (film && strcmp(film->id, id) != 0)
        film = film->next;
    return film;
}

struct rl_film *rl_film_add(struct rl_desk *desk, const char *name, struct relief_error *err)
{
    struct rl_film **end = &desk->films;
    int count = 0;
    for (; *end; end = &(*end)->next)
        count++;
    if (count >= RL_FILMS_MAX) {
        rl_fail(err, RELIEF_E_OUTPUT, "there are %d films already: delete some", count);
        return NULL;
    }
    struct rl_film *film = calloc(1, sizeof *film);
    if (!film) {
        rl_fail_memory(err);
        return NULL;
    }
    rl_random_name(film->id, RL_ID_LENGTH);
    rl_str_copy(film->name, sizeof film->name, name);
    film->created_s = rl_now_s();
    return *end = film;
}

enum relief_status rl_film_save(struct rl_desk *desk, const struct rl_film *film,
                                struct relief_error *err)
{
    return rl_store_film(desk->store, film, err);
}

enum relief_status rl_film_remove(struct rl_desk *desk, struct rl_film *film,
                                  struct relief_error *err)
{
    enum relief_status status = rl_store_drop_film(desk->store, film->id, err);
    if (status != RELIEF_OK)
        return status;
    char path[4096];
    snprintf(path, sizeof path, "%s/films/%s", desk->folder, film->id);
    if (film->owned)
        rl_remove_folder(path);
    struct rl_film **place = &desk->films;
    while (*place != film)
        place = &(*place)->next;
    *place = film->next;
    free_film(film);
    return RELIEF_OK;
}

bool rl_film_is_needed(const struct rl_desk *desk, const struct rl_film *film)
{
    for (const struct rl_job *job = desk->jobs; job; job = job->next)
        if (!strcmp(job->film, film->id) && !job->deleted && !rl_job_is_over(job))
            return true;
    return false;
}

json_t *rl_film_json(const struct rl_film *film)
{
    json_t *json = json_pack("{ss so sI sf sb}", "id", film->id, "filename",
                             rl_json_text(film->name), "bytes", (json_int_t)film->bytes, "created",
                             film->created_s, "uploaded", film->owned);
    if (json && film->info)
        json_object_set(json, "info", film->info);
    return json;
}

// ---- Jobs

struct rl_job *rl_job_find(struct rl_desk *desk, const char *id)
{
    struct rl_job *job = desk->jobs;
    while (job && (job->deleted || strcmp(job->id, id) != 0))
        job = job->next;
    return job;
}

struct rl_job *rl_job_add(struct rl_desk *desk, const struct rl_film *film, json_t *options,
                          struct relief_error *err)
{
    struct rl_job **end = &desk->jobs;
    int count = 0;
    for (; *end; end = &(*end)->next)
        count += !(*end)->deleted;
    if (count >= RL_JOBS_MAX) {
        rl_fail(err, RELIEF_E_OUTPUT, "there are %d jobs already: delete some", count);
        return NULL;
    }
    struct rl_job *job = calloc(1, sizeof *job);
    if (!job || !(job->log = json_array())) {
        free(job);
        rl_fail_memory(err);
        return NULL;
    }
    rl_random_name(job->id, RL_ID_LENGTH);
    rl_str_copy(job->film, sizeof job->film, film->id);
    rl_str_copy(job->film_name, sizeof job->film_name, film->name);
    rl_str_copy(job->film_path, sizeof job->film_path, film->path);
    job->options = json_incref(options);
    job->created_s = rl_now_s();
    job->left_s = -1;
    *end = job;
    if (rl_job_save(desk, job, err) != RELIEF_OK) {
        *end = NULL;
        free_job(job);
        return NULL;
    }
    return job;
}

void rl_job_tell(struct rl_desk *desk, struct rl_job *job)
{
    job->version = ++desk->version;
    pthread_cond_broadcast(&desk->changed);
}

enum relief_status rl_job_save(struct rl_desk *desk, struct rl_job *job, struct relief_error *err)
{
    enum relief_status status = rl_store_job(desk->store, job, err);
    rl_job_tell(desk, job);
    return status;
}

enum relief_status rl_job_remove(struct rl_desk *desk, struct rl_job *job, struct relief_error *err)
{
    char path[4096];
    enum relief_status status = rl_store_drop_job(desk->store, job->id, err);
    if (status != RELIEF_OK)
        return status;
    rl_job_folder(desk, job, path, sizeof path);
    rl_remove_folder(path);
    job->deleted = true;
    job->finished_s = rl_now_s();
    rl_job_tell(desk, job);
    return RELIEF_OK;
}

void rl_job_folder(const struct rl_desk *desk, const struct rl_job *job, char *path, size_t size)
{
    snprintf(path, size, "%s/results/%s", desk->folder, job->id);
}

bool rl_job_result(const struct rl_desk *desk, const struct rl_job *job, char *path, size_t size)
{
    rl_job_folder(desk, job, path, size);
    return job->output[0] && rl_str_add(path, size, "/%s", job->output) && rl_path_exists(path);
}

// What a conversion that was interrupted goes on with.
static bool is_journal(const char *name)
{
    return rl_str_ends(name, ".resume");
}

bool rl_job_adopt(const struct rl_desk *desk, struct rl_job *job)
{
    char folder[4096], path[4400];
    struct stat info;
    rl_job_folder(desk, job, folder, sizeof folder);
    DIR *dir = opendir(folder);
    job->output[0] = 0;
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        // While it is written a result is called NAME.partN.EXT, and has NAME.EXT.resume beside it.
        if (!rl_str_starts(entry->d_name, "output_3d") || strstr(entry->d_name, ".part") ||
            is_journal(entry->d_name))
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (stat(path, &info) || !S_ISREG(info.st_mode) || !info.st_size)
            continue;
        rl_str_copy(job->output, sizeof job->output, entry->d_name);
        job->output_bytes = info.st_size;
    }
    if (dir)
        closedir(dir);
    return job->output[0] != 0;
}

static json_t *progress_json(const struct rl_job *job)
{
    double part = job->total > 0 ? (double)job->frames / (double)job->total : 0;
    if (job->state == RL_JOB_DONE || part > 1)
        part = 1;
    return json_pack("{sI so sf sf so sf}", "frames", (json_int_t)job->frames, "total",
                     job->total > 0 ? json_integer(job->total) : json_null(), "part", part, "fps",
                     job->fps, "left", job->left_s >= 0 ? json_real(job->left_s) : json_null(),
                     "elapsed", job->elapsed_s);
}

json_t *rl_job_json(const struct rl_job *job)
{
    json_t *json = json_pack("{ss ss so ss sO sf sf sf so sO}", "id", job->id, "file", job->film,
                             "filename", rl_json_text(job->film_name), "state",
                             rl_job_state_name(job->state), "options", job->options, "created",
                             job->created_s, "started", job->started_s, "finished", job->finished_s,
                             "progress", progress_json(job), "log", job->log);
    if (json && job->state == RL_JOB_DONE)
        json_object_set_new(json, "result",
                            json_pack("{so sI}", "filename", rl_json_text(job->output), "bytes",
                                      (json_int_t)job->output_bytes));
    if (json && job->state == RL_JOB_FAILED)
        json_object_set_new(json, "error",
                            json_pack("{ss so so}", "code", job->code, "message",
                                      rl_json_text(job->message), "hint", rl_json_text(job->hint)));
    return json;
}

// ---- Cleaning

static void drop_deleted(struct rl_desk *desk)
{
    const double told_s = 300;  // by then every stream has told it
    for (struct rl_job **place = &desk->jobs; *place;) {
        struct rl_job *job = *place;
        if (job->deleted && rl_now_s() - job->finished_s > told_s) {
            *place = job->next;
            free_job(job);
        } else {
            place = &job->next;
        }
    }
}

void rl_desk_clean(struct rl_desk *desk, double age_s)
{
    double before_s = rl_now_s() - age_s;
    drop_deleted(desk);
    if (age_s <= 0)
        return;
    for (struct rl_job *job = desk->jobs; job; job = job->next)
        if (!job->deleted && rl_job_is_over(job) && job->finished_s < before_s)
            (void)rl_job_remove(desk, job, NULL);
    for (struct rl_film *film = desk->films, *next; film; film = next) {
        next = film->next;
        if (film->complete && film->created_s < before_s && !rl_film_is_needed(desk, film))
            (void)rl_film_remove(desk, film, NULL);
    }
}

static void remove_files(const char *path, bool journals)
{
    char inside[4400];
    DIR *dir = opendir(path);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") ||
            (!journals && is_journal(entry->d_name)))
            continue;
        snprintf(inside, sizeof inside, "%s/%s", path, entry->d_name);
        unlink(inside);
    }
    if (dir)
        closedir(dir);
    rmdir(path);
}

void rl_remove_folder(const char *path)
{
    remove_files(path, true);
}

void rl_clear_folder(const char *path)
{
    remove_files(path, false);
}
