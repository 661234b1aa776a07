// SPDX-License-Identifier: MIT
//
// The plan: from parameters and what the source turned out to be, which stages run, and what the
// composed pictures look like. Opening it opens the stages; they are chained in plan order.
#ifndef RL_JOB_PLAN_H
#define RL_JOB_PLAN_H

#include "base/workers.h"
#include "compose/compose.h"
#include "job/context.h"
#include "job/pipeline.h"
#include "media/read.h"

struct rl_plan {
    struct rl_stage stages[RL_PIPELINE_STAGES_MAX];
    int slots[RL_PIPELINE_STAGES_MAX];  // which of relief_progress.stages a stage's time counts to
    int stage_count;
    struct rl_workers *workers;     // shared by the row-parallel stages; NULL with one thread
    struct rl_compose_shape shape;  // of the composed pictures
    bool deep_depth;                // they are depth maps as GRAY16
    char summary[256];              // of the depth stage, for the log and the report
};

// Places in relief_progress.stages.
enum rl_stage_slot {
    RL_SLOT_READ,
    RL_SLOT_DEPTH,
    RL_SLOT_STEADY,
    RL_SLOT_STEREO,
    RL_SLOT_COMPOSE,
    RL_SLOT_WRITE,
};

extern const char *const rl_slot_names[RELIEF_STAGE_COUNT];

// Which stages a plan opens. Previews open the two halves one after the other, because the first is
// slow and its result is kept; nothing but a job stores.
enum rl_plan_parts {
    RL_PLAN_DEPTH = 1,  // picture -> final depth
    RL_PLAN_VIEWS = 2,  // picture and final depth -> output
    RL_PLAN_STORE = 4,  // depth maps and kept pictures are stored as the parameters ask
    RL_PLAN_JOB = RL_PLAN_DEPTH | RL_PLAN_VIEWS | RL_PLAN_STORE,
};

// `parts`: bits of enum rl_plan_parts. `output` is the name of what is written, which decides how
// often a single picture wiggles; NULL when nothing is.
enum relief_status rl_plan_open(struct rl_plan *plan, struct relief_context *ctx,
                                const struct relief_params *params, const struct rl_source *source,
                                const char *output, const atomic_bool *stop, unsigned parts,
                                struct relief_error *err);

// What relief_look_ahead() promises.
enum relief_status
rl_plan_look_ahead(struct relief_outlook *outlook, const struct relief_params *params,
                   const struct relief_media_info *info, struct relief_error *err);

// Finish what stores files beside the output (--depth-out): they get their names.
enum relief_status rl_plan_finish(struct rl_plan *plan, struct relief_error *err);

// Closes the stages; accepts a plan that was opened halfway or is zeroed.
void rl_plan_close(struct rl_plan *plan);

#endif
