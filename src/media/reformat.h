// SPDX-License-Identifier: MIT
//
// Pictures into the formats that encoders take.
//
// 1. Colours are converted with the picture's own matrix and range; a picture that does not name
//    its matrix is BT.601 below 720 rows and BT.709 from there on.
// 2. A picture is never scaled. It may grow by repeating its last column and row, for encoders
//    that want even sizes.
// 3. One thread at a time.
#ifndef RL_MEDIA_REFORMAT_H
#define RL_MEDIA_REFORMAT_H

#include "plane/frame.h"
#include "plane/pool.h"

struct SwsContext;

struct rl_target {
    enum AVPixelFormat format;
    int width, height;         // at least the picture's
    enum AVColorSpace matrix;  // unspecified = the picture's
    enum AVColorRange range;   // likewise
};

// Zero it before the first use.
struct rl_reformat {
    struct SwsContext *scaler;
    struct rl_target from, to;  // what `scaler` was made for
    struct rl_pool pool;
};

// A picture like `picture` in the target's format, owned by the caller; another reference to the
// same picture when nothing has to change. GRAYF32 (depth, 0..1) becomes 16-bit grey, 65535 for 1,
// rounded and clamped, on its way.
enum relief_status rl_reformat(struct rl_reformat *reformat, const AVFrame *picture,
                               const struct rl_target *to, AVFrame **out, struct relief_error *err);

void rl_reformat_clear(struct rl_reformat *reformat);

// The matrix of invariant 1; never unspecified. RGB pictures answer AVCOL_SPC_RGB.
enum AVColorSpace rl_matrix_of(const AVFrame *picture);

#endif
