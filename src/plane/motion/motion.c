// SPDX-License-Identifier: MIT
#include "plane/motion/motion.h"

#include "base/cpu.h"
#include "plane/motion/confidence.h"

#include <math.h>
#include <string.h>

enum { PATCH = RL_MOTION_PATCH, STEP = PATCH / 2, PAD = RL_MOTION_PAD, AREA = PATCH * PATCH };
enum { STEPS_COARSE = 8, STEPS_FINE = 4 };  // of Gauss-Newton at most

static const float flat = 16;          // added to the Hessian: gradients of half a luma per pixel
static const float small_step = .03f;  // pixels; further steps tell nothing new
static const float far_away = PATCH;   // a patch that went so far from where it began got lost
static const float clearly = .95f, noise = AREA;  // a candidate has to be so much better

static int columns_of(int size)
{
    return (size - PATCH + STEP - 1) / STEP + 1;
}

static int place(int index, int size)
{
    int at = index * STEP;
    return at < size - PATCH ? at : size - PATCH;
}

static float clamp(float value, float low, float high)
{
    return value < low ? low : value > high ? high : value;
}

static int floor_of(float value)
{
    int whole = (int)value;
    return whole - ((float)whole > value);
}

// Sizes of the levels; returns how many there are.
static int level_sizes(int width, int height, int widths[RL_MOTION_LEVELS],
                       int heights[RL_MOTION_LEVELS])
{
    const int least = PATCH + STEP;
    int count = 0;
    while (count < RL_MOTION_LEVELS && (!count || (width >= least && height >= least))) {
        widths[count] = width;
        heights[count++] = height;
        width = (width + 1) / 2;
        height = (height + 1) / 2;
    }
    return count;
}

static size_t level_floats(int width, int height)
{
    return (size_t)(width + 2 * PAD) * (size_t)(height + 2 * PAD);
}

size_t rl_motion_picture_room(int width, int height)
{
    int widths[RL_MOTION_LEVELS], heights[RL_MOTION_LEVELS];
    const int count = level_sizes(width, height, widths, heights);
    size_t floats = 0;
    for (int i = 0; i < count; i++)
        floats += 3 * level_floats(widths[i], heights[i]);
    return floats;
}

void rl_motion_picture_init(struct rl_motion_picture *picture, int width, int height, float *memory)
{
    int widths[RL_MOTION_LEVELS], heights[RL_MOTION_LEVELS];
    picture->count = level_sizes(width, height, widths, heights);
    for (int i = 0; i < picture->count; i++) {
        const size_t floats = level_floats(widths[i], heights[i]);
        struct rl_motion_level *level = &picture->levels[i];
        *level = (struct rl_motion_level){widths[i], heights[i], widths[i] + 2 * PAD};
        float *origin = memory + PAD * level->stride + PAD;
        level->luma = origin;
        level->gx = origin + floats;
        level->gy = origin + 2 * floats;
        memset(memory, 0, 3 * floats * sizeof *memory);
        memory += 3 * floats;
    }
}

size_t rl_motion_work_room(int width, int height)
{
    int widths[RL_MOTION_LEVELS], heights[RL_MOTION_LEVELS];
    const int count = level_sizes(width, height, widths, heights);
    size_t floats = 3 * (size_t)width * (size_t)height;
    for (int i = 0; i < count; i++)
        floats += 2 * (size_t)columns_of(widths[i]) * (size_t)columns_of(heights[i]);
    return floats;
}

void rl_motion_work_init(struct rl_motion_work *work, int width, int height, float *memory)
{
    int widths[RL_MOTION_LEVELS], heights[RL_MOTION_LEVELS];
    const int count = level_sizes(width, height, widths, heights);
    for (int i = 0; i < 3; i++, memory += (size_t)width * (size_t)height)
        work->sums[i] = memory;
    for (int i = 0; i < count; i++) {
        struct rl_motion_grid *grid = &work->grids[i];
        grid->columns = columns_of(widths[i]);
        grid->rows = columns_of(heights[i]);
        const size_t patches = (size_t)grid->columns * (size_t)grid->rows;
        grid->u = memory;
        grid->v = memory + patches;
        memory += 2 * patches;
    }
}

// ---------------------------------------------------------------------------------------------
// Pictures

static void extend_borders(const struct rl_motion_level *level)
{
    for (int y = 0; y < level->height; y++) {
        float *row = level->luma + y * level->stride;
        for (int x = 1; x <= PAD; x++) {
            row[-x] = row[0];
            row[level->width - 1 + x] = row[level->width - 1];
        }
    }
    const size_t bytes = (size_t)level->stride * sizeof(float);
    float *first = level->luma - PAD, *last = first + (level->height - 1) * level->stride;
    for (int y = 1; y <= PAD; y++) {
        memcpy(first - y * level->stride, first, bytes);
        memcpy(last + y * level->stride, last, bytes);
    }
}

static void make_gradients(const struct rl_motion_level *level)
{
    const ptrdiff_t stride = level->stride;
    for (int y = 0; y < level->height; y++) {
        const float *row = level->luma + y * stride;
        float *gx = level->gx + y * stride, *gy = level->gy + y * stride;
        for (int x = 0; x < level->width; x++) {
            gx[x] = (row[x + 1] - row[x - 1]) * .5f;
            gy[x] = (row[x + stride] - row[x - stride]) * .5f;
        }
    }
}

static void halve(const struct rl_motion_level *to, const struct rl_motion_level *from)
{
    for (int y = 0; y < to->height; y++) {
        const float *a = from->luma + 2 * y * from->stride, *b = a + from->stride;
        float *row = to->luma + y * to->stride;
        for (int x = 0; x < to->width; x++)
            row[x] = ((a[2 * x] + a[2 * x + 1]) + (b[2 * x] + b[2 * x + 1])) * .25f;
    }
}

void rl_motion_picture_finish(struct rl_motion_picture *picture)
{
    for (int i = 0; i < picture->count; i++) {
        if (i)
            halve(&picture->levels[i], &picture->levels[i - 1]);
        extend_borders(&picture->levels[i]);
        make_gradients(&picture->levels[i]);
    }
}

void rl_motion_picture_relight(struct rl_motion_picture *to, const struct rl_motion_picture *from,
                               float gain, float offset)
{
    for (int i = 0; i < from->count; i++) {
        const struct rl_motion_level *a = &from->levels[i], *b = &to->levels[i];
        const size_t floats = level_floats(a->width, a->height);
        const ptrdiff_t corner = PAD * a->stride + PAD;
        for (size_t k = 0; k < floats; k++) {
            b->luma[(ptrdiff_t)k - corner] = gain * a->luma[(ptrdiff_t)k - corner] + offset;
            b->gx[(ptrdiff_t)k - corner] = gain * a->gx[(ptrdiff_t)k - corner];
            b->gy[(ptrdiff_t)k - corner] = gain * a->gy[(ptrdiff_t)k - corner];
        }
    }
}

// ---------------------------------------------------------------------------------------------
// The two functions that come in versions

static float add_columns(const float c[PATCH])
{
    return ((c[0] + c[4]) + (c[2] + c[6])) + ((c[1] + c[5]) + (c[3] + c[7]));
}

static void compare(struct rl_motion_sums *sums, const float *a, const float *gx, const float *gy,
                    const float *b, ptrdiff_t stride, float fx, float fy)
{
    const float w00 = (1 - fx) * (1 - fy), w01 = fx * (1 - fy), w10 = (1 - fx) * fy, w11 = fx * fy;
    float d[PATCH] = {0}, dd[PATCH] = {0}, dgx[PATCH] = {0}, dgy[PATCH] = {0};
    for (int y = 0; y < PATCH; y++) {
        const float *p = b + y * stride, *q = p + stride;
        for (int x = 0; x < PATCH; x++) {
            float value = (w00 * p[x] + w01 * p[x + 1]) + (w10 * q[x] + w11 * q[x + 1]);
            float difference = value - a[y * stride + x];
            d[x] += difference;
            dd[x] += difference * difference;
            dgx[x] += difference * gx[y * stride + x];
            dgy[x] += difference * gy[y * stride + x];
        }
    }
    *sums = (struct rl_motion_sums){add_columns(d), add_columns(dd), add_columns(dgx),
                                    add_columns(dgy)};
}

static void spread(float *const sums[3], ptrdiff_t sums_stride, const float *a, const float *b,
                   ptrdiff_t stride, float fx, float fy, float u, float v)
{
    const float w00 = (1 - fx) * (1 - fy), w01 = fx * (1 - fy), w10 = (1 - fx) * fy, w11 = fx * fy;
    for (int y = 0; y < PATCH; y++) {
        const float *p = b + y * stride, *q = p + stride;
        for (int x = 0; x < PATCH; x++) {
            float value = (w00 * p[x] + w01 * p[x + 1]) + (w10 * q[x] + w11 * q[x + 1]);
            float difference = fabsf(value - a[y * stride + x]);
            float weight = 1 / (difference > 1 ? difference : 1);
            ptrdiff_t at = y * sums_stride + x;
            sums[0][at] += weight;
            sums[1][at] += weight * u;
            sums[2][at] += weight * v;
        }
    }
}

// ---------------------------------------------------------------------------------------------
// The search

struct patch {
    const struct rl_motion_fns *fns;
    const struct rl_motion_level *a, *b;
    ptrdiff_t at;  // of its first pixel
    int x, y;
    float sum_gx, sum_gy;                      // of its gradients
    float inverse_xx, inverse_xy, inverse_yy;  // of the Hessian
};

// Where a patch lies in the other picture, and how well that fits.
struct fit {
    float u, v, cost;
    struct rl_motion_sums sums;
};

static void begin_patch(struct patch *p, int x, int y)
{
    const ptrdiff_t stride = p->a->stride;
    float xx = 0, xy = 0, yy = 0, sum_x = 0, sum_y = 0;
    p->x = x;
    p->y = y;
    p->at = y * stride + x;
    for (int j = 0; j < PATCH; j++) {
        const float *gx = p->a->gx + p->at + j * stride, *gy = p->a->gy + p->at + j * stride;
        for (int i = 0; i < PATCH; i++) {
            sum_x += gx[i];
            sum_y += gy[i];
            xx += gx[i] * gx[i];
            xy += gx[i] * gy[i];
            yy += gy[i] * gy[i];
        }
    }
    xx += flat - sum_x * sum_x / AREA;
    yy += flat - sum_y * sum_y / AREA;
    xy -= sum_x * sum_y / AREA;
    const float determinant = xx * yy - xy * xy;  // at least flat^2 but for rounding
    const float scale = 1 / (determinant > flat ? determinant : flat);
    p->sum_gx = sum_x;
    p->sum_gy = sum_y;
    p->inverse_xx = yy * scale;
    p->inverse_xy = -xy * scale;
    p->inverse_yy = xx * scale;
}

// Displacements are kept to where a patch still touches the other picture.
static void measure(const struct patch *p, struct fit *fit, float u, float v)
{
    const float x = clamp((float)p->x + u, -PATCH, (float)p->b->width);
    const float y = clamp((float)p->y + v, -PATCH, (float)p->b->height);
    const int left = floor_of(x), top = floor_of(y);
    p->fns->compare(&fit->sums, p->a->luma + p->at, p->a->gx + p->at, p->a->gy + p->at,
                    p->b->luma + top * p->b->stride + left, p->a->stride, x - (float)left,
                    y - (float)top);
    fit->u = x - (float)p->x;
    fit->v = y - (float)p->y;
    fit->cost = fit->sums.dd - fit->sums.d * fit->sums.d / AREA;
}

static void consider(const struct patch *p, struct fit *best, float u, float v)
{
    struct fit other;
    if (fabsf(u - best->u) + fabsf(v - best->v) < .5f)
        return;
    measure(p, &other, u, v);
    if (other.cost < clearly * best->cost - noise)
        *best = other;
}

static void descend(const struct patch *p, struct fit *best, int steps)
{
    const struct fit begin = *best;
    for (int i = 0; i < steps; i++) {
        const struct rl_motion_sums *s = &best->sums;
        const float bx = s->dgx - s->d * p->sum_gx / AREA, by = s->dgy - s->d * p->sum_gy / AREA;
        const float du = p->inverse_xx * bx + p->inverse_xy * by;
        const float dv = p->inverse_xy * bx + p->inverse_yy * by;
        struct fit next;
        if (fabsf(du) + fabsf(dv) < small_step)
            break;
        measure(p, &next, best->u - du, best->v - dv);
        if (!(next.cost < best->cost))
            break;
        *best = next;
    }
    if (fabsf(best->u - begin.u) > far_away || fabsf(best->v - begin.v) > far_away)
        *best = begin;
}

// The parents of patch i lie around (i - 1) / 2 on the coarser level.
static void begin_at_parents(const struct patch *p, struct fit *best,
                             const struct rl_motion_grid *parents, int i, int j)
{
    const int right = i / 2 < parents->columns ? i / 2 : parents->columns - 1;
    const int below = j / 2 < parents->rows ? j / 2 : parents->rows - 1;
    const int left = i ? (i - 1) / 2 : 0, above = j ? (j - 1) / 2 : 0;
    int parent = below * parents->columns + right;
    measure(p, best, 2 * parents->u[parent], 2 * parents->v[parent]);
    parent = (above < parents->rows ? above : below) * parents->columns +
             (left < parents->columns ? left : right);
    consider(p, best, 2 * parents->u[parent], 2 * parents->v[parent]);
}

static void search_level(struct patch *p, struct rl_motion_grid *grid,
                         const struct rl_motion_grid *parents, int steps)
{
    for (int j = 0; j < grid->rows; j++)
        for (int i = 0; i < grid->columns; i++) {
            const int at = j * grid->columns + i;
            struct fit best;
            begin_patch(p, place(i, p->a->width), place(j, p->a->height));
            if (parents)
                begin_at_parents(p, &best, parents, i, j);
            else
                measure(p, &best, 0, 0);
            if (i)
                consider(p, &best, grid->u[at - 1], grid->v[at - 1]);
            if (j)
                consider(p, &best, grid->u[at - grid->columns], grid->v[at - grid->columns]);
            consider(p, &best, 0, 0);
            descend(p, &best, steps);
            grid->u[at] = best.u;
            grid->v[at] = best.v;
        }
}

static void spread_all(const struct patch *p, const struct rl_motion_grid *grid,
                       const struct rl_motion_work *work)
{
    const int width = p->a->width, height = p->a->height;
    const size_t bytes = (size_t)width * (size_t)height * sizeof(float);
    for (int i = 0; i < 3; i++)
        memset(work->sums[i], 0, bytes);
    for (int j = 0; j < grid->rows; j++)
        for (int i = 0; i < grid->columns; i++) {
            const int x = place(i, width), y = place(j, height), at = j * grid->columns + i;
            const float u = grid->u[at], v = grid->v[at];
            const int left = floor_of((float)x + u), top = floor_of((float)y + v);
            const ptrdiff_t to = (ptrdiff_t)y * width + x;
            float *const sums[3] = {work->sums[0] + to, work->sums[1] + to, work->sums[2] + to};
            p->fns->spread(sums, width, p->a->luma + y * p->a->stride + x,
                           p->b->luma + top * p->b->stride + left, p->a->stride,
                           (float)x + u - (float)left, (float)y + v - (float)top, u, v);
        }
}

void rl_motion_search(const struct rl_motion_fns *fns, const struct rl_motion_picture *a,
                      const struct rl_motion_picture *b, struct rl_motion_work *work, float *dx,
                      float *dy, ptrdiff_t stride)
{
    struct patch p = {.fns = fns};
    for (int i = a->count - 1; i >= 0; i--) {
        p.a = &a->levels[i];
        p.b = &b->levels[i];
        search_level(&p, &work->grids[i], i < a->count - 1 ? &work->grids[i + 1] : NULL,
                     i ? STEPS_COARSE : STEPS_FINE);
    }
    spread_all(&p, &work->grids[0], work);
    for (int y = 0; y < p.a->height; y++) {
        const ptrdiff_t from = (ptrdiff_t)y * p.a->width;
        for (int x = 0; x < p.a->width; x++) {
            dx[y * stride + x] = work->sums[1][from + x] / work->sums[0][from + x];
            dy[y * stride + x] = work->sums[2][from + x] / work->sums[0][from + x];
        }
    }
}

// ---------------------------------------------------------------------------------------------
// Confidence

static void confidence_row(float *confidence, const struct rl_motion_pair *pair, int y)
{
    for (int x = 0; x < pair->a->width; x++)
        confidence[x] = rl_confidence_cell(pair, x, y);
}

void rl_motion_confidence(const struct rl_motion_fns *fns, float *confidence, ptrdiff_t stride,
                          const struct rl_motion_picture *a, const struct rl_motion_picture *b,
                          struct rl_motion_field field, struct rl_motion_field back)
{
    const struct rl_motion_pair pair = {&a->levels[0], &b->levels[0], field, back};
    for (int y = 0; y < pair.a->height; y++)
        fns->confidence_row(confidence + y * stride, &pair, y);
}

// ---------------------------------------------------------------------------------------------

#ifdef RL_HAVE_AVX2
void rl_motion_init_avx2(struct rl_motion_fns *fns);
#endif

void rl_motion_init(struct rl_motion_fns *fns, unsigned cpu)
{
    *fns = (struct rl_motion_fns){compare, spread, confidence_row};
    (void)cpu;
#ifdef RL_HAVE_AVX2
    if (cpu & RL_CPU_AVX2)
        rl_motion_init_avx2(fns);
#endif
}
