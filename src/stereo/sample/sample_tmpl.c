// SPDX-License-Identifier: MIT
//
// The definition of sample.h for one size of SAMPLE.

static int NAME(tap)(const SAMPLE *from, int width, int i)
{
    return from[i < 0 ? 0 : i >= width ? width - 1 : i];
}

static void NAME(row)(SAMPLE *out, const SAMPLE *from, int width, const int32_t *map, int count,
                      int max)
{
    for (int x = 0; x < count; x++) {
        int i = map[x] >> 8;
        const int16_t *c = rl_sample_taps[map[x] & 255];
        int sum = c[0] * NAME(tap)(from, width, i - 1) + c[1] * NAME(tap)(from, width, i) +
                  c[2] * NAME(tap)(from, width, i + 1) + c[3] * NAME(tap)(from, width, i + 2);
        int value = (sum + 8192) >> 14;
        out[x] = (SAMPLE)(value < 0 ? 0 : value > max ? max : value);
    }
}

static void NAME(rows)(void *const to[], const void *const from[], int planes, int width,
                       const int32_t *map, int count, int max)
{
    for (int plane = 0; plane < planes; plane++)
        NAME(row)(to[plane], from[plane], width, map, count, max);
}

static int64_t NAME(point)(const void *from, ptrdiff_t stride, const int16_t across[4],
                           const int16_t down[4])
{
    int64_t sum = 0;
    for (int k = 0; k < 4; k++) {
        const SAMPLE *row = (const SAMPLE *)(const void *)((const uint8_t *)from + k * stride);
        int line = across[0] * row[0] + across[1] * row[1] + across[2] * row[2] +
                   across[3] * row[3];
        sum += (int64_t)down[k] * line;
    }
    return sum;
}
