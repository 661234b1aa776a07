// SPDX-License-Identifier: MIT
#include "compose/packing.h"

#include "compose/colour.h"

#include <libavutil/common.h>

struct rl_packing rl_packing_of(enum relief_format format)
{
    static const struct rl_packing packings[RELIEF_FORMAT_COUNT] = {
        [RELIEF_FORMAT_SBSL] = {2, 1, false, false}, [RELIEF_FORMAT_SBSR] = {2, 1, false, true},
        [RELIEF_FORMAT_SBS2L] = {2, 1, true, false}, [RELIEF_FORMAT_SBS2R] = {2, 1, true, true},
        [RELIEF_FORMAT_ABL] = {1, 2, false, false},  [RELIEF_FORMAT_ABR] = {1, 2, false, true},
        [RELIEF_FORMAT_AB2L] = {1, 2, true, false},  [RELIEF_FORMAT_AB2R] = {1, 2, true, true},
        [RELIEF_FORMAT_RGBD] = {2, 1, false, false},
    };
    struct rl_packing packing = packings[format];
    return packing.across ? packing : (struct rl_packing){1, 1, false, false};
}

void rl_packing_view_size(const struct rl_packing *packing, enum AVPixelFormat pixels, int width,
                          int height, int *view_width, int *view_height)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(pixels);
    int step_w = packing->across == 2 ? 1 << desc->log2_chroma_w : 1;
    int step_h = packing->down == 2 ? 1 << desc->log2_chroma_h : 1;
    int halve_w = packing->half ? packing->across : 1, halve_h = packing->half ? packing->down : 1;
    // A picture smaller than one such step is extended to it.
    *view_width = FFMAX(width / halve_w / step_w, 1) * step_w;
    *view_height = FFMAX(height / halve_h / step_h, 1) * step_h;
}

// One plane of one view under way.
struct job {
    const struct rl_half_fns *fns;
    struct rl_plane from, to;
    int deep, max;
    int from_step;  // 2: every other row of the source begins a row of the result
    bool narrow;
    const int16_t *taps;
};

// As it is; what is missing at the end repeats the last sample.
static void copy_row(uint8_t *to, int width, const uint8_t *from, int from_width, int deep)
{
    memcpy(to, from, (size_t)FFMIN(width, from_width) << deep);
    for (int x = from_width; x < width; x++)
        memcpy(to + ((ptrdiff_t)x << deep), from + ((ptrdiff_t)(from_width - 1) << deep),
               (size_t)1 << deep);
}

static void pack_rows(void *arg, int begin, int end, int slot)
{
    const struct job *job = arg;
    (void)slot;
    for (int y = begin; y < end; y++) {
        uint8_t *to = rl_plane_row(&job->to, y);
        const uint8_t *from = rl_plane_row(&job->from, FFMIN(y, job->from.height - 1));
        if (job->narrow) {
            job->fns->across[job->deep](to, from, job->to.width, job->from.width, job->max,
                                        job->taps);
        } else if (job->from_step == 2) {
            const void *rows[RL_HALF_TAPS];
            for (int k = 0; k < RL_HALF_TAPS; k++)
                rows[k] = rl_plane_row(
                    &job->from, av_clip(2 * y - RL_HALF_BEFORE + k, 0, job->from.height - 1));
            job->fns->down[job->deep](to, rows, job->to.width, job->max, job->taps);
        } else {
            copy_row(to, job->to.width, from, job->from.width, job->deep);
        }
    }
}

// The part of `output`'s plane where the view in place `place` (0 or 1) goes.
static struct rl_plane part_of(const struct rl_packing *packing, const AVFrame *output, int index,
                               int place, int deep)
{
    struct rl_plane plane = rl_frame_plane(output, index);
    plane.width /= packing->across;
    plane.height /= packing->down;
    if (place && packing->across == 2)
        plane.data += (ptrdiff_t)plane.width << deep;
    else if (place)
        plane.data = rl_plane_row(&plane, plane.height);
    return plane;
}

void rl_packing_picture(const struct rl_packing *packing, const struct rl_half_fns *fns,
                        struct rl_workers *workers, const AVFrame *left, const AVFrame *right,
                        const AVFrame *output)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get((enum AVPixelFormat)output->format);
    const int depth = desc->comp[0].depth, deep = depth > 8;
    for (int eye = 0; eye < 2; eye++)
        for (int index = 0; index < 3; index++) {
            const AVFrame *view = eye ? right : left;
            bool across = packing->across == 2,
                 chroma = index && !(desc->flags & AV_PIX_FMT_FLAG_RGB);
            bool subsampled = across ? desc->log2_chroma_w : desc->log2_chroma_h;
            bool first = chroma && subsampled && rl_chroma_on_first(view, across);
            struct job job = {
                .fns = fns,
                .from = rl_frame_plane(view, index),
                .to = part_of(packing, output, index, eye ^ packing->right_first, deep),
                .deep = deep,
                .max = (1 << depth) - 1,
                .from_step = packing->half && !across ? 2 : 1,
                .narrow = packing->half && across,
                .taps = first ? rl_half_taps_left : rl_half_taps_centre,
            };
            rl_workers_rows(workers, job.to.height, 1, pack_rows, &job);
        }
}
