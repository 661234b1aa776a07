// SPDX-License-Identifier: MIT
#include "serve/guard.h"

#include "base/str.h"

#include <arpa/inet.h>
#include <strings.h>
#include <sys/random.h>
#include <unistd.h>

// A page that drags a slider asks some ten times a second; fifty films dropped at once must pass.
static const double requests_most = 600, requests_per_s = 60;
static const double uploads_most = 200, uploads_per_s = 2;

void rl_guard_init(struct rl_guard *guard, const char *listen, int port, const char *token)
{
    *guard = (struct rl_guard){.loopback = rl_address_is_loopback(listen)};
    pthread_mutex_init(&guard->mutex, NULL);
    rl_str_copy(guard->listen, sizeof guard->listen, listen);
    snprintf(guard->cookie, sizeof guard->cookie, "relief_%d", port);
    if (token)
        rl_str_copy(guard->token, sizeof guard->token, token);
    else if (!guard->loopback)
        rl_random_name(guard->token, 26);
}

void rl_guard_clear(struct rl_guard *guard)
{
    pthread_mutex_destroy(&guard->mutex);
}

bool rl_address_is_loopback(const char *address)
{
    return rl_str_starts(address, "127.") || !strcmp(address, "::1") ||
           !strcmp(address, "localhost");
}

// The name of "name", "name:80", "[::1]:80"; empty when it does not fit.
static void host_name(const char *host, char *name, size_t size)
{
    bool bracket = host[0] == '[';
    const char *begin = bracket ? host + 1 : host;
    size_t length = strcspn(begin, bracket ? "]" : ":");
    const char *rest = begin + length + (bracket && begin[length] == ']' ? 1 : 0);
    name[0] = 0;
    if (length >= size || (bracket && begin[length] != ']'))
        return;
    if (*rest && (*rest != ':' || rest[1 + strspn(rest + 1, "0123456789")]))
        return;
    memcpy(name, begin, length);
    name[length] = 0;
}

static bool is_ip(const char *name)
{
    unsigned char address[16];
    return inet_pton(AF_INET, name, address) == 1 || inet_pton(AF_INET6, name, address) == 1;
}

static bool is_own_name(const char *name)
{
    char own[256] = "";
    if (gethostname(own, sizeof own - 1) || !*own)
        return false;
    size_t length = strlen(own);
    return !strcasecmp(name, own) ||
           (!strncasecmp(name, own, length) && !strcasecmp(name + length, ".local"));
}

bool rl_guard_host(const struct rl_guard *guard, const char *host)
{
    char name[256];
    if (!host)
        return false;
    host_name(host, name, sizeof name);
    if (!*name)
        return false;
    struct in_addr address;
    bool ip4 = inet_pton(AF_INET, name, &address) == 1;
    if (!strcasecmp(name, "localhost") || !strcmp(name, "::1") ||
        (ip4 && rl_str_starts(name, "127.")))
        return true;
    return !guard->loopback && (is_ip(name) || is_own_name(name) || !strcmp(name, guard->listen));
}

bool rl_guard_origin(const char *origin, const char *host, const char *fetch_site)
{
    if (fetch_site && strcmp(fetch_site, "same-origin") != 0 && strcmp(fetch_site, "none") != 0)
        return false;
    if (!origin)
        return true;
    return host && rl_str_starts(origin, "http://") && !strcasecmp(origin + 7, host);
}

// In a time that does not tell how much was right.
static bool same_secret(const char *given, const char *secret)
{
    size_t length = strlen(secret), given_length = strlen(given);
    unsigned different = given_length != length;
    for (size_t i = 0; i < length; i++)
        different |= (unsigned)(given[i < given_length ? i : 0] ^ secret[i]);
    return !different;
}

bool rl_guard_token(const struct rl_guard *guard, const char *authorization, const char *cookie)
{
    if (!guard->token[0])
        return true;
    if (authorization && !strncasecmp(authorization, "Bearer ", 7) &&
        same_secret(authorization + 7, guard->token))
        return true;
    return cookie && same_secret(cookie, guard->token);
}

static struct rl_bucket *bucket_of(struct rl_guard *guard, const char *address, double now_s)
{
    struct rl_bucket *oldest = &guard->buckets[0];
    for (struct rl_bucket *b = guard->buckets; b < guard->buckets + RL_BUCKETS; b++) {
        if (!strcmp(b->address, address))
            return b;
        if (b->time_s < oldest->time_s)
            oldest = b;
    }
    *oldest = (struct rl_bucket){
        .requests = requests_most, .uploads = uploads_most, .time_s = now_s};
    rl_str_copy(oldest->address, sizeof oldest->address, address);
    return oldest;
}

static double filled(double level, double seconds, double per_s, double most)
{
    level += seconds * per_s;
    return level < most ? level : most;
}

bool rl_guard_rate(struct rl_guard *guard, const char *address, bool upload, double now_s)
{
    pthread_mutex_lock(&guard->mutex);
    struct rl_bucket *b = bucket_of(guard, address, now_s);
    double seconds = now_s > b->time_s ? now_s - b->time_s : 0;
    b->requests = filled(b->requests, seconds, requests_per_s, requests_most);
    b->uploads = filled(b->uploads, seconds, uploads_per_s, uploads_most);
    b->time_s = now_s;
    double *level = upload ? &b->uploads : &b->requests;
    bool enough = *level >= 1;
    if (enough)
        *level -= 1;
    pthread_mutex_unlock(&guard->mutex);
    return enough;
}

void rl_random_name(char *name, size_t count)
{
    static const char letters[] = "0123456789abcdefghjkmnpqrstvwxyz";
    for (size_t i = 0; i < count;) {
        unsigned char bytes[64];
        ssize_t got = getrandom(bytes, sizeof bytes, 0);
        for (ssize_t k = 0; k < got && i < count; k++)
            name[i++] = letters[bytes[k] % 32];
    }
    name[count] = 0;
}
