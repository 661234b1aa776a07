// SPDX-License-Identifier: MIT
//
// A picture as JPEG, by libjpeg, which no other file includes.
#ifndef RL_SERVE_JPEG_H
#define RL_SERVE_JPEG_H

#include "base/error.h"

// Into `room`; *bytes says how many. Colours are kept at full size: anaglyphs live of their edges.
// RELIEF_E_FAILED when the room is too small.
enum relief_status rl_jpeg_write(const struct relief_image *image, uint8_t *room, size_t room_size,
                                 size_t *bytes, struct relief_error *err);

#endif
