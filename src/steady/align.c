// SPDX-License-Identifier: MIT
#include "steady/align.h"

#include <math.h>

enum { ROUNDS = 4, EVERY = 4, MEAN_OF = 300 };

static const double least_share = .04;      // of cells that have to be trusted
static const double least_residual = .004;  // of the map's range: better fits tell nothing
static const double tukey = 4;          // times the mean residual: beyond, a cell does not count
static const double most_change = 1.3;  // of the scale from one frame to the next

static const float recent_share = .04f;

struct sums {
    double w, x, y, xx, yy, xy, residual;
    long cells;
};

static void add_row(struct sums *s, const struct rl_align_planes *p, int row, struct rl_scale fit,
                    double reach)
{
    const float *map = p->map + row * p->map_stride, *known = p->known + row * p->known_stride;
    const float *trust = p->trust + row * p->known_stride;
    for (int i = p->x0; i < p->x1; i += EVERY) {
        const double x = map[i], y = known[i];
        const double residual = fabs(fit.scale * x + fit.shift - y);
        double w = trust[i];
        s->cells++;
        if (residual < reach) {
            const double far = residual / reach;
            w *= (1 - far * far) * (1 - far * far);
        } else {
            w = 0;
        }
        s->w += w;
        s->residual += w * residual;
        s->x += w * x;
        s->y += w * y;
        s->xx += w * x * x;
        s->yy += w * y * y;
        s->xy += w * x * y;
    }
}

static struct sums sums_of(const struct rl_align_planes *p, struct rl_scale fit, double reach)
{
    struct sums s = {0};
    for (int row = p->y0; row < p->y1; row += EVERY)
        add_row(&s, p, row, fit, reach);
    return s;
}

void rl_align_begin(struct rl_align *align, struct rl_scale first)
{
    *align = (struct rl_align){first, first, first, 1};
}

static double limited(double value, double low, double high)
{
    return value < low ? low : value > high ? high : value;
}

// One round. False: too little is left, or map and memory have nothing in common.
static bool improve(struct rl_scale *fit, const struct sums *s, double last_scale)
{
    if (s->w < least_share * (double)s->cells)
        return false;
    const double mx = s->x / s->w, my = s->y / s->w;
    const double vx = s->xx / s->w - mx * mx, vy = s->yy / s->w - my * my;
    const double cov = s->xy / s->w - mx * my;
    if (!(vx > 0 && vy > 0 && cov > 0) || cov * cov < .25 * vx * vy)
        return false;
    const double scale = limited(sqrt(vy / vx), last_scale / most_change, last_scale * most_change);
    *fit = (struct rl_scale){(float)scale, (float)(my - scale * mx)};
    return true;
}

static bool fit_planes(struct rl_scale *fit, const struct rl_align_planes *planes)
{
    const double last_scale = fit->scale;
    double reach = INFINITY;  // the first residual is that of the frame before's scale
    for (int round = 0; round < ROUNDS; round++) {
        const struct sums s = sums_of(planes, *fit, reach);
        if (!improve(fit, &s, last_scale))
            return round > 0;
        reach = tukey * fmax(s.residual / s.w, least_residual * planes->width * fit->scale);
    }
    return true;
}

struct rl_scale rl_align_next(struct rl_align *align, const struct rl_align_planes *planes)
{
    struct rl_scale fit = align->last;
    if (!fit_planes(&fit, planes))
        fit = align->last;
    align->count += align->count < MEAN_OF;
    const float share = 1 / (float)align->count;
    align->anchor.scale += (fit.scale - align->anchor.scale) * share;
    align->anchor.shift += (fit.shift - align->anchor.shift) * share;
    align->recent.scale += (fit.scale - align->recent.scale) * recent_share;
    align->recent.shift += (fit.shift - align->recent.shift) * recent_share;
    align->last = fit;
    return fit;
}

struct rl_scale rl_align_pull(const struct rl_align *align, double frames)
{
    const float share = (float)(1 / frames);
    // anchor(map) with map = (value - recent.shift) / recent.scale.
    const float whole = align->anchor.scale / align->recent.scale;
    const float shift = align->anchor.shift - whole * align->recent.shift;
    return (struct rl_scale){1 + (whole - 1) * share, shift * share};
}
