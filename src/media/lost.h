// SPDX-License-Identifier: MIT
//
// What pictures carry that no result does: transparency, the metadata of Dolby Vision, and views
// that are in them already. Each is named once in a warning.
#ifndef RL_MEDIA_LOST_H
#define RL_MEDIA_LOST_H

#include "base/log.h"
#include "media/input.h"

#include <libavutil/frame.h>

struct rl_lost {
    bool told_alpha, told_dolby, told_stereo;
};

// `frame` as it was decoded. A channel of transparency that hides nothing is not worth a word.
void rl_lost_tell(struct rl_lost *lost, const struct rl_input *input, const AVFrame *frame,
                  struct rl_log *log);

#endif
