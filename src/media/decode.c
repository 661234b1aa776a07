// SPDX-License-Identifier: MIT
#include "media/decode.h"

#include <libavutil/opt.h>

// A decoder that fails this often in a row has lost the stream for good.
enum { FAILURES_MAX = 2000 };

static const int64_t CLOCK_BACK_US = 500000, CLOCK_AHEAD_US = INT64_C(600000000);

static int64_t own_duration(const AVFrame *frame)
{
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
    return frame->duration;
#else
    return frame->pkt_duration;
#endif
}

static bool is_hidden(const AVFrame *frame)
{
    return frame->flags & AV_FRAME_FLAG_DISCARD;
}

// ---------------------------------------------------------------------------------------------
// Opening

static enum relief_status open_codec(struct rl_decoder *decoder, int threads,
                                     struct relief_error *err)
{
    const char *path = decoder->input->path;
    AVStream *stream = rl_input_video(decoder->input);
    const AVCodec *codec = avcodec_find_decoder(stream->codecpar->codec_id);
    if (!codec)
        return rl_fail(err, RELIEF_E_INPUT, "%s: no decoder for %s", path,
                       avcodec_get_name(stream->codecpar->codec_id));
    decoder->codec = avcodec_alloc_context3(codec);
    if (!decoder->codec)
        return rl_fail_memory(err);
    int ret = avcodec_parameters_to_context(decoder->codec, stream->codecpar);
    if (ret >= 0) {
        decoder->codec->pkt_timebase = stream->time_base;
        decoder->codec->thread_count = threads;
        decoder->codec->thread_type = FF_THREAD_FRAME | FF_THREAD_SLICE;
        decoder->codec->max_pixels = RL_INPUT_PIXELS_MAX;
        ret = avcodec_open2(decoder->codec, codec, NULL);
    }
    if (ret < 0)
        return rl_fail_av(err, RELIEF_E_INPUT, ret, "%s: the %s decoder cannot be opened", path,
                          codec->name);
    return RELIEF_OK;
}

static void forget_times(struct rl_decoder *decoder)
{
    decoder->last_pts = AV_NOPTS_VALUE;
    decoder->clock_shift_us = 0;
    for (unsigned i = 0; i < decoder->stream_count; i++)
        decoder->next_dts[i] = AV_NOPTS_VALUE;
}

enum relief_status rl_decoder_open(struct rl_decoder *decoder, int threads,
                                   struct relief_error *err)
{
    enum relief_status status = open_codec(decoder, threads, err);
    if (status != RELIEF_OK)
        return status;
    AVRational rate = rl_input_rate(decoder->input);
    decoder->time_base = rl_input_video(decoder->input)->time_base;
    decoder->step = rate.num ? av_rescale_q(1, av_inv_q(rate), decoder->time_base) : 0;
    decoder->stream_count = decoder->input->demuxer->nb_streams;
    decoder->next_dts = malloc(decoder->stream_count * sizeof *decoder->next_dts);
    decoder->packet = av_packet_alloc();
    if (!decoder->packet || !decoder->next_dts)
        return rl_fail_memory(err);
    forget_times(decoder);
    return RELIEF_OK;
}

void rl_decoder_close(struct rl_decoder *decoder)
{
    avcodec_free_context(&decoder->codec);
    av_packet_free(&decoder->packet);
    free(decoder->next_dts);
    decoder->next_dts = NULL;
}

bool rl_decoder_seek(struct rl_decoder *decoder, int64_t pts)
{
    const struct rl_input *input = decoder->input;
    AVFormatContext *demuxer = input->demuxer;
    // Formats without times of their own count packets: after a seek they would begin at 0 again.
    if (!input->is_regular ||
        (demuxer->iformat->flags & (AVFMT_NOTIMESTAMPS | AVFMT_GENERIC_INDEX)))
        return false;
    if (avformat_seek_file(demuxer, input->video_index, INT64_MIN, pts, pts, 0) < 0)
        return false;
    avcodec_flush_buffers(decoder->codec);
    decoder->demuxer_ended = false;
    forget_times(decoder);
    return true;
}

// ---------------------------------------------------------------------------------------------
// Packets

// Clocks of transport and program streams may start again in mid-file.
static void mend_clock(struct rl_decoder *decoder, AVPacket *packet)
{
    unsigned index = (unsigned)packet->stream_index;
    const AVFormatContext *demuxer = decoder->input->demuxer;
    const AVStream *stream = demuxer->streams[index];
    enum AVMediaType type = stream->codecpar->codec_type;
    if (!(demuxer->iformat->flags & AVFMT_TS_DISCONT) || index >= decoder->stream_count)
        return;
    AVRational base = stream->time_base;
    if (packet->dts != AV_NOPTS_VALUE &&
        (type == AVMEDIA_TYPE_VIDEO || type == AVMEDIA_TYPE_AUDIO)) {
        int64_t *next = &decoder->next_dts[index];
        int64_t dts = av_rescale_q(packet->dts, base, AV_TIME_BASE_Q) + decoder->clock_shift_us;
        int64_t jump = *next == AV_NOPTS_VALUE ? 0 : dts - *next;
        if (jump < -CLOCK_BACK_US || jump > CLOCK_AHEAD_US) {
            decoder->clock_shift_us -= jump;
            dts -= jump;
            if (!decoder->warned_clock)
                rl_warn(decoder->log, "%s: the clock jumps by %.1f s; times go on where they were",
                        decoder->input->path, (double)jump / AV_TIME_BASE);
            decoder->warned_clock = true;
        }
        *next = dts + av_rescale_q(packet->duration, base, AV_TIME_BASE_Q);
    }
    int64_t shift = av_rescale_q(decoder->clock_shift_us, AV_TIME_BASE_Q, base);
    if (packet->pts != AV_NOPTS_VALUE)
        packet->pts += shift;
    if (packet->dts != AV_NOPTS_VALUE)
        packet->dts += shift;
}

static void warn_damage(struct rl_decoder *decoder, const char *why)
{
    if (!decoder->warned_damage)
        rl_warn(decoder->log, "%s: is damaged in places: %s", decoder->input->path, why);
    decoder->warned_damage = true;
}

// What kept a packet from being decoded. Said only once a frame has come: a file that gives none is
// refused with the same words.
static void tell_damage(struct rl_decoder *decoder)
{
    char why[AV_ERROR_MAX_STRING_SIZE] = "";
    if (!decoder->last_error || decoder->last_pts == AV_NOPTS_VALUE)
        return;
    av_strerror(decoder->last_error, why, sizeof why);
    warn_damage(decoder, why);
}

static void note_damage(struct rl_decoder *decoder, int cause)
{
    decoder->last_error = cause;
    decoder->failures++;
    tell_damage(decoder);
}

// A file that was cut off ends like any other; only what it says of itself tells.
static void check_length(struct rl_decoder *decoder)
{
    const AVStream *stream = rl_input_video(decoder->input);
    int64_t promised_us = rl_input_duration_us(decoder->input);
    // What is promised across a jump of the clock is no length.
    if (decoder->last_pts == AV_NOPTS_VALUE || stream->start_time == AV_NOPTS_VALUE ||
        !promised_us || decoder->warned_clock)
        return;
    int64_t got_us = av_rescale_q(decoder->last_pts + decoder->last_duration - stream->start_time,
                                  decoder->time_base, AV_TIME_BASE_Q);
    bool is_promise = stream->duration > 0 || av_dict_get(stream->metadata, "DURATION", NULL, 0);
    if (is_promise && got_us < promised_us - promised_us / 10 && !decoder->warned_damage) {
        rl_warn(decoder->log, "%s: ends after %.1f s, though it says it lasts %.1f s",
                decoder->input->path, (double)got_us / AV_TIME_BASE,
                (double)promised_us / AV_TIME_BASE);
        decoder->warned_damage = true;
    }
}

// The next packet of any stream. At the end decoder->demuxer_ended is true.
static enum relief_status read_packet(struct rl_decoder *decoder, struct relief_error *err)
{
    int ret;
    do {
        if (rl_input_stopped(decoder->input))
            return rl_fail_cancelled(err);
        av_packet_unref(decoder->packet);
        ret = av_read_frame(decoder->input->demuxer, decoder->packet);
    } while (ret == AVERROR(EAGAIN));
    if (rl_input_stopped(decoder->input))
        return rl_fail_cancelled(err);
    if (ret == AVERROR(ENOMEM))
        return rl_fail_memory(err);
    if (ret >= 0) {
        mend_clock(decoder, decoder->packet);
        return RELIEF_OK;
    }
    decoder->demuxer_ended = true;
    if (ret != AVERROR_EOF)
        note_damage(decoder, ret);
    return RELIEF_OK;
}

static bool is_attached(const struct rl_decoder *decoder)
{
    const AVStream *stream = decoder->input->demuxer->streams[decoder->packet->stream_index];
    return stream->disposition & AV_DISPOSITION_ATTACHED_PIC;
}

static enum relief_status hand_on(struct rl_decoder *decoder, struct relief_error *err)
{
    if (!decoder->on_packet || is_attached(decoder))
        return RELIEF_OK;
    return decoder->on_packet(decoder->user, decoder->packet, err);
}

enum relief_status rl_decoder_drain_packets(struct rl_decoder *decoder, int64_t until, bool *more,
                                            struct relief_error *err)
{
    *more = false;
    if (decoder->demuxer_ended)
        return RELIEF_OK;
    enum relief_status status = read_packet(decoder, err);
    if (status != RELIEF_OK || decoder->demuxer_ended)
        return status;
    const AVPacket *packet = decoder->packet;
    if (packet->stream_index != decoder->input->video_index) {
        *more = true;
        return hand_on(decoder, err);
    }
    *more = packet->dts == AV_NOPTS_VALUE || packet->dts < until;
    return RELIEF_OK;
}

// Reads until a packet of the video has gone to the decoder, or the end has.
static enum relief_status feed(struct rl_decoder *decoder, struct relief_error *err)
{
    for (;;) {
        enum relief_status status = read_packet(decoder, err);
        if (status != RELIEF_OK)
            return status;
        bool ended = decoder->demuxer_ended;
        if (!ended && decoder->packet->stream_index != decoder->input->video_index) {
            status = hand_on(decoder, err);
            if (status != RELIEF_OK)
                return status;
            continue;
        }
        int ret = avcodec_send_packet(decoder->codec, ended ? NULL : decoder->packet);
        if (ret == AVERROR(ENOMEM))
            return rl_fail_memory(err);
        if (ret < 0 && ret != AVERROR_EOF)
            note_damage(decoder, ret);
        return RELIEF_OK;
    }
}

// ---------------------------------------------------------------------------------------------
// Frames

static void set_time(struct rl_decoder *decoder, AVFrame *frame)
{
    int64_t duration = own_duration(frame) > 0 ? own_duration(frame) : decoder->step;
    int64_t next = decoder->last_pts + (decoder->last_duration > 0 ? decoder->last_duration : 1);
    int64_t pts = frame->best_effort_timestamp;
    bool is_first = decoder->last_pts == AV_NOPTS_VALUE;
    if (pts == AV_NOPTS_VALUE)
        pts = is_first ? 0 : next;
    if (!is_first && pts <= decoder->last_pts) {
        if (!decoder->warned_times)
            rl_warn(decoder->log, "%s: times go back at frame time %.3f s; they were put in order",
                    decoder->input->path, (double)pts * av_q2d(decoder->time_base));
        decoder->warned_times = true;
        pts = next;
    }
    decoder->last_pts = frame->pts = pts;
    decoder->last_duration = duration;
}

const int32_t *rl_decoder_matrix(const struct rl_input *input, const AVFrame *frame)
{
    const AVFrameSideData *data = av_frame_get_side_data(frame, AV_FRAME_DATA_DISPLAYMATRIX);
    if (data && data->size >= 9 * sizeof(int32_t))
        return (const int32_t *)data->data;
    return rl_input_matrix(input);
}

static void set_shape(const struct rl_decoder *decoder, AVFrame *frame)
{
    AVRational aspect = av_guess_sample_aspect_ratio(decoder->input->demuxer,
                                                     rl_input_video(decoder->input), frame);
    frame->sample_aspect_ratio = aspect.num > 0 && aspect.den > 0 ? aspect : (AVRational){1, 1};
}

enum relief_status rl_decoder_next(struct rl_decoder *decoder, AVFrame **out,
                                   struct relief_error *err)
{
    enum relief_status status = RELIEF_OK;
    AVFrame *frame = av_frame_alloc();
    *out = NULL;
    if (!frame)
        return rl_fail_memory(err);
    while (status == RELIEF_OK && decoder->failures < FAILURES_MAX) {
        int ret = avcodec_receive_frame(decoder->codec, frame);
        if (ret == AVERROR_EOF) {
            check_length(decoder);
            break;
        }
        if (ret == AVERROR(EAGAIN)) {
            status = feed(decoder, err);
        } else if (ret == AVERROR(ENOMEM)) {
            status = rl_fail_memory(err);
        } else if (ret < 0) {
            note_damage(decoder, ret);
        } else if (is_hidden(frame)) {
            av_frame_unref(frame);
        } else {
            decoder->failures = 0;
            if (frame->decode_error_flags || (frame->flags & AV_FRAME_FLAG_CORRUPT))
                warn_damage(decoder, "some pictures are incomplete");
            set_time(decoder, frame);
            set_shape(decoder, frame);
            tell_damage(decoder);
            *out = frame;
            return RELIEF_OK;
        }
    }
    av_frame_free(&frame);
    return status;
}
