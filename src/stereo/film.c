// SPDX-License-Identifier: MIT
#include "stereo/film.h"

#include "stereo/doubt.h"
#include "stereo/run.h"
#include "stereo/sight.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>

enum {
    SEAM_LEAST = 4,    // pixels of the seam's own row that must be there
    LIGHT_ROWS = 8,    // over which brightness is averaged
    RANGE = 2,         // times that difference at most, from where half a pixel may help
    SEARCH_ROWS = 16,  // rows after which the motion of the row above is doubted
    REACH = RL_FILM_AHEAD > RL_FILM_BACK ? RL_FILM_AHEAD : RL_FILM_BACK,
};

// The seam may differ by this on average, of 255.
static const int seam_difference = 7;

// Where the field far beside the hole says that nothing moves, by less than so many luma pixels,
// another motion has to fit better by half a level, or grain would choose it.
static const double still_px = 0.1;

// A step from one picture to the next, luma pixels, that fitted last.
struct hint {
    double dx, dy;
    int y;          // of the run; negative: none
    bool is_still;  // by the field
};

// By how much the seam is brighter than in the view before, 1/16 level: of the run in row `y`, and
// less and less of those above; negative: none.
struct light {
    int more[RL_FILL_PLANES];
    int y;
    bool changes[RL_FILL_PLANES];  // of the picture as a whole: else nothing gets brighter
    bool any_changes;
};

enum { BEFORE = 0, BACK = 1, AHEAD = BACK + RL_FILM_BACK, STEPS = AHEAD + RL_FILM_AHEAD };

struct search {
    struct rl_sight sight;
    struct rl_sight_picture pictures[STEPS];  // to look at
    struct rl_sight_picture here;             // the frame itself
    struct hint hints[STEPS];
    struct light light;
    int32_t *kept;
};

bool rl_film_has_more(const struct rl_film *film)
{
    return film->back[0] || film->ahead[0];
}

// By how much the pixels beside the hole differ there, summed up; INT_MAX when some lie outside, or
// it gets more than `most`.
static int compare(const struct search *search, const struct rl_run *run,
                   const struct rl_place *place, int most)
{
    const struct rl_sight *sight = &search->sight;
    struct rl_sight_places there;
    int total = 0;
    if (!rl_sight_locate_all(place, &run->seen, &there))
        return INT_MAX;
    for (int plane = 0; plane < sight->fill->planes && total <= most; plane++) {
        int32_t values[RL_SAMPLE_POINTS];
        rl_sight_samples(sight, place, plane, &there, run->seen.count, values);
        for (int k = 0; k < run->seen.count; k++)
            total += abs(values[k] - run->values[plane][k]);
    }
    return total <= most ? total : INT_MAX;
}

// So many quarters of a level for each value that is compared.
static int levels(const struct search *search, const struct rl_run *run, int quarters)
{
    return (quarters * run->seen.count * search->sight.fill->planes << (search->sight.bits - 8)) /
           4;
}

// The best way so far from `from` to the next picture, and by how much another has to be better.
struct best {
    struct rl_place place;
    int total, margin;
};

static void try(const struct search *search, const struct rl_run *run, struct best *best, double dx,
                double dy)
{
    if (dx == best->place.dx && dy == best->place.dy && best->total < INT_MAX)
        return;
    // Another motion has to be clearly better, or fills would tremble with the seam's grain.
    const int most = best->total < INT_MAX ? best->total - best->total / 8 - 1 - best->margin
                                           : INT_MAX - 1;
    struct rl_place place = rl_sight_place(&search->sight, best->place.in, dx, dy);
    int total = compare(search, run, &place, most);
    if (total <= most)
        *best = (struct best){place, total, best->margin};
}

// What the motion fields say on the surface beside the run, at some distances. Returns how many are
// sure, at most as many as there are.
enum { ANCHORS = 4 };

static int ask_fields(const struct search *search, const struct rl_run *run,
                      const struct rl_place *from, bool ahead, double steps[ANCHORS][2])
{
    static const int anchors[ANCHORS] = {2, 5, 9, 14};  // cells of the field from the run
    const struct rl_sight *sight = &search->sight;
    const struct rl_frame *frame = from->in->frame;
    const AVFrame *motion = ahead ? frame->motion_ahead : frame->motion_back;
    int width = sight->fill->levels[0].width, count = 0;
    for (int i = 0; i < ANCHORS; i++) {
        int cell = (frame->picture->width / motion->width >> sight->shift_x) + 1;
        int x = run->first->x + run->outwards * anchors[i] * cell, at[2];
        if (x < 0 || x >= width ||
            abs(rl_run_near(sight->fill, x, run->first->y) - run->near) >
                4 * sight->fill->tolerance)
            break;
        if (rl_sight_locate(from, x, run->first->y, run->near, at) &&
            rl_sight_motion(sight, from, at, ahead, &steps[count][0], &steps[count][1]))
            count++;
    }
    return count;
}

// Nothing can be told by steps that differ by less than this.
static const double apart_px = 1.0 / 16;

static bool is_new(double steps[ANCHORS][2], int i)
{
    for (int k = 0; k < i; k++)
        if (fabs(steps[k][0] - steps[i][0]) < apart_px &&
            fabs(steps[k][1] - steps[i][1]) < apart_px)
            return false;
    return true;
}

static bool is_still(double steps[ANCHORS][2], int count)
{
    return !count || hypot(steps[count - 1][0], steps[count - 1][1]) < still_px;
}

// True when the run goes on from one in row `y`.
static bool follows(const struct rl_run *run, int y)
{
    return y >= 0 && run->first->y - y <= 2;
}

// Goes on from `from` to the picture of `step`, by the motion with which the seam fits best. False
// when it is lost; *fits says whether the seam does fit.
static bool go(struct search *search, const struct rl_run *run, const struct rl_place *from,
               struct rl_place *next, int step, bool *fits)
{
    static const double around[][2] = {{-1, 0}, {-0.5, 0}, {0.5, 0}, {1, 0}, {0, -0.5}, {0, 0.5}};
    struct hint *hint = &search->hints[step];
    double steps[ANCHORS][2];
    struct best best = {*next, INT_MAX, 0};
    int most = levels(search, run, 4 * seam_difference), y = run->first->y;
    try(search, run, &best, from->dx, from->dy);
    if (follows(run, hint->y)) {
        best.margin = hint->is_still ? levels(search, run, 2) : 0;
        try(search, run, &best, from->dx + hint->dx, from->dy + hint->dy);
        if (best.total <= most && y % SEARCH_ROWS) {
            hint->y = y;
            *next = best.place;
            return *fits = true;
        }
    }
    int count = ask_fields(search, run, from, step >= AHEAD, steps);
    const bool still = is_still(steps, count);
    best.margin = still ? levels(search, run, 2) : 0;
    for (int i = 0; i < count; i++)
        if (is_new(steps, i))
            try(search, run, &best, from->dx + steps[i][0], from->dy + steps[i][1]);
    double dx = best.place.dx, dy = best.place.dy;
    const bool is_close = best.total <= RANGE * most;
    for (size_t i = 0; is_close && i < sizeof around / sizeof *around && best.total * 4 > most; i++)
        try(search, run, &best, dx + around[i][0], dy + around[i][1]);
    *fits = best.total <= most;
    if (*fits) {
        *hint = (struct hint){best.place.dx - from->dx, best.place.dy - from->dy, y, still};
        *next = best.place;
    } else if (count) {
        *next = rl_sight_place(&search->sight, next->in, from->dx + steps[0][0],
                               from->dy + steps[0][1]);
    }
    return *fits || count;
}

// The seam was found at the place.
static void measure_light(struct search *search, const struct rl_run *run,
                          const struct rl_place *place)
{
    struct light *light = &search->light;
    const bool goes_on = follows(run, light->y);
    struct rl_sight_places there;
    if (!rl_sight_locate_all(place, &run->seen, &there))
        return;
    for (int plane = 0; plane < search->sight.fill->planes; plane++) {
        int32_t values[RL_SAMPLE_POINTS];
        int sum = 0;
        rl_sight_samples(&search->sight, place, plane, &there, run->seen.count, values);
        for (int k = 0; k < run->seen.count; k++)
            sum += run->values[plane][k] - values[k];
        const int more = 16 * sum / run->seen.count, old = light->more[plane];
        light->more[plane] = goes_on ? old + (more - old) / LIGHT_ROWS : more;
    }
    light->y = run->first->y;
}

// What stood there in the view before, in the light of now: grain counts as none.
static int in_light(const struct search *search, int plane, int value)
{
    const int bits = search->sight.bits, max = (1 << bits) - 1;
    const int more = search->light.more[plane];
    if (!search->light.changes[plane] || abs(more) < 16 << (bits - 8))
        return value;
    value += more / 16;
    return value < 0 ? 0 : value > max ? max : value;
}

// Pixels of the run that a picture shows: where, which of the run they are, how sure it is, and how
// near.
struct shown {
    struct rl_sight_places places;
    int count, index[RL_SAMPLE_POINTS], known[RL_SAMPLE_POINTS], near[RL_SAMPLE_POINTS];
    int values[RL_SAMPLE_POINTS][RL_FILL_PLANES];
};

static void look_at_shown(const struct search *search, const struct rl_place *place,
                          struct shown *shown)
{
    const struct rl_sight *sight = &search->sight;
    for (int k = shown->count; k < RL_SAMPLE_POINTS; k++) {
        shown->places.x[k] = shown->places.x[0];
        shown->places.y[k] = shown->places.y[0];
    }
    for (int plane = 0; plane < sight->fill->planes; plane++) {
        int32_t values[RL_SAMPLE_POINTS];
        rl_sight_samples(sight, place, plane, &shown->places, shown->count, values);
        for (int k = 0; k < shown->count; k++)
            shown->values[k][plane] = place->in->frame ? values[k]
                                                       : in_light(search, plane, values[k]);
    }
}

// Where a find that the picture, or the view before, shows lies in the frame that it is of.
static struct rl_doubt_places doubt_places(const struct search *search,
                                           const struct rl_place *place)
{
    const struct rl_sight *sight = &search->sight;
    const struct rl_sight_picture *seen = place->in->frame ? place->in : &search->pictures[BACK];
    return (struct rl_doubt_places){rl_sight_place(sight, &search->here, 0, 0),
                                    rl_sight_place(sight, seen, place->dx, place->dy)};
}

// Takes what is shown. Returns of how many pixels it was taken for sure.
static int take_shown(const struct search *search, const struct rl_run *run,
                      const struct rl_place *place, struct shown *shown)
{
    const struct rl_fill *fill = search->sight.fill;
    const struct rl_doubt_places places = doubt_places(search, place);
    const bool still = !place->by_x && !place->by_y;
    int taken = 0;
    look_at_shown(search, place, shown);
    for (int k = 0; k < shown->count; k++) {
        const int i = shown->index[k], *values = shown->values[k];
        const struct rl_fill_cell *hole = &run->first[i];
        const bool known = shown->known[k] == 2;
        if (known && rl_doubt_is_thing(&search->sight, &run->seam, &places, hole, values))
            continue;
        for (int plane = 0; plane < fill->planes; plane++)
            if (known)
                rl_fill_view_put(fill, plane, hole->x, hole->y, values[plane]);
            else
                search->kept[(run->index + i) * fill->planes + plane] = 2 * values[plane] + still;
        if (known)
            rl_fill_near_row(fill, hole->y)[hole->x] = (int16_t)shown->near[k];
        taken += known;
    }
    shown->count = 0;
    return taken;
}

// What the picture shows of a hole: 2 its surface, 1 what was made up, 0 neither. *near may change.
static int look_at(const struct search *search, const struct rl_run *run,
                   const struct rl_place *place, const struct rl_fill_cell *hole, int at[2],
                   int *near)
{
    const struct rl_sight *sight = &search->sight;
    *near = hole->near & ~1;
    if (!rl_sight_locate(place, hole->x, hole->y, *near, at))
        return 0;
    if (!place->in->frame)
        return rl_sight_remember(sight, at, near, run->is_cut_off);
    return *near == run->near ? 2 * rl_sight_is_open(sight, place, at, &run->span) : 0;
}

// Takes what the picture shows of the run. Returns how many pixels are still missing.
static int take(struct search *search, const struct rl_run *run, const struct rl_place *place)
{
    const struct rl_sight *sight = &search->sight;
    const struct rl_place here = rl_sight_place(sight, &search->here, 0, 0);
    bool doubtful = search->here.scale_x > 0.5;  // else holes are wider than outlines are off
    struct shown shown;
    shown.count = 0;
    int missing = 0;
    for (int i = 0; i < run->count; i++) {
        const struct rl_fill_cell *hole = &run->first[i];
        int at[2], near;
        if (!(rl_run_near(sight->fill, hole->x, hole->y) & 1))
            continue;
        int known = look_at(search, run, place, hole, at, &near);
        doubtful = doubtful && (known < 2 || rl_doubt_is_same(sight, place, &here, hole));
        known = known == 2 && doubtful && i >= sight->fill->mixed ? 0 : known;
        missing++;
        if (!known)
            continue;
        shown.places.x[shown.count] = at[0];
        shown.places.y[shown.count] = at[1];
        shown.index[shown.count] = i;
        shown.near[shown.count] = near;
        shown.known[shown.count++] = known;
        if (shown.count == RL_SAMPLE_POINTS)
            missing -= take_shown(search, run, place, &shown);
    }
    return shown.count ? missing - take_shown(search, run, place, &shown) : missing;
}

static bool is_open_at(const struct search *search, const struct rl_run *run,
                       const struct rl_place *place, const struct rl_fill_cell *hole)
{
    int at[2];
    return rl_sight_locate(place, hole->x, hole->y, run->near, at) &&
           rl_sight_is_open(&search->sight, place, at, &run->span);
}

// A guess that costs little: what comes out behind a thing does so from one end of the run.
static bool may_show(const struct search *search, const struct rl_run *run,
                     const struct rl_place *place)
{
    return run->ends[0] && (is_open_at(search, run, place, run->ends[0]) ||
                            is_open_at(search, run, place, run->ends[1]));
}

// From the view of this frame to that of the frame before. Returns how many pixels are missing.
static int search_before(struct search *search, const struct rl_run *run)
{
    const struct rl_place here = rl_sight_place(&search->sight, &search->here, 0, 0);
    struct rl_place place = rl_sight_place(&search->sight, &search->pictures[BEFORE], 0, 0);
    bool fits = false;
    if (!here.in->frame->motion_back || !go(search, run, &here, &place, BEFORE, &fits) || !fits)
        return run->count;
    if (search->light.any_changes)
        measure_light(search, run, &place);
    return take(search, run, &place);
}

// One frame farther than `place`, which moves on; looks there for what is missing. False when it is
// lost, or there is no such frame.
static bool search_frame(struct search *search, struct rl_run *run, struct rl_place *place,
                         int step, int *missing)
{
    const struct rl_frame *frame = place->in->frame;
    const struct rl_sight_picture *picture = &search->pictures[step];
    struct hint *hint = &search->hints[step];
    const bool trusts = follows(run, hint->y) && run->first->y % SEARCH_ROWS;
    bool fits = false;
    if (!picture->frame || !(step >= AHEAD ? frame->motion_ahead : frame->motion_back))
        return false;
    const struct rl_place hinted = rl_sight_place(&search->sight, picture, place->dx + hint->dx,
                                                  place->dy + hint->dy);
    if (trusts && !may_show(search, run, &hinted)) {
        hint->y = run->first->y;
        *place = hinted;
        return true;
    }
    struct rl_place next = hinted;
    if (!go(search, run, place, &next, step, &fits))
        return false;
    const bool is_known = trusts && next.dx == hinted.dx && next.dy == hinted.dy;
    if (fits && (is_known || may_show(search, run, &next))) {
        *missing = take(search, run, &next);
        rl_run_find_ends(search->sight.fill, run);
    }
    *place = next;
    return true;
}

static void search_run(struct search *search, struct rl_run *run)
{
    const struct rl_sight *sight = &search->sight;
    const struct rl_place here = rl_sight_place(sight, &search->here, 0, 0);
    struct rl_place places[2] = {here, here};
    bool lost[2] = {false, false};
    int missing = run->count;
    rl_run_look_beside(sight->fill, run, SEAM_LEAST >> sight->shift_x);
    if (!run->seen.count)
        return;
    if (sight->before->view && sight->film->back[0])
        missing = search_before(search, run);
    rl_run_find_ends(sight->fill, run);
    for (int k = 0; k < REACH && missing && !(lost[0] && lost[1]); k++)
        for (int ahead = 0; ahead < 2 && missing; ahead++) {
            int step = (ahead ? AHEAD : BACK) + k;
            lost[ahead] = lost[ahead] || k >= (ahead ? RL_FILM_AHEAD : RL_FILM_BACK) ||
                          !search_frame(search, run, &places[ahead], step, &missing);
        }
}

// A run looks at its seam, and at as many pictures as there are, mostly where the one above it did,
// and a row farther down. That row comes from far away: it is asked for while the run before is
// worked on.
static void fetch(const struct search *search, const struct rl_fill_cell *first)
{
    const struct rl_sight *sight = &search->sight;
    const struct rl_fill *fill = sight->fill;
    const int x = first->x, y = first->y + RL_RUN_SEAM_ROWS;
    if (y < fill->levels[0].height) {
        __builtin_prefetch(rl_fill_near_row(fill, y) + x);
        for (int plane = 0; plane < fill->planes; plane++)
            __builtin_prefetch(fill->view[plane] + y * fill->view_stride[plane] +
                               ((ptrdiff_t)x << (fill->bits > 8)));
    }
    const struct hint *hints = search->hints;
    double dx = 0, dy = 0;
    for (int step = 0; step < STEPS; step++) {
        const struct rl_sight_picture *picture = &search->pictures[step];
        int at[2];
        if (step == BACK || step == AHEAD)
            dx = dy = 0;
        dx += hints[step].y < 0 ? 0 : hints[step].dx;
        dy += hints[step].y < 0 ? 0 : hints[step].dy;
        const struct rl_place place = rl_sight_place(sight, picture, dx, dy);
        if (picture->planes[0].data && rl_sight_locate(&place, first->x, first->y, first->near, at))
            rl_sight_fetch(sight, &place, at, RL_RUN_SEAM_ROWS);
    }
}

static void open_search(struct search *search)
{
    const struct rl_sight *sight = &search->sight;
    const struct rl_film *film = sight->film;
    search->here = rl_sight_of_frame(sight, film->now);
    if (sight->before->view)
        search->pictures[BEFORE] = rl_sight_of_before(sight);
    for (int k = 0; k < RL_FILM_BACK && film->back[k]; k++)
        search->pictures[BACK + k] = rl_sight_of_frame(sight, film->back[k]);
    for (int k = 0; k < RL_FILM_AHEAD && film->ahead[k]; k++)
        search->pictures[AHEAD + k] = rl_sight_of_frame(sight, film->ahead[k]);
    for (int i = 0; i < STEPS; i++)
        search->hints[i].y = -1;
    search->light.y = -1;
    for (int plane = 0; plane < sight->fill->planes && film->back[0]; plane++) {
        const bool differs = rl_sight_changes(&search->here.planes[plane],
                                              &search->pictures[BACK].planes[plane], sight->bits);
        search->light.changes[plane] = differs;
        search->light.any_changes |= differs;
    }
}

void rl_film_find(const struct rl_film *film, const struct rl_before *before, struct rl_fill *fill,
                  int first_plane, int shift_x, int shift_y, const struct rl_disparity *disparity,
                  int32_t *kept)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(
        (enum AVPixelFormat)film->now->picture->format);
    const float unit = (float)(disparity->scale > 0 ? 1 : -1) / 16;
    struct search search = {
        .sight = {film, before, fill, disparity, first_plane, shift_x, shift_y,
                  disparity->scale > 0 ? 1 : -1, desc->comp[0].depth, rl_frame_area(film->now),
                  unit * (float)disparity->offset,
                  unit * 65535 * (float)disparity->scale / (float)(1 << disparity->shift)},
        .kept = kept};
    open_search(&search);
    for (int i = 0; i < fill->count * fill->planes; i++)
        kept[i] = -1;
    for (int i = 0; i < fill->count;) {
        struct rl_run run;
        rl_run_begin(&run, &search.sight, i);
        i += run.count;
        if (i < fill->count)
            fetch(&search, &fill->holes[i]);
        search_run(&search, &run);
    }
}

void rl_film_settle(struct rl_fill *fill, const int32_t *kept)
{
    for (int i = 0; i < fill->count; i++)
        for (int plane = 0; plane < fill->planes; plane++) {
            const struct rl_fill_cell *hole = &fill->holes[i];
            const int memory = kept[i * fill->planes + plane], before = memory / 2;
            const int part = memory % 2 ? RL_FILM_KEPT_STILL : RL_FILM_KEPT;
            if (memory < 0 || !(rl_run_near(fill, hole->x, hole->y) & 1))
                continue;
            int now = rl_fill_view_get(fill, plane, hole->x, hole->y);
            rl_fill_view_put(fill, plane, hole->x, hole->y, now + ((before - now) * part + 4) / 8);
        }
}
