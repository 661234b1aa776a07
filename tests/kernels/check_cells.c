// SPDX-License-Identifier: MIT
//
// Rows of cells of the upsampling at every CPU level against C, to the bit.
#include "check_kernels.h"

#include "stereo/upsample/upsample.h"

enum { ROWS = 5, ROOM = KERNELS_MAX_WIDTH + 2 * RL_UPSAMPLE_BORDER };

// Some maps are noise, some have two depths and few between.
static void fill(float rows[ROWS][ROOM])
{
    const int kind = kernels_pick(2);
    for (int y = 0; y < ROWS; y++)
        for (int x = 0; x < ROOM; x++)
            rows[y][x] = kind && kernels_pick(5) ? 0.25f + 0.5f * (float)kernels_pick(2)
                                                 : kernels_unit();
}

static void compare_fitted(const struct rl_upsample_fns fns[2], const float *const rows[ROWS],
                           int width, float softness)
{
    const size_t bytes = (size_t)width * sizeof(float);
    float *parts[2][4];
    for (int i = 0; i < 2; i++) {
        for (int k = 0; k < 4; k++)
            parts[i][k] = kernels_guarded(bytes);
        const struct rl_upsample_fitted to = {parts[i][0], parts[i][1], parts[i][2], parts[i][3]};
        fns[i].fit_cells(&to, rows, width, softness);
    }
    for (int k = 0; k < 4; k++) {
        CHECK(!memcmp(parts[0][k], parts[1][k], bytes));
        kernels_guarded_free(parts[0][k], bytes);
        kernels_guarded_free(parts[1][k], bytes);
    }
}

static void compare(const struct rl_upsample_fns fns[2], int width)
{
    float memory[ROWS][ROOM], mixed[2][ROOM];
    const float *rows[ROWS], weights[3] = {kernels_unit(), kernels_unit(), kernels_unit()};
    const float softness = kernels_pick(3) ? kernels_unit() : 1;
    const size_t bytes = (size_t)width * sizeof(float);
    float *sharp[2] = {kernels_guarded(bytes), kernels_guarded(bytes)};
    fill(memory);
    for (int y = 0; y < ROWS; y++)
        rows[y] = memory[y] + RL_UPSAMPLE_BORDER;
    for (int i = 0; i < 2; i++) {
        fns[i].sharpen_cells(sharp[i], rows, width, softness);
        fns[i].mix_cells(mixed[i] + RL_UPSAMPLE_BORDER, rows, weights, width);
    }
    CHECK(!memcmp(sharp[0], sharp[1], bytes));
    CHECK(!memcmp(mixed[0] + RL_UPSAMPLE_BORDER - 1, mixed[1] + RL_UPSAMPLE_BORDER - 1,
                  bytes + 2 * sizeof(float)));
    compare_fitted(fns, rows, width, softness);
    for (int i = 0; i < 2; i++)
        kernels_guarded_free(sharp[i], bytes);
}

int main(int argc, char **argv)
{
    kernels_begin(argc, argv);
    KERNELS_EACH_LEVEL(cpu)
    {
        struct rl_upsample_fns fns[2];
        rl_upsample_init(&fns[0], 0);
        rl_upsample_init(&fns[1], cpu);
        for (int width = 1; width <= KERNELS_MAX_WIDTH; width++)
            for (int round = 0; round < 40; round++)
                compare(fns, width);
        printf("compared %s\n", rl_cpu_name(cpu));
    }
    return check_result();
}
