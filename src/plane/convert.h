// SPDX-License-Identifier: MIT
//
// Pictures out of the working formats.
#ifndef RL_PLANE_CONVERT_H
#define RL_PLANE_CONVERT_H

#include "plane/frame.h"

// Any picture -> RGBA, 8 bits, with the picture's own matrix and range. The caller frees
// image->pixels with relief_image_free(). Fails with RELIEF_E_MEMORY or RELIEF_E_FAILED.
enum relief_status rl_convert_to_rgba(const AVFrame *picture, struct relief_image *image,
                                      struct relief_error *err);

#endif
