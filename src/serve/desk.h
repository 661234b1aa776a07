// SPDX-License-Identifier: MIT
//
// What the server knows: films that were brought, and jobs. One desk, one mutex.
//
// 1. A change is stored (store.h) before anybody is told of it; progress is told, not stored.
// 2. Films and jobs are found by their random names and handed out as JSON copies; pointers into
//    the desk are good only while it is locked.
// 3. Each change gives the job a new version and wakes those who wait for changes.
// 4. One job works at a time, oldest first. A paused one keeps its process while nothing else
//    waits; else it makes way, and goes on where it stopped when it is resumed.
#ifndef RL_SERVE_DESK_H
#define RL_SERVE_DESK_H

#include "base/error.h"

#include <jansson.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/types.h>

enum { RL_ID_LENGTH = 16, RL_FILMS_MAX = 1000, RL_JOBS_MAX = 1000, RL_LOG_LINES = 50 };

struct rl_store;

struct rl_film {
    char id[RL_ID_LENGTH + 1];
    char name[256];   // as the user calls it; never a path
    char path[4096];  // where it lies
    bool owned;       // lies in the data folder, and goes with the film
    bool complete;    // false while it is being brought: not listed yet
    int64_t bytes;
    double created_s;  // since 1970
    json_t *info;      // what was found in it; NULL = nobody has looked yet
    struct rl_film *next;
};

enum rl_job_state {
    RL_JOB_QUEUED,
    RL_JOB_RUNNING,
    RL_JOB_PAUSED,
    RL_JOB_DONE,
    RL_JOB_FAILED,
    RL_JOB_CANCELLED,
    RL_JOB_STATES
};

struct rl_job {
    char id[RL_ID_LENGTH + 1];
    char film[RL_ID_LENGTH + 1];
    char film_name[256];
    char film_path[4096];
    json_t *options;  // name -> text, as they were asked for
    enum rl_job_state state;
    double created_s, started_s, finished_s;  // 0 = not yet
    int64_t frames, total;                    // total 0 = unknown
    double fps, left_s, elapsed_s;            // left_s -1 = unknown
    char code[24], message[640], hint[256];   // why it failed
    char output[256];                         // the result's name in the job's folder
    int64_t output_bytes;
    json_t *log;       // array of {"level", "message"}
    uint64_t version;  // of the last change
    bool deleted;      // only told as gone, then dropped
    pid_t process;     // of the conversion; 0 = none
    bool stop;         // the conversion shall end: cancelled or deleted
    struct rl_job *next;
};

struct rl_desk {
    pthread_mutex_t mutex;
    pthread_cond_t changed;  // on the monotonic clock
    uint64_t version;        // of the last change of any job
    bool closing;            // streams and the runner shall end
    struct rl_film *films;   // oldest first
    struct rl_job *jobs;     // likewise
    struct rl_store *store;
    char folder[3000];  // the data folder
};

// Opens the store in `folder` and reads everything. Jobs that were running are queued again, or
// done when their result is complete.
enum relief_status rl_desk_open(struct rl_desk *desk, const char *folder, struct relief_error *err);
void rl_desk_close(struct rl_desk *desk);

void rl_desk_lock(struct rl_desk *desk);
void rl_desk_unlock(struct rl_desk *desk);

// From here on: with the desk locked.

double rl_now_s(void);  // since 1970

struct rl_film *rl_film_find(struct rl_desk *desk, const char *id);
struct rl_job *rl_job_find(struct rl_desk *desk, const char *id);

// A new film with a random name, or NULL when there are too many or no memory: `err` says.
struct rl_film *rl_film_add(struct rl_desk *desk, const char *name, struct relief_error *err);

enum relief_status rl_film_save(struct rl_desk *desk, const struct rl_film *film,
                                struct relief_error *err);

// Also removes its file, when it is owned.
enum relief_status rl_film_remove(struct rl_desk *desk, struct rl_film *film,
                                  struct relief_error *err);

// True while a job that is not at its end needs the film.
bool rl_film_is_needed(const struct rl_desk *desk, const struct rl_film *film);

// A new job in the queue. Takes a reference of `options`.
struct rl_job *rl_job_add(struct rl_desk *desk, const struct rl_film *film, json_t *options,
                          struct relief_error *err);

// Stores the job and tells of it.
enum relief_status rl_job_save(struct rl_desk *desk, struct rl_job *job, struct relief_error *err);

// Tells of it without storing: progress.
void rl_job_tell(struct rl_desk *desk, struct rl_job *job);

// Removes a job and its result. A conversion that runs must have ended.
enum relief_status rl_job_remove(struct rl_desk *desk, struct rl_job *job,
                                 struct relief_error *err);

bool rl_job_is_over(const struct rl_job *job);
const char *rl_job_state_name(enum rl_job_state state);

// The folder of a job's result; and the result itself, false when there is none.
void rl_job_folder(const struct rl_desk *desk, const struct rl_job *job, char *path, size_t size);
bool rl_job_result(const struct rl_desk *desk, const struct rl_job *job, char *path, size_t size);

// Sets the job's output to the complete result in its folder; false when there is none.
bool rl_job_adopt(const struct rl_desk *desk, struct rl_job *job);

// New objects, as the API shows them; NULL when out of memory.
json_t *rl_film_json(const struct rl_film *film);
json_t *rl_job_json(const struct rl_job *job);

// Films and results older than `age_s` that no job needs go; 0 = none. Forgets deleted jobs.
void rl_desk_clean(struct rl_desk *desk, double age_s);

// Empties a folder and removes it; nothing happens when it is not there.
void rl_remove_folder(const char *path);

// The same, but for what an interrupted conversion goes on with, and then the folder too.
void rl_clear_folder(const char *path);

#endif
