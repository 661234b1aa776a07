// SPDX-License-Identifier: MIT
//
// A floating window: the left border of the left eye's view, and the right border of the right
// eye's, are covered by black. So both edges of the picture have parallax, and stand before the
// screen like a window frame; things at the border then lie behind it and are cut off as a window
// cuts them off, not by an edge that is farther than they are.
#ifndef RL_STEREO_MASK_H
#define RL_STEREO_MASK_H

#include "plane/frame.h"

#include <stdbool.h>

// Covers `width_px` luma pixels at one side of `area`; fractions are mixed, so that the edge can
// move gently.
void rl_mask_border(AVFrame *view, struct rl_area area, bool right, float width_px);

#endif
