// SPDX-License-Identifier: MIT
//
// JPEG files that hold both views.
//
//     JPS    one JPEG, the views side by side, and a note of which is where (APP3, "_JPSJPS_")
//     MPO    two JPEGs behind each other, with an index in the first (APP2, "MPF"): CIPA DC-007,
//            multi-frame images of the kind "disparity", the left view first
#ifndef RL_MEDIA_STEREO_JPEG_H
#define RL_MEDIA_STEREO_JPEG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Bytes that the notes add to what they are put into, at most.
enum { RL_STEREO_JPEG_ADDED = 256 };

// True for the extensions .jps and .mpo.
bool rl_is_jps_name(const char *path);
bool rl_is_mpo_name(const char *path);

// `to` has room for size + RL_STEREO_JPEG_ADDED. Returns the length; 0 when `jpeg` is none.
size_t rl_jps_write(uint8_t *to, const uint8_t *jpeg, size_t size, bool right_first);

// `to` has room for both, and RL_STEREO_JPEG_ADDED for each.
size_t rl_mpo_write(uint8_t *to, const uint8_t *left, size_t left_size, const uint8_t *right,
                    size_t right_size);

#endif
