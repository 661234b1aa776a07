// SPDX-License-Identifier: MIT
//
// What MP4 and MOV say of their tracks and FFmpeg does not read or write: titles, and what a track
// is for.
//
//     name         a title, in the track's udta; titl (3GPP), QuickTime's and iTunes' are read too
//     kind         MP4's roles, of the scheme that DASH has, as FFmpeg writes them for some MP4
//     tagc         QuickTime's "media characteristics"
//     tx3g         a flag of its sample entry: all of its texts are forced ones
//     tkhd         its lowest flag: the track is on without being asked for
//     elng         its language by BCP 47, in its mdia; RL_LANGUAGE_TAG of the stream
//
// What is not understood is passed over.
#ifndef RL_MEDIA_TRACKS_H
#define RL_MEDIA_TRACKS_H

#include "media/box.h"

#include <libavformat/avformat.h>

// Of one track of a file that is written.
struct rl_track_words {
    uint32_t id;           // the track's number, from 1
    const char *title;     // NULL: none. The owner of the tags owns it and the language
    const char *language;  // by BCP 47; NULL: none
    int disposition;       // AV_DISPOSITION_*
    bool is_text;          // shown only if DEFAULT is set
};

enum { RL_TX3G_FORCED = 0xc0 };  // the first byte of the entry's flags: some texts are, all are

// Adds title, language and dispositions to the demuxer's streams. `fd` is a file on disk; its place
// stays. 0, or an AVERROR code when memory is short.
int rl_tracks_read(AVFormatContext *demuxer, int fd);

// The same of a moov box in memory.
int rl_tracks_read_moov(AVFormatContext *demuxer, const uint8_t *moov, size_t size);

// A box of a track's udta that rl_tracks_put() writes.
bool rl_tracks_is_ours(uint32_t type);

// The boxes for a track's udta; `quicktime` adds tagc.
void rl_tracks_put(struct rl_bytes *out, const struct rl_track_words *words, bool quicktime);

// The box that stands behind a track's mdhd; none for a track without a tag.
void rl_tracks_put_language(struct rl_bytes *out, const struct rl_track_words *words);

// What a track of MP4 can say, and of QuickTime: AV_DISPOSITION_* flags.
int rl_tracks_carry(bool quicktime);

#endif
