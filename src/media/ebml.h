// SPDX-License-Identifier: MIT
//
// A StereoMode that FFmpeg's Matroska muxer does not write: anaglyphs have one, but AVStereo3D has
// no word for them. The muxer is made to write another one, whose byte this page replaces.
#ifndef RL_MEDIA_EBML_H
#define RL_MEDIA_EBML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A number of 1 to 8 bytes whose leading zeros tell its length; the marker stays with `keep`.
// Returns its length, 0 when it does not fit.
size_t rl_ebml_number(const uint8_t *data, size_t size, bool keep, uint64_t *value);

// Where the value of the first StereoMode of one byte lies in the beginning of a Matroska file; 0
// when there is none. Sizes in `data` are believed only as far as they fit into what is around.
size_t rl_ebml_stereo_mode(const uint8_t *data, size_t size);

// Puts `mode` there in a finished file, and the checksum of the tracks right. 0, or the errno of
// what failed; EINVAL: there is no such place.
int rl_ebml_set_stereo_mode(const char *path, int mode);

#endif
