// SPDX-License-Identifier: MIT
//
// Mastering display and content light level in the words of encoders, which write them into the
// stream itself: not every player looks into the container.
#ifndef RL_MEDIA_HDR_H
#define RL_MEDIA_HDR_H

#include <stddef.h>

#include <libavcodec/avcodec.h>

// "master-display=G(..)B(..)R(..)WP(..)L(..):max-cll=..,.." for x265, in the spelling of the
// encoder for x264 and SVT-AV1; empty when the film says nothing or the encoder has no such words.
// `first` carries the side data and may be NULL.
void rl_hdr_options(char *text, size_t size, const char *encoder, const AVFrame *first);

#endif
