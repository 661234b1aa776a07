// SPDX-License-Identifier: MIT
//
// Kernel: lines and textures go on into holes that were filled by a membrane (pyramid.h).
//
// 1. The seam of a run of holes are pixels beside it on its own side, and above and below those. It
//    is looked for farther out on the same surface; where it is found again, at an offset (dx, dy),
//    what lies beside it there goes on into the hole (exemplar-based inpainting, Criminisi et al.
//    2004, with one offset a run instead of a patch a pixel).
// 2. With D the variance of the difference between the seam and what it is like, and A its own,
//    r = 1 - D / 2A says how far one tells the other. Lines and edges that run into the hole have r
//    near 1, a texture without order near 0: its mean is the best guess then. A hole pixel m gets
//        m + w * (v + c - m) + (1 - w) * g,  w = ((4r - 1) / 3)^2, 0 below r = 1/4
//    v the sample at the offset, c the mean difference at the seam, and g the grain: by how much v
//    differs from the mean of its four neighbours, limited.
// 3. Only what was seen or found is copied, never what was filled, and nothing that is nearer than
//    the run by more than `tolerance`. Runs of less than four holes, and those without such a
//    place, stay as they are.
// 4. Rows hang together: an offset holds until another is clearly better, and r changes slowly. So
//    do frames, where `remembers` is set.
// 5. Holes are worked on by one thread in the order of their list.
#ifndef RL_STEREO_FILL_TEXTURE_H
#define RL_STEREO_FILL_TEXTURE_H

#include "stereo/fill/fill.h"

// Goes over the holes of the list whose bit 0 is still set.
void rl_texture_fill(struct rl_fill *fill);

#endif
