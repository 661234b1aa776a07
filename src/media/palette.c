// SPDX-License-Identifier: MIT
#include "media/palette.h"

#include "base/str.h"

#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>

// The graph ends with its picture: paletteuse waits for the end of the palettes otherwise.
static int build(AVFilterGraph *graph, const AVFrame *picture)
{
    char text[512];
    AVFilterInOut *from = NULL, *to = NULL;
    snprintf(text, sizeof text,
             "buffer=width=%d:height=%d:pix_fmt=%d:time_base=1/1:pixel_aspect=1/1,split[a][b];"
             "[a]palettegen=stats_mode=single[p];"
             "[b][p]paletteuse=new=1:dither=bayer:bayer_scale=3,buffersink",
             picture->width, picture->height, picture->format);
    int failed = avfilter_graph_parse2(graph, text, &from, &to);
    avfilter_inout_free(&from);
    avfilter_inout_free(&to);
    return failed < 0 ? failed : avfilter_graph_config(graph, NULL);
}

static AVFilterContext *find(const AVFilterGraph *graph, const char *kind)
{
    for (unsigned i = 0; i < graph->nb_filters; i++)
        if (!strcmp(graph->filters[i]->filter->name, kind))
            return graph->filters[i];
    return NULL;
}

static int run(AVFilterGraph *graph, const AVFrame *picture, AVFrame *out)
{
    AVFilterContext *source = find(graph, "buffer"), *sink = find(graph, "buffersink");
    AVFrame *in = av_frame_clone(picture);
    if (!in)
        return AVERROR(ENOMEM);
    in->pts = 0;
    int failed = av_buffersrc_add_frame_flags(source, in, AV_BUFFERSRC_FLAG_PUSH);
    av_frame_free(&in);
    if (failed >= 0)
        failed = av_buffersrc_close(source, 1, AV_BUFFERSRC_FLAG_PUSH);
    return failed < 0 ? failed : av_buffersink_get_frame(sink, out);
}

enum relief_status rl_palette_picture(const AVFrame *picture, AVFrame **out,
                                      struct relief_error *err)
{
    AVFilterGraph *graph = avfilter_graph_alloc();
    int failed = AVERROR(ENOMEM);
    *out = av_frame_alloc();
    if (graph && *out) {
        graph->nb_threads = 1;
        failed = build(graph, picture);
    }
    if (failed >= 0)
        failed = run(graph, picture, *out);
    avfilter_graph_free(&graph);
    if (failed >= 0)
        return RELIEF_OK;
    av_frame_free(out);
    return rl_fail_av(err, RELIEF_E_FAILED, failed, "cannot choose colours for a picture");
}
