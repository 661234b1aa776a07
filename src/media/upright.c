// SPDX-License-Identifier: MIT
#include "media/upright.h"

#include "base/str.h"
#include "plane/frame.h"

#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/mem.h>

struct rl_turn rl_turn_of(const int32_t *matrix, bool *is_exact)
{
    *is_exact = true;
    if (!matrix)
        return (struct rl_turn){0};
    // Where the unit vectors of x and y go.
    int64_t x_to_x = matrix[0], x_to_y = matrix[1], y_to_x = matrix[3], y_to_y = matrix[4];
    int64_t straight = llabs(x_to_x) + llabs(y_to_y), crossed = llabs(x_to_y) + llabs(y_to_x);
    *is_exact = straight == 0 || crossed == 0 || straight > 1000 * crossed ||
                crossed > 1000 * straight;
    if (crossed > straight)
        return (struct rl_turn){.transpose = true, .hflip = y_to_x < 0, .vflip = x_to_y < 0};
    return (struct rl_turn){.hflip = x_to_x < 0, .vflip = y_to_y < 0};
}

int rl_turn_degrees(struct rl_turn turn)
{
    if (turn.transpose)
        return turn.hflip || !turn.vflip ? 90 : 270;
    return turn.vflip ? 180 : 0;
}

bool rl_frame_is_interlaced(const AVFrame *frame)
{
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
    return frame->flags & AV_FRAME_FLAG_INTERLACED;
#else
    return frame->interlaced_frame;
#endif
}

static void mark_progressive(AVFrame *frame)
{
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
    frame->flags &= ~(AV_FRAME_FLAG_INTERLACED | AV_FRAME_FLAG_TOP_FIELD_FIRST);
#else
    frame->interlaced_frame = frame->top_field_first = 0;
#endif
}

static bool same_turn(struct rl_turn a, struct rl_turn b)
{
    return a.transpose == b.transpose && a.hflip == b.hflip && a.vflip == b.vflip;
}

static bool turns(struct rl_turn turn)
{
    return turn.transpose || turn.hflip || turn.vflip;
}

// ---------------------------------------------------------------------------------------------
// The graph

static void describe_graph(const struct rl_upright *upright, char *text, size_t size)
{
    text[0] = 0;
    if (upright->deinterlace)
        rl_str_copy(text, size, "bwdif=mode=send_frame:parity=auto:deint=interlaced");
    struct rl_turn turn = upright->turn;
    // transpose's directions: 0 plain, 1 then mirrored left-right, 2 top-bottom, 3 both.
    if (turn.transpose)
        rl_str_add(text, size, "%stranspose=dir=%d", *text ? "," : "", turn.hflip + 2 * turn.vflip);
    if (!turn.transpose && turn.vflip)
        rl_str_add(text, size, "%svflip", *text ? "," : "");
    if (!turn.transpose && turn.hflip)
        rl_str_add(text, size, "%shflip", *text ? "," : "");
}

static int add_source(struct rl_upright *upright, const AVFrame *frame)
{
    upright->source = avfilter_graph_alloc_filter(upright->graph, avfilter_get_by_name("buffer"),
                                                  "in");
    AVBufferSrcParameters *params = av_buffersrc_parameters_alloc();
    int ret = AVERROR(ENOMEM);
    if (upright->source && params) {
        params->format = frame->format;
        params->width = frame->width;
        params->height = frame->height;
        params->time_base = upright->time_base;
        params->sample_aspect_ratio = frame->sample_aspect_ratio;
#if LIBAVFILTER_VERSION_INT >= AV_VERSION_INT(10, 0, 100)
        params->color_space = frame->colorspace;
        params->color_range = frame->color_range;
#endif
        ret = av_buffersrc_parameters_set(upright->source, params);
    }
    av_free(params);
    return ret < 0 ? ret : avfilter_init_str(upright->source, NULL);
}

static int link_filters(struct rl_upright *upright)
{
    char filters[128];
    describe_graph(upright, filters, sizeof filters);
    AVFilterInOut *from = avfilter_inout_alloc(), *to = avfilter_inout_alloc();
    int ret = AVERROR(ENOMEM);
    if (from && to) {
        *from = (AVFilterInOut){av_strdup("in"), upright->source, 0, NULL};
        *to = (AVFilterInOut){av_strdup("out"), upright->sink, 0, NULL};
        ret = avfilter_graph_parse_ptr(upright->graph, filters, &to, &from, NULL);
    }
    avfilter_inout_free(&from);
    avfilter_inout_free(&to);
    return ret;
}

static enum relief_status build(struct rl_upright *upright, const AVFrame *frame,
                                struct rl_turn turn, struct relief_error *err)
{
    upright->turn = turn;
    upright->width = frame->width;
    upright->height = frame->height;
    upright->format = frame->format;
    upright->graph = avfilter_graph_alloc();
    if (!upright->graph)
        return rl_fail_memory(err);
    upright->graph->nb_threads = upright->threads;
    int ret = add_source(upright, frame);
    if (ret >= 0)
        ret = avfilter_graph_create_filter(&upright->sink, avfilter_get_by_name("buffersink"),
                                           "out", NULL, NULL, upright->graph);
    if (ret >= 0)
        ret = link_filters(upright);
    if (ret >= 0)
        ret = avfilter_graph_config(upright->graph, NULL);
    if (ret < 0)
        return rl_fail_av(err, RELIEF_E_INPUT, ret,
                          "the picture cannot be turned upright or deinterlaced");
    return RELIEF_OK;
}

static bool fits(const struct rl_upright *upright, const AVFrame *frame, struct rl_turn turn,
                 bool deinterlace)
{
    return upright->deinterlace == deinterlace && same_turn(upright->turn, turn) &&
           (!upright->graph ||
            (upright->width == frame->width && upright->height == frame->height &&
             upright->format == frame->format));
}

// ---------------------------------------------------------------------------------------------
// Frames

static enum relief_status make_ready(struct rl_upright *upright, AVFrame *frame,
                                     struct relief_error *err)
{
    if (upright->ready_count == RL_UPRIGHT_HELD_MAX) {
        av_frame_free(&frame);
        return rl_fail(err, RELIEF_E_FAILED, "the deinterlacer gives more frames than it takes");
    }
    av_frame_remove_side_data(frame, AV_FRAME_DATA_DISPLAYMATRIX);
    mark_progressive(frame);
    upright->ready[upright->ready_count++] = frame;
    return RELIEF_OK;
}

// Take what the graph has finished.
static enum relief_status collect(struct rl_upright *upright, struct relief_error *err)
{
    for (;;) {
        AVFrame *frame = av_frame_alloc();
        if (!frame)
            return rl_fail_memory(err);
        int ret = av_buffersink_get_frame(upright->sink, frame);
        if (ret < 0)
            av_frame_free(&frame);
        if (ret == AVERROR(EAGAIN) || ret == AVERROR_EOF)
            return RELIEF_OK;
        if (ret < 0)
            return rl_fail_av(err, RELIEF_E_INPUT, ret, "a picture cannot be turned upright");
        // bwdif halves the time base; this is exact.
        frame->pts = av_rescale_q(frame->pts, av_buffersink_get_time_base(upright->sink),
                                  upright->time_base);
        enum relief_status status = make_ready(upright, frame, err);
        if (status != RELIEF_OK)
            return status;
    }
}

enum relief_status rl_upright_flush(struct rl_upright *upright, struct relief_error *err)
{
    if (!upright->graph)
        return RELIEF_OK;
    int ret = av_buffersrc_add_frame_flags(upright->source, NULL, 0);
    enum relief_status status = ret < 0 ? rl_fail_av(err, RELIEF_E_INPUT, ret,
                                                     "a picture cannot be turned upright")
                                        : collect(upright, err);
    avfilter_graph_free(&upright->graph);
    return status;
}

static enum relief_status feed(struct rl_upright *upright, AVFrame *frame, struct rl_turn turn,
                               struct relief_error *err)
{
    enum relief_status status = RELIEF_OK;
    // bwdif wants at least 3x4 pixels of luma and of chroma.
    bool deinterlace = (upright->deinterlace || rl_frame_is_interlaced(frame)) &&
                       frame->width >= 16 && frame->height >= 16;
    if (!fits(upright, frame, turn, deinterlace)) {
        status = rl_upright_flush(upright, err);
        upright->deinterlace = deinterlace;
        upright->turn = turn;
    }
    if (status == RELIEF_OK && !upright->graph && (deinterlace || turns(turn)))
        status = build(upright, frame, turn, err);
    if (status != RELIEF_OK || !upright->graph)
        return status;
    int ret = av_buffersrc_add_frame_flags(upright->source, frame, 0);
    if (ret < 0)
        return rl_fail_av(err, RELIEF_E_INPUT, ret, "a picture cannot be turned upright");
    return collect(upright, err);
}

enum AVPixelFormat rl_turn_format(enum AVPixelFormat format)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(format), *other = NULL;
    if (desc->log2_chroma_w == desc->log2_chroma_h)
        return format;
    while ((other = av_pix_fmt_desc_next(other)))
        if (rl_format_is_working(av_pix_fmt_desc_get_id(other)) &&
            !(other->flags & AV_PIX_FMT_FLAG_RGB) && !other->log2_chroma_w &&
            !other->log2_chroma_h && other->comp[0].depth == desc->comp[0].depth)
            return av_pix_fmt_desc_get_id(other);
    return format;
}

enum relief_status rl_upright_push(struct rl_upright *upright, AVFrame *frame, struct rl_turn turn,
                                   struct relief_error *err)
{
    enum relief_status status = feed(upright, frame, turn, err);
    if (status == RELIEF_OK && !upright->graph)
        return make_ready(upright, frame, err);
    av_frame_free(&frame);
    return status;
}

AVFrame *rl_upright_pop(struct rl_upright *upright)
{
    if (!upright->ready_count)
        return NULL;
    AVFrame *frame = upright->ready[0];
    upright->ready_count--;
    memmove(upright->ready, upright->ready + 1,
            (size_t)upright->ready_count * sizeof *upright->ready);
    return frame;
}

void rl_upright_clear(struct rl_upright *upright)
{
    for (AVFrame *frame; (frame = rl_upright_pop(upright));)
        av_frame_free(&frame);
    avfilter_graph_free(&upright->graph);
    upright->deinterlace = false;
    upright->turn = (struct rl_turn){0};
}
