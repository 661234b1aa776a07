// SPDX-License-Identifier: MIT
#include "serve/look.h"

#include "base/json.h"
#include "base/str.h"
#include "serve/jpeg.h"
#include "serve/settings.h"

#include <time.h>

enum { VIEWERS = 4 };

struct rl_look_desk {
    struct relief_context *ctx;
    struct {
        char *path;
        int longest_px;
        struct relief_viewer *viewer;
        uint64_t used;
    } open[VIEWERS];
    uint64_t count;
};

struct rl_look_desk *rl_look_open(void)
{
    struct rl_look_desk *desk = calloc(1, sizeof *desk);
    if (desk && relief_context_create(&desk->ctx, NULL, NULL) == RELIEF_OK)
        return desk;
    free(desk);
    return NULL;
}

static json_t *tracks_json(const struct relief_media_info *info)
{
    const int most = (int)(sizeof info->streams / sizeof *info->streams);
    json_t *tracks = json_array();
    for (int i = 0; i < info->stream_count && i < most; i++) {
        const struct relief_stream_info *s = &info->streams[i];
        json_array_append_new(tracks, json_pack("{ss ss so so}", "kind", s->kind, "codec", s->codec,
                                                "language", rl_json_text(s->language), "detail",
                                                rl_json_text(s->detail)));
    }
    return tracks;
}

static json_t *info_json(const struct relief_media_info *info)
{
    double rate = info->frame_rate_den > 0 ? (double)info->frame_rate_num / info->frame_rate_den
                                           : 0;
    double aspect = info->sample_aspect_den > 0 && info->sample_aspect_num > 0
                        ? (double)info->sample_aspect_num / info->sample_aspect_den
                        : 1;
    return json_pack("{ss ss si si sf ss si sf sf sI si ss si so}", "kind", info->kind, "container",
                     info->container, "width", info->width, "height", info->height, "pixel_aspect",
                     aspect, "pixel_format", info->pix_fmt, "bits", info->bits_per_sample,
                     "duration", (double)info->duration_us / 1e6, "frame_rate", rate, "frame_count",
                     (json_int_t)info->frame_count, "rotation", info->rotation_degrees, "color",
                     info->color, "chapters", info->chapter_count, "tracks", tracks_json(info));
}

static json_t *probe(struct rl_look_desk *desk, const char *path, struct relief_error *err)
{
    struct relief_media_info info;
    json_t *json = NULL;
    if (relief_probe(desk->ctx, path, &info, err) == RELIEF_OK)
        json = info_json(&info);
    return json ? json_pack("{so}", "info", json) : NULL;
}

// The viewer of a film, from those that are open or a new one in the place of the oldest.
static struct relief_viewer *find_viewer(struct rl_look_desk *desk, const char *path,
                                         int longest_px, struct relief_error *err)
{
    int place = 0;
    for (int i = 0; i < VIEWERS; i++) {
        if (desk->open[i].viewer && desk->open[i].longest_px == longest_px &&
            !strcmp(desk->open[i].path, path)) {
            desk->open[i].used = ++desk->count;
            return desk->open[i].viewer;
        }
        if (desk->open[i].used < desk->open[place].used)
            place = i;
    }
    relief_viewer_free(&desk->open[place].viewer);
    free(desk->open[place].path);
    desk->open[place].path = rl_str_format("%s", path);
    desk->open[place].longest_px = longest_px;
    desk->open[place].used = ++desk->count;
    if (!desk->open[place].path) {
        rl_fail_memory(err);
        return NULL;
    }
    if (relief_viewer_create(&desk->open[place].viewer, desk->ctx, path, longest_px, err) !=
        RELIEF_OK)
        return NULL;
    return desk->open[place].viewer;
}

static enum relief_view view_of(const char *name)
{
    int view = 0;
    while (view < RELIEF_VIEW_COUNT && strcmp(relief_view_name((enum relief_view)view), name) != 0)
        view++;
    return (enum relief_view)view;
}

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static json_t *preview(struct rl_look_desk *desk, const json_t *request, const char *path,
                       uint8_t *room, size_t room_size, struct relief_error *err)
{
    double begin_s = now_s();
    struct relief_params params;
    struct relief_image image = {0};
    json_t *plain = NULL, *answer = NULL;
    size_t bytes = 0;
    int longest_px = (int)json_integer_value(json_object_get(request, "longest"));
    const char *view = json_string_value(json_object_get(request, "view"));
    enum relief_status status = rl_settings_read(json_object_get(request, "settings"), &params,
                                                 &plain, err);
    json_decref(plain);
    struct relief_viewer *viewer = status == RELIEF_OK ? find_viewer(desk, path, longest_px, err)
                                                       : NULL;
    if (viewer)
        status = relief_viewer_render(viewer,
                                      json_integer_value(json_object_get(request, "time_us")),
                                      &params, view_of(view ? view : ""), &image, err);
    if (viewer && status == RELIEF_OK)
        status = rl_jpeg_write(&image, room, room_size, &bytes, err);
    if (viewer && status == RELIEF_OK)
        answer = json_pack("{si si sI sf}", "width", image.width, "height", image.height, "bytes",
                           (json_int_t)bytes, "seconds", now_s() - begin_s);
    relief_image_free(&image);
    return answer;
}

json_t *rl_look_answer(struct rl_look_desk *desk, const json_t *request, uint8_t *room,
                       size_t room_size)
{
    struct relief_error err = {0};
    const char *what = json_string_value(json_object_get(request, "what"));
    const char *path = json_string_value(json_object_get(request, "path"));
    json_t *answer = NULL;
    if (what && path && !strcmp(what, "probe"))
        answer = probe(desk, path, &err);
    else if (what && path && !strcmp(what, "preview"))
        answer = preview(desk, request, path, room, room_size, &err);
    if (answer)
        return answer;
    if (err.status == RELIEF_OK)
        rl_fail_memory(&err);
    return json_pack("{s{si so so}}", "error", "status", (int)err.status, "message",
                     rl_json_text(err.message), "hint", rl_json_text(err.hint));
}
