// SPDX-License-Identifier: MIT
//
// The road of a frame:
//
//     decode, or the next picture -> convert to a working format -> upright -> convert to the
//     first frame's size and format -> held, until the next one says how long it is shown
//
#include "media/read.h"

#include "base/str.h"
#include "media/fit.h"
#include "media/decode.h"
#include "media/lost.h"
#include "media/packets.h"
#include "media/pictures.h"
#include "media/upright.h"

#include <libavutil/mem.h>

enum { SEQUENCE_RATE = 25 };

// How much film before --start is run through the filters, how far packets may lie behind the end
// of the span, and how far before it they are kept while its first frame is unknown.
static const int64_t LEAD_US = 1000000, TAIL_US = 5000000, EARLY_US = 60000000;

struct rl_reader {
    struct rl_reader_params params;
    char *path;
    struct rl_input input;      // of a sequence: its first picture
    struct rl_decoder decoder;  // not used for a sequence
    struct rl_pictures pictures;
    size_t next_picture;
    struct rl_fit to_working, to_first;
    struct rl_upright upright;
    struct rl_source source;
    AVFrame *first;               // properties only
    int film_width, film_height;  // before max_height

    AVFrame *held, *after;  // the next frame to give out, and the one behind it, if known
    bool raw_ended, ended;
    int64_t index;
    int64_t film_pts;   // the film's beginning
    int64_t from_pts;   // the span
    int64_t until_pts;  // INT64_MAX: to the end
    int64_t first_pts;  // of the first frame given out
    int64_t last_duration;

    rl_packet_fn on_packet;
    void *user;
    struct rl_packets early;  // met before anybody could ask for them
    bool is_flowing;          // the first frame was asked for
    struct rl_lost lost;
    bool warned_turn, warned_size, warned_picture;
};

// ---------------------------------------------------------------------------------------------
// Packets of the other streams

// A packet's time in the video's time base.
static int64_t time_of(const struct rl_reader *reader, const AVPacket *packet)
{
    const AVStream *stream = reader->input.demuxer->streams[packet->stream_index];
    int64_t time = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;
    return time == AV_NOPTS_VALUE ? time
                                  : av_rescale_q(time, stream->time_base, reader->source.time_base);
}

// Of a subtitle that reaches over an end of the span, what lies within.
static enum relief_status give_text(struct rl_reader *reader, const AVPacket *packet,
                                    struct relief_error *err)
{
    const AVRational from = reader->source.time_base;
    const AVRational to = reader->input.demuxer->streams[packet->stream_index]->time_base;
    int64_t begin = INT64_MIN, end = INT64_MAX;
    if (reader->params.start_us > 0)
        begin = av_rescale_q_rnd(reader->first_pts, from, to, AV_ROUND_UP);
    if (reader->until_pts != INT64_MAX)
        end = av_rescale_q(reader->until_pts, from, to);
    AVPacket *part = av_packet_clone(packet);
    enum relief_status status = part ? RELIEF_OK : rl_fail_memory(err);
    if (part && rl_packet_cut(part, begin, end))
        status = reader->on_packet(reader->user, part, err);
    av_packet_free(&part);
    return status;
}

// Has the shape of rl_packets_fn.
static enum relief_status give_packet(void *user, const AVPacket *packet, struct relief_error *err)
{
    struct rl_reader *reader = user;
    const AVStream *stream = reader->input.demuxer->streams[packet->stream_index];
    if (!reader->on_packet)
        return RELIEF_OK;
    if (stream->codecpar->codec_type == AVMEDIA_TYPE_SUBTITLE)
        return give_text(reader, packet, err);
    int64_t time = time_of(reader, packet);
    if (time != AV_NOPTS_VALUE &&
        ((reader->params.start_us > 0 && time < reader->first_pts) || time >= reader->until_pts))
        return RELIEF_OK;
    return reader->on_packet(reader->user, packet, err);
}

static int64_t in_time_base(const struct rl_reader *reader, int64_t us)
{
    return av_rescale_q(us, AV_TIME_BASE_Q, reader->source.time_base);
}

// What the decoder hands on; has the shape of rl_packet_fn.
static enum relief_status take_packet(void *user, const AVPacket *packet, struct relief_error *err)
{
    struct rl_reader *reader = user;
    if (reader->is_flowing)
        return give_packet(reader, packet, err);
    int64_t time = time_of(reader, packet);
    if (reader->params.start_us > 0 && time != AV_NOPTS_VALUE &&
        time < reader->from_pts - in_time_base(reader, EARLY_US))
        return RELIEF_OK;
    return rl_packets_add(&reader->early, packet, err);
}

static enum relief_status begin_flow(struct rl_reader *reader, struct relief_error *err)
{
    reader->is_flowing = true;
    return rl_packets_give(&reader->early, give_packet, reader, err);
}

// ---------------------------------------------------------------------------------------------
// Frames as they are stored

static enum relief_status decode_picture(struct rl_reader *reader, const char *path,
                                         AVFrame **frame, struct relief_error *err)
{
    struct rl_input input;
    struct rl_decoder decoder = {.input = &input};
    enum relief_status status = rl_input_open(&input, path, reader->params.stop, err);
    if (status == RELIEF_OK)
        status = rl_decoder_open(&decoder, 1, err);
    if (status == RELIEF_OK)
        status = rl_decoder_next(&decoder, frame, err);
    if (status == RELIEF_OK && !*frame)
        status = rl_fail(err, RELIEF_E_INPUT, "%s: no picture in it can be decoded", path);
    if (status == RELIEF_OK && decoder.warned_damage && !reader->warned_picture) {
        rl_warn(reader->params.log, "%s: is damaged in places", path);
        reader->warned_picture = true;
    }
    rl_decoder_close(&decoder);
    rl_input_close(&input);
    return status;
}

// The next picture of a sequence; those that cannot be read leave a gap in time.
static enum relief_status next_picture(struct rl_reader *reader, AVFrame **frame,
                                       struct relief_error *err)
{
    *frame = NULL;
    while (reader->next_picture < reader->pictures.count) {
        size_t index = reader->next_picture++;
        struct relief_error cause = {0};
        enum relief_status status = decode_picture(reader, reader->pictures.paths[index], frame,
                                                   &cause);
        if (status == RELIEF_OK) {
            (*frame)->pts = (int64_t)index;
            reader->last_duration = 1;
            return RELIEF_OK;
        }
        if (status != RELIEF_E_INPUT)
            return rl_error_pass(err, &cause);
        if (!reader->warned_picture)
            rl_warn(reader->params.log, "%s (left out)", cause.message);
        reader->warned_picture = true;
    }
    return RELIEF_OK;
}

static enum relief_status next_raw(struct rl_reader *reader, AVFrame **frame,
                                   struct relief_error *err)
{
    if (reader->pictures.count)
        return next_picture(reader, frame, err);
    enum relief_status status = rl_decoder_next(&reader->decoder, frame, err);
    reader->last_duration = reader->decoder.last_duration;
    return status;
}

// ---------------------------------------------------------------------------------------------
// Frames as they are seen

static struct rl_turn turn_of(struct rl_reader *reader, const AVFrame *frame)
{
    bool is_exact;
    struct rl_turn turn = rl_turn_of(rl_decoder_matrix(&reader->input, frame), &is_exact);
    if (!is_exact && !reader->warned_turn) {
        rl_warn(reader->params.log, "%s: is turned by no quarter turn; taken as the nearest one",
                reader->path);
        reader->warned_turn = true;
    }
    return turn;
}

static enum relief_status push_raw(struct rl_reader *reader, AVFrame *frame,
                                   struct relief_error *err)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get((enum AVPixelFormat)frame->format);
    enum AVPixelFormat format = rl_format_working((enum AVPixelFormat)frame->format);
    enum relief_status status;
    if (format == AV_PIX_FMT_NONE) {
        status = rl_fail(err, RELIEF_E_INPUT, "%s: pictures of format %s are not supported",
                         reader->path, desc ? desc->name : "unknown");
        av_frame_free(&frame);
        return status;
    }
    rl_lost_tell(&reader->lost, &reader->input, frame, reader->params.log);
    struct rl_turn turn = turn_of(reader, frame);
    if (turn.transpose)
        format = rl_turn_format(format);
    status = rl_fit(&reader->to_working, &frame, format, frame->width, frame->height, NULL, err);
    if (status == RELIEF_OK)
        return rl_upright_push(&reader->upright, frame, turn, err);
    av_frame_free(&frame);
    return status;
}

// All frames have the size and format of the first.
static enum relief_status fit_first(struct rl_reader *reader, AVFrame **frame,
                                    struct relief_error *err)
{
    const AVFrame *first = reader->first;
    int width = (*frame)->width, height = (*frame)->height;
    enum AVPixelFormat format = reader->params.format;
    const bool fits = width == reader->film_width && height == reader->film_height;
    if (first && !fits && !reader->warned_size) {
        rl_warn(reader->params.log, "%s: changes size from %dx%d to %dx%d; the first size is kept",
                reader->path, reader->film_width, reader->film_height, width, height);
        reader->warned_size = true;
    }
    if (first)
        return rl_fit(&reader->to_first, frame, (enum AVPixelFormat)first->format, first->width,
                      first->height, first, err);
    reader->film_width = width;
    reader->film_height = height;
    rl_reader_limit(&width, &height, reader->params.max_height);
    if (format == AV_PIX_FMT_NONE)
        format = (enum AVPixelFormat)(*frame)->format;
    return rl_fit(&reader->to_first, frame, format, width, height, NULL, err);
}

static enum relief_status set_first(struct rl_reader *reader, const AVFrame *frame,
                                    struct relief_error *err)
{
    reader->first = av_frame_alloc();
    if (!reader->first || av_frame_copy_props(reader->first, frame) < 0)
        return rl_fail_memory(err);
    reader->first->width = frame->width;
    reader->first->height = frame->height;
    reader->first->format = frame->format;
    return RELIEF_OK;
}

// The next upright frame; NULL at the end of the file.
static enum relief_status pull(struct rl_reader *reader, AVFrame **out, struct relief_error *err)
{
    enum relief_status status = RELIEF_OK;
    *out = NULL;
    while (status == RELIEF_OK && !(*out = rl_upright_pop(&reader->upright))) {
        AVFrame *raw = NULL;
        if (reader->raw_ended)
            return RELIEF_OK;
        status = next_raw(reader, &raw, err);
        if (status != RELIEF_OK)
            break;
        reader->raw_ended = !raw;
        if (!raw)
            status = rl_upright_flush(&reader->upright, err);
        else if (raw->pts < reader->from_pts - in_time_base(reader, LEAD_US))
            av_frame_free(&raw);
        else
            status = push_raw(reader, raw, err);
    }
    if (status == RELIEF_OK)
        status = fit_first(reader, out, err);
    if (status == RELIEF_OK && !reader->first)
        status = set_first(reader, *out, err);
    if (status != RELIEF_OK)
        av_frame_free(out);
    return status;
}

// ---------------------------------------------------------------------------------------------
// The span

static enum relief_status fail_empty(const struct rl_reader *reader, struct relief_error *err)
{
    int cause = reader->decoder.last_error;
    if (cause < 0)
        rl_fail_av(err, RELIEF_E_INPUT, cause, "%s: no picture can be decoded", reader->path);
    else
        rl_fail(err, RELIEF_E_INPUT, "%s: no picture can be decoded", reader->path);
    if (!reader->pictures.count && !reader->input.is_regular)
        rl_hint(err, RL_INPUT_PIPE_HINT);
    return RELIEF_E_INPUT;
}

// Fills `held` with the frame that is on screen at from_pts, or the first one behind it.
static enum relief_status find_first(struct rl_reader *reader, struct relief_error *err)
{
    enum relief_status status = pull(reader, &reader->held, err);
    while (status == RELIEF_OK && reader->held && reader->params.start_us > 0) {
        status = pull(reader, &reader->after, err);
        if (!reader->after || reader->after->pts > reader->from_pts)
            break;
        av_frame_free(&reader->held);
        reader->held = reader->after;
        reader->after = NULL;
    }
    return status;
}

static void forget_frames(struct rl_reader *reader)
{
    av_frame_free(&reader->held);
    av_frame_free(&reader->after);
    av_frame_free(&reader->first);
    rl_upright_clear(&reader->upright);
    rl_packets_clear(&reader->early);
    reader->raw_ended = false;
}

// Some containers seek to a place behind the one asked for: then from further back.
static enum relief_status seek_first(struct rl_reader *reader, struct relief_error *err)
{
    static const int64_t back_us[] = {0, 1000000, 5000000, 30000000, INT64_MAX};
    enum relief_status status = RELIEF_OK;
    for (int i = 0; i < 5 && status == RELIEF_OK; i++) {
        int64_t target = reader->film_pts;
        if (back_us[i] < reader->params.start_us)
            target = reader->from_pts - in_time_base(reader, back_us[i]);
        forget_frames(reader);
        bool has_moved = rl_decoder_seek(&reader->decoder, target);
        status = find_first(reader, err);
        bool is_early = reader->held && reader->held->pts <= reader->from_pts;
        if (is_early || !has_moved || target == reader->film_pts)
            break;
    }
    return status;
}

static int64_t span_time(const struct rl_reader *reader, int64_t us, enum AVRounding rounding)
{
    return av_rescale_q_rnd(us, AV_TIME_BASE_Q, reader->source.time_base, rounding);
}

static enum relief_status open_span(struct rl_reader *reader, struct relief_error *err)
{
    const struct rl_reader_params *params = &reader->params;
    enum relief_status status;
    reader->from_pts = INT64_MIN / 2;
    reader->until_pts = INT64_MAX;
    // A frame belongs to the span if any part of it does; a microsecond is how exactly the caller
    // can say "this frame's time".
    if (params->start_us > 0)
        reader->from_pts = reader->film_pts +
                           span_time(reader, params->start_us + 1, AV_ROUND_DOWN);
    if (params->duration_us > 0)
        reader->until_pts = reader->film_pts + span_time(reader,
                                                         params->start_us + params->duration_us - 1,
                                                         AV_ROUND_UP);
    if (reader->pictures.count && params->start_us > 0)
        reader->next_picture = (size_t)reader->from_pts;
    if (params->start_us > 0 && !reader->pictures.count)
        status = seek_first(reader, err);
    else
        status = find_first(reader, err);
    if (status != RELIEF_OK)
        return status;
    bool is_last = reader->held && !reader->after && params->start_us > 0;
    if ((!reader->held && params->start_us > 0) ||
        (is_last && reader->last_duration > 0 &&
         reader->held->pts + reader->last_duration <= reader->from_pts))
        return rl_fail(err, RELIEF_E_INPUT, "%s: ends before the start that was asked for",
                       reader->path);
    if (!reader->held)
        return fail_empty(reader, err);
    reader->first_pts = reader->held->pts;
    return RELIEF_OK;
}

// ---------------------------------------------------------------------------------------------
// What the source is

static int64_t count_frames(const struct rl_reader *reader)
{
    const struct rl_reader_params *params = &reader->params;
    AVRational rate = reader->source.frame_rate;
    bool has_span = params->start_us > 0 || params->duration_us > 0;
    int64_t all = reader->pictures.count ? (int64_t)reader->pictures.count
                                         : rl_input_frames(&reader->input);
    int64_t length_us = rl_input_duration_us(&reader->input);
    if (reader->source.is_still)
        return 1;
    if (reader->pictures.count)
        length_us = av_rescale(all, AV_TIME_BASE, SEQUENCE_RATE);
    if (!has_span && all > 0)
        return all;
    int64_t span_us = length_us > params->start_us ? length_us - params->start_us : 0;
    if (params->duration_us > 0 && (!length_us || params->duration_us < span_us))
        span_us = params->duration_us;
    if (all > 0 && length_us > 0)
        return av_rescale_rnd(all, span_us, length_us, AV_ROUND_UP);
    return av_rescale_q_rnd(span_us, AV_TIME_BASE_Q, rate.num ? av_inv_q(rate) : (AVRational){1, 0},
                            AV_ROUND_NEAR_INF);
}

static int64_t origin_of(const struct rl_reader *reader)
{
    if (reader->params.start_us > 0)
        return reader->first_pts;
    bool has_broadcast_clock = (reader->input.demuxer->iformat->flags & AVFMT_TS_DISCONT) &&
                               rl_input_start_us(&reader->input) > 10 * INT64_C(1000000);
    return has_broadcast_clock ? reader->film_pts : 0;
}

static enum relief_status describe(struct rl_reader *reader, struct relief_error *err)
{
    struct rl_source *source = &reader->source;
    if (reader->input.is_picture && !source->is_sequence && !reader->after) {
        enum relief_status status = pull(reader, &reader->after, err);
        if (status != RELIEF_OK)
            return status;
        source->is_still = !reader->after;
    }
    source->path = reader->path;
    source->demuxer = reader->input.demuxer;
    source->video_index = reader->input.video_index;
    source->first = reader->first;
    source->format = (enum AVPixelFormat)reader->first->format;
    source->width = reader->first->width;
    source->height = reader->first->height;
    AVRational aspect = reader->first->sample_aspect_ratio;
    source->sample_aspect = aspect.num > 0 && aspect.den > 0 ? aspect : (AVRational){1, 1};
    source->frame_rate = source->is_sequence ? (AVRational){SEQUENCE_RATE, 1}
                                             : rl_input_rate(&reader->input);
    source->start_pts = origin_of(reader);
    source->end_pts = reader->until_pts != INT64_MAX ? reader->until_pts : 0;
    source->frame_count = count_frames(reader);
    return RELIEF_OK;
}

// ---------------------------------------------------------------------------------------------
// The door

static enum relief_status open_film(struct rl_reader *reader, struct relief_error *err)
{
    const char *path = reader->path;
    enum relief_status status = RELIEF_OK;
    if (rl_pictures_are_meant(path)) {
        reader->source.is_sequence = true;
        status = rl_pictures_find(&reader->pictures, path, reader->params.log, err);
        if (status != RELIEF_OK)
            return status;
        path = reader->pictures.paths[0];
    }
    status = rl_input_open(&reader->input, path, reader->params.stop, err);
    if (status != RELIEF_OK)
        return status;
    // A picture that is given out for ever has no beginning to count from.
    if (reader->params.still_repeats && reader->input.is_picture && !reader->source.is_sequence)
        reader->params.start_us = reader->params.duration_us = 0;
    reader->source.time_base = (AVRational){1, SEQUENCE_RATE};
    if (!reader->source.is_sequence) {
        reader->decoder = (struct rl_decoder){.input = &reader->input,
                                              .log = reader->params.log,
                                              .on_packet = take_packet,
                                              .user = reader};
        status = rl_decoder_open(&reader->decoder, reader->params.threads, err);
        if (status != RELIEF_OK)
            return status;
        reader->source.time_base = reader->decoder.time_base;
        reader->film_pts = in_time_base(reader, rl_input_start_us(&reader->input));
    }
    reader->upright = (struct rl_upright){.time_base = reader->source.time_base,
                                          .threads = reader->params.threads};
    status = open_span(reader, err);
    return status == RELIEF_OK ? describe(reader, err) : status;
}

enum relief_status rl_reader_open(struct rl_reader **out, const char *path,
                                  const struct rl_reader_params *params, struct relief_error *err)
{
    *out = NULL;
    struct rl_reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return rl_fail_memory(err);
    reader->params = *params;
    reader->input.fd = -1;
    reader->path = rl_str_format("%s", path);
    enum relief_status status = reader->path ? open_film(reader, err) : rl_fail_memory(err);
    if (status == RELIEF_OK)
        *out = reader;
    else
        rl_reader_close(&reader);
    return status;
}

const struct rl_source *rl_reader_source(const struct rl_reader *reader)
{
    return &reader->source;
}

void rl_reader_on_packet(struct rl_reader *reader, rl_packet_fn fn, void *user)
{
    reader->on_packet = fn;
    reader->user = user;
}

// The picture that is given out for ever.
static enum relief_status repeat_still(struct rl_reader *reader, struct rl_frame *frame,
                                       struct relief_error *err)
{
    int64_t step = reader->last_duration > 0 ? reader->last_duration : 1;
    frame->picture = av_frame_clone(reader->held);
    if (!frame->picture)
        return rl_fail_memory(err);
    frame->pts = reader->first_pts + frame->index * step;
    frame->duration = step;
    return RELIEF_OK;
}

static enum relief_status give_held(struct rl_reader *reader, struct rl_frame *frame,
                                    struct relief_error *err)
{
    if (reader->source.is_still && reader->params.still_repeats)
        return repeat_still(reader, frame, err);
    enum relief_status status = RELIEF_OK;
    if (!reader->after)
        status = pull(reader, &reader->after, err);
    if (status != RELIEF_OK)
        return status;
    frame->pts = reader->held->pts;
    frame->duration = reader->after ? reader->after->pts - frame->pts
                                    : FFMAX(reader->last_duration, 0);
    frame->picture = reader->held;
    reader->held = reader->after;
    reader->after = NULL;
    return RELIEF_OK;
}

// The packets behind the last frame.
static enum relief_status end_flow(struct rl_reader *reader, struct relief_error *err)
{
    int64_t until = reader->until_pts;
    if (until != INT64_MAX)
        until += in_time_base(reader, TAIL_US);
    bool more = !reader->source.is_sequence && !reader->ended;
    enum relief_status status = RELIEF_OK;
    reader->ended = true;
    while (status == RELIEF_OK && more)
        status = rl_decoder_drain_packets(&reader->decoder, until, &more, err);
    return status;
}

enum relief_status rl_reader_next(struct rl_reader *reader, struct rl_frame **out,
                                  struct relief_error *err)
{
    *out = NULL;
    enum relief_status status = reader->is_flowing ? RELIEF_OK : begin_flow(reader, err);
    if (status != RELIEF_OK)
        return status;
    if (reader->held && reader->held->pts >= reader->until_pts && reader->index > 0)
        av_frame_free(&reader->held);
    if (!reader->held)
        return end_flow(reader, err);
    struct rl_frame *frame = rl_frame_create();
    if (!frame)
        return rl_fail_memory(err);
    frame->index = reader->index++;
    status = give_held(reader, frame, err);
    if (status == RELIEF_OK)
        *out = frame;
    else
        rl_frame_free(&frame);
    return status;
}

void rl_reader_close(struct rl_reader **reader)
{
    struct rl_reader *r = *reader;
    *reader = NULL;
    if (!r)
        return;
    forget_frames(r);
    rl_fit_clear(&r->to_working);
    rl_fit_clear(&r->to_first);
    rl_decoder_close(&r->decoder);
    rl_input_close(&r->input);
    rl_pictures_clear(&r->pictures);
    free(r->path);
    free(r);
}
