// SPDX-License-Identifier: MIT
//
// Vectors of 32-bit lanes for kernels that are one source for two instruction sets: 16 lanes where
// the compiler is told AVX-512 (F, BW, DQ, VL), else 8 of AVX2. RL_V(op) is the intrinsic of that
// width; what is not named alike at both widths has a function here. Nothing without AVX2.
#ifndef RL_BASE_LANES_H
#define RL_BASE_LANES_H

#include <stdint.h>

#ifdef __AVX2__

#include <immintrin.h>

// Of kernels that are told by constants what they are: compilers would have one for all.
#define RL_LANES_INLINE static inline __attribute__((always_inline))

#ifdef __AVX512BW__

enum { RL_LANES = 16 };
typedef __m512i rl_lanes;
typedef __m512 rl_floats;
typedef __mmask16 rl_mask;    // of lanes
typedef __mmask32 rl_halves;  // a mask of their halves, 16 bits each
#define RL_V(op) _mm512_##op
#define RL_V_BITS(op) _mm512_##op##_si512
#define RL_LANES_NAME(name) name##_avx512

// A bit for each lane.
static inline unsigned rl_mask_bits(rl_mask mask)
{
    return mask;
}

static inline rl_mask rl_lanes_equal(rl_lanes a, rl_lanes b)
{
    return _mm512_cmpeq_epi32_mask(a, b);
}

static inline rl_mask rl_lanes_greater(rl_lanes a, rl_lanes b)
{
    return _mm512_cmpgt_epi32_mask(a, b);
}

static inline rl_mask rl_floats_greater(rl_floats a, rl_floats b)
{
    return _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ);
}

static inline rl_mask rl_mask_not(rl_mask mask)
{
    return (rl_mask)~mask;
}

static inline rl_lanes rl_lanes_pick(rl_lanes no, rl_lanes yes, rl_mask mask)
{
    return _mm512_mask_blend_epi32(mask, no, yes);
}

static inline rl_floats rl_floats_pick(rl_floats no, rl_floats yes, rl_mask mask)
{
    return _mm512_mask_blend_ps(mask, no, yes);
}

static inline rl_halves rl_halves_equal(rl_lanes a, rl_lanes b)
{
    return _mm512_cmpeq_epi16_mask(a, b);
}

static inline rl_halves rl_halves_greater(rl_lanes a, rl_lanes b)
{
    return _mm512_cmpgt_epi16_mask(a, b);
}

static inline rl_halves rl_halves_odd(rl_lanes a)
{
    return _mm512_test_epi16_mask(a, _mm512_set1_epi16(1));
}

static inline rl_halves rl_halves_not(rl_halves mask)
{
    return ~mask;
}

static inline int rl_halves_count(rl_halves mask)
{
    return __builtin_popcount(mask);
}

static inline uint32_t rl_halves_bits(rl_halves mask)
{
    return mask;
}

// Whether anything is in either.
static inline int rl_halves_any(rl_halves a, rl_halves b)
{
    return (a | b) != 0;
}

// What is in `a` and not in `b`.
static inline rl_halves rl_halves_without(rl_halves a, rl_halves b)
{
    return a & ~b;
}

static inline rl_lanes rl_halves_pick(rl_lanes no, rl_lanes yes, rl_halves mask)
{
    return _mm512_mask_blend_epi16(mask, no, yes);
}

// 0 outside the mask.
static inline rl_lanes rl_halves_keep(rl_lanes value, rl_halves mask)
{
    return _mm512_maskz_mov_epi16(mask, value);
}

static inline int rl_lanes_sum(rl_lanes value)
{
    return _mm512_reduce_add_epi32(value);
}

static inline int rl_lanes_any(rl_lanes value)
{
    return _mm512_test_epi32_mask(value, value) != 0;
}

// Adds what lies in the mask.
static inline rl_floats rl_floats_add(rl_floats sum, rl_floats value, rl_mask mask)
{
    return _mm512_mask_add_ps(sum, mask, sum, value);
}

// For each lane, the one of `from` that `at` says.
static inline rl_floats rl_floats_permute(rl_floats from, rl_lanes at)
{
    return _mm512_permutexvar_ps(at, from);
}

// The lanes whose bits are set; others may be written back as they are.
static inline void rl_lanes_store_some(int32_t *to, unsigned bits, rl_lanes value)
{
    _mm512_mask_storeu_epi32(to, (__mmask16)bits, value);
}

// 0, 1, 2 ...
static inline rl_lanes rl_lanes_count(void)
{
    return _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

static inline rl_lanes rl_lanes_load_i16(const int16_t *from)
{
    return _mm512_cvtepi16_epi32(_mm256_loadu_si256((const __m256i *)(const void *)from));
}

static inline rl_lanes rl_lanes_load_u16(const uint16_t *from)
{
    return _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)(const void *)from));
}

static inline rl_lanes rl_lanes_load_u8(const uint8_t *from)
{
    return _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(const void *)from));
}

// To each half of the lanes.
static inline rl_lanes rl_halves_load_u8(const uint8_t *from)
{
    return _mm512_cvtepu8_epi16(_mm256_loadu_si256((const __m256i *)(const void *)from));
}

// Half as many numbers, each twice.
static inline rl_lanes rl_lanes_load_u16_twice(const uint16_t *from)
{
    const __m128i eight = _mm_loadu_si128((const __m128i *)(const void *)from);
    return _mm512_cvtepu16_epi32(
        _mm256_setr_m128i(_mm_unpacklo_epi16(eight, eight), _mm_unpackhi_epi16(eight, eight)));
}

static inline rl_lanes rl_lanes_load_u8_twice(const uint8_t *from)
{
    const __m128i eight = _mm_loadl_epi64((const __m128i *)(const void *)from);
    return _mm512_cvtepu8_epi32(_mm_unpacklo_epi8(eight, eight));
}

// Both limited to 16 bits, in an order that rl_halves_ordered() puts right; and masks in the same.
static inline rl_lanes rl_lanes_pack(rl_lanes a, rl_lanes b)
{
    return _mm512_packs_epi32(a, b);
}

static inline rl_lanes rl_mask_pack(rl_mask a, rl_mask b)
{
    return _mm512_packs_epi32(_mm512_movm_epi32(a), _mm512_movm_epi32(b));
}

static inline rl_lanes rl_halves_ordered(rl_lanes value)
{
    return _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7), value);
}

// The low 16 or 8 bits of each lane.
static inline void rl_lanes_store_16(void *to, rl_lanes value)
{
    _mm256_storeu_si256((__m256i *)to, _mm512_cvtepi32_epi16(value));
}

static inline void rl_lanes_store_8(void *to, rl_lanes value)
{
    _mm_storeu_si128((__m128i *)to, _mm512_cvtepi32_epi8(value));
}

static inline void rl_halves_store_8(void *to, rl_lanes value)
{
    _mm256_storeu_si256((__m256i *)to, _mm512_cvtepi16_epi8(value));
}

// Halves of both in turn, twice as many.
static inline void rl_halves_store_zipped(uint16_t *to, rl_lanes even, rl_lanes odd)
{
    const rl_lanes first = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11);
    const rl_lanes then = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
    const rl_lanes low = _mm512_unpacklo_epi16(even, odd), high = _mm512_unpackhi_epi16(even, odd);
    _mm512_storeu_si512(to, _mm512_permutex2var_epi64(low, first, high));
    _mm512_storeu_si512(to + 32, _mm512_permutex2var_epi64(low, then, high));
}

// Every second half of the lanes of `a` and then `b`.
static inline rl_lanes rl_halves_evens(rl_lanes a, rl_lanes b)
{
    return _mm512_inserti64x4(_mm512_castsi256_si512(_mm512_cvtepi32_epi16(a)),
                              _mm512_cvtepi32_epi16(b), 1);
}

// Every second of the lanes of `a` and then `b`.
static inline rl_lanes rl_lanes_evens(rl_lanes a, rl_lanes b)
{
    return _mm512_permutex2var_epi32(a, _mm512_slli_epi32(rl_lanes_count(), 1), b);
}

// The low halves of the lanes of `low`, the high ones of those of `high`.
static inline rl_lanes rl_lanes_halves(rl_lanes low, rl_lanes high)
{
    return _mm512_mask_blend_epi16(0xaaaaaaaa, low, high);
}

// The halves of each lane, the other way round.
static inline rl_lanes rl_lanes_swap(rl_lanes value)
{
    return _mm512_rol_epi32(value, 16);
}

#else

enum { RL_LANES = 8 };
typedef __m256i rl_lanes;
typedef __m256 rl_floats;
typedef __m256i rl_mask;
typedef __m256i rl_halves;
#define RL_V(op) _mm256_##op
#define RL_V_BITS(op) _mm256_##op##_si256
#define RL_LANES_NAME(name) name##_avx2

static inline unsigned rl_mask_bits(rl_mask mask)
{
    return (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(mask));
}

static inline rl_mask rl_lanes_equal(rl_lanes a, rl_lanes b)
{
    return _mm256_cmpeq_epi32(a, b);
}

static inline rl_mask rl_lanes_greater(rl_lanes a, rl_lanes b)
{
    return _mm256_cmpgt_epi32(a, b);
}

static inline rl_mask rl_floats_greater(rl_floats a, rl_floats b)
{
    return _mm256_castps_si256(_mm256_cmp_ps(a, b, _CMP_GT_OQ));
}

static inline rl_mask rl_mask_not(rl_mask mask)
{
    return _mm256_xor_si256(mask, _mm256_set1_epi32(-1));
}

static inline rl_lanes rl_lanes_pick(rl_lanes no, rl_lanes yes, rl_mask mask)
{
    return _mm256_blendv_epi8(no, yes, mask);
}

static inline rl_floats rl_floats_pick(rl_floats no, rl_floats yes, rl_mask mask)
{
    return _mm256_blendv_ps(no, yes, _mm256_castsi256_ps(mask));
}

static inline rl_halves rl_halves_equal(rl_lanes a, rl_lanes b)
{
    return _mm256_cmpeq_epi16(a, b);
}

static inline rl_halves rl_halves_greater(rl_lanes a, rl_lanes b)
{
    return _mm256_cmpgt_epi16(a, b);
}

static inline rl_halves rl_halves_odd(rl_lanes a)
{
    return _mm256_srai_epi16(_mm256_slli_epi16(a, 15), 15);
}

static inline rl_halves rl_halves_not(rl_halves mask)
{
    return _mm256_xor_si256(mask, _mm256_set1_epi32(-1));
}

static inline uint32_t rl_halves_bits(rl_halves mask)
{
    const __m128i bytes = _mm_packs_epi16(_mm256_castsi256_si128(mask),
                                          _mm256_extracti128_si256(mask, 1));
    return (uint32_t)_mm_movemask_epi8(bytes);
}

static inline int rl_halves_count(rl_halves mask)
{
    return __builtin_popcount((unsigned)_mm256_movemask_epi8(mask)) / 2;
}

static inline int rl_halves_any(rl_halves a, rl_halves b)
{
    const rl_halves both = _mm256_or_si256(a, b);
    return !_mm256_testz_si256(both, both);
}

static inline rl_halves rl_halves_without(rl_halves a, rl_halves b)
{
    return _mm256_andnot_si256(b, a);
}

static inline rl_lanes rl_halves_pick(rl_lanes no, rl_lanes yes, rl_halves mask)
{
    return _mm256_blendv_epi8(no, yes, mask);
}

static inline rl_lanes rl_halves_keep(rl_lanes value, rl_halves mask)
{
    return _mm256_and_si256(value, mask);
}

static inline int rl_lanes_sum(rl_lanes value)
{
    __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(value), _mm256_extracti128_si256(value, 1));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
    return _mm_cvtsi128_si32(_mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1)));
}

static inline int rl_lanes_any(rl_lanes value)
{
    return !_mm256_testz_si256(value, value);
}

static inline rl_floats rl_floats_add(rl_floats sum, rl_floats value, rl_mask mask)
{
    return _mm256_add_ps(sum, _mm256_and_ps(value, _mm256_castsi256_ps(mask)));
}

static inline rl_floats rl_floats_permute(rl_floats from, rl_lanes at)
{
    return _mm256_permutevar8x32_ps(from, at);
}

static inline void rl_lanes_store_some(int32_t *to, unsigned bits, rl_lanes value)
{
    const rl_lanes each = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
    const rl_lanes some = _mm256_and_si256(_mm256_set1_epi32((int)bits), each);
    __m256i *at = (__m256i *)(void *)to;  // a masked store is slow on some processors
    _mm256_storeu_si256(
        at, _mm256_blendv_epi8(_mm256_loadu_si256(at), value, _mm256_cmpeq_epi32(some, each)));
}

static inline rl_lanes rl_lanes_count(void)
{
    return _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
}

static inline rl_lanes rl_lanes_load_i16(const int16_t *from)
{
    return _mm256_cvtepi16_epi32(_mm_loadu_si128((const __m128i *)(const void *)from));
}

static inline rl_lanes rl_lanes_load_u16(const uint16_t *from)
{
    return _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)(const void *)from));
}

static inline rl_lanes rl_lanes_load_u8(const uint8_t *from)
{
    return _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)from));
}

static inline rl_lanes rl_halves_load_u8(const uint8_t *from)
{
    return _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(const void *)from));
}

static inline rl_lanes rl_lanes_load_u16_twice(const uint16_t *from)
{
    const __m128i four = _mm_loadl_epi64((const __m128i *)(const void *)from);
    return _mm256_cvtepu16_epi32(_mm_unpacklo_epi16(four, four));
}

static inline rl_lanes rl_lanes_load_u8_twice(const uint8_t *from)
{
    const __m128i four = _mm_loadu_si32(from);
    return _mm256_cvtepu8_epi32(_mm_unpacklo_epi8(four, four));
}

static inline rl_lanes rl_lanes_pack(rl_lanes a, rl_lanes b)
{
    return _mm256_packs_epi32(a, b);
}

static inline rl_lanes rl_mask_pack(rl_mask a, rl_mask b)
{
    return _mm256_packs_epi32(a, b);
}

static inline rl_lanes rl_halves_ordered(rl_lanes value)
{
    return _mm256_permute4x64_epi64(value, 0xd8);
}

static inline __m128i rl_lanes_low_halves(rl_lanes value)
{
    const rl_lanes low = _mm256_setr_epi8(0, 1, 4, 5, 8, 9, 12, 13, 0, 1, 4, 5, 8, 9, 12, 13, 0, 1,
                                          4, 5, 8, 9, 12, 13, 0, 1, 4, 5, 8, 9, 12, 13);
    value = _mm256_permute4x64_epi64(_mm256_shuffle_epi8(value, low), 0x08);
    return _mm256_castsi256_si128(value);
}

static inline void rl_lanes_store_16(void *to, rl_lanes value)
{
    _mm_storeu_si128((__m128i *)to, rl_lanes_low_halves(value));
}

static inline void rl_lanes_store_8(void *to, rl_lanes value)
{
    const __m128i low = _mm_set1_epi16(0xff), halves = rl_lanes_low_halves(value);
    _mm_storel_epi64((__m128i *)to, _mm_packus_epi16(_mm_and_si128(halves, low), low));
}

static inline void rl_halves_store_8(void *to, rl_lanes value)
{
    const __m128i low = _mm_set1_epi16(0xff);
    _mm_storeu_si128((__m128i *)to,
                     _mm_packus_epi16(_mm_and_si128(_mm256_castsi256_si128(value), low),
                                      _mm_and_si128(_mm256_extracti128_si256(value, 1), low)));
}

static inline void rl_halves_store_zipped(uint16_t *to, rl_lanes even, rl_lanes odd)
{
    const rl_lanes low = _mm256_unpacklo_epi16(even, odd), high = _mm256_unpackhi_epi16(even, odd);
    _mm256_storeu_si256((__m256i *)(void *)to, _mm256_permute2x128_si256(low, high, 0x20));
    _mm256_storeu_si256((__m256i *)(void *)(to + 16), _mm256_permute2x128_si256(low, high, 0x31));
}

static inline rl_lanes rl_halves_evens(rl_lanes a, rl_lanes b)
{
    const __m256i low = _mm256_set1_epi32(0xffff);
    const __m256i both = _mm256_packus_epi32(_mm256_and_si256(a, low), _mm256_and_si256(b, low));
    return _mm256_permute4x64_epi64(both, 0xd8);
}

static inline rl_lanes rl_lanes_evens(rl_lanes a, rl_lanes b)
{
    const __m256 both = _mm256_shuffle_ps(_mm256_castsi256_ps(a), _mm256_castsi256_ps(b), 0x88);
    return _mm256_permute4x64_epi64(_mm256_castps_si256(both), 0xd8);
}

static inline rl_lanes rl_lanes_halves(rl_lanes low, rl_lanes high)
{
    return _mm256_blend_epi16(low, high, 0xaa);
}

static inline rl_lanes rl_lanes_swap(rl_lanes value)
{
    return _mm256_or_si256(_mm256_slli_epi32(value, 16), _mm256_srli_epi32(value, 16));
}

#endif

enum { RL_LANES_ALL = (1 << RL_LANES) - 1 };  // a bit for each

static inline rl_lanes rl_lanes_load(const void *from)
{
    return RL_V_BITS(loadu)((const rl_lanes *)from);
}

static inline void rl_lanes_store(void *to, rl_lanes value)
{
    RL_V_BITS(storeu)((rl_lanes *)to, value);
}

static inline rl_lanes rl_lanes_all(int32_t value)
{
    return RL_V(set1_epi32)(value);
}

static inline rl_floats rl_floats_all(float value)
{
    return RL_V(set1_ps)(value);
}

#endif
#endif
