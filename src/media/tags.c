// SPDX-License-Identifier: MIT
#include "media/tags.h"

#include "base/str.h"
#include "media/codec.h"

#include <libavutil/avstring.h>
#include <libavutil/mem.h>
#include <libavutil/spherical.h>

static int copy_without(AVDictionary **to, const AVDictionary *from, const char *const *dropped)
{
    int failed = av_dict_copy(to, from, 0);
    for (; failed >= 0 && *dropped; dropped++)
        av_dict_set(to, *dropped, NULL, 0);
    return failed;
}

int rl_tags_copy_file(AVFormatContext *to, const struct rl_source *source)
{
    // Said anew by every muxer, or here.
    static const char *const dropped[] = {"major_brand", "minor_version", "compatible_brands",
                                          "encoder",     "duration",      "stereo_mode",
                                          NULL};
    return source->demuxer ? copy_without(&to->metadata, source->demuxer->metadata, dropped) : 0;
}

int rl_tags_copy_video(AVStream *to, const struct rl_source *source,
                       const AVOutputFormat *container)
{
    // Matroska keeps statistics of a track as tags; rotation has been applied.
    static const char *const dropped[] = {"rotate",
                                          "encoder",
                                          "DURATION",
                                          "BPS",
                                          "NUMBER_OF_FRAMES",
                                          "NUMBER_OF_BYTES",
                                          "_STATISTICS_WRITING_APP",
                                          "_STATISTICS_WRITING_DATE_UTC",
                                          "_STATISTICS_TAGS",
                                          "stereo_mode",
                                          "alpha_mode",
                                          NULL};
    if (!source->demuxer || source->video_index < 0)
        return 0;
    const AVStream *from = source->demuxer->streams[source->video_index];
    to->disposition = from->disposition & ~AV_DISPOSITION_ATTACHED_PIC;
    int failed = copy_without(&to->metadata, from->metadata, dropped);
    return failed < 0 ? failed : rl_tags_fit(&to->metadata, container);
}

static int fit_language(AVDictionary **tags, const AVOutputFormat *container)
{
    // Codes of ISO 639-2, and those that FFmpeg's list of QuickTime's languages has for the same.
    static const char *const odd[][2] = {{"swe", "sve"}, {"hrv", "hr "}, {"srp", "sr "}};
    static const char *const twins[][2] = {
        {"fre", "fra"}, {"deu", "ger"}, {"nld", "dut"}, {"ell", "gre"}, {"isl", "ice"},
        {"zho", "chi"}, {"sqi", "alb"}, {"rum", "ron"}, {"cze", "ces"}, {"slo", "slk"},
        {"fas", "per"}, {"eus", "baq"}, {"cym", "wel"}, {"mkd", "mac"}, {"hye", "arm"},
        {"kat", "geo"}, {"msa", "may"}, {"mya", "bur"}, {"bod", "tib"}, {"gle", "iri"}};
    const bool is_mov = !strcmp(container->name, "mov");
    const AVDictionaryEntry *language = av_dict_get(*tags, "language", NULL, 0);
    for (size_t i = 0; language && i < sizeof odd / sizeof *odd; i++)
        if (!strcmp(language->value, odd[i][!is_mov]))
            return av_dict_set(tags, "language", odd[i][is_mov], 0);
    for (size_t i = 0; language && is_mov && i < sizeof twins / sizeof *twins; i++)
        if (!strcmp(language->value, twins[i][0]))
            return av_dict_set(tags, "language", twins[i][1], 0);
    return 0;
}

// FFmpeg's own names for handlers, and Apple's.
static bool is_no_name(const char *handler)
{
    static const char *const names[] = {"VideoHandler", "SoundHandler", "SubtitleHandler",
                                        "DataHandler"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(handler, names[i]))
            return true;
    return !*handler || rl_str_starts(handler, "Core Media ");
}

static int fit_names(AVDictionary **tags, const AVOutputFormat *container)
{
    const AVDictionaryEntry *title = av_dict_get(*tags, "title", NULL, 0);
    const AVDictionaryEntry *handler = av_dict_get(*tags, "handler_name", NULL, 0);
    const bool is_empty = !handler || is_no_name(handler->value);
    if (av_match_name(container->name, RL_TAGS_MOV))
        return title && is_empty ? av_dict_set(tags, "handler_name", title->value, 0) : 0;
    if (is_empty || (title && !strcmp(title->value, handler->value)))
        av_dict_set(tags, "handler_name", NULL, 0);
    return av_dict_set(tags, "vendor_id", NULL, 0);
}

int rl_tags_fit(AVDictionary **tags, const AVOutputFormat *container)
{
    int failed = fit_language(tags, container);
    return failed < 0 ? failed : fit_names(tags, container);
}

// `until` is where the film ends, as `from` counts.
static int add_chapter(AVFormatContext *to, const AVChapter *from, int64_t shift, int64_t until)
{
    AVChapter *chapter = av_mallocz(sizeof *chapter);
    if (!chapter)
        return AVERROR(ENOMEM);
    chapter->id = from->id;
    chapter->time_base = from->time_base;
    chapter->start = from->start > shift ? from->start - shift : 0;
    chapter->end = from->end == AV_NOPTS_VALUE ? from->end : FFMIN(from->end, until) - shift;
    to->chapters[to->nb_chapters++] = chapter;
    return av_dict_copy(&chapter->metadata, from->metadata, 0);
}

int rl_tags_copy_chapters(AVFormatContext *to, const struct rl_source *source)
{
    unsigned count = source->demuxer ? source->demuxer->nb_chapters : 0;
    if (!count)
        return 0;
    to->chapters = av_calloc(count, sizeof(AVChapter *));
    int failed = to->chapters ? 0 : AVERROR(ENOMEM);
    for (unsigned i = 0; failed >= 0 && i < count; i++) {
        const AVChapter *from = source->demuxer->chapters[i];
        int64_t shift = av_rescale_q(source->start_pts, source->time_base, from->time_base);
        int64_t until = INT64_MAX;
        if (source->end_pts)
            until = av_rescale_q(source->end_pts, source->time_base, from->time_base);
        // One that reached beyond the film's end would make an MP4 as long as itself.
        if ((from->end == AV_NOPTS_VALUE || from->end > shift) && from->start < until)
            failed = add_chapter(to, from, shift, until);
    }
    return failed;
}

int rl_tags_copy_hdr(AVStream *to, const struct rl_source *source)
{
    static const enum AVFrameSideDataType types[] = {AV_FRAME_DATA_MASTERING_DISPLAY_METADATA,
                                                     AV_FRAME_DATA_CONTENT_LIGHT_LEVEL};
    static const enum AVPacketSideDataType as[] = {AV_PKT_DATA_MASTERING_DISPLAY_METADATA,
                                                   AV_PKT_DATA_CONTENT_LIGHT_LEVEL};
    for (size_t i = 0; source->first && i < 2; i++) {
        const AVFrameSideData *side = av_frame_get_side_data(source->first, types[i]);
        int failed = side ? rl_stream_add_side_data(to, as[i], side->data, side->size) : 0;
        if (failed < 0)
            return failed;
    }
    return 0;
}

// AVStereo3D has no type for anaglyphs. A Matroska file gets a mode whose byte is replaced in the
// end; a checkerboard's does not touch the size.
static bool find_type(const struct rl_layout *layout, const char *container,
                      enum AVStereo3DType *type)
{
    *type = layout->type;
    if (layout->anaglyph && !strcmp(container, "matroska"))
        *type = AV_STEREO3D_CHECKERBOARD;
    // WebM knows no others, and its muxer refuses the file for them.
    if (!strcmp(container, "webm") && *type != AV_STEREO3D_SIDEBYSIDE &&
        *type != AV_STEREO3D_TOPBOTTOM)
        return false;
    // For the muxer it would be two frames laced into one block.
    return *type != AV_STEREO3D_2D && *type != AV_STEREO3D_FRAMESEQUENCE;
}

// Half of a sphere: a whole one of which a quarter is missing on either side, in 0.32 fixed point.
static int set_sphere(AVStream *to)
{
    const uint32_t quarter = 1u << 30;
    size_t size;
    AVSphericalMapping *sphere = av_spherical_alloc(&size);
    if (!sphere)
        return AVERROR(ENOMEM);
    sphere->projection = AV_SPHERICAL_EQUIRECTANGULAR_TILE;
    sphere->bound_left = sphere->bound_right = quarter;
    int failed = rl_stream_add_side_data(to, AV_PKT_DATA_SPHERICAL, sphere, size);
    av_free(sphere);
    return failed;
}

int rl_tags_set_layout(AVStream *to, const char *container, const struct rl_layout *layout)
{
    enum AVStereo3DType type;
    if (layout->vr180) {
        int failed = set_sphere(to);
        if (failed < 0)
            return failed;
    }
    if (!find_type(layout, container, &type))
        return 0;
    size_t size = sizeof(AVStereo3D);
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(59, 16, 100)
    AVStereo3D *stereo = av_stereo3d_alloc_size(&size);
#else
    AVStereo3D *stereo = av_stereo3d_alloc();
#endif
    if (!stereo)
        return AVERROR(ENOMEM);
    stereo->type = type;
    stereo->flags = layout->right_first ? AV_STEREO3D_FLAG_INVERT : 0;
    int failed = rl_stream_add_side_data(to, AV_PKT_DATA_STEREO3D, stereo, size);
    av_free(stereo);
    return failed;
}
