// SPDX-License-Identifier: MIT
#include "stereo/window.h"

#include <string.h>

void rl_window_init(struct rl_window *window, bool wide)
{
    *window = (struct rl_window){.wide = wide};
}

void rl_window_clear(struct rl_window *window)
{
    for (int i = 0; i < window->count; i++)
        rl_frame_free(&window->frames[i]);
    window->count = window->now = 0;
}

static void drop_first(struct rl_window *window)
{
    rl_frame_free(&window->frames[0]);
    window->count--;
    window->now--;
    memmove(window->frames, window->frames + 1, (size_t)window->count * sizeof *window->frames);
}

void rl_window_push(struct rl_window *window, struct rl_frame *frame)
{
    while (window->now > (window->wide ? RL_FILM_BACK : 0))
        drop_first(window);
    window->frames[window->count++] = frame;
}

bool rl_window_has_frames(const struct rl_window *window)
{
    return window->now < window->count;
}

bool rl_window_is_ready(const struct rl_window *window)
{
    return window->count - window->now > (window->wide ? RL_FILM_AHEAD : 0);
}

static bool is_alike(const struct rl_frame *a, const struct rl_frame *b)
{
    const struct rl_area p = rl_frame_area(a), q = rl_frame_area(b);
    return a->picture->format == b->picture->format && a->picture->width == b->picture->width &&
           a->picture->height == b->picture->height && p.x0 == q.x0 && p.y0 == q.y0 &&
           p.x1 == q.x1 && p.y1 == q.y1;
}

void rl_window_look(const struct rl_window *window, struct rl_film *film)
{
    const struct rl_frame *now = window->frames[window->now];
    *film = (struct rl_film){.now = now};
    for (int k = 0; k < RL_FILM_BACK && window->now - 1 - k >= 0 && window->wide; k++) {
        const struct rl_frame *frame = window->frames[window->now - 1 - k];
        if (!is_alike(frame, now) || window->frames[window->now - k]->cut)
            break;
        film->back[k] = frame;
    }
    for (int k = 0; k < RL_FILM_AHEAD && window->now + 1 + k < window->count; k++) {
        const struct rl_frame *frame = window->frames[window->now + 1 + k];
        if (!is_alike(frame, now) || frame->cut)
            break;
        film->ahead[k] = frame;
    }
}

bool rl_window_take(struct rl_window *window, struct rl_frame **frame)
{
    *frame = NULL;
    struct rl_frame *stays = rl_frame_clone(window->frames[window->now]);
    if (!stays)
        return false;
    *frame = window->frames[window->now];
    window->frames[window->now++] = stays;
    return true;
}
