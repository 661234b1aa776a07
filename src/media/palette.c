// SPDX-License-Identifier: MIT
#include "media/palette.h"

#include "base/str.h"

#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>

static enum relief_status fail(struct relief_error *err, int failed)
{
    return rl_fail_av(err, RELIEF_E_FAILED, failed, "cannot choose colours for a picture");
}

static void clear_graph(struct rl_palette_graph *g)
{
    avfilter_graph_free(&g->graph);
    *g = (struct rl_palette_graph){0};
}

// `text` has one "buffer@in" and one "buffersink".
static int build(struct rl_palette_graph *g, const char *text)
{
    AVFilterInOut *from = NULL, *to = NULL;
    g->graph = avfilter_graph_alloc();
    if (!g->graph)
        return AVERROR(ENOMEM);
    g->graph->nb_threads = 1;
    int failed = avfilter_graph_parse2(g->graph, text, &from, &to);
    avfilter_inout_free(&from);
    avfilter_inout_free(&to);
    for (unsigned i = 0; failed >= 0 && i < g->graph->nb_filters; i++) {
        AVFilterContext *filter = g->graph->filters[i];
        if (filter->name && strstr(filter->name, "buffer@in"))
            g->source = filter;
        if (!strcmp(filter->filter->name, "buffersink"))
            g->sink = filter;
    }
    return failed < 0 ? failed : avfilter_graph_config(g->graph, NULL);
}

static int give(AVFilterContext *source, const AVFrame *picture, int64_t pts)
{
    AVFrame *in = av_frame_clone(picture);
    if (!in)
        return AVERROR(ENOMEM);
    in->pts = pts;
    int failed = av_buffersrc_add_frame_flags(source, in, AV_BUFFERSRC_FLAG_PUSH);
    av_frame_free(&in);
    return failed;
}

enum relief_status rl_palette_learn(struct rl_palette *palette, const AVFrame *picture,
                                    struct relief_error *err)
{
    int failed = 0;
    if (!palette->learning.graph) {
        char text[256];
        snprintf(text, sizeof text,
                 "buffer@in=width=%d:height=%d:pix_fmt=%d:time_base=1/1:pixel_aspect=1/1,"
                 "palettegen=stats_mode=full,buffersink",
                 picture->width, picture->height, picture->format);
        failed = build(&palette->learning, text);
    }
    if (failed >= 0)
        failed = give(palette->learning.source, picture, palette->learnt++);
    return failed < 0 ? fail(err, failed) : RELIEF_OK;
}

// The graph that applies a palette ends its source of palettes at once: framesync waits for the
// next one otherwise.
static int start_applying(struct rl_palette *palette, const AVFrame *colours)
{
    char text[512];
    const AVFilterLink *link = palette->learning.source->outputs[0];
    snprintf(text, sizeof text,
             "buffer@colours=width=%d:height=%d:pix_fmt=%d:time_base=1/1:pixel_aspect=1/1[p];"
             "buffer@in=width=%d:height=%d:pix_fmt=%d:time_base=1/1:pixel_aspect=1/1[b];"
             "[b][p]paletteuse=dither=bayer:bayer_scale=3,buffersink",
             colours->width, colours->height, colours->format, link->w, link->h, link->format);
    clear_graph(&palette->applying);
    palette->applied = 0;
    int failed = build(&palette->applying, text);
    for (unsigned i = 0; failed >= 0 && i < palette->applying.graph->nb_filters; i++) {
        AVFilterContext *filter = palette->applying.graph->filters[i];
        if (!filter->name || !strstr(filter->name, "buffer@colours"))
            continue;
        failed = give(filter, colours, 0);
        if (failed >= 0)
            failed = av_buffersrc_close(filter, 1, AV_BUFFERSRC_FLAG_PUSH);
    }
    return failed;
}

enum relief_status rl_palette_choose(struct rl_palette *palette, struct relief_error *err)
{
    AVFrame *colours = av_frame_alloc();
    int failed = colours ? av_buffersrc_close(palette->learning.source, 1, AV_BUFFERSRC_FLAG_PUSH)
                         : AVERROR(ENOMEM);
    if (failed >= 0)
        failed = av_buffersink_get_frame(palette->learning.sink, colours);
    if (failed >= 0)
        failed = start_applying(palette, colours);
    av_frame_free(&colours);
    clear_graph(&palette->learning);
    return failed < 0 ? fail(err, failed) : RELIEF_OK;
}

enum relief_status rl_palette_apply(struct rl_palette *palette, const AVFrame *picture,
                                    AVFrame **out, struct relief_error *err)
{
    *out = av_frame_alloc();
    int failed = *out ? give(palette->applying.source, picture, palette->applied++)
                      : AVERROR(ENOMEM);
    if (failed >= 0)
        failed = av_buffersink_get_frame(palette->applying.sink, *out);
    if (failed >= 0)
        return RELIEF_OK;
    av_frame_free(out);
    return fail(err, failed);
}

void rl_palette_clear(struct rl_palette *palette)
{
    clear_graph(&palette->learning);
    clear_graph(&palette->applying);
}
