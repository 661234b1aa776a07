// SPDX-License-Identifier: MIT
#include "serve/store.h"

#include "base/str.h"

#include <sqlite3.h>

enum { SCHEMA = 1 };

static const char schema[] =
    "CREATE TABLE films (id TEXT PRIMARY KEY, name TEXT NOT NULL, path TEXT NOT NULL,"
    "  owned INTEGER NOT NULL, bytes INTEGER NOT NULL, created REAL NOT NULL, info TEXT);"
    "CREATE TABLE jobs (id TEXT PRIMARY KEY, film TEXT NOT NULL, film_name TEXT NOT NULL,"
    "  film_path TEXT NOT NULL, options TEXT NOT NULL, state TEXT NOT NULL,"
    "  created REAL NOT NULL, started REAL NOT NULL, finished REAL NOT NULL,"
    "  frames INTEGER NOT NULL, total INTEGER NOT NULL, elapsed REAL NOT NULL,"
    "  code TEXT NOT NULL, message TEXT NOT NULL, hint TEXT NOT NULL,"
    "  output TEXT NOT NULL, output_bytes INTEGER NOT NULL, log TEXT NOT NULL);"
    "PRAGMA user_version = 1;";

struct rl_store {
    sqlite3 *db;
};

static enum relief_status fail(struct rl_store *store, struct relief_error *err)
{
    return rl_fail(err, RELIEF_E_OUTPUT, "the database: %s", sqlite3_errmsg(store->db));
}

static enum relief_status run(struct rl_store *store, const char *sql, struct relief_error *err)
{
    return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK ? RELIEF_OK
                                                                       : fail(store, err);
}

static int schema_number(struct rl_store *store)
{
    sqlite3_stmt *query = NULL;
    int number = -1;
    if (sqlite3_prepare_v2(store->db, "PRAGMA user_version", -1, &query, NULL) == SQLITE_OK &&
        sqlite3_step(query) == SQLITE_ROW)
        number = sqlite3_column_int(query, 0);
    sqlite3_finalize(query);
    return number;
}

static enum relief_status prepare(struct rl_store *store, struct relief_error *err)
{
    sqlite3_busy_timeout(store->db, 5000);
    enum relief_status status = run(store, "PRAGMA journal_mode = WAL", err);
    if (status == RELIEF_OK)
        status = run(store, "PRAGMA synchronous = FULL", err);
    if (status != RELIEF_OK)
        return status;
    int number = schema_number(store);
    if (number == 0)
        return run(store, schema, err);
    return number == SCHEMA ? RELIEF_OK
                            : rl_fail(err, RELIEF_E_OUTPUT,
                                      "the database: was made by another version of relief");
}

enum relief_status rl_store_open(struct rl_store **out, const char *path, struct relief_error *err)
{
    struct rl_store *store = calloc(1, sizeof *store);
    *out = NULL;
    if (!store)
        return rl_fail_memory(err);
    enum relief_status status = RELIEF_OK;
    if (sqlite3_open_v2(path, &store->db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX,
                        NULL) != SQLITE_OK)
        status = rl_fail(err, RELIEF_E_OUTPUT, "%s: cannot be opened: %s", path,
                         sqlite3_errmsg(store->db));
    if (status == RELIEF_OK)
        status = prepare(store, err);
    if (status != RELIEF_OK)
        rl_store_close(&store);
    *out = store;
    return status;
}

void rl_store_close(struct rl_store **store)
{
    struct rl_store *s = *store;
    *store = NULL;
    if (!s)
        return;
    sqlite3_close(s->db);
    free(s);
}

json_t *rl_store_parse(const char *text, json_type type)
{
    json_t *value = text ? json_loads(text, 0, NULL) : NULL;
    if (value && json_typeof(value) == type)
        return value;
    json_decref(value);
    return type == JSON_ARRAY ? json_array() : json_object();
}

static const char *text_of(sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);
    return text ? text : "";
}

static enum relief_status load_film(struct rl_desk *desk, sqlite3_stmt *row,
                                    struct relief_error *err)
{
    struct rl_film *film = calloc(1, sizeof *film), **end = &desk->films;
    if (!film)
        return rl_fail_memory(err);
    rl_str_copy(film->id, sizeof film->id, text_of(row, 0));
    rl_str_copy(film->name, sizeof film->name, text_of(row, 1));
    rl_str_copy(film->path, sizeof film->path, text_of(row, 2));
    film->owned = sqlite3_column_int(row, 3) != 0;
    film->bytes = sqlite3_column_int64(row, 4);
    film->created_s = sqlite3_column_double(row, 5);
    if (sqlite3_column_type(row, 6) == SQLITE_TEXT)
        film->info = rl_store_parse(text_of(row, 6), JSON_OBJECT);
    film->complete = true;
    while (*end)
        end = &(*end)->next;
    *end = film;
    return RELIEF_OK;
}

static enum rl_job_state state_of(const char *name)
{
    for (int i = 0; i < RL_JOB_STATES; i++)
        if (!strcmp(name, rl_job_state_name((enum rl_job_state)i)))
            return (enum rl_job_state)i;
    return RL_JOB_FAILED;
}

static enum relief_status load_job(struct rl_desk *desk, sqlite3_stmt *row,
                                   struct relief_error *err)
{
    struct rl_job *job = calloc(1, sizeof *job), **end = &desk->jobs;
    if (!job)
        return rl_fail_memory(err);
    rl_str_copy(job->id, sizeof job->id, text_of(row, 0));
    rl_str_copy(job->film, sizeof job->film, text_of(row, 1));
    rl_str_copy(job->film_name, sizeof job->film_name, text_of(row, 2));
    rl_str_copy(job->film_path, sizeof job->film_path, text_of(row, 3));
    job->options = rl_store_parse(text_of(row, 4), JSON_OBJECT);
    job->state = state_of(text_of(row, 5));
    job->created_s = sqlite3_column_double(row, 6);
    job->started_s = sqlite3_column_double(row, 7);
    job->finished_s = sqlite3_column_double(row, 8);
    job->frames = sqlite3_column_int64(row, 9);
    job->total = sqlite3_column_int64(row, 10);
    job->elapsed_s = sqlite3_column_double(row, 11);
    job->left_s = -1;
    rl_str_copy(job->code, sizeof job->code, text_of(row, 12));
    rl_str_copy(job->message, sizeof job->message, text_of(row, 13));
    rl_str_copy(job->hint, sizeof job->hint, text_of(row, 14));
    rl_str_copy(job->output, sizeof job->output, text_of(row, 15));
    job->output_bytes = sqlite3_column_int64(row, 16);
    job->log = rl_store_parse(text_of(row, 17), JSON_ARRAY);
    while (*end)
        end = &(*end)->next;
    *end = job;
    return job->options && job->log ? RELIEF_OK : rl_fail_memory(err);
}

static enum relief_status
load(struct rl_store *store, const char *sql, struct rl_desk *desk,
     enum relief_status (*take)(struct rl_desk *, sqlite3_stmt *, struct relief_error *),
     struct relief_error *err)
{
    sqlite3_stmt *query = NULL;
    enum relief_status status = RELIEF_OK;
    int step = sqlite3_prepare_v2(store->db, sql, -1, &query, NULL);
    if (step == SQLITE_OK)
        while (status == RELIEF_OK && (step = sqlite3_step(query)) == SQLITE_ROW)
            status = take(desk, query, err);
    if (status == RELIEF_OK && step != SQLITE_DONE)
        status = fail(store, err);
    sqlite3_finalize(query);
    return status;
}

enum relief_status rl_store_load(struct rl_store *store, struct rl_desk *desk,
                                 struct relief_error *err)
{
    enum relief_status status = load(store,
                                     "SELECT id, name, path, owned, bytes, created, info "
                                     "FROM films ORDER BY created, rowid",
                                     desk, load_film, err);
    if (status != RELIEF_OK)
        return status;
    return load(store,
                "SELECT id, film, film_name, film_path, options, state, created, started, finished,"
                " frames, total, elapsed, code, message, hint, output, output_bytes, log "
                "FROM jobs ORDER BY created, rowid",
                desk, load_job, err);
}

// Runs a prepared change once; takes over `query`.
static enum relief_status finish(struct rl_store *store, sqlite3_stmt *query,
                                 struct relief_error *err)
{
    bool done = query && sqlite3_step(query) == SQLITE_DONE;
    enum relief_status status = done ? RELIEF_OK : fail(store, err);
    sqlite3_finalize(query);
    return status;
}

static sqlite3_stmt *compile(struct rl_store *store, const char *sql)
{
    sqlite3_stmt *query = NULL;
    return sqlite3_prepare_v2(store->db, sql, -1, &query, NULL) == SQLITE_OK ? query : NULL;
}

static void bind(sqlite3_stmt *query, int place, const char *text)
{
    sqlite3_bind_text(query, place, text, -1, SQLITE_TRANSIENT);
}

static void bind_json(sqlite3_stmt *query, int place, const json_t *value)
{
    char *text = value ? json_dumps(value, JSON_COMPACT) : NULL;
    if (text)
        bind(query, place, text);
    free(text);
}

enum relief_status rl_store_film(struct rl_store *store, const struct rl_film *film,
                                 struct relief_error *err)
{
    sqlite3_stmt *query = compile(store, "INSERT OR REPLACE INTO films "
                                         "(id, name, path, owned, bytes, created, info) "
                                         "VALUES (?, ?, ?, ?, ?, ?, ?)");
    if (query) {
        bind(query, 1, film->id);
        bind(query, 2, film->name);
        bind(query, 3, film->path);
        sqlite3_bind_int(query, 4, film->owned);
        sqlite3_bind_int64(query, 5, film->bytes);
        sqlite3_bind_double(query, 6, film->created_s);
        bind_json(query, 7, film->info);
    }
    return finish(store, query, err);
}

enum relief_status rl_store_job(struct rl_store *store, const struct rl_job *job,
                                struct relief_error *err)
{
    sqlite3_stmt *query = compile(
        store, "INSERT OR REPLACE INTO jobs (id, film, film_name, film_path, options, state, "
               "created, started, finished, frames, total, elapsed, code, message, hint, output, "
               "output_bytes, log) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    if (query) {
        bind(query, 1, job->id);
        bind(query, 2, job->film);
        bind(query, 3, job->film_name);
        bind(query, 4, job->film_path);
        bind_json(query, 5, job->options);
        bind(query, 6, rl_job_state_name(job->state));
        sqlite3_bind_double(query, 7, job->created_s);
        sqlite3_bind_double(query, 8, job->started_s);
        sqlite3_bind_double(query, 9, job->finished_s);
        sqlite3_bind_int64(query, 10, job->frames);
        sqlite3_bind_int64(query, 11, job->total);
        sqlite3_bind_double(query, 12, job->elapsed_s);
        bind(query, 13, job->code);
        bind(query, 14, job->message);
        bind(query, 15, job->hint);
        bind(query, 16, job->output);
        sqlite3_bind_int64(query, 17, job->output_bytes);
        bind_json(query, 18, job->log);
    }
    return finish(store, query, err);
}

static enum relief_status drop(struct rl_store *store, const char *sql, const char *id,
                               struct relief_error *err)
{
    sqlite3_stmt *query = compile(store, sql);
    if (query)
        bind(query, 1, id);
    return finish(store, query, err);
}

enum relief_status rl_store_drop_film(struct rl_store *store, const char *id,
                                      struct relief_error *err)
{
    return drop(store, "DELETE FROM films WHERE id = ?", id, err);
}

enum relief_status rl_store_drop_job(struct rl_store *store, const char *id,
                                     struct relief_error *err)
{
    return drop(store, "DELETE FROM jobs WHERE id = ?", id, err);
}
