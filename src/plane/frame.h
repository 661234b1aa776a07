// SPDX-License-Identifier: MIT
//
// What travels through the pipeline: one frame of the film and what has been made of it.
//
// Ownership:
//  1. A struct rl_frame has exactly one owner: the stage or queue that holds it. It is handed on,
//     never shared.
//  2. Its pictures are reference-counted AVFrames that other owners may hold too: nobody writes
//     into one unless av_frame_is_writable() says so. A stage that makes a picture takes it from
//     its own pool and hands it on complete.
//  3. A NULL picture has not been made yet, or is not wanted any more.
//
// Working formats: planar YUV or planar RGB (GBR order), 8 to 16 bits in native byte order, without
// alpha, their range in the tag and not in the name (no yuvj420p). media/read converts everything
// else into the nearest of them that loses nothing.
// AVFrame's width, height, colour tags and sample aspect hold; its pts is not used.
#ifndef RL_PLANE_FRAME_H
#define RL_PLANE_FRAME_H

#include "base/error.h"

#include <stdbool.h>

#include <libavutil/frame.h>
#include <libavutil/pixdesc.h>

// A rectangle of samples or cells: x0 <= x < x1, y0 <= y < y1.
struct rl_area {
    int x0, y0, x1, y1;
};

// Where the screen is, for one frame; depths as the formula takes them.
struct rl_aim {
    bool is_set;       // false: as the stereo stage's parameters say
    float screen;      // the depth that lies on it
    float borders[2];  // the depth that its left and right edge are brought forward to; those
                       // behind the screen mean nothing
};

struct rl_frame {
    int64_t index;          // 0, 1, 2, ... in order of presentation
    int64_t pts;            // in the time base of the reader; strictly increasing
    int64_t duration;       // likewise; 0 when unknown
    AVFrame *picture;       // the source picture, upright, in a working format
    struct rl_area area;    // the picture without black bars; ask rl_frame_area(), see below
    AVFrame *depth;         // GRAYF32 of any size; see depth_is_final, rl_frame_depth_area()
    bool depth_is_final;    // false: relative inverse depth with free scale and shift, larger is
                            // nearer; true: d in 0..1, 1 nearest, as the formula takes it
    bool cut;               // the first frame of a shot, as far as known
    bool depth_skipped;     // the network need not look at this frame: depth stays NULL until the
                            // steady stage carries it over from other frames
    bool depth_follows;     // nearly all that is seen was seen in the frame before, by motion_back:
                            // the network may look less closely
    AVFrame *known;         // GRAYF32 of depth's size, for looking at: which share of each cell's
                            // depth was known before this frame, 0 none, as at a cut
    AVFrame *motion_back;   // from this frame to the one before it, and ...
    AVFrame *motion_ahead;  // ... to the one behind it; see below. NULL across a cut, at the ends
                            // of the film, and where nobody has looked
    struct rl_aim aim;      // set before the views are made, if anybody does
    AVFrame *left, *right;  // the two eyes' views, format and size of `picture`
    AVFrame *output;        // the composed picture
};

// The active area: the picture without the black bars of letter- and pillarboxed films.
//  1. All zero, as in a new frame, is the whole picture. It is set before the network runs, stays
//     the same throughout a shot as far as that is known, and is at least a quarter of each side.
//  2. Its edges lie between chroma samples, so that each plane can be cut there.
//  3. The network sees only this area. The map covers the whole picture all the same, with cells
//     such that those of rl_frame_depth_area() cover exactly the area: cut both planes and forget
//     the bars. Map cells outside hold the area's farthest value and mean nothing.
//  4. Where the area changes, the map may change its size.
//  5. Bars have no depth: they count for no range, and each eye shows them where they are.

// The size of the map of which width x height cells, what the network gave, are those of the area.
void rl_frame_depth_size(const struct rl_frame *frame, int width, int height, int *map_width,
                         int *map_height);

// The area of frame->picture, in luma samples.
struct rl_area rl_frame_area(const struct rl_frame *frame);

// The same in cells of frame->depth: the cells that cover the area, no more and no less.
struct rl_area rl_frame_depth_area(const struct rl_frame *frame);

// True when the area is the whole picture.
bool rl_frame_is_whole(const struct rl_frame *frame);

// Motion is a GBRPF32 picture of a small size (some 256 x 144 cells, in the picture's shape).
// Planes 0 and 1 hold dx and dy in cells of its own: what is seen at the middle of cell (x, y) of
// this frame lies at (x + dx, y + dy) of the other one; dx > 0 is to the right, dy > 0 down. Times
// picture width / motion width that is pixels. Plane 2 holds the confidence: 1 where the way there
// and back returns to the same place and both look alike, 0 where it does not (covered, uncovered,
// out of the picture), something between where it nearly does.
enum rl_motion_plane { RL_MOTION_DX, RL_MOTION_DY, RL_MOTION_CONFIDENCE };

// NULL when out of memory.
struct rl_frame *rl_frame_create(void);

// A frame of its own that refers to the same pictures. NULL when out of memory.
struct rl_frame *rl_frame_clone(const struct rl_frame *frame);

// Frees the frame and drops its references. Accepts NULL inside, sets NULL.
void rl_frame_free(struct rl_frame **frame);

// The same, in the shape that queues want.
void rl_frame_release(void *frame);

// True for the working formats of this page's top.
bool rl_format_is_working(enum AVPixelFormat format);

// The working format that holds all that `format` holds, alpha aside: same subsampling (4:2:0 for
// semi-planar and 4:2:0 formats, and so on), same or next larger depth, RGB stays RGB, grey becomes
// 4:2:0. AV_PIX_FMT_NONE for formats that cannot be converted (hardware surfaces).
enum AVPixelFormat rl_format_working(enum AVPixelFormat format);

// One plane as kernels see it. Samples deeper than 8 bits are uint16_t.
struct rl_plane {
    uint8_t *data;
    ptrdiff_t stride;   // bytes from one row to the next; may be negative
    int width, height;  // in samples
};

// Plane `index` of a frame in a working format, GRAYF32, GRAY16 or GBRPF32.
struct rl_plane rl_frame_plane(const AVFrame *frame, int index);

// What of plane `index` lies in `area`, which is given in samples of plane 0 (or in cells of a
// GRAYF32 map) and keeps to rule 2.
struct rl_plane rl_frame_plane_in(const AVFrame *frame, int index, struct rl_area area);

static inline uint8_t *rl_plane_row(const struct rl_plane *plane, int y)
{
    return plane->data + (ptrdiff_t)y * plane->stride;
}

#endif
