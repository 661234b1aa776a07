// SPDX-License-Identifier: MIT
//
// The boxes of MP4 and MOV that say how the eyes lie in the picture, and what tracks are called and
// for (see tracks.h), put into a finished file, and its index brought in front.
//
//     st3d    Google's word: top-bottom or side by side, left eye first
//     sv3d    for VR180: an equirectangular projection of which half is there
//     vexu    Apple's word: which eyes, their order, packing, projection; hfov: how wide
//
// FFmpeg's muxer writes st3d with -strict unofficial, sv3d without bounds, and vexu from 7.1 on,
// for some codecs only. It gets none of them to say; this page says all.
//
// 1. Boxes go to the end of the picture track's sample entry; such boxes that are there already are
//    replaced. All sizes around them and all offsets of samples follow.
// 2. Nothing that a size in the file says is believed before it was checked against what encloses
//    it. What is not understood leaves the file as it was.
// 3. The file is rewritten in place, in one pass from its end, as FFmpeg's own "faststart" does
//    instead of which it runs: it must be a part.
#ifndef RL_MEDIA_BOXES_H
#define RL_MEDIA_BOXES_H

#include "base/error.h"
#include "media/layout.h"
#include "media/tracks.h"

// What is to be said of which track.
struct rl_boxes {
    struct rl_layout layout;
    int width, height;  // as the sample entry has them
    const struct rl_track_words *tracks;
    size_t track_count;
    const AVDictionary *tags;  // of the film, beside those that are there
    bool quicktime;            // MOV, not MP4
};

// A copy of a whole moov box with the boxes in it and `shift` added to all offsets of samples;
// `wide` makes them 64 bits. Free `*out` with free(). False, with *out NULL, when the moov is not
// understood (errno is EINVAL), or memory is short (ENOMEM). *told: there was nothing to say, or a
// track of that size says it now.
bool rl_boxes_rewrite(const uint8_t *moov, size_t size, const struct rl_boxes *boxes,
                      uint64_t shift, bool wide, uint8_t **out, size_t *out_size, bool *told);

// Rewrites the file. *told tells whether it says all that is to be said. Fails with RELIEF_E_OUTPUT
// when it cannot be read or written, naming it `name`.
enum relief_status rl_boxes_finish(const char *path, const char *name, const struct rl_boxes *boxes,
                                   bool *told, struct relief_error *err);

#endif
