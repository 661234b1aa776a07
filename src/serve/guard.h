// SPDX-License-Identifier: MIT
//
// Who may ask: pages of other sites may not, and no more often than a person with a page does.
//
// 1. The Host header must name this server, so that a name which a stranger's DNS points here (DNS
//    rebinding) is refused: a loopback name, with another address also that address, any IP
//    address or the machine's own name, for there the token decides.
// 2. An Origin header must be this server's own, and Sec-Fetch-Site, which browsers send, must not
//    say that another site asks.
// 3. With a token, everything needs it: "Authorization: Bearer TOKEN" or the cookie.
// 4. Rates are counted for each address: a bucket that fills slowly (all requests), and a smaller
//    one for what takes room on disk.
// Pure functions but for the buckets, which have a mutex of their own.
#ifndef RL_SERVE_GUARD_H
#define RL_SERVE_GUARD_H

#include "base/error.h"

#include <pthread.h>
#include <stdbool.h>

enum { RL_TOKEN_MAX = 128, RL_BUCKETS = 64 };

struct rl_bucket {
    char address[64];
    double requests, uploads;  // how many are left
    double time_s;             // when that was so
};

struct rl_guard {
    char listen[64];
    bool loopback;             // listens on a loopback address
    char token[RL_TOKEN_MAX];  // empty = none is needed
    char cookie[32];           // name of the cookie that carries it
    pthread_mutex_t mutex;
    struct rl_bucket buckets[RL_BUCKETS];
};

// `port` names the cookie: browsers share cookies between the ports of a host.
void rl_guard_init(struct rl_guard *guard, const char *listen, int port, const char *token);
void rl_guard_clear(struct rl_guard *guard);

bool rl_address_is_loopback(const char *address);

// `host` as in the header, with or without a port; NULL is refused.
bool rl_guard_host(const struct rl_guard *guard, const char *host);

// Headers that are missing are NULL.
bool rl_guard_origin(const char *origin, const char *host, const char *fetch_site);

// `authorization` is the header, `cookie` the value of the cookie; either may be NULL.
bool rl_guard_token(const struct rl_guard *guard, const char *authorization, const char *cookie);

// Takes one from the address's bucket; false when it is empty.
bool rl_guard_rate(struct rl_guard *guard, const char *address, bool upload, double now_s);

// `count` random characters of 0-9a-z and a NUL: 5 bits each.
void rl_random_name(char *name, size_t count);

#endif
