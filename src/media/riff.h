// SPDX-License-Identifier: MIT
//
// When a track of an AVI begins, which FFmpeg's muxer does not say: it puts sound that comes late
// at the film's beginning. The number has its place in the track's header, and players read it.
#ifndef RL_MEDIA_RIFF_H
#define RL_MEDIA_RIFF_H

// Writes into a finished file that track `number` (from 0) begins at `seconds`. 0, or the errno of
// what failed; EINVAL: its header is not in the first 64 KiB, or cannot say so much.
int rl_riff_set_start(const char *path, int number, double seconds);

#endif
