// SPDX-License-Identifier: MIT
#include "media/encode.h"

#include "base/str.h"
#include "media/codec.h"
#include "media/encoders.h"
#include "media/sei.h"

enum { REORDER_MOST = 64 };  // pictures between a packet's decoding and its showing

// A picture that waits for the palette of its shot; times are the codec's.
struct rl_held {
    AVFrame *picture;
    int64_t pts, duration;
};

struct rl_timing {
    int64_t pts, duration;
    struct rl_journal_place place;
    AVBufferRef *captions, *plus;  // that the encoder does not carry itself; NULL = none
};

static bool is_rgb(enum AVPixelFormat format)
{
    return av_pix_fmt_desc_get(format)->flags & AV_PIX_FMT_FLAG_RGB;
}

// The frame rate is only a hint to most encoders; where it is the clock, it has to be one that the
// encoder knows.
static AVRational pick_rate(const struct rl_encoder_choice *choice, const struct rl_source *source)
{
    AVRational rate = source->frame_rate;
    if (rate.num <= 0 || rate.den <= 0)
        rate = (AVRational){25, 1};
    const AVRational *rates = rl_codec_rates(choice->codec);
    return rates ? rates[av_find_nearest_q_idx(rate, rates)] : rate;
}

static void set_clock(AVCodecContext *codec, const struct rl_encoder_choice *choice,
                      const AVOutputFormat *container, const struct rl_source *source)
{
    const double keyframe_seconds = 5;
    bool constant = rl_codec_rates(choice->codec) || !strcmp(container->name, "avi") ||
                    !strcmp(container->name, "mxf") ||
                    (choice->codec->id == AV_CODEC_ID_MPEG4 && source->time_base.den > 65535);
    codec->framerate = pick_rate(choice, source);
    codec->time_base = constant ? av_inv_q(codec->framerate) : source->time_base;
    double keyframe = av_q2d(codec->framerate) * keyframe_seconds;
    codec->gop_size = keyframe < 12 ? 12 : keyframe > 600 ? 600 : (int)keyframe;
    // FFmpeg calls each packet of FFV1 a key picture, so each has to be one.
    if (choice->codec->id == AV_CODEC_ID_FFV1)
        codec->gop_size = 1;
    if (!strcmp(container->name, "avi"))
        codec->max_b_frames = 0;  // AVI has no place for the order of presentation
}

static void set_colours(AVCodecContext *codec, const struct rl_target *target, const AVFrame *first)
{
    codec->color_range = target->range;
    codec->colorspace = target->matrix;
    codec->field_order = AV_FIELD_PROGRESSIVE;
    if (!first)
        return;
    codec->color_primaries = first->color_primaries;
    codec->color_trc = first->color_trc;
    codec->chroma_sample_location = first->chroma_location;
    bool was_rgb = first->format >= 0 && is_rgb((enum AVPixelFormat)first->format);
    if (was_rgb && !is_rgb(target->format)) {
        // Pictures rarely say more than "RGB": without tags players would guess by size.
        codec->chroma_sample_location = AVCHROMA_LOC_LEFT;
        if (codec->color_primaries == AVCOL_PRI_UNSPECIFIED)
            codec->color_primaries = AVCOL_PRI_BT709;
        if (codec->color_trc == AVCOL_TRC_UNSPECIFIED)
            codec->color_trc = AVCOL_TRC_BT709;
    }
}

static void set_target(struct rl_target *target, const struct rl_encoder_choice *choice,
                       const struct rl_source *source, const struct rl_writer_params *params)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(choice->format);
    const AVFrame *first = source->first;
    *target = (struct rl_target){
        .format = choice->format, .width = params->width, .height = params->height};
    if (choice->wants_even) {
        target->width = FFALIGN(params->width, 1 << desc->log2_chroma_w);
        target->height = FFALIGN(params->height, 1 << desc->log2_chroma_h);
    }
    if (is_rgb(choice->format))
        target->matrix = AVCOL_SPC_RGB;
    else if (is_rgb(params->format))
        target->matrix = AVCOL_SPC_BT709;
    else
        target->matrix = first ? first->colorspace : AVCOL_SPC_UNSPECIFIED;
    bool grey = av_pix_fmt_desc_get(params->format)->nb_components < 3;
    bool full = rl_str_starts(desc->name, "yuvj") ||
                rl_str_starts(av_get_pix_fmt_name(params->format), "yuvj");
    if (grey || full || is_rgb(choice->format))
        target->range = AVCOL_RANGE_JPEG;
    else if (is_rgb(params->format) || choice->codec->id == AV_CODEC_ID_PRORES)
        target->range = AVCOL_RANGE_MPEG;  // ProRes cannot say that it is full
    else
        target->range = first ? first->color_range : AVCOL_RANGE_UNSPECIFIED;
}

static enum relief_status
open_codec(struct rl_encoder *e, const char *path, const struct rl_encoder_choice *choice,
           const AVOutputFormat *container, const struct rl_source *source,
           const struct rl_writer_params *params, struct relief_error *err)
{
    AVDictionary *options = NULL;
    AVCodecContext *codec = e->codec = avcodec_alloc_context3(choice->codec);
    if (!codec)
        return rl_fail_memory(err);
    rl_codec_hush(codec);
    codec->pix_fmt = choice->format;
    codec->width = e->target.width;
    codec->height = e->target.height;
    codec->sample_aspect_ratio = params->sample_aspect;
    codec->thread_count = params->threads;
    codec->strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL;
    if (container->flags & AVFMT_GLOBALHEADER)
        codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    set_clock(codec, choice, container, source);
    set_colours(codec, &e->target, source->first);
    enum relief_status status = rl_encoder_settings(codec, choice, params, source->first, &options,
                                                    err);
    int failed = status == RELIEF_OK ? avcodec_open2(codec, choice->codec, &options) : 0;
    av_dict_free(&options);
    if (failed < 0)
        return rl_fail_av(err, RELIEF_E_OUTPUT, failed, "%s: %s does not start for %dx%d %s", path,
                          choice->codec->name, codec->width, codec->height,
                          av_get_pix_fmt_name(codec->pix_fmt));
    return status;
}

static bool has_packing(const struct rl_encoder *e)
{
    const enum AVCodecID codec = e->codec->codec_id;
    return e->layout.packing >= 0 && (codec == AV_CODEC_ID_H264 || codec == AV_CODEC_ID_HEVC);
}

// Views beside each other, in turn or alone; anaglyphs mix colours.
static bool keeps_colours(enum relief_format format)
{
    return rl_layout_of(format).packing >= 0 || format == RELIEF_FORMAT_HDMI ||
           format == RELIEF_FORMAT_ML || format == RELIEF_FORMAT_MR ||
           format == RELIEF_FORMAT_WIGGLE;
}

enum relief_status rl_encoder_open(struct rl_encoder **encoder, const char *path,
                                   const AVOutputFormat *container, const struct rl_source *source,
                                   const struct rl_writer_params *params, struct relief_error *err)
{
    struct rl_encoder_choice choice;
    struct rl_encoder *e = *encoder = calloc(1, sizeof *e);
    if (!e)
        return rl_fail_memory(err);
    e->time_base = source->time_base;
    e->last_pts = e->last_dts = INT64_MIN;
    e->layout = rl_layout_of(params->layout);
    e->keeps_colours = keeps_colours(params->layout);
    e->log = params->log;
    enum relief_status status = rl_encoder_choose(&choice, path, container, params, err);
    if (status == RELIEF_OK) {
        set_target(&e->target, &choice, source, params);
        status = open_codec(e, path, &choice, container, source, params, err);
    }
    if (status == RELIEF_OK && has_packing(e) && rl_sei_append(e->codec, &e->layout) < 0)
        status = rl_fail_memory(err);
    if (status != RELIEF_OK) {
        rl_encoder_close(encoder);
        return status;
    }
    rl_verbose(params->log, "%s: %s in %s, %dx%d %s, %s", path, choice.codec->name, container->name,
               e->target.width, e->target.height, av_get_pix_fmt_name(choice.format),
               av_get_pix_fmt_name(params->format));
    if (e->target.width != params->width || e->target.height != params->height)
        rl_verbose(params->log,
                   "%s: %dx%d is odd, %s wants even: the last column or row is shown "
                   "twice",
                   path, params->width, params->height, choice.codec->name);
    return RELIEF_OK;
}

static bool remember(struct rl_encoder *e, int64_t pts, int64_t duration, AVBufferRef *captions,
                     AVBufferRef *plus)
{
    if (e->timing_count == e->timing_room) {
        size_t room = e->timing_room ? 2 * e->timing_room : 64;
        struct rl_timing *grown = realloc(e->timings, room * sizeof *grown);
        if (!grown)
            return false;
        e->timings = grown;
        e->timing_room = room;
    }
    e->timings[e->timing_count++] = (struct rl_timing){pts, duration, e->next, captions, plus};
    e->next.number++;
    return true;
}

static struct rl_timing recall(struct rl_encoder *e, int64_t pts)
{
    for (size_t i = 0; i < e->timing_count; i++) {
        if (e->timings[i].pts != pts)
            continue;
        struct rl_timing timing = e->timings[i];
        e->timings[i] = e->timings[--e->timing_count];
        return timing;
    }
    return (struct rl_timing){pts, 0, e->came, NULL, NULL};
}

static enum relief_status fit_colours(struct rl_encoder *e, const AVFrame *picture, AVFrame **out,
                                      struct relief_error *err)
{
    struct rl_target colours = e->target;
    colours.format = AV_PIX_FMT_RGB32;
    colours.matrix = AVCOL_SPC_RGB;
    return rl_reformat(&e->reformat, picture, &colours, out, err);
}

// As the encoder wants it. Palettes are no matter of formats alone.
static enum relief_status fit_picture(struct rl_encoder *e, const AVFrame *picture, AVFrame **out,
                                      struct relief_error *err)
{
    if (e->target.format != AV_PIX_FMT_PAL8)
        return rl_reformat(&e->reformat, picture, &e->target, out, err);
    AVFrame *between = NULL;
    enum relief_status status = fit_colours(e, picture, &between, err);
    if (status == RELIEF_OK)
        status = rl_palette_apply(&e->palette, between, out, err);
    av_frame_free(&between);
    return status;
}

// Captions go once with a source's frame. Encoders of H.264 and MPEG-2 write them; into H.265 they
// are put afterwards, and other kinds of video have no place for them.
static int take_captions(struct rl_encoder *e, AVFrame *frame, AVBufferRef **captions)
{
    const AVFrameSideData *side = av_frame_get_side_data(frame, AV_FRAME_DATA_A53_CC);
    const enum AVCodecID codec = e->codec->codec_id;
    *captions = NULL;
    if (!side || codec == AV_CODEC_ID_MPEG2VIDEO)
        return 0;
    if (e->layout.packing == RL_SEI_TEMPORAL && e->next.number % 2) {
        av_frame_remove_side_data(frame, AV_FRAME_DATA_A53_CC);
    } else if (codec == AV_CODEC_ID_HEVC) {
        *captions = av_buffer_ref(side->buf);
        return *captions ? 0 : AVERROR(ENOMEM);
    } else if (codec != AV_CODEC_ID_H264 && !e->warned_captions) {
        rl_warn(e->log, "closed captions left out: %s has no place for them (H.264 and H.265 do)",
                e->codec->codec->name);
        e->warned_captions = true;
    }
    return 0;
}

// HDR10+ speaks of the scene's own colours, which anaglyphs do not have any more.
static int take_plus(struct rl_encoder *e, const AVFrame *frame, AVBufferRef **plus)
{
    const AVFrameSideData *side = av_frame_get_side_data(frame, AV_FRAME_DATA_DYNAMIC_HDR_PLUS);
    *plus = NULL;
    if (!side)
        return 0;
    if (e->codec->codec_id == AV_CODEC_ID_HEVC && e->keeps_colours &&
        rl_sei_carries_plus((const void *)side->data)) {
        *plus = av_buffer_ref(side->buf);
        return *plus ? 0 : AVERROR(ENOMEM);
    }
    if (!e->warned_plus)
        rl_warn(e->log, "HDR10+ is left out%s: HDR10 without what changes by scene stays",
                e->codec->codec_id == AV_CODEC_ID_HEVC ? "" : " (H.265 can keep it)");
    e->warned_plus = true;
    return 0;
}

static enum relief_status send_picture(struct rl_encoder *e, const AVFrame *picture, int64_t pts,
                                       int64_t duration, struct relief_error *err)
{
    AVFrame *frame = NULL;
    enum relief_status status = fit_picture(e, picture, &frame, err);
    if (status != RELIEF_OK)
        return status;
    frame->pts = pts;
    frame->pict_type = AV_PICTURE_TYPE_NONE;  // the source's key frames are not ours
    frame->quality = e->codec->global_quality;
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
    frame->duration = duration;
#endif
    AVBufferRef *captions, *plus = NULL;
    int failed = take_captions(e, frame, &captions);
    if (failed >= 0)
        failed = take_plus(e, frame, &plus);
    if (failed < 0 || !remember(e, pts, duration, captions, plus)) {
        av_buffer_unref(&captions);
        av_buffer_unref(&plus);
        failed = AVERROR(ENOMEM);
    }
    if (failed >= 0)
        failed = avcodec_send_frame(e->codec, frame);
    av_frame_free(&frame);
    if (failed < 0)
        return rl_fail_av(err, RELIEF_E_FAILED, failed, "%s: cannot encode a picture",
                          e->codec->codec->name);
    return RELIEF_OK;
}

static enum relief_status end_stream(struct rl_encoder *e, struct relief_error *err)
{
    int failed = avcodec_send_frame(e->codec, NULL);
    return failed < 0 ? rl_fail_av(err, RELIEF_E_FAILED, failed, "%s: cannot finish",
                                   e->codec->codec->name)
                      : RELIEF_OK;
}

// The shot under way ends: its pictures may be encoded.
static enum relief_status free_shot(struct rl_encoder *e, struct relief_error *err)
{
    if (e->free_count == e->held_count)
        return RELIEF_OK;
    e->free_count = e->held_count;
    e->held_bytes = 0;
    return rl_palette_choose(&e->palette, err);
}

static bool has_room(struct rl_encoder *e)
{
    // All that were given are at the front.
    if (e->given_count)
        memmove(e->held, e->held + e->given_count,
                (e->held_count - e->given_count) * sizeof *e->held);
    e->held_count -= e->given_count;
    e->free_count -= e->given_count;
    e->given_count = 0;
    if (e->held_count < e->held_room)
        return true;
    size_t room = e->held_room ? 2 * e->held_room : 64;
    struct rl_held *grown = realloc(e->held, room * sizeof *grown);
    if (!grown)
        return false;
    e->held = grown;
    e->held_room = room;
    return true;
}

static size_t bytes_of(const AVFrame *picture)
{
    size_t bytes = 0;
    for (int i = 0; i < AV_NUM_DATA_POINTERS && picture->buf[i]; i++)
        bytes += picture->buf[i]->size;
    return bytes;
}

static enum relief_status hold_picture(struct rl_encoder *e, const AVFrame *picture, int64_t pts,
                                       int64_t duration, bool cut, struct relief_error *err)
{
    enum relief_status status = RELIEF_OK;
    if (cut || e->held_bytes >= RL_PALETTE_BYTES_MOST)
        status = free_shot(e, err);
    if (status == RELIEF_OK && !has_room(e))
        status = rl_fail_memory(err);
    AVFrame *colours = NULL;
    if (status == RELIEF_OK)
        status = fit_colours(e, picture, &colours, err);
    if (status == RELIEF_OK)
        status = rl_palette_learn(&e->palette, colours, err);
    av_frame_free(&colours);
    AVFrame *held = status == RELIEF_OK ? av_frame_clone(picture) : NULL;
    if (status == RELIEF_OK && !held)
        return rl_fail_memory(err);
    if (status != RELIEF_OK)
        return status;
    e->held[e->held_count++] = (struct rl_held){held, pts, duration};
    e->held_bytes += bytes_of(held);
    return RELIEF_OK;
}

enum relief_status rl_encoder_send(struct rl_encoder *encoder, const AVFrame *picture, int64_t pts,
                                   int64_t duration, bool cut, struct relief_error *err)
{
    const bool holds = encoder->target.format == AV_PIX_FMT_PAL8;
    if (!picture) {
        encoder->ended = true;
        return holds ? free_shot(encoder, err) : end_stream(encoder, err);
    }
    // The end is rounded, not the duration, so that rounded times still touch.
    int64_t end = av_rescale_q(pts + duration, encoder->time_base, encoder->codec->time_base);
    int64_t begin = av_rescale_q(pts, encoder->time_base, encoder->codec->time_base);
    if (encoder->last_pts != INT64_MIN && begin <= encoder->last_pts)
        begin = encoder->last_pts + 1;
    encoder->last_pts = begin;
    if (cut)
        encoder->next.shot = encoder->next.number;
    duration = end > begin ? end - begin : 0;
    return holds ? hold_picture(encoder, picture, begin, duration, cut, err)
                 : send_picture(encoder, picture, begin, duration, err);
}

// The next picture that waited and may go, or the end behind the last one. False when there is
// nothing to send.
static bool send_held(struct rl_encoder *e, enum relief_status *status, struct relief_error *err)
{
    if (e->given_count < e->free_count) {
        struct rl_held *next = &e->held[e->given_count++];
        *status = send_picture(e, next->picture, next->pts, next->duration, err);
        av_frame_free(&next->picture);
        return *status == RELIEF_OK;
    }
    if (e->target.format != AV_PIX_FMT_PAL8 || !e->ended)
        return false;
    e->ended = false;
    *status = end_stream(e, err);
    return *status == RELIEF_OK;
}

// x265 (seen with 3.5) gives the first packets of a film that is shorter than its look-back a
// decoding time out of memory that it never wrote. A time that no order of pictures explains is
// replaced by one behind the packet before, and not behind its own picture.
static void mend_decoding_time(struct rl_encoder *e, AVPacket *packet)
{
    const double ticks = 1 / (av_q2d(e->codec->framerate) * av_q2d(e->codec->time_base));
    const int64_t most = (int64_t)(REORDER_MOST * (ticks + 1));
    const bool is_first = e->last_dts == INT64_MIN;
    if (packet->dts == AV_NOPTS_VALUE || packet->pts == AV_NOPTS_VALUE)
        return;
    if (packet->dts > packet->pts || packet->dts < packet->pts - most ||
        (!is_first && packet->dts <= e->last_dts)) {
        packet->dts = is_first ? packet->pts - (int64_t)e->timing_count : e->last_dts + 1;
        packet->dts = FFMIN(packet->dts, packet->pts);
    }
    e->last_dts = packet->dts;
}

// A message holds until the next one; those of frames in turn hold for one picture.
static int say_packing(const struct rl_encoder *e, AVPacket *packet, bool is_frame0)
{
    bool due = packet->flags & AV_PKT_FLAG_KEY || e->layout.packing == RL_SEI_TEMPORAL;
    return has_packing(e) && due ? rl_sei_insert(packet, e->codec->codec_id, &e->layout, is_frame0)
                                 : 0;
}

static int say_captions(const struct rl_encoder *e, AVPacket *packet, struct rl_timing *timing)
{
    const AVBufferRef *captions = timing->captions;
    int failed = captions ? rl_sei_insert_captions(packet, e->codec->codec_id, captions->data,
                                                   captions->size)
                          : 0;
    av_buffer_unref(&timing->captions);
    return failed;
}

static int say_plus(const struct rl_encoder *e, AVPacket *packet, struct rl_timing *timing)
{
    const AVBufferRef *plus = timing->plus;
    int failed = plus ? rl_sei_insert_plus(packet, e->codec->codec_id, (const void *)plus->data)
                      : 0;
    av_buffer_unref(&timing->plus);
    return failed;
}

enum relief_status rl_encoder_receive(struct rl_encoder *encoder, AVPacket *packet, bool *got,
                                      struct relief_error *err)
{
    enum relief_status status = RELIEF_OK;
    int failed;
    do
        failed = avcodec_receive_packet(encoder->codec, packet);
    while (failed == AVERROR(EAGAIN) && send_held(encoder, &status, err));
    *got = failed >= 0;
    if (status != RELIEF_OK)
        return status;
    if (*got) {
        struct rl_timing timing = recall(encoder, packet->pts);
        packet->duration = timing.duration;
        encoder->came = timing.place;
        mend_decoding_time(encoder, packet);
        const int captions = say_captions(encoder, packet, &timing);
        const int plus = say_plus(encoder, packet, &timing);
        if (captions < 0 || plus < 0 ||
            say_packing(encoder, packet, timing.place.number % 2 == 0) < 0)
            return rl_fail_memory(err);
    }
    if (*got || failed == AVERROR(EAGAIN) || failed == AVERROR_EOF)
        return RELIEF_OK;
    return rl_fail_av(err, RELIEF_E_FAILED, failed, "%s: cannot encode a picture",
                      encoder->codec->codec->name);
}

void rl_encoder_go_on(struct rl_encoder *encoder, const struct rl_resume *resume, int64_t dts)
{
    encoder->next = (struct rl_journal_place){resume->pictures, resume->shot};
    encoder->last_dts = dts;
}

// SVT-AV1 (seen with 1.4) waits for ever in its close for a stream without a picture, or without an
// end: an encoder that is dropped gets both, and what comes out of it is thrown away.
static void settle_svt(struct rl_encoder *e)
{
    if (!avcodec_is_open(e->codec) || strcmp(e->codec->codec->name, "libsvtav1") != 0)
        return;
    AVFrame *frame = av_frame_alloc();
    AVPacket *packet = av_packet_alloc();
    if (frame && packet && e->last_pts == INT64_MIN) {
        frame->format = e->codec->pix_fmt;
        frame->width = e->codec->width;
        frame->height = e->codec->height;
        frame->pts = 0;
        if (av_frame_get_buffer(frame, 0) >= 0)
            (void)avcodec_send_frame(e->codec, frame);
    }
    (void)avcodec_send_frame(e->codec, NULL);
    while (packet && avcodec_receive_packet(e->codec, packet) >= 0)
        av_packet_unref(packet);
    av_frame_free(&frame);
    av_packet_free(&packet);
}

void rl_encoder_close(struct rl_encoder **encoder)
{
    struct rl_encoder *e = *encoder;
    *encoder = NULL;
    if (!e)
        return;
    if (e->codec)
        settle_svt(e);
    avcodec_free_context(&e->codec);
    rl_reformat_clear(&e->reformat);
    rl_palette_clear(&e->palette);
    for (size_t i = e->given_count; i < e->held_count; i++)
        av_frame_free(&e->held[i].picture);
    for (size_t i = 0; i < e->timing_count; i++) {
        av_buffer_unref(&e->timings[i].captions);
        av_buffer_unref(&e->timings[i].plus);
    }
    free(e->held);
    free(e->timings);
    free(e);
}
