// SPDX-License-Identifier: MIT
#include "compose/merge.h"

#include "compose/colour.h"

#include <libavutil/common.h>
#include <libavutil/mem.h>

enum {
    MARGIN = RL_ANAGLYPH_BLOCK,  // samples before a scratch row, and behind it
    ROW_INPUT = 0,               // 6: the planes of both views at luma resolution
    ROW_MIXED = 6,               // 9: R G B of the last three luma rows, row y at y % 3
    ROW_NARROW = 15,             // 3: at the width of chroma
    ROW_SPARE = 18,              // 3
    ROW_EYES = 21,               // 6: R G B of both views, for what is no matrix
    ROW_COUNT = 27
};

// One picture under way; the same for all bands.
struct job {
    const struct rl_merge *merge;
    struct rl_anaglyph_map map;
    struct rl_anaglyph_map eyes[2];  // to each view's own R G B
    bool is_light;                   // by way of these, through rl_light_row()
    const AVFrame *views[2], *output;
    int width, height, chroma_width, chroma_height;
    int chroma_log2_w, chroma_log2_h;
    int deep;          // 1: samples of 16 bits
    int widen_shift;   // from the picture's depth to 16 bits
    bool chroma_left;  // sample i lies on pixel 2i, not between 2i and 2i + 1
    bool chroma_top;   // likewise for rows
    bool rgb;
};

// One band under way.
struct band {
    const struct job *job;
    uint16_t *scratch;
};

void rl_merge_init(struct rl_merge *merge, unsigned cpu)
{
    *merge = (struct rl_merge){0};
    rl_anaglyph_init(&merge->fns, cpu);
    rl_light_init(&merge->light, cpu);
}

void rl_merge_clear(struct rl_merge *merge)
{
    av_freep(&merge->scratch);
    merge->scratch_samples = 0;
    rl_light_clear(&merge->light);
}

static uint16_t *row_at(const struct band *band, int row)
{
    return band->scratch + (size_t)row * band->job->merge->row_samples + MARGIN;
}

// What lies beside the picture is what lies at its edge.
static void extend(uint16_t *row, int width)
{
    row[-1] = row[0];
    row[width] = row[width + 1] = row[width + 2] = row[width - 1];
}

static void read_row(const struct job *job, uint16_t *to, const AVFrame *view, int index, int y)
{
    struct rl_plane plane = rl_frame_plane(view, index);
    job->merge->fns.widen[job->deep](to, rl_plane_row(&plane, y), plane.width, job->widen_shift);
}

// The chroma row that lies at luma row y, still at the width of chroma.
static void read_chroma_row(const struct band *band, uint16_t *to, const AVFrame *view, int index,
                            int y)
{
    const struct job *job = band->job;
    const struct rl_anaglyph_fns *fns = &job->merge->fns;
    int near = y >> job->chroma_log2_h, odd = y & 1, last = job->chroma_height - 1;
    if (job->chroma_log2_h != 1 || (job->chroma_top && !odd)) {
        read_row(job, to, view, index, near);
        return;
    }
    int other = job->chroma_top || odd ? FFMIN(near + 1, last) : FFMAX(near - 1, 0);
    if (!job->chroma_top) {
        const struct rl_plane plane = rl_frame_plane(view, index);
        fns->between[job->deep](to, rl_plane_row(&plane, near), rl_plane_row(&plane, other),
                                plane.width, job->widen_shift);
        return;
    }
    uint16_t *spare = row_at(band, ROW_SPARE);
    read_row(job, to, view, index, near);
    read_row(job, spare, view, index, other);
    fns->average(to, to, spare, job->chroma_width);
}

static void read_chroma(const struct band *band, uint16_t *to, const AVFrame *view, int index,
                        int y)
{
    const struct job *job = band->job;
    const struct rl_anaglyph_fns *fns = &job->merge->fns;
    if (job->chroma_log2_w == 0) {
        read_chroma_row(band, to, view, index, y);
        return;
    }
    uint16_t *narrow = row_at(band, ROW_NARROW);
    read_chroma_row(band, narrow, view, index, y);
    extend(narrow, job->chroma_width);
    if (job->chroma_log2_w == 1)
        (job->chroma_left ? fns->up_left : fns->up_centre)(to, narrow, job->chroma_width);
    else
        for (int x = 0; x < job->width; x++)  // 4:1:1 and kin, too rare for more
            to[x] = narrow[x >> job->chroma_log2_w];
}

static void mixed_rows(const struct band *band, int y, uint16_t *rgb[3])
{
    for (int i = 0; i < 3; i++)
        rgb[i] = row_at(band, ROW_MIXED + y % 3 * 3 + i);
}

// The same by way of each view's R G B.
static void mix_light_row(const struct band *band, uint16_t *const rgb[3],
                          const uint16_t *const in[6])
{
    const struct job *job = band->job;
    const uint16_t *colours[6];
    for (int eye = 0; eye < 2; eye++) {
        uint16_t *to[3];
        for (int i = 0; i < 3; i++)
            colours[3 * eye + i] = to[i] = row_at(band, ROW_EYES + 3 * eye + i);
        job->merge->fns.mix(to, in, job->width, &job->eyes[eye]);
    }
    rl_light_row(&job->merge->light, rgb, colours, job->width);
}

// Mix luma row y of both views.
static void mix_row(const struct band *band, int y)
{
    const struct job *job = band->job;
    uint16_t *rgb[3];
    const uint16_t *in[6];
    for (int i = 0; i < 6; i++) {
        uint16_t *row = row_at(band, ROW_INPUT + i);
        const int16_t(*mix)[6] = job->map.mix;
        in[i] = row;
        if (!job->is_light && !mix[0][i] && !mix[1][i] && !mix[2][i])
            continue;  // what the row holds does not matter
        if (i % 3 == 0 || job->rgb)
            read_row(job, row, job->views[i / 3], i % 3, y);
        else
            read_chroma(band, row, job->views[i / 3], i % 3, y);
    }
    mixed_rows(band, y, rgb);
    if (job->is_light)
        mix_light_row(band, rgb, in);
    else
        job->merge->fns.mix(rgb, in, job->width, &job->map);
    for (int i = 0; i < 3; i++)
        extend(rgb[i], job->width);
}

static void write_row(const struct job *job, uint16_t *const rgb[3], int index, int y)
{
    struct rl_plane plane = rl_frame_plane(job->output, index);
    const uint16_t *rows[3] = {rgb[0], rgb[1], rgb[2]};
    job->merge->fns.code[job->deep](rl_plane_row(&plane, y), rows, plane.width, &job->map, index);
}

// One colour of the luma rows that chroma row j stands for, made one row.
static uint16_t *gather_rows(const struct band *band, int colour, int j)
{
    const struct job *job = band->job;
    const struct rl_anaglyph_fns *fns = &job->merge->fns;
    int step = job->chroma_log2_h, last = job->height - 1;
    // Of four rows (4:1:0) the two in the middle.
    int first = FFMIN((j << step) + (step == 2), last), second = FFMIN(first + 1, last);
    uint16_t *here = row_at(band, ROW_MIXED + first % 3 * 3 + colour);
    if (!step)
        return here;
    const uint16_t *below = row_at(band, ROW_MIXED + second % 3 * 3 + colour);
    uint16_t *to = row_at(band, ROW_SPARE + colour);
    if (step == 1 && job->chroma_top) {
        int before = first ? first - 1 : 0;
        fns->average(to, row_at(band, ROW_MIXED + before % 3 * 3 + colour), below, job->width);
        fns->average(to, to, here, job->width);
    } else {
        fns->average(to, here, below, job->width);
    }
    extend(to, job->width);
    return to;
}

static void narrow_row(const struct job *job, uint16_t *to, const uint16_t *from)
{
    const struct rl_anaglyph_fns *fns = &job->merge->fns;
    int last = job->width - 1;
    if (job->chroma_log2_w == 1) {
        (job->chroma_left ? fns->down_left : fns->down_centre)(to, from, job->chroma_width);
        return;
    }
    for (int x = 0; x < job->chroma_width; x++) {
        const int at = x << job->chroma_log2_w;
        to[x] = (uint16_t)((from[at] + from[FFMIN(at + 1, last)] + from[FFMIN(at + 2, last)] +
                            from[FFMIN(at + 3, last)] + 2) >>
                           2);
    }
}

static void write_chroma(const struct band *band, int j)
{
    const struct job *job = band->job;
    uint16_t *rgb[3];
    for (int colour = 0; colour < 3; colour++) {
        rgb[colour] = gather_rows(band, colour, j);
        if (job->chroma_log2_w) {
            uint16_t *narrow = row_at(band, ROW_NARROW + colour);
            narrow_row(job, narrow, rgb[colour]);
            rgb[colour] = narrow;
        }
    }
    write_row(job, rgb, 1, j);
    write_row(job, rgb, 2, j);
}

static void merge_rows(void *arg, int begin, int end, int slot)
{
    const struct job *job = arg;
    const struct rl_merge *merge = job->merge;
    struct band band = {job, merge->scratch + (size_t)slot * merge->slot_samples};
    const int step = job->chroma_log2_h, mask = (1 << step) - 1;
    if (step == 1 && job->chroma_top && begin > 0)
        mix_row(&band, begin - 1);
    for (int y = begin; y < end; y++) {
        mix_row(&band, y);
        uint16_t *rgb[3];
        mixed_rows(&band, y, rgb);
        write_row(job, rgb, 0, y);
        if ((y & mask) == mask || y == job->height - 1)
            write_chroma(&band, y >> step);
    }
}

static enum relief_status prepare_scratch(struct rl_merge *merge, int width, int slots,
                                          struct relief_error *err)
{
    merge->row_samples = (size_t)FFALIGN(width + 4, 2 * RL_ANAGLYPH_BLOCK) + 2 * MARGIN;
    merge->slot_samples = merge->row_samples * ROW_COUNT;
    size_t needed = merge->slot_samples * (size_t)slots;
    if (needed <= merge->scratch_samples)
        return RELIEF_OK;
    av_freep(&merge->scratch);
    merge->scratch = av_calloc(needed, sizeof *merge->scratch);
    if (!merge->scratch)
        return rl_fail_memory(err);
    merge->scratch_samples = needed;
    return RELIEF_OK;
}

static bool is_left_sited(const AVFrame *picture, bool full_range)
{
    switch (picture->chroma_location) {
    case AVCHROMA_LOC_CENTER:
    case AVCHROMA_LOC_TOP:
    case AVCHROMA_LOC_BOTTOM:
        return false;
    case AVCHROMA_LOC_UNSPECIFIED:
        return !full_range;  // full range without a word is JPEG's way, which sites in the centre
    default:
        return true;
    }
}

// What a row is mixed with. Without a matrix of its own, a picture is coded again as it is.
static enum relief_status set_maps(struct rl_merge *merge, struct job *job,
                                   enum relief_format format, const struct rl_colour *colour,
                                   struct relief_error *err)
{
    static const int32_t own[2][3][6] = {{{65536}, {0, 65536}, {0, 0, 65536}},
                                         {{0, 0, 0, 65536}, {0, 0, 0, 0, 65536}, {[5] = 65536}}};
    rl_anaglyph_map_init(&job->map, job->is_light ? own[0] : rl_anaglyph_matrix(format), colour);
    if (!job->is_light)
        return RELIEF_OK;
    for (int eye = 0; eye < 2; eye++)
        rl_anaglyph_map_init(&job->eyes[eye], own[eye], colour);
    return rl_light_prepare(&merge->light, format, job->views[0]->color_trc, err);
}

enum relief_status rl_merge_picture(struct rl_merge *merge, enum relief_format format, bool linear,
                                    struct rl_workers *workers, const AVFrame *left,
                                    const AVFrame *right, const AVFrame *output,
                                    struct relief_error *err)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get((enum AVPixelFormat)left->format);
    struct rl_colour colour;
    rl_colour_of(&colour, left);
    struct rl_plane chroma = rl_frame_plane(left, 1);
    struct job job = {
        .merge = merge,
        .views = {left, right},
        .output = output,
        .width = left->width,
        .height = left->height,
        .chroma_width = chroma.width,
        .chroma_height = chroma.height,
        .chroma_log2_w = colour.rgb ? 0 : desc->log2_chroma_w,
        .chroma_log2_h = colour.rgb ? 0 : desc->log2_chroma_h,
        .deep = colour.depth > 8,
        .widen_shift = 16 - colour.depth,
        .chroma_left = is_left_sited(left, colour.luma_black == 0),
        .chroma_top = left->chroma_location == AVCHROMA_LOC_TOPLEFT ||
                      left->chroma_location == AVCHROMA_LOC_TOP,
        .rgb = colour.rgb,
        .is_light = rl_format_is_light(format, linear),
    };
    enum relief_status status = set_maps(merge, &job, format, &colour, err);
    if (status == RELIEF_OK)
        status = prepare_scratch(merge, left->width, rl_workers_slots(workers), err);
    if (status == RELIEF_OK)
        rl_workers_rows(workers, job.height, 1 << job.chroma_log2_h, merge_rows, &job);
    return status;
}
