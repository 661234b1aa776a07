// SPDX-License-Identifier: MIT
//
// How near the targets [x, end) of a row are, and what chroma makes of luma's: the definition that
// all versions share.
#ifndef RL_STEREO_WARP_WARP_NEAR_H
#define RL_STEREO_WARP_WARP_NEAR_H

#include "stereo/warp/warp.h"

static inline void rl_warp_near(int16_t *near, int32_t *map, int x, int end, int sign)
{
    for (; x < end; x++) {
        int32_t hole = map[x] == RL_WARP_HOLE;
        map[x] = hole ? 256 * x : map[x];
        int32_t moved = sign * (256 * x - map[x]) >> 4;
        moved = moved < -16000 ? -16000 : moved > 16000 ? 16000 : moved;
        near[x] = (int16_t)(hole ? RL_WARP_NO_NEAR : moved & ~1);
    }
}

static inline void rl_warp_chroma(int32_t *map, int x, int end, int shift, const int32_t *a,
                                  const int32_t *b, int less_is_nearer)
{
    for (; x < end; x++) {
        int32_t p = a[x << shift], q = b[x << shift];
        int32_t less = p < q ? p : q, more = p < q ? q : p;
        int32_t nearer = less_is_nearer ? less : more;
        map[x] = (more - less < 256 ? (p + q) >> 1 : nearer) >> shift;
    }
}

static inline void rl_warp_chroma_near(int16_t *near, int x, int end, int shift, const int16_t *a,
                                       const int16_t *b)
{
    for (; x < end; x++) {  // no depth lies below RL_WARP_NO_NEAR
        int16_t p = a[x << shift], q = b[x << shift];
        int16_t less = p < q ? p : q, more = p < q ? q : p;
        near[x] = less == RL_WARP_NO_NEAR ? less : more;
    }
}

#endif
