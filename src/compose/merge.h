// SPDX-License-Identifier: MIT
//
// Two views -> one anaglyph picture, row by row through the anaglyph kernels.
//
// Chroma is brought to luma resolution where it is sited, mixed there, and brought back with the
// filter that fits: each luma row is mixed once (one row more at the top of a band when chroma is
// sited on luma rows).
#ifndef RL_COMPOSE_MERGE_H
#define RL_COMPOSE_MERGE_H

#include "base/workers.h"
#include "compose/anaglyph/anaglyph.h"
#include "compose/light.h"
#include "plane/frame.h"

struct rl_merge {
    struct rl_anaglyph_fns fns;
    struct rl_light light;
    uint16_t *scratch;  // of all slots
    size_t scratch_samples, slot_samples, row_samples;
};

void rl_merge_init(struct rl_merge *merge, unsigned cpu);
void rl_merge_clear(struct rl_merge *merge);

// Writes into `output`, of the views' format and size. `format` is an anaglyph; `linear` makes
// Dubois's ones in linear light.
enum relief_status rl_merge_picture(struct rl_merge *merge, enum relief_format format, bool linear,
                                    struct rl_workers *workers, const AVFrame *left,
                                    const AVFrame *right, const AVFrame *output,
                                    struct relief_error *err);

#endif
