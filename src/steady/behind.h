// SPDX-License-Identifier: MIT
//
// What held frames learn from those behind them: depth carried backward in time.
//
// A mean of the past alone lags behind what changes, and of what has just come into sight it knows
// one answer of the network only. Frames behind, as long as they are held anyway, make up for both.
#ifndef RL_STEADY_BEHIND_H
#define RL_STEADY_BEHIND_H

#include "base/error.h"
#include "steady/held.h"

// The newest frame has a map and is the first for a while: those before it that are not known yet,
// which have none, become the mean of what was carried to them from both sides.
enum relief_status rl_behind_fill(struct rl_carrier *carrier, struct rl_line *line,
                                  struct relief_error *err);

// The newest frame came out of the dark, and its map is worth `known_worth`: those before it that
// were darker get its depth for theirs, which says nothing.
enum relief_status rl_behind_light_up(struct rl_carrier *carrier, struct rl_line *line,
                                      float known_worth, struct relief_error *err);

// Makes the first `count` of the known frames final: each with the mean of its memory and of what
// all frames behind it say, from the newest known one on. final_count becomes `count`.
enum relief_status rl_behind_finish(struct rl_carrier *carrier, struct rl_line *line, int count,
                                    struct relief_error *err);

#endif
