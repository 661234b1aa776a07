// SPDX-License-Identifier: MIT
//
// For AVX2 and for AVX-512, see base/lanes.h. A level is joined from as many 16-bit cells at once
// as a vector holds; holes are filled by blocks of sixteen, as rule 1 of pyramid.h has it.
#include "base/lanes.h"
#include "stereo/fill/pyramid.h"

void RL_LANES_NAME(rl_pyramid_init)(struct rl_pyramid_fns *fns);

enum { BLOCK = RL_FILL_BLOCK, BITS = 12 };

// Where the values of a plane are: level 0 is the view.
enum kind { LEVEL, VIEW, DEEP_VIEW };

static inline __m256i load16(const void *from)
{
    return _mm256_loadu_si256((const __m256i *)from);
}

static inline __m256i all(int value)
{
    return _mm256_set1_epi16((short)value);
}

// The parents of a block's cells: those above them, and those beside these, by the cells' parity.
struct parents {
    __m256i above, beside;
};

#ifdef __AVX512BW__

typedef __mmask16 chosen;  // of sixteen cells

static inline chosen is_odd(__m256i near)
{
    return _mm256_test_epi16_mask(near, all(1));
}

static inline chosen is_between(__m256i value, __m256i low, __m256i high)
{
    return _mm256_mask_cmple_epi16_mask(_mm256_cmple_epi16_mask(low, value), value, high);
}

static inline chosen is_positive(__m256i value)
{
    return _mm256_cmpgt_epi16_mask(value, all(0));
}

static inline chosen both(chosen a, chosen b)
{
    return a & b;
}

static inline __m256i pick(__m256i no, __m256i yes, chosen where)
{
    return _mm256_mask_blend_epi16(where, no, yes);
}

static inline __m256i keep(__m256i value, chosen where)
{
    return _mm256_maskz_mov_epi16(where, value);
}

static inline void store_chosen(void *to, __m256i value, chosen where)
{
    _mm256_mask_storeu_epi16(to, where, value);
}

static inline void store_bytes(uint8_t *to, __m256i value, chosen where)
{
    _mm_mask_storeu_epi8(to, where, _mm256_cvtepi16_epi8(value));
}

// Rule 2's r for each count - 1.
static inline __m256i parts_of(__m256i index)
{
    return _mm256_permutexvar_epi16(index, load16(rl_pyramid_parts));
}

static inline rl_lanes parts_of_halves(rl_lanes index)
{
    return _mm512_permutexvar_epi16(index, _mm512_broadcast_i64x4(load16(rl_pyramid_parts)));
}

static inline struct parents parents(const void *from)
{
    const __m256i above = _mm256_setr_epi16(1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8);
    const __m256i beside = _mm256_setr_epi16(0, 2, 1, 3, 2, 4, 3, 5, 4, 6, 5, 7, 6, 8, 7, 9);
    const __m256i cells = load16((const uint16_t *)from - 1);
    return (struct parents){_mm256_permutexvar_epi16(above, cells),
                            _mm256_permutexvar_epi16(beside, cells)};
}

#else

typedef __m256i chosen;

static inline chosen is_odd(__m256i near)
{
    return _mm256_cmpeq_epi16(_mm256_and_si256(near, all(1)), all(1));
}

static inline chosen is_between(__m256i value, __m256i low, __m256i high)
{
    const __m256i outside = _mm256_or_si256(_mm256_cmpgt_epi16(low, value),
                                            _mm256_cmpgt_epi16(value, high));
    return _mm256_xor_si256(outside, all(-1));
}

static inline chosen is_positive(__m256i value)
{
    return _mm256_cmpgt_epi16(value, all(0));
}

static inline chosen both(chosen a, chosen b)
{
    return _mm256_and_si256(a, b);
}

static inline __m256i pick(__m256i no, __m256i yes, chosen where)
{
    return _mm256_blendv_epi8(no, yes, where);
}

static inline __m256i keep(__m256i value, chosen where)
{
    return _mm256_and_si256(value, where);
}

static inline void store_chosen(void *to, __m256i value, chosen where)
{
    _mm256_storeu_si256((__m256i *)to, pick(load16(to), value, where));
}

static inline void store_bytes(uint8_t *to, __m256i value, chosen where)
{
    __m128i *at = (__m128i *)(void *)to;
    const __m256i bytes = _mm256_permute4x64_epi64(_mm256_packus_epi16(value, all(0)), 0x08);
    const __m256i mask = _mm256_permute4x64_epi64(_mm256_packs_epi16(where, all(0)), 0x08);
    _mm_storeu_si128(at, _mm_blendv_epi8(_mm_loadu_si128(at), _mm256_castsi256_si128(bytes),
                                         _mm256_castsi256_si128(mask)));
}

#define LOW_BYTE(n) (RL_PYRAMID_PART(n) & 255)
#define HIGH_BYTE(n) (RL_PYRAMID_PART(n) >> 8)
static const uint8_t low_bytes[16] = {RL_PYRAMID_EACH(LOW_BYTE)};
static const uint8_t high_bytes[16] = {RL_PYRAMID_EACH(HIGH_BYTE)};

// Bytes of a table, one for each of sixteen cells.
static inline __m256i bytes_of(const uint8_t table[16], __m256i index)
{
    const __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)table);
    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(bytes), index);
}

static inline __m256i parts_of(__m256i index)
{
    index = _mm256_and_si256(index, all(15));
    const __m256i low = _mm256_and_si256(bytes_of(low_bytes, index), all(0xff));
    return _mm256_or_si256(low, _mm256_slli_epi16(bytes_of(high_bytes, index), 8));
}

static inline rl_lanes parts_of_halves(rl_lanes index)
{
    return parts_of(index);
}

static inline struct parents parents(const void *from)
{
    const uint16_t *at = from;
    __m128i above = _mm_loadu_si128((const __m128i *)(const void *)at);
    __m128i before = _mm_loadu_si128((const __m128i *)(const void *)(at - 1));
    __m128i behind = _mm_loadu_si128((const __m128i *)(const void *)(at + 1));
    return (struct parents){
        _mm256_setr_m128i(_mm_unpacklo_epi16(above, above), _mm_unpackhi_epi16(above, above)),
        _mm256_setr_m128i(_mm_unpacklo_epi16(before, behind), _mm_unpackhi_epi16(before, behind))};
}

#endif

// Rule 2 of pyramid.h; anything where count is 0.
static inline __m256i mean(__m256i sum, __m256i count)
{
    const __m256i half = _mm256_srli_epi16(_mm256_add_epi16(count, all(1)), 1);
    return _mm256_mulhi_epu16(_mm256_adds_epu16(sum, half),
                              parts_of(_mm256_sub_epi16(count, all(1))));
}

static inline const uint8_t *view_at(const struct rl_fill *fill, int plane, int x, int y)
{
    return fill->view[plane] + y * fill->view_stride[plane] +
           (fill->bits > 8 ? 2 * (ptrdiff_t)x : x);
}

// Sums are shifted to 12 bits, where samples have less; where they have more, these are.
static inline int sum_shift(const struct rl_fill *fill, enum kind kind)
{
    return kind == LEVEL || fill->bits > BITS ? 0 : BITS - fill->bits;
}

static inline int sample_shift(const struct rl_fill *fill)
{
    return fill->bits > BITS ? fill->bits - BITS : 0;
}

// The same for as many cells as there are halves of lanes.
static inline rl_lanes mean_of_halves(rl_lanes sum, rl_lanes count)
{
    const rl_lanes one = RL_V(set1_epi16)(1);
    const rl_lanes half = RL_V(srli_epi16)(RL_V(add_epi16)(count, one), 1);
    return RL_V(mulhi_epu16)(RL_V(adds_epu16)(sum, half),
                             parts_of_halves(RL_V(sub_epi16)(count, one)));
}

static inline rl_lanes load_halves(const struct rl_fill *fill, int l, int plane, int x, int y,
                                   enum kind kind)
{
    const struct rl_fill_level *level = &fill->levels[l];
    if (kind == LEVEL)
        return rl_lanes_load(level->work[plane] + y * level->stride + x);
    if (kind == VIEW)
        return rl_halves_load_u8(view_at(fill, plane, x, y));
    return RL_V(srl_epi16)(rl_lanes_load(view_at(fill, plane, x, y)),
                           _mm_cvtsi32_si128(sample_shift(fill)));
}

// The smallest of two by two cells, in both halves of a lane, and their sum.
static inline rl_lanes smallest(rl_lanes a, rl_lanes b)
{
    const rl_lanes least = RL_V(min_epi16)(a, b);
    return RL_V(min_epi16)(least, rl_lanes_swap(least));
}

static inline rl_lanes sum_of(rl_lanes a, rl_lanes b)
{
    const rl_lanes sum = RL_V(adds_epu16)(a, b);
    return RL_V(adds_epu16)(sum, rl_lanes_swap(sum));
}

// Rule 3: as many cells as there are lanes. Each is joined from what two rows have in its lane.
struct joined {
    rl_halves used[2];
    rl_halves is_hole;
    rl_lanes count, left;
};

static inline void join_near(struct joined *joined, struct rl_fill *fill, int l, int x, int y)
{
    const struct rl_fill_level *below = &fill->levels[l - 1], *level = &fill->levels[l];
    const rl_lanes none = RL_V(set1_epi16)(INT16_MAX), empty = RL_V(set1_epi16)(RL_FILL_HOLE);
    const rl_lanes one = RL_V(set1_epi16)(1);
    const ptrdiff_t from = 2 * y * below->stride + 2 * x, to = y * level->stride + x;
    const int16_t *deep = (l > 1 ? below->deep : below->near) + from;
    rl_lanes near[2], known[2], holes[2], apart[2], count[2];
    for (int k = 0; k < 2; k++) {
        const rl_lanes hole = rl_lanes_load(deep + k * below->stride);
        near[k] = rl_lanes_load(below->near + from + k * below->stride);
        joined->used[k] = rl_halves_without(rl_halves_greater(near[k], empty),
                                            rl_halves_odd(near[k]));
        known[k] = rl_halves_pick(none, near[k], joined->used[k]);
        holes[k] = rl_halves_pick(none, hole, rl_halves_odd(hole));
    }
    const rl_lanes hole = smallest(holes[0], holes[1]), least = smallest(known[0], known[1]);
    const rl_halves no_hole = rl_halves_equal(hole, none);
    const rl_lanes most = RL_V(adds_epi16)(rl_halves_pick(hole, least, no_hole),
                                           RL_V(set1_epi16)((short)fill->tolerance));
    for (int k = 0; k < 2; k++) {
        joined->used[k] = rl_halves_without(joined->used[k], rl_halves_greater(near[k], most));
        count[k] = rl_halves_keep(one, joined->used[k]);
        apart[k] = rl_halves_keep(RL_V(sub_epi16)(near[k], least), joined->used[k]);
    }
    joined->count = sum_of(count[0], count[1]);
    joined->is_hole = rl_halves_equal(joined->count, rl_lanes_all(0));
    joined->left = rl_halves_keep(hole, rl_halves_without(joined->is_hole, no_hole));
    rl_lanes all_near = mean_of_halves(sum_of(apart[0], apart[1]), joined->count);
    all_near = RL_V_BITS(andnot)(one, RL_V(add_epi16)(least, all_near));
    rl_lanes_store_16(level->near + to, rl_halves_pick(all_near, empty, joined->is_hole));
    rl_lanes_store_16(level->deep + to, joined->left);
}

// Returns whether there are holes.
RL_LANES_INLINE int join_some(struct rl_fill *fill, int l, int x, int y, enum kind kind)
{
    const struct rl_fill_level *level = &fill->levels[l];
    const __m128i shift = _mm_cvtsi32_si128(sum_shift(fill, kind));
    struct joined joined;
    join_near(&joined, fill, l, x, y);
    for (int p = 0; p < fill->planes; p++) {
        const rl_lanes a = load_halves(fill, l - 1, p, 2 * x, 2 * y, kind);
        const rl_lanes b = load_halves(fill, l - 1, p, 2 * x, 2 * y + 1, kind);
        rl_lanes sum = sum_of(rl_halves_keep(a, joined.used[0]), rl_halves_keep(b, joined.used[1]));
        if (kind != LEVEL)
            sum = RL_V(sll_epi16)(sum, shift);
        const rl_lanes value = mean_of_halves(sum, joined.count);
        rl_lanes_store_16(level->work[p] + y * level->stride + x,
                          rl_halves_pick(value, rl_lanes_all(0), joined.is_hole));
    }
    return rl_lanes_any(joined.left);
}

RL_LANES_INLINE int join_block(struct rl_fill *fill, int l, int b, int y, enum kind kind)
{
    int any = 0;
    for (int k = 0; k < BLOCK; k += RL_LANES)
        any |= join_some(fill, l, b * BLOCK + k, y, kind);
    return any;
}

static inline void join_blocks(struct rl_fill *fill, int l, int y, enum kind kind)
{
    const struct rl_fill_level *below = &fill->levels[l - 1];
    const int blocks = fill->levels[l].blocks, words = fill->levels[l].words;
    const uint64_t *needs = fill->levels[l].needs + y * words;
    uint64_t *marks = fill->levels[l].marks + y * words;
    for (int b = rl_fill_next(needs, 0, words); b < blocks; b = rl_fill_next(needs, b + 1, words)) {
        if (kind != LEVEL) {
            rl_fill_fetch(fill, 2 * b * BLOCK, 2 * y + 4);
            rl_fill_fetch(fill, 2 * b * BLOCK, 2 * y + 5);
        }
        const int fits = kind == LEVEL ||
                         (2 * (b + 1) * BLOCK <= below->width && 2 * y + 1 < below->height);
        if (fits ? join_block(fill, l, b, y, kind) : rl_pyramid_join_block(fill, l, b, y))
            rl_fill_mark(marks, b);
    }
}

// The view is level 0, which compilers are told by the number itself where kernels are called.
static enum kind kind_of(const struct rl_fill *fill, int l)
{
    return l > 0 ? LEVEL : fill->bits == 8 ? VIEW : DEEP_VIEW;
}

static void join_row(struct rl_fill *fill, int l, int y)
{
    switch (kind_of(fill, l - 1)) {
    case LEVEL:
        join_blocks(fill, l, y, LEVEL);
        break;
    case VIEW:
        join_blocks(fill, 1, y, VIEW);
        break;
    default:
        join_blocks(fill, 1, y, DEEP_VIEW);
    }
}

// Which cells can be used by a hole as far as `near`.
static inline chosen can_use(__m256i there, __m256i near, __m256i tolerance)
{
    const __m256i seen = all(RL_FILL_HOLE + 1), filled = _mm256_sub_epi16(near, tolerance);
    return is_between(there, pick(seen, filled, is_odd(there)), _mm256_add_epi16(near, tolerance));
}

// Sixteen values from (x, y) on, as long as those of the view are not shifted, see sum_shift().
static inline __m256i load_values(const struct rl_fill *fill, int l, int plane, int x, int y,
                                  enum kind kind)
{
    const struct rl_fill_level *level = &fill->levels[l];
    if (kind == LEVEL)
        return load16(level->work[plane] + y * level->stride + x);
    const uint8_t *from = view_at(fill, plane, x, y);
    if (kind == VIEW)
        return _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(const void *)from));
    return _mm256_srl_epi16(load16(from), _mm_cvtsi32_si128(sample_shift(fill)));
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

static inline void store_values(const struct rl_fill *fill, int l, int plane, int x, int y,
                                __m256i value, chosen where, enum kind kind)
{
    const struct rl_fill_level *level = &fill->levels[l];
    if (kind == LEVEL)
        store_chosen(level->work[plane] + y * level->stride + x, value, where);
    else if (kind == VIEW)
        store_bytes(fill->view[plane] + y * fill->view_stride[plane] + x, to_samples(value, 8),
                    where);
    else
        store_chosen(fill->view[plane] + y * fill->view_stride[plane] + 2 * (ptrdiff_t)x,
                     to_samples(value, fill->bits), where);
}

// True when the values around block b of row y can be read. Beside the row's ends lie other rows.
static inline int is_inner(const struct rl_fill *fill, int l, int b, int y)
{
    const struct rl_fill_level *level = &fill->levels[l];
    return l || (b * BLOCK + BLOCK <= level->width && y > 0 && y + 1 < level->height);
}

static inline void parents4(__m256i four[4], const void *row, const void *beyond)
{
    const struct parents a = parents(row), b = parents(beyond);
    four[0] = a.above;
    four[1] = a.beside;
    four[2] = b.above;
    four[3] = b.beside;
}

static const int16_t *deep_at(const struct rl_fill *fill, int l, ptrdiff_t at)
{
    return (l ? fill->levels[l].deep : fill->levels[l].near) + at;
}

RL_LANES_INLINE void guess_block(struct rl_fill *fill, int l, int b, int y, enum kind kind)
{
    const __m256i weights[4] = {all(9), all(3), all(3), all(1)};
    const struct rl_fill_level *above = &fill->levels[l + 1];
    struct rl_fill_level *level = &fill->levels[l];
    const __m256i tolerance = all(fill->tolerance);
    ptrdiff_t to = y * level->stride + b * BLOCK, from = (y >> 1) * above->stride + b * (BLOCK / 2);
    ptrdiff_t beyond = y & 1 ? above->stride : -above->stride;
    const __m256i near = load16(deep_at(fill, l, to));
    const chosen holes = is_odd(near);
    __m256i there[4], count = all(0);
    parents4(there, above->near + from, above->near + from + beyond);
    for (int k = 0; k < 4; k++) {
        there[k] = keep(weights[k], can_use(there[k], near, tolerance));
        count = _mm256_add_epi16(count, there[k]);
    }
    const chosen found = is_positive(count);
    store_chosen(level->near + to, pick(all(RL_FILL_HOLE), near, found), holes);
    for (int p = 0; p < fill->planes; p++) {
        __m256i value[4], sum = all(0);
        parents4(value, above->work[p] + from, above->work[p] + from + beyond);
        for (int k = 0; k < 4; k++)
            sum = _mm256_add_epi16(sum, _mm256_mullo_epi16(value[k], there[k]));
        store_values(fill, l, p, b * BLOCK, y, mean(sum, count), both(found, holes), kind);
    }
}

static inline void guess_blocks(struct rl_fill *fill, int l, int y, enum kind kind)
{
    const int blocks = fill->levels[l].blocks, words = fill->levels[l].words;
    const uint64_t *marks = fill->levels[l].marks + y * words;
    for (int b = rl_fill_next(marks, 0, words); b < blocks; b = rl_fill_next(marks, b + 1, words)) {
        if (kind != LEVEL)
            rl_fill_fetch(fill, b * BLOCK, y + 3);
        if (is_inner(fill, l, b, y))
            guess_block(fill, l, b, y, kind);
        else
            rl_pyramid_guess_block(fill, l, b, y);
    }
}

static void guess_row(struct rl_fill *fill, int l, int y)
{
    switch (kind_of(fill, l)) {
    case LEVEL:
        guess_blocks(fill, l, y, LEVEL);
        break;
    case VIEW:
        guess_blocks(fill, 0, y, VIEW);
        break;
    default:
        guess_blocks(fill, 0, y, DEEP_VIEW);
    }
}

RL_LANES_INLINE void relax_block(struct rl_fill *fill, int l, int b, int y, enum kind kind)
{
    static const int beside[4][2] = {{-1, 0}, {1, 0}, {0, -1}, {0, 1}};
    struct rl_fill_level *level = &fill->levels[l];
    const __m256i tolerance = all(fill->tolerance);
    const __m128i shift = _mm_cvtsi32_si128(sum_shift(fill, kind));
    ptrdiff_t at = y * level->stride + b * BLOCK;
    const __m256i near = load16(deep_at(fill, l, at));
    __m256i count = all(0);
    chosen used[4];
    for (int k = 0; k < 4; k++) {
        const int16_t *there = level->near + at + beside[k][0] + beside[k][1] * level->stride;
        used[k] = can_use(load16(there), near, tolerance);
        count = _mm256_add_epi16(count, keep(all(1), used[k]));
    }
    const chosen becomes = both(is_positive(count), is_odd(near));
    for (int p = 0; p < fill->planes; p++) {
        __m256i sum = all(0);
        for (int k = 0; k < 4; k++)
            sum = _mm256_add_epi16(
                sum, keep(load_values(fill, l, p, b * BLOCK + beside[k][0], y + beside[k][1], kind),
                          used[k]));
        if (kind != LEVEL)
            sum = _mm256_sll_epi16(sum, shift);
        store_values(fill, l, p, b * BLOCK, y, mean(sum, count), becomes, kind);
    }
    store_chosen(level->near + at, near, becomes);
}

static inline void relax_any(struct rl_fill *fill, int l, int b, int y, enum kind kind)
{
    if (is_inner(fill, l, b, y))
        relax_block(fill, l, b, y, kind);
    else
        rl_pyramid_relax_block(fill, l, b, y);
}

static inline void relax_blocks(struct rl_fill *fill, int l, int y, int backwards, enum kind kind)
{
    const int blocks = fill->levels[l].blocks, words = fill->levels[l].words;
    const uint64_t *marks = fill->levels[l].marks + y * words;
    if (backwards)
        for (int b = rl_fill_last(marks, blocks - 1); b >= 0; b = rl_fill_last(marks, b - 1))
            relax_any(fill, l, b, y, kind);
    else
        for (int b = rl_fill_next(marks, 0, words); b < blocks;
             b = rl_fill_next(marks, b + 1, words))
            relax_any(fill, l, b, y, kind);
}

static void relax_row(struct rl_fill *fill, int l, int y, int backwards)
{
    switch (kind_of(fill, l)) {
    case LEVEL:
        relax_blocks(fill, l, y, backwards, LEVEL);
        break;
    case VIEW:
        relax_blocks(fill, 0, y, backwards, VIEW);
        break;
    default:
        relax_blocks(fill, 0, y, backwards, DEEP_VIEW);
    }
}

void RL_LANES_NAME(rl_pyramid_init)(struct rl_pyramid_fns *fns)
{
    *fns = (struct rl_pyramid_fns){join_row, guess_row, relax_row};
}
