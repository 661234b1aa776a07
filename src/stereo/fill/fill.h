// SPDX-License-Identifier: MIT
//
// Kernel: what stands in the holes of a view, seen as a whole and not row by row.
//
// 1. `near` says for each pixel of the view how far it was moved, in 1/16 pixel of luma, larger is
//    nearer; RL_FILL_HOLE where nothing landed. Bit 0 is the kernel's own: set in holes.
// 2. A hole belongs to the farther of the surfaces at its two ends: at the border of the picture to
//    the inner one. The `mixed` pixels at that end have something of the near thing, as a rule, and
//    are replaced too. At a distance of k from there a pixel takes on the farthest surface within
//    k/2 rows above and below: what is hidden is, more often than not, what lies behind all.
// 3. Colours come from pixels not nearer than that by more than `tolerance`, and from no others, by
//    a pyramid: cells of 2x2 that hold such pixels are known, others are holes of the next level;
//    from the top down holes take what lies around them above, then are relaxed towards the mean of
//    their four neighbours (a membrane fixed at the seam: Laplace's equation).
// 4. A view is worked on by one thread, in a fixed order; views and groups of planes do not depend
//    on each other. Only tiles around holes are looked at.
// 5. A hole of level 0 whose bit 0 is cleared between the two steps is a known pixel from then on.
#ifndef RL_STEREO_FILL_FILL_H
#define RL_STEREO_FILL_FILL_H

#include <stddef.h>
#include <stdint.h>

#define RL_FILL_HOLE (-0x7f80)  // both bytes the same, for memset

enum {
    RL_FILL_LEVELS = 5,  // above the picture itself
    RL_FILL_TILE = 8,    // pixels
    RL_FILL_PLANES = 3,
};

// A hole that is to be filled.
struct rl_fill_cell {
    uint16_t x, y;
    int16_t near;  // bit 0 set
};

// A level of the pyramid; level 0 is the view. `near` has a border of one cell, holes all around:
// `stride` cells lie from row to row, and `near` points at the first inner one.
struct rl_fill_level {
    int width, height;
    ptrdiff_t stride;
    int16_t *near;
    uint8_t *value[RL_FILL_PLANES];  // 8-bit samples in level 0 of an 8-bit view, else uint16_t
    ptrdiff_t value_stride[RL_FILL_PLANES];  // bytes
    int wide;
    struct rl_fill_cell *holes;
    int count;
};

// Planes of one size, and the memory to fill them.
struct rl_fill {
    struct rl_fill_level levels[RL_FILL_LEVELS + 1];
    uint8_t *tiles;  // 1: worked on
    int tiles_x, tiles_y;
    int planes;

    // To be set before a run, with value, value_stride and wide of level 0.
    int tolerance;  // 1/16 px
    int mixed;      // pixels; see rule 2
};

// How many bytes rl_fill_init() needs, aligned as malloc does, all zero.
size_t rl_fill_size(int width, int height, int planes);
void rl_fill_init(struct rl_fill *fill, void *memory, int width, int height, int planes);

// Makes all of a level, its border included, a hole; `near` points at the border's corner then.
void rl_fill_forget(struct rl_fill_level *level);

// The row of levels[0].near to be written before rl_fill_find().
int16_t *rl_fill_near_row(const struct rl_fill *fill, int y);

// Finds the holes and their depth. Others may then put colours into some of them, see rule 5.
void rl_fill_find(struct rl_fill *fill);

// Fills the holes of level 0's values, which were found. Near rows then hold the depth that holes
// were given.
void rl_fill_paint(struct rl_fill *fill);

#endif
