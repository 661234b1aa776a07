// SPDX-License-Identifier: MIT
//
// Kernel: the depth map at picture size, 16 bits, row by row.
//
// 1. Pixel centres are aligned: the sample x of a plane of width W lies at (x + 0.5) / W of the
//    picture's width. Outside the map its border samples go on. What is no number counts as 0.
// 2. A map of about the picture's size (it was made for this very picture) is interpolated, no
//    more; one of exactly that size is only rounded: to = round(65535 * d).
// 3. A smaller map, a network's, has soft edges that need not lie where the picture's lie. For each
//    of its samples, called cells here, the change of depth with brightness I is taken from the 3x3
//    cells around (slope = cov(I, d) / var(I): guided filter, He et al. 2010, fitted at the map's
//    size and used at the picture's, He and Sun 2015):
//        d' = d + slope * (I - mean of I)
//    all of them interpolated between cells; then the contrast of d' is raised within the depths
//    that occur around, and limited to them. Edges become those of the picture, no depth arises
//    that was not there, and even slopes stay as they are. Then near things are widened by a pixel
//    on each side (two at 1080p, four at most), so that what their edge is mixed with goes with
//    them.
// 4. A row of the result depends on map and picture alone, never on how rows are split.
#ifndef RL_STEREO_UPSAMPLE_UPSAMPLE_H
#define RL_STEREO_UPSAMPLE_UPSAMPLE_H

#include <stddef.h>
#include <stdint.h>

enum {
    RL_UPSAMPLE_PAD = 16,    // entries a vector may touch behind the last
    RL_UPSAMPLE_FIELDS = 4,  // numbers kept for each cell: slope, base, lowest and highest depth
    RL_UPSAMPLE_BORDER = 1,  // cells around `guide` and `clean`, copies of the outermost
};

// A map and the luma (or green) plane of the picture it belongs to.
struct rl_upsample_map {
    const float *data;
    ptrdiff_t stride;  // bytes
    int width, height;
    const uint8_t *luma;
    ptrdiff_t luma_stride;
    int luma_width, luma_height;
    int luma_bits;  // 8..16; samples deeper than 8 bits are uint16_t

    // Rows of width + 2 * RL_UPSAMPLE_BORDER cells, filled by guide_rows.
    float *guide;  // mean brightness 0..1
    float *clean;  // depth limited to 0..1
    // Rows of width cells and RL_UPSAMPLE_PAD more at the end, filled by fit_rows.
    float *fields[RL_UPSAMPLE_FIELDS];
};

struct rl_upsample_fns {
    // One row at the size of the luma plane. `fields` are the cells' at this row, interpolated
    // between two rows of the map, with RL_UPSAMPLE_PAD entries behind the last.
    void (*guided_row8)(uint16_t *to, const uint8_t *luma, int width, float luma_scale,
                        float *const fields[RL_UPSAMPLE_FIELDS], int cells);
    void (*guided_row16)(uint16_t *to, const uint16_t *luma, int width, float luma_scale,
                         float *const fields[RL_UPSAMPLE_FIELDS], int cells);

    // to[x] = the largest of from[x - 1 .. x + 1]. The lines do not overlap.
    void (*widen)(uint16_t *restrict to, const uint16_t *restrict from, int width);
};

void rl_upsample_init(struct rl_upsample_fns *fns, unsigned cpu);

// True when rule 3 applies: rows need guide_rows and fit_rows of all rows before.
int rl_upsample_is_guided(const struct rl_upsample_map *map);
void rl_upsample_guide_rows(const struct rl_upsample_map *map, int begin, int end);
void rl_upsample_fit_rows(const struct rl_upsample_map *map, int begin, int end);

// Row `y` at the size of the luma plane. `scratch` has RL_UPSAMPLE_FIELDS * (map->width +
// RL_UPSAMPLE_PAD) entries, `spare` as many as the row.
void rl_upsample_row(const struct rl_upsample_fns *fns, uint16_t *to, int y,
                     const struct rl_upsample_map *map, float *scratch, uint16_t *spare);

#endif
