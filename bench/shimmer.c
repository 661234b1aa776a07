// SPDX-License-Identifier: MIT
//
// How much real clips change from frame to frame in the holes of their views, where no frame says
// what stands there, and in the picture beside them:
//
//     shimmer CLIP [FRAMES [DIVERGENCE]]
//
// Makes right views of the first FRAMES (60) at DIVERGENCE (3) per cent, anchored left, with the
// built-in model, and finds the pixels that nothing lands on, as the stage does. Prints for both
// ways of filling the mean absolute difference of luma, of 255, between frames of one shot:
//     holes   pixels that are holes in both frames, without strips at the borders
//     beside  for each run of holes as many pixels on the background's side, which are in neither;
//             then holes / beside
//     around  as many on both sides, the thing's too; then holes / around
//     border  the strips at the borders, and as many pixels beside them
//     pixels  of holes that were compared
//     wall    holes but for RIM pixels at the thing's end, where its rim may go on into the hole
//             and changes as the thing does; then wall / beside, and pixels
// The two pixels at either end of a run of holes, and next to it, belong to outlines and do not
// count. Then, of the same views,
//     outlines  change within 8 pixels of runs of holes, outside of them, where no frame has holes
//     source    change of the source where those pixels come from; then outlines / source: what
//               outlines that move by themselves take along
//     seam      by how much pixels around the end of a run on the background's side differ from the
//               mean of those three to the left and right: what a thing leaves on the background
//     beside    the same eight pixels farther out; then seam / beside
#include "base/cpu.h"
#include "clip.h"
#include "plane/sum/sum.h"
#include "stereo/stereo.h"
#include "stereo/upsample/upsample.h"
#include "stereo/warp/warp.h"

enum { FILLS = 2, SEAM = 2, RIM = 12, BAND = 8, LINES = 12 };

static const char *const names[FILLS] = {"film", "single"};

// A sum of changes, and of how many pixels.
struct change {
    double sum, count;
};

struct output {
    struct rl_stage stage;
    AVFrame *view, *picture;          // of the frame before; NULL: none in this shot
    int32_t *places, *places_before;  // see warp_rows()
    struct change inside, beside, around, wall, border, border_beside;
    struct change outlines, source, seam, seam_beside;
};

static struct {
    struct output outputs[FILLS];
    double divergence;
} bench;

static void die(const char *what)
{
    fprintf(stderr, "shimmer: %s\n", what);
    exit(1);
}

static void check(enum relief_status status, const struct relief_error *err)
{
    if (status != RELIEF_OK)
        die(err->message);
}

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (!memory)
        die("out of memory");
    return memory;
}

// The map of a frame and its picture, within its area; cells and columns are the caller's memory.
static struct rl_upsample_map describe(const struct rl_frame *frame)
{
    const struct rl_plane depth = rl_frame_plane_in(frame->depth, 0, rl_frame_depth_area(frame));
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(
        (enum AVPixelFormat)frame->picture->format);
    struct rl_upsample_map map = {.data = (const float *)(const void *)depth.data,
                                  .stride = depth.stride,
                                  .width = depth.width,
                                  .height = depth.height,
                                  .shift_x = desc->log2_chroma_w,
                                  .shift_y = desc->log2_chroma_h,
                                  .bits = 8,
                                  .weight = 1};
    for (int i = 0; i < 3; i++) {
        const struct rl_plane plane = rl_frame_plane_in(frame->picture, i, rl_frame_area(frame));
        map.planes[i] = (struct rl_upsample_plane){plane.data, plane.stride, plane.width,
                                                   plane.height};
    }
    return map;
}

// Fits the map to the picture, all but its rows.
static void fit(struct rl_upsample_map *map, uint32_t *sums)
{
    struct rl_sum_fns sum;
    struct rl_upsample_fns fns;
    rl_sum_init(&sum, rl_cpu_flags(-1));
    rl_upsample_init(&fns, rl_cpu_flags(-1));
    const struct rl_upsample_adder adder = {sum.add_row, sum.add_deep_row, sums};
    rl_upsample_place_columns(map);
    rl_upsample_take_rows(map, 0, map->height);
    rl_upsample_measure(map);
    for (int pass = 0; pass < RL_UPSAMPLE_SHARPENS && map->softness > 0; pass++)
        rl_upsample_sharpen_rows(&fns, map, pass, 0, map->height);
    rl_upsample_fit_rows(&fns, map, 0, map->height);
    rl_upsample_guide_rows(map, &adder, 0, map->height);
}

// places[y * width + x]: where in its row a pixel of the right view comes from, 1/256 pixel, or
// RL_WARP_HOLE. `lines` is scratch.
static void warp_rows(int32_t *places, const struct rl_upsample_map *map, int32_t *lines,
                      struct rl_upsample_scratch *scratch, int picture_width)
{
    struct rl_upsample_fns upsample;
    struct rl_warp_fns warp;
    const struct rl_disparity disparity = rl_disparity_make(RL_SIDE_RIGHT, RELIEF_ANCHOR_LEFT,
                                                            bench.divergence, 0.5, picture_width);
    const int width = map->planes[0].width;
    uint16_t *depth = (uint16_t *)(void *)lines;
    int32_t *targets = lines + width + RL_WARP_PAD, *from = targets + width + RL_WARP_PAD;
    rl_upsample_init(&upsample, rl_cpu_flags(-1));
    rl_warp_init(&warp, rl_cpu_flags(-1));
    rl_upsample_begin(scratch, map->planes[0].height);
    for (int y = 0; y < map->planes[0].height; y++) {
        rl_upsample_row(&upsample, depth, y, map, scratch);
        warp.map_row(from, depth, width, &disparity, targets);
        memcpy(places + y * width, from, (size_t)width * sizeof *places);
    }
}

static void find_places(int32_t *places, const struct rl_frame *frame)
{
    struct rl_upsample_map map = describe(frame);
    const size_t line = (size_t)map.planes[0].width + RL_WARP_PAD;
    const size_t stride = (size_t)rl_upsample_cell_stride(&map);
    const size_t cells = stride * (size_t)map.height + RL_UPSAMPLE_PAD;
    const size_t mixed = RL_UPSAMPLE_TOGETHER * (stride + RL_UPSAMPLE_PAD);
    float *memory = allocate(RL_CELLS * cells + 2 * mixed, sizeof *memory);
    int32_t *lines = allocate(LINES * line, sizeof *lines);
    struct rl_upsample_scratch scratch = {.plain = memory + RL_CELLS * cells,
                                          .step = memory + RL_CELLS * cells + mixed};
    for (size_t i = 0; i < RL_CELLS; i++)
        map.cells[i] = memory + i * cells + RL_UPSAMPLE_BORDER;
    map.at = lines;
    for (size_t i = 0; i < 2; i++)
        map.across[i] = (float *)(void *)(lines + (i + 1) * line);
    scratch.spare = (uint16_t *)(void *)(lines + 3 * line);
    for (size_t i = 0; i < RL_UPSAMPLE_LINES; i++)
        scratch.lines[i] = scratch.spare + (i + 1) * line;
    fit(&map, (uint32_t *)lines + 9 * line);
    warp_rows(places, &map, lines + 9 * line, &scratch, frame->picture->width);
    free(memory);
    free(lines);
}

// A row of the view and of that before, of the source and of that before, and where pixels of the
// views come from.
struct rows {
    const uint8_t *now, *before, *source, *source_before;
    const int32_t *places, *places_before;
    int width;
};

static bool is_hole(const struct rows *rows, int x)
{
    return rows->places[x] == RL_WARP_HOLE;
}

static bool was_hole(const struct rows *rows, int x)
{
    return rows->places_before[x] == RL_WARP_HOLE;
}

static void add(struct change *change, const struct rows *rows, int x)
{
    change->sum += abs(rows->now[x] - rows->before[x]);
    change->count++;
}

// What is seen at 1/256 pixel.
static int sample(const uint8_t *row, int width, int at)
{
    const int x = at >> 8, next = x + 1 < width ? x + 1 : x, part = at & 255;
    return (row[x] * (256 - part) + row[next] * part + 128) >> 8;
}

// Change in the view and in the source, `count` pixels from x on.
static void judge_band(struct output *output, const struct rows *rows, int x, int count)
{
    for (int i = x; i < x + count; i++)
        if (i >= 0 && i < rows->width && !is_hole(rows, i) && !was_hole(rows, i)) {
            const int now = sample(rows->source, rows->width, rows->places[i]);
            const int before = sample(rows->source_before, rows->width, rows->places[i]);
            add(&output->outlines, rows, i);
            output->source.sum += abs(now - before);
            output->source.count++;
        }
}

// How far pixels stand out, `count` from x on.
static void judge_line(struct change *change, const struct rows *rows, int x, int count)
{
    enum { APART = 3 };
    for (int i = x; i < x + count && i + APART < rows->width; i++) {
        change->sum += abs(2 * rows->now[i] - rows->now[i - APART] - rows->now[i + APART]) / 2.0;
        change->count++;
    }
}

// `count` pixels from x on, but those that are holes in either frame.
static void add_seen(struct change *change, const struct rows *rows, int x, int count)
{
    for (int i = x; i < x + count; i++)
        if (i >= 0 && i < rows->width && !is_hole(rows, i) && !was_hole(rows, i))
            add(change, rows, i);
}

// The run of holes [x, end) of a row, and what is beside it.
static void judge_run(struct output *output, const struct rows *rows, int x, int end)
{
    const bool is_border = x == 0 || end == rows->width;
    const int beside = end == rows->width ? 2 * x - end - SEAM : end + SEAM, count = end - x;
    for (int i = x + SEAM; i < end - SEAM; i++)
        if (was_hole(rows, i))
            add(is_border ? &output->border : &output->inside, rows, i);
    for (int i = x + RIM; i < end - SEAM && !is_border; i++)
        if (was_hole(rows, i))
            add(&output->wall, rows, i);
    add_seen(is_border ? &output->border_beside : &output->beside, rows, beside, count);
    if (!is_border) {
        add_seen(&output->around, rows, beside, count);
        add_seen(&output->around, rows, x - SEAM - count, count);
    }
    if (is_border || count <= 2 * SEAM)
        return;
    judge_band(output, rows, x - BAND, BAND);
    judge_band(output, rows, end, BAND);
    for (int i = end; i < end + 2 * BAND && i < rows->width; i++)
        if (is_hole(rows, i))
            return;
    judge_line(&output->seam, rows, end - 1, BAND);
    judge_line(&output->seam_beside, rows, end - 1 + BAND, BAND);
}

static void judge(struct output *output, const struct rl_frame *frame)
{
    const struct rl_area area = rl_frame_area(frame);
    const struct rl_plane planes[] = {
        rl_frame_plane_in(frame->right, 0, area), rl_frame_plane_in(output->view, 0, area),
        rl_frame_plane_in(frame->picture, 0, area), rl_frame_plane_in(output->picture, 0, area)};
    const int width = planes[0].width;
    for (int y = 0; y < planes[0].height; y++) {
        const struct rows rows = {.now = rl_plane_row(&planes[0], y),
                                  .before = rl_plane_row(&planes[1], y),
                                  .source = rl_plane_row(&planes[2], y),
                                  .source_before = rl_plane_row(&planes[3], y),
                                  .places = output->places + y * width,
                                  .places_before = output->places_before + y * width,
                                  .width = width};
        for (int x = 0, end; x < width; x = end + 1) {
            for (end = x; end < width && is_hole(&rows, end);)
                end++;
            judge_run(output, &rows, x, end);
        }
    }
}

static enum relief_status look(void *user, struct rl_frame *frame, struct relief_error *err)
{
    struct output *output = user;
    (void)err;
    if (!output->places) {
        const size_t count = (size_t)frame->picture->width * (size_t)frame->picture->height;
        output->places = allocate(count, sizeof(int32_t));
        output->places_before = allocate(count, sizeof(int32_t));
    }
    find_places(output->places, frame);
    if (output->view && !frame->cut)
        judge(output, frame);
    av_frame_free(&output->view);
    av_frame_free(&output->picture);
    output->view = av_frame_clone(frame->right);
    output->picture = av_frame_clone(frame->picture);
    int32_t *old = output->places_before;
    output->places_before = output->places;
    output->places = old;
    rl_frame_free(&frame);
    return RELIEF_OK;
}

static struct rl_frame *copy_of(const struct rl_frame *frame)
{
    struct rl_frame *copy = rl_frame_create();
    *copy = *frame;
    copy->picture = av_frame_clone(frame->picture);
    copy->depth = av_frame_clone(frame->depth);
    copy->motion_back = frame->motion_back ? av_frame_clone(frame->motion_back) : NULL;
    copy->motion_ahead = frame->motion_ahead ? av_frame_clone(frame->motion_ahead) : NULL;
    return copy;
}

static enum relief_status to_fills(void *user, struct rl_frame *frame, struct relief_error *err)
{
    enum relief_status status = RELIEF_OK;
    (void)user;
    for (int i = 0; i < FILLS && status == RELIEF_OK; i++) {
        const struct rl_sink sink = {look, &bench.outputs[i]};
        const struct rl_stage *stage = &bench.outputs[i].stage;
        status = stage->type->push(stage->state, copy_of(frame), &sink, err);
    }
    rl_frame_free(&frame);
    return status;
}

static void open_stages(struct relief_error *err)
{
    for (int i = 0; i < FILLS; i++) {
        const struct rl_stereo_params params = {.divergence = (float)bench.divergence,
                                                .convergence = 0.5f,
                                                .anchor = RELIEF_ANCHOR_LEFT,
                                                .eyes = RL_EYE_RIGHT,
                                                .fill = (enum relief_fill)i,
                                                .cpu = rl_cpu_flags(-1)};
        check(rl_stereo_open(&bench.outputs[i].stage, &params, err), err);
    }
}

static double mean(const struct change *change)
{
    return change->count > 0 ? change->sum / change->count : 0;
}

static void print_outlines(void)
{
    printf("        outlines source          seam  beside\n");
    for (int i = 0; i < FILLS; i++) {
        const struct output *output = &bench.outputs[i];
        const double view = mean(&output->outlines), source = mean(&output->source);
        const double seam = mean(&output->seam), beside = mean(&output->seam_beside);
        printf("%-6s  %6.2f  %6.2f  %4.2f  %6.2f  %6.2f  %4.2f\n", names[i], view, source,
               view / source, seam, beside, seam / beside);
    }
}

static void finish(struct relief_error *err)
{
    printf("         holes  beside        around        pixels    wall        pixels"
           "  border  beside\n");
    for (int i = 0; i < FILLS; i++) {
        struct output *output = &bench.outputs[i];
        const struct rl_stage *stage = &output->stage;
        const struct rl_sink sink = {look, output};
        check(stage->type->flush(stage->state, &sink, err), err);
        stage->type->close(stage->state);
        const double inside = mean(&output->inside), wall = mean(&output->wall);
        const double beside = mean(&output->beside), around = mean(&output->around);
        printf(
            "%-6s  %6.2f  %6.2f  %4.2f  %6.2f  %4.2f  %6.0f  %6.2f  %4.2f  %6.0f  %6.2f  %6.2f\n",
            names[i], inside, beside, inside / beside, around, inside / around,
            output->inside.count, wall, wall / beside, output->wall.count, mean(&output->border),
            mean(&output->border_beside));
        av_frame_free(&output->view);
        av_frame_free(&output->picture);
        free(output->places);
        free(output->places_before);
    }
    print_outlines();
}

int main(int argc, char **argv)
{
    struct relief_error err = {0};
    const struct rl_sink sink = {to_fills, NULL};
    const int count = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 60;
    bench.divergence = argc > 3 ? strtod(argv[3], NULL) : 3;
    if (argc < 2)
        die("CLIP [FRAMES [DIVERGENCE]]");
    open_stages(&err);
    check(bench_read_clip(argv[1], count, &sink, &err), &err);
    finish(&err);
    return 0;
}
