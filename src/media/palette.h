// SPDX-License-Identifier: MIT
//
// A picture in the 256 colours that suit it best, for GIF: FFmpeg's palettegen and paletteuse.
//
// Each picture has a palette of its own, so that one pass does and a cut brings the colours that it
// needs. Colours between are laid out in a fixed pattern (Bayer), not by spreading errors: what
// does not move stays as it is from picture to picture.
#ifndef RL_MEDIA_PALETTE_H
#define RL_MEDIA_PALETTE_H

#include "base/error.h"

#include <libavutil/frame.h>

// `picture` is RGB32 as FFmpeg names it; *out is PAL8 and the caller's.
enum relief_status rl_palette_picture(const AVFrame *picture, AVFrame **out,
                                      struct relief_error *err);

#endif
