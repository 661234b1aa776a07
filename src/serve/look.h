// SPDX-License-Identifier: MIT
//
// The looker's side of looker.h: requests in, answers out, in a process of its own.
#ifndef RL_SERVE_LOOK_H
#define RL_SERVE_LOOK_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

struct rl_look_desk;  // an open library, and viewers of the films looked at last

// NULL when out of memory.
struct rl_look_desk *rl_look_open(void);

// Answers one request; the JPEG, if there is one, goes to `room`. A new object: {"info": ...},
// {"width", "height", "bytes", "seconds"} or {"error": {"status", "message", "hint"}}.
json_t *rl_look_answer(struct rl_look_desk *desk, const json_t *request, uint8_t *room,
                       size_t room_size);

#endif
