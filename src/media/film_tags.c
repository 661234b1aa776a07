// SPDX-License-Identifier: MIT
#include "media/film_tags.h"

#include <string.h>

enum {
    OWN = RL_BOX('-', '-', '-', '-'),
    MEAN = RL_BOX('m', 'e', 'a', 'n'),
    NAME = RL_BOX('n', 'a', 'm', 'e'),
    DATA = RL_BOX('d', 'a', 't', 'a'),
    META = RL_BOX('m', 'e', 't', 'a'),
    HDLR = RL_BOX('h', 'd', 'l', 'r'),
    MDTA = RL_BOX('m', 'd', 't', 'a'),
    KEYS = RL_BOX('k', 'e', 'y', 's'),
    ILST = RL_BOX('i', 'l', 's', 't'),
    NAME_MOST = 256,
};

static const AVDictionaryEntry *next_tag(const AVDictionary *tags, const AVDictionaryEntry *tag)
{
    return av_dict_get(tags, "", tag, AV_DICT_IGNORE_SUFFIX);
}

static void put_data(struct rl_bytes *out, const char *text)
{
    size_t data = rl_box_begin(out, DATA);
    rl_bytes_put32(out, 1);  // UTF-8
    rl_bytes_put32(out, 0);  // of no country and language
    rl_bytes_put(out, text, strlen(text));
    rl_box_end(out, data);
}

void rl_film_tags_put_itunes(struct rl_bytes *out, const AVDictionary *tags)
{
    static const char owner[] = "com.apple.iTunes";
    for (const AVDictionaryEntry *tag = NULL; (tag = next_tag(tags, tag));) {
        size_t item = rl_box_begin(out, OWN);
        rl_box_put_full(out, MEAN, owner, sizeof owner - 1);
        rl_box_put_full(out, NAME, tag->key, strlen(tag->key));
        put_data(out, tag->value);
        rl_box_end(out, item);
    }
}

bool rl_film_tags_is_ours(const struct rl_box *item, const AVDictionary *tags)
{
    struct rl_box name;
    char key[NAME_MOST] = "";
    if (item->type != OWN || !rl_box_find(&name, item, NAME) || name.body_size <= 4 ||
        name.body_size - 4 >= sizeof key)
        return false;
    memcpy(key, name.body + 4, name.body_size - 4);
    return av_dict_get(tags, key, NULL, 0);
}

void rl_film_tags_put_quicktime(struct rl_bytes *out, const AVDictionary *tags)
{
    static const uint8_t empty[13] = {0};
    size_t meta = rl_box_begin(out, META);
    size_t hdlr = rl_box_begin(out, HDLR);
    rl_bytes_put(out, empty, 8);
    rl_bytes_put32(out, MDTA);
    rl_bytes_put(out, empty, sizeof empty);  // no maker, no name
    rl_box_end(out, hdlr);
    size_t keys = rl_box_begin(out, KEYS);
    rl_bytes_put32(out, 0);
    rl_bytes_put32(out, (uint32_t)av_dict_count(tags));
    for (const AVDictionaryEntry *tag = NULL; (tag = next_tag(tags, tag));) {
        size_t key = rl_box_begin(out, MDTA);
        rl_bytes_put(out, tag->key, strlen(tag->key));
        rl_box_end(out, key);
    }
    rl_box_end(out, keys);
    size_t list = rl_box_begin(out, ILST);
    uint32_t number = 1;
    for (const AVDictionaryEntry *tag = NULL; (tag = next_tag(tags, tag));) {
        size_t item = rl_box_begin(out, number++);
        put_data(out, tag->value);
        rl_box_end(out, item);
    }
    rl_box_end(out, list);
    rl_box_end(out, meta);
}
