// SPDX-License-Identifier: MIT
//
// Pictures out of the working formats, and smaller ones.
#ifndef RL_PLANE_CONVERT_H
#define RL_PLANE_CONVERT_H

#include "plane/frame.h"

// Any picture -> RGBA, 8 bits, with the picture's own matrix and range. The caller frees
// image->pixels with relief_image_free(). Fails with RELIEF_E_MEMORY or RELIEF_E_FAILED.
enum relief_status rl_convert_to_rgba(const AVFrame *picture, struct relief_image *image,
                                      struct relief_error *err);

// The picture in its own format, reduced so that its longer side has at most `longest_px` pixels;
// sides stay even, and the matrix that an untagged picture is taken to have is told by a tag, for a
// small picture would be taken otherwise. A reference when it fits already, or longest_px is 0.
// NULL when out of memory or the format cannot be scaled.
AVFrame *rl_convert_reduce(const AVFrame *picture, int longest_px);

// Another size of a picture of one plane (a map): along each side the nearest samples blended, or
// the mean of those that become one. A reference when it has that size already. NULL as above.
AVFrame *rl_convert_resize(const AVFrame *map, int width, int height);

#endif
