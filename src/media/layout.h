// SPDX-License-Identifier: MIT
//
// What each format is called by those who have to show it: numbers of H.264 and H.265, Matroska,
// MP4 and FFmpeg, in one table.
//
// Formats that no standard has a word for (the depth map, anaglyphs outside Matroska) say nothing.
#ifndef RL_MEDIA_LAYOUT_H
#define RL_MEDIA_LAYOUT_H

#include <stdbool.h>

#include <libavutil/stereo3d.h>
#include <relief/relief.h>

struct rl_layout {
    int packing;               // frame_packing_arrangement_type of H.264 and H.265; -1: none
    enum AVStereo3DType type;  // AV_STEREO3D_2D: FFmpeg has no word for it
    bool right_first;
    int half_across, half_down;  // 2 where each view is squeezed to half
    int st3d;                    // stereo_mode of MP4's st3d: 1 top-bottom, 2 left-right; 0: none
    const char *pkin;            // Apple's packing: "side" or "over"; NULL: none
    int anaglyph;                // Matroska's StereoMode of an anaglyph: 10 or 12; 0: no anaglyph
    bool vr180;                  // each view is half of a sphere, equirectangular
};

struct rl_layout rl_layout_of(enum relief_format format);

// What Kodi looks for among the tags of an MP4: Matroska's StereoMode in FFmpeg's words. NULL for
// none: halved views alone are in shape there; full ones would be squashed.
const char *rl_layout_tag(const struct rl_layout *layout);

#endif
