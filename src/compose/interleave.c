// SPDX-License-Identifier: MIT
#include "compose/interleave.h"

bool rl_interleaving_of(struct rl_interleaving *how, enum relief_format format)
{
    static const struct rl_interleaving hows[RELIEF_FORMAT_COUNT] = {
        [RELIEF_FORMAT_IRL] = {true, false, false}, [RELIEF_FORMAT_IRR] = {true, false, true},
        [RELIEF_FORMAT_ICL] = {false, true, false}, [RELIEF_FORMAT_ICR] = {false, true, true},
        [RELIEF_FORMAT_CHL] = {true, true, false},  [RELIEF_FORMAT_CHR] = {true, true, true},
    };
    *how = hows[format];
    return how->rows || how->columns;
}

// One plane under way.
struct job {
    const struct rl_interleaving *how;
    struct rl_plane eyes[2];  // the one whose turn is first, the other
    struct rl_plane to;
    int deep;  // 1: samples of 16 bits
};

static void take_turns(const struct job *job, void *to, const void *even, const void *odd)
{
    if (job->deep) {
        const uint16_t *from[2] = {even, odd};
        for (int x = 0; x < job->to.width; x++)
            ((uint16_t *)to)[x] = from[x & 1][x];
    } else {
        const uint8_t *from[2] = {even, odd};
        for (int x = 0; x < job->to.width; x++)
            ((uint8_t *)to)[x] = from[x & 1][x];
    }
}

static void interleave_rows(void *arg, int begin, int end, int slot)
{
    const struct job *job = arg;
    (void)slot;
    for (int y = begin; y < end; y++) {
        int turn = job->how->rows ? y & 1 : 0;
        const uint8_t *first = rl_plane_row(&job->eyes[turn], y);
        if (job->how->columns)
            take_turns(job, rl_plane_row(&job->to, y), first, rl_plane_row(&job->eyes[!turn], y));
        else
            memcpy(rl_plane_row(&job->to, y), first, (size_t)job->to.width << job->deep);
    }
}

void rl_interleave_picture(const struct rl_interleaving *how, struct rl_workers *workers,
                           const AVFrame *left, const AVFrame *right, const AVFrame *output)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get((enum AVPixelFormat)output->format);
    for (int index = 0; index < 3; index++) {
        struct job job = {
            .how = how,
            .eyes = {rl_frame_plane(how->right_first ? right : left, index),
                     rl_frame_plane(how->right_first ? left : right, index)},
            .to = rl_frame_plane(output, index),
            .deep = desc->comp[0].depth > 8,
        };
        rl_workers_rows(workers, job.to.height, 1, interleave_rows, &job);
    }
}
