// SPDX-License-Identifier: MIT
#include "steady/range.h"

#include <assert.h>
#include <math.h>

#include <libavutil/common.h>

enum { BINS = 1024, LOOKS = 12, FEW = 64, EVERY = 3 };

static const double far_share = .01, near_share = .99;
static const float known_count = 1.5f;  // a cell that was there in the frame before, too
static const double least_known = .25;  // share of such cells; with fewer, all count
// How stiff springs are.
static const struct stiffness {
    float outward_per_s, inward_per_s;
} for_range = {1.2f, .2f}, for_still = {.4f, .1f}, for_reach = {12, 2};
static const float news_per_s = 8;  // added to all of that where all of the picture is new
static const float still_share[2] = {.2f, .5f};  // of the picture: from where on it counts, in full
static const float least_of_usual = .3f, least_of_magnitude = .03f;  // of the range's width
static const double usual_s = 20;  // over how long that is averaged

void rl_range_init(struct rl_range *range, double frame_rate)
{
    *range = (struct rl_range){.frame_rate = frame_rate > 0 ? frame_rate : 25};
}

// ---------------------------------------------------------------------------------------------
// One frame

// What is looked at: cells whose count is at least `known`, values in [low, high].
struct look {
    const struct rl_range_cells *cells;
    float known, low, high;
};

// Limits, and how many there are, of all cells, and of those that are known.
struct extent {
    float low, high;
    size_t count;
};

static void widen(struct extent *extent, float value)
{
    extent->low = value < extent->low ? value : extent->low;
    extent->high = value > extent->high ? value : extent->high;
    extent->count++;
}

static void find_limits(const struct rl_range_cells *c, struct extent *all, struct extent *known)
{
    *all = *known = (struct extent){INFINITY, -INFINITY, 0};
    for (int y = c->y0; y < c->y1; y += EVERY) {
        const float *row = c->values + y * c->stride;
        const float *count = c->count ? c->count + y * c->stride : NULL;
        for (int x = c->x0; x < c->x1; x += EVERY) {
            if (!isfinite(row[x]))
                continue;
            widen(all, row[x]);
            if (!count || count[x] >= known_count)
                widen(known, row[x]);
        }
    }
}

static void count_bins(const struct look *look, unsigned bins[BINS])
{
    const struct rl_range_cells *c = look->cells;
    const double scale = BINS / ((double)look->high - look->low);
    memset(bins, 0, BINS * sizeof *bins);
    for (int y = c->y0; y < c->y1; y += EVERY) {
        const float *row = c->values + y * c->stride;
        const float *count = c->count ? c->count + y * c->stride : NULL;
        for (int x = c->x0; x < c->x1; x += EVERY)
            if (row[x] >= look->low && row[x] <= look->high && !(count && count[x] < look->known))
                bins[FFMIN((int)((row[x] - look->low) * scale), BINS - 1)]++;
    }
}

// The value below which `rank` of the values looked at lie, `bins` being theirs. Looks again, into
// one bin, as long as that holds many: a single wild value may have put all others there.
static float select_rank(struct look look, const unsigned first[BINS], double rank)
{
    unsigned bins[BINS];
    float value = look.low;
    memcpy(bins, first, sizeof bins);
    for (int i = 0; i < LOOKS; i++) {
        const double width = ((double)look.high - look.low) / BINS;
        int bin = 0;
        for (; bin < BINS - 1 && rank > bins[bin]; bin++)
            rank -= bins[bin];
        look.low = (float)(look.low + width * bin);
        look.high = (float)(look.low + width);
        value = (float)(look.low + width * (bins[bin] ? av_clipd(rank / bins[bin], 0, 1) : 0));
        if (bins[bin] < FEW || !(look.high > look.low))
            break;
        count_bins(&look, bins);
    }
    return value;
}

bool rl_range_measure(const struct rl_range_cells *cells, struct rl_limits *seen)
{
    struct extent all, known;
    find_limits(cells, &all, &known);
    if (!all.count)
        return false;
    const bool enough = (double)known.count >= least_known * (double)all.count && known.count;
    const struct extent *used = enough ? &known : &all;
    const struct look look = {cells, enough ? known_count : -INFINITY, used->low, used->high};
    unsigned bins[BINS] = {0};
    if (look.high > look.low)
        count_bins(&look, bins);
    *seen = (struct rl_limits){select_rank(look, bins, far_share * (double)used->count),
                               select_rank(look, bins, near_share * (double)used->count)};
    return true;
}

struct rl_limits rl_range_credible(const struct rl_range *range, struct rl_limits seen)
{
    const float magnitude = fmaxf(fabsf(seen.near), fabsf(seen.far));
    const float least = fmaxf(
        fmaxf(least_of_usual * range->usual_width, least_of_magnitude * magnitude), 1e-6f);
    const float lacking = fmaxf(least - (seen.near - seen.far), 0) / 2;
    return (struct rl_limits){seen.far - lacking, seen.near + lacking};
}

// ---------------------------------------------------------------------------------------------
// Over time

static int compare(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static float median_of(const float *values, int count)
{
    float sorted[RL_RANGE_AHEAD + 1];
    memcpy(sorted, values, (size_t)count * sizeof *sorted);
    qsort(sorted, (size_t)count, sizeof *sorted, compare);
    return sorted[count / 2];
}

// The most of what lasts: of each two neighbours in time the lesser counts.
static float lasting_most(const float *values, int count)
{
    float most = count > 1 ? -INFINITY : values[0];
    for (int i = 0; i + 1 < count; i++)
        most = fmaxf(most, fminf(values[i], values[i + 1]));
    return most;
}

// One step of a critically damped spring, in closed form, so that any frame rate does.
static void approach(float *at, float *speed, float goal, float seconds,
                     const struct stiffness *stiffness)
{
    const bool outward = goal > *at || *speed > 0;
    const float rate = outward ? stiffness->outward_per_s : stiffness->inward_per_s;
    const float off = *at - goal, push = *speed + rate * off, fade = expf(-rate * seconds);
    *at = goal + (off + push * seconds) * fade;
    *speed = (*speed - rate * push * seconds) * fade;
}

// `goal` outward of the middle is where near (and -far) are to go.
static void move(struct rl_limits *at, struct rl_limits *speed, struct rl_limits goal,
                 float seconds, const struct stiffness *stiffness)
{
    float far = -at->far, far_speed = -speed->far;
    approach(&at->near, &speed->near, goal.near, seconds, stiffness);
    approach(&far, &far_speed, -goal.far, seconds, stiffness);
    at->far = -far;
    speed->far = -far_speed;
}

// From `one` to the other by a share, and quicker by what is new.
static struct stiffness stiffness_of(struct stiffness one, struct stiffness other, float share,
                                     float news)
{
    const float more = news * news_per_s * (1 - share);
    return (struct stiffness){
        one.outward_per_s + (other.outward_per_s - one.outward_per_s) * share + more,
        one.inward_per_s + (other.inward_per_s - one.inward_per_s) * share + more};
}

// Near and far of a frame within a shot.
static void go_on(struct rl_range *range, struct rl_limits goal, const struct rl_range_frame *frame)
{
    const float seconds = (float)(1 / range->frame_rate);
    const float still = av_clipf(
        (frame->still - still_share[0]) / (still_share[1] - still_share[0]), 0, 1);
    const struct stiffness at = stiffness_of(for_range, for_still, still, frame->news);
    const struct stiffness reach = stiffness_of(for_reach, for_reach, 0, frame->news);
    move(&range->at, &range->speed, goal, seconds, &at);
    move(&range->reach, &range->reach_speed, goal, seconds, &reach);
    range->reach.near = fmaxf(range->reach.near, range->at.near);
    range->reach.far = fminf(range->reach.far, range->at.far);
}

void rl_range_next(struct rl_range *range, const struct rl_limits *ahead, int count,
                   const struct rl_range_frame *frame)
{
    assert(count > 0 && count <= RL_RANGE_AHEAD + 1);
    float nears[RL_RANGE_AHEAD + 1] = {0};
    float fars[RL_RANGE_AHEAD + 1] = {0};  // far is a near seen from behind
    for (int i = 0; i < count; i++) {
        nears[i] = ahead[i].near;
        fars[i] = -ahead[i].far;
    }
    if (frame->first || !range->started) {
        range->at = (struct rl_limits){-median_of(fars, count), median_of(nears, count)};
        range->reach = range->at;
        range->speed = range->reach_speed = (struct rl_limits){0};
    } else {
        go_on(range, (struct rl_limits){-lasting_most(fars, count), lasting_most(nears, count)},
              frame);
    }
    const float width = (range->at.near - range->at.far) / frame->unit;
    const float share = (float)(1 - exp(-1 / (usual_s * range->frame_rate)));
    range->usual_width += range->usual_width > 0 ? (width - range->usual_width) * share : width;
    range->started = true;
}
