// SPDX-License-Identifier: MIT
#include "stereo/upsample/upsample.h"

#include "stereo/upsample/upsample_place.h"

#include <immintrin.h>
#include <stdbool.h>
#include <string.h>

void rl_upsample_init_avx2(struct rl_upsample_fns *fns);

static void store8(uint16_t *to, __m256i depth)
{
    __m256i packed = _mm256_permute4x64_epi64(_mm256_packus_epi32(depth, depth), 0x08);
    _mm_storeu_si128((__m128i *)(void *)to, _mm256_castsi256_si128(packed));
}

// What eight pixels see. They reach over eight cells at most, from the one before the first one's
// own, as a cell is 1.5 pixels or wider: one load a field, and a permutation of it for each cell.
struct eight {
    const struct rl_upsample_line *line;
    int first;         // the cell of the first entry of a load
    __m256i at[3];     // entries of the cells before, at and after
    __m256 across[3];  // their weights
    __m256 step, middle;
};

static __m256 look(const struct eight *eight, const float *row, int i)
{
    return _mm256_permutevar8x32_ps(_mm256_loadu_ps(row + eight->first), eight->at[i]);
}

static void find_eight(struct eight *eight, const struct rl_upsample_line *line, int x)
{
    const __m256i one = _mm256_set1_epi32(1);
    eight->line = line;
    eight->first = line->at[x] - 1;
    eight->at[1] = _mm256_sub_epi32(
        _mm256_loadu_si256((const __m256i *)(const void *)(line->at + x)),
        _mm256_set1_epi32(eight->first));
    eight->at[0] = _mm256_sub_epi32(eight->at[1], one);
    eight->at[2] = _mm256_add_epi32(eight->at[1], one);
    eight->across[0] = _mm256_loadu_ps(line->across[0] + x);
    eight->across[2] = _mm256_loadu_ps(line->across[1] + x);
    eight->across[1] = _mm256_sub_ps(_mm256_sub_ps(_mm256_set1_ps(1), eight->across[0]),
                                     eight->across[2]);
    eight->step = look(eight, line->step, 1);
}

static __m256 size_of(__m256 a)
{
    return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a);
}

// rl_place_likeness()
static __m256 likeness(__m256 difference, __m256 place, __m256 step)
{
    const __m256 one = _mm256_set1_ps(1);
    __m256 like = _mm256_mul_ps(difference, _mm256_set1_ps(RL_UPSAMPLE_COLOUR));
    like = _mm256_max_ps(_mm256_sub_ps(one, like), _mm256_setzero_ps());
    like = _mm256_mul_ps(like, like);
    like = _mm256_add_ps(_mm256_mul_ps(like, like), _mm256_set1_ps(RL_UPSAMPLE_LEAST));
    like = _mm256_mul_ps(step, _mm256_sub_ps(like, one));
    return _mm256_mul_ps(place, _mm256_add_ps(one, like));
}

// rl_place_choose(); weights are 0 or more.
static __m256 choose(const struct eight *eight, __m256 sums[2][2])
{
    const __m256 zero = _mm256_setzero_ps(), half = _mm256_set1_ps(0.5f);
    __m256 mean[2];
    for (int k = 0; k < 2; k++)
        mean[k] = _mm256_blendv_ps(eight->middle, _mm256_div_ps(sums[k][1], sums[k][0]),
                                   _mm256_cmp_ps(sums[k][0], zero, _CMP_GT_OQ));
    __m256 share = _mm256_div_ps(sums[1][0], _mm256_add_ps(sums[0][0], sums[1][0]));
    __m256 push = _mm256_mul_ps(_mm256_set1_ps(RL_UPSAMPLE_CONTRAST), eight->step);
    push = _mm256_add_ps(_mm256_set1_ps(1), push);
    share = _mm256_mul_ps(_mm256_sub_ps(share, half), push);
    share = _mm256_max_ps(_mm256_add_ps(half, share), zero);
    share = _mm256_min_ps(share, _mm256_set1_ps(1));
    return _mm256_add_ps(mean[0], _mm256_mul_ps(share, _mm256_sub_ps(mean[1], mean[0])));
}

// rl_place_step()
static __m256 step_of(const struct eight *eight, const __m256 colour[3])
{
    const struct rl_upsample_line *line = eight->line;
    __m256 sums[2][2];
    for (int k = 0; k < 4; k++)
        sums[k / 2][k % 2] = _mm256_setzero_ps();
    for (int j = 0; j < 3; j++)
        for (int i = 0; i < 3; i++) {
            const __m256 d = look(eight, line->depth[j], i);
            __m256 difference = size_of(
                _mm256_sub_ps(colour[0], look(eight, line->colour[0][j], i)));
            for (int k = 1; k < 3; k++)
                difference = _mm256_add_ps(
                    difference,
                    size_of(_mm256_sub_ps(colour[k], look(eight, line->colour[k][j], i))));
            const __m256 place = _mm256_mul_ps(eight->across[i], _mm256_set1_ps(line->down[j]));
            const __m256 off = _mm256_sub_ps(d, eight->middle);
            const __m256 tells = _mm256_add_ps(_mm256_mul_ps(off, off),
                                               _mm256_set1_ps(RL_UPSAMPLE_EVEN));
            const __m256 w = _mm256_mul_ps(likeness(difference, place, eight->step), tells);
            const __m256 wd = _mm256_mul_ps(w, d);
            const __m256 is_near = _mm256_cmp_ps(d, eight->middle, _CMP_GT_OQ);
            sums[0][0] = _mm256_add_ps(sums[0][0], _mm256_andnot_ps(is_near, w));
            sums[0][1] = _mm256_add_ps(sums[0][1], _mm256_andnot_ps(is_near, wd));
            sums[1][0] = _mm256_add_ps(sums[1][0], _mm256_and_ps(is_near, w));
            sums[1][1] = _mm256_add_ps(sums[1][1], _mm256_and_ps(is_near, wd));
        }
    return choose(eight, sums);
}

static __m256 plain_of(const struct eight *eight)
{
    const float *plain = eight->line->plain;
    __m256 d = _mm256_mul_ps(eight->across[0], look(eight, plain, 0));
    d = _mm256_add_ps(d, _mm256_mul_ps(eight->across[1], look(eight, plain, 1)));
    return _mm256_add_ps(d, _mm256_mul_ps(eight->across[2], look(eight, plain, 2)));
}

static void put8(uint16_t *to, __m256 d)
{
    d = _mm256_min_ps(_mm256_max_ps(d, _mm256_setzero_ps()), _mm256_set1_ps(1));
    d = _mm256_add_ps(_mm256_mul_ps(d, _mm256_set1_ps(65535)), _mm256_set1_ps(0.5f));
    store8(to, _mm256_cvttps_epi32(d));
}

// Four numbers, each twice.
static __m256i twice(__m128i four)
{
    return _mm256_permutevar8x32_epi32(_mm256_castsi128_si256(four),
                                       _mm256_setr_epi32(0, 0, 1, 1, 2, 2, 3, 3));
}

// The samples of eight pixels, of a plane with 2^shift pixels to one, 0 or 1.
static __m256i samples8(const void *row, int x, int shift, bool wide)
{
    const uint16_t *deep = (const uint16_t *)row + (x >> shift);
    const uint8_t *from = (const uint8_t *)row + (x >> shift);
    int four;
    if (wide && shift)
        return twice(_mm_cvtepu16_epi32(_mm_loadl_epi64((const __m128i *)(const void *)deep)));
    if (wide)
        return _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)(const void *)deep));
    if (!shift)
        return _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)from));
    memcpy(&four, from, sizeof four);
    return twice(_mm_cvtepu8_epi32(_mm_cvtsi32_si128(four)));
}

// Returns how many pixels were made. Colours are read where there is a step, which is not often.
static inline int guided_eights(uint16_t *to, const void *const pixels[3], int width, float scale,
                                const struct rl_upsample_line *line, bool wide)
{
    int x = 0;
    if (line->shift_x > 1)
        return 0;  // 4:1:1 and kin, too rare for more
    for (; x + 8 <= width; x += 8) {
        struct eight eight;
        find_eight(&eight, line, x);
        const __m256 is_step = _mm256_cmp_ps(eight.step, _mm256_setzero_ps(), _CMP_GT_OQ);
        __m256 d = plain_of(&eight), colour[3];
        if (_mm256_movemask_ps(is_step)) {
            for (int k = 0; k < 3; k++)
                colour[k] = _mm256_mul_ps(
                    _mm256_cvtepi32_ps(samples8(pixels[k], x, k ? line->shift_x : 0, wide)),
                    _mm256_set1_ps(scale));
            eight.middle = look(&eight, line->middle, 1);
            d = _mm256_blendv_ps(d, step_of(&eight, colour), is_step);
        }
        put8(to + x, d);
    }
    return x;
}

static void guided_row8(uint16_t *to, const uint8_t *const pixels[3], int width, float scale,
                        const struct rl_upsample_line *line)
{
    const void *rows[3] = {pixels[0], pixels[1], pixels[2]};
    int x = guided_eights(to, rows, width, scale, line, false);
    RL_PLACE_GUIDED_ROW(to, pixels, x, width, scale, line)
}

static void guided_row16(uint16_t *to, const uint16_t *const pixels[3], int width, float scale,
                         const struct rl_upsample_line *line)
{
    const void *rows[3] = {pixels[0], pixels[1], pixels[2]};
    int x = guided_eights(to, rows, width, scale, line, true);
    RL_PLACE_GUIDED_ROW(to, pixels, x, width, scale, line)
}

static __m256i load16(const uint16_t *from)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)from);
}

static void widen(uint16_t *restrict to, const uint16_t *restrict from, int width)
{
    int x = 0;
    if (width > 17) {
        RL_PLACE_WIDEN_ROW(to, from, x, 1)
        to[0] = rl_place_larger(to[0], from[1]);
        for (; x + 17 <= width; x += 16) {
            __m256i most = _mm256_max_epu16(load16(from + x - 1), load16(from + x));
            most = _mm256_max_epu16(most, load16(from + x + 1));
            _mm256_storeu_si256((__m256i *)(void *)(to + x), most);
        }
    }
    RL_PLACE_WIDEN_ROW(to, from, x, width)
}

void rl_upsample_init_avx2(struct rl_upsample_fns *fns)
{
    *fns = (struct rl_upsample_fns){guided_row8, guided_row16, widen};
}
