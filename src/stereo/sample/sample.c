// SPDX-License-Identifier: MIT
#include "stereo/sample/sample.h"

#include "base/cpu.h"

// The formula of rule 1 for a phase f of 256, in 1/2^14, rounded to nearest; KEEN is four times its
// factor. The second coefficient takes what rounding leaves, so that flat areas stay exactly flat.
// clang-format off
enum { KEEN = 3 };
#define LEFT(f) ((KEEN * (f) * (256 - (f)) * (256 - (f)) + 2048) / 4096)
#define RIGHT(f) ((KEEN * (f) * (f) * (256 - (f)) + 2048) / 4096)
#define FIRST(f) (-LEFT(f))
#define THIRD(f) (64 * (f) - LEFT(f) + 2 * RIGHT(f))
#define FOURTH(f) (-RIGHT(f))
#define TAPS(f) {FIRST(f), 16384 - FIRST(f) - THIRD(f) - FOURTH(f), THIRD(f), FOURTH(f)}
#define SOFT_FIRST(f) (FIRST(f) * 2 / 3)
#define SOFT_THIRD(f) ((THIRD(f) * 2 + 64 * (f)) / 3)
#define SOFT_FOURTH(f) (FOURTH(f) * 2 / 3)
#define SOFT_SECOND(f) (16384 - SOFT_FIRST(f) - SOFT_THIRD(f) - SOFT_FOURTH(f))
#define SOFT_TAPS(f) {SOFT_FIRST(f), SOFT_SECOND(f), SOFT_THIRD(f), SOFT_FOURTH(f)}
// clang-format on
#define ALL4(t, f) t(f), t((f) + 1), t((f) + 2), t((f) + 3)
#define ALL16(t, f) ALL4(t, f), ALL4(t, (f) + 4), ALL4(t, (f) + 8), ALL4(t, (f) + 12)
#define ALL64(t, f) ALL16(t, f), ALL16(t, (f) + 16), ALL16(t, (f) + 32), ALL16(t, (f) + 48)
#define ALL256(t) ALL64(t, 0), ALL64(t, 64), ALL64(t, 128), ALL64(t, 192)

const int16_t rl_sample_taps[256][4] = {ALL256(TAPS)};
const int16_t rl_sample_soft_taps[256][4] = {ALL256(SOFT_TAPS)};

#define SAMPLE uint8_t
#define NAME(name) name##_8
#include "stereo/sample/sample_tmpl.c"
#undef SAMPLE
#undef NAME

#define SAMPLE uint16_t
#define NAME(name) name##_16
#include "stereo/sample/sample_tmpl.c"

static void points_8(int32_t values[RL_SAMPLE_POINTS], const struct rl_sample_points *points)
{
    for (int i = 0; i < RL_SAMPLE_POINTS; i++) {
        const int64_t sum = point_8(points->from + points->at[i], points->stride,
                                    points->taps[points->across[i]], points->taps[points->down]);
        const int value = (int)((sum + (1 << 27)) >> 28);
        values[i] = value < 0 ? 0 : value > 255 ? 255 : value;
    }
}

#ifdef RL_HAVE_AVX2
void rl_sample_init_avx2(struct rl_sample_fns *fns);
void rl_sample_init_avx512(struct rl_sample_fns *fns);
#endif

void rl_sample_init(struct rl_sample_fns *fns, unsigned cpu)
{
    *fns = (struct rl_sample_fns){rows_8, rows_16, point_8, point_16, points_8};
    (void)cpu;
#ifdef RL_HAVE_AVX2
    if (cpu & RL_CPU_AVX2)
        rl_sample_init_avx2(fns);
    if (cpu & RL_CPU_AVX512)
        rl_sample_init_avx512(fns);
#endif
}
