// SPDX-License-Identifier: MIT
#include "media/write.h"

#include "base/str.h"
#include "media/encode.h"
#include "media/journal.h"
#include "media/layout.h"
#include "media/mux.h"
#include "media/stills.h"

#include <strings.h>

// Level 5.2, the highest of H.264 that players of films know, has 36,864 macroblocks.
static bool is_beyond_h264(int width, int height)
{
    return width > 4096 || height > 4096 ||
           (int64_t)((width + 15) / 16) * ((height + 15) / 16) > 36864;
}

bool rl_writer_wants_h265(enum AVPixelFormat format, int width, int height)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(format);
    return (desc && desc->comp[0].depth > 8) || is_beyond_h264(width, height);
}

struct rl_writer {
    char *path, *preset, *pix_fmt;
    struct rl_writer_params params;
    const struct rl_source *source;
    struct rl_still_writer *stills;  // instead of all that follows
    struct rl_mux mux;
    bool mux_opened;
    struct rl_encoder *encoder;
    AVPacket *packet;
    struct rl_journal *journal;  // NULL: nothing is kept
    struct rl_resume resume;     // what was taken up
    bool finished;
};

static enum relief_status copy_params(struct rl_writer *w, const char *path,
                                      const struct rl_writer_params *params,
                                      struct relief_error *err)
{
    w->params = *params;
    w->path = rl_str_format("%s", path);
    w->preset = rl_str_format("%s", params->preset ? params->preset : "");
    w->pix_fmt = rl_str_format("%s", params->pix_fmt ? params->pix_fmt : "");
    w->packet = av_packet_alloc();
    if (!w->path || !w->preset || !w->pix_fmt || !w->packet)
        return rl_fail_memory(err);
    w->params.preset = w->preset;
    w->params.pix_fmt = w->pix_fmt;
    return RELIEF_OK;
}

static bool is_source(const char *path, const struct rl_source *source)
{
    return strcmp(path, "-") != 0 && source->path && strcmp(source->path, "-") != 0 &&
           rl_path_same(path, source->path);
}

// A picture, or numbered ones. APNG moves: it is a film as GIF is.
static bool writes_stills(const char *path)
{
    return rl_is_still_name(path) &&
           (rl_path_is_pattern(path) || strcasecmp(rl_path_extension(path), "apng") != 0);
}

static enum relief_status open_stills(struct rl_writer *w, struct relief_error *err)
{
    const enum relief_format layout = w->params.layout;
    const bool several = layout == RELIEF_FORMAT_AL || layout == RELIEF_FORMAT_AR ||
                         layout == RELIEF_FORMAT_WIGGLE;
    if (several && !rl_path_is_pattern(w->path)) {
        rl_fail(err, RELIEF_E_OUTPUT, "%s: one picture cannot hold views in turn", w->path);
        rl_hint(err, ".gif, .apng, .mp4, or a numbered name such as out_%%04d.png");
        return RELIEF_E_OUTPUT;
    }
    if (!rl_path_is_pattern(w->path) && !w->source->is_still) {
        rl_fail(err, RELIEF_E_OUTPUT, "%s: one picture cannot hold a film", w->path);
        rl_hint(err, "a numbered name such as out_%%04d.png");
        return RELIEF_E_OUTPUT;
    }
    enum relief_status status = rl_still_writer_open(&w->stills, w->path, w->params.overwrite, err);
    if (status == RELIEF_OK)
        rl_still_writer_set_order(w->stills, rl_layout_of(layout).right_first);
    return status;
}

static enum relief_status open_film(struct rl_writer *w, struct relief_error *err)
{
    enum relief_status status = rl_mux_open(&w->mux, w->path, w->source, &w->params, err);
    w->mux_opened = true;
    if (status == RELIEF_OK)
        status = rl_encoder_open(&w->encoder, w->path, w->mux.container, w->source, &w->params,
                                 err);
    return status == RELIEF_OK ? rl_mux_start(&w->mux, w->encoder->codec, err) : status;
}

enum relief_status rl_writer_open(struct rl_writer **writer, const char *path,
                                  const struct rl_source *source,
                                  const struct rl_writer_params *params, struct relief_error *err)
{
    *writer = NULL;
    if (is_source(path, source))
        return rl_fail(err, RELIEF_E_OUTPUT, "%s: the output is the input", path);
    struct rl_writer *w = calloc(1, sizeof *w);
    if (!w)
        return rl_fail_memory(err);
    w->source = source;
    enum relief_status status = copy_params(w, path, params, err);
    if (status == RELIEF_OK)
        status = writes_stills(path) ? open_stills(w, err) : open_film(w, err);
    if (status != RELIEF_OK)
        rl_writer_close(&w);
    *writer = w;
    return status;
}

static enum relief_status write_packets(struct rl_writer *w, struct relief_error *err)
{
    for (;;) {
        bool got = false;
        enum relief_status status = rl_encoder_receive(w->encoder, w->packet, &got, err);
        if (status != RELIEF_OK || !got)
            return status;
        if (w->journal)
            rl_journal_add(w->journal, w->packet, &w->encoder->came);
        status = rl_mux_video(&w->mux, w->packet, err);
        if (status != RELIEF_OK)
            return status;
    }
}

// Parameter sets stand in front of the film, once: a journal of others is of no use.
static char *name_encoder(const struct rl_writer *w, const char *conversion)
{
    const AVCodecContext *codec = w->encoder->codec;
    char *name = rl_str_format("%s\n%s %s %dx%d %s %d/%d ", conversion, w->mux.container->name,
                               codec->codec->name, codec->width, codec->height,
                               av_get_pix_fmt_name(codec->pix_fmt), codec->time_base.num,
                               codec->time_base.den);
    size_t length = name ? strlen(name) : 0, bytes = (size_t)codec->extradata_size;
    char *grown = name ? realloc(name, length + 2 * bytes + 1) : NULL;
    if (!grown)
        free(name);
    for (size_t i = 0; grown && i < bytes; i++)
        snprintf(grown + length + 2 * i, 3, "%02x", codec->extradata[i]);
    return grown;
}

enum relief_status rl_writer_keep(struct rl_writer *writer, const char *conversion,
                                  struct rl_resume *resume, struct relief_error *err)
{
    *resume = (struct rl_resume){0};
    if (writer->stills || writer->mux.direct || writer->encoder->target.format == AV_PIX_FMT_PAL8)
        return RELIEF_OK;
    char *key = name_encoder(writer, conversion);
    enum relief_status status = key ? rl_journal_open(&writer->journal, writer->path, key,
                                                      writer->params.log, resume, err)
                                    : rl_fail_memory(err);
    free(key);
    writer->resume = *resume;
    return status;
}

enum relief_status rl_writer_replay(struct rl_writer *writer, int64_t pts, struct relief_error *err)
{
    struct rl_encoder *e = writer->encoder;
    int64_t until = INT64_MAX;
    if (!writer->resume.pictures)
        return RELIEF_OK;
    if (pts != INT64_MAX)
        until = av_rescale_q(pts - writer->source->start_pts, e->time_base, e->codec->time_base);
    for (;;) {
        bool got = false;
        enum relief_status status = rl_journal_replay(writer->journal, until, writer->packet, &got,
                                                      err);
        if (status != RELIEF_OK || !got)
            return status;
        rl_encoder_go_on(e, &writer->resume, writer->packet->dts);
        status = rl_mux_video(&writer->mux, writer->packet, err);
        if (status != RELIEF_OK)
            return status;
    }
}

bool rl_writer_can_go_on(const struct rl_writer *writer)
{
    return writer->journal && writer->journal->fd >= 0 && writer->journal->can_go_on;
}

enum relief_status rl_writer_frame(struct rl_writer *writer, const struct rl_frame *frame,
                                   const AVFrame *picture, struct relief_error *err)
{
    if (writer->stills)
        return rl_still_write(writer->stills, picture, frame->index, err);
    const int64_t pts = frame->pts - writer->source->start_pts;
    enum relief_status status = rl_encoder_send(writer->encoder, picture, pts, frame->duration,
                                                frame->cut, err);
    return status == RELIEF_OK ? write_packets(writer, err) : status;
}

enum relief_status rl_writer_packet(void *writer, const AVPacket *packet, struct relief_error *err)
{
    struct rl_writer *w = writer;
    return w->stills ? RELIEF_OK : rl_mux_copy(&w->mux, packet, err);
}

enum relief_status rl_writer_finish(struct rl_writer *writer, struct relief_error *err)
{
    if (writer->stills)
        return RELIEF_OK;
    enum relief_status status = rl_encoder_send(writer->encoder, NULL, 0, 0, false, err);
    if (status == RELIEF_OK)
        status = write_packets(writer, err);
    if (status == RELIEF_OK)
        status = rl_mux_finish(&writer->mux, err);
    writer->finished = status == RELIEF_OK;
    if (writer->finished && !writer->journal)
        rl_journal_remove(writer->path);
    return status;
}

const struct rl_stream_fate *rl_writer_fates(const struct rl_writer *writer, size_t *count)
{
    *count = writer->mux.copies.fate_count;
    return writer->mux.copies.fates;
}

void rl_writer_close(struct rl_writer **writer)
{
    struct rl_writer *w = *writer;
    *writer = NULL;
    if (!w)
        return;
    if (w->mux_opened)
        rl_mux_close(&w->mux);
    rl_encoder_close(&w->encoder);
    rl_journal_close(&w->journal, !w->finished);
    rl_still_writer_close(&w->stills);
    av_packet_free(&w->packet);
    free(w->path);
    free(w->preset);
    free(w->pix_fmt);
    free(w);
}
