// SPDX-License-Identifier: MIT
#include "stereo/warp/warp.h"

#include "stereo/warp/warp_near.h"
#include "stereo/warp/warp_paint.h"

#include <immintrin.h>
#include <stdbool.h>

void rl_warp_init_avx2(struct rl_warp_fns *fns);

static __m256i load8(const int32_t *from)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)from);
}

static void store8(int32_t *to, __m256i value)
{
    _mm256_storeu_si256((__m256i *)(void *)to, value);
}

static __m256i count8(int first, int step)
{
    return _mm256_add_epi32(
        _mm256_set1_epi32(first),
        _mm256_mullo_epi32(_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7), _mm256_set1_epi32(step)));
}

static void land(int32_t *targets, const uint16_t *depth, int width, const struct rl_disparity *d)
{
    const __m256i scale = _mm256_set1_epi32(d->scale);
    const __m256i half = _mm256_set1_epi32(1 << (d->shift - 1));
    const __m128i shift = _mm_cvtsi32_si128(d->shift);
    for (int i = 0; i < width; i += 8) {  // both lines are padded
        __m256i near = _mm256_cvtepu16_epi32(
            _mm_loadu_si128((const __m128i *)(const void *)(depth + i)));
        __m256i s = _mm256_add_epi32(_mm256_mullo_epi32(near, scale), half);
        s = _mm256_add_epi32(_mm256_sra_epi32(s, shift), count8(256 * i + d->offset, 256));
        store8(targets + i, s);
    }
}

// Eight samples of one surface whose right sides each cover one target: the common case. False,
// and nothing painted, when it is another.
static bool paint8(int32_t *map, int width, const int32_t *t, int i)
{
    const __m256i up = _mm256_set1_epi32(255);
    __m256i begin = load8(t + i), end = load8(t + i + 1);
    __m256i first = _mm256_srai_epi32(_mm256_add_epi32(begin, up), 8);
    __m256i last = _mm256_srai_epi32(_mm256_add_epi32(end, up), 8);
    __m256i one = _mm256_cmpeq_epi32(_mm256_sub_epi32(last, first), _mm256_set1_epi32(1));
    int x = _mm256_cvtsi256_si32(first);
    if (_mm256_movemask_epi8(one) != -1 || x < 0 || x + 8 > width)
        return false;
    // Whole numbers below 2^17 by ones below 2^9: a float quotient, cut off, is exact.
    __m256i above = _mm256_slli_epi32(_mm256_sub_epi32(_mm256_slli_epi32(first, 8), begin), 8);
    __m256 part = _mm256_div_ps(_mm256_cvtepi32_ps(above),
                                _mm256_cvtepi32_ps(_mm256_sub_epi32(end, begin)));
    store8(map + x, _mm256_add_epi32(count8(256 * i, 256), _mm256_cvttps_epi32(part)));
    return true;
}

static void paint_rightwards(int32_t *map, int width, const int32_t *t)
{
    int i = 0;
    for (; i + 8 < width; i += 8) {
        rl_paint_left_of(map, width, t, i);
        if (paint8(map, width, t, i))
            continue;
        rl_paint_right_of(map, width, t, i);
        rl_paint_samples(map, width, t, i + 1, i + 8, false);
    }
    rl_paint_samples(map, width, t, i, width, false);
}

static void paint_leftwards(int32_t *map, int width, const int32_t *t)
{
    // The last sample has no right neighbour; from the one before it on, in blocks.
    int end = width - 1;
    rl_paint_samples(map, width, t, end, width, true);
    for (; end >= 8; end -= 8)
        if (paint8(map, width, t, end - 8))
            rl_paint_left_of(map, width, t, end - 8);
        else
            rl_paint_samples(map, width, t, end - 8, end, true);
    rl_paint_samples(map, width, t, 0, end, true);
}

static void map_row(int32_t *map, const uint16_t *depth, int width,
                    const struct rl_disparity *disparity, int32_t *targets)
{
    land(targets, depth, width, disparity);
    for (int x = 0; x < width; x += 8)
        store8(map + x, _mm256_set1_epi32(RL_WARP_HOLE));
    if (disparity->scale > 0)
        paint_leftwards(map, width, targets);
    else
        paint_rightwards(map, width, targets);
}

static __m256i near8(int32_t *map, int x, __m256i sign)
{
    __m256i at = count8(256 * x, 256), position = load8(map + x);
    __m256i hole = _mm256_cmpeq_epi32(position, _mm256_set1_epi32(RL_WARP_HOLE));
    position = _mm256_blendv_epi8(position, at, hole);
    store8(map + x, position);
    __m256i moved = _mm256_sign_epi32(_mm256_sub_epi32(at, position), sign);
    moved = _mm256_srai_epi32(moved, 4);
    moved = _mm256_max_epi32(moved, _mm256_set1_epi32(-16000));
    moved = _mm256_min_epi32(moved, _mm256_set1_epi32(16000));
    moved = _mm256_andnot_si256(_mm256_set1_epi32(1), moved);
    return _mm256_blendv_epi8(moved, _mm256_set1_epi32(RL_WARP_NO_NEAR), hole);
}

static void store16(int16_t *to, __m256i value)
{
    _mm256_storeu_si256((__m256i *)(void *)to, value);
}

static void near_row(int16_t *near, int32_t *map, int width, const struct rl_disparity *disparity)
{
    const int side = disparity->scale > 0 ? 1 : -1;
    const __m256i sign = _mm256_set1_epi32(side);
    int x = 0;
    for (; x + 16 <= width; x += 16) {
        __m256i packed = _mm256_packs_epi32(near8(map, x, sign), near8(map, x + 8, sign));
        store16(near + x, _mm256_permute4x64_epi64(packed, 0xd8));
    }
    rl_warp_near(near, map, x, width, side);
}

// The entries x .. x + 7 of a row, or of its even ones.
static __m256i every8(const int32_t *from, int x, bool even)
{
    if (!even)
        return load8(from + x);
    __m256 a = _mm256_castsi256_ps(load8(from + 2 * x));
    __m256 b = _mm256_castsi256_ps(load8(from + 2 * x + 8));
    return _mm256_permute4x64_epi64(_mm256_castps_si256(_mm256_shuffle_ps(a, b, 0x88)), 0xd8);
}

static void chroma_row(int32_t *map, int count, int shift, const int32_t *a, const int32_t *b,
                       const struct rl_disparity *disparity)
{
    const bool less_is_nearer = disparity->scale > 0;
    const __m128i by = _mm_cvtsi32_si128(shift);
    int x = 0;
    for (; x + 8 <= count && shift < 2; x += 8) {  // others are rare
        __m256i p = every8(a, x, shift), q = every8(b, x, shift);
        __m256i less = _mm256_min_epi32(p, q), more = _mm256_max_epi32(p, q);
        __m256i apart = _mm256_cmpgt_epi32(_mm256_sub_epi32(more, less), _mm256_set1_epi32(255));
        __m256i mean = _mm256_srai_epi32(_mm256_add_epi32(p, q), 1);
        __m256i place = _mm256_blendv_epi8(mean, less_is_nearer ? less : more, apart);
        store8(map + x, _mm256_sra_epi32(place, by));
    }
    rl_warp_chroma(map, x, count, shift, a, b, less_is_nearer);
}

static __m256i load16(const int16_t *from)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)from);
}

// The entries x .. x + 15 of a near row, or of its even ones.
static __m256i every16(const int16_t *from, int x, bool even)
{
    if (!even)
        return load16(from + x);
    __m256i a = _mm256_slli_epi32(load16(from + 2 * x), 16);
    __m256i b = _mm256_slli_epi32(load16(from + 2 * x + 16), 16);
    __m256i packed = _mm256_packs_epi32(_mm256_srai_epi32(a, 16), _mm256_srai_epi32(b, 16));
    return _mm256_permute4x64_epi64(packed, 0xd8);
}

static void chroma_near_row(int16_t *near, int count, int shift, const int16_t *a, const int16_t *b)
{
    const __m256i none = _mm256_set1_epi16(RL_WARP_NO_NEAR);
    int x = 0;
    for (; x + 16 <= count && shift < 2; x += 16) {
        __m256i p = every16(a, x, shift), q = every16(b, x, shift);
        __m256i less = _mm256_min_epi16(p, q), more = _mm256_max_epi16(p, q);
        store16(near + x, _mm256_blendv_epi8(more, less, _mm256_cmpeq_epi16(less, none)));
    }
    rl_warp_chroma_near(near, x, count, shift, a, b);
}

void rl_warp_init_avx2(struct rl_warp_fns *fns)
{
    *fns = (struct rl_warp_fns){map_row, near_row, chroma_row, chroma_near_row};
}
