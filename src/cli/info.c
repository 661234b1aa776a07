// SPDX-License-Identifier: MIT
//
// relief info: what is in a file, and what a conversion with the same options would write.
#include "base/file.h"
#include "base/json.h"
#include "base/str.h"
#include "cli/commands.h"
#include "cli/names.h"

#include <jansson.h>

// What a conversion would write.
struct outlook {
    char *name;
    int width, height;
    int64_t frame_count;  // 0 when unknown
    char format[32], encoder[32];
};

static int stream_count(const struct relief_media_info *info)
{
    const int most = (int)(sizeof info->streams / sizeof *info->streams);
    return info->stream_count < most ? info->stream_count : most;
}

static double frame_rate(const struct relief_media_info *info)
{
    return info->frame_rate_den > 0 ? (double)info->frame_rate_num / info->frame_rate_den : 0;
}

// All frames, or as many as the span holds.
static int64_t expected_frames(const struct relief_params *params,
                               const struct relief_media_info *info)
{
    int64_t total = info->frame_count, left_us = info->duration_us - params->start_us;
    if (!params->start_us && !params->duration_us)
        return total;
    if (params->duration_us && (params->duration_us < left_us || !info->duration_us))
        left_us = params->duration_us;
    if (left_us <= 0 || frame_rate(info) <= 0)
        return 0;
    int64_t frames = (int64_t)((double)left_us * frame_rate(info) / 1e6 + 0.5);
    return total && frames > total ? total : frames;
}

static enum relief_status look_ahead(struct outlook *o, const struct rl_args *args,
                                     const struct relief_media_info *info, struct relief_error *err)
{
    const struct relief_params *params = &args->params;
    *o = (struct outlook){.name = rl_output_name(args, args->inputs[0], info)};
    if (!o->name)
        return rl_fail_memory(err);
    struct relief_outlook outlook;
    struct relief_params shown = *params;
    enum relief_status status = relief_look_ahead(&outlook, params, info, err);
    if (status != RELIEF_OK)
        return status;
    o->width = outlook.width;
    o->height = outlook.height;
    shown.encoder = outlook.encoder;
    o->frame_count = expected_frames(params, info) * outlook.frames_for_each;
    rl_option_get(rl_option_find("format"), params, o->format, sizeof o->format);
    rl_option_get(rl_option_find("encoder"), &shown, o->encoder, sizeof o->encoder);
    if (shown.encoder == RELIEF_ENCODER_AUTO)
        rl_str_copy(o->encoder, sizeof o->encoder, rl_path_extension(o->name));
    return RELIEF_OK;
}

static void print_shape(const struct relief_media_info *info)
{
    printf("  picture   %dx%d", info->width, info->height);
    if (info->sample_aspect_num != info->sample_aspect_den)
        printf(", pixels %d:%d", info->sample_aspect_num, info->sample_aspect_den);
    printf(", %s, %d bits", info->pix_fmt, info->bits_per_sample);
    if (*info->color && !rl_str_starts(info->color, "unknown/unknown/unknown"))
        printf(", %s", info->color);
    if (info->rotation_degrees)
        printf(", turned by %d degrees", info->rotation_degrees);
    printf("%s\n", info->interlaced ? ", interlaced" : "");
}

static void print_times(const struct relief_media_info *info)
{
    char time[32];
    if (!strcmp(info->kind, "picture"))
        return;
    rl_format_seconds((double)info->duration_us / 1e6, time, sizeof time);
    printf("  length    %s", info->duration_us ? time : "unknown");
    if (info->frame_count)
        printf(", %lld frames", (long long)info->frame_count);
    if (frame_rate(info) > 0)
        printf(", %.5g frames a second", frame_rate(info));
    if (info->start_us)
        printf(", begins at %.3f s", (double)info->start_us / 1e6);
    printf("\n");
}

static void print_text(const char *path, const struct relief_media_info *info,
                       const struct outlook *o)
{
    printf("%s: %s, %s\n", path, *info->kind ? info->kind : "video", info->container);
    print_shape(info);
    print_times(info);
    for (int i = 0; i < stream_count(info); i++) {
        const struct relief_stream_info *s = &info->streams[i];
        printf("  stream %-2d %-10s %s%s%s%s%s\n", i, s->kind, s->codec, *s->language ? ", " : "",
               s->language, *s->detail ? ", " : "", s->detail);
    }
    if (info->stream_count > stream_count(info))
        printf("  and %d streams more\n", info->stream_count - stream_count(info));
    if (info->chapter_count)
        printf("  chapters  %d\n", info->chapter_count);
    printf("would write %s\n", strcmp(o->name, "-") ? o->name : "to standard output");
    printf("  picture   %dx%d, %s, %s\n", o->width, o->height, o->format, o->encoder);
    if (o->frame_count)
        printf("  frames    %lld\n", (long long)o->frame_count);
    if (info->stream_count > 1)
        printf("  streams   copied as they are, as far as %s can carry them\n",
               rl_path_extension(o->name));
}

static json_t *streams_json(const struct relief_media_info *info)
{
    json_t *list = json_array();
    for (int i = 0; i < stream_count(info); i++) {
        const struct relief_stream_info *s = &info->streams[i];
        json_array_append_new(list, json_pack("{ss ss so so}", "kind", s->kind, "codec", s->codec,
                                              "language", rl_json_text(s->language), "detail",
                                              rl_json_text(s->detail)));
    }
    return list;
}

static json_t *outlook_json(const struct outlook *o)
{
    return json_pack("{so si si ss ss sI}", "name", rl_json_text(o->name), "width", o->width,
                     "height", o->height, "format", o->format, "encoder", o->encoder, "frames",
                     (json_int_t)o->frame_count);
}

static enum relief_status print_json(const char *path, const struct relief_media_info *info,
                                     const struct outlook *o, struct relief_error *err)
{
    json_t *root = json_pack(
        "{so ss ss si si s[ii] ss si si si s[ii] sI sI sI ss si si so so}", "file",
        rl_json_text(path), "kind", info->kind, "container", info->container, "width", info->width,
        "height", info->height, "sample_aspect", info->sample_aspect_num, info->sample_aspect_den,
        "pix_fmt", info->pix_fmt, "bits", info->bits_per_sample, "rotation", info->rotation_degrees,
        "interlaced", info->interlaced, "frame_rate", info->frame_rate_num, info->frame_rate_den,
        "start_us", (json_int_t)info->start_us, "duration_us", (json_int_t)info->duration_us,
        "frames", (json_int_t)info->frame_count, "color", info->color, "chapters",
        info->chapter_count, "stream_count", info->stream_count, "streams", streams_json(info),
        "output", outlook_json(o));
    if (!root)
        return rl_fail_memory(err);
    (void)json_dumpf(root, stdout, JSON_INDENT(2));
    printf("\n");
    json_decref(root);
    return RELIEF_OK;
}

enum relief_status rl_show_info(struct relief_context *ctx, const struct rl_args *args,
                                struct relief_error *err)
{
    const char *path = args->inputs[0];
    struct relief_media_info info = {0};
    struct outlook o = {0};
    enum relief_status status = relief_probe(ctx, path, &info, err);
    if (status == RELIEF_OK)
        status = look_ahead(&o, args, &info, err);
    if (status == RELIEF_OK && args->json)
        status = print_json(path, &info, &o, err);
    else if (status == RELIEF_OK)
        print_text(path, &info, &o);
    free(o.name);
    return status;
}
