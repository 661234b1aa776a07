// SPDX-License-Identifier: MIT
//
// The C reference for one kind of sample: SAMPLE is its type, NAME(x) makes its names.

static void NAME(across)(void *to, const void *from, int width, int from_width, int max,
                         const int16_t taps[RL_HALF_TAPS])
{
    SAMPLE *out = to;
    const SAMPLE *in = from;
    for (int i = 0; i < width; i++) {
        int32_t sum = 64;
        for (int k = 0; k < RL_HALF_TAPS; k++)
            sum += taps[k] * in[inside(2 * i - RL_HALF_BEFORE + k, from_width - 1)];
        out[i] = (SAMPLE)inside(sum >> 7, max);
    }
}

static void NAME(down)(void *to, const void *const from[RL_HALF_TAPS], int width, int max,
                       const int16_t taps[RL_HALF_TAPS])
{
    SAMPLE *out = to;
    for (int i = 0; i < width; i++) {
        int32_t sum = 64;
        for (int k = 0; k < RL_HALF_TAPS; k++)
            sum += taps[k] * ((const SAMPLE *)from[k])[i];
        out[i] = (SAMPLE)inside(sum >> 7, max);
    }
}
