// SPDX-License-Identifier: MIT
//
// How good the stereo stage is, judged by true stereo pairs: makes the right view from the left
// picture and its true disparity, and compares it with the right picture.
//
//     stereo_pairs FOLDER [NAME...] [-o FOLDER]
//
// Prints, for plain methods (plain_views.h) and the stage, PSNR in dB over all pixels, those the
// left picture shows too, and those it does not (disoccluded). The strip at the right border that
// the left camera cannot see is left out. Then
//     gap    how much of the way from the better plain method to the oracle, over all pixels, %
//     holes  gain over the better plain method over disoccluded pixels, dB
//     edges  energy of gradients where both pictures see, against the source's, %
//     right  the same of the right picture itself: its noise, and what disparities are off
//     1/4    what is lost when the disparity map is four times smaller, as a network's is, dB
//     soft   the same when it is blurred, too (Gauss, 1.1 cells), as a network's is
// Means are printed for the first, third, ... pair in order of the alphabet, for the others and for
// all. Constants and methods of the stage were tried on all ten pairs that we have, so neither half
// is held out. With -o all views are written as PNG.
#include "base/str.h"
#include "pairs.h"
#include "plain_views.h"
#include "plane/pool.h"
#include "stereo/stereo.h"

#include <math.h>

static const int gbr_of_rgb[3] = {2, 0, 1};  // the plane of GBRP that holds red, green, blue

static AVFrame *to_planes(const AVFrame *rgb)
{
    struct rl_pool pool = {0};
    AVFrame *planes = rl_pool_get(&pool, AV_PIX_FMT_GBRP, rgb->width, rgb->height, NULL);
    for (int y = 0; y < rgb->height; y++)
        for (int x = 0; x < rgb->width; x++)
            for (int c = 0; c < 3; c++) {
                int p = gbr_of_rgb[c];
                planes->data[p][y * planes->linesize[p] + x] = rgb_at(rgb, x, y)[c];
            }
    rl_pool_clear(&pool);
    return planes;
}

static AVFrame *to_packed(const AVFrame *planes)
{
    AVFrame *rgb = rgb_create(planes->width, planes->height);
    for (int y = 0; y < rgb->height; y++)
        for (int x = 0; x < rgb->width; x++)
            for (int c = 0; c < 3; c++) {
                int p = gbr_of_rgb[c];
                rgb_at(rgb, x, y)[c] = planes->data[p][y * planes->linesize[p] + x];
            }
    return rgb;
}

// True disparity as the stage takes depth: d = disparity / most, so C is 0 and V is `most`. Made
// `shrink` times smaller, each sample is the mean of shrink x shrink ones.
static AVFrame *to_depth(const struct pair *pair, int shrink)
{
    struct rl_pool pool = {0};
    int width = pair->width / shrink, height = pair->height / shrink;
    AVFrame *depth = rl_pool_get(&pool, AV_PIX_FMT_GRAYF32, width, height, NULL);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            int x0 = x * pair->width / width, y0 = y * pair->height / height;
            float sum = 0;
            for (int i = 0; i < shrink * shrink; i++)
                sum += pair->disparity[(y0 + i / shrink) * pair->width + x0 + i % shrink];
            ((float *)(void *)(depth->data[0] + y * depth->linesize[0]))[x] =
                sum / (float)(shrink * shrink) / pair->most;
        }
    rl_pool_clear(&pool);
    return depth;
}

static const float soft_cells = 1.1f;

// One row or column of `count` samples, `step` floats apart.
static void blur_line(float *line, ptrdiff_t step, int count)
{
    enum { REACH = 4 };
    float *copy = malloc((size_t)count * sizeof *copy);
    for (int i = 0; i < count; i++)
        copy[i] = line[i * step];
    for (int i = 0; i < count; i++) {
        float sum = 0, weight = 0;
        for (int k = i - REACH; k <= i + REACH; k++) {
            float w = expf(-(float)((k - i) * (k - i)) / (2 * soft_cells * soft_cells));
            sum += w * copy[k < 0 ? 0 : k < count ? k : count - 1];
            weight += w;
        }
        line[i * step] = sum / weight;
    }
    free(copy);
}

static void blur(AVFrame *depth)
{
    float *samples = (float *)(void *)depth->data[0];
    const ptrdiff_t stride = depth->linesize[0] / (ptrdiff_t)sizeof *samples;
    for (int y = 0; y < depth->height; y++)
        blur_line(samples + y * stride, 1, depth->width);
    for (int x = 0; x < depth->width; x++)
        blur_line(samples + x, stride, depth->height);
}

static enum relief_status keep(void *user, struct rl_frame *frame, struct relief_error *err)
{
    (void)err;
    *(struct rl_frame **)user = frame;
    return RELIEF_OK;
}

static AVFrame *view_relief(const struct pair *pair, int shrink, bool soft)
{
    struct rl_frame *frame = rl_frame_create();
    frame->picture = to_planes(pair->left);
    frame->depth = to_depth(pair, shrink);
    if (soft)
        blur(frame->depth);
    struct rl_stereo_params params = {.divergence = 100 * pair->most / (float)pair->width,
                                      .convergence = 0,
                                      .anchor = RELIEF_ANCHOR_LEFT,
                                      .eyes = RL_EYE_RIGHT,
                                      .fill = RELIEF_FILL_SINGLE};
    struct rl_sink sink = {keep, &frame};
    struct rl_stage stage;
    if (rl_stereo_open(&stage, &params, NULL) || stage.type->push(stage.state, frame, &sink, NULL))
        abort();
    AVFrame *view = to_packed(frame->right);
    stage.type->close(stage.state);
    rl_frame_free(&frame);
    return view;
}

static AVFrame *view_full(const struct pair *pair)
{
    return view_relief(pair, 1, false);
}

static AVFrame *view_quarter(const struct pair *pair)
{
    return view_relief(pair, 4, false);
}

static AVFrame *view_soft(const struct pair *pair)
{
    return view_relief(pair, 4, true);
}

enum { NAIVE, SPLAT, FULL, QUARTER, SOFT, ORACLE, METHODS };

static const struct {
    const char *name;
    AVFrame *(*make)(const struct pair *pair);
} methods[METHODS] = {{"naive", view_naive},      {"splat", view_splat},
                      {"relief", view_full},      {"relief-quarter", view_quarter},
                      {"relief-soft", view_soft}, {"oracle", view_oracle}};

enum { ALL, SEEN, HIDDEN, AREAS };

struct score {
    double db[METHODS][AREAS];
    double gap, holes, edges, right_edges, quarter, soft;
    double hidden;  // share of the pixels, %
};

static void measure(double db[AREAS], const AVFrame *view, const struct pair *pair, double *hidden)
{
    double error[2] = {0}, count[2] = {0};
    int width = pair->width - (int)ceilf(pair->most);
    for (int y = 0; y < pair->height; y++)
        for (int x = 0; x < width; x++) {
            int seen = pair->seen[y * pair->width + x];
            count[seen] += 3;
            for (int c = 0; c < 3; c++) {
                double e = rgb_at(view, x, y)[c] - rgb_at(pair->right, x, y)[c];
                error[seen] += e * e;
            }
        }
    db[ALL] = 10 * log10(65025 * (count[0] + count[1]) / (error[0] + error[1]));
    db[SEEN] = 10 * log10(65025 * count[1] / error[1]);
    db[HIDDEN] = 10 * log10(65025 * count[0] / error[0]);
    *hidden = 100 * count[0] / (count[0] + count[1]);
}

static double square(const uint8_t *a, const uint8_t *b)
{
    double sum = 0;
    for (int c = 0; c < 3; c++)
        sum += (a[c] - b[c]) * (a[c] - b[c]);
    return sum;
}

// Energy of the view's gradients, where both their pixels show one surface of the left picture, as
// a share of the energy of the very same gradients there, %.
static double compare_edges(const AVFrame *view, const struct pair *pair)
{
    double made = 0, source = 0;
    int width = pair->width;
    for (int y = 0; y + 1 < pair->height; y++)
        for (int x = 0; x + 1 < width; x++)
            for (int down = 0; down < 2; down++) {
                int a = pair->from[y * width + x], b = pair->from[(y + down) * width + x + !down];
                int next = a + !down;
                if (a < 0 || b < 0 || next >= width ||
                    fabsf(pair->disparity[y * width + a] -
                          pair->disparity[(y + down) * width + b]) > 0.75f)
                    continue;
                made += square(rgb_at(view, x, y), rgb_at(view, x + !down, y + down));
                source += square(rgb_at(pair->left, a, y), rgb_at(pair->left, next, y + down));
            }
    return 100 * made / source;
}

static void judge(struct score *score, const struct pair *pair, const char *out)
{
    for (int m = 0; m < METHODS; m++) {
        AVFrame *view = methods[m].make(pair);
        measure(score->db[m], view, pair, &score->hidden);
        if (m == FULL)
            score->edges = compare_edges(view, pair);
        if (out) {
            char *path = rl_str_format("%s/%s_%s.png", out, pair->name, methods[m].name);
            rgb_store(path, view);
            free(path);
        }
        av_frame_free(&view);
    }
    score->right_edges = compare_edges(pair->right, pair);
    double(*db)[AREAS] = score->db;
    double plain = fmax(db[NAIVE][ALL], db[SPLAT][ALL]);
    score->gap = 100 * (db[FULL][ALL] - plain) / (db[ORACLE][ALL] - plain);
    score->holes = db[FULL][HIDDEN] - fmax(db[NAIVE][HIDDEN], db[SPLAT][HIDDEN]);
    score->quarter = db[FULL][ALL] - db[QUARTER][ALL];
    score->soft = db[FULL][ALL] - db[SOFT][ALL];
}

static void print(const char *name, const struct score *s)
{
    printf("%-11s", name);
    for (int m = 0; m < METHODS; m++)
        if (m != QUARTER && m != SOFT)
            printf("  %4.1f %4.1f %4.1f", s->db[m][ALL], s->db[m][SEEN],
                   m == ORACLE ? s->hidden : s->db[m][HIDDEN]);
    printf("  %4.0f  %5.1f  %5.0f  %5.0f  %5.2f  %5.2f\n", s->gap, s->holes, s->edges,
           s->right_edges, s->quarter, s->soft);
}

static void add(struct score *sum, const struct score *s)
{
    double *to = (double *)(void *)sum;
    const double *from = (const double *)(const void *)s;
    for (size_t i = 0; i < sizeof *s / sizeof *to; i++)
        to[i] += from[i];
}

static void print_mean(const char *name, const struct score *sum, int count)
{
    struct score mean = *sum;
    double *to = (double *)(void *)&mean;
    for (size_t i = 0; i < sizeof mean / sizeof *to; i++)
        to[i] /= count;
    if (count)
        print(name, &mean);
}

int main(int argc, char **argv)
{
    char names[64][64];
    const char *out = NULL;
    int count = argc > 1 ? pair_names(names, 64, argv[1]) : 0, wanted = 0;
    for (int i = 2; i < argc; i++)
        if (!strcmp(argv[i], "-o") && i + 1 < argc)
            out = argv[++i];
        else
            wanted++;
    if (!count) {
        fprintf(stderr, "stereo_pairs: no pairs: use: stereo_pairs FOLDER [NAME...] [-o FOLDER]\n");
        return 1;
    }
    printf("             naive           splat           relief          oracle, hidden%%   gap  "
           "holes  edges  right    1/4   soft\n");
    struct score sums[3] = {0};
    int counts[3] = {0};
    for (int i = 0; i < count; i++) {
        bool named = !wanted;
        for (int k = 2; k < argc; k++)
            named |= !strcmp(argv[k], names[i]);
        struct pair pair;
        struct score score = {0};
        if (named && pair_load(&pair, argv[1], names[i])) {
            judge(&score, &pair, out);
            print(names[i], &score);
            add(&sums[i % 2], &score);
            add(&sums[2], &score);
            counts[i % 2]++;
            counts[2]++;
            pair_free(&pair);
        }
    }
    print_mean("odd pairs", &sums[0], counts[0]);
    print_mean("even pairs", &sums[1], counts[1]);
    print_mean("all", &sums[2], counts[2]);
    return !counts[2];
}
