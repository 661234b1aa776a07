// SPDX-License-Identifier: MIT
//
// True stereo pairs for the benches of the stereo stage: reading them, and which pixels of the
// right picture the left camera saw.
//
// A folder holds NAME_left.png, NAME_right.png and NAME_disp_left.png (16-bit grey, 1/64 pixel, 0
// unknown). A surface at x of the left picture stands at x - disparity in the right one.
#ifndef RL_BENCH_PAIRS_H
#define RL_BENCH_PAIRS_H

#include <libavutil/frame.h>

struct pair {
    char name[64];
    int width, height;
    AVFrame *left, *right;  // RGB24
    float *disparity;       // pixels, width * height; unknown ones taken from the farther neighbour
    float most;             // the largest disparity, at least 1
    uint8_t *seen;          // of the right picture: 0 hidden from the left camera, 1 seen
    int *from;              // of the right picture: the column of the left one that shows the same
                            // surface, or -1
};

// False, and a line on standard error, when pictures are missing or of another kind.
int pair_load(struct pair *pair, const char *folder, const char *name);
void pair_free(struct pair *pair);

// The names of a folder's pairs in order of the alphabet, at most `capacity`.
int pair_names(char (*names)[64], int capacity, const char *folder);

AVFrame *rgb_create(int width, int height);
void rgb_store(const char *path, const AVFrame *rgb);

static inline uint8_t *rgb_at(const AVFrame *rgb, int x, int y)
{
    return rgb->data[0] + y * rgb->linesize[0] + 3 * x;
}

#endif
