// SPDX-License-Identifier: MIT
//
// The C reference for one kind of sample: SAMPLE is its type, NAME(x) makes its names. The part
// [begin, end) of a row, so that SIMD can leave edges and remainders to it.

// The nearest of 0 .. max.
static int NAME(inside)(int value, int max)
{
    return value < 0 ? 0 : value > max ? max : value;
}

static void NAME(across_part)(SAMPLE *to, const SAMPLE *from, int begin, int end, int from_width,
                              int max, const int16_t taps[RL_HALF_TAPS])
{
    for (int i = begin; i < end; i++) {
        int32_t sum = 64;
        for (int k = 0; k < RL_HALF_TAPS; k++)
            sum += taps[k] * from[NAME(inside)(2 * i - RL_HALF_BEFORE + k, from_width - 1)];
        to[i] = (SAMPLE)NAME(inside)(sum >> 7, max);
    }
}

static void NAME(down_part)(SAMPLE *to, const void *const from[RL_HALF_TAPS], int begin, int end,
                            int max, const int16_t taps[RL_HALF_TAPS])
{
    for (int i = begin; i < end; i++) {
        int32_t sum = 64;
        for (int k = 0; k < RL_HALF_TAPS; k++)
            sum += taps[k] * ((const SAMPLE *)from[k])[i];
        to[i] = (SAMPLE)NAME(inside)(sum >> 7, max);
    }
}
