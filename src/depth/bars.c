// SPDX-License-Identifier: MIT
#include "depth/bars.h"

#include <libavutil/common.h>

enum {
    PROBES = 480,     // samples looked at along a line, at least (or all there are)
    LEAST_BAR = 4,    // samples
    DIM_FRAMES = 12,  // how long weak evidence has to last
    TEXT_FRAMES = 24,
    GLANCE_W = 16,
    GLANCE_H = RL_BARS_GLANCE / GLANCE_W,
    CHANGED = 12,  // mean difference of luma that means another picture
    DARK = 22,     // mean luma of a picture that shows nothing yet
    LIGHT = 40,    // mean luma of one that shows its shape
};

// Luma is 0 .. 255 here.
static const int black_least = 16, black_most = 32;  // of a bar
static const int lit_above = 8;      // brighter than black by this: picture, or text
static const int bright_above = 24;  // likewise, without doubt
// Shares of a line.
static const float noise_share = .03f, text_share = .6f, edge_share = .4f, bright_share = .3f;
static const float outer_width = .08f;  // of a line at either end, which text leaves black ...
static const float outer_share = .3f;   // ... and a picture does not
static const float text_of_bar = .25f, picture_of_bar = .35f;

// One line's samples: how many of them are picture.
struct line {
    float lit, bright;  // shares
    float outer;        // share of lit ones in the outer parts
};

// A picture as bars see it: lines run along the bar, `at` counts from the border inwards.
struct view {
    const uint8_t *origin;
    ptrdiff_t along, inward;  // bytes from sample to sample
    int length, depth;        // samples along a line, and lines
    int shift;                // of samples deeper than 8 bits
    int black;
    bool to_its_ends;  // lines of the picture must not be black there
};

static int sample(const struct view *view, int along, int at)
{
    const uint8_t *p = view->origin + along * view->along + at * view->inward;
    return view->shift < 0 ? *p : *(const uint16_t *)(const void *)p >> view->shift;
}

static struct line look(const struct view *view, int at)
{
    const int step = FFMAX(view->length / PROBES, 1);
    const int outer = FFMAX((int)((float)view->length * outer_width), 1);
    int lit = 0, bright = 0, lit_outer = 0, count = 0, count_outer = 0;
    for (int i = step / 2; i < view->length; i += step, count++) {
        const int over = sample(view, i, at) - view->black;
        const int out = i < outer || i >= view->length - outer;
        lit += over > lit_above;
        bright += over > bright_above;
        lit_outer += out & (over > lit_above);
        count_outer += out;
    }
    return (struct line){(float)lit / (float)count, (float)bright / (float)count,
                         count_outer ? (float)lit_outer / (float)count_outer : 0};
}

enum side { TOP, BOTTOM, LEFT, RIGHT };

// What a bar has beside the border. Not the mean: text may roll through there.
static int find_black(const struct view *view)
{
    const int step = FFMAX(view->length / PROBES, 1);
    int counts[256] = {0}, count = 0, luma = 0;
    for (int i = step / 2; i < view->length; i += step, count++)
        counts[FFMIN(sample(view, i, 1), 255)]++;
    for (int below = counts[0]; below * 3 < count; below += counts[luma])
        luma++;
    return FFMAX(luma, black_least);
}

// The picture from one side.
static struct view view_from(const AVFrame *picture, enum side side)
{
    const struct rl_plane plane = rl_frame_plane(picture, 0);
    const int depth = av_pix_fmt_desc_get((enum AVPixelFormat)picture->format)->comp[0].depth;
    const ptrdiff_t bytes = depth > 8 ? 2 : 1;
    const bool upright = side == LEFT || side == RIGHT;
    struct view view = {
        .origin = plane.data,
        .along = upright ? plane.stride : bytes,
        .inward = upright ? bytes : plane.stride,
        .length = upright ? plane.height : plane.width,
        .depth = upright ? plane.width : plane.height,
        .shift = depth > 8 ? depth - 8 : -1,
    };
    if (side == BOTTOM || side == RIGHT) {
        view.origin += (view.depth - 1) * view.inward;
        view.inward = -view.inward;
    }
    view.black = find_black(&view);
    return view;
}

// ---------------------------------------------------------------------------------------------
// One frame

struct bar {
    int size;     // lines; 0: none
    bool bright;  // the picture beside it is
};

static int deepest(const struct view *view)
{
    return view->depth * 3 / 8;
}

// Where an encoder's smear and a scaler's half line may lie.
static int smear(const struct view *view)
{
    return FFMAX(view->depth / 180, 4);
}

// Whether the picture begins at line `at`: lit from there on, all along.
static bool is_edge(const struct view *view, int at, bool *bright)
{
    float share = 0, outer = 0;
    for (int i = at + 1; i <= at + 3; i++) {
        struct line line = look(view, i);
        if (line.lit < edge_share)
            return false;
        share += line.bright / 3;
        outer += line.outer / 3;
    }
    *bright = share >= bright_share;
    return outer >= outer_share || !view->to_its_ends;
}

// A bar without anything in it.
static struct bar find_clean(const struct view *view)
{
    struct bar bar = {0};
    int first = 0, at;
    if (view->black > black_most)
        return bar;
    while (first <= deepest(view) && look(view, first).lit <= noise_share)
        first++;
    for (at = first; at <= first + smear(view); at++)
        if (look(view, at).lit >= edge_share)
            break;
    if (first >= LEAST_BAR && at <= deepest(view) && at <= first + smear(view) &&
        is_edge(view, at, &bar.bright))
        bar.size = at;
    return bar;
}

// A bar of about `size` that holds text.
static struct bar find_with_text(const struct view *view, int size)
{
    struct bar bar = {0};
    float ink = 0;
    int at = size - smear(view);
    if (view->black > black_most)
        return bar;
    for (int i = 0; i < at; i++) {
        struct line line = look(view, i);
        if (line.outer > noise_share || line.lit > text_share)
            return bar;
        ink += line.lit;
    }
    if (at < LEAST_BAR || ink > text_of_bar * (float)at)
        return bar;
    while (at <= size + smear(view) && look(view, at).outer <= noise_share)
        at++;
    if (at <= size + smear(view) && is_edge(view, at, &bar.bright))
        bar.size = at;
    return bar;
}

// Two bars on opposite sides.
struct pair {
    struct bar bars[2];
};

static bool is_found(const struct pair *pair)
{
    return pair->bars[0].size > 0;
}

// The pair at `side` and the side opposite, empty when it is not believed. Lines are looked at
// between the bars of the other direction, as far as those are known.
static struct pair find_pair(const AVFrame *picture, enum side side, const struct pair *other)
{
    struct view views[2] = {view_from(picture, side), view_from(picture, side + 1)};
    struct pair found;
    struct bar *pair = found.bars;
    for (int i = 0; i < 2 && other; i++) {
        views[i].origin += other->bars[0].size * views[i].along;
        views[i].length -= other->bars[0].size + other->bars[1].size;
        views[i].to_its_ends = true;
    }
    const bool may_hold_text = side == TOP;
    for (int i = 0; i < 2; i++)
        pair[i] = find_clean(&views[i]);
    for (int i = 0; i < 2 && may_hold_text; i++)
        if (!pair[i].size && pair[!i].size)
            pair[i] = find_with_text(&views[i], pair[!i].size);
    const int tolerance = FFMAX(views[0].depth / 100, 4);
    if (!pair[0].size || !pair[1].size || FFABS(pair[0].size - pair[1].size) > tolerance)
        return (struct pair){0};
    return found;
}

static struct rl_area whole(const struct rl_bars *bars)
{
    return (struct rl_area){0, 0, bars->width, bars->height};
}

static bool is_whole(const struct rl_bars *bars, struct rl_area area)
{
    return !area.x0 && !area.y0 && area.x1 == bars->width && area.y1 == bars->height;
}

// Edges moved inwards to where chroma samples begin.
static struct rl_area align(struct rl_area area, const AVFrame *picture)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get((enum AVPixelFormat)picture->format);
    const bool rgb = desc->flags & AV_PIX_FMT_FLAG_RGB;
    const int w = 1 << (rgb ? 0 : desc->log2_chroma_w), h = 1 << (rgb ? 0 : desc->log2_chroma_h);
    area.x0 = (area.x0 + w - 1) / w * w;
    area.y0 = (area.y0 + h - 1) / h * h;
    if (area.x1 < picture->width)
        area.x1 = area.x1 / w * w;
    if (area.y1 < picture->height)
        area.y1 = area.y1 / h * h;
    return area;
}

// What this frame alone says. False: no bars to be seen.
static bool find_area(const AVFrame *picture, struct rl_area *area, bool *bright)
{
    static const struct pair none = {0};
    struct pair rows = find_pair(picture, TOP, NULL), columns;
    columns = find_pair(picture, LEFT, &rows);
    if (is_found(&rows))
        rows = find_pair(picture, TOP, &columns);
    if (!is_found(&rows))
        columns = find_pair(picture, LEFT, &none);
    const struct bar *top = rows.bars, *bottom = top + 1, *left = columns.bars, *right = left + 1;
    *area = align((struct rl_area){left->size, top->size, picture->width - right->size,
                                   picture->height - bottom->size},
                  picture);
    *bright = (!is_found(&rows) || (top->bright && bottom->bright)) &&
              (!is_found(&columns) || (left->bright && right->bright));
    return is_found(&rows) || is_found(&columns);
}

// ---------------------------------------------------------------------------------------------
// Over time

enum content { CONTENT_NONE, CONTENT_TEXT, CONTENT_PICTURE };

// What lies in a bar of `size` lines.
static enum content content_of(const struct view *view, int size, bool may_hold_text)
{
    const int lines = size - smear(view);
    float lit = 0, outer = 0;
    if (view->black > black_most)
        return CONTENT_PICTURE;
    for (int at = 0; at < lines; at++) {
        struct line line = look(view, at);
        lit += line.lit / (float)lines;
        outer += line.outer / (float)lines;
    }
    if (lit > (may_hold_text ? picture_of_bar : noise_share) || outer > noise_share)
        return CONTENT_PICTURE;
    return lit > noise_share / 10 ? CONTENT_TEXT : CONTENT_NONE;
}

// Whether picture is seen in the bars that are believed in.
static bool is_refuted(struct rl_bars *bars, const AVFrame *picture)
{
    const struct rl_area a = bars->area;
    const int sizes[] = {a.y0, bars->height - a.y1, a.x0, bars->width - a.x1};
    int texts = 0;
    for (enum side side = TOP; side <= RIGHT; side++) {
        const struct view view = view_from(picture, side);
        const bool rows = side == TOP || side == BOTTOM;
        enum content content = sizes[side] ? content_of(&view, sizes[side], rows) : CONTENT_NONE;
        if (content == CONTENT_PICTURE)
            return true;
        texts += rows && content == CONTENT_TEXT;
    }
    bars->text_frames = texts == 2 ? bars->text_frames + 1 : 0;
    return bars->text_frames >= TEXT_FRAMES;
}

static bool is_about(struct rl_area a, struct rl_area b)
{
    enum { NEAR = 4 };
    return FFABS(a.x0 - b.x0) <= NEAR && FFABS(a.y0 - b.y0) <= NEAR && FFABS(a.x1 - b.x1) <= NEAR &&
           FFABS(a.y1 - b.y1) <= NEAR;
}

static bool is_inside(struct rl_area a, struct rl_area b)
{
    return a.x0 >= b.x0 && a.y0 >= b.y0 && a.x1 <= b.x1 && a.y1 <= b.y1;
}

// Looks at the picture as a whole: another one than before, as behind a cut, or black, begins
// something new. Returns the mean luma.
static int glance(struct rl_bars *bars, const AVFrame *picture)
{
    const struct view view = view_from(picture, TOP);
    int change = 0, sum = 0;
    for (int i = 0; i < RL_BARS_GLANCE; i++) {
        const int x = (2 * (i % GLANCE_W) + 1) * view.length / (2 * GLANCE_W);
        const int y = (2 * (i / GLANCE_W) + 1) * view.depth / (2 * GLANCE_H);
        const int luma = sample(&view, x, y);
        change += FFABS(luma - bars->glance[i]);
        sum += luma;
        bars->glance[i] = (uint8_t)luma;
    }
    if (change > CHANGED * RL_BARS_GLANCE || sum < DARK * RL_BARS_GLANCE)
        bars->is_new = true;
    return sum / RL_BARS_GLANCE;
}

static int find_known(const struct rl_bars *bars, struct rl_area area)
{
    int i = 0;
    while (i < bars->known_count && !is_about(bars->known[i], area))
        i++;
    return i;
}

static void believe(struct rl_bars *bars, struct rl_area area)
{
    int i = find_known(bars, area);
    if (i < bars->known_count)
        area = bars->known[i];
    else if (bars->known_count < RL_BARS_KNOWN_MAX)
        bars->known_count++;
    i = FFMIN(i, RL_BARS_KNOWN_MAX - 1);
    memmove(bars->known + 1, bars->known, (size_t)i * sizeof area);
    bars->known[0] = bars->area = area;
    bars->text_frames = bars->candidate_frames = 0;
}

// Takes the frame's own word into account.
static void weigh(struct rl_bars *bars, struct rl_area seen, bool bright)
{
    // Less wide bars are a matter of rule 2's "picture seen in the bars".
    if (is_about(seen, bars->area) || !is_inside(seen, bars->area)) {
        bars->candidate_frames = 0;
        return;
    }
    const bool again = bars->candidate_frames && is_about(seen, bars->candidate);
    bars->candidate_frames = again ? bars->candidate_frames + 1 : 1;
    if (!again)
        bars->candidate = seen;
    const bool known = find_known(bars, seen) < bars->known_count;
    if ((bars->is_new && (bright || known)) || bars->candidate_frames >= DIM_FRAMES)
        believe(bars, bars->candidate);
}

void rl_bars_init(struct rl_bars *bars)
{
    *bars = (struct rl_bars){0};
}

struct rl_area rl_bars_push(struct rl_bars *bars, const AVFrame *picture)
{
    struct rl_area seen;
    bool bright;
    if (bars->width != picture->width || bars->height != picture->height) {
        *bars = (struct rl_bars){.width = picture->width, .height = picture->height};
        bars->area = whole(bars);
        bars->is_new = true;
    }
    if (picture->width < 8 * LEAST_BAR || picture->height < 8 * LEAST_BAR)
        return bars->area;
    const int mean = glance(bars, picture);
    if (!is_whole(bars, bars->area) && is_refuted(bars, picture)) {
        bars->area = whole(bars);
        bars->text_frames = 0;
        bars->is_new = true;
    }
    if (find_area(picture, &seen, &bright))
        weigh(bars, seen, bright);
    else
        bars->candidate_frames = 0;
    bars->is_new = bars->is_new && mean < LIGHT;
    return bars->area;
}

// ---------------------------------------------------------------------------------------------
// The stage

struct stage {
    struct rl_bars bars;
    struct rl_log *log;
};

static enum relief_status push(void *state, struct rl_frame *frame, const struct rl_sink *out,
                               struct relief_error *err)
{
    struct stage *stage = state;
    const struct rl_area before = stage->bars.area;
    const struct rl_area area = frame->area = rl_bars_push(&stage->bars, frame->picture);
    if (memcmp(&before, &area, sizeof area) != 0 && (frame->index || !rl_frame_is_whole(frame)))
        rl_verbose(stage->log, "bars: from frame %lld on the picture is %dx%d at %d,%d",
                   (long long)frame->index, area.x1 - area.x0, area.y1 - area.y0, area.x0, area.y0);
    return out->take(out->user, frame, err);
}

static enum relief_status flush(void *state, const struct rl_sink *out, struct relief_error *err)
{
    (void)state, (void)out, (void)err;
    return RELIEF_OK;
}

enum relief_status rl_bars_open(struct rl_stage *stage, struct rl_log *log,
                                struct relief_error *err)
{
    static const struct rl_stage_type type = {"bars", push, flush, free};
    struct stage *state = calloc(1, sizeof *state);
    if (!state)
        return rl_fail_memory(err);
    state->log = log;
    rl_bars_init(&state->bars);
    *stage = (struct rl_stage){&type, state};
    return RELIEF_OK;
}
