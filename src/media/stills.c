// SPDX-License-Identifier: MIT
#include "media/stills.h"

#include "base/file.h"
#include "base/str.h"
#include "media/codec.h"
#include "media/reformat.h"
#include "media/stereo_jpeg.h"

#include <errno.h>
#include <strings.h>
#include <unistd.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/opt.h>

// Kinds of picture that can be written. `deep` is for pictures of more than 8 bits.
struct still_kind {
    const char *extensions;  // each between spaces
    const char *encoder;
    enum AVPixelFormat colour, deep, grey, deep_grey;
    const char *options;
};

static const struct still_kind kinds[] = {
    // Level 3 and one predictor: twice as fast as the defaults, and a few per cent larger.
    {" png ", "png", AV_PIX_FMT_RGB24, AV_PIX_FMT_RGB48BE, AV_PIX_FMT_GRAY8, AV_PIX_FMT_GRAY16BE,
     "compression_level=3:pred=up"},
    {" jpg jpeg jpe jps mpo ", "mjpeg", AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUVJ444P,
     AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUVJ444P, "qmin=2:qmax=2:flags=+qscale:global_quality=236"},
    {" webp ", "libwebp", AV_PIX_FMT_BGRA, AV_PIX_FMT_BGRA, AV_PIX_FMT_BGRA, AV_PIX_FMT_BGRA,
     "lossless=1:compression_level=3"},
    {" tif tiff ", "tiff", AV_PIX_FMT_RGB24, AV_PIX_FMT_RGB48LE, AV_PIX_FMT_GRAY8,
     AV_PIX_FMT_GRAY16LE, "compression_algo=deflate"},
    {" bmp ", "bmp", AV_PIX_FMT_BGR24, AV_PIX_FMT_BGR24, AV_PIX_FMT_BGR24, AV_PIX_FMT_BGR24, ""},
    {" ppm ", "ppm", AV_PIX_FMT_RGB24, AV_PIX_FMT_RGB48BE, AV_PIX_FMT_RGB24, AV_PIX_FMT_RGB48BE,
     ""},
    {" pgm ", "pgm", AV_PIX_FMT_GRAY8, AV_PIX_FMT_GRAY16BE, AV_PIX_FMT_GRAY8, AV_PIX_FMT_GRAY16BE,
     ""},
};

static const char readable[] =
    " png apng jpg jpeg jpe jfif jps mpo webp tif tiff bmp ppm pgm pnm pbm pam pfm exr hdr dpx cin "
    "tga jp2 j2k j2c jxl jls avif heic heif sgi rgb ras sun pcx xbm xwd psd qoi dds ";

struct rl_still_writer {
    char *pattern;
    bool numbered, overwrite;
    bool right_first;  // of both views in one file
    const struct still_kind *kind;
    const AVCodec *codec;
    struct rl_reformat reformat, to_rgb;
    // Opened for pictures of one size and format, and again when these change.
    AVCodecContext *encoder;
    int64_t encoded_count;
};

static bool listed(const char *list, const char *path)
{
    char word[16];
    const char *extension = rl_path_extension(path);
    if (!*extension || strlen(extension) > sizeof word - 3)
        return false;
    snprintf(word, sizeof word, " %s ", extension);
    return strcasestr(list, word) != NULL;
}

bool rl_is_still_name(const char *path)
{
    return listed(readable, path);
}

static const struct still_kind *find_kind(const char *path)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (listed(kinds[i].extensions, path))
            return &kinds[i];
    return NULL;
}

// Find out before hours of work, not after them. A numbered file that exists is noticed when its
// turn comes.
static enum relief_status check_place(const struct rl_still_writer *w, struct relief_error *err)
{
    struct rl_part part;
    enum relief_status status;
    if (!w->numbered) {
        status = rl_part_open(&part, w->pattern, w->overwrite, err);
        rl_part_discard(&part);
        return status;
    }
    char *folder = rl_str_format("%s", w->pattern);
    if (!folder)
        return rl_fail_memory(err);
    char *slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder] = 0;
    status = RELIEF_OK;
    if (access(slash ? folder : ".", W_OK | X_OK))
        status = rl_fail_errno(err, RELIEF_E_OUTPUT, errno, "%s: cannot be written", w->pattern);
    free(folder);
    return status;
}

enum relief_status rl_still_writer_open(struct rl_still_writer **writer, const char *pattern,
                                        bool overwrite, struct relief_error *err)
{
    *writer = NULL;
    const struct still_kind *kind = find_kind(pattern);
    if (!kind) {
        rl_fail(err, RELIEF_E_OUTPUT, "%s: cannot write this kind of picture", pattern);
        rl_hint(err, ".png, .tif, .webp or .jpg");
        return RELIEF_E_OUTPUT;
    }
    const AVCodec *codec = avcodec_find_encoder_by_name(kind->encoder);
    if (!codec) {
        rl_fail(err, RELIEF_E_OUTPUT, "%s: this build of FFmpeg has no encoder %s", pattern,
                kind->encoder);
        rl_hint(err, ".png is always there");
        return RELIEF_E_OUTPUT;
    }
    struct rl_still_writer *w = calloc(1, sizeof *w);
    if (!w || !(w->pattern = rl_str_format("%s", pattern))) {
        free(w);
        return rl_fail_memory(err);
    }
    w->numbered = rl_path_is_pattern(pattern);
    w->overwrite = overwrite;
    w->kind = kind;
    w->codec = codec;
    enum relief_status status = check_place(w, err);
    if (status != RELIEF_OK)
        rl_still_writer_close(&w);
    *writer = w;
    return status;
}

static enum AVPixelFormat pick_format(const struct still_kind *kind, const AVFrame *picture)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get((enum AVPixelFormat)picture->format);
    bool deep = desc->comp[0].depth > 8;
    if (desc->nb_components < 3)
        return deep ? kind->deep_grey : kind->grey;
    return deep ? kind->deep : kind->colour;
}

static enum relief_status open_encoder(struct rl_still_writer *w, const AVFrame *picture,
                                       struct relief_error *err)
{
    AVCodecContext *e = w->encoder;
    if (e && e->width == picture->width && e->height == picture->height &&
        (int)e->pix_fmt == picture->format &&
        !av_cmp_q(e->sample_aspect_ratio, picture->sample_aspect_ratio))
        return RELIEF_OK;
    avcodec_free_context(&w->encoder);
    e = w->encoder = avcodec_alloc_context3(w->codec);
    if (!e)
        return rl_fail_memory(err);
    rl_codec_hush(e);
    e->width = picture->width;
    e->height = picture->height;
    e->pix_fmt = (enum AVPixelFormat)picture->format;
    e->sample_aspect_ratio = picture->sample_aspect_ratio;
    e->time_base = (AVRational){1, 25};
    e->color_range = picture->color_range;
    e->colorspace = picture->colorspace;
    e->thread_count = 1;
    AVDictionary *options = NULL;
    int failed = av_dict_parse_string(&options, w->kind->options, "=", ":", 0);
    if (failed >= 0)
        failed = avcodec_open2(e, w->codec, &options);
    av_dict_free(&options);
    if (failed < 0)
        return rl_fail_av(err, RELIEF_E_OUTPUT, failed, "%s: cannot encode pictures of %dx%d",
                          w->pattern, picture->width, picture->height);
    return RELIEF_OK;
}

static enum relief_status store(const struct rl_still_writer *w, const char *path,
                                const uint8_t *data, size_t size, struct relief_error *err)
{
    struct rl_part part;
    enum relief_status status = rl_part_open(&part, path, w->overwrite, err);
    if (status == RELIEF_OK) {
        FILE *file = fopen(part.part, "wb");
        bool written = file && fwrite(data, 1, size, file) == size;
        int cause = errno;
        if (file && fclose(file) && written) {
            written = false;
            cause = errno;
        }
        status = written
                     ? rl_part_commit(&part, err)
                     : rl_fail_errno(err, RELIEF_E_OUTPUT, cause, "%s: cannot be written", path);
    }
    rl_part_discard(&part);
    return status;
}

// The picture in the kind's format. JPEG is BT.601 at full range whatever the film was, so it goes
// through RGB; swscale cannot change a matrix on the way from YUV to YUV in every version.
static enum relief_status prepare(struct rl_still_writer *w, const AVFrame *picture, AVFrame **out,
                                  struct relief_error *err)
{
    const struct rl_target wanted = {.format = pick_format(w->kind, picture),
                                     .width = picture->width,
                                     .height = picture->height,
                                     .matrix = AVCOL_SPC_SMPTE170M,
                                     .range = AVCOL_RANGE_JPEG};
    struct rl_target rgb = wanted;
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get((enum AVPixelFormat)picture->format);
    if (desc->nb_components < 3 || wanted.format != AV_PIX_FMT_YUVJ444P)
        return rl_reformat(&w->reformat, picture, &wanted, out, err);
    AVFrame *between = NULL;
    rgb.format = AV_PIX_FMT_RGB24;
    enum relief_status status = rl_reformat(&w->to_rgb, picture, &rgb, &between, err);
    if (status == RELIEF_OK)
        status = rl_reformat(&w->reformat, between, &wanted, out, err);
    av_frame_free(&between);
    return status;
}

// Tags of the film mean nothing in a file of RGB samples, and a gamma chunk would change how
// viewers show it.
static void drop_tags(AVFrame *frame)
{
    frame->color_primaries = AVCOL_PRI_UNSPECIFIED;
    frame->color_trc = AVCOL_TRC_UNSPECIFIED;
    while (frame->nb_side_data)
        av_frame_remove_side_data(frame, frame->side_data[0]->type);
    frame->quality = FF_QP2LAMBDA * 2;
}

void rl_still_writer_set_order(struct rl_still_writer *writer, bool right_first)
{
    writer->right_first = right_first;
}

static enum relief_status encode(struct rl_still_writer *w, const char *path,
                                 const AVFrame *picture, AVPacket *packet, struct relief_error *err)
{
    AVFrame *ready = NULL;
    enum relief_status status = prepare(w, picture, &ready, err);
    if (status == RELIEF_OK) {
        drop_tags(ready);
        ready->pts = w->encoded_count++;  // FFmpeg's JPEG encoder refuses the same time twice
        status = open_encoder(w, ready, err);
    }
    if (status == RELIEF_OK) {
        int failed = avcodec_send_frame(w->encoder, ready);
        if (failed >= 0)
            failed = avcodec_receive_packet(w->encoder, packet);
        if (failed < 0)
            status = rl_fail_av(err, RELIEF_E_OUTPUT, failed, "%s: cannot encode", path);
    }
    av_frame_free(&ready);
    return status;
}

// The left or the right half of a picture, as a picture.
static AVFrame *half_of(const AVFrame *picture, bool second)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get((enum AVPixelFormat)picture->format);
    AVFrame *half = av_frame_clone(picture);
    if (!half)
        return NULL;
    half->width = picture->width / 2;
    for (int i = 0; second && i < av_pix_fmt_count_planes((enum AVPixelFormat)picture->format);
         i++) {
        const int shift = i == 1 || i == 2 ? desc->log2_chroma_w : 0;
        half->data[i] += (ptrdiff_t)(half->width >> shift) * desc->comp[i].step;
    }
    return half;
}

static enum relief_status write_mpo(struct rl_still_writer *w, const char *path,
                                    const AVFrame *picture, struct relief_error *err)
{
    enum relief_status status = RELIEF_OK;
    AVPacket *views[2] = {av_packet_alloc(), av_packet_alloc()};
    uint8_t *file = NULL;
    for (int eye = 0; eye < 2 && status == RELIEF_OK; eye++) {
        AVFrame *half = views[eye] ? half_of(picture, eye != w->right_first) : NULL;
        status = half ? encode(w, path, half, views[eye], err) : rl_fail_memory(err);
        av_frame_free(&half);
    }
    if (status == RELIEF_OK) {
        const size_t left = (size_t)views[0]->size, right = (size_t)views[1]->size;
        file = malloc(left + right + (size_t)2 * RL_STEREO_JPEG_ADDED);
        status = file ? store(w, path, file,
                              rl_mpo_write(file, views[0]->data, left, views[1]->data, right), err)
                      : rl_fail_memory(err);
    }
    free(file);
    av_packet_free(&views[0]);
    av_packet_free(&views[1]);
    return status;
}

static enum relief_status write_jps(const struct rl_still_writer *w, const char *path,
                                    const AVPacket *packet, struct relief_error *err)
{
    const size_t size = (size_t)packet->size;
    uint8_t *file = malloc(size + RL_STEREO_JPEG_ADDED);
    if (!file)
        return rl_fail_memory(err);
    enum relief_status status = store(w, path, file,
                                      rl_jps_write(file, packet->data, size, w->right_first), err);
    free(file);
    return status;
}

enum relief_status rl_still_write(struct rl_still_writer *writer, const AVFrame *picture,
                                  int64_t number, struct relief_error *err)
{
    char path[4096];
    if (!writer->numbered)
        rl_str_copy(path, sizeof path, writer->pattern);
    else if (av_get_frame_filename(path, sizeof path, writer->pattern, (int)number) < 0)
        return rl_fail(err, RELIEF_E_OUTPUT, "%s: cannot be numbered", writer->pattern);
    if (rl_is_mpo_name(path))
        return write_mpo(writer, path, picture, err);
    AVPacket *packet = av_packet_alloc();
    enum relief_status status = packet ? encode(writer, path, picture, packet, err)
                                       : rl_fail_memory(err);
    if (status == RELIEF_OK && rl_is_jps_name(path))
        status = write_jps(writer, path, packet, err);
    else if (status == RELIEF_OK)
        status = store(writer, path, packet->data, (size_t)packet->size, err);
    av_packet_free(&packet);
    return status;
}

void rl_still_writer_close(struct rl_still_writer **writer)
{
    struct rl_still_writer *w = *writer;
    *writer = NULL;
    if (!w)
        return;
    avcodec_free_context(&w->encoder);
    rl_reformat_clear(&w->reformat);
    rl_reformat_clear(&w->to_rgb);
    free(w->pattern);
    free(w);
}
