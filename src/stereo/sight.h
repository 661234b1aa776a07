// SPDX-License-Identifier: MIT
//
// Looking at another picture of the film from a pixel of a view: where it lies there, whether that
// picture shows its surface, and what it shows.
//
// 1. A pixel (x, y) of the view, moved by `near` (fill/fill.h), lies in the source picture of the
//    same frame at x - near, and by (dx, dy) luma pixels farther in another frame's. In the view of
//    the frame before, it lies at (x + dx + shift, y + dy).
// 2. Places are in samples of the planes that are filled; motion and maps are asked in luma pixels.
// 3. The view of the frame before may have been sampled many times, so it is sampled softly.
#ifndef RL_STEREO_SIGHT_H
#define RL_STEREO_SIGHT_H

#include "stereo/film.h"

// What holds for all holes of one group of planes: see rl_film_find().
struct rl_sight {
    const struct rl_film *film;
    const struct rl_before *before;
    struct rl_fill *fill;
    const struct rl_disparity *disparity;
    int first_plane, shift_x, shift_y, sign, bits;
    struct rl_area area;
    float near_farthest, near_range;  // of what is farthest; by how much what is nearest has more
};

// A picture to look at.
struct rl_sight_picture {
    const struct rl_frame *frame;  // NULL: there is none, or it is the view of the frame before
    struct rl_plane planes[RL_FILL_PLANES];
    double shift;  // of the view of the frame before, against this one

    // The frame's map within the area: cells, how many lie on a luma pixel, and where a place lies
    // among them: so many cells for 1/256 sample, and the cell of place 0.
    struct rl_plane cells;
    double scale_x, scale_y;
    double column[2], row[2];
};

// Depths, 0..1, of what is as far as `near`.
struct rl_sight_span {
    int near;
    float low, high;
};

// Where a surface has moved until a picture.
struct rl_place {
    const struct rl_sight_picture *in;
    double dx, dy;            // luma pixels
    int by_x, by_y, by_near;  // for rl_sight_locate(), 1/256 sample
};

// A frame's picture, or the view of the frame before; sight->fill->planes of it. Both are to
// outlive what is returned.
struct rl_sight_picture rl_sight_of_frame(const struct rl_sight *sight,
                                          const struct rl_frame *frame);
struct rl_sight_picture rl_sight_of_before(const struct rl_sight *sight);

// Rounded to nearest, for |value| < 2^22; lround() is a call.
static inline int rl_sight_to_int(double value)
{
    return (int)(value + 4194304.5) - 4194304;
}

// Where surfaces lie that have moved by (dx, dy) luma pixels until `picture`, which is to outlive
// what is returned.
static inline struct rl_place rl_sight_place(const struct rl_sight *sight,
                                             const struct rl_sight_picture *picture, double dx,
                                             double dy)
{
    const double moved = picture->frame ? 0 : -picture->shift;
    return (struct rl_place){
        .in = picture,
        .dx = dx,
        .dy = dy,
        .by_x = rl_sight_to_int((dx - moved) * (256 >> sight->shift_x)),
        .by_y = rl_sight_to_int(dy * (256 >> sight->shift_y)),
        .by_near = picture->frame ? sight->sign * (16 >> sight->shift_x) : 0,
    };
}

// Where (x, y) lies there, in 1/256 sample. False when that is outside.
static inline bool rl_sight_locate(const struct rl_place *place, int x, int y, int near, int at[2])
{
    const struct rl_plane *plane = &place->in->planes[0];
    at[0] = 256 * x + place->by_x - place->by_near * near;
    at[1] = 256 * y + place->by_y;
    // One number that is negative, and not four branches.
    return (at[0] | at[1] | (256 * (plane->width - 1) - at[0]) |
            (256 * (plane->height - 1) - at[1])) >= 0;
}

// Several of them at once, each number for itself: so compilers make vectors of them. Those behind
// the last are like the first.
struct rl_sight_pixels {
    int32_t x[RL_SAMPLE_POINTS], y[RL_SAMPLE_POINTS], near[RL_SAMPLE_POINTS];
    int count;
};

struct rl_sight_places {
    int32_t x[RL_SAMPLE_POINTS], y[RL_SAMPLE_POINTS];  // 1/256 sample
};

// False when some are outside.
static inline bool rl_sight_locate_all(const struct rl_place *place,
                                       const struct rl_sight_pixels *pixels,
                                       struct rl_sight_places *places)
{
    const struct rl_plane *plane = &place->in->planes[0];
    const int right = 256 * (plane->width - 1), bottom = 256 * (plane->height - 1);
    const int by_x = place->by_x, by_y = place->by_y, by_near = place->by_near;
    int outside = 0;
    for (int k = 0; k < RL_SAMPLE_POINTS; k++) {
        const int x = 256 * pixels->x[k] + by_x - by_near * pixels->near[k];
        const int y = 256 * pixels->y[k] + by_y;
        outside |= x | y | (right - x) | (bottom - y);
        places->x[k] = x;
        places->y[k] = y;
    }
    return outside >= 0;
}

static inline int rl_sight_get(const struct rl_plane *plane, bool wide, int x, int y)
{
    const uint8_t *row = rl_plane_row(plane, y);
    return wide ? ((const uint16_t *)(const void *)row)[x] : row[x];
}

// What is seen there, interpolated over 4 x 4 samples.
int rl_sight_sample(const struct rl_sight *sight, const struct rl_place *place, int plane,
                    const int at[2]);

// The same at the first `count` of places that lie alike between two rows: at once where that can
// be. Numbers behind the last are undefined.
void rl_sight_samples(const struct rl_sight *sight, const struct rl_place *place, int plane,
                      const struct rl_sight_places *places, int count,
                      int32_t values[RL_SAMPLE_POINTS]);

// By how much two pictures differ where a hole lies in them, summed up over planes; INT_MAX where
// it lies outside of one.
int rl_sight_differ(const struct rl_sight *sight, const struct rl_place *a,
                    const struct rl_place *b, const struct rl_fill_cell *hole);

// Asks for the lowest row that rl_sight_sample() reads `rows` rows below such a place, and for what
// is_open() and remember() read there.
void rl_sight_fetch(const struct rl_sight *sight, const struct rl_place *place, const int at[2],
                    int rows);

struct rl_sight_span rl_sight_span(const struct rl_sight *sight, int near);

// True when a frame shows there what is as far as that, and nothing nearer close by.
bool rl_sight_is_open(const struct rl_sight *sight, const struct rl_place *place, const int at[2],
                      const struct rl_sight_span *span);

// True when a frame has nothing nearer than `near` within `reach` luma pixels along the row.
bool rl_sight_is_clear(const struct rl_sight *sight, const struct rl_place *place, const int at[2],
                       int near, int reach);

// What stood there in the view of the frame before: 0 what is nearer than `near`, or close by such,
// 1 what was made up, 2 a surface that was seen. One that lies farther off counts as seen only
// where `farther` is set; *near is then set to where it lies.
int rl_sight_remember(const struct rl_sight *sight, const int at[2], int *near, bool farther);

// The motion of the place's frame to the one before or ahead, at a place of it, in luma pixels.
// False where it is not sure.
bool rl_sight_motion(const struct rl_sight *sight, const struct rl_place *place, const int at[2],
                     bool ahead, double *dx, double *dy);

// True when most pixels of a plane got brighter than in the picture before, or most got darker; one
// in 256 is looked at.
bool rl_sight_changes(const struct rl_plane *now, const struct rl_plane *before, int bits);

#endif
