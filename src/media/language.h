// SPDX-License-Identifier: MIT
//
// Languages by the tags of BCP 47 (RFC 5646), such as pt-BR and zh-Hant. Beside FFmpeg's
// "language", of three letters, a stream has the whole tag as RL_LANGUAGE_TAG.
#ifndef RL_MEDIA_LANGUAGE_H
#define RL_MEDIA_LANGUAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define RL_LANGUAGE_TAG "language-bcp47"

enum { RL_LANGUAGE_BYTES = 64 };  // of a tag, with NUL

// Letters, digits and hyphens, 2 to RL_LANGUAGE_BYTES - 1 of them.
static inline bool rl_language_is_tag(const char *text, size_t length)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
    for (size_t i = 0; i < length; i++)
        if (!text[i] || !strchr(allowed, text[i]))
            return false;
    return length >= 2 && length < RL_LANGUAGE_BYTES;
}

#endif
