// SPDX-License-Identifier: MIT
//
// The definition of sample.h for one size of SAMPLE.

static int NAME(tap)(const SAMPLE *from, int width, int i)
{
    return from[i < 0 ? 0 : i >= width ? width - 1 : i];
}

static void NAME(row)(void *to, const void *from, int width, const int32_t *map, int count, int max)
{
    SAMPLE *out = to;
    for (int x = 0; x < count; x++) {
        int i = map[x] >> 8;
        const int16_t *c = rl_sample_taps[map[x] & 255];
        int sum = c[0] * NAME(tap)(from, width, i - 1) + c[1] * NAME(tap)(from, width, i) +
                  c[2] * NAME(tap)(from, width, i + 1) + c[3] * NAME(tap)(from, width, i + 2);
        int value = (sum + 8192) >> 14;
        out[x] = (SAMPLE)(value < 0 ? 0 : value > max ? max : value);
    }
}
