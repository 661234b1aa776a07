// SPDX-License-Identifier: MIT
//
// Pictures of films before and while they are converted.
#include "base/options/options.h"
#include "base/str.h"
#include "serve/server.h"
#include "serve/settings.h"

#include <math.h>

enum { USUAL_PX = 960, LEAST_PX = 64, MOST_PX = 1920, THUMBNAIL_PX = 320 };

// What a preview is asked for.
struct wish {
    struct relief_params params;  // to check the settings with
    json_t *settings;             // name -> text
    double time_s;
    int longest_px;
    const char *view;
    struct relief_error err;
};

static void wish_number(struct wish *wish, const char *name, const char *value, double least,
                        double most, double *number)
{
    char *end;
    double given = strtod(value, &end);
    if (end == value || *end || !isfinite(given) || given < least || given > most)
        rl_fail(&wish->err, RELIEF_E_ARGUMENT, "%s: is no number from %g to %g", name, least, most);
    else
        *number = given;
}

static void take_word(void *user, const char *name, const char *value)
{
    struct wish *wish = user;
    double number = 0;
    if (!strcmp(name, "id"))
        return;
    if (!strcmp(name, "t")) {
        wish_number(wish, name, value, 0, 1e6, &wish->time_s);
    } else if (!strcmp(name, "width")) {
        wish_number(wish, name, value, LEAST_PX, MOST_PX, &number);
        wish->longest_px = (int)number;
    } else if (!strcmp(name, "view")) {
        int view = 0;
        while (view < RELIEF_VIEW_COUNT &&
               strcmp(relief_view_name((enum relief_view)view), value) != 0)
            view++;
        wish->view = relief_view_name((enum relief_view)view);
        if (!wish->view)
            rl_fail(&wish->err, RELIEF_E_ARGUMENT, "view: there is no '%.40s'", value);
    } else if (rl_setting_apply(&wish->params, name, value, &wish->err) == RELIEF_OK) {
        json_object_set_new(wish->settings, rl_option_find(name)->name, json_string(value));
    }
}

// The last picture of a film stands for times at and behind its end.
static double within(double time_s, const json_t *info)
{
    double length = json_number_value(json_object_get(info, "duration"));
    double rate = json_number_value(json_object_get(info, "frame_rate"));
    if (strcmp(json_string_value(json_object_get(info, "kind")), "picture") == 0)
        return 0;
    double last = length - (rate > 0 ? 1.5 / rate : 0.1);
    return length > 0 && time_s > last ? fmax(last, 0) : time_s;
}

static void draw(struct rl_request *request, const char *path, const struct wish *wish)
{
    struct relief_error err = {0};
    struct rl_looked looked;
    struct rl_look look = {
        .path = path,
        .time_us = llround(wish->time_s * 1e6),
        .view = wish->view,
        .longest_px = wish->longest_px,
        .settings = wish->settings,
    };
    if (rl_looker_preview(request->server->looker, &look, &looked, &err) != RELIEF_OK) {
        free(looked.jpeg);
        const char *behind = rl_str_starts(err.message, path) ? err.message + strlen(path) : NULL;
        rl_reply_error(&request->reply, rl_http_code(err.status), relief_status_name(err.status),
                       "%s%s", behind ? "the film" : err.message, behind ? behind : "");
        return;
    }
    rl_reply_bytes(&request->reply, "image/jpeg", looked.jpeg, looked.size);
    rl_reply_header(&request->reply, "X-Relief-Size", "%dx%d", looked.width, looked.height);
    rl_reply_header(&request->reply, "Server-Timing", "draw;dur=%.1f", looked.seconds * 1e3);
}

void rl_get_preview(struct rl_request *request)
{
    struct rl_desk *desk = &request->server->desk;
    struct wish wish = {.settings = json_object(), .longest_px = USUAL_PX, .view = "output"};
    char path[4096] = "";
    const char *id = rl_request_query(request, "id");
    relief_params_default(&wish.params);
    rl_request_each_query(request, take_word, &wish);
    rl_desk_lock(desk);
    const struct rl_film *film = id ? rl_film_find(desk, id) : NULL;
    if (film && film->complete) {
        rl_str_copy(path, sizeof path, film->path);
        if (film->info)
            wish.time_s = within(wish.time_s, film->info);
    }
    rl_desk_unlock(desk);
    if (!*path)
        rl_reply_error(&request->reply, 404, "id", "there is no such film");
    else if (wish.err.status != RELIEF_OK)
        rl_reply_failure(&request->reply, &wish.err);
    else
        draw(request, path, &wish);
    json_decref(wish.settings);
}

// Seconds that an option of a job stands for.
static double option_seconds(const struct rl_job *job, const char *name)
{
    int64_t time_us = 0;
    const char *text = json_string_value(json_object_get(job->options, name));
    return text && rl_parse_time(text, &time_us) ? (double)time_us / 1e6 : 0;
}

// Where a job is in its film: while it works the frame it has come to, at the end a third of it.
static double place_of(struct rl_desk *desk, const struct rl_job *job)
{
    const struct rl_film *film = rl_film_find(desk, job->film);
    const json_t *info = film ? film->info : NULL;
    double begin_s = option_seconds(job, "start"), span_s = option_seconds(job, "duration");
    double length_s = json_number_value(json_object_get(info, "duration")) - begin_s;
    double part = job->total > 0 ? (double)job->frames / (double)job->total : 0;
    if (span_s <= 0 || (length_s > 0 && span_s > length_s))
        span_s = fmax(length_s, 0);
    double time_s = begin_s + span_s * (rl_job_is_over(job) ? 1.0 / 3 : fmin(part, 1));
    return info ? within(time_s, info) : 0;
}

void rl_get_thumbnail(struct rl_request *request)
{
    struct rl_desk *desk = &request->server->desk;
    struct wish wish = {.longest_px = THUMBNAIL_PX, .view = "output"};
    char path[4096] = "";
    rl_desk_lock(desk);
    const struct rl_job *job = rl_job_find(desk, request->id);
    if (job) {
        rl_str_copy(path, sizeof path, job->film_path);
        wish.settings = json_deep_copy(job->options);
        wish.time_s = place_of(desk, job);
    }
    rl_desk_unlock(desk);
    if (!job)
        rl_reply_error(&request->reply, 404, "id", "there is no such job");
    else if (!wish.settings)
        rl_reply_error(&request->reply, 500, "memory", "out of memory");
    else
        draw(request, path, &wish);
    json_decref(wish.settings);
}
