// SPDX-License-Identifier: MIT
//
// What a container has no words for: titles, languages and purposes of streams, tags of the film.
// One warning names what is lost.
#ifndef RL_MEDIA_UNSAID_H
#define RL_MEDIA_UNSAID_H

#include "media/mux.h"

// `mux` with its streams planned.
void rl_unsaid_tell(const struct rl_mux *mux);

// The film's tags that the muxer does not write. AVERROR code on failure.
int rl_unsaid_tags(const struct rl_mux *mux, AVDictionary **tags);

// Whether boxes.h writes those tags: then they are not lost.
bool rl_unsaid_takes_tags(const struct rl_mux *mux);

#endif
