// SPDX-License-Identifier: MIT
#include "serve/serve.h"

#include "base/file.h"
#include "base/str.h"
#include "serve/server.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { CLEAN_EVERY_S = 600 };

void rl_serve_params_default(struct rl_serve_params *params)
{
    *params = (struct rl_serve_params){
        .listen = "127.0.0.1",
        .port = 8347,
        .max_upload_gib = 100,
        .keep_days = 7,
    };
}

static enum relief_status set_number(const char *name, const char *value, double most, double *to,
                                     struct relief_error *err)
{
    char *end;
    double number = strtod(value, &end);
    if (end == value || *end || !isfinite(number) || number < 0 || number > most)
        return rl_fail(err, RELIEF_E_ARGUMENT, "--%s: '%s' is no number from 0 to %g", name, value,
                       most);
    *to = number;
    return RELIEF_OK;
}

bool rl_serve_params_set(struct rl_serve_params *params, const char *name, const char *value,
                         enum relief_status *status, struct relief_error *err)
{
    *status = RELIEF_OK;
    if (!strcmp(name, "listen")) {
        params->listen = value;
    } else if (!strcmp(name, "token")) {
        params->token = value;
    } else if (!strcmp(name, "data")) {
        params->data = value;
    } else if (!strcmp(name, "folder")) {
        params->folder = value;
    } else if (!strcmp(name, "port")) {
        double port = 0;
        *status = set_number(name, value, 65535, &port, err);
        params->port = (int)port;
    } else if (!strcmp(name, "max-upload")) {
        *status = set_number(name, value, 1e6, &params->max_upload_gib, err);
    } else if (!strcmp(name, "keep-days")) {
        *status = set_number(name, value, 1e5, &params->keep_days, err);
    } else {
        return false;
    }
    return true;
}

// It goes into a header, a cookie and an address.
static enum relief_status check_token(const char *token, struct relief_error *err)
{
    if (!token || (strlen(token) >= 8 && strlen(token) < RL_TOKEN_MAX &&
                   !token[strspn(token, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                        "0123456789-_.~")]))
        return RELIEF_OK;
    return rl_fail(err, RELIEF_E_ARGUMENT, "--token: takes 8 to %d letters and digits",
                   RL_TOKEN_MAX - 1);
}

// Where the user's data belong, as the XDG base directory rules say.
static enum relief_status find_data(const char *given, char *path, size_t size,
                                    struct relief_error *err)
{
    const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    if (given)
        rl_str_copy(path, size, given);
    else if (data && *data == '/')
        snprintf(path, size, "%s/relief", data);
    else if (home && *home)
        snprintf(path, size, "%s/.local/share/relief", home);
    else
        return rl_fail(err, RELIEF_E_ARGUMENT, "--data: is needed, for HOME is not set");
    mode_t usual = umask(077);  // others have no business with the films
    enum relief_status status = rl_make_folders(path, err);
    umask(usual);
    char *real = status == RELIEF_OK ? realpath(path, NULL) : NULL;
    if (status == RELIEF_OK && (!real || !rl_str_copy(path, size, real)))
        status = rl_fail_errno(err, RELIEF_E_OUTPUT, errno, "%s: cannot be used", path);
    free(real);
    return status;
}

static enum relief_status find_folder(struct rl_server *server, const char *folder,
                                      struct relief_error *err)
{
    char *real = folder ? realpath(folder, NULL) : NULL;
    enum relief_status status = RELIEF_OK;
    if (folder && (!real || !rl_path_is_folder(real) ||
                   !rl_str_copy(server->folder, sizeof server->folder, real)))
        status = rl_fail(err, RELIEF_E_INPUT, "%s: is no folder", folder);
    free(real);
    return status;
}

// One server a folder: two would convert the same jobs.
static enum relief_status take_lock(const char *data, int *lock, struct relief_error *err)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/lock", data);
    *lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*lock < 0)
        return rl_fail_errno(err, RELIEF_E_OUTPUT, errno, "%s: cannot be written", path);
    if (flock(*lock, LOCK_EX | LOCK_NB)) {
        rl_fail(err, RELIEF_E_OUTPUT, "%s: another relief serve uses this folder", data);
        rl_hint(err, "--data DIR");
        return RELIEF_E_OUTPUT;
    }
    return RELIEF_OK;
}

static void say_where(const struct rl_server *server, const struct rl_serve_params *params)
{
    bool ip6 = strchr(params->listen, ':') != NULL;
    bool any = !strcmp(params->listen, "0.0.0.0") || !strcmp(params->listen, "::");
    char name[256] = "localhost";
    if (any && gethostname(name, sizeof name - 1))
        rl_str_copy(name, sizeof name, "localhost");
    printf("relief serves at http://%s%s%s:%d/%s%s\n", ip6 && !any ? "[" : "",
           any ? name : params->listen, ip6 && !any ? "]" : "", rl_http_port(server->http),
           server->guard.token[0] ? "?token=" : "", server->guard.token);
    fflush(stdout);
}

static void close_streams(struct rl_server *server)
{
    rl_desk_lock(&server->desk);
    server->desk.closing = true;
    pthread_cond_broadcast(&server->desk.changed);
    rl_desk_unlock(&server->desk);
}

// Until a signal comes; cleans up now and then.
static void wait_for_end(struct rl_server *server, const struct rl_serve_params *params,
                         const sigset_t *signals)
{
    const struct timespec between = {CLEAN_EVERY_S, 0};
    do {
        rl_desk_lock(&server->desk);
        rl_desk_clean(&server->desk, params->keep_days * 24 * 3600);
        rl_desk_unlock(&server->desk);
    } while (sigtimedwait(signals, NULL, &between) < 0 && (errno == EAGAIN || errno == EINTR));
}

static enum relief_status serve(struct rl_server *server, const struct rl_serve_params *params,
                                const char *data, const sigset_t *signals, struct relief_error *err)
{
    struct rl_http_params http = {
        .listen = params->listen,
        .port = params->port,
        .server = server,
        .guard = &server->guard,
        .routes = rl_routes,
        .pieces = rl_upload_pieces,
    };
    enum relief_status status = rl_desk_open(&server->desk, data, err);
    if (status == RELIEF_OK)
        status = rl_http_start(&server->http, &http, err);
    if (status == RELIEF_OK)
        status = rl_runner_start(&server->runner, &server->desk, err);
    if (status == RELIEF_OK) {
        say_where(server, params);
        wait_for_end(server, params, signals);
    }
    // Whoever waits, for a change or for the looker, is woken; then connections can end; then what
    // they used.
    close_streams(server);
    rl_looker_refuse(server->looker);
    rl_runner_stop(&server->runner);
    rl_http_stop(&server->http);
    rl_looker_stop(&server->looker);
    rl_desk_close(&server->desk);
    return status;
}

enum relief_status rl_serve(const struct rl_serve_params *params, struct relief_error *err)
{
    sigset_t signals, before;
    char data[3000];
    int lock = -1;
    struct rl_server *server = calloc(1, sizeof *server);
    if (!server)
        return rl_fail_memory(err);
    server->max_upload_bytes = (int64_t)(params->max_upload_gib * (1 << 30));
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, &before);
    enum relief_status status = check_token(params->token, err);
    if (status == RELIEF_OK)
        status = find_data(params->data, data, sizeof data, err);
    if (status == RELIEF_OK)
        status = find_folder(server, params->folder, err);
    if (status == RELIEF_OK)
        status = take_lock(data, &lock, err);
    if (status == RELIEF_OK)
        status = rl_looker_start(&server->looker, err);
    if (status == RELIEF_OK) {
        rl_guard_init(&server->guard, params->listen, params->port, params->token);
        status = serve(server, params, data, &signals, err);
        rl_guard_clear(&server->guard);
    }
    if (lock >= 0)
        close(lock);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    free(server);
    return status;
}
