// SPDX-License-Identifier: MIT
#include "serve/runner.h"

#include "base/file.h"
#include "base/json.h"
#include "base/str.h"
#include "serve/child.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TICK_MS = 200 };

static const double patience_s = 5;  // from asking a child to end to making it

struct rl_runner {
    struct rl_desk *desk;
    pthread_t thread;
};

// A conversion under way.
struct run {
    struct rl_desk *desk;
    struct rl_job *job;  // stays: a job whose process is not 0 is not dropped
    struct rl_child child;
    struct rl_lines out, errors;
    bool done;
    struct rl_told outcome;  // the last DONE or ERROR
    char last_words[640];    // of standard error
    double ending_s;         // since when it has been asked to end; 0 = not asked
    bool makes_way;          // paused, and asked to end because another waits
};

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void ask_to_end(const struct rl_job *job)
{
    kill(job->process, SIGTERM);
    kill(job->process, SIGCONT);  // a paused one cannot end
}

void rl_runner_signal(struct rl_job *job)
{
    if (job->process <= 0)
        return;
    if (job->stop) {
        ask_to_end(job);
    } else {
        kill(job->process, job->state == RL_JOB_PAUSED ? SIGSTOP : SIGCONT);
    }
}

static void take_log(struct rl_job *job, const struct rl_told *told)
{
    if (json_array_size(job->log) >= RL_LOG_LINES)
        json_array_remove(job->log, 0);
    json_array_append_new(job->log, json_pack("{ss so}", "level", told->level, "message",
                                              rl_json_text(told->message)));
}

static void take_line(void *user, const char *line, size_t size)
{
    struct run *run = user;
    struct rl_job *job = run->job;
    struct rl_told told;
    rl_told_parse(&told, line, size);
    if (told.what == RL_TOLD_NOTHING)
        return;
    rl_desk_lock(run->desk);
    if (told.what == RL_TOLD_PROGRESS) {
        job->frames = told.frames;
        job->total = told.total;
        job->fps = told.fps;
        job->left_s = told.left_s;
        job->elapsed_s = told.elapsed_s;
    } else if (told.what == RL_TOLD_LOG) {
        take_log(job, &told);
    } else {
        run->outcome = told;
        run->done = told.what == RL_TOLD_DONE;
    }
    rl_job_tell(run->desk, job);
    rl_desk_unlock(run->desk);
}

static void take_words(void *user, const char *line, size_t size)
{
    struct run *run = user;
    snprintf(run->last_words, sizeof run->last_words, "%.*s", (int)(size < 600 ? size : 600), line);
}

// False at the end of what the pipe gives.
static bool drain(struct run *run, int fd, struct rl_lines *lines,
                  void (*line)(void *, const char *, size_t))
{
    char bytes[4096];
    ssize_t got = read(fd, bytes, sizeof bytes);
    if (got > 0)
        rl_lines_add(lines, bytes, (size_t)got, line, run);
    return got > 0;
}

// The oldest that waits; NULL = none.
static struct rl_job *next_job(struct rl_desk *desk)
{
    for (struct rl_job *job = desk->jobs; job; job = job->next)
        if (!job->deleted && job->state == RL_JOB_QUEUED)
            return job;
    return NULL;
}

// The server closes, or another waits while this one is paused; or the child was told to end and
// does not.
static void press(struct run *run)
{
    rl_desk_lock(run->desk);
    if (run->job->state == RL_JOB_PAUSED && next_job(run->desk))
        run->makes_way = true;
    bool end = run->desk->closing || run->job->stop || run->makes_way;
    if (end && run->ending_s <= 0) {
        run->ending_s = now_s();
        ask_to_end(run->job);
    } else if (end && now_s() - run->ending_s > patience_s) {
        kill(run->job->process, SIGKILL);
    }
    rl_desk_unlock(run->desk);
}

static void watch(struct run *run)
{
    struct pollfd fds[2] = {{run->child.out, POLLIN, 0}, {run->child.errors, POLLIN, 0}};
    while (fds[0].fd >= 0 || fds[1].fd >= 0) {
        if (poll(fds, 2, TICK_MS) > 0) {
            if (fds[0].revents && !drain(run, fds[0].fd, &run->out, take_line))
                fds[0].fd = -1;
            if (fds[1].revents && !drain(run, fds[1].fd, &run->errors, take_words))
                fds[1].fd = -1;
        }
        press(run);
    }
    while (!rl_child_has_ended(&run->child)) {
        poll(NULL, 0, TICK_MS / 10);
        press(run);
    }
}

static void fail(struct rl_job *job, const char *code, const char *message, const char *hint)
{
    job->state = RL_JOB_FAILED;
    rl_str_copy(job->code, sizeof job->code, code);
    rl_str_copy(job->message, sizeof job->message, message);
    rl_str_copy(job->hint, sizeof job->hint, hint);
}

static void fail_by_end(struct run *run, int end)
{
    char text[640];
    struct rl_job *job = run->job;
    if (run->outcome.what == RL_TOLD_ERROR)
        fail(job, run->outcome.code, run->outcome.message, run->outcome.hint);
    else if (WIFSIGNALED(end)) {
        snprintf(text, sizeof text, "the conversion was ended by signal %d (%s)", WTERMSIG(end),
                 strsignal(WTERMSIG(end)));
        fail(job, "crashed", text, "");
    } else {
        fail(job, "failed", *run->last_words ? run->last_words : "the conversion failed", "");
    }
}

// A job that nobody stopped can go on.
static void clear_result(struct run *run)
{
    char path[4096];
    rl_job_folder(run->desk, run->job, path, sizeof path);
    if (run->job->stop)
        rl_remove_folder(path);
    else
        rl_clear_folder(path);
}

static void settle_unfinished(struct run *run, int end)
{
    struct rl_job *job = run->job;
    if (job->stop)
        job->state = RL_JOB_CANCELLED;
    else if (!run->makes_way)
        fail_by_end(run, end);
    else if (job->state != RL_JOB_PAUSED)
        job->state = RL_JOB_QUEUED;  // resumed while it was ending
}

// With the desk locked: what became of the job.
static void settle(struct run *run)
{
    struct rl_job *job = run->job;
    // Reaped under the lock: no handler can signal a number that is free for others.
    int end = rl_child_reap(&run->child);
    bool complete = run->done && WIFEXITED(end) && !WEXITSTATUS(end) &&
                    rl_job_adopt(run->desk, job);
    job->process = 0;
    job->fps = job->elapsed_s > 0 ? (double)job->frames / job->elapsed_s : 0;
    job->left_s = -1;
    if (complete) {
        job->state = RL_JOB_DONE;
        if (run->outcome.frames)
            job->frames = job->total = run->outcome.frames;
        job->elapsed_s = run->outcome.elapsed_s;
    } else {
        clear_result(run);
        if (run->desk->closing && !job->stop)
            return;  // it stays running in the store, and is queued at the next start
        settle_unfinished(run, end);
    }
    job->stop = false;
    job->finished_s = rl_job_is_over(job) ? rl_now_s() : 0;
    // A full disk may refuse the note; the next start finds the result all the same.
    (void)rl_job_save(run->desk, job, NULL);
}

// With the desk locked: the job becomes the running one; a folder for its result.
static enum relief_status prepare(struct rl_desk *desk, struct rl_job *job, char *folder,
                                  size_t size, struct relief_error *err)
{
    job->state = RL_JOB_RUNNING;
    job->started_s = rl_now_s();
    job->finished_s = 0;
    job->frames = job->total = 0;
    job->fps = job->elapsed_s = 0;
    job->left_s = -1;
    job->code[0] = job->message[0] = job->hint[0] = job->output[0] = 0;
    job->stop = false;
    json_array_clear(job->log);
    rl_job_folder(desk, job, folder, size);
    rl_clear_folder(folder);
    enum relief_status status = rl_job_save(desk, job, err);
    return status == RELIEF_OK ? rl_make_folders(folder, err) : status;
}

// Called with the desk locked, which it leaves while the child works.
static void convert(struct rl_desk *desk, struct rl_job *job)
{
    char folder[4096];
    struct relief_error err = {0};
    struct run *run = calloc(1, sizeof *run);
    enum relief_status status = run ? prepare(desk, job, folder, sizeof folder, &err)
                                    : rl_fail_memory(&err);
    if (status == RELIEF_OK)
        status = rl_child_start(&run->child, folder, job->film_path, job->options, &err);
    if (status != RELIEF_OK) {
        fail(job, relief_status_name(err.status), err.message, err.hint);
        job->finished_s = rl_now_s();
        (void)rl_job_save(desk, job, NULL);
        free(run);
        return;
    }
    run->desk = desk;
    run->job = job;
    job->process = run->child.process;
    rl_desk_unlock(desk);
    watch(run);
    rl_desk_lock(desk);
    settle(run);
    free(run);
}

static void *work(void *user)
{
    struct rl_runner *runner = user;
    struct rl_desk *desk = runner->desk;
    rl_desk_lock(desk);
    while (!desk->closing) {
        struct rl_job *job = next_job(desk);
        if (job)
            convert(desk, job);
        else
            pthread_cond_wait(&desk->changed, &desk->mutex);
    }
    rl_desk_unlock(desk);
    return NULL;
}

enum relief_status rl_runner_start(struct rl_runner **out, struct rl_desk *desk,
                                   struct relief_error *err)
{
    struct rl_runner *runner = calloc(1, sizeof *runner);
    *out = NULL;
    if (!runner)
        return rl_fail_memory(err);
    runner->desk = desk;
    if (pthread_create(&runner->thread, NULL, work, runner)) {
        free(runner);
        return rl_fail_memory(err);
    }
    *out = runner;
    return RELIEF_OK;
}

void rl_runner_stop(struct rl_runner **runner)
{
    struct rl_runner *r = *runner;
    *runner = NULL;
    if (!r)
        return;
    pthread_join(r->thread, NULL);
    free(r);
}
