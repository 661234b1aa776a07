// SPDX-License-Identifier: MIT
//
// How good the stereo stage is, judged by true stereo pairs: makes the right view from the left
// picture and its true disparity, and compares it with the right picture.
//
//     stereo_pairs FOLDER [NAME...] [-s N] [-o FOLDER]
//
// FOLDER holds NAME_left.png, NAME_right.png and NAME_disp_left.png (16-bit grey, 1/64 pixel, 0
// unknown). Prints PSNR in dB over all pixels, those the left picture shows too, and those it does
// not (disoccluded). The strip at the right border that the left camera cannot see is left out.
// -s makes the disparity map N times smaller first, as a network's is. With -o the views are
// written as PNG.
#include "base/str.h"
#include "plane/pool.h"
#include "stereo/stereo.h"

#include <dirent.h>
#include <math.h>

#include <libavcodec/avcodec.h>

static AVFrame *decode(const uint8_t *bytes, int size)
{
    AVCodecContext *codec = avcodec_alloc_context3(avcodec_find_decoder(AV_CODEC_ID_PNG));
    AVPacket *packet = av_packet_alloc();
    AVFrame *frame = av_frame_alloc();
    av_new_packet(packet, size);
    memcpy(packet->data, bytes, (size_t)size);
    if (avcodec_open2(codec, NULL, NULL) < 0 || avcodec_send_packet(codec, packet) < 0 ||
        avcodec_send_packet(codec, NULL) < 0 || avcodec_receive_frame(codec, frame) < 0)
        av_frame_free(&frame);
    av_packet_free(&packet);
    avcodec_free_context(&codec);
    return frame;
}

// NULL when there is no such picture.
static AVFrame *read_png(const char *folder, const char *name, const char *kind)
{
    char *path = rl_str_format("%s/%s_%s.png", folder, name, kind);
    FILE *file = fopen(path, "rb");
    free(path);
    if (!file)
        return NULL;
    static uint8_t bytes[1 << 24];
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    return decode(bytes, (int)size);
}

static void write_png(const char *folder, const char *name, const char *kind, const AVFrame *rgb)
{
    AVCodecContext *codec = avcodec_alloc_context3(avcodec_find_encoder(AV_CODEC_ID_PNG));
    AVPacket *packet = av_packet_alloc();
    codec->width = rgb->width;
    codec->height = rgb->height;
    codec->pix_fmt = AV_PIX_FMT_RGB24;
    codec->time_base = (AVRational){1, 25};
    char *path = rl_str_format("%s/%s_%s.png", folder, name, kind);
    FILE *file = fopen(path, "wb");
    if (file && avcodec_open2(codec, NULL, NULL) >= 0 && avcodec_send_frame(codec, rgb) >= 0 &&
        avcodec_receive_packet(codec, packet) >= 0)
        fwrite(packet->data, 1, (size_t)packet->size, file);
    if (file)
        fclose(file);
    free(path);
    av_packet_free(&packet);
    avcodec_free_context(&codec);
}

static const int gbr_of_rgb[3] = {2, 0, 1};  // the plane of GBRP that holds red, green, blue

static AVFrame *to_planes(const AVFrame *rgb)
{
    struct rl_pool pool = {0};
    AVFrame *planes = rl_pool_get(&pool, AV_PIX_FMT_GBRP, rgb->width, rgb->height, NULL);
    for (int y = 0; y < rgb->height; y++)
        for (int x = 0; x < rgb->width; x++)
            for (int c = 0; c < 3; c++) {
                int p = gbr_of_rgb[c];
                planes->data[p][y * planes->linesize[p] + x] =
                    rgb->data[0][y * rgb->linesize[0] + 3 * x + c];
            }
    rl_pool_clear(&pool);
    return planes;
}

static AVFrame *to_packed(const AVFrame *planes)
{
    struct rl_pool pool = {0};
    AVFrame *rgb = rl_pool_get(&pool, AV_PIX_FMT_RGB24, planes->width, planes->height, NULL);
    for (int y = 0; y < rgb->height; y++)
        for (int x = 0; x < rgb->width; x++)
            for (int c = 0; c < 3; c++) {
                int p = gbr_of_rgb[c];
                rgb->data[0][y * rgb->linesize[0] + 3 * x + c] =
                    planes->data[p][y * planes->linesize[p] + x];
            }
    rl_pool_clear(&pool);
    return rgb;
}

static float *depth_row(const AVFrame *depth, int y)
{
    return (float *)(void *)(depth->data[0] + y * depth->linesize[0]);
}

// One row of disparities in pixels; unknown ones become the farther of the known ones beside them.
static void read_row(float *row, const AVFrame *disparity, int y)
{
    const uint8_t *data = disparity->data[0] + y * disparity->linesize[0];
    int width = disparity->width;
    for (int x = 0; x < width; x++)  // PNG keeps the high byte first
        row[x] = (float)(data[2 * x] << 8 | data[2 * x + 1]) / 64;
    for (int x = 0; x < width; x++) {
        if (row[x] > 0)
            continue;
        int end = x;
        while (end < width && row[end] <= 0)
            end++;
        float left = x > 0 ? row[x - 1] : 1e9f, right = end < width ? row[end] : 1e9f;
        for (; x < end; x++)
            row[x] = left < right ? left : right < 1e9f ? right : 0;
    }
}

// True disparity as the stage takes depth: d = disparity / most, so C is 0 and V is `most`.
static AVFrame *to_depth(const AVFrame *disparity, float *most)
{
    struct rl_pool pool = {0};
    AVFrame *depth = rl_pool_get(&pool, AV_PIX_FMT_GRAYF32, disparity->width, disparity->height,
                                 NULL);
    *most = 1;
    for (int y = 0; y < depth->height; y++) {
        float *row = depth_row(depth, y);
        read_row(row, disparity, y);
        for (int x = 0; x < depth->width; x++)
            *most = fmaxf(*most, row[x]);
    }
    for (int y = 0; y < depth->height; y++)
        for (int x = 0; x < depth->width; x++)
            (depth_row(depth, y))[x] /= *most;
    rl_pool_clear(&pool);
    return depth;
}

static enum relief_status keep(void *user, struct rl_frame *frame, struct relief_error *err)
{
    (void)err;
    *(struct rl_frame **)user = frame;
    return RELIEF_OK;
}

// seen[x]: a surface of the left picture lands on this pixel of the right one; cracks of one pixel,
// where a surface is stretched, count as seen.
static void mark_seen(uint8_t *seen, const float *depth, int width, float most)
{
    memset(seen, 0, (size_t)width);
    for (int x = 0; x < width; x++) {
        int at = (int)lroundf((float)x - depth[x] * most);
        if (at >= 0 && at < width)
            seen[at] = 1;
    }
    for (int x = 1; x + 1 < width; x++)
        if (!seen[x] && seen[x - 1] && seen[x + 1])
            seen[x] = 2;
}

struct score {
    double error[2];  // summed squares: not seen, seen
    double count[2];
};

static void compare(struct score *score, const AVFrame *view, const AVFrame *right,
                    const AVFrame *depth, float most)
{
    int width = view->width, strip = (int)ceilf(most);
    uint8_t *seen = malloc((size_t)width);
    for (int y = 0; y < view->height; y++) {
        mark_seen(seen, depth_row(depth, y), width, most);
        for (int x = 0; x < width - strip; x++)
            for (int c = 0; c < 3; c++) {
                int p = gbr_of_rgb[c];
                double e = view->data[p][y * view->linesize[p] + x] -
                           right->data[0][y * right->linesize[0] + 3 * x + c];
                score->error[!!seen[x]] += e * e;
                score->count[!!seen[x]]++;
            }
    }
    free(seen);
}

static double psnr(double error, double count)
{
    return 10 * log10(255.0 * 255.0 * count / error);
}

// The map as a network would give it: each sample the mean of shrink x shrink ones.
static AVFrame *shrunk(const AVFrame *depth, int shrink)
{
    struct rl_pool pool = {0};
    AVFrame *small = rl_pool_get(&pool, AV_PIX_FMT_GRAYF32, depth->width / shrink,
                                 depth->height / shrink, NULL);
    for (int y = 0; y < small->height; y++)
        for (int x = 0; x < small->width; x++) {
            float sum = 0;
            for (int i = 0; i < shrink * shrink; i++)
                sum += depth_row(depth,
                                 y * depth->height / small->height +
                                     i / shrink)[x * depth->width / small->width + i % shrink];
            depth_row(small, y)[x] = sum / (float)(shrink * shrink);
        }
    rl_pool_clear(&pool);
    return small;
}

static int judge(const char *folder, const char *name, int shrink, const char *out)
{
    AVFrame *left = read_png(folder, name, "left"), *right = read_png(folder, name, "right");
    AVFrame *disparity = read_png(folder, name, "disp_left");
    if (!left || !right || !disparity || disparity->format != AV_PIX_FMT_GRAY16BE) {
        fprintf(stderr, "stereo_pairs: %s/%s: pictures missing or of another kind\n", folder, name);
        return 1;
    }
    float most = 1;
    struct rl_frame *frame = rl_frame_create();
    frame->picture = to_planes(left);
    frame->depth = to_depth(disparity, &most);
    AVFrame *depth = frame->depth;
    if (shrink > 1)
        frame->depth = shrunk(depth, shrink);
    struct rl_stereo_params params = {.divergence = 100 * most / (float)left->width,
                                      .convergence = 0,
                                      .anchor = RELIEF_ANCHOR_LEFT,
                                      .eyes = RL_EYE_RIGHT};
    struct rl_sink sink = {keep, &frame};
    struct rl_stage stage;
    if (rl_stereo_open(&stage, &params, NULL) || stage.type->push(stage.state, frame, &sink, NULL))
        return 1;
    struct score s = {0};
    compare(&s, frame->right, right, depth, most);
    if (shrink > 1)
        av_frame_free(&depth);
    printf("%-12s %5.1f / %5.1f / %5.1f dB  %4.1f %% disoccluded\n", name,
           psnr(s.error[0] + s.error[1], s.count[0] + s.count[1]), psnr(s.error[1], s.count[1]),
           psnr(s.error[0], s.count[0]), 100 * s.count[0] / (s.count[0] + s.count[1]));
    if (out) {
        AVFrame *packed = to_packed(frame->right);
        write_png(out, name, "view", packed);
        av_frame_free(&packed);
    }
    stage.type->close(stage.state);
    rl_frame_free(&frame);
    av_frame_free(&left);
    av_frame_free(&right);
    av_frame_free(&disparity);
    return 0;
}

int main(int argc, char **argv)
{
    const char *out = NULL;
    int failed = 0, judged = 0, shrink = 1;
    for (int i = 2; i + 1 < argc; i++)
        if (!strcmp(argv[i], "-o"))
            out = argv[i + 1];
        else if (!strcmp(argv[i], "-s"))
            shrink = (int)strtol(argv[i + 1], NULL, 10);
    for (int i = 2; i < argc; i++)
        if (!strcmp(argv[i], "-o") || !strcmp(argv[i], "-s"))
            i++;
        else
            failed |= judge(argv[1], argv[i], shrink, out), judged++;
    if (!judged && argc > 1) {
        DIR *folder = opendir(argv[1]);
        for (struct dirent *entry; folder && (entry = readdir(folder));)
            if (rl_str_ends(entry->d_name, "_disp_left.png")) {
                entry->d_name[strlen(entry->d_name) - strlen("_disp_left.png")] = 0;
                failed |= judge(argv[1], entry->d_name, shrink, out), judged++;
            }
        if (folder)
            closedir(folder);
    }
    if (!judged)
        fprintf(stderr,
                "stereo_pairs: no pairs: use: stereo_pairs FOLDER [NAME...] [-s N] [-o FOLDER]\n");
    return failed || !judged;
}
