// SPDX-License-Identifier: MIT
#include "stereo/holes.h"

#include <string.h>

static bool add_group(struct rl_holes *holes, int group, int width, int height, int planes,
                      bool film)
{
    size_t count = (size_t)width * (size_t)height;
    holes->memory[group] = calloc(1, rl_fill_size(width, height, planes));
    if (!holes->memory[group])
        return false;
    rl_fill_init(&holes->fills[group], holes->memory[group], width, height, planes, &holes->outline,
                 &holes->sink, &holes->pyramid, &holes->texture);
    if (!film)
        return true;
    const struct rl_fill_level *level = &holes->fills[group].levels[0];
    const size_t bytes = rl_fill_near_count(level) * sizeof *level->near;
    holes->near_memory[group] = malloc(bytes);
    if (!holes->near_memory[group])
        return false;
    memcpy(holes->near_memory[group], rl_fill_near_begin(level), bytes);
    holes->near_before[group] = holes->near_memory[group] +
                                (level->near - rl_fill_near_begin(level));
    holes->kept[group] = malloc(count * (size_t)planes * sizeof **holes->kept);
    return holes->kept[group];
}

bool rl_holes_open(struct rl_holes *holes, enum AVPixelFormat format, int width, int height,
                   bool film, unsigned cpu)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(format);
    bool rgb = desc->flags & AV_PIX_FMT_FLAG_RGB;
    int chroma_w = rgb ? 0 : desc->log2_chroma_w, chroma_h = rgb ? 0 : desc->log2_chroma_h;
    bool split = chroma_w || chroma_h;
    *holes = (struct rl_holes){
        .chroma_w = chroma_w, .chroma_h = chroma_h, .bits = desc->comp[0].depth};
    rl_warp_init(&holes->warp, cpu);
    rl_outline_init(&holes->outline, cpu);
    rl_sink_init(&holes->sink, cpu);
    rl_pyramid_init(&holes->pyramid, cpu);
    rl_texture_init(&holes->texture, cpu);
    rl_seam_init(&holes->seam, cpu);
    if (add_group(holes, RL_HOLES_LUMA, width, height, split ? 1 : 3, film) &&
        (!split || add_group(holes, RL_HOLES_CHROMA, AV_CEIL_RSHIFT(width, chroma_w),
                             AV_CEIL_RSHIFT(height, chroma_h), 2, film)))
        return true;
    rl_holes_close(holes);
    return false;
}

void rl_holes_close(struct rl_holes *holes)
{
    for (int group = 0; group < RL_HOLES_GROUPS; group++) {
        free(holes->memory[group]);
        free(holes->near_memory[group]);
        free(holes->kept[group]);
    }
    av_frame_free(&holes->view_before);
    *holes = (struct rl_holes){0};
}

static bool is_empty(const int16_t *near, int width)
{
    for (int x = 0; x < width; x++)
        if (near[x] != RL_WARP_NO_NEAR)
            return false;
    return true;
}

void rl_holes_take_row(struct rl_holes *holes, int y, int32_t *map,
                       const struct rl_disparity *disparity)
{
    const struct rl_fill *fill = &holes->fills[RL_HOLES_LUMA];
    int width = fill->levels[0].width;
    int16_t *near = rl_fill_near_row(fill, y);
    holes->warp.near_row(near, map, width, disparity);
    if (is_empty(near, width))
        memset(near, 0, (size_t)width * sizeof *near);
    rl_fill_take_row(fill, y);
}

void rl_holes_take_chroma(struct rl_holes *holes, int y, int end)
{
    const struct rl_fill *luma = &holes->fills[RL_HOLES_LUMA];
    const struct rl_fill *chroma = &holes->fills[RL_HOLES_CHROMA];
    holes->warp.chroma_near_row(rl_fill_near_row(chroma, y >> holes->chroma_h),
                                chroma->levels[0].width, holes->chroma_w, rl_fill_near_row(luma, y),
                                rl_fill_near_row(luma, end - 1));
    rl_fill_take_row(chroma, y >> holes->chroma_h);
}

void rl_holes_fill(struct rl_holes *holes, const struct rl_plane planes[3], int group,
                   int tolerance, int rim_px, const struct rl_film *film,
                   const struct rl_disparity *disparity)
{
    struct rl_fill *fill = &holes->fills[group];
    if (!holes->memory[group])
        return;
    for (int i = 0; i < fill->planes; i++) {
        const struct rl_plane *plane = &planes[i + (group == RL_HOLES_CHROMA)];
        fill->view[i] = plane->data;
        fill->view_stride[i] = plane->stride;
    }
    fill->bits = holes->bits;
    fill->tolerance = tolerance;
    fill->rim = group == RL_HOLES_CHROMA ? (rim_px + (1 << holes->chroma_w) - 1) >> holes->chroma_w
                                         : rim_px;
    fill->shift_x = group == RL_HOLES_CHROMA ? holes->chroma_w : 0;
    fill->mixed = group == RL_HOLES_CHROMA ? 2 : 1;  // chroma is interpolated from farther around
    fill->remembers = film->back[0];
    rl_fill_find(fill);
    bool finds = fill->count && rl_film_has_more(film);
    struct rl_before before = {holes->view_before, holes->near_before[group], holes->offset_before};
    if (finds)
        rl_film_find(film, &before, fill, group == RL_HOLES_CHROMA, group ? holes->chroma_w : 0,
                     group ? holes->chroma_h : 0, disparity, holes->kept[group]);
    rl_fill_paint(fill);
    if (finds)
        rl_film_settle(fill, holes->kept[group]);
}

bool rl_holes_turn(struct rl_holes *holes, const AVFrame *view,
                   const struct rl_disparity *disparity)
{
    av_frame_free(&holes->view_before);
    holes->view_before = av_frame_clone(view);
    holes->offset_before = disparity->offset;
    for (int group = 0; group < RL_HOLES_GROUPS && holes->memory[group]; group++) {
        int16_t *now = holes->fills[group].levels[0].near;
        holes->fills[group].levels[0].near = holes->near_before[group];
        holes->near_before[group] = now;
    }
    return holes->view_before;
}

void rl_holes_soften(const struct rl_holes *holes, const struct rl_plane planes[3], int y)
{
    const struct rl_fill *fill = &holes->fills[RL_HOLES_LUMA];
    for (int i = 0; i < fill->planes; i++)
        holes->seam.row(rl_plane_row(&planes[i], y), rl_fill_near_row(fill, y),
                        rl_fill_outlines(fill, y), fill->levels[0].width, holes->bits > 8);
}
