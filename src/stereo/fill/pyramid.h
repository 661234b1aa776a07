// SPDX-License-Identifier: MIT
//
// Kernel: rule 3 of fill.h, colours for holes whose depth is known.
//
// 1. All is done in blocks of RL_FILL_BLOCK cells of a row, from left to right. What a block reads
//    is as it was before the block; what blocks before it wrote is seen.
// 2. Means are (sum + (n + 1) / 2) * r >> 16, r = 65536 / n rounded (65535 for n = 1) in 16 bits:
//    sums of values saturate nowhere, as these have 12 bits, and a flat area stays flat.
// 3. join: a cell of level l from four of level l - 1, holes (deep, or near of level 0, is odd) and
//    known ones (near is even and no RL_FILL_HOLE). With h the farthest hole, or without one the
//    farthest known, known ones up to h + tolerance give the mean; near becomes the farthest known
//    plus the mean of the distances from it, even. With none the cell is a hole: deep = h, and near
//    stays RL_FILL_HOLE.
// 4. guess: a hole becomes the mean of the four cells above it, weighted 9, 3, 3, 1 as they lie, of
//    those that can be used: near <= n + tolerance, and when it is a filled hole also >= n -
//    tolerance, n the hole's. Without one its near becomes RL_FILL_HOLE, for now.
// 5. relax: a hole becomes the mean of its four neighbours that can be used; in the second of two
//    sweeps rows and blocks are gone through backwards. Level 0 gets one.
// 6. Values of level 0 are the view's samples, v << (12 - bits) or v >> (bits - 12) when read;
//    written, they are rounded and limited, or their upper bits come in again below.
#ifndef RL_STEREO_FILL_PYRAMID_H
#define RL_STEREO_FILL_PYRAMID_H

#include "stereo/fill/fill.h"

struct rl_pyramid_fns {
    // The blocks of row y of level l that are needed (join) or have holes (guess, relax).
    void (*join_row)(struct rl_fill *fill, int l, int y);
    void (*guess_row)(struct rl_fill *fill, int l, int y);
    void (*relax_row)(struct rl_fill *fill, int l, int y, int backwards);
};

void rl_pyramid_init(struct rl_pyramid_fns *fns, unsigned cpu);

void rl_pyramid_fill(struct rl_fill *fill);

// Plain C, for block b of row y where a vector would leave the row. rl_pyramid_join_block() returns
// whether there are holes in it.
int rl_pyramid_join_block(struct rl_fill *fill, int l, int b, int y);
void rl_pyramid_guess_block(struct rl_fill *fill, int l, int b, int y);
void rl_pyramid_relax_block(struct rl_fill *fill, int l, int b, int y);

// r of rule 2, and `of` each n.
#define RL_PYRAMID_PART(n) ((65536 + (n) / 2) / (n) - ((n) == 1))
#define RL_PYRAMID_EACH(of) \
    of(1), of(2), of(3), of(4), of(5), of(6), of(7), of(8), of(9), of(10), of(11), of(12), of(13), \
        of(14), of(15), of(16)

// The same for n = index + 1.
extern const uint16_t rl_pyramid_parts[16];

#endif
