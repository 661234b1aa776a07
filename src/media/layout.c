// SPDX-License-Identifier: MIT
#include "media/layout.h"

enum { CHECKERBOARD, COLUMNS, ROWS, SIDE_BY_SIDE, TOP_BOTTOM, TEMPORAL };

#define MONO(mode) .packing = -1, .type = AV_STEREO3D_2D, .anaglyph = (mode)
#define SIDE(right) \
    .packing = SIDE_BY_SIDE, .type = AV_STEREO3D_SIDEBYSIDE, .pkin = "side", \
    .right_first = (right), .st3d = (right) ? 0 : 2
#define OVER(right) \
    .packing = TOP_BOTTOM, .type = AV_STEREO3D_TOPBOTTOM, .pkin = "over", .right_first = (right), \
    .st3d = (right) ? 0 : 1
#define TURNS(number, kind, right) .packing = (number), .type = (kind), .right_first = (right)

enum { CYAN_RED = 10, GREEN_MAGENTA = 12 };

// st3d has no word for the right eye first that FFmpeg's reader knows; vexu has.
// Frames in turn are no StereoMode: its 13 and 14 are two frames laced into one block.
static const struct rl_layout layouts[RELIEF_FORMAT_COUNT] = {
    [RELIEF_FORMAT_ARCC] = {MONO(CYAN_RED)},
    [RELIEF_FORMAT_ARCH] = {MONO(CYAN_RED)},
    [RELIEF_FORMAT_ARCG] = {MONO(CYAN_RED)},
    [RELIEF_FORMAT_ARCD] = {MONO(CYAN_RED)},
    [RELIEF_FORMAT_WIMMER] = {MONO(CYAN_RED)},
    [RELIEF_FORMAT_WIMMER2] = {MONO(CYAN_RED)},
    [RELIEF_FORMAT_AGMG] = {MONO(GREEN_MAGENTA)},
    [RELIEF_FORMAT_AGMH] = {MONO(GREEN_MAGENTA)},
    [RELIEF_FORMAT_AGMC] = {MONO(GREEN_MAGENTA)},
    [RELIEF_FORMAT_AGMD] = {MONO(GREEN_MAGENTA)},
    [RELIEF_FORMAT_SBSL] = {SIDE(false)},
    [RELIEF_FORMAT_SBSR] = {SIDE(true)},
    [RELIEF_FORMAT_SBS2L] = {SIDE(false), .half_across = 2},
    [RELIEF_FORMAT_SBS2R] = {SIDE(true), .half_across = 2},
    [RELIEF_FORMAT_ABL] = {OVER(false)},
    [RELIEF_FORMAT_ABR] = {OVER(true)},
    [RELIEF_FORMAT_AB2L] = {OVER(false), .half_down = 2},
    [RELIEF_FORMAT_AB2R] = {OVER(true), .half_down = 2},
    [RELIEF_FORMAT_VR180] = {SIDE(false), .vr180 = true},
    [RELIEF_FORMAT_AL] = {TURNS(TEMPORAL, AV_STEREO3D_FRAMESEQUENCE, false)},
    [RELIEF_FORMAT_AR] = {TURNS(TEMPORAL, AV_STEREO3D_FRAMESEQUENCE, true)},
    [RELIEF_FORMAT_IRL] = {TURNS(ROWS, AV_STEREO3D_LINES, false), .half_down = 2},
    [RELIEF_FORMAT_IRR] = {TURNS(ROWS, AV_STEREO3D_LINES, true), .half_down = 2},
    [RELIEF_FORMAT_ICL] = {TURNS(COLUMNS, AV_STEREO3D_COLUMNS, false), .half_across = 2},
    [RELIEF_FORMAT_ICR] = {TURNS(COLUMNS, AV_STEREO3D_COLUMNS, true), .half_across = 2},
    [RELIEF_FORMAT_CHL] = {TURNS(CHECKERBOARD, AV_STEREO3D_CHECKERBOARD, false)},
    [RELIEF_FORMAT_CHR] = {TURNS(CHECKERBOARD, AV_STEREO3D_CHECKERBOARD, true)},
};

struct rl_layout rl_layout_of(enum relief_format format)
{
    struct rl_layout layout = layouts[format];
    // A format that is not in the table is one picture.
    if (!layout.packing && layout.type == AV_STEREO3D_2D)
        layout.packing = -1;
    layout.half_across += !layout.half_across;
    layout.half_down += !layout.half_down;
    return layout;
}

const char *rl_layout_tag(const struct rl_layout *layout)
{
    if (!layout->pkin)
        return NULL;
    if (layout->half_across > 1)
        return layout->right_first ? "right_left" : "left_right";
    if (layout->half_down > 1)
        return layout->right_first ? "bottom_top" : "top_bottom";
    return NULL;
}
