// SPDX-License-Identifier: MIT
//
// Tags of a film that FFmpeg's muxer of MP4 and MOV has no place for, as boxes: whatever they are
// called, iTunes and QuickTime have a way to say them, which FFmpeg and MediaInfo read.
//
//     MP4    an item "----" of ilst, of com.apple.iTunes, with the tag's name
//     MOV    a meta box of the moov, with a list of keys of the kind mdta
#ifndef RL_MEDIA_FILM_TAGS_H
#define RL_MEDIA_FILM_TAGS_H

#include "media/box.h"

#include <libavutil/dict.h>

// The items for an ilst.
void rl_film_tags_put_itunes(struct rl_bytes *out, const AVDictionary *tags);

// An item of an ilst that says one of `tags`.
bool rl_film_tags_is_ours(const struct rl_box *item, const AVDictionary *tags);

// The whole meta box.
void rl_film_tags_put_quicktime(struct rl_bytes *out, const AVDictionary *tags);

#endif
