// SPDX-License-Identifier: MIT
//
// Anaglyphs against a plain reference: both views to RGB in double precision, the published matrix,
// clipped as a screen would, and back. The reference has its own tables and its own way to read
// chroma.
#include "picture.h"

#include <stdbool.h>

// 1 / 65536; rows R G B of the result, columns R G B left, R G B right.
static const int matrices[RELIEF_FORMAT_COUNT][3][6] = {
    [RELIEF_FORMAT_ARCC] = {{65536, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 65536, 0}, {0, 0, 0, 0, 0, 65536}},
    [RELIEF_FORMAT_ARCH] = {{19595, 38470, 7471, 0, 0, 0},
                            {0, 0, 0, 0, 65536, 0},
                            {0, 0, 0, 0, 0, 65536}},
    [RELIEF_FORMAT_ARCG] = {{19595, 38470, 7471, 0, 0, 0},
                            {0, 0, 0, 19595, 38470, 7471},
                            {0, 0, 0, 19595, 38470, 7471}},
    [RELIEF_FORMAT_ARCD] = {{29884, 32768, 11534, -2818, -5767, -131},
                            {-2621, -2490, -1049, 24773, 48103, -1180},
                            {-983, -1376, -328, -4719, -7406, 80347}},
    [RELIEF_FORMAT_ARBG] = {{19595, 38470, 7471, 0, 0, 0},
                            {0, 0, 0, 0, 0, 0},
                            {0, 0, 0, 19595, 38470, 7471}},
    [RELIEF_FORMAT_ARGG] = {{19595, 38470, 7471, 0, 0, 0},
                            {0, 0, 0, 19595, 38470, 7471},
                            {0, 0, 0, 0, 0, 0}},
    [RELIEF_FORMAT_WIMMER] = {{0, 45875, 19661, 0, 0, 0},
                              {0, 0, 0, 0, 65536, 0},
                              {0, 0, 0, 0, 0, 65536}},
    [RELIEF_FORMAT_AGMG] = {{0, 0, 0, 19595, 38470, 7471},
                            {19595, 38470, 7471, 0, 0, 0},
                            {0, 0, 0, 19595, 38470, 7471}},
    [RELIEF_FORMAT_AGMH] = {{0, 0, 0, 65536, 0, 0},
                            {19595, 38470, 7471, 0, 0, 0},
                            {0, 0, 0, 0, 0, 65536}},
    [RELIEF_FORMAT_AGMC] = {{0, 0, 0, 65536, 0, 0}, {0, 65536, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 65536}},
    [RELIEF_FORMAT_AGMD] = {{-4063, -10354, -2556, 34669, 46203, 1573},
                            {18612, 43778, 9372, -1049, -983, -4260},
                            {-983, -1769, 1376, 590, 4915, 61407}},
    [RELIEF_FORMAT_AYBG] = {{19595, 38470, 7471, 0, 0, 0},
                            {19595, 38470, 7471, 0, 0, 0},
                            {0, 0, 0, 19595, 38470, 7471}},
    [RELIEF_FORMAT_AYBH] = {{65536, 0, 0, 0, 0, 0},
                            {0, 65536, 0, 0, 0, 0},
                            {0, 0, 0, 19595, 38470, 7471}},
    [RELIEF_FORMAT_AYBC] = {{65536, 0, 0, 0, 0, 0}, {0, 65536, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 65536}},
    [RELIEF_FORMAT_AYBD] = {{69599, -13435, 19595, -1048, -8061, -1114},
                            {-1704, 59507, 4456, 393, 4063, -1114},
                            {-2490, -11338, 1442, 6160, 12124, 59703}},
};

static const enum relief_format anaglyphs[] = {
    RELIEF_FORMAT_ARCC, RELIEF_FORMAT_ARCH,   RELIEF_FORMAT_ARCG, RELIEF_FORMAT_ARCD,
    RELIEF_FORMAT_ARBG, RELIEF_FORMAT_ARGG,   RELIEF_FORMAT_AGMG, RELIEF_FORMAT_AGMH,
    RELIEF_FORMAT_AGMC, RELIEF_FORMAT_AGMD,   RELIEF_FORMAT_AYBG, RELIEF_FORMAT_AYBH,
    RELIEF_FORMAT_AYBC, RELIEF_FORMAT_WIMMER, RELIEF_FORMAT_AYBD,
};

// What the samples of a picture mean.
struct meaning {
    bool rgb, full, left_sited, top_sited;
    int log2_w, log2_h;
    double red, blue;  // shares in luma
    double unit;       // one step of 8 bits
    int most;          // largest sample
};

static struct meaning meaning_of(const AVFrame *picture)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get((enum AVPixelFormat)picture->format);
    struct meaning m = {
        .rgb = desc->flags & AV_PIX_FMT_FLAG_RGB,
        .full = picture->color_range == AVCOL_RANGE_JPEG,
        .left_sited = picture->chroma_location == AVCHROMA_LOC_LEFT ||
                      picture->chroma_location == AVCHROMA_LOC_TOPLEFT,
        .top_sited = picture->chroma_location == AVCHROMA_LOC_TOPLEFT,
        .log2_w = desc->log2_chroma_w,
        .log2_h = desc->log2_chroma_h,
        .red = .299,
        .blue = .114,
        .unit = 1 << (depth_of(picture) - 8),
        .most = (1 << depth_of(picture)) - 1,
    };
    if (picture->colorspace == AVCOL_SPC_BT709) {
        m.red = .2126;
        m.blue = .0722;
    } else if (picture->colorspace == AVCOL_SPC_BT2020_NCL) {
        m.red = .2627;
        m.blue = .0593;
    }
    return m;
}

// A sample of chroma at a place between samples.
static double between(const AVFrame *picture, int index, double x, double y)
{
    int x0 = (int)floor(x), y0 = (int)floor(y);
    double fx = x - x0, fy = y - y0;
    double top = get(picture, index, x0, y0) * (1 - fx) + get(picture, index, x0 + 1, y0) * fx;
    double low = get(picture, index, x0, y0 + 1) * (1 - fx) +
                 get(picture, index, x0 + 1, y0 + 1) * fx;
    return top * (1 - fy) + low * fy;
}

// Where luma position `at` lies among samples of chroma.
static double chroma_place(int at, int log2, bool on_first)
{
    return log2 == 0 ? at : on_first ? at / 2.0 : at / 2.0 - .25;
}

static void rgb_at(const AVFrame *picture, const struct meaning *m, int x, int y, double rgb[3])
{
    if (m->rgb) {
        for (int i = 0; i < 3; i++)
            rgb[(i + 1) % 3] = (double)get(picture, i, x, y) / m->most;
        return;
    }
    double cx = chroma_place(x, m->log2_w, m->left_sited);
    double cy = chroma_place(y, m->log2_h, m->top_sited);
    double luma = get(picture, 0, x, y), chroma[2], neutral = 128 * m->unit;
    luma = m->full ? luma / m->most : (luma - 16 * m->unit) / (219 * m->unit);
    for (int i = 0; i < 2; i++)
        chroma[i] = (between(picture, i + 1, cx, cy) - neutral) /
                    (m->full ? m->most : 224 * m->unit);
    rgb[0] = luma + 2 * (1 - m->red) * chroma[1];
    rgb[2] = luma + 2 * (1 - m->blue) * chroma[0];
    rgb[1] = (luma - m->red * rgb[0] - m->blue * rgb[2]) / (1 - m->red - m->blue);
}

static void mixed_at(enum relief_format format, const AVFrame *left, const AVFrame *right,
                     const struct meaning *m, int x, int y, double rgb[3])
{
    double in[6];
    x = x < 0 ? 0 : x >= left->width ? left->width - 1 : x;
    y = y < 0 ? 0 : y >= left->height ? left->height - 1 : y;
    rgb_at(left, m, x, y, in);
    rgb_at(right, m, x, y, in + 3);
    for (int row = 0; row < 3; row++) {
        rgb[row] = 0;
        for (int i = 0; i < 6; i++)
            rgb[row] += matrices[format][row][i] / 65536.0 * in[i];
        rgb[row] = fmin(fmax(rgb[row], 0), 1);
    }
}

// The value that sample (x, y) of plane `index` ought to have, not rounded.
static double wanted(enum relief_format format, const AVFrame *left, const AVFrame *right,
                     const struct meaning *m, int index, int x, int y)
{
    double rgb[3] = {0};
    int wide = index && !m->rgb && m->log2_w, high = index && !m->rgb && m->log2_h;
    // Weights of the pixels around the one with the same number: (1 2 1) / 4 or (0 1 1) / 2.
    const double on_first[3] = {.25, .5, .25}, middle[3] = {0, .5, .5}, alone[3] = {0, 1, 0};
    const double *across = !wide ? alone : m->left_sited ? on_first : middle;
    const double *down = !high ? alone : m->top_sited ? on_first : middle;
    for (int j = -1; j <= 1; j++)
        for (int i = -1; i <= 1; i++) {
            double one[3], weight = across[i + 1] * down[j + 1];
            if (weight == 0)
                continue;
            mixed_at(format, left, right, m, (x << wide) + i, (y << high) + j, one);
            for (int c = 0; c < 3; c++)
                rgb[c] += weight * one[c];
        }
    if (m->rgb)
        return rgb[(index + 1) % 3] * m->most;
    double luma = m->red * rgb[0] + (1 - m->red - m->blue) * rgb[1] + m->blue * rgb[2];
    if (index == 0)
        return m->full ? luma * m->most : (luma * 219 + 16) * m->unit;
    double chroma = index == 1 ? (rgb[2] - luma) / (2 - 2 * m->blue)
                               : (rgb[0] - luma) / (2 - 2 * m->red);
    return fmin(chroma * (m->full ? m->most : 224 * m->unit) + 128 * m->unit, m->most);
}

// Colours of all kinds, with edges and slopes; legal YUV, much of it outside RGB too.
static AVFrame *draw_colours(enum AVPixelFormat format, int width, int height, unsigned seed)
{
    AVFrame *picture = make_picture(format, width, height);
    int most = (1 << depth_of(picture)) - 1;
    for (int i = 0; i < 3; i++) {
        struct rl_plane plane = rl_frame_plane(picture, i);
        for (int by = 0; by < plane.height; by += 5)
            for (int bx = 0; bx < plane.width; bx += 7) {
                int base = (int)(next_random(&seed) % (unsigned)(most + 1));
                int slope = (int)(next_random(&seed) % (unsigned)(most / 16 + 1)) - most / 32;
                for (int y = by; y < by + 5 && y < plane.height; y++)
                    for (int x = bx; x < bx + 7 && x < plane.width; x++) {
                        int value = base + slope * (x - bx + y - by);
                        set(picture, i, x, y, value < 0 ? 0 : value > most ? most : value);
                    }
            }
    }
    return picture;
}

struct tags {
    enum AVColorSpace space;
    enum AVColorRange range;
    enum AVChromaLocation site;
};

static void tag(AVFrame *picture, const struct tags *tags)
{
    picture->colorspace = tags->space;
    picture->color_range = tags->range;
    picture->chroma_location = tags->site;
}

// How far the stage is from the reference: the largest error in samples.
static double worst_error(enum relief_format format, enum AVPixelFormat pixels,
                          const struct tags *tags, int width, int height)
{
    AVFrame *left = draw_colours(pixels, width, height, 1),
            *right = draw_colours(pixels, width, height, 2);
    tag(left, tags);
    tag(right, tags);
    struct meaning m = meaning_of(left);
    struct rl_frame *frame = compose_pair(format, left, right);
    double worst = 0;
    for (int i = 0; i < 3; i++) {
        struct rl_plane plane = rl_frame_plane(frame->output, i);
        for (int y = 0; y < plane.height; y++)
            for (int x = 0; x < plane.width; x++) {
                double error = fabs(get(frame->output, i, x, y) -
                                    wanted(format, frame->left, frame->right, &m, i, x, y));
                worst = fmax(worst, error);
            }
    }
    CHECK_INT(frame->output->colorspace, tags->space);
    CHECK_INT(frame->output->color_range, tags->range);
    rl_frame_free(&frame);
    return worst;
}

static void every_anaglyph_equals_the_reference(void)
{
    static const enum AVPixelFormat pixels[] = {
        AV_PIX_FMT_YUV420P,   AV_PIX_FMT_YUV422P,   AV_PIX_FMT_YUV444P,   AV_PIX_FMT_YUV440P,
        AV_PIX_FMT_GBRP,      AV_PIX_FMT_YUV420P10, AV_PIX_FMT_YUV444P12, AV_PIX_FMT_GBRP12,
        AV_PIX_FMT_YUV422P16, AV_PIX_FMT_GBRP16,
    };
    static const struct tags tags[] = {
        {AVCOL_SPC_BT709, AVCOL_RANGE_MPEG, AVCHROMA_LOC_LEFT},
        {AVCOL_SPC_SMPTE170M, AVCOL_RANGE_JPEG, AVCHROMA_LOC_CENTER},
        {AVCOL_SPC_BT2020_NCL, AVCOL_RANGE_MPEG, AVCHROMA_LOC_TOPLEFT},
    };
    for (size_t f = 0; f < sizeof anaglyphs / sizeof *anaglyphs; f++)
        for (size_t p = 0; p < sizeof pixels / sizeof *pixels; p++)
            for (size_t t = 0; t < sizeof tags / sizeof *tags; t++) {
                const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(pixels[p]);
                int bits = desc->comp[0].depth;
                // Half a sample is what rounding costs. Fifteen bits between the matrices cost a
                // little more the deeper the samples are.
                double allowed = bits <= 8 ? .54 : bits <= 12 ? 1.0 : 11;
                double worst = worst_error(anaglyphs[f], pixels[p], &tags[t], 53, 37);
                CHECK_NEAR(worst, 0, allowed);
            }
}

int main(void)
{
    RUN(every_anaglyph_equals_the_reference);
    return check_result();
}
