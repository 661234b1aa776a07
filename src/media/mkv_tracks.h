// SPDX-License-Identifier: MIT
//
// What Matroska says of its tracks and FFmpeg does not read or write: languages by BCP 47, see
// language.h, and the StereoMode of anaglyphs.
//
// FFmpeg's muxer is made to write values that hold the place of what is meant, of the same length;
// they are replaced when the file is finished. A pipe does not come back to them.
#ifndef RL_MEDIA_MKV_TRACKS_H
#define RL_MEDIA_MKV_TRACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libavformat/avformat.h>

// Gives the demuxer's streams the tags of their tracks. `fd` is a Matroska file on disk; its place
// stays. 0, or AVERROR(ENOMEM).
int rl_mkv_tracks_read(AVFormatContext *demuxer, int fd);

// The same of a Tracks element in memory.
int rl_mkv_tracks_read_element(AVFormatContext *demuxer, const uint8_t *tracks, size_t size);

// Makes the language of a stream that will be written one that holds the place of its tag. 0, or an
// AVERROR code.
int rl_mkv_tracks_hold(AVDictionary **words);

// Replaces what holds a place in a Tracks element, puts in `stereo_mode` unless 0, and sets its
// checksum right. False when that mode has no place.
bool rl_mkv_tracks_replace(uint8_t *tracks, size_t size, int stereo_mode);

// The same in a finished file. 0, or the errno of what failed; EINVAL: the mode has no place.
int rl_mkv_tracks_finish(const char *path, int stereo_mode);

#endif
