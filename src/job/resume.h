// SPDX-License-Identifier: MIT
//
// Going on where an interrupted run of the same conversion stopped.
//
// 1. The same: input, options that change a pixel, and version of relief. The writer adds how it
//    encodes.
// 2. Frames whose pictures an earlier run encoded are read and passed over; so the packets of all
//    other streams come anew. The shot that goes on is begun anew where that takes few frames:
//    depth and views know nothing from before a cut, so they come out as if nothing had happened.
#ifndef RL_JOB_RESUME_H
#define RL_JOB_RESUME_H

#include "job/job.h"

struct rl_resumption {
    int64_t first;     // frame of the source that the stages see first
    int64_t pictures;  // composed pictures that need not be encoded
    int64_t next;      // the composed picture that comes out of the stages next
};

// Tell the writer to keep what it encodes, where params.resume asks for it and it can be done, and
// find out where to go on: all 0 at the beginning.
enum relief_status rl_resume_open(struct rl_resumption *resumption, struct rl_writer *writer,
                                  const struct relief_job *job, const struct rl_source *source,
                                  const struct rl_plan *plan, struct relief_error *err);

#endif
