// SPDX-License-Identifier: MIT
//
// Anaglyphs that are no matrix of coded values: one row of two views in RGB -> one row of the
// result. 1.0 is 32767. glow/ mixes; this makes its tables.
//
//     Dubois in linear light    each view's R G B to light (the picture's transfer; sRGB where it
//                               names none), times the matrix of its eye, each eye's share clipped
//                               to 0..1, the sum clipped and coded again. Matrices: E. Dubois, for
//                               the spectra of LCD screens; iw3 uses the same red-cyan one.
//     Wimmer's optimised one    g = G + .45 max(0, R - G), b = B + .25 max(0, R - B) of each eye;
//                               R = (.75 g + .25 b)^(1/1.6) of the left, G = g, B = b of the right
//
// Integers throughout: the tables alone are made with floating point.
#ifndef RL_COMPOSE_LIGHT_H
#define RL_COMPOSE_LIGHT_H

#include "base/error.h"
#include "compose/glow/glow.h"

#include <stdbool.h>

#include <libavutil/pixfmt.h>
#include <relief/relief.h>

struct rl_light {
    bool optimised;  // Wimmer's; else in linear light
    struct rl_glow_fns fns;
    struct rl_glow glow;
    enum AVColorTransferCharacteristic transfer;  // what the tables are made for
};

// True when the format is made here: wimmer2, and Dubois's ones with `linear`.
bool rl_format_is_light(enum relief_format format, bool linear);

void rl_light_init(struct rl_light *light, unsigned cpu);

// Makes the tables, or leaves those that fit.
enum relief_status rl_light_prepare(struct rl_light *light, enum relief_format format,
                                    enum AVColorTransferCharacteristic transfer,
                                    struct relief_error *err);

void rl_light_clear(struct rl_light *light);

// Rows of R G B; `in` holds the left view's, then the right one's.
void rl_light_row(const struct rl_light *light, uint16_t *const rgb[3], const uint16_t *const in[6],
                  int width);

#endif
