// SPDX-License-Identifier: MIT
#include "compose/colour.h"

#include "base/error.h"

#include <math.h>

#include <libavutil/pixdesc.h>

// Luma of BT.601 in 16.16, as the published matrices have it.
#define GREY 19595, 38470, 7471
#define NOTHING 0, 0, 0

// clang-format off
static const struct {
    enum relief_format format;
    int32_t matrix[3][6];
} anaglyphs[] = {
    {RELIEF_FORMAT_ARCC, {{65536, 0, 0, NOTHING}, {NOTHING, 0, 65536, 0}, {NOTHING, 0, 0, 65536}}},
    {RELIEF_FORMAT_ARCH, {{GREY, NOTHING}, {NOTHING, 0, 65536, 0}, {NOTHING, 0, 0, 65536}}},
    {RELIEF_FORMAT_ARCG, {{GREY, NOTHING}, {NOTHING, GREY}, {NOTHING, GREY}}},
    // Dubois: least squares to what gets through the filters.
    {RELIEF_FORMAT_ARCD, {{29884, 32768, 11534, -2818, -5767, -131},
                          {-2621, -2490, -1049, 24773, 48103, -1180},
                          {-983, -1376, -328, -4719, -7406, 80347}}},
    {RELIEF_FORMAT_ARBG, {{GREY, NOTHING}, {NOTHING, NOTHING}, {NOTHING, GREY}}},
    {RELIEF_FORMAT_ARGG, {{GREY, NOTHING}, {NOTHING, GREY}, {NOTHING, NOTHING}}},
    // Wimmer: reds, which only one eye would see, are left out.
    {RELIEF_FORMAT_WIMMER, {{0, 45875, 19661, NOTHING}, {NOTHING, 0, 65536, 0},
                            {NOTHING, 0, 0, 65536}}},
    {RELIEF_FORMAT_AGMC, {{NOTHING, 65536, 0, 0}, {0, 65536, 0, NOTHING}, {NOTHING, 0, 0, 65536}}},
    {RELIEF_FORMAT_AGMH, {{NOTHING, 65536, 0, 0}, {GREY, NOTHING}, {NOTHING, 0, 0, 65536}}},
    {RELIEF_FORMAT_AGMG, {{NOTHING, GREY}, {GREY, NOTHING}, {NOTHING, GREY}}},
    {RELIEF_FORMAT_AGMD, {{-4063, -10354, -2556, 34669, 46203, 1573},
                          {18612, 43778, 9372, -1049, -983, -4260},
                          {-983, -1769, 1376, 590, 4915, 61407}}},
    // Amber glass lies before the left eye. FFmpeg's aybg, aybh and aybc give it the right view,
    // its aybd the left one; here all four are as the glasses are.
    {RELIEF_FORMAT_AYBC, {{65536, 0, 0, NOTHING}, {0, 65536, 0, NOTHING}, {NOTHING, 0, 0, 65536}}},
    {RELIEF_FORMAT_AYBH, {{65536, 0, 0, NOTHING}, {0, 65536, 0, NOTHING}, {NOTHING, GREY}}},
    {RELIEF_FORMAT_AYBG, {{GREY, NOTHING}, {GREY, NOTHING}, {NOTHING, GREY}}},
    {RELIEF_FORMAT_AYBD, {{69599, -13435, 19595, -1048, -8061, -1114},
                          {-1704, 59507, 4456, 393, 4063, -1114},
                          {-2490, -11338, 1442, 6160, 12124, 59703}}},
};
// clang-format on

bool rl_format_is_anaglyph(enum relief_format format)
{
    return format == RELIEF_FORMAT_WIMMER2 || rl_anaglyph_matrix(format) != NULL;
}

const int32_t (*rl_anaglyph_matrix(enum relief_format format))[6]
{
    for (size_t i = 0; i < sizeof anaglyphs / sizeof *anaglyphs; i++)
        if (anaglyphs[i].format == format)
            return anaglyphs[i].matrix;
    return NULL;
}

bool rl_chroma_on_first(const AVFrame *picture, bool across)
{
    enum AVChromaLocation location = picture->chroma_location;
    if (location == AVCHROMA_LOC_TOPLEFT)
        return true;
    if (!across)
        return location == AVCHROMA_LOC_TOP;
    return location == AVCHROMA_LOC_LEFT ||
           (location == AVCHROMA_LOC_UNSPECIFIED && picture->color_range != AVCOL_RANGE_JPEG);
}

static enum AVColorSpace colour_space(const AVFrame *picture)
{
    if (picture->colorspace != AVCOL_SPC_UNSPECIFIED && picture->colorspace != AVCOL_SPC_RGB)
        return picture->colorspace;
    bool large = picture->width >= 1280 || picture->height > 576;
    return large ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
}

// Y = red R + (1 - red - blue) G + blue B; U and V are B - Y and R - Y, scaled to +-0.5.
static void fill_yuv(double to_code[3][3], double red, double blue)
{
    const double luma[3] = {red, 1 - red - blue, blue};
    for (int i = 0; i < 3; i++) {
        to_code[0][i] = luma[i];
        to_code[1][i] = ((i == 2) - luma[i]) / (2 * (1 - blue));
        to_code[2][i] = ((i == 0) - luma[i]) / (2 * (1 - red));
    }
}

static void fill_code(double to_code[3][3], enum AVColorSpace space)
{
    static const double ycgco[3][3] = {{.25, .5, .25}, {-.25, .5, -.25}, {.5, 0, -.5}};
    switch (space) {
    case AVCOL_SPC_BT709:
        fill_yuv(to_code, .2126, .0722);
        break;
    case AVCOL_SPC_FCC:
        fill_yuv(to_code, .30, .11);
        break;
    case AVCOL_SPC_SMPTE240M:
        fill_yuv(to_code, .212, .087);
        break;
    case AVCOL_SPC_BT2020_NCL:
    case AVCOL_SPC_BT2020_CL:
        fill_yuv(to_code, .2627, .0593);
        break;
    case AVCOL_SPC_YCGCO:
        memcpy(to_code, ycgco, sizeof ycgco);
        break;
    default:
        fill_yuv(to_code, .299, .114);
    }
}

void rl_colour_of(struct rl_colour *colour, const AVFrame *picture)
{
    static const double gbr[3][3] = {{0, 1, 0}, {0, 0, 1}, {1, 0, 0}};
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get((enum AVPixelFormat)picture->format);
    int depth = desc->comp[0].depth;
    bool rgb = desc->flags & AV_PIX_FMT_FLAG_RGB;
    // yuvj: the range is in the format's name. RGB is full range whatever its tag says: so do
    // FFmpeg and the players.
    bool full = rgb || picture->color_range == AVCOL_RANGE_JPEG || !strncmp(desc->name, "yuvj", 4);
    double unit = 1 << (depth - 8), most = (1 << depth) - 1;
    *colour = (struct rl_colour){
        .rgb = rgb,
        .depth = depth,
        .luma_black = full ? 0 : 16 * unit,
        .luma_span = full ? most : 219 * unit,
        .chroma_span = full ? most : 224 * unit,
    };
    if (rgb)
        memcpy(colour->to_code, gbr, sizeof gbr);
    else
        fill_code(colour->to_code, colour_space(picture));
}

static void invert(double to[3][3], const double from[3][3])
{
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            int a = (i + 1) % 3, b = (i + 2) % 3, c = (j + 1) % 3, d = (j + 2) % 3;
            to[j][i] = from[a][c] * from[b][d] - from[a][d] * from[b][c];
        }
    double determinant = from[0][0] * to[0][0] + from[0][1] * to[1][0] + from[0][2] * to[2][0];
    for (int i = 0; i < 9; i++)
        to[i / 3][i % 3] /= determinant;
}

static double span_of(const struct rl_colour *colour, int plane)
{
    return plane && !colour->rgb ? colour->chroma_span : colour->luma_span;
}

// The sample that stands for zero.
static double zero_of(const struct rl_colour *colour, int plane)
{
    return plane && !colour->rgb ? 1 << (colour->depth - 1) : colour->luma_black;
}

// The most fraction bits with which all rows fit: factors into 16 bits, sums into 32.
static int choose_shift(const double *factors, int rows, int columns, double bias)
{
    for (int shift = 30; shift > 0; shift--) {
        bool fits = true;
        for (int row = 0; row < rows && fits; row++) {
            double sum = 0;
            for (int i = 0; i < columns; i++) {
                double factor = fabs(ldexp(factors[row * columns + i], shift));
                fits = fits && factor < 32767;
                sum += factor * 32768;
            }
            fits = fits && 2 * sum + ldexp(bias + 1, shift) < 2147483647.0;
        }
        if (fits)
            return shift;
    }
    return 0;
}

static void fill_mix(struct rl_anaglyph_map *map, const int32_t matrix[3][6],
                     const struct rl_colour *colour)
{
    double to_rgb[3][3], factors[3][6] = {0};
    const double widen = 1 << (16 - colour->depth);
    invert(to_rgb, colour->to_code);
    for (int row = 0; row < 3; row++)
        for (int i = 0; i < 6; i++)
            for (int c = 0; c < 3; c++)
                factors[row][i] += matrix[row][i / 3 * 3 + c] / 65536.0 * to_rgb[c][i % 3] * 32767 /
                                   (span_of(colour, i % 3) * widen);
    map->mix_shift = choose_shift(factors[0], 3, 6, 0);
    for (int row = 0; row < 3; row++) {
        double bias = ldexp(1, map->mix_shift - 1);
        for (int i = 0; i < 6; i++) {
            map->mix[row][i] = (int16_t)lrint(ldexp(factors[row][i], map->mix_shift));
            // With the rounded factors, so that black stays black.
            bias -= map->mix[row][i] * (zero_of(colour, i % 3) * widen - 32768);
        }
        map->mix_bias[row] = (int32_t)lrint(bias);
    }
}

static void fill_code_row(struct rl_anaglyph_map *map, const struct rl_colour *colour, int plane)
{
    double factors[3], zero = zero_of(colour, plane);
    int sum = 0, largest = 0;
    for (int i = 0; i < 3; i++)
        factors[i] = colour->to_code[plane][i] * span_of(colour, plane) / 32767;
    int shift = choose_shift(factors, 1, 3, zero);
    for (int i = 0; i < 3; i++) {
        map->code[plane][i] = (int16_t)lrint(ldexp(factors[i], shift));
        sum += map->code[plane][i];
        if (abs(map->code[plane][i]) > abs(map->code[plane][largest]))
            largest = i;
    }
    // Greys have no colour: the rows of chroma sum to nothing at all.
    if (plane && !colour->rgb)
        map->code[plane][largest] = (int16_t)(map->code[plane][largest] - sum);
    map->code_shift[plane] = shift;
    map->code_bias[plane] = (int32_t)lrint(ldexp(zero, shift) + ldexp(1, shift - 1));
}

void rl_anaglyph_map_init(struct rl_anaglyph_map *map, const int32_t matrix[3][6],
                          const struct rl_colour *colour)
{
    fill_mix(map, matrix, colour);
    for (int plane = 0; plane < 3; plane++)
        fill_code_row(map, colour, plane);
    map->code_max = (uint16_t)((1u << colour->depth) - 1);
}
