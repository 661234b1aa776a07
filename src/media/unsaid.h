// SPDX-License-Identifier: MIT
//
// What a container has no words for: titles, languages and purposes of streams, tags of the film.
// One warning names what is lost.
#ifndef RL_MEDIA_UNSAID_H
#define RL_MEDIA_UNSAID_H

#include "media/mux.h"

// `mux` with its streams planned and its header made.
void rl_unsaid_tell(const struct rl_mux *mux);

#endif
