// SPDX-License-Identifier: MIT
#include "serve/child.h"

#include "base/file.h"
#include "base/str.h"
#include "serve/process.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORDS_MAX = 128, NICE = 5 };

// The words of the command; each is on the heap, the last is NULL.
static bool make_words(char **words, const char *film, const json_t *settings)
{
    static const char *const first[] = {"relief", "convert", "--progress=json", "--log=warn"};
    const char *name;
    json_t *value;
    int count = 0;
    for (size_t i = 0; i < sizeof first / sizeof *first; i++)
        words[count++] = rl_str_format("%s", first[i]);
    json_object_foreach((json_t *)(uintptr_t)settings, name, value)
    {
        if (count < WORDS_MAX - 3)
            words[count++] = rl_str_format("--%s=%s", name, json_string_value(value));
    }
    words[count++] = rl_str_format("--");
    words[count++] = rl_str_format("%s", film);
    words[count] = NULL;
    for (int i = 0; i < count; i++)
        if (!words[i])
            return false;
    return true;
}

static void run(const char *folder, char **words, int out, int errors, pid_t parent)
{
    if (!rl_process_settle(parent, NICE) || chdir(folder))
        _exit(127);
    // Of its own group: Ctrl-C on the terminal is for the server, which ends its child itself.
    setpgid(0, 0);
    rl_process_descriptors(out, errors);
    execv("/proc/self/exe", words);
    _exit(127);
}

enum relief_status rl_child_start(struct rl_child *child, const char *folder, const char *film,
                                  const json_t *settings, struct relief_error *err)
{
    int out[2] = {-1, -1}, errors[2] = {-1, -1};
    char **words = calloc(WORDS_MAX, sizeof *words);
    enum relief_status status = RELIEF_OK;
    *child = (struct rl_child){.out = -1, .errors = -1};
    if (!words || !make_words(words, film, settings))
        status = rl_fail_memory(err);
    else if (pipe2(out, O_CLOEXEC) || pipe2(errors, O_CLOEXEC))
        status = rl_fail_errno(err, RELIEF_E_FAILED, errno, "the conversion cannot be started");
    if (status == RELIEF_OK && words) {
        pid_t parent = getpid();
        child->process = fork();
        if (child->process == 0)
            run(folder, words, out[1], errors[1], parent);
        if (child->process < 0)
            status = rl_fail_errno(err, RELIEF_E_FAILED, errno, "the conversion cannot be started");
    }
    if (out[1] >= 0)
        close(out[1]);
    if (errors[1] >= 0)
        close(errors[1]);
    child->out = out[0];
    child->errors = errors[0];
    if (status != RELIEF_OK && child->out >= 0)
        close(child->out);
    if (status != RELIEF_OK && child->errors >= 0)
        close(child->errors);
    for (int i = 0; words && words[i]; i++)
        free(words[i]);
    free(words);
    return status;
}

bool rl_child_has_ended(const struct rl_child *child)
{
    siginfo_t info = {0};
    return waitid(P_PID, (id_t)child->process, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
           info.si_pid == child->process;
}

int rl_child_reap(struct rl_child *child)
{
    int end = 0;
    close(child->out);
    close(child->errors);
    while (waitpid(child->process, &end, 0) < 0 && errno == EINTR)
        ;
    child->process = 0;
    return end;
}

static double number(const json_t *object, const char *name, double otherwise)
{
    const json_t *value = json_object_get(object, name);
    double n = json_is_number(value) ? json_number_value(value) : otherwise;
    return isfinite(n) && n >= 0 && n < 1e15 ? n : otherwise;
}

static void copy(char *to, size_t size, const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    rl_str_copy(to, size, text ? text : "");
}

void rl_told_parse(struct rl_told *told, const char *line, size_t size)
{
    *told = (struct rl_told){.left_s = -1};
    json_t *json = json_loadb(line, size, 0, NULL);
    const char *event = json_string_value(json_object_get(json, "event"));
    if (event && !strcmp(event, "progress"))
        told->what = RL_TOLD_PROGRESS;
    else if (event && !strcmp(event, "log"))
        told->what = RL_TOLD_LOG;
    else if (event && !strcmp(event, "done"))
        told->what = RL_TOLD_DONE;
    else if (event && !strcmp(event, "error"))
        told->what = RL_TOLD_ERROR;
    told->frames = (int64_t)number(json, "frames", 0);
    told->total = (int64_t)number(json, "total", 0);
    told->fps = number(json, "fps", 0);
    told->left_s = number(json, "eta", -1);
    told->elapsed_s = number(json, "elapsed", 0);
    copy(told->level, sizeof told->level, json, "level");
    copy(told->message, sizeof told->message, json, "message");
    copy(told->hint, sizeof told->hint, json, "hint");
    copy(told->code, sizeof told->code, json, "status");
    copy(told->output, sizeof told->output, json, "output");
    // A name in the job's folder it is, and nothing else.
    if (strchr(told->output, '/') || told->output[0] == '.')
        told->output[0] = 0;
    json_decref(json);
}

void rl_lines_add(struct rl_lines *lines, const char *bytes, size_t size,
                  void (*line)(void *user, const char *text, size_t size), void *user)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == '\n') {
            if (!lines->too_long)
                line(user, lines->text, lines->used);
            lines->used = 0;
            lines->too_long = false;
        } else if (lines->used < sizeof lines->text) {
            lines->text[lines->used++] = bytes[i];
        } else {
            lines->too_long = true;
        }
    }
}
