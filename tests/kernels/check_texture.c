// SPDX-License-Identifier: MIT
//
// The kernels of texture in holes at every CPU level against C, to the bit.
#include "check_kernels.h"

#include "stereo/fill/texture.h"

// A view with a memory of its own, in which most cells are of one surface.
struct texture {
    struct rl_fill fill;
    void *memory;
    uint8_t *view;
    size_t size;  // bytes
};

static void open_texture(struct texture *texture, int width, int height, int planes, int bits)
{
    const size_t row = (size_t)width * (bits > 8 ? 2 : 1);
    *texture = (struct texture){.size = row * (size_t)height * (size_t)planes};
    texture->memory = calloc(1, rl_fill_size(width, height, planes));
    texture->view = malloc(texture->size);
    rl_fill_init(&texture->fill, texture->memory, width, height, planes, NULL, NULL, NULL, NULL);
    texture->fill.bits = bits;
    for (int p = 0; p < planes; p++) {
        texture->fill.view[p] = texture->view + row * (size_t)height * (size_t)p;
        texture->fill.view_stride[p] = (ptrdiff_t)row;
    }
    for (size_t i = 0; i < texture->size; i++)
        texture->view[i] = (uint8_t)kernels_random();
    for (size_t i = 0; i < texture->size / 2 && bits > 8; i++)
        ((uint16_t *)(void *)texture->view)[i] &= (uint16_t)((1 << bits) - 1);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            rl_fill_near_row(&texture->fill, y)[x] =
                (int16_t)(kernels_pick(12) ? 2 * kernels_pick(20) : kernels_pick(400));
}

static void compare_copy(const struct rl_texture_fns fns[2], struct texture *texture,
                         const struct rl_texture_patch *patch)
{
    uint8_t *before = malloc(texture->size), *wanted = malloc(texture->size);
    memcpy(before, texture->view, texture->size);
    fns[0].copy(&texture->fill, patch);
    memcpy(wanted, texture->view, texture->size);
    memcpy(texture->view, before, texture->size);
    fns[1].copy(&texture->fill, patch);
    CHECK(!memcmp(texture->view, wanted, texture->size));
    free(before);
    free(wanted);
}

// A seam, another place, and a run of up to a third of the width that is taken from there.
static void compare_texture(unsigned cpu, int width)
{
    enum { HEIGHT = 40, MOST = 1 << 22 };
    const int planes = 1 + kernels_pick(3), bits = kernels_pick(2) ? 8 : 9 + kernels_pick(8);
    const int dx = kernels_pick(2 * width) - width, dy = kernels_pick(9) - 4;
    const int count = 1 + kernels_pick(width / 3 + 1), run = kernels_pick(width - count + 1);
    struct rl_texture_fns fns[2];
    struct texture texture;
    struct rl_texture_seam seam = {{0, 36}, kernels_pick(width), kernels_pick(12), 2, 1, 0, {{0}},
                                   {{{0}}}};
    struct rl_texture_seam seams[2];
    struct rl_texture_sums sums[2];
    struct rl_texture_patch patch = {{0, 36}, run, kernels_pick(HEIGHT), count,
                                     dx,      dy,  kernels_pick(257),    {0}};
    open_texture(&texture, width, HEIGHT, planes, bits);
    seam.step += kernels_pick(4);
    seam.outwards -= 2 * kernels_pick(2);
    for (int p = 0; p < planes; p++)
        patch.brighter[p] = kernels_pick(400) - 200;
    for (int i = 0; i < 2; i++) {
        rl_texture_init(&fns[i], i ? cpu : 0);
        seams[i] = seam;
        fns[i].look(&texture.fill, &seams[i]);
        fns[i].measure(&texture.fill, &seams[0], dx, dy, &sums[i]);
    }
    CHECK_INT(seams[0].count, seams[1].count);
    CHECK(!memcmp(seams[0].used, seams[1].used, sizeof seam.used));
    for (int p = 0; p < planes; p++)
        CHECK(sums[0].value[p] == sums[1].value[p] &&
              sums[0].difference[p] == sums[1].difference[p]);
    CHECK_INT(sums[0].count, sums[1].count);
    CHECK(sums[0].varies == sums[1].varies && sums[0].differs == sums[1].differs);
    if (seams[0].count)
        CHECK(fns[0].compare(&texture.fill, &seams[0], dx, dy, MOST) ==
              fns[1].compare(&texture.fill, &seams[1], dx, dy, MOST));
    const int fits = 1 + kernels_pick(RL_TEXTURE_FITS);
    struct rl_texture_fit fit[2][RL_TEXTURE_FITS];
    for (int i = 0; i < 2; i++)
        fns[i].fit(&texture.fill, &seams[i], dx, 2 * dy, fits, fit[i]);
    for (int k = 0; k < fits; k++)
        CHECK(fit[0][k].differs == fit[1][k].differs && fit[0][k].count == fit[1][k].count);
    CHECK_INT(fns[0].count(rl_fill_near_row(&texture.fill, 0) + run, count, seam.surface),
              fns[1].count(rl_fill_near_row(&texture.fill, 0) + run, count, seam.surface));
    if (abs(dx) > count)
        compare_copy(fns, &texture, &patch);
    free(texture.view);
    free(texture.memory);
}

enum { PLACES = 100 };

static int64_t look_around(const struct rl_texture_fns *fns, const struct rl_fill *fill,
                           const struct rl_texture_seam *seam)
{
    int64_t sum = 0;
    for (int k = 0; k < PLACES; k++)
        sum += fns->compare(fill, seam, k % 20 * 4, k / 20 * 2 - 5, INT64_MAX);
    return sum;
}

// A seam that is looked for around it, and a run of 16 pixels.
static void bench_texture(void)
{
    enum { WIDTH = 200, HEIGHT = 60 };
    struct rl_texture_fns fns[2];
    struct texture texture;
    struct rl_texture_seam seam = {{0, 400}, 90, 20, 3, 1, 0, {{0}}, {{{0}}}};
    const struct rl_texture_patch patch = {{0, 400}, 80, 30, 16, 40, 3, 200, {0}};
    int64_t sum = 0;
    open_texture(&texture, WIDTH, HEIGHT, 1, 8);
    for (int i = 0; i < 2; i++)
        rl_texture_init(&fns[i], i ? rl_cpu_flags(-1) : 0);
    fns[0].look(&texture.fill, &seam);
    KERNELS_BENCH("texture compare", PLACES, sum += look_around(&fns[0], &texture.fill, &seam),
                  sum += look_around(&fns[1], &texture.fill, &seam));
    KERNELS_BENCH("texture copy", 16, fns[0].copy(&texture.fill, &patch),
                  fns[1].copy(&texture.fill, &patch));
    CHECK(sum != 1);
    free(texture.view);
    free(texture.memory);
}

int main(int argc, char **argv)
{
    kernels_begin(argc, argv);
    KERNELS_EACH_LEVEL(cpu)
    {
        for (int width = 1; width <= KERNELS_MAX_WIDTH; width++)
            for (int round = 0; round < 40; round++)
                compare_texture(cpu, width);
        printf("compared %s\n", rl_cpu_name(cpu));
    }
    if (kernels_bench)
        bench_texture();
    return check_result();
}
