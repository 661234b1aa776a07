// SPDX-License-Identifier: MIT
//
// A conversion in a process of its own: the same program, "relief convert --progress json".
//
// 1. The child dies with the thread that started it, whatever ends that; it runs in the job's
//    folder, where its result gets the name that the command gives it, and sees no other
//    descriptor of the server.
// 2. What it says comes as lines of JSON; rl_told is what is understood of them.
#ifndef RL_SERVE_CHILD_H
#define RL_SERVE_CHILD_H

#include "base/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

struct rl_child {
    pid_t process;
    int out, errors;  // read ends of its standard output and standard error
};

// `settings`: name -> text, each of which becomes an option.
enum relief_status rl_child_start(struct rl_child *child, const char *folder, const char *film,
                                  const json_t *settings, struct relief_error *err);

// True when it has ended but was not reaped: until _reap its number belongs to nobody else.
bool rl_child_has_ended(const struct rl_child *child);

// Closes the pipes and reaps it; gives what waitpid() says.
int rl_child_reap(struct rl_child *child);

// What a line tells.
struct rl_told {
    enum { RL_TOLD_NOTHING, RL_TOLD_PROGRESS, RL_TOLD_LOG, RL_TOLD_DONE, RL_TOLD_ERROR } what;
    int64_t frames, total;
    double fps, left_s, elapsed_s;            // left_s -1 = unknown
    char level[16], message[640], hint[256];  // LOG and ERROR
    char code[24];                            // ERROR: a status word
    char output[256];                         // DONE: the result's name
};

// Any bytes are taken; what cannot be understood is NOTHING.
void rl_told_parse(struct rl_told *told, const char *line, size_t size);

// Lines out of bytes as they come; longer ones than it holds are dropped.
struct rl_lines {
    char text[16 << 10];
    size_t used;
    bool too_long;
};

// Calls `line` for each that is complete.
void rl_lines_add(struct rl_lines *lines, const char *bytes, size_t size,
                  void (*line)(void *user, const char *text, size_t size), void *user);

#endif
