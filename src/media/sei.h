// SPDX-License-Identifier: MIT
//
// SEI messages and their way into a stream: the frame packing arrangement, by which H.264 and H.265
// say how two views lie in one picture (ITU-T H.264 D.2.26, H.265 D.2.16), and what encoders of
// H.265 do not take: closed captions (ATSC A/53 part 4) and HDR10+.
//
// 1. Streams are in Annex B form, as encoders give them out.
// 2. The message stands before the first slice of a packet, behind parameter sets. One in each
//    random access point holds until the next; frames in turn (type 5) have one each.
// x264 writes one of its own, but only with the left eye first; x265 writes none.
#ifndef RL_MEDIA_SEI_H
#define RL_MEDIA_SEI_H

#include "media/layout.h"

#include <stddef.h>
#include <stdint.h>

#include <libavcodec/avcodec.h>
#include <libavutil/hdr_dynamic_metadata.h>

enum { RL_SEI_TEMPORAL = 5, RL_SEI_BYTES_MAX = 40 };

// Start code and NAL unit; returns the length. `codec` is AV_CODEC_ID_H264 or _HEVC. `is_frame0`
// matters to type 5 alone: this picture is the first of the two.
size_t rl_sei_write(uint8_t nal[RL_SEI_BYTES_MAX], enum AVCodecID codec,
                    const struct rl_layout *layout, bool is_frame0);

// Where the first slice's start code begins; `size` when there is none.
size_t rl_sei_place(enum AVCodecID codec, const uint8_t *data, size_t size);

// Puts a message into the packet. AVERROR code on failure.
int rl_sei_insert(AVPacket *packet, enum AVCodecID codec, const struct rl_layout *layout,
                  bool is_frame0);

// Closed captions, as frames carry them: pairs of bytes with a byte in front that says of what kind
// they are. AVERROR code on failure.
int rl_sei_insert_captions(AVPacket *packet, enum AVCodecID codec, const uint8_t *captions,
                           size_t bytes);

// HDR10+ (SMPTE ST 2094-40), into H.265. Only what holds for the whole picture can be carried: its
// places would be others in two views.
bool rl_sei_carries_plus(const AVDynamicHDRPlus *plus);
int rl_sei_insert_plus(AVPacket *packet, enum AVCodecID codec, const AVDynamicHDRPlus *plus);

// Appends a message to the encoder's parameter sets, from where muxers of MP4 and Matroska take it
// into hvcC. For H.265 only: avcC has no place for it.
int rl_sei_append(AVCodecContext *codec, const struct rl_layout *layout);

#endif
