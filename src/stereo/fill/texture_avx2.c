// SPDX-License-Identifier: MIT
#include "stereo/fill/texture.h"

#include <immintrin.h>
#include <stdbool.h>

void rl_texture_init_avx2(struct rl_texture_fns *fns);

enum { PAIR = 2, LANES = 16 };  // rows of a seam, and cells of a row, that are worked on at once

static inline __m256i load16(const void *from)
{
    return _mm256_loadu_si256((const __m256i *)from);
}

static inline __m128i load8(const void *from)
{
    return _mm_loadu_si128((const __m128i *)from);
}

static inline __m256i all(int value)
{
    return _mm256_set1_epi16((short)value);
}

// All bits where cells are of the surface.
static inline __m256i shown(__m256i near, struct rl_texture_surface surface)
{
    const __m256i above = _mm256_sub_epi16(near, all(surface.low));
    const __m256i within = _mm256_min_epu16(above, all(surface.high - surface.low));
    const __m256i even = _mm256_cmpeq_epi16(_mm256_and_si256(near, all(1)), all(0));
    return _mm256_and_si256(_mm256_cmpeq_epi16(within, above), even);
}

static inline void store16(void *to, __m256i value)
{
    _mm256_storeu_si256((__m256i *)to, value);
}

// Eight cells or deep samples in each of two rows, of which the second lies `down` bytes on.
static inline __m256i load_pair(const uint8_t *from, ptrdiff_t down)
{
    return _mm256_setr_m128i(load8(from), load8(from + down));
}

static inline __m256i load_pair8(const uint8_t *from, ptrdiff_t down)
{
    const __m128i first = _mm_loadl_epi64((const __m128i *)(const void *)from);
    const __m128i next = _mm_loadl_epi64((const __m128i *)(const void *)(from + down));
    return _mm256_cvtepu8_epi16(_mm_unpacklo_epi64(first, next));
}

// The rows of a seam in a plane: where the next pair begins, and bytes from row to row.
struct rows {
    const uint8_t *at;
    ptrdiff_t down;
};

static inline struct rows near_rows(const struct rl_fill *fill, const struct rl_texture_seam *seam,
                                    int dx, int dy)
{
    const struct rl_fill_level *level = &fill->levels[0];
    const int16_t *near = level->near + (seam->y + dy) * level->stride + seam->x + dx;
    return (struct rows){(const uint8_t *)near, seam->step * level->stride * 2};
}

static inline struct rows plane_rows(const struct rl_fill *fill, const struct rl_texture_seam *seam,
                                     int plane, int dx, int dy)
{
    const ptrdiff_t stride = fill->view_stride[plane], x = seam->x + dx;
    const uint8_t *row = fill->view[plane] + (seam->y + dy) * stride;
    return (struct rows){row + (fill->bits > 8 ? 2 * x : x), seam->step * stride};
}

// The last row has none below it, and is paired with itself.
static inline ptrdiff_t down_from(const struct rows *rows, int row)
{
    return row + 1 < RL_TEXTURE_ROWS ? rows->down : 0;
}

// All bits where the pixels of the rows `row` and `row` + 1 are of the surface.
static inline __m256i next_shown(struct rows *rows, int row, const struct rl_texture_seam *seam)
{
    const __m256i near = load_pair(rows->at, down_from(rows, row));
    rows->at += PAIR * rows->down;
    return shown(near, seam->surface);
}

static inline __m256i next_samples(struct rows *rows, int row, const struct rl_fill *fill)
{
    const uint8_t *at = rows->at;
    const ptrdiff_t down = down_from(rows, row);
    rows->at += PAIR * rows->down;
    if (fill->bits == 8)
        return load_pair8(at, down);
    return _mm256_srl_epi16(load_pair(at, down), _mm_cvtsi32_si128(rl_texture_cut(fill)));
}

static bool is_inside(const struct rl_fill *fill, const struct rl_texture_seam *seam, int dx,
                      int dy)
{
    const struct rl_fill_level *level = &fill->levels[0];
    const int x = seam->x + dx, y = seam->y + dy;
    return x >= 0 && x + RL_TEXTURE_PIXELS <= level->width && y >= 0 &&
           y + (RL_TEXTURE_ROWS - 1) * seam->step < level->height;
}

// Of two bits for each pixel of a row, those that are compared: every second from the run on, up
// to the first that is not shown.
static unsigned cut_off(unsigned shows, int outwards)
{
    const unsigned every = outwards > 0 ? 0x3333 : 0xcccc;
    const unsigned missing = ~shows & every;
    if (!missing)
        return every;
    if (outwards > 0)
        return every & ((missing & -missing) - 1);
    return every & ~((2u << (31 - __builtin_clz(missing))) - 1);
}

static void look(const struct rl_fill *fill, struct rl_texture_seam *seam)
{
    const __m256i bits = _mm256_setr_epi16(1, 4, 16, 64, 256, 1024, 4096, 16384, 1, 4, 16, 64, 256,
                                           1024, 4096, 16384);
    if (!is_inside(fill, seam, 0, 0)) {
        rl_texture_look(fill, seam);
        return;
    }
    struct rows near = near_rows(fill, seam, 0, 0);
    seam->count = 0;
    for (int row = 0; row < RL_TEXTURE_ROWS; row += PAIR) {
        const unsigned pair = (unsigned)_mm256_movemask_epi8(next_shown(&near, row, seam));
        const unsigned first = cut_off(pair & 0xffff, seam->outwards);
        const unsigned next = row + 1 < RL_TEXTURE_ROWS ? cut_off(pair >> 16, seam->outwards) : 0;
        const __m256i used = _mm256_setr_m128i(_mm_set1_epi16((short)first),
                                               _mm_set1_epi16((short)next));
        store16(seam->used[row], _mm256_cmpeq_epi16(_mm256_and_si256(used, bits), bits));
        seam->count += __builtin_popcount(first | next << 16) / 2;
    }
    for (int plane = 0; plane < fill->planes; plane++) {
        struct rows rows = plane_rows(fill, seam, plane, 0, 0);
        for (int row = 0; row < RL_TEXTURE_ROWS; row += PAIR)
            store16(seam->values[plane][row], next_samples(&rows, row, fill));
    }
}

// Two sums, of eight numbers each.
static inline void add_up(int sums[2], __m256i a, __m256i b)
{
    const __m256i pairs = _mm256_hadd_epi32(a, b);
    __m128i both = _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1));
    both = _mm_hadd_epi32(both, both);
    _mm_storel_epi64((__m128i *)(void *)sums, both);
}

// Sixteen numbers become eight.
static inline __m256i add_pairs(__m256i numbers)
{
    return _mm256_madd_epi16(numbers, all(1));
}

static inline int64_t compare_planes(const struct rl_fill *fill, const struct rl_texture_seam *seam,
                                     int dx, int dy, int64_t most, int planes)
{
    struct rows near = near_rows(fill, seam, dx, dy), rows[RL_FILL_PLANES];
    __m256i differs = all(0), count = all(0);
    int sums[2];
    for (int plane = 0; plane < planes; plane++)
        rows[plane] = plane_rows(fill, seam, plane, dx, dy);
    for (int row = 0; row < RL_TEXTURE_ROWS; row += PAIR) {
        const __m256i here = _mm256_and_si256(load16(seam->used[row]),
                                              next_shown(&near, row, seam));
        for (int plane = 0; plane < planes; plane++) {
            const __m256i v = load16(seam->values[plane][row]);
            __m256i d = _mm256_sub_epi16(v, next_samples(&rows[plane], row, fill));
            d = _mm256_and_si256(d, here);
            differs = _mm256_add_epi32(differs, _mm256_madd_epi16(d, d));
        }
        count = _mm256_sub_epi16(count, here);
    }
    add_up(sums, differs, add_pairs(count));
    return rl_texture_cost(seam, sums[0], sums[1], most);
}

static int64_t compare(const struct rl_fill *fill, const struct rl_texture_seam *seam, int dx,
                       int dy, int64_t most)
{
    if (!is_inside(fill, seam, dx, dy))
        return rl_texture_compare(fill, seam, dx, dy, most);
    switch (fill->planes) {  // a loop over a known number of planes is none
    case 1:
        return compare_planes(fill, seam, dx, dy, most, 1);
    case 2:
        return compare_planes(fill, seam, dx, dy, most, 2);
    default:
        return compare_planes(fill, seam, dx, dy, most, 3);
    }
}

static void measure(const struct rl_fill *fill, const struct rl_texture_seam *seam, int dx, int dy,
                    struct rl_texture_sums *sums)
{
    if (!is_inside(fill, seam, dx, dy)) {
        rl_texture_measure(fill, seam, dx, dy, sums);
        return;
    }
    struct rows near = near_rows(fill, seam, dx, dy);
    __m256i here[RL_TEXTURE_ROWS / PAIR + 1], count = all(0), varies = all(0), differs = all(0);
    int both[2];
    for (int row = 0; row < RL_TEXTURE_ROWS; row += PAIR) {
        here[row / PAIR] = _mm256_and_si256(load16(seam->used[row]), next_shown(&near, row, seam));
        count = _mm256_sub_epi16(count, here[row / PAIR]);
    }
    for (int plane = 0; plane < fill->planes; plane++) {
        struct rows rows = plane_rows(fill, seam, plane, dx, dy);
        __m256i value = all(0), difference = all(0);
        for (int row = 0; row < RL_TEXTURE_ROWS; row += PAIR) {
            __m256i v = load16(seam->values[plane][row]);
            __m256i d = _mm256_sub_epi16(v, next_samples(&rows, row, fill));
            v = _mm256_and_si256(v, here[row / PAIR]);
            d = _mm256_and_si256(d, here[row / PAIR]);
            value = _mm256_add_epi16(value, v);
            difference = _mm256_add_epi16(difference, d);
            varies = _mm256_add_epi32(varies, _mm256_madd_epi16(v, v));
            differs = _mm256_add_epi32(differs, _mm256_madd_epi16(d, d));
        }
        add_up(both, add_pairs(value), add_pairs(difference));
        sums->value[plane] = both[0];
        sums->difference[plane] = both[1];
    }
    add_up(both, varies, differs);
    sums->varies = both[0];
    sums->differs = both[1];
    add_up(both, add_pairs(count), all(0));
    sums->count = both[0];
}

// All bits in the first `count` lanes.
static inline __m256i first_lanes(int count)
{
    const __m256i lanes = _mm256_setr_epi16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    return _mm256_cmpgt_epi16(all(count), lanes);
}

static int count_surface(const int16_t *near, int count, struct rl_texture_surface surface)
{
    int sum = 0;
    for (int i = 0; i < count; i += LANES) {
        const __m256i here = _mm256_and_si256(shown(load16(near + i), surface),
                                              first_lanes(count - i));
        sum += __builtin_popcount((unsigned)_mm256_movemask_epi8(here)) / 2;
    }
    return sum;
}

// Sixteen samples.
static inline __m256i load_samples(const struct rl_fill *fill, int plane, int x, int y)
{
    const uint8_t *row = fill->view[plane] + y * fill->view_stride[plane];
    if (fill->bits == 8)
        return _mm256_cvtepu8_epi16(load8(row + x));
    return _mm256_srl_epi16(load16(row + 2 * (ptrdiff_t)x),
                            _mm_cvtsi32_si128(rl_texture_cut(fill)));
}

// Stores them where `mask` is set.
static inline void store_samples(const struct rl_fill *fill, int plane, int x, int y, __m256i value,
                                 __m256i mask)
{
    uint8_t *row = fill->view[plane] + y * fill->view_stride[plane];
    if (fill->bits == 8) {
        __m128i *to = (__m128i *)(void *)(row + x);
        value = _mm256_permute4x64_epi64(_mm256_packus_epi16(value, value), 0x08);
        mask = _mm256_permute4x64_epi64(_mm256_packs_epi16(mask, mask), 0x08);
        _mm_storeu_si128(to, _mm_blendv_epi8(_mm_loadu_si128(to), _mm256_castsi256_si128(value),
                                             _mm256_castsi256_si128(mask)));
        return;
    }
    const int cut = rl_texture_cut(fill);
    __m256i *to = (__m256i *)(void *)(row + 2 * (ptrdiff_t)x);
    value = _mm256_or_si256(_mm256_sll_epi16(value, _mm_cvtsi32_si128(cut)),
                            _mm256_srl_epi16(value, _mm_cvtsi32_si128(RL_TEXTURE_BITS - cut)));
    _mm256_storeu_si256(to, _mm256_blendv_epi8(_mm256_loadu_si256(to), value, mask));
}

enum { HERE, BEFORE, BEHIND, ABOVE, BELOW, AROUND };

static inline __m256i limit(__m256i value, __m256i low, __m256i high)
{
    return _mm256_min_epi16(_mm256_max_epi16(value, low), high);
}

// Of sixteen samples there, and which cells around are shown.
static inline __m256i grain(const struct rl_fill *fill, int plane, int u, int v, __m256i sample,
                            const __m256i shows[AROUND])
{
    const __m256i most = all(RL_TEXTURE_GRAIN << (fill->bits - rl_texture_cut(fill) - 8));
    const __m256i around[AROUND] = {
        sample, load_samples(fill, plane, u - 1, v), load_samples(fill, plane, u + 1, v),
        load_samples(fill, plane, u, v - 1), load_samples(fill, plane, u, v + 1)};
    __m256i sum = all(2);
    for (int k = BEFORE; k < AROUND; k++)
        sum = _mm256_add_epi16(sum, _mm256_blendv_epi8(sample, around[k], shows[k]));
    return limit(_mm256_sub_epi16(sample, _mm256_srli_epi16(sum, 2)),
                 _mm256_sub_epi16(all(0), most), most);
}

// The pixels x .. x + 15 of the patch, of which those of `mask` are wanted.
static void copy16(const struct rl_fill *fill, const struct rl_texture_patch *patch, int x,
                   __m256i mask)
{
    const struct rl_fill_level *level = &fill->levels[0];
    const int u = x + patch->dx, v = patch->y + patch->dy;
    const int16_t *near = level->near + v * level->stride + u;
    const int16_t *const cells[AROUND] = {near, near - 1, near + 1, near - level->stride,
                                          near + level->stride};
    const __m256i weights = _mm256_set1_epi32((256 - patch->weight) << 16 | patch->weight);
    const __m256i half = _mm256_set1_epi32(128);
    const __m256i max = all((1 << (fill->bits - rl_texture_cut(fill))) - 1);
    __m256i shows[AROUND];
    for (int k = 0; k < AROUND; k++)
        shows[k] = shown(load16(cells[k]), patch->surface);
    mask = _mm256_and_si256(mask, shows[HERE]);
    for (int plane = 0; plane < fill->planes; plane++) {
        const __m256i old = load_samples(fill, plane, x, patch->y);
        const __m256i sample = load_samples(fill, plane, u, v);
        const __m256i g = grain(fill, plane, u, v, sample, shows);
        const __m256i other = _mm256_add_epi16(sample, all(patch->brighter[plane]));
        const __m256i change = _mm256_sub_epi16(other, old);
        __m256i low = _mm256_madd_epi16(_mm256_unpacklo_epi16(change, g), weights);
        __m256i high = _mm256_madd_epi16(_mm256_unpackhi_epi16(change, g), weights);
        low = _mm256_srai_epi32(_mm256_add_epi32(low, half), 8);
        high = _mm256_srai_epi32(_mm256_add_epi32(high, half), 8);
        const __m256i now = _mm256_add_epi16(old, _mm256_packs_epi32(low, high));
        store_samples(fill, plane, x, patch->y, limit(now, all(0), max), mask);
    }
}

static void copy(const struct rl_fill *fill, const struct rl_texture_patch *patch)
{
    const struct rl_fill_level *level = &fill->levels[0];
    const int v = patch->y + patch->dy, end = patch->x + patch->count;
    for (int x = patch->x; x < end; x += LANES) {
        const int u = x + patch->dx;
        if (v > 0 && v + 1 < level->height && u > 0 && u + LANES < level->width &&
            x + LANES <= level->width) {
            copy16(fill, patch, x, first_lanes(end - x));
            continue;
        }
        struct rl_texture_patch rest = *patch;
        rest.x = x;
        rest.count = end - x < LANES ? end - x : LANES;
        rl_texture_copy(fill, &rest);
    }
}

void rl_texture_init_avx2(struct rl_texture_fns *fns)
{
    *fns = (struct rl_texture_fns){look, compare, fns->fit, measure, count_surface, copy};
}
