// SPDX-License-Identifier: MIT
//
// The holes of one eye's view: which pixels nothing landed on, and what is put there.
//
// 1. Rows of a view are warped first, in any order; each leaves its near row here (see warp/warp.h
//    and fill/fill.h). Then the groups of planes are filled, then rows are softened.
// 2. Planes of one size are filled together: luma alone or all three, and chroma where it is
//    smaller. The two groups may be filled at the same time.
// 3. With `--fill film` the finished view and its depth are kept for the next frame.
#ifndef RL_STEREO_HOLES_H
#define RL_STEREO_HOLES_H

#include "plane/frame.h"
#include "stereo/fill/fill.h"
#include "stereo/fill/outline.h"
#include "stereo/fill/pyramid.h"
#include "stereo/fill/seam.h"
#include "stereo/fill/sink.h"
#include "stereo/fill/texture.h"
#include "stereo/film.h"
#include "stereo/warp/warp.h"

enum { RL_HOLES_LUMA, RL_HOLES_CHROMA, RL_HOLES_GROUPS };

struct rl_holes {
    struct rl_fill fills[RL_HOLES_GROUPS];
    void *memory[RL_HOLES_GROUPS];  // NULL: no such group
    // Of the frame before, as levels[0].near, with which it takes turns; the memory that one of the
    // two has; and what is taken over from that frame. NULL without film.
    int16_t *near_before[RL_HOLES_GROUPS];
    int16_t *near_memory[RL_HOLES_GROUPS];
    int32_t *kept[RL_HOLES_GROUPS];
    AVFrame *view_before;  // NULL: none
    int32_t offset_before;
    int chroma_w, chroma_h;  // log2 of the subsampling
    int bits;
    struct rl_warp_fns warp;
    struct rl_outline_fns outline;
    struct rl_sink_fns sink;
    struct rl_pyramid_fns pyramid;
    struct rl_texture_fns texture;
    struct rl_seam_fns seam;
};

// For views of this format and size; `film` when other frames will be looked at, `cpu` as in
// base/cpu.h. False when out of memory. `holes` must not move afterwards.
bool rl_holes_open(struct rl_holes *holes, enum AVPixelFormat format, int width, int height,
                   bool film, unsigned cpu);
void rl_holes_close(struct rl_holes *holes);

// Remembers the finished view, and begins the next. False when out of memory.
bool rl_holes_turn(struct rl_holes *holes, const AVFrame *view,
                   const struct rl_disparity *disparity);

// The luma row `y` was warped by `map`, in which holes become positions of no displacement. A row
// on which nothing landed counts as not moved.
void rl_holes_take_row(struct rl_holes *holes, int y, int32_t *map,
                       const struct rl_disparity *disparity);

// The chroma row of the luma rows [y, end), which were taken.
void rl_holes_take_chroma(struct rl_holes *holes, int y, int end);

// Fills the holes of one group of the view's planes; depths within `tolerance`, 1/16 pixel, belong
// to one surface, and outlines of the map may be off by `rim_px` luma pixels. `film` holds the
// frame that the view is made of by `disparity`, and those around it, if any.
void rl_holes_fill(struct rl_holes *holes, const struct rl_plane planes[3], int group,
                   int tolerance, int rim_px, const struct rl_film *film,
                   const struct rl_disparity *disparity);

// Softens the outlines in luma row `y`, and in that row of all planes where none is subsampled.
void rl_holes_soften(const struct rl_holes *holes, const struct rl_plane planes[3], int y);

#endif
