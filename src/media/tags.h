// SPDX-License-Identifier: MIT
//
// What a file says about itself: title and language, chapters, programs, HDR and 3D layout.
#ifndef RL_MEDIA_TAGS_H
#define RL_MEDIA_TAGS_H

#include "media/layout.h"
#include "media/write.h"

// Muxers of the family of MP4 and MOV, as av_match_name() takes them.
#define RL_TAGS_MOV "mov,mp4,ipod,3gp,3g2,psp,f4v"

// All return an AVERROR code on failure.

// Titles and the like of the file.
int rl_tags_copy_file(AVFormatContext *to, const struct rl_source *source);

// Those of the picture track, without what only held for its old encoding.
int rl_tags_copy_video(AVStream *to, const struct rl_source *source,
                       const AVOutputFormat *container);

// Of a stream. MOV's muxer drops languages that it has no number for: here they get the name that
// has one, and languages that come from such a file get the name that the world knows. Players of
// MP4 and MOV that know no title of a track show the name of its handler, so that is the title
// where it would be nothing; elsewhere such a name is left out.
int rl_tags_fit(AVDictionary **tags, const AVOutputFormat *container);

// Times are moved as the frames' are.
int rl_tags_copy_chapters(AVFormatContext *to, const struct rl_source *source);

// Mastering display and light level.
int rl_tags_copy_hdr(AVStream *to, const struct rl_source *source);

// How the two eyes lie in the picture; muxers say what they can of it. `container` is the muxer's
// name.
int rl_tags_set_layout(AVStream *to, const char *container, const struct rl_layout *layout);

#endif
