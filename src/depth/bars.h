// SPDX-License-Identifier: MIT
//
// Black bars of letter- and pillarboxed films: finds frame->area, see plane/frame.h.
//
// 1. Bars come in pairs of about one width: above and below, or left and right. They are black all
//    over, and end at a straight line all along which the picture is brighter. A dark picture has
//    no such line, and keeps its whole area.
// 2. One look at a new shot is enough where the picture at that line is clearly brighter. A dim
//    one, and what looks like bars in the middle of a shot, has to show the same for half a second.
//    What was believed is kept, to the sample, until picture is seen in the bars.
// 3. Text in one bar is no picture: it leaves the sides of the bar black. In both bars for a second
//    it is (credits that roll through them).
// 4. Bars take at most 3/8 of a side each; less than four samples are none.
// Not thread-safe; one struct a film.
#ifndef RL_DEPTH_BARS_H
#define RL_DEPTH_BARS_H

#include "base/log.h"
#include "base/stage.h"
#include "plane/frame.h"

enum { RL_BARS_KNOWN_MAX = 4, RL_BARS_GLANCE = 16 * 9 };

struct rl_bars {
    int width, height;                        // of the pictures
    struct rl_area area;                      // believed
    struct rl_area known[RL_BARS_KNOWN_MAX];  // believed so far, newest first
    int known_count;
    struct rl_area candidate;  // what the last frames showed instead, and for how many
    int candidate_frames;
    int text_frames;                 // with text in both bars
    uint8_t glance[RL_BARS_GLANCE];  // luma here and there of the last frame
    bool is_new;                     // the shot has not shown its shape in light yet
};

void rl_bars_init(struct rl_bars *bars);

// The area of the next picture of the film.
struct rl_area rl_bars_push(struct rl_bars *bars, const AVFrame *picture);

// A stage that sets frame->area.
enum relief_status rl_bars_open(struct rl_stage *stage, struct rl_log *log,
                                struct relief_error *err);

#endif
