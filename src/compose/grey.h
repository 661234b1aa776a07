// SPDX-License-Identifier: MIT
//
// The depth map as a picture: d = 0 black, d = 1 white, in between linear in the picture's own
// range and bit depth, without colour. Maps of another size are stretched (bilinear). The picture's
// bars have no depth: they are black.
#ifndef RL_COMPOSE_GREY_H
#define RL_COMPOSE_GREY_H

#include "base/workers.h"
#include "plane/frame.h"

struct rl_grey {
    uint16_t *scratch;  // a row of the map for each slot
    size_t row_samples;
    int *places;                  // where each column lies in a row of the map, 24.8 fixed point
    int map_width, width, slots;  // what the above is made for: the area's
};

void rl_grey_clear(struct rl_grey *grey);

// Draws frame->depth into `output`: a working format or GRAY16, of any size.
enum relief_status rl_grey_picture(struct rl_grey *grey, struct rl_workers *workers,
                                   const struct rl_frame *frame, const AVFrame *output,
                                   struct relief_error *err);

#endif
