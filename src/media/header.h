// SPDX-License-Identifier: MIT
//
// What stands in front of a file: streams, tags, options; and which streams a muxer refuses.
#ifndef RL_MEDIA_HEADER_H
#define RL_MEDIA_HEADER_H

#include "media/mux.h"

bool rl_header_is_mov(const struct rl_mux *mux);

// Matroska itself, not WebM.
bool rl_header_is_matroska(const struct rl_mux *mux);

// Whether an MP4 or MOV gets all tags of the film as keys, whatever they are called.
bool rl_header_keeps_keys(const struct rl_mux *mux);

// Whether languages of tracks can be said by BCP 47.
bool rl_header_takes_language_tags(const struct rl_mux *mux);

// Makes a muxer with all streams that are planned, and its options. AVERROR code on failure.
int rl_header_make(struct rl_mux *mux, AVFormatContext **format, AVDictionary **options);

// Writes a header that goes nowhere: an AVERROR code tells that the muxer refuses a stream.
int rl_header_try(struct rl_mux *mux);

// Adds the streams one by one to find the refused ones: they are converted or left out.
enum relief_status rl_header_find_refused(struct rl_mux *mux, struct relief_error *err);

#endif
