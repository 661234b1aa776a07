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
// clang-format on
#define TAPS4(f) TAPS(f), TAPS((f) + 1), TAPS((f) + 2), TAPS((f) + 3)
#define TAPS16(f) TAPS4(f), TAPS4((f) + 4), TAPS4((f) + 8), TAPS4((f) + 12)
#define TAPS64(f) TAPS16(f), TAPS16((f) + 16), TAPS16((f) + 32), TAPS16((f) + 48)

const int16_t rl_sample_taps[256][4] = {TAPS64(0), TAPS64(64), TAPS64(128), TAPS64(192)};

#define SAMPLE uint8_t
#define NAME(name) name##_8
#include "stereo/sample/sample_tmpl.c"
#undef SAMPLE
#undef NAME

#define SAMPLE uint16_t
#define NAME(name) name##_16
#include "stereo/sample/sample_tmpl.c"

#ifdef RL_HAVE_AVX2
void rl_sample_init_avx2(struct rl_sample_fns *fns);
#endif

void rl_sample_init(struct rl_sample_fns *fns, unsigned cpu)
{
    *fns = (struct rl_sample_fns){row_8, row_16};
    (void)cpu;
#ifdef RL_HAVE_AVX2
    if (cpu & RL_CPU_AVX2)
        rl_sample_init_avx2(fns);
#endif
}
