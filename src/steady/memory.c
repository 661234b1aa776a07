// SPDX-License-Identifier: MIT
#include "steady/memory.h"

#include <math.h>

#include <libavutil/common.h>

enum { MEANS = 5 };  // of trust, one after the other; odd, so that the last one ends in its plane

float *rl_memory_plane(const AVFrame *memory, enum rl_memory_plane plane)
{
    return (float *)(void *)memory->data[plane];
}

ptrdiff_t rl_memory_stride(const AVFrame *memory)
{
    return memory->linesize[0] / (ptrdiff_t)sizeof(float);
}

struct rl_carried rl_memory_row(const AVFrame *memory, int y)
{
    const ptrdiff_t at = y * rl_memory_stride(memory);
    return (struct rl_carried){rl_memory_plane(memory, RL_MEMORY_DEPTH) + at,
                               rl_memory_plane(memory, RL_MEMORY_COUNT) + at,
                               rl_memory_plane(memory, RL_MEMORY_LUMA) + at,
                               rl_memory_plane(memory, RL_MEMORY_TRUST) + at};
}

struct rl_motion_view rl_memory_motion(const AVFrame *motion)
{
    return (struct rl_motion_view){(const float *)(const void *)motion->data[RL_MOTION_DX],
                                   (const float *)(const void *)motion->data[RL_MOTION_DY],
                                   (const float *)(const void *)motion->data[RL_MOTION_CONFIDENCE],
                                   motion->linesize[0] / (ptrdiff_t)sizeof(float),
                                   motion->width,
                                   motion->height};
}

AVFrame *rl_memory_new(struct rl_carrier *carrier, int width, int height)
{
    return rl_pool_get(&carrier->pool, AV_PIX_FMT_GBRAPF32, width, height, NULL);
}

void rl_memory_take_map(AVFrame *memory, const AVFrame *map, struct rl_limits seen,
                        struct rl_scale scale)
{
    const struct rl_plane from = rl_frame_plane(map, 0);
    const float width = seen.near - seen.far;
    const float least = seen.far - 2 * width, most = seen.near + 2 * width;
    float last = seen.far;
    for (int y = 0; y < map->height; y++) {
        const float *row = (const float *)(const void *)rl_plane_row(&from, y);
        float *to = rl_memory_row(memory, y).depth;
        for (int x = 0; x < map->width; x++) {
            if (isfinite(row[x]))
                last = row[x] < least ? least : row[x] > most ? most : row[x];
            to[x] = scale.scale * last + scale.shift;
        }
    }
}

void rl_memory_scale(AVFrame *memory, struct rl_scale scale)
{
    for (int y = 0; y < memory->height; y++) {
        float *depth = rl_memory_row(memory, y).depth;
        for (int x = 0; x < memory->width; x++)
            depth[x] = scale.scale * depth[x] + scale.shift;
    }
}

void rl_memory_fill(AVFrame *memory, enum rl_memory_plane plane, float value)
{
    for (int y = 0; y < memory->height; y++) {
        float *row = rl_memory_plane(memory, plane) + y * rl_memory_stride(memory);
        for (int x = 0; x < memory->width; x++)
            row[x] = value;
    }
}

// ---------------------------------------------------------------------------------------------
// Carrying

// How light changed between what is carried and what is seen, on trusted cells; none when that
// explains little.
static struct rl_light light_of(const AVFrame *carried, const float *luma, ptrdiff_t stride)
{
    double sums[2] = {0}, spreads[2] = {0}, as_is = 0, matched = 0;
    int count = 0;
    struct rl_light light = {1, 0};
    for (int pass = 0; pass < 3; pass++)
        for (int y = 2; y < carried->height; y += 4) {
            const struct rl_carried row = rl_memory_row(carried, y);
            for (int x = 2; x < carried->width; x += 4) {
                if (row.trust[x] < .5f)
                    continue;
                const double a = luma[y * stride + x], b = row.luma[x];
                if (pass == 0) {
                    sums[0] += a;
                    sums[1] += b;
                    count++;
                } else if (pass == 1) {
                    spreads[0] += fabs(a - sums[0] / count);
                    spreads[1] += fabs(b - sums[1] / count);
                } else {
                    const double gain = av_clipd((spreads[0] + count) / (spreads[1] + count), .25,
                                                 4);
                    light = (struct rl_light){(float)gain,
                                              (float)((sums[0] - gain * sums[1]) / count)};
                    as_is += fabs(a - b);
                    matched += fabs(a - light.gain * b - light.offset);
                }
            }
        }
    return as_is > 1.25 * matched ? light : (struct rl_light){1, 0};
}

// What is around a row of a plane, the border's rows going on beyond it.
static void rows_around(const float *rows[5], const float *plane, ptrdiff_t stride, int y,
                        int height)
{
    for (int i = 0; i < 5; i++)
        rows[i] = plane + av_clip(y + i - 2, 0, height - 1) * stride;
}

// Trust as the mean of the least around; `spare` is a plane that may be overwritten.
static void soften(const struct rl_smooth_fns *fns, AVFrame *carried, float *spare)
{
    const ptrdiff_t stride = rl_memory_stride(carried);
    float *trust = rl_memory_plane(carried, RL_MEMORY_TRUST);
    const float *rows[5];
    for (int y = 0; y < carried->height; y++) {
        rows_around(rows, trust, stride, y, carried->height);
        fns->least_row(spare + y * stride, rows, carried->width);
    }
    float *from = spare, *to = trust;
    for (int pass = 0; pass < MEANS; pass++) {
        for (int y = 0; y < carried->height; y++) {
            rows_around(rows, from, stride, y, carried->height);
            fns->mean_row(to + y * stride, rows, carried->width);
        }
        FFSWAP(float *, from, to);
    }
}

AVFrame *rl_memory_carry(struct rl_carrier *carrier, const AVFrame *from, const AVFrame *motion,
                         const float *luma, ptrdiff_t stride, int frames)
{
    AVFrame *carried = rl_memory_new(carrier, from->width, from->height);
    if (!carried)
        return NULL;
    const struct rl_carried origin = rl_memory_row(from, 0);
    const struct rl_memory memory = {origin.depth,           origin.count, origin.luma,
                                     rl_memory_stride(from), from->width,  from->height};
    const struct rl_motion_view view = rl_memory_motion(motion);
    for (int y = 0; y < from->height; y++)
        carrier->fns.carry_row(rl_memory_row(carried, y), &memory, &view, y);
    const struct rl_light light = light_of(carried, luma, stride);
    for (int y = 0; y < from->height; y++) {
        const struct rl_carried row = rl_memory_row(carried, y);
        const float *here = luma + y * stride;
        carrier->fns.trust_row(row.trust, row.luma, here, y ? here - stride : here,
                               y < from->height - 1 ? here + stride : here, from->width, light,
                               carrier->how.luma_tolerance);
    }
    soften(&carrier->fns, carried, rl_memory_plane(carried, RL_MEMORY_LUMA));  // which has served
    rl_trend_apply(&carrier->trend, rl_memory_plane(carried, RL_MEMORY_DEPTH),
                   rl_memory_stride(carried), carried->width, carried->height, (float)frames);
    return carried;
}

void rl_memory_only(AVFrame *memory, const AVFrame *carried)
{
    for (int y = 0; y < memory->height; y++) {
        const struct rl_carried from = rl_memory_row(carried, y), to = rl_memory_row(memory, y);
        for (int x = 0; x < memory->width; x++) {
            to.depth[x] = from.depth[x];
            to.count[x] = from.count[x] * from.trust[x];
        }
    }
}

void rl_memory_blend(const struct rl_carrier *carrier, AVFrame *to, const AVFrame *own,
                     const AVFrame *carried, float range, float most)
{
    const ptrdiff_t stride = rl_memory_stride(own);
    struct rl_smooth_how how = carrier->how;
    how.slack[0] *= range;
    how.slack[1] *= range;
    how.most = most;
    for (int y = 0; y < own->height; y++) {
        const struct rl_carried here = rl_memory_row(own, y), result = rl_memory_row(to, y);
        const float *const rows[3] = {y ? here.depth - stride : here.depth, here.depth,
                                      y < own->height - 1 ? here.depth + stride : here.depth};
        carrier->fns.blend_row(result.depth, result.count, rows, here.count,
                               rl_memory_row(carried, y), own->width, &how);
    }
}

void rl_memory_take_luma(AVFrame *memory, const AVFrame *from)
{
    for (int y = 0; y < memory->height; y++)
        memcpy(rl_memory_row(memory, y).luma, rl_memory_row(from, y).luma,
               (size_t)memory->width * sizeof(float));
}
