// SPDX-License-Identifier: MIT
//
// For AVX2 and for AVX-512, see base/lanes.h. Of a seam every second pixel is compared, so a row of
// it is four numbers, and the whole is one or two vectors.
#include "base/lanes.h"
#include "stereo/fill/texture.h"

#include <stdbool.h>

void RL_LANES_NAME(rl_texture_init_fit)(struct rl_texture_fns *fns);

enum {
    FOUR = 4,  // numbers of a row, and rows that are taken from the picture at once
    ROWS = RL_TEXTURE_ROWS + 1,
    HALVES = 2 * RL_LANES,
    VECTORS = FOUR * ROWS / HALVES,
    // Rows that offsets whole steps apart need, a step being no less than that of offsets.
    COLUMN = RL_TEXTURE_ROWS + RL_TEXTURE_FITS,
    UNSEEN = 0xffff,
};

// Every second pixel of rows of the picture, a step apart; UNSEEN where it is not of the surface.
struct column {
    const struct rl_fill *fill;
    const struct rl_texture_seam *seam;
    int x, y;
    uint16_t rows[RL_FILL_PLANES][COLUMN + FOUR][FOUR];
};

static inline __m256i all(int value)
{
    return _mm256_set1_epi16((short)value);
}

static inline __m128i load8(const void *from)
{
    return _mm_loadu_si128((const __m128i *)from);
}

// Every second number of two by two rows of eight: those of the first two, then of the others.
static inline __m256i every_second(__m256i a, __m256i b, int outwards)
{
    const __m256i low = _mm256_set1_epi32(0xffff);
    a = outwards > 0 ? _mm256_and_si256(a, low) : _mm256_srli_epi32(a, 16);
    b = outwards > 0 ? _mm256_and_si256(b, low) : _mm256_srli_epi32(b, 16);
    return _mm256_permute4x64_epi64(_mm256_packus_epi32(a, b), 0xd8);
}

static inline __m256i load_samples(const struct rl_fill *fill, int plane, int x, int y, int step)
{
    const ptrdiff_t stride = fill->view_stride[plane], down = step * stride;
    const uint8_t *row = fill->view[plane] + y * stride;
    if (fill->bits > 8) {
        row += 2 * (ptrdiff_t)x;
        return _mm256_srl_epi16(_mm256_setr_m128i(load8(row), load8(row + down)),
                                _mm_cvtsi32_si128(rl_texture_cut(fill)));
    }
    const __m128i first = _mm_loadl_epi64((const __m128i *)(const void *)(row + x));
    const __m128i next = _mm_loadl_epi64((const __m128i *)(const void *)(row + x + down));
    return _mm256_cvtepu8_epi16(_mm_unpacklo_epi64(first, next));
}

static inline __m256i is_unseen(const struct rl_fill *fill, struct rl_texture_surface surface,
                                int x, int y, int step)
{
    const ptrdiff_t stride = fill->levels[0].stride;
    const int16_t *row = fill->levels[0].near + y * stride + x;
    const __m256i near = _mm256_setr_m128i(load8(row), load8(row + step * stride));
    const __m256i above = _mm256_sub_epi16(near, all(surface.low));
    const __m256i within = _mm256_min_epu16(above, all(surface.high - surface.low));
    const __m256i odd = _mm256_srai_epi16(_mm256_slli_epi16(near, 15), 15);
    return _mm256_or_si256(odd, _mm256_xor_si256(_mm256_cmpeq_epi16(within, above), all(-1)));
}

// The rows `i` to `i` + 3 of the column.
static inline void take_four(struct column *column, int i)
{
    const struct rl_fill *fill = column->fill;
    const struct rl_texture_seam *seam = column->seam;
    const int x = column->x, y = column->y + i * seam->step, next = y + 2 * seam->step;
    const __m256i a = is_unseen(fill, seam->surface, x, y, seam->step);
    const __m256i b = is_unseen(fill, seam->surface, x, next, seam->step);
    for (int plane = 0; plane < fill->planes; plane++) {
        const __m256i first = load_samples(fill, plane, x, y, seam->step);
        const __m256i then = load_samples(fill, plane, x, next, seam->step);
        _mm256_storeu_si256(
            (__m256i *)(void *)column->rows[plane][i],
            every_second(_mm256_or_si256(first, a), _mm256_or_si256(then, b), seam->outwards));
    }
}

static void take_one(struct column *column, int i)
{
    const struct rl_texture_seam *seam = column->seam;
    const int y = column->y + i * seam->step, odd = seam->outwards > 0 ? 0 : 1;
    for (int k = 0; k < FOUR; k++)
        for (int plane = 0; plane < column->fill->planes; plane++) {
            const int sample = rl_texture_sample(column->fill, seam->surface, plane,
                                                 column->x + 2 * k + odd, y);
            column->rows[plane][i][k] = (uint16_t)(sample < 0 ? UNSEEN : sample);
        }
}

static inline void take_rows(struct column *column, int count)
{
    const struct rl_fill_level *level = &column->fill->levels[0];
    const int step = column->seam->step;
    const bool fits = column->x >= 0 && column->x + RL_TEXTURE_PIXELS <= level->width;
    for (int i = 0; i < count; i += FOUR) {
        const int y = column->y + i * step;
        if (fits && y >= 0 && y + (FOUR - 1) * step < level->height)
            take_four(column, i);
        else
            for (int k = i; k < i + FOUR; k++)
                take_one(column, k);
    }
}

// What is compared of the seam.
struct own {
    rl_lanes values[RL_FILL_PLANES][VECTORS];
    rl_halves unused[VECTORS];
};

static inline void take_own(struct own *own, const struct rl_texture_seam *seam, int planes)
{
    uint16_t rows[RL_FILL_PLANES + 1][ROWS][FOUR];
    for (int k = 0; k <= planes; k++)
        for (int i = 0; i < ROWS; i += FOUR) {
            const int16_t *from = k < planes ? seam->values[k][i] : seam->used[i];
            const __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)from);
            const __m256i b = _mm256_loadu_si256(
                (const __m256i *)(const void *)(from + 2 * RL_TEXTURE_PIXELS));
            _mm256_storeu_si256((__m256i *)(void *)rows[k][i], every_second(a, b, seam->outwards));
        }
    for (int v = 0; v < VECTORS; v++) {
        for (int k = 0; k < planes; k++)
            own->values[k][v] = rl_lanes_load(rows[k][0] + v * HALVES);
        own->unused[v] = rl_halves_equal(rl_lanes_load(rows[planes][0] + v * HALVES),
                                         rl_lanes_all(0));
    }
}

// How the seam fits the rows of the column from `i` on.
static inline struct rl_texture_fit fit_one(const struct column *column, const struct own *own,
                                            int i, int planes)
{
    rl_lanes differs = rl_lanes_all(0);
    int count = 0;
    for (int v = 0; v < VECTORS; v++) {
        const rl_lanes there = rl_lanes_load(column->rows[0][i] + v * HALVES);
        const rl_halves seen = rl_halves_without(
            rl_halves_not(rl_halves_equal(there, rl_lanes_all(-1))), own->unused[v]);
        count += rl_halves_count(seen);
        for (int plane = 0; plane < planes; plane++) {
            const rl_lanes other = rl_lanes_load(column->rows[plane][i] + v * HALVES);
            const rl_lanes d = rl_halves_keep(RL_V(sub_epi16)(own->values[plane][v], other), seen);
            differs = RL_V(add_epi32)(differs, RL_V(madd_epi16)(d, d));
        }
    }
    return (struct rl_texture_fit){rl_lanes_sum(differs), count};
}

// The offsets whose rows are those of the column that begins `phase` rows below the first.
static inline void fit_phase(struct column *column, const struct own *own, int phase, int count,
                             struct rl_texture_fit fits[], int planes)
{
    const int step = column->seam->step, last = (count - 1) * RL_TEXTURE_SLOPE;
    take_rows(column, RL_TEXTURE_ROWS + (last - phase) / step);
    for (int i = 0, down = phase; down <= last; i++, down += step)
        if (down % RL_TEXTURE_SLOPE == 0)
            fits[down / RL_TEXTURE_SLOPE] = fit_one(column, own, i, planes);
}

static inline void fit_planes(const struct rl_fill *fill, const struct rl_texture_seam *seam,
                              int dx, int dy, int count, struct rl_texture_fit fits[], int planes)
{
    const int last = (count - 1) * RL_TEXTURE_SLOPE;
    struct column column;  // its rows are not to be cleared
    struct own own;
    column.fill = fill;
    column.seam = seam;
    column.x = seam->x + dx;
    take_own(&own, seam, planes);
    for (int phase = 0; phase < seam->step && phase <= last; phase++) {
        if (seam->step % RL_TEXTURE_SLOPE == 0 && phase % RL_TEXTURE_SLOPE)
            continue;
        column.y = seam->y + dy + phase;
        fit_phase(&column, &own, phase, count, fits, planes);
    }
}

static void fit(const struct rl_fill *fill, const struct rl_texture_seam *seam, int dx, int dy,
                int count, struct rl_texture_fit fits[])
{
    switch (fill->planes) {  // a loop over a known number of planes is none
    case 1:
        fit_planes(fill, seam, dx, dy, count, fits, 1);
        break;
    case 2:
        fit_planes(fill, seam, dx, dy, count, fits, 2);
        break;
    default:
        fit_planes(fill, seam, dx, dy, count, fits, 3);
    }
}

void RL_LANES_NAME(rl_texture_init_fit)(struct rl_texture_fns *fns)
{
    fns->fit = fit;
}
