// SPDX-License-Identifier: MIT
//
// When a track of an AVI begins, which FFmpeg's muxer does not say: it puts sound that comes late
// at the film's beginning. The number has its place in the track's header, and players read it.
#ifndef RL_MEDIA_RIFF_H
#define RL_MEDIA_RIFF_H

#include <stddef.h>
#include <stdint.h>

// Where the header of track `number` (from 0) lies in the beginning of an AVI; 0 when there is
// none, or it is not whole.
size_t rl_riff_track(const uint8_t *data, size_t size, int number);

// Writes into a finished file that the track begins at `seconds`. 0, or the errno of what failed;
// EINVAL: there is no such track.
int rl_riff_set_start(const char *path, int number, double seconds);

#endif
