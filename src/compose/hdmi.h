// SPDX-License-Identifier: MIT
//
// HDMI 1.4's frame packing: the left view, blank lines, the right view, in one high picture. 45
// lines between 1080 lines, 30 between 720.
//
// With chroma of half height, 45 lines put the right view's chroma between two rows: each row is
// the mean of its neighbours, which is where the view's own would lie.
#ifndef RL_COMPOSE_HDMI_H
#define RL_COMPOSE_HDMI_H

#include "base/workers.h"
#include "plane/frame.h"

// Blank lines for views of that height; 0 when HDMI has no such packing.
int rl_hdmi_blank(int height);

// Writes into `output`, of the views' format and width.
void rl_hdmi_picture(struct rl_workers *workers, const AVFrame *left, const AVFrame *right,
                     const AVFrame *output);

#endif
