// SPDX-License-Identifier: MIT
//
// VR180: each view as a headset wants it, on half of a sphere. The picture is what a pinhole camera
// with the given field of view saw; around it is black.
//
//     lon, lat of a sample     (x / size - 1/2) pi, (y / size - 1/2) pi
//     where it is taken from   u = f tan(lon), v = f tan(lat) / cos(lon), from the middle
//     f                        (width / 2) / tan(fov / 2)
//
// 1. Each sample is the mean of four points around its middle, each blended from the four samples
//    around it: near the edges the source is denser than the sphere.
// 2. u depends on the column alone: bend/ resamples rows first, then columns. Both points of a
//    column side by side share the secant of its middle.
// 3. Only the tables are made with more than one multiplication of floating point.
#ifndef RL_COMPOSE_SPHERE_H
#define RL_COMPOSE_SPHERE_H

#include "base/workers.h"
#include "compose/bend/bend.h"
#include "plane/frame.h"

enum { RL_SPHERE_SIZE_MAX = 4096 };

// For one resolution: luma, or subsampled chroma.
struct rl_sphere_tables {
    struct rl_bend bend;  // columns `begin` and following
    float *down;          // of half rows: f tan(lat), in 1/64 sample
    float middle;         // of the source's columns, in 1/64 sample
    int begin;            // columns before this one and behind `bend` are black
    int width, height;    // of the source
    int size_w, size_h;   // of the result
};

struct rl_sphere {
    struct rl_bend_fns fns;
    struct rl_sphere_tables tables[2];  // of luma, of chroma
    uint32_t *pairs;                    // what across gives; then a row for each worker
    uint8_t *rows;                      // a row of the source for each worker
    ptrdiff_t stride;                   // of pairs
    size_t row_bytes;
    int width, height, size;  // what all this is made for
};

void rl_sphere_init(struct rl_sphere *sphere, unsigned cpu);

void rl_sphere_clear(struct rl_sphere *sphere);

// The side of one view's square: as fine in the middle as the source is, but at most half as long
// again as the picture is wide, and 4096.
int rl_sphere_size(double fov_degrees, int width, int height, AVRational sample_aspect);

// Writes both views side by side into `output`, of 2 size x size.
enum relief_status rl_sphere_picture(struct rl_sphere *sphere, double fov_degrees,
                                     struct rl_workers *workers, const AVFrame *left,
                                     const AVFrame *right, const AVFrame *output,
                                     struct relief_error *err);

#endif
