// SPDX-License-Identifier: MIT
//
// What is remembered of a shot, as a picture, and how it is carried from one frame to another.
//
// 1. A memory is a GBRAPF32 picture of the map's size; its planes are those of enum
//    rl_memory_plane. Depth is in the shot's units.
// 2. Carrying gives a memory whose DEPTH and COUNT are as they arrive, and whose TRUST says how far
//    they can be believed; its LUMA means nothing.
// 3. One thread for one rl_carrier; memories come from its pool.
#ifndef RL_STEADY_MEMORY_H
#define RL_STEADY_MEMORY_H

#include "plane/frame.h"
#include "plane/pool.h"
#include "steady/align.h"
#include "steady/range.h"
#include "steady/smooth/smooth.h"
#include "steady/trend.h"

enum rl_memory_plane { RL_MEMORY_DEPTH, RL_MEMORY_COUNT, RL_MEMORY_LUMA, RL_MEMORY_TRUST };

struct rl_carrier {
    struct rl_smooth_fns fns;
    struct rl_pool pool;
    struct rl_trend trend;
    struct rl_smooth_how how;  // slack in shares of the range
};

float *rl_memory_plane(const AVFrame *memory, enum rl_memory_plane plane);

// Floats from one row to the next, of all planes.
ptrdiff_t rl_memory_stride(const AVFrame *memory);

// Row y of all planes.
struct rl_carried rl_memory_row(const AVFrame *memory, int y);

// The motion of a frame (see plane/frame.h) as the kernels see it.
struct rl_motion_view rl_memory_motion(const AVFrame *motion);

// NULL when out of memory.
AVFrame *rl_memory_new(struct rl_carrier *carrier, int width, int height);

// Depth becomes scale * map + shift. A wild value must not spoil sums: what is far outside of
// `seen` is brought to its edge, what is not a number takes the value before it.
void rl_memory_take_map(AVFrame *memory, const AVFrame *map, struct rl_limits seen,
                        struct rl_scale scale);

// Depth becomes scale * depth + shift.
void rl_memory_scale(AVFrame *memory, struct rl_scale scale);

// All of a plane becomes `value`.
void rl_memory_fill(AVFrame *memory, enum rl_memory_plane plane, float value);

// `from`, carried along `motion` to the frame whose luma is given. `frames` is 1, or -1 when time
// goes backward. NULL when out of memory.
AVFrame *rl_memory_carry(struct rl_carrier *carrier, const AVFrame *from, const AVFrame *motion,
                         const float *luma, ptrdiff_t stride, int frames);

// `memory` knows nothing but what has been carried to it.
void rl_memory_only(AVFrame *memory, const AVFrame *carried);

// DEPTH and COUNT of `to`, which may be `carried` itself, become the mean of what was carried and
// of `own`. `range` is how wide the depth's range is, `most` how many frames count at most.
void rl_memory_blend(const struct rl_carrier *carrier, AVFrame *to, const AVFrame *own,
                     const AVFrame *carried, float range, float most);

// LUMA becomes that of `from`.
void rl_memory_take_luma(AVFrame *memory, const AVFrame *from);

#endif
