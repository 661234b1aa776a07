// SPDX-License-Identifier: MIT
#include "compose/hdmi.h"

#include "compose/colour.h"

int rl_hdmi_blank(int height)
{
    return height == 1080 || height == 720 ? height / 24 : 0;
}

// One plane under way.
struct job {
    struct rl_plane left, right, to;
    int begin2;   // the first row of the right view, rounded up
    bool halves;  // its rows lie in the middle between two of the plane's
    int deep, black;
};

static void fill_row(const struct job *job, uint8_t *to)
{
    if (!job->deep) {
        memset(to, job->black, (size_t)job->to.width);
        return;
    }
    for (int x = 0; x < job->to.width; x++)
        ((uint16_t *)to)[x] = (uint16_t)job->black;
}

static void mean_row(const struct job *job, uint8_t *to, const uint8_t *a, const uint8_t *b)
{
    for (int x = 0; x < job->to.width; x++) {
        if (job->deep)
            ((uint16_t *)to)[x] =
                (uint16_t)((((const uint16_t *)a)[x] + ((const uint16_t *)b)[x] + 1) >> 1);
        else
            to[x] = (uint8_t)((a[x] + b[x] + 1) >> 1);
    }
}

static void pack_rows(void *arg, int begin, int end, int slot)
{
    const struct job *job = arg;
    const size_t bytes = (size_t)job->to.width << job->deep;
    const int last = job->right.height - 1;
    (void)slot;
    for (int y = begin; y < end; y++) {
        uint8_t *to = rl_plane_row(&job->to, y);
        int second = y - job->begin2;
        if (y < job->left.height) {
            memcpy(to, rl_plane_row(&job->left, y), bytes);
        } else if (second < 0) {
            fill_row(job, to);
        } else if (!job->halves) {
            memcpy(to, rl_plane_row(&job->right, second < last ? second : last), bytes);
        } else {
            // The row lies half a row below the view's row `second`.
            const int a = second < last ? second : last, b = second < last ? second + 1 : last;
            mean_row(job, to, rl_plane_row(&job->right, a), rl_plane_row(&job->right, b));
        }
    }
}

void rl_hdmi_picture(struct rl_workers *workers, const AVFrame *left, const AVFrame *right,
                     const AVFrame *output)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get((enum AVPixelFormat)output->format);
    const int line = left->height + rl_hdmi_blank(left->height);
    struct rl_colour colour;
    rl_colour_of(&colour, left);
    for (int index = 0; index < 3; index++) {
        const bool chroma = index && !colour.rgb;
        const int step = chroma ? 1 << desc->log2_chroma_h : 1;
        struct job job = {
            .left = rl_frame_plane(left, index),
            .right = rl_frame_plane(right, index),
            .to = rl_frame_plane(output, index),
            .begin2 = (line + step - 1) / step,
            .halves = line % step != 0,
            .deep = colour.depth > 8,
            .black = chroma ? 1 << (colour.depth - 1) : (int)colour.luma_black,
        };
        rl_workers_rows(workers, job.to.height, 1, pack_rows, &job);
    }
}
