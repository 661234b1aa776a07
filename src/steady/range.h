// SPDX-License-Identifier: MIT
//
// The shot's range of depth: which value of the network is far (d = 0) and which is near (d = 1).
//
// 1. Measured: the 1st and 99th percentile of the map, bars left out.
// 2. Carried along: networks give scale and shift anew for every frame. Where picture and map stand
//    still, that change shows; the range goes through the same change, so that still things keep
//    their d. This needs no look at other frames and does not lag.
// 3. Then moved towards what was measured: within a third of a second outward, so that a newcomer
//    is not clipped for long, within two seconds inward, so that nothing pumps. A cut starts anew.
// 4. A nearly flat map (a wall, a fade to black) is not blown up: the range is never narrower than
//    a share of what is usual for the film, nor than a share of the map's own magnitude.
#ifndef RL_STEADY_RANGE_H
#define RL_STEADY_RANGE_H

#include "steady/thumb.h"

struct rl_range {
    double frame_rate;
    float far, near;    // in the values of the last map
    float usual_width;  // of the film so far, moves over many seconds; 0 = nothing seen
    bool started;
    struct rl_thumb luma;        // of the last frame
    float cells[RL_THUMB_SIZE];  // of its map
};

void rl_range_init(struct rl_range *range, double frame_rate);

// The next frame: its map (GRAYF32), its thumbnail and the area without bars. Afterwards far and
// near are those of this frame, far < near.
void rl_range_push(struct rl_range *range, const AVFrame *map, const struct rl_thumb *luma,
                   struct rl_thumb_area area, bool cut);

// Two percentiles (0..1, low first) of the map's finite values in the area. False: there is none.
bool rl_range_percentiles(const AVFrame *map, struct rl_thumb_area area, const float shares[2],
                          float values[2]);

#endif
