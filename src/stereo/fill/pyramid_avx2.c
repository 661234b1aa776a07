// SPDX-License-Identifier: MIT
#include "stereo/fill/pyramid.h"

#include <immintrin.h>

void rl_pyramid_init_avx2(struct rl_pyramid_fns *fns);

static inline __m256i load16(const void *from)
{
    return _mm256_loadu_si256((const __m256i *)from);
}

static inline void store16(void *to, __m256i value)
{
    _mm256_storeu_si256((__m256i *)to, value);
}

static inline __m256i all(int value)
{
    return _mm256_set1_epi16((short)value);
}

static inline __m256i pick(__m256i no, __m256i yes, __m256i mask)
{
    return _mm256_blendv_epi8(no, yes, mask);
}

static inline __m256i is_odd(__m256i near)
{
    return _mm256_cmpeq_epi16(_mm256_and_si256(near, all(1)), all(1));
}

static inline __m256i not(__m256i mask)
{
    return _mm256_xor_si256(mask, all(-1));
}

// Rule 2 of pyramid.h; anything where count is 0.
static inline __m256i mean(__m256i sum, __m256i count)
{
    // The low and the high bytes of rl_pyramid_parts[0..15].
    const __m256i parts = load16(rl_pyramid_parts), low_bytes = all(0xff);
    __m256i low = _mm256_packus_epi16(_mm256_and_si256(parts, low_bytes), all(0));
    __m256i high = _mm256_packus_epi16(_mm256_srli_epi16(parts, 8), all(0));
    low = _mm256_permute4x64_epi64(low, 0x88);
    high = _mm256_permute4x64_epi64(high, 0x88);
    __m256i index = _mm256_and_si256(_mm256_sub_epi16(count, all(1)), all(15));
    __m256i part = _mm256_and_si256(_mm256_shuffle_epi8(low, index), low_bytes);
    part = _mm256_or_si256(part, _mm256_slli_epi16(_mm256_shuffle_epi8(high, index), 8));
    __m256i half = _mm256_srli_epi16(_mm256_add_epi16(count, all(1)), 1);
    return _mm256_mulhi_epu16(_mm256_adds_epu16(sum, half), part);
}

enum { BLOCK = RL_FILL_BLOCK, BITS = 12 };

// Sixteen values of level l from (x, y) on; of level 0, samples of the view.
static inline __m256i load_values(const struct rl_fill *fill, int l, int plane, int x, int y)
{
    const struct rl_fill_level *level = &fill->levels[l];
    if (l)
        return load16(level->work[plane] + y * level->stride + x);
    const uint8_t *row = fill->view[plane] + y * fill->view_stride[plane];
    if (fill->bits == 8)
        return _mm256_slli_epi16(
            _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(const void *)(row + x))),
            BITS - 8);
    __m256i value = load16(row + 2 * (ptrdiff_t)x);
    int up = BITS - fill->bits;
    return up < 0 ? _mm256_srl_epi16(value, _mm_cvtsi32_si128(-up))
                  : _mm256_sll_epi16(value, _mm_cvtsi32_si128(up));
}

static inline __m256i to_samples(__m256i value, int bits)
{
    int down = BITS - bits;
    if (down < 0)
        return _mm256_or_si256(_mm256_sll_epi16(value, _mm_cvtsi32_si128(-down)),
                               _mm256_srl_epi16(value, _mm_cvtsi32_si128(BITS + down)));
    value = _mm256_add_epi16(value, all(1 << down >> 1));
    return _mm256_min_epi16(_mm256_srl_epi16(value, _mm_cvtsi32_si128(down)), all((1 << bits) - 1));
}

// Stores where `mask` is set.
static inline void store_values(const struct rl_fill *fill, int l, int plane, int x, int y,
                                __m256i value, __m256i mask)
{
    const struct rl_fill_level *level = &fill->levels[l];
    uint8_t *row = fill->view[plane] + y * fill->view_stride[plane];
    if (l) {
        uint16_t *to = level->work[plane] + y * level->stride + x;
        store16(to, pick(load16(to), value, mask));
    } else if (fill->bits == 8) {
        __m128i *to = (__m128i *)(void *)(row + x);
        __m256i packed = _mm256_packus_epi16(to_samples(value, 8), all(0));
        __m256i bytes = _mm256_packs_epi16(mask, all(0));
        packed = _mm256_permute4x64_epi64(packed, 0x08);
        bytes = _mm256_permute4x64_epi64(bytes, 0x08);
        _mm_storeu_si128(to, _mm_blendv_epi8(_mm_loadu_si128(to), _mm256_castsi256_si128(packed),
                                             _mm256_castsi256_si128(bytes)));
    } else {
        uint16_t *to = (uint16_t *)(void *)row + x;
        store16(to, pick(load16(to), to_samples(value, fill->bits), mask));
    }
}

// True when the values around block b of row y can be read. Beside the row's ends lie other rows.
static inline int is_inner(const struct rl_fill *fill, int l, int b, int y)
{
    const struct rl_fill_level *level = &fill->levels[l];
    return l || (b * BLOCK + BLOCK <= level->width && y > 0 && y + 1 < level->height);
}

// Every second of 32 cells, beginning with the first, and with the second.
struct halves {
    __m256i even, odd;
};

static inline struct halves split(__m256i a, __m256i b)
{
    __m256i even = _mm256_packs_epi32(_mm256_srai_epi32(_mm256_slli_epi32(a, 16), 16),
                                      _mm256_srai_epi32(_mm256_slli_epi32(b, 16), 16));
    __m256i odd = _mm256_packs_epi32(_mm256_srai_epi32(a, 16), _mm256_srai_epi32(b, 16));
    return (struct halves){_mm256_permute4x64_epi64(even, 0xd8),
                           _mm256_permute4x64_epi64(odd, 0xd8)};
}

// The four cells of a plane of near values below each of a block's.
static inline void split_near(__m256i four[4], const int16_t *row, ptrdiff_t stride)
{
    struct halves a = split(load16(row), load16(row + BLOCK));
    struct halves b = split(load16(row + stride), load16(row + stride + BLOCK));
    four[0] = a.even;
    four[1] = a.odd;
    four[2] = b.even;
    four[3] = b.odd;
}

// The same of values.
static inline void split_values(__m256i four[4], const struct rl_fill *fill, int l, int plane,
                                int x, int y)
{
    for (int k = 0; k < 2; k++) {
        struct halves a = split(load_values(fill, l, plane, x, y + k),
                                load_values(fill, l, plane, x + BLOCK, y + k));
        four[2 * k] = a.even;
        four[2 * k + 1] = a.odd;
    }
}

static inline int join_block(struct rl_fill *fill, int l, int b, int y)
{
    const struct rl_fill_level *below = &fill->levels[l - 1];
    struct rl_fill_level *level = &fill->levels[l];
    const __m256i none = all(INT16_MAX), empty = all(RL_FILL_HOLE);
    ptrdiff_t from = 2 * y * below->stride + 2 * b * BLOCK, to = y * level->stride + b * BLOCK;
    __m256i near[4], deep[4], used[4], hole = none, known = none;
    split_near(near, below->near + from, below->stride);
    split_near(deep, (l > 1 ? below->deep : below->near) + from, below->stride);
    for (int k = 0; k < 4; k++) {
        used[k] = not(_mm256_or_si256(is_odd(near[k]), _mm256_cmpeq_epi16(near[k], empty)));
        hole = _mm256_min_epi16(hole, pick(none, deep[k], is_odd(deep[k])));
        known = _mm256_min_epi16(known, pick(none, near[k], used[k]));
    }
    __m256i no_hole = _mm256_cmpeq_epi16(hole, none);
    __m256i most = _mm256_adds_epi16(pick(hole, known, no_hole), all(fill->tolerance));
    __m256i count = all(0), apart = all(0);
    for (int k = 0; k < 4; k++) {
        used[k] = _mm256_andnot_si256(_mm256_cmpgt_epi16(near[k], most), used[k]);
        count = _mm256_sub_epi16(count, used[k]);
        apart = _mm256_adds_epu16(apart,
                                  _mm256_and_si256(_mm256_sub_epi16(near[k], known), used[k]));
    }
    __m256i is_hole = _mm256_cmpeq_epi16(count, all(0));
    __m256i joined = _mm256_andnot_si256(all(1), _mm256_add_epi16(known, mean(apart, count)));
    __m256i left = _mm256_andnot_si256(no_hole, _mm256_and_si256(is_hole, hole));
    store16(level->near + to, pick(joined, empty, is_hole));
    store16(level->deep + to, left);
    for (int p = 0; p < fill->planes; p++) {
        __m256i value[4], sum = all(0);
        split_values(value, fill, l - 1, p, 2 * b * BLOCK, 2 * y);
        for (int k = 0; k < 4; k++)
            sum = _mm256_add_epi16(sum, _mm256_and_si256(value[k], used[k]));
        store16(level->work[p] + to, _mm256_andnot_si256(is_hole, mean(sum, count)));
    }
    return !_mm256_testz_si256(left, left);
}

static void join_row(struct rl_fill *fill, int l, int y)
{
    const struct rl_fill_level *below = &fill->levels[l - 1];
    const int blocks = fill->levels[l].blocks, words = fill->levels[l].words;
    const uint64_t *needs = fill->levels[l].needs + y * words;
    uint64_t *marks = fill->levels[l].marks + y * words;
    for (int b = rl_fill_next(needs, 0, words); b < blocks; b = rl_fill_next(needs, b + 1, words)) {
        int fits = l > 1 || (2 * (b + 1) * BLOCK <= below->width && 2 * y + 1 < below->height);
        if (fits ? join_block(fill, l, b, y) : rl_pyramid_join_block(fill, l, b, y))
            rl_fill_mark(marks, b);
    }
}

// All bits where a cell can be used by a hole as far as `near`.
static inline __m256i can_use(__m256i there, __m256i near, __m256i tolerance)
{
    __m256i nearer = _mm256_cmpgt_epi16(there, _mm256_adds_epi16(near, tolerance));
    __m256i farther = _mm256_cmpgt_epi16(_mm256_subs_epi16(near, tolerance), there);
    __m256i other = _mm256_and_si256(farther, is_odd(there));
    __m256i no = _mm256_or_si256(_mm256_or_si256(nearer, other),
                                 _mm256_cmpeq_epi16(there, all(RL_FILL_HOLE)));
    return not(no);
}

// The parents of a block's cells: those above them, and those beside these, by the cells' parity.
static inline struct halves parents(const void *from)
{
    const uint16_t *at = from;
    __m128i above = _mm_loadu_si128((const __m128i *)(const void *)at);
    __m128i before = _mm_loadu_si128((const __m128i *)(const void *)(at - 1));
    __m128i behind = _mm_loadu_si128((const __m128i *)(const void *)(at + 1));
    return (struct halves){
        _mm256_setr_m128i(_mm_unpacklo_epi16(above, above), _mm_unpackhi_epi16(above, above)),
        _mm256_setr_m128i(_mm_unpacklo_epi16(before, behind), _mm_unpackhi_epi16(before, behind))};
}

static inline void parents4(__m256i four[4], const void *row, const void *beyond)
{
    struct halves a = parents(row), b = parents(beyond);
    four[0] = a.even;
    four[1] = a.odd;
    four[2] = b.even;
    four[3] = b.odd;
}

static const int16_t *deep_at(const struct rl_fill *fill, int l, ptrdiff_t at)
{
    return (l ? fill->levels[l].deep : fill->levels[l].near) + at;
}

static inline void guess_block(struct rl_fill *fill, int l, int b, int y)
{
    const __m256i weights[4] = {all(9), all(3), all(3), all(1)};
    const struct rl_fill_level *above = &fill->levels[l + 1];
    struct rl_fill_level *level = &fill->levels[l];
    const __m256i tolerance = all(fill->tolerance);
    ptrdiff_t to = y * level->stride + b * BLOCK, from = (y >> 1) * above->stride + b * (BLOCK / 2);
    ptrdiff_t beyond = y & 1 ? above->stride : -above->stride;
    __m256i near = load16(deep_at(fill, l, to)), holes = is_odd(near), there[4], count = all(0);
    parents4(there, above->near + from, above->near + from + beyond);
    for (int k = 0; k < 4; k++) {
        there[k] = _mm256_and_si256(can_use(there[k], near, tolerance), weights[k]);
        count = _mm256_add_epi16(count, there[k]);
    }
    __m256i open = _mm256_cmpeq_epi16(count, all(0));
    __m256i now = pick(near, all(RL_FILL_HOLE), open);
    store16(level->near + to, pick(load16(level->near + to), now, holes));
    for (int p = 0; p < fill->planes; p++) {
        __m256i value[4], sum = all(0);
        parents4(value, above->work[p] + from, above->work[p] + from + beyond);
        for (int k = 0; k < 4; k++)
            sum = _mm256_add_epi16(sum, _mm256_mullo_epi16(value[k], there[k]));
        store_values(fill, l, p, b * BLOCK, y, mean(sum, count), _mm256_andnot_si256(open, holes));
    }
}

static void guess_row(struct rl_fill *fill, int l, int y)
{
    const int blocks = fill->levels[l].blocks, words = fill->levels[l].words;
    const uint64_t *marks = fill->levels[l].marks + y * words;
    for (int b = rl_fill_next(marks, 0, words); b < blocks; b = rl_fill_next(marks, b + 1, words)) {
        if (is_inner(fill, l, b, y))
            guess_block(fill, l, b, y);
        else
            rl_pyramid_guess_block(fill, l, b, y);
    }
}

static inline void relax_block(struct rl_fill *fill, int l, int b, int y)
{
    static const int beside[4][2] = {{-1, 0}, {1, 0}, {0, -1}, {0, 1}};
    struct rl_fill_level *level = &fill->levels[l];
    const __m256i tolerance = all(fill->tolerance);
    ptrdiff_t at = y * level->stride + b * BLOCK;
    __m256i near = load16(deep_at(fill, l, at)), used[4], count = all(0);
    for (int k = 0; k < 4; k++) {
        used[k] = can_use(load16(level->near + at + beside[k][0] + beside[k][1] * level->stride),
                          near, tolerance);
        count = _mm256_sub_epi16(count, used[k]);
    }
    __m256i becomes = _mm256_andnot_si256(_mm256_cmpeq_epi16(count, all(0)), is_odd(near));
    for (int p = 0; p < fill->planes; p++) {
        __m256i sum = all(0);
        for (int k = 0; k < 4; k++) {
            __m256i value = load_values(fill, l, p, b * BLOCK + beside[k][0], y + beside[k][1]);
            sum = _mm256_add_epi16(sum, _mm256_and_si256(value, used[k]));
        }
        store_values(fill, l, p, b * BLOCK, y, mean(sum, count), becomes);
    }
    store16(level->near + at, pick(load16(level->near + at), near, becomes));
}

static void relax(struct rl_fill *fill, int l, int b, int y)
{
    if (is_inner(fill, l, b, y))
        relax_block(fill, l, b, y);
    else
        rl_pyramid_relax_block(fill, l, b, y);
}

static void relax_row(struct rl_fill *fill, int l, int y, int backwards)
{
    const int blocks = fill->levels[l].blocks, words = fill->levels[l].words;
    const uint64_t *marks = fill->levels[l].marks + y * words;
    if (backwards)
        for (int b = rl_fill_last(marks, blocks - 1); b >= 0; b = rl_fill_last(marks, b - 1))
            relax(fill, l, b, y);
    else
        for (int b = rl_fill_next(marks, 0, words); b < blocks;
             b = rl_fill_next(marks, b + 1, words))
            relax(fill, l, b, y);
}

void rl_pyramid_init_avx2(struct rl_pyramid_fns *fns)
{
    *fns = (struct rl_pyramid_fns){join_row, guess_row, relax_row};
}
