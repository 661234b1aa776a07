// SPDX-License-Identifier: MIT
#include "depth/cache.h"

#include "base/str.h"
#include "depth/depth.h"

#include <pthread.h>
#include <sys/stat.h>

enum { KEPT_MAX = 4 };

struct kept {
    struct rl_network_key key;
    struct rl_opened opened;
};

struct rl_depth_cache {
    pthread_mutex_t mutex;
    struct kept kept[KEPT_MAX];  // the one unused for longest first
    int count;
};

enum relief_status rl_depth_cache_create(struct rl_depth_cache **cache, struct relief_error *err)
{
    *cache = calloc(1, sizeof **cache);
    if (!*cache)
        return rl_fail_memory(err);
    pthread_mutex_init(&(*cache)->mutex, NULL);
    return RELIEF_OK;
}

void rl_depth_cache_free(struct rl_depth_cache **cache)
{
    struct rl_depth_cache *c = *cache;
    *cache = NULL;
    if (!c)
        return;
    for (int i = 0; i < c->count; i++)
        c->kept[i].opened.engine->close(&c->kept[i].opened.network);
    pthread_mutex_destroy(&c->mutex);
    free(c);
}

void rl_network_key_init(struct rl_network_key *key, const struct rl_network_params *params)
{
    struct stat info;
    *key = (struct rl_network_key){0};
    rl_str_copy(key->path, sizeof key->path, params->model->path);
    rl_str_copy(key->device, sizeof key->device, params->device);
    key->precision = params->precision;
    key->width = params->width;
    key->height = params->height;
    key->threads = params->threads;
    key->requests = params->requests;
    if (stat(params->model->path, &info) == 0) {
        key->file_bytes = info.st_size;
        key->file_time_ns = (int64_t)info.st_mtim.tv_sec * 1000000000 + info.st_mtim.tv_nsec;
    }
}

static bool same_key(const struct rl_network_key *a, const struct rl_network_key *b)
{
    return strcmp(a->path, b->path) == 0 && strcmp(a->device, b->device) == 0 &&
           a->precision == b->precision && a->width == b->width && a->height == b->height &&
           a->threads == b->threads && a->requests == b->requests &&
           a->file_bytes == b->file_bytes && a->file_time_ns == b->file_time_ns;
}

// Call with the mutex held.
static struct rl_opened remove_at(struct rl_depth_cache *cache, int index)
{
    struct rl_opened opened = cache->kept[index].opened;
    cache->count--;
    memmove(&cache->kept[index], &cache->kept[index + 1],
            (size_t)(cache->count - index) * sizeof *cache->kept);
    return opened;
}

bool rl_depth_cache_take(struct rl_depth_cache *cache, const struct rl_network_key *key,
                         struct rl_opened *opened)
{
    bool found = false;
    if (!cache)
        return false;
    pthread_mutex_lock(&cache->mutex);
    for (int i = cache->count - 1; i >= 0 && !found; i--) {
        found = same_key(&cache->kept[i].key, key);
        if (found)
            *opened = remove_at(cache, i);
    }
    pthread_mutex_unlock(&cache->mutex);
    return found;
}

void rl_depth_cache_give(struct rl_depth_cache *cache, const struct rl_network_key *key,
                         struct rl_opened *opened)
{
    struct rl_opened extra = *opened;  // what is closed at the end: this one, or an older one
    *opened = (struct rl_opened){0};
    if (cache) {
        pthread_mutex_lock(&cache->mutex);
        struct kept newest = {*key, extra};
        extra = cache->count == KEPT_MAX ? remove_at(cache, 0) : (struct rl_opened){0};
        cache->kept[cache->count++] = newest;
        pthread_mutex_unlock(&cache->mutex);
    }
    if (extra.network)
        extra.engine->close(&extra.network);
}
