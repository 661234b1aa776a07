// SPDX-License-Identifier: MIT
//
// Anaglyphs against FFmpeg's own stereo3d, on charts that only one eye sees and that both see.
// Skipped where that filter, which is GPL, is not built.
#include "picture.h"

#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>

enum { LEVELS = 6, WIDTH = LEVELS * LEVELS, HEIGHT = LEVELS };

// Six levels of each colour, every mixture once; `seed` turns the chart so that eyes differ.
static void chart_colour(int x, int y, int seed, int rgb[3])
{
    const int step = 255 / (LEVELS - 1);
    rgb[0] = (x % LEVELS + seed) % LEVELS * step;
    rgb[1] = (x / LEVELS + 2 * seed) % LEVELS * step;
    rgb[2] = (y + 3 * seed) % LEVELS * step;
}

static AVFrame *make_chart(int seed)
{
    AVFrame *chart = make_picture(AV_PIX_FMT_GBRP, WIDTH, HEIGHT);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            int rgb[3] = {0};
            if (seed >= 0)
                chart_colour(x, y, seed, rgb);
            for (int i = 0; i < 3; i++)
                set(chart, (i + 2) % 3, x, y, rgb[i]);  // planes are G B R
        }
    return chart;
}

// Both side by side as the filter wants them.
static AVFrame *pack_rgb24(const AVFrame *left, const AVFrame *right)
{
    AVFrame *pair = av_frame_alloc();
    pair->format = AV_PIX_FMT_RGB24;
    pair->width = 2 * WIDTH;
    pair->height = HEIGHT;
    CHECK(av_frame_get_buffer(pair, 0) >= 0);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < 2 * WIDTH; x++)
            for (int i = 0; i < 3; i++)
                pair->data[0][y * pair->linesize[0] + 3 * x + i] = (uint8_t)get(
                    x < WIDTH ? left : right, (i + 2) % 3, x % WIDTH, y);
    pair->pts = 0;
    return pair;
}

static AVFilterContext *find(const AVFilterGraph *graph, const char *kind)
{
    for (unsigned i = 0; i < graph->nb_filters; i++)
        if (!strcmp(graph->filters[i]->filter->name, kind))
            return graph->filters[i];
    return NULL;
}

static AVFrame *through_stereo3d(const AVFrame *left, const AVFrame *right, const char *in,
                                 const char *out)
{
    char text[256];
    AVFilterInOut *from = NULL, *to = NULL;
    AVFilterGraph *graph = avfilter_graph_alloc();
    AVFrame *pair = pack_rgb24(left, right), *result = av_frame_alloc();
    snprintf(text, sizeof text,
             "buffer=width=%d:height=%d:pix_fmt=rgb24:time_base=1/1,stereo3d=%s:%s,"
             "format=rgb24,buffersink",
             2 * WIDTH, HEIGHT, in, out);
    CHECK(avfilter_graph_parse2(graph, text, &from, &to) >= 0);
    CHECK(avfilter_graph_config(graph, NULL) >= 0);
    CHECK(av_buffersrc_add_frame(find(graph, "buffer"), pair) >= 0);
    CHECK(av_buffersink_get_frame(find(graph, "buffersink"), result) >= 0);
    avfilter_graph_free(&graph);
    av_frame_free(&pair);
    return result;
}

// `in` is "sbsr" where FFmpeg gives the eyes the wrong way round.
static void compare(enum relief_format format, const char *in, const char *out)
{
    static const int eyes[][2] = {{0, -1}, {-1, 0}, {0, 1}, {3, 2}};
    for (size_t e = 0; e < sizeof eyes / sizeof *eyes; e++) {
        AVFrame *left = make_chart(eyes[e][0]), *right = make_chart(eyes[e][1]);
        AVFrame *wanted = through_stereo3d(left, right, in, out);
        struct rl_frame *frame = compose_pair(format, left, right);
        int worst = 0;
        CHECK(wanted->width == WIDTH && wanted->height == HEIGHT);
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < WIDTH; x++)
                for (int i = 0; i < 3; i++) {
                    int theirs = wanted->data[0][y * wanted->linesize[0] + 3 * x + i];
                    int off = abs(get(frame->output, (i + 2) % 3, x, y) - theirs);
                    worst = off > worst ? off : worst;
                }
        // FFmpeg cuts off where we round.
        if (worst > 1)
            printf("%s, charts %d %d:\n", out, eyes[e][0], eyes[e][1]);
        CHECK_NEAR(worst, 0, 1);
        rl_frame_free(&frame);
        av_frame_free(&wanted);
    }
}

static void anaglyphs_are_those_of_stereo3d(void)
{
    compare(RELIEF_FORMAT_ARCC, "sbsl", "arcc");
    compare(RELIEF_FORMAT_ARCH, "sbsl", "arch");
    compare(RELIEF_FORMAT_ARCG, "sbsl", "arcg");
    compare(RELIEF_FORMAT_ARCD, "sbsl", "arcd");
    compare(RELIEF_FORMAT_ARBG, "sbsl", "arbg");
    compare(RELIEF_FORMAT_ARGG, "sbsl", "argg");
    compare(RELIEF_FORMAT_AGMC, "sbsl", "agmc");
    compare(RELIEF_FORMAT_AGMH, "sbsl", "agmh");
    compare(RELIEF_FORMAT_AGMG, "sbsl", "agmg");
    compare(RELIEF_FORMAT_AGMD, "sbsl", "agmd");
    compare(RELIEF_FORMAT_AYBD, "sbsl", "aybd");
}

// Amber is the left eye's: in FFmpeg that holds for aybd alone.
static void amber_is_the_other_eye_in_stereo3d(void)
{
    compare(RELIEF_FORMAT_AYBC, "sbsr", "aybc");
    compare(RELIEF_FORMAT_AYBH, "sbsr", "aybh");
    compare(RELIEF_FORMAT_AYBG, "sbsr", "aybg");
}

int main(void)
{
    if (!avfilter_get_by_name("stereo3d")) {
        printf("skipped: this FFmpeg has no stereo3d\n");
        return 77;
    }
    RUN(anaglyphs_are_those_of_stereo3d);
    RUN(amber_is_the_other_eye_in_stereo3d);
    return check_result();
}
