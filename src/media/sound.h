// SPDX-License-Identifier: MIT
//
// Sound from one codec into another: decoded, brought to what the encoder takes, encoded.
//
// 1. All channels are kept where an encoder takes them, and the sample rate likewise; else the
//    nearest that it takes.
// 2. Sound stays where it was. The first sample has the time of the source's first one; a gap is
//    filled with silence, or, if it is long, left out of the stream as it was in the source; what
//    comes twice is played once. Packets count from before the first sample by the encoder's
//    delay, which containers tell players to skip.
// 3. What cannot be decoded becomes a gap.
// 4. One thread at a time.
#ifndef RL_MEDIA_SOUND_H
#define RL_MEDIA_SOUND_H

#include <libavformat/avformat.h>

struct rl_sound;

// Finds the codec and the encoder's settings that suit `container` best. AVERROR code on failure:
// no decoder, or nothing that the container can carry.
int rl_sound_open(struct rl_sound **sound, const AVStream *stream, const AVOutputFormat *container);

enum AVCodecID rl_sound_codec(const struct rl_sound *sound);

// Fill the parameters of the stream that will carry the result.
int rl_sound_parameters(const struct rl_sound *sound, AVCodecParameters *parameters);

// Of the result's packets.
AVRational rl_sound_time_base(const struct rl_sound *sound);

// Takes each packet of the result; its contents may be moved away. 0 goes on, anything else ends
// the conversion and is what rl_sound_convert() answers.
typedef int (*rl_sound_fn)(void *user, AVPacket *packet);

// The next packet of the source, NULL at the end. Besides what `give` answered: AVERROR code.
int rl_sound_convert(struct rl_sound *sound, const AVPacket *packet, rl_sound_fn give, void *user);

// How many of the packets so far could not be decoded.
int rl_sound_damaged(const struct rl_sound *sound);

void rl_sound_close(struct rl_sound **sound);

#endif
