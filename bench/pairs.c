// SPDX-License-Identifier: MIT
#include "pairs.h"

#include "base/str.h"

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

// NULL when there is no such picture, or one of another kind.
static AVFrame *read_png(const char *folder, const char *name, const char *kind,
                         enum AVPixelFormat format)
{
    char *path = rl_str_format("%s/%s_%s.png", folder, name, kind);
    FILE *file = fopen(path, "rb");
    free(path);
    if (!file)
        return NULL;
    static uint8_t bytes[1 << 24];
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    AVFrame *frame = decode(bytes, (int)size);
    if (frame && frame->format != format)
        av_frame_free(&frame);
    return frame;
}

AVFrame *rgb_create(int width, int height)
{
    AVFrame *rgb = av_frame_alloc();
    rgb->format = AV_PIX_FMT_RGB24;
    rgb->width = width;
    rgb->height = height;
    av_frame_get_buffer(rgb, 0);
    return rgb;
}

void rgb_store(const char *path, const AVFrame *rgb)
{
    AVCodecContext *codec = avcodec_alloc_context3(avcodec_find_encoder(AV_CODEC_ID_PNG));
    AVPacket *packet = av_packet_alloc();
    codec->width = rgb->width;
    codec->height = rgb->height;
    codec->pix_fmt = AV_PIX_FMT_RGB24;
    codec->time_base = (AVRational){1, 25};
    FILE *file = fopen(path, "wb");
    if (file && avcodec_open2(codec, NULL, NULL) >= 0 && avcodec_send_frame(codec, rgb) >= 0 &&
        avcodec_receive_packet(codec, packet) >= 0)
        fwrite(packet->data, 1, (size_t)packet->size, file);
    if (file)
        fclose(file);
    av_packet_free(&packet);
    avcodec_free_context(&codec);
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

// A surface of the left picture lands on seen pixels, the nearest where there are several; cracks
// of one pixel, where a surface is stretched, count as seen.
static void mark_row(uint8_t *seen, int *from, const float *disparity, int width)
{
    for (int x = 0; x < width; x++)
        from[x] = -1;
    for (int x = 0; x < width; x++) {
        int at = (int)lroundf((float)x - disparity[x]);
        if (at >= 0 && at < width && (from[at] < 0 || disparity[from[at]] <= disparity[x]))
            from[at] = x;
    }
    for (int x = 0; x < width; x++)
        seen[x] = from[x] >= 0 || (x > 0 && x + 1 < width && from[x - 1] >= 0 && from[x + 1] >= 0);
}

int pair_load(struct pair *pair, const char *folder, const char *name)
{
    *pair = (struct pair){.most = 1};
    snprintf(pair->name, sizeof pair->name, "%s", name);
    pair->left = read_png(folder, name, "left", AV_PIX_FMT_RGB24);
    pair->right = read_png(folder, name, "right", AV_PIX_FMT_RGB24);
    AVFrame *disparity = read_png(folder, name, "disp_left", AV_PIX_FMT_GRAY16BE);
    if (!pair->left || !pair->right || !disparity) {
        fprintf(stderr, "%s/%s: pictures are missing or of another kind\n", folder, name);
        return 0;
    }
    int width = pair->width = pair->left->width, height = pair->height = pair->left->height;
    size_t count = (size_t)width * (size_t)height;
    pair->disparity = malloc(count * sizeof *pair->disparity);
    pair->seen = malloc(count);
    pair->from = malloc(count * sizeof *pair->from);
    for (int y = 0; y < height; y++) {
        float *row = pair->disparity + y * width;
        read_row(row, disparity, y);
        for (int x = 0; x < width; x++)
            pair->most = fmaxf(pair->most, row[x]);
        mark_row(pair->seen + y * width, pair->from + y * width, row, width);
    }
    av_frame_free(&disparity);
    return 1;
}

void pair_free(struct pair *pair)
{
    av_frame_free(&pair->left);
    av_frame_free(&pair->right);
    free(pair->disparity);
    free(pair->seen);
    free(pair->from);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

int pair_names(char (*names)[64], int capacity, const char *folder)
{
    static const char end[] = "_disp_left.png";
    int count = 0;
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir && count < capacity && (entry = readdir(dir));)
        if (rl_str_ends(entry->d_name, end))
            snprintf(names[count++], sizeof *names, "%.*s",
                     (int)(strlen(entry->d_name) - strlen(end)), entry->d_name);
    if (dir)
        closedir(dir);
    qsort(names, (size_t)count, sizeof *names, by_name);
    return count;
}
