// SPDX-License-Identifier: MIT
//
// Kernel: the depth map at picture size, 16 bits, row by row.
//
// 1. Pixel centres are aligned: the sample x of a plane of width W lies at (x + 0.5) / W of the
//    picture's width. Outside the map its border samples go on. What is no number counts as 0.
// 2. A map of the picture's size, within 5 %, or larger (it was made for this very picture) is
//    interpolated, no more; one of exactly that size is only rounded: to = round(65535 * d).
// 3. A smaller map, a network's, has soft edges that need not lie where the picture's lie. Its
//    samples, called cells here, are sharpened first (cells.c) as far as the whole map is soft:
//    drawn towards the lowest or highest depth of the 3x3 cells around. What stands out between two
//    neighbours, a thing about as thin as a cell, is mixed with what is behind it: it is raised by
//    as much again, up to the nearest of the 5x5 cells around. Where cells are a step and not a
//    slope (the range of 3x3 against that of 5x5), it is known where between the far and the near
//    end of it each is, its side, and as far as the map is soft its depth is drawn to the one or
//    the other. Each pixel weighs the 3x3 cells around it by distance (quadratic B-spline) and, at
//    a step, by how alike its colour and a cell's mean colour are (joint bilateral upsampling, Kopf
//    et al. 2007). They vote for near by the fourth power of their side, for far by that of the
//    rest, so mixtures count for little; and the pixel goes to the side that weighs more, the more
//    strictly the higher the step: no mean of the two, which would be a depth where nothing is.
//    Where colours do not tell, the outline is a smooth line in the middle of the ramp. No depth
//    arises that the cells around do not have.
//    Then near things are widened by a pixel on each side (two at 1080p, four at most). What is
//    near in one row alone, a speck of noise, goes back to the nearer of the rows above and below;
//    what is near in two is widened by one row above and below. Where the map is soft and its cells
//    are two pixels or more of a film 640 wide, it is one pixel and one row more. So what an edge
//    is mixed with goes with it.
// 4. A row of the result depends on map and picture alone, never on how rows are split.
#ifndef RL_STEREO_UPSAMPLE_UPSAMPLE_H
#define RL_STEREO_UPSAMPLE_UPSAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RL_UPSAMPLE_PAD = 16,    // entries a vector may touch behind the last
    RL_UPSAMPLE_BORDER = 2,  // cells left and right of each row of `cells`, copies of the outermost
    RL_UPSAMPLE_SHARPENS = 2,  // passes of rl_upsample_sharpen_rows
    RL_UPSAMPLE_DOWN = 7,      // rows that one row is made of
    RL_UPSAMPLE_TOGETHER = 5,  // rows that are made at once, at most
    RL_UPSAMPLE_LINES = RL_UPSAMPLE_DOWN + RL_UPSAMPLE_TOGETHER - 1,
};

// What is kept of the cells; RL_CELL_OTHER is the other end of a pass of sharpening, and in the end
// what rows see: thin things are raised, and steps are steep.
enum {
    RL_CELL_DEPTH,
    RL_CELL_OTHER,
    RL_CELL_STEP,
    RL_CELL_FAR,
    RL_CELL_NEAR,
    RL_CELL_COLOUR,
    RL_CELLS = RL_CELL_COLOUR + 3
};

// One plane of the picture; samples deeper than 8 bits are uint16_t.
struct rl_upsample_plane {
    const uint8_t *data;
    ptrdiff_t stride;  // bytes
    int width, height;
};

// A map and the picture it belongs to.
struct rl_upsample_map {
    const float *data;
    ptrdiff_t stride;  // bytes
    int width, height;
    struct rl_upsample_plane planes[3];  // Y, U, V or G, B, R
    int shift_x, shift_y;                // planes 1 and 2 have 2^shift luma samples to one
    int bits;                            // 8..16
    float weight;                        // of a difference of colour, full range: 1
    float softness;                      // 0: edges as sharp as they can be .. 1, see cells.c
    // Cells: [RL_CELL_DEPTH] is in 0..1, [RL_CELL_STEP] is 0 on slopes .. 1 at steps, [RL_CELL_FAR]
    // and [RL_CELL_NEAR] are votes, 0..1. Each row has rl_upsample_cell_stride() entries, and each
    // points at the first inner cell.
    float *cells[RL_CELLS];
    // Of each luma column: the cell it lies in, and the weights of the cells before and behind that
    // one. As long as a row of luma and RL_UPSAMPLE_PAD.
    int32_t *at;
    float *across[2];
};

// One row of pixels that is made.
struct rl_upsample_line {
    uint16_t *to;
    const void *pixels[3];      // of the three planes: uint8_t, or uint16_t
    float down[3];              // weights of the rows of cells
    const float *plain, *step;  // the three rows of depth and of step by these weights
};

// Rows of pixels that see the same cells: the three rows around, all with borders.
struct rl_upsample_rows {
    const int32_t *at;  // as in struct rl_upsample_map
    const float *across[2];
    int shift_x;            // pixels to one sample of planes 1 and 2: 2^shift_x
    bool is_fine;           // cells are less than 1.5 pixels wide
    const float *depth[3];  // above, at, below
    const float *step[3], *far[3], *near[3];
    const float *colour[3][3];  // [plane][row]
    struct rl_upsample_line lines[RL_UPSAMPLE_TOGETHER];
    int count;  // of lines
};

// Lines of pixels of one worker, which rl_upsample_row() keeps between calls.
struct rl_upsample_scratch {
    uint16_t *lines[RL_UPSAMPLE_LINES];  // rows of depth before they are widened downwards
    int rows[RL_UPSAMPLE_LINES];         // which, -1 none
    int end;                             // see rl_upsample_begin()
    uint16_t *spare;                     // as long
    // RL_UPSAMPLE_TOGETHER times rl_upsample_cell_stride() + RL_UPSAMPLE_PAD entries each.
    float *plain, *step;
};

// What a row of cells comes to, see RL_CELL_STEP and so on.
struct rl_upsample_fitted {
    float *step, *far, *near, *depth;
};

struct rl_upsample_fns {
    // Rows at the size of the luma plane; samples times `scale` make a colour.
    void (*guided_rows8)(const struct rl_upsample_rows *rows, int width, float scale);
    void (*guided_rows16)(const struct rl_upsample_rows *rows, int width, float scale);

    // to[x] = the largest of from[x - rim .. x + rim]. The lines do not overlap.
    void (*widen)(uint16_t *restrict to, const uint16_t *restrict from, int width, int rim);

    // to[x] = the largest of what two neighbours of the seven rows both have at x.
    void (*widen_down)(uint16_t *restrict to, const uint16_t *const rows[RL_UPSAMPLE_DOWN],
                       int width);

    // Rows of cells, with borders: sharpened, fitted, and mixed by weights; see cells_rows.h.
    void (*sharpen_cells)(float *restrict to, const float *const rows[3], int width,
                          float softness);
    void (*fit_cells)(const struct rl_upsample_fitted *to, const float *const rows[5], int width,
                      float softness);
    void (*mix_cells)(float *restrict to, const float *const rows[3], const float weights[3],
                      int width);
};

// How columns are added up, see plane/sum/sum.h, and scratch for a row of luma.
struct rl_upsample_adder {
    void (*add_row)(uint32_t *sums, const uint8_t *row, int count);
    void (*add_deep_row)(uint32_t *sums, const uint16_t *row, int count);
    uint32_t *sums;
};

void rl_upsample_init(struct rl_upsample_fns *fns, unsigned cpu);

// True when rule 3 applies: rows need place_columns and, of all cells before and in this order,
// take_rows, measure, RL_UPSAMPLE_SHARPENS times sharpen_rows (pass 0, 1, ...; none is needed when
// softness is 0), fit_rows, and guide_rows, which gives colours to cells near steps; nobody looks
// at those of others.
int rl_upsample_is_guided(const struct rl_upsample_map *map);
ptrdiff_t rl_upsample_cell_stride(const struct rl_upsample_map *map);
void rl_upsample_place_columns(const struct rl_upsample_map *map);
void rl_upsample_take_rows(const struct rl_upsample_map *map, int begin, int end);
void rl_upsample_measure(struct rl_upsample_map *map);
void rl_upsample_sharpen_rows(const struct rl_upsample_fns *fns, const struct rl_upsample_map *map,
                              int pass, int begin, int end);
void rl_upsample_fit_rows(const struct rl_upsample_fns *fns, const struct rl_upsample_map *map,
                          int begin, int end);
void rl_upsample_guide_rows(const struct rl_upsample_map *map,
                            const struct rl_upsample_adder *adder, int begin, int end);

// To be called before the first row of a map, or of a part of it; rows from `end` on will not be
// asked for.
void rl_upsample_begin(struct rl_upsample_scratch *scratch, int end);

// Row `y` at the size of the luma plane.
void rl_upsample_row(const struct rl_upsample_fns *fns, uint16_t *to, int y,
                     const struct rl_upsample_map *map, struct rl_upsample_scratch *scratch);

#endif
