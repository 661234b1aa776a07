// SPDX-License-Identifier: MIT
//
// The shot's range of depth: which value is far (d = 0) and which is near (d = 1).
//
// 1. Measured in each frame: the 1st and 99th percentile of its cells. Those that were not there
//    in the frame before (particles, sparks) do not count as long as enough others are left.
// 2. Moved, never set: within a shot near and far approach what the next RL_RANGE_AHEAD frames
//    need, the way a damped spring does, quickly outward, slowly inward. So room is made for a
//    newcomer before it is there, and nothing pumps. What lasts one frame only moves nothing.
//    Beside them goes the reach, at least as wide and ten times as quick: what lies between the two
//    is bent in (see smooth/), so that a newcomer has relief before room has been made for it.
//    Where the picture itself is new (behind a dissolve, in a fast pan) the range is soon new, too;
//    where most of it stands still it hardly moves, since there all of that would be seen.
// 3. A shot starts with the median of its first frames.
// 4. A nearly flat map (a wall, a fade to black) is not blown up: the range is never narrower than
//    a share of what is usual for the film, nor than a share of the map's own magnitude.
#ifndef RL_STEADY_RANGE_H
#define RL_STEADY_RANGE_H

#include <stdbool.h>
#include <stddef.h>

enum { RL_RANGE_AHEAD = 8 };

// Cells of a plane; `count` tells how many frames each is known for, NULL = all long enough.
struct rl_range_cells {
    const float *values, *count;
    ptrdiff_t stride;    // floats, of both
    int x0, y0, x1, y1;  // cells that count
};

// Far and near.
struct rl_limits {
    float far, near;
};

struct rl_range {
    double frame_rate;
    struct rl_limits at, speed;  // speed per second
    struct rl_limits reach, reach_speed;
    float usual_width;  // of the film so far, in the network's units; 0 = nothing seen
    bool started;
};

// The percentiles of one frame. False: there is no finite value.
bool rl_range_measure(const struct rl_range_cells *cells, struct rl_limits *seen);

// Widen around the middle to what is credible in the network's own units.
struct rl_limits rl_range_credible(const struct rl_range *range, struct rl_limits seen);

void rl_range_init(struct rl_range *range, double frame_rate);

// What is known of a frame that leaves.
struct rl_range_frame {
    bool first;   // of its shot
    float unit;   // how many of the shot's values make one of the network's
    float news;   // share of the picture that was not there before
    float still;  // share that was, and where it is now
};

// The next frame leaves: `ahead` holds what was measured of it and of those behind it in the same
// shot, in the shot's values, `count` of them, 1 .. RL_RANGE_AHEAD + 1. Afterwards range->at and
// range->reach are the frame's.
void rl_range_next(struct rl_range *range, const struct rl_limits *ahead, int count,
                   const struct rl_range_frame *frame);

#endif
