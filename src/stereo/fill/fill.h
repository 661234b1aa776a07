// SPDX-License-Identifier: MIT
//
// Kernel: what stands in the holes of a view, seen as a whole and not row by row.
//
// 1. `near` says for each pixel of the view how far it was moved, in 1/16 pixel of luma, larger is
//    nearer; RL_FILL_HOLE where nothing landed. Bit 0 is the kernel's own: set in holes.
// 2. A hole belongs to the farther of the surfaces at its two ends: at the border of the picture to
//    the inner one. The `mixed` pixels at that end have something of the near thing, as a rule, and
//    are replaced too, and so is the thing's rim there, which goes on beside the thing where it is
//    told well, see rim.h. At a distance of k from there a pixel takes on the farthest surface
//    within k/2 rows above and below: what is hidden is, more often than not, what lies behind all.
// 3. Colours come from pixels not nearer than that by more than `tolerance`, and from no others, by
//    a pyramid: cells of 2x2 that hold such pixels are known, others are holes of the next level;
//    from the top down holes take what lies around them above, then are relaxed towards the mean of
//    their four neighbours (a membrane fixed at the seam: Laplace's equation). See pyramid.h.
// 4. A view is worked on by one thread, in a fixed order; views and groups of planes do not depend
//    on each other. Only blocks of pixels around holes are looked at.
// 5. A hole of level 0 whose bit 0 is cleared between the two steps is a known pixel from then on.
// 6. Colours have 12 bits on the way: of samples with more, holes show the upper 12.
#ifndef RL_STEREO_FILL_FILL_H
#define RL_STEREO_FILL_FILL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define RL_FILL_HOLE (-0x7f80)  // both bytes the same, for memset

enum {
    RL_FILL_LEVELS = 5,  // above the picture itself
    RL_FILL_PLANES = 3,
    RL_FILL_BLOCK = 16,   // cells that are worked on at once, see pyramid.h
    RL_FILL_BORDER = 16,  // cells beside each row; above and below the first and last there is one
};

// A hole that is to be filled.
struct rl_fill_cell {
    uint16_t x, y;
    int16_t near;  // bit 0 set
};

// Where a run of holes took its texture from, see texture.h.
struct rl_fill_offset {
    int16_t dx, dy;  // dx 0: none
    int16_t alike;   // of 256
    uint16_t x, y;   // of the run's first cell
};

// How wide a rim was, and how often in the last rows it was clear, see rim.h.
struct rl_fill_rim {
    int16_t count, outwards;
    int y, clear;
};

// What a run that began in a block of a row in the frame before did with its rim.
struct rl_fill_rim_before {
    int16_t outwards, count;  // 0: there was no run
    bool went;                // with the thing
};

// A level of the pyramid; level 0 is the view, without `deep`, `work` and `needs`. All have
// borders, which are holes: `stride` cells lie from row to row, and they point at the first inner
// one.
struct rl_fill_level {
    int width, height, blocks;  // blocks: in a row, as many bits in ...
    int words;                  // ... so many words, see rl_fill_next()
    ptrdiff_t stride;
    int16_t *near;
    int16_t *deep;  // of a hole: what `near` will be when it is filled; else 0
    uint16_t *work[RL_FILL_PLANES];
    uint64_t *marks, *needs;  // a bit for each block: it has holes; it is looked at, see pyramid.c
    uint64_t *outlines;       // the same of level 0: it has outlines, and holes are such, too
    uint64_t *gaps;           // a bit for each cell of level 0 that nothing landed on
};

// Planes of one size, and the memory to fill them.
struct rl_fill {
    struct rl_fill_level levels[RL_FILL_LEVELS + 1];
    const struct rl_outline_fns *outline;
    const struct rl_sink_fns *sink;
    const struct rl_pyramid_fns *pyramid;
    const struct rl_texture_fns *texture;
    int planes;

    struct rl_fill_cell *holes;  // of level 0, row by row, each run from its own side inwards
    int count;
    int16_t *depths;  // of a run of them

    struct rl_fill_rim *rims;  // for each block of a row, of the run that began there last
    struct rl_fill_rim_before *rims_before;  // for each block of each row, and one row more, which
                                             // is the row that is being looked at

    struct rl_fill_offset *above;   // for each block of a row, of the run that began there last
    struct rl_fill_offset *before;  // the same for each block of the picture, from frame to frame

    // To be set before a run. The view's samples are uint16_t when it has more than 8 bits.
    uint8_t *view[RL_FILL_PLANES];
    ptrdiff_t view_stride[RL_FILL_PLANES];  // bytes
    int bits;
    int tolerance;   // 1/16 px
    int mixed;       // pixels; see rule 2
    int shift_x;     // luma pixels to one: 2^shift_x
    int rim;         // pixels at most; 0: none
    bool remembers;  // the frame that was filled last came before this one, in one shot
};

// The first block, or cell, from `b` on whose bit is set in a row; 64 * words when none is.
static inline int rl_fill_next(const uint64_t *bits, int b, int words)
{
    for (int i = b / 64; i < words; i++, b = 64 * i) {
        const uint64_t rest = bits[i] >> b % 64;
        if (rest)
            return b + __builtin_ctzll(rest);
    }
    return 64 * words;
}

// The last one up to `b`, -1 when none is.
static inline int rl_fill_last(const uint64_t *bits, int b)
{
    for (; b >= 0; b = b / 64 * 64 - 1) {
        const uint64_t rest = bits[b / 64] << (63 - b % 64);
        if (rest)
            return b - __builtin_clzll(rest);
    }
    return -1;
}

static inline void rl_fill_mark(uint64_t *bits, int b)
{
    bits[b / 64] |= (uint64_t)1 << (unsigned)b % 64;
}

static inline int rl_fill_view_get(const struct rl_fill *fill, int plane, int x, int y)
{
    const uint8_t *row = fill->view[plane] + y * fill->view_stride[plane];
    return fill->bits > 8 ? ((const uint16_t *)(const void *)row)[x] : row[x];
}

static inline void rl_fill_view_put(const struct rl_fill *fill, int plane, int x, int y, int value)
{
    uint8_t *row = fill->view[plane] + y * fill->view_stride[plane];
    if (fill->bits > 8)
        ((uint16_t *)(void *)row)[x] = (uint16_t)value;
    else
        row[x] = (uint8_t)value;
}

// Has a block of near values and samples, x a multiple of RL_FILL_BLOCK, come into the cache. Holes
// go on downwards: who works on some of a row fetches what lies below them a few rows ahead, which
// has left the cache since it was warped, and which no processor guesses.
static inline void rl_fill_fetch(const struct rl_fill *fill, int x, int y)
{
    const struct rl_fill_level *level = &fill->levels[0];
    if (y >= level->height)
        return;
    __builtin_prefetch(level->near + y * level->stride + x);
    for (int p = 0; p < fill->planes; p++)
        __builtin_prefetch(fill->view[p] + y * fill->view_stride[p] +
                           ((ptrdiff_t)x << (fill->bits > 8)));
}

struct rl_outline_fns;
struct rl_sink_fns;
struct rl_pyramid_fns;
struct rl_texture_fns;

// How many bytes rl_fill_init() needs, aligned as malloc does, all zero. Functions stay the
// caller's.
size_t rl_fill_size(int width, int height, int planes);
void rl_fill_init(struct rl_fill *fill, void *memory, int width, int height, int planes,
                  const struct rl_outline_fns *outline, const struct rl_sink_fns *sink,
                  const struct rl_pyramid_fns *pyramid, const struct rl_texture_fns *texture);

// The near values of a level with their border: where they begin, and how many they are.
static inline int16_t *rl_fill_near_begin(const struct rl_fill_level *level)
{
    return level->near - level->stride - RL_FILL_BORDER;
}

static inline size_t rl_fill_near_count(const struct rl_fill_level *level)
{
    return (size_t)level->stride * ((size_t)level->height + 2);
}

// Blocks of RL_FILL_BLOCK x RL_FILL_BLOCK pixels.
static inline size_t rl_fill_before_count(const struct rl_fill *fill)
{
    const struct rl_fill_level *level = &fill->levels[0];
    return (size_t)level->blocks * (size_t)(level->height / RL_FILL_BLOCK + 1);
}

static inline size_t rl_fill_rims_count(const struct rl_fill *fill)
{
    return (size_t)fill->levels[0].blocks * ((size_t)fill->levels[0].height + 1);
}

// The row of levels[0].near, and the flags of its blocks.
int16_t *rl_fill_near_row(const struct rl_fill *fill, int y);
uint64_t *rl_fill_outlines(const struct rl_fill *fill, int y);

// The near row `y` was written, while it is at hand; all are before rl_fill_find().
void rl_fill_take_row(const struct rl_fill *fill, int y);

// Finds the holes and their depth, and moves rims in the view. Others may then put colours into
// some of the holes, see rule 5.
void rl_fill_find(struct rl_fill *fill);

// How many holes of the list, from `first` on, lie side by side.
int rl_fill_run(const struct rl_fill *fill, int first);

// Fills the holes of the view, which were found. Near rows then hold the depth that holes
// were given.
void rl_fill_paint(struct rl_fill *fill);

#endif
