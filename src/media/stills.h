// SPDX-License-Identifier: MIT
//
// Pictures: which inputs are pictures, and writing lossless ones.
#ifndef RL_MEDIA_STILLS_H
#define RL_MEDIA_STILLS_H

#include "plane/frame.h"

// True for file names of pictures: .png .jpg .jpeg .webp .tif .tiff .bmp .ppm .pgm .exr ...
bool rl_is_still_name(const char *path);

struct rl_still_writer;

// Writes pictures of any working format or GRAYF32 (depth: 16-bit grey, 65535 nearest) under
// `pattern` ("DIR/f_%06d.png") or, for one picture, under a plain name. The extension picks the
// format: PNG (16 bits when the picture has more than 8), JPEG, JPS, MPO, WebP, TIFF. Every file is
// written as a part and renamed. Fails with RELIEF_E_OUTPUT.
enum relief_status rl_still_writer_open(struct rl_still_writer **writer, const char *pattern,
                                        bool overwrite, struct relief_error *err);

// .jps and .mpo hold both views: pictures that come have them side by side, the right eye on the
// left with `right_first`. Others need no word.
void rl_still_writer_set_order(struct rl_still_writer *writer, bool right_first);

// `number` fills the pattern. One thread at a time.
enum relief_status rl_still_write(struct rl_still_writer *writer, const AVFrame *picture,
                                  int64_t number, struct relief_error *err);

void rl_still_writer_close(struct rl_still_writer **writer);

#endif
