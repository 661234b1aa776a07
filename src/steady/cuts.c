// SPDX-License-Identifier: MIT
#include "steady/cuts.h"

#include <math.h>

#include <libavutil/common.h>

enum { SHIFT_X = 14, SHIFT_Y = 6 };  // cells that a pan can move from one frame to the next

// What begins a shot differs by so much, and by so many times the differences around it: less of
// the one does where there is more of the other.
static const struct mark {
    float difference, ratio;
} marks[] = {{.36f, 2.2f}, {.28f, 10}};
static const float clearly_less = .18f;  // no more shift need be looked for
static const float return_ratio = .62f;  // below this share, a frame resembles an earlier one
static const float lone_ratio = .85f;    // the same, of frames around one that stands alone
static const float least_lone = .45f;    // share of its difference that it has to both
static const float noise_luma = 4;       // contrast below this is noise

struct moments {
    float mean, spread;
};

static struct moments moments_of(const struct rl_thumb *thumb, struct rl_thumb_area area)
{
    float sum = 0, deviation = 0;
    const int count = (area.x1 - area.x0) * (area.y1 - area.y0);
    for (int y = area.y0; y < area.y1; y++)
        for (int x = area.x0; x < area.x1; x++)
            sum += thumb->luma[y * RL_THUMB_W + x];
    float mean = sum / (float)count;
    for (int y = area.y0; y < area.y1; y++)
        for (int x = area.x0; x < area.x1; x++)
            deviation += fabsf(thumb->luma[y * RL_THUMB_W + x] - mean);
    return (struct moments){mean, deviation / (float)count};
}

// How b is brought to a: moved by (dx, dy) cells, luma * gain + offset.
struct match {
    int dx, dy;
    float gain, offset;
};

// Mean absolute difference of a and the matched b, over every `step`th cell. No cell counts for
// more than `most`: something that pops up in a corner is no new shot, however bright it is.
static float difference_at(const struct rl_thumb *a, const struct rl_thumb *b,
                           struct rl_thumb_area area, struct match match, int step, float most)
{
    const int dx = match.dx, dy = match.dy;
    float sum = 0;
    int count = 0;
    for (int y = area.y0 + FFMAX(dy, 0); y < area.y1 + FFMIN(dy, 0); y += step)
        for (int x = area.x0 + FFMAX(dx, 0); x < area.x1 + FFMIN(dx, 0); x += step, count++) {
            float moved = b->luma[(y - dy) * RL_THUMB_W + x - dx];
            float left = a->luma[y * RL_THUMB_W + x] - match.offset - match.gain * moved;
            sum += fminf(fabsf(left), most);
        }
    return count ? sum / (float)count : most;
}

float rl_cuts_difference(const struct rl_thumb *a, const struct rl_thumb *b,
                         struct rl_thumb_area area)
{
    struct moments ma = moments_of(a, area), mb = moments_of(b, area);
    if (ma.spread > mb.spread) {
        FFSWAP(const struct rl_thumb *, a, b);
        FFSWAP(struct moments, ma, mb);
    }
    const float contrast = ma.spread + noise_luma;
    const float gain = (ma.spread + 2) / (mb.spread + 2);
    struct match match = {0, 0, gain, ma.mean - gain * mb.mean}, found = match;
    // As they are, too: what pops up changes brightness and contrast as a whole.
    float best = fminf(difference_at(a, b, area, match, 1, contrast),
                       difference_at(a, b, area, (struct match){.gain = 1}, 1, contrast));
    float coarse = contrast;
    if (best < clearly_less * contrast)
        return best / contrast;
    for (match.dy = -SHIFT_Y; match.dy <= SHIFT_Y; match.dy += 2)
        for (match.dx = -SHIFT_X; match.dx <= SHIFT_X; match.dx += 2) {
            float left = difference_at(a, b, area, match, 2, contrast);
            if (left < coarse) {
                coarse = left;
                found = match;
            }
        }
    for (match.dy = found.dy - 1; match.dy <= found.dy + 1; match.dy++)
        for (match.dx = found.dx - 1; match.dx <= found.dx + 1; match.dx++)
            best = fminf(best, difference_at(a, b, area, match, 1, contrast));
    return best / contrast;
}

void rl_cuts_init(struct rl_cuts *cuts)
{
    *cuts = (struct rl_cuts){0};
}

const struct rl_thumb *rl_cuts_thumb(const struct rl_cuts *cuts, int64_t index)
{
    return &cuts->ring[index % RL_CUTS_RING];
}

void rl_cuts_add(struct rl_cuts *cuts, const struct rl_thumb *thumb)
{
    const int64_t index = cuts->count++;
    struct rl_thumb_area active;
    const bool known = rl_thumb_active(thumb, &active);
    cuts->ring[index % RL_CUTS_RING] = *thumb;
    if (!index || (known && !cuts->area_known))
        cuts->area = active;
    else if (known)
        cuts->area = rl_thumb_join(cuts->area, active);
    cuts->area_known = cuts->area_known || known;
    cuts->step[index % RL_CUTS_RING] = index ? rl_cuts_difference(rl_cuts_thumb(cuts, index - 1),
                                                                  thumb, cuts->area)
                                             : 0;
}

// The second largest difference between neighbours around frame `index`, its own left out: one
// more flash or cut nearby does not count.
static float unrest_around(const struct rl_cuts *cuts, int64_t index)
{
    float first = 0, second = 0;
    for (int64_t i = FFMAX(index - 3, 1); i <= FFMIN(index + 2, cuts->count - 1); i++) {
        float step = cuts->step[i % RL_CUTS_RING];
        if (i == index)
            continue;
        second = fmaxf(second, fminf(first, step));
        first = fmaxf(first, step);
    }
    return second;
}

static float apart(const struct rl_cuts *cuts, int64_t one, int64_t other)
{
    return rl_cuts_difference(rl_cuts_thumb(cuts, one), rl_cuts_thumb(cuts, other), cuts->area);
}

// True when the frames beside `index` are nearer to each other than it is to either: a flash, even
// while one scene becomes another.
static bool stands_alone(const struct rl_cuts *cuts, int64_t index, float step)
{
    return index + 1 < cuts->count && apart(cuts, index, index + 1) > least_lone * step &&
           apart(cuts, index - 1, index + 1) < lone_ratio * step;
}

// True when the frames before `index` come back after it, or `index` itself is such a return.
static bool is_interlude(const struct rl_cuts *cuts, int64_t index, float step)
{
    for (int64_t before = FFMAX(index - 2, 0); before < index; before++)
        for (int64_t after = index + 1; after <= FFMIN(index + 2, cuts->count - 1); after++)
            if (apart(cuts, before, after) < return_ratio * step)
                return true;
    for (int64_t before = FFMAX(index - RL_CUTS_BEHIND, 0); before < index - 1; before++)
        if (apart(cuts, before, index) < return_ratio * step)
            return true;
    return false;
}

bool rl_cuts_at(struct rl_cuts *cuts, int64_t index)
{
    if (index == 0)
        return true;
    const float step = cuts->step[index % RL_CUTS_RING], unrest = unrest_around(cuts, index);
    bool stands_out = false;
    for (size_t i = 0; i < FF_ARRAY_ELEMS(marks); i++)
        stands_out |= step >= marks[i].difference && step >= marks[i].ratio * unrest;
    return stands_out && moments_of(rl_cuts_thumb(cuts, index), cuts->area).spread >= noise_luma &&
           !stands_alone(cuts, index, step) && !is_interlude(cuts, index, step);
}
