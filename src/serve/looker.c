// SPDX-License-Identifier: MIT
#include "serve/looker.h"

#include "base/json.h"
#include "serve/look.h"
#include "serve/process.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    ROOM_BYTES = 32 << 20,  // for one JPEG
    MESSAGE_BYTES = 96 << 10,
    PATIENCE_S = 60,  // for one request
};

// Shared by the three processes.
struct room {
    atomic_bool busy;  // the looker has a request that was not answered yet
    uint8_t bytes[ROOM_BYTES];
};

struct rl_looker {
    pthread_mutex_t mutex;
    int socket;
    pid_t keeper;
    struct room *room;
};

static bool send_json(int socket, json_t *message)
{
    char *text = message ? json_dumps(message, JSON_COMPACT) : NULL;
    bool sent = text && send(socket, text, strlen(text), MSG_NOSIGNAL) >= 0;
    free(text);
    json_decref(message);
    return sent;
}

static json_t *receive_json(int socket)
{
    char *text = malloc(MESSAGE_BYTES);
    ssize_t got = -1;
    do
        got = text ? recv(socket, text, MESSAGE_BYTES, 0) : -1;
    while (got < 0 && errno == EINTR);
    json_t *message = got > 0 ? json_loadb(text, (size_t)got, 0, NULL) : NULL;
    free(text);
    return message;
}

// ---- The looker and its keeper

static void look(int socket, struct room *room)
{
    struct rl_look_desk *desk = rl_look_open();
    for (json_t *request; desk && (request = receive_json(socket));) {
        room->busy = true;
        alarm(PATIENCE_S);
        json_t *answer = rl_look_answer(desk, request, room->bytes, ROOM_BYTES);
        alarm(0);
        json_decref(request);
        room->busy = false;
        if (!send_json(socket, answer))
            break;
    }
    _exit(0);
}

static void say_why(int socket, int end)
{
    const char *message = "the film could not be looked at: relief crashed on it";
    if (WIFSIGNALED(end) && WTERMSIG(end) == SIGALRM)
        message = "the film could not be looked at: it took too long";
    send_json(socket, json_pack("{s{si ss ss}}", "error", "status", (int)RELIEF_E_INPUT, "message",
                                message, "hint", ""));
}

static void keep(int socket, struct room *room, pid_t server)
{
    if (!rl_process_settle(server, 0))
        _exit(0);
    // Ctrl-C on the terminal reaches the whole group; the server says when it is over.
    signal(SIGINT, SIG_IGN);
    pid_t self = getpid();
    for (;;) {
        int end = 0;
        pid_t looker = fork();
        if (looker == 0) {
            if (rl_process_settle(self, 0)) {
                signal(SIGINT, SIG_IGN);
                look(socket, room);
            }
            _exit(0);
        }
        if (looker < 0 || waitpid(looker, &end, 0) < 0 || (WIFEXITED(end) && !WEXITSTATUS(end)))
            _exit(0);
        if (atomic_exchange(&room->busy, false))
            say_why(socket, end);
    }
}

// ---- The server's side

enum relief_status rl_looker_start(struct rl_looker **out, struct relief_error *err)
{
    int sockets[2];
    pid_t self = getpid();
    struct rl_looker *looker = calloc(1, sizeof *looker);
    *out = NULL;
    if (!looker)
        return rl_fail_memory(err);
    pthread_mutex_init(&looker->mutex, NULL);
    looker->socket = -1;
    looker->room = mmap(NULL, sizeof *looker->room, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (looker->room == MAP_FAILED ||
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets))
        goto fail;
    looker->keeper = fork();
    if (looker->keeper < 0) {
        close(sockets[0]);
        close(sockets[1]);
        goto fail;
    }
    if (looker->keeper == 0) {
        close(sockets[0]);
        keep(sockets[1], looker->room, self);
    }
    close(sockets[1]);
    looker->socket = sockets[0];
    *out = looker;
    return RELIEF_OK;
fail:
    looker->keeper = 0;
    rl_fail_errno(err, RELIEF_E_FAILED, errno, "the process that looks at films cannot be started");
    rl_looker_stop(&looker);
    return RELIEF_E_FAILED;
}

void rl_looker_refuse(struct rl_looker *looker)
{
    shutdown(looker->socket, SHUT_RDWR);
}

void rl_looker_stop(struct rl_looker **looker)
{
    struct rl_looker *l = *looker;
    *looker = NULL;
    if (!l)
        return;
    if (l->socket >= 0)
        close(l->socket);
    if (l->keeper > 0) {
        kill(l->keeper, SIGKILL);  // the looker dies with it
        waitpid(l->keeper, NULL, 0);
    }
    if (l->room != MAP_FAILED)
        munmap(l->room, sizeof *l->room);
    pthread_mutex_destroy(&l->mutex);
    free(l);
}

// Takes over `request`. The answer is a new object.
static enum relief_status ask(struct rl_looker *looker, json_t *request, json_t **answer,
                              struct relief_error *err)
{
    *answer = send_json(looker->socket, request) ? receive_json(looker->socket) : NULL;
    if (!*answer)
        return rl_fail(err, RELIEF_E_FAILED, "the process that looks at films has gone");
    const json_t *error = json_object_get(*answer, "error");
    if (!error)
        return RELIEF_OK;
    const char *message = json_string_value(json_object_get(error, "message"));
    const char *hint = json_string_value(json_object_get(error, "hint"));
    int status = (int)json_integer_value(json_object_get(error, "status"));
    rl_fail(err, status ? (enum relief_status)status : RELIEF_E_FAILED, "%s",
            message ? message : "the film could not be looked at");
    if (hint && *hint)
        rl_hint(err, "%s", hint);
    json_decref(*answer);
    *answer = NULL;
    return err ? err->status : RELIEF_E_FAILED;
}

enum relief_status rl_looker_probe(struct rl_looker *looker, const char *path, json_t **info,
                                   struct relief_error *err)
{
    json_t *answer = NULL;
    pthread_mutex_lock(&looker->mutex);
    enum relief_status status = ask(
        looker, json_pack("{ss so}", "what", "probe", "path", rl_json_text(path)), &answer, err);
    pthread_mutex_unlock(&looker->mutex);
    *info = json_incref(json_object_get(answer, "info"));
    json_decref(answer);
    return status;
}

static enum relief_status take_picture(struct rl_looker *looker, const json_t *answer,
                                       struct rl_looked *looked, struct relief_error *err)
{
    json_int_t bytes = json_integer_value(json_object_get(answer, "bytes"));
    if (bytes <= 0 || bytes > ROOM_BYTES)
        return rl_fail(err, RELIEF_E_FAILED, "the preview came without a picture");
    looked->size = (size_t)bytes;
    looked->jpeg = malloc(looked->size);
    if (!looked->jpeg)
        return rl_fail_memory(err);
    memcpy(looked->jpeg, looker->room->bytes, looked->size);
    looked->width = (int)json_integer_value(json_object_get(answer, "width"));
    looked->height = (int)json_integer_value(json_object_get(answer, "height"));
    looked->seconds = json_real_value(json_object_get(answer, "seconds"));
    return RELIEF_OK;
}

enum relief_status rl_looker_preview(struct rl_looker *looker, const struct rl_look *look,
                                     struct rl_looked *looked, struct relief_error *err)
{
    json_t *answer = NULL;
    *looked = (struct rl_looked){0};
    json_t *request = json_pack("{ss so sI ss si sO}", "what", "preview", "path",
                                rl_json_text(look->path), "time_us", (json_int_t)look->time_us,
                                "view", look->view, "longest", look->longest_px, "settings",
                                look->settings);
    pthread_mutex_lock(&looker->mutex);
    enum relief_status status = ask(looker, request, &answer, err);
    if (status == RELIEF_OK)
        status = take_picture(looker, answer, looked, err);
    pthread_mutex_unlock(&looker->mutex);
    json_decref(answer);
    return status;
}
