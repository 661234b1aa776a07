// SPDX-License-Identifier: MIT
#include "stereo/upsample/upsample.h"

static const float *map_row(const struct rl_upsample_map *map, int y)
{
    return (const float *)((const char *)map->data + (ptrdiff_t)y * map->stride);
}

static int limit(int value, int max)
{
    return value < 0 ? 0 : value > max ? max : value;
}

// NaN becomes 0, the farthest.
static uint16_t to_depth(float d)
{
    if (!(d > 0))
        return 0;
    return d >= 1 ? 65535 : (uint16_t)(d * 65535 + 0.5f);
}

static float mix(float a, float b, float part)
{
    return a + (b - a) * part;
}

// Where the centre of sample `at` of `count` lies in a line of `of` samples.
static float place(int at, int count, int of)
{
    return ((float)at + 0.5f) * (float)of / (float)count - 0.5f;
}

static int floor_int(float value)
{
    int whole = (int)value;
    return (float)whole > value ? whole - 1 : whole;
}

void rl_upsample_row(uint16_t *to, int width, int height, int y, const struct rl_upsample_map *map)
{
    if (map->width == width && map->height == height) {
        for (int x = 0; x < width; x++)
            to[x] = to_depth(map_row(map, y)[x]);
        return;
    }
    float v = place(y, height, map->height);
    int top = floor_int(v);
    const float *a = map_row(map, limit(top, map->height - 1));
    const float *b = map_row(map, limit(top + 1, map->height - 1));
    for (int x = 0; x < width; x++) {
        float u = place(x, width, map->width);
        int left = floor_int(u);
        int i = limit(left, map->width - 1), j = limit(left + 1, map->width - 1);
        float part = u - (float)left;
        to[x] = to_depth(mix(mix(a[i], a[j], part), mix(b[i], b[j], part), v - (float)top));
    }
}
