// SPDX-License-Identifier: MIT
//
// Rule 3 of fill.h: colours for the holes that are listed in level 0 and have their depth.
#ifndef RL_STEREO_FILL_PYRAMID_H
#define RL_STEREO_FILL_PYRAMID_H

#include "stereo/fill/fill.h"

void rl_pyramid_fill(struct rl_fill *fill);

#endif
