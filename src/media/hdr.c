// SPDX-License-Identifier: MIT
#include "media/hdr.h"

#include "base/str.h"

#include <math.h>

#include <libavutil/mastering_display_metadata.h>

// How an encoder spells it. Chromaticities and luminances are multiples of 1/50000 and of 0.0001
// cd/m2 in H.264 and H.265; SVT-AV1 takes plain numbers.
struct spelling {
    const char *encoder, *display, *light;
    bool plain;
};

static const struct spelling spellings[] = {
    {"libx265", "master-display", "max-cll", false},
    {"libx264", "mastering-display", "cll", false},
    {"libsvtav1", "mastering-display", "content-light", true},
};

static void add_pair(char *text, size_t size, const struct spelling *s, const char *name,
                     AVRational x, AVRational y, double unit)
{
    const double a = av_q2d(x), b = av_q2d(y);
    if (s->plain)
        rl_str_add(text, size, "%s(%.4f,%.4f)", name, a, b);
    else
        rl_str_add(text, size, "%s(%ld,%ld)", name, lrint(a * unit), lrint(b * unit));
}

static void add_display(char *text, size_t size, const struct spelling *s, const AVFrame *first)
{
    const AVFrameSideData *side = av_frame_get_side_data(first,
                                                         AV_FRAME_DATA_MASTERING_DISPLAY_METADATA);
    const AVMasteringDisplayMetadata *m = side ? (const void *)side->data : NULL;
    if (!m || !m->has_primaries || !m->has_luminance)
        return;
    rl_str_add(text, size, "%s=", s->display);
    add_pair(text, size, s, "G", m->display_primaries[1][0], m->display_primaries[1][1], 50000);
    add_pair(text, size, s, "B", m->display_primaries[2][0], m->display_primaries[2][1], 50000);
    add_pair(text, size, s, "R", m->display_primaries[0][0], m->display_primaries[0][1], 50000);
    add_pair(text, size, s, "WP", m->white_point[0], m->white_point[1], 50000);
    add_pair(text, size, s, "L", m->max_luminance, m->min_luminance, 10000);
}

static void add_light(char *text, size_t size, const struct spelling *s, const AVFrame *first)
{
    const AVFrameSideData *side = av_frame_get_side_data(first, AV_FRAME_DATA_CONTENT_LIGHT_LEVEL);
    const AVContentLightMetadata *light = side ? (const void *)side->data : NULL;
    if (light && (light->MaxCLL || light->MaxFALL))
        rl_str_add(text, size, "%s%s=%u,%u", *text ? ":" : "", s->light, light->MaxCLL,
                   light->MaxFALL);
}

void rl_hdr_options(char *text, size_t size, const char *encoder, const AVFrame *first)
{
    *text = 0;
    for (size_t i = 0; first && i < sizeof spellings / sizeof *spellings; i++)
        if (!strcmp(spellings[i].encoder, encoder)) {
            add_display(text, size, &spellings[i], first);
            add_light(text, size, &spellings[i], first);
        }
}
