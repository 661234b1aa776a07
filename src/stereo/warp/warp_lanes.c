// SPDX-License-Identifier: MIT
//
// For AVX2 and for AVX-512, see base/lanes.h.
#include "base/lanes.h"
#include "stereo/warp/warp.h"
#include "stereo/warp/warp_near.h"
#include "stereo/warp/warp_paint.h"

#include <stdbool.h>

void RL_LANES_NAME(rl_warp_init)(struct rl_warp_fns *fns);

// Positions of pixels from x on.
static inline rl_lanes pixels(int x)
{
    return RL_V(add_epi32)(rl_lanes_all(256 * x), RL_V(slli_epi32)(rl_lanes_count(), 8));
}

static void land(int32_t *targets, const uint16_t *depth, int width, const struct rl_disparity *d)
{
    const rl_lanes scale = rl_lanes_all(d->scale), half = rl_lanes_all(1 << (d->shift - 1));
    const rl_lanes step = rl_lanes_all(256 * RL_LANES);
    const __m128i shift = _mm_cvtsi32_si128(d->shift);
    rl_lanes still = RL_V(add_epi32)(pixels(0), rl_lanes_all(d->offset + RL_PAINT_AHEAD));
    for (int i = 0; i < width; i += RL_LANES) {  // both lines are padded
        const rl_lanes near = rl_lanes_load_u16(depth + i);
        const rl_lanes moved = RL_V(add_epi32)(RL_V(mullo_epi32)(near, scale), half);
        rl_lanes_store(targets + i, RL_V(add_epi32)(RL_V(sra_epi32)(moved, shift), still));
        still = RL_V(add_epi32)(still, step);
    }
}

// The bits in a row from bit `k` on, which is set, upwards or downwards.
static inline unsigned bits_from(unsigned bits, int k, bool downwards)
{
    const int count = downwards ? __builtin_clz(~(bits << (31 - k))) : __builtin_ctz(~(bits >> k));
    return ((1u << count) - 1) << (downwards ? k - count + 1 : k);
}

// As many gaps as there are lanes: where targets come from when each covers one of them, and which
// do.
struct gaps {
    rl_lanes from;
    unsigned one;
};

// The gaps from i on, of which not all cover one target, one beside the other. A function of its
// own, so that constants of the loop that calls it stay where they are.
static void paint_some(int32_t *map, int width, const int32_t *t, int i, bool leftwards,
                       struct gaps gaps)
{
    for (unsigned rest = RL_LANES_ALL; rest;) {
        const int k = leftwards ? 31 - __builtin_clz(rest) : __builtin_ctz(rest);
        const int x = (t[i + k] >> 8) - k;  // where all lanes would be stored
        const bool many = gaps.one >> k & 1 && x >= 0;
        const unsigned run = many ? bits_from(gaps.one, k, leftwards) : 1u << k;
        if (many)
            rl_lanes_store_some(map + x, run, gaps.from);
        else
            rl_paint_gap(map, width, t, i + k, leftwards);
        rest &= ~run;
    }
}

// A row that is painted, and the samples that land within it wherever they are moved to.
struct canvas {
    int32_t *map;
    int width, begin, end;
    const int32_t *t;
};

static struct canvas make_canvas(int32_t *map, int width, const int32_t *targets,
                                 const struct rl_disparity *d)
{
    const int32_t half = 1 << (d->shift - 1), far = d->offset;
    const int32_t near = far + ((65535 * d->scale + half) >> d->shift);
    const int before = (near < far ? near : far) >> 8, behind = (near < far ? far : near) >> 8;
    return (struct canvas){map, width, before < 0 ? -before : 0, width - 1 - (behind + 1), targets};
}

// The gaps from i on, as many as there are lanes, whose samples lie `at`. Mostly each covers one
// target.
static inline void paint(const struct canvas *canvas, int i, rl_lanes at, bool leftwards)
{
    const int32_t *t = canvas->t + i;
    const rl_lanes begin = rl_lanes_load(t), end = rl_lanes_load(t + 1);
    const rl_lanes first = RL_V(srai_epi32)(begin, 8), last = RL_V(srai_epi32)(end, 8);
    // Whole numbers below 2^17 by ones below 2^9: a float quotient, cut off, is exact.
    const rl_lanes above = RL_V_BITS(andnot)(RL_V(slli_epi32)(begin, 8), rl_lanes_all(0xff00));
    const rl_floats part = RL_V(div_ps)(RL_V(cvtepi32_ps)(above),
                                        RL_V(cvtepi32_ps)(RL_V(sub_epi32)(end, begin)));
    const rl_mask one = rl_lanes_equal(RL_V(sub_epi32)(last, first), rl_lanes_all(1));
    struct gaps gaps = {RL_V(add_epi32)(at, RL_V(cvttps_epi32)(part)), rl_mask_bits(one)};
    if (i < canvas->begin || i + RL_LANES > canvas->end) {
        const rl_lanes fits = RL_V(min_epu32)(first, rl_lanes_all(canvas->width - 1));
        gaps.one &= rl_mask_bits(rl_lanes_equal(fits, first));
    }
    if (gaps.one == RL_LANES_ALL)
        rl_lanes_store(canvas->map + (*t >> 8), gaps.from);
    else
        paint_some(canvas->map, canvas->width, canvas->t, i, leftwards, gaps);
}

static void map_row(int32_t *map, const uint16_t *depth, int width,
                    const struct rl_disparity *disparity, int32_t *targets)
{
    const struct canvas canvas = make_canvas(map, width, targets, disparity);
    const rl_lanes step = rl_lanes_all(256 * RL_LANES);
    land(targets, depth, width, disparity);
    for (int x = 0; x < width; x += RL_LANES)
        rl_lanes_store(map + x, rl_lanes_all(RL_WARP_HOLE));
    if (disparity->scale > 0) {
        int end = width - 1;
        rl_lanes at = pixels(end);
        rl_paint_gap(map, width, targets, end, true);
        for (; end >= RL_LANES; end -= RL_LANES) {
            at = RL_V(sub_epi32)(at, step);
            paint(&canvas, end - RL_LANES, at, true);
        }
        rl_paint_gaps(map, width, targets, -1, end, true);
    } else {
        int begin = 0;
        rl_lanes at = pixels(0);
        rl_paint_gap(map, width, targets, -1, false);
        for (; begin + RL_LANES < width; begin += RL_LANES) {
            paint(&canvas, begin, at, false);
            at = RL_V(add_epi32)(at, step);
        }
        rl_paint_gaps(map, width, targets, begin, width, false);
    }
}

// How far targets were moved, `side` 1 or -1; those that are holes become positions of no
// displacement.
RL_LANES_INLINE rl_lanes move_some(int32_t *map, rl_lanes at, int side, rl_mask *hole)
{
    const rl_lanes position = rl_lanes_load(map);
    *hole = rl_lanes_equal(position, rl_lanes_all(RL_WARP_HOLE));
    const rl_lanes from = rl_lanes_pick(position, at, *hole);
    rl_lanes_store(map, from);
    return RL_V(srai_epi32)(side > 0 ? RL_V(sub_epi32)(at, from) : RL_V(sub_epi32)(from, at), 4);
}

// Twice as many targets as there are lanes at once. Returns how many were done.
RL_LANES_INLINE int near_targets(int16_t *near, int32_t *map, int width, int side)
{
    const rl_lanes step = rl_lanes_all(256 * RL_LANES), most = RL_V(set1_epi16)(16000);
    rl_lanes at = pixels(0);
    int x = 0;
    for (; x + 2 * RL_LANES <= width; x += 2 * RL_LANES) {
        const rl_lanes next = RL_V(add_epi32)(at, step);
        rl_mask holes[2];
        const rl_lanes a = move_some(map + x, at, side, &holes[0]);
        const rl_lanes b = move_some(map + x + RL_LANES, next, side, &holes[1]);
        rl_lanes moved = RL_V(min_epi16)(rl_lanes_pack(a, b), most);
        moved = RL_V(max_epi16)(moved, RL_V(sub_epi16)(rl_lanes_all(0), most));
        moved = RL_V_BITS(and)(moved, RL_V(set1_epi16)(-2));
        // All bits where a hole is.
        const rl_lanes hole = rl_mask_pack(holes[0], holes[1]);
        moved = RL_V_BITS(or)(RL_V_BITS(andnot)(hole, moved),
                              RL_V_BITS(and)(hole, RL_V(set1_epi16)(RL_WARP_NO_NEAR)));
        rl_lanes_store(near + x, rl_halves_ordered(moved));
        at = RL_V(add_epi32)(next, step);
    }
    return x;
}

static void near_row(int16_t *near, int32_t *map, int width, const struct rl_disparity *disparity)
{
    const int side = disparity->scale > 0 ? 1 : -1;
    const int x = side > 0 ? near_targets(near, map, width, 1) : near_targets(near, map, width, -1);
    rl_warp_near(near, map, x, width, side);
}

// Entries of a row from x on, or of its even ones.
static inline rl_lanes every(const int32_t *from, int x, bool even)
{
    return even
               ? rl_lanes_evens(rl_lanes_load(from + 2 * x), rl_lanes_load(from + 2 * x + RL_LANES))
               : rl_lanes_load(from + x);
}

static void chroma_row(int32_t *map, int count, int shift, const int32_t *a, const int32_t *b,
                       const struct rl_disparity *disparity)
{
    const bool less_is_nearer = disparity->scale > 0;
    const __m128i by = _mm_cvtsi32_si128(shift);
    int x = 0;
    for (; x + RL_LANES <= count && shift < 2; x += RL_LANES) {  // others are rare
        const rl_lanes p = every(a, x, shift), q = every(b, x, shift);
        const rl_lanes less = RL_V(min_epi32)(p, q), more = RL_V(max_epi32)(p, q);
        const rl_mask apart = rl_lanes_greater(RL_V(sub_epi32)(more, less), rl_lanes_all(255));
        const rl_lanes mean = RL_V(srai_epi32)(RL_V(add_epi32)(p, q), 1);
        const rl_lanes place = rl_lanes_pick(mean, less_is_nearer ? less : more, apart);
        rl_lanes_store(map + x, RL_V(sra_epi32)(place, by));
    }
    rl_warp_chroma(map, x, count, shift, a, b, less_is_nearer);
}

static inline rl_lanes every_near(const int16_t *from, int x, bool even)
{
    return even ? RL_V(srai_epi32)(RL_V(slli_epi32)(rl_lanes_load(from + 2 * x), 16), 16)
                : rl_lanes_load_i16(from + x);
}

static void chroma_near_row(int16_t *near, int count, int shift, const int16_t *a, const int16_t *b)
{
    const rl_lanes none = rl_lanes_all(RL_WARP_NO_NEAR);
    int x = 0;
    for (; x + RL_LANES <= count && shift < 2; x += RL_LANES) {
        const rl_lanes p = every_near(a, x, shift), q = every_near(b, x, shift);
        const rl_lanes less = RL_V(min_epi32)(p, q), more = RL_V(max_epi32)(p, q);
        rl_lanes_store_16(near + x, rl_lanes_pick(more, less, rl_lanes_equal(less, none)));
    }
    rl_warp_chroma_near(near, x, count, shift, a, b);
}

void RL_LANES_NAME(rl_warp_init)(struct rl_warp_fns *fns)
{
    *fns = (struct rl_warp_fns){map_row, near_row, chroma_row, chroma_near_row};
}
