// SPDX-License-Identifier: MIT
#include "media/sound.h"

#include "media/codec.h"

#include <stdbool.h>
#include <stdlib.h>

#include <libavutil/avstring.h>
#include <libavutil/channel_layout.h>
#include <libavutil/mem.h>
#include <libavutil/samplefmt.h>
#include <libswresample/swresample.h>

enum {
    CHANNEL_BITS = 96000,  // a second; transparent or nearly so with AAC and Opus
    FREE_FRAME = 1024,     // samples in a frame where the encoder does not care
    SLACK_MS = 50,         // containers round times, some roughly: to follow them would chop
    LONGEST_SILENCE_S = 60,
    FARTHEST_BACK_S = 10,  // beyond that the source's clock was set anew
    MOST_TARGETS = 8,
};

// Farther away, a time is damage, and could overflow what is computed with it.
static const int64_t farthest_time = INT64_C(1) << 56;

struct rl_sound {
    AVCodecContext *decoder, *encoder;
    AVFrame *decoded;
    AVPacket *packet;
    int damaged;
    SwrContext *resampler;
    AVFrame *taken;       // says which format, rate and layout the resampler takes
    uint8_t **resampled;  // room for `room` samples
    int room;
    AVFrame *filling;  // the encoder's next frame, with `filled` samples
    int filled;
    bool begun;
    int64_t next;   // time of the next sample of `filling`. All times are in samples of the encoder
    int64_t moved;  // what the source's clock lost when it was set anew
    int64_t skip;   // samples to leave out, because their time has passed
    rl_sound_fn give;
    void *user;
};

static AVChannelLayout native_layout(const AVChannelLayout *layout)
{
    AVChannelLayout native = {0};
    if (layout->order == AV_CHANNEL_ORDER_NATIVE)
        native = *layout;
    else
        av_channel_layout_default(&native, layout->nb_channels);
    return native;
}

// --- What to encode to ---

static bool is_pcm(enum AVCodecID codec)
{
    return codec >= AV_CODEC_ID_PCM_S16LE && codec < AV_CODEC_ID_ADPCM_IMA_QT;
}

// Plain samples stay what they are, except in MP4, where few players expect them.
static enum AVCodecID plain_target(const AVCodecContext *decoder, const AVOutputFormat *container)
{
    if (!is_pcm(decoder->codec_id) || av_match_name(container->name, "mp4,ipod,3gp,3g2,psp,f4v"))
        return AV_CODEC_ID_NONE;
    if (decoder->sample_fmt == AV_SAMPLE_FMT_S32 && decoder->bits_per_raw_sample == 24)
        return AV_CODEC_ID_PCM_S24LE;
    return av_get_pcm_codec(av_get_packed_sample_fmt(decoder->sample_fmt), 0);
}

// Encoders for sound in `container`, best first, ended by NULL.
static void list_targets(const AVCodecContext *decoder, const AVOutputFormat *container,
                         const AVCodec **list)
{
    bool prefers_aac = av_match_name(container->name, "mp4,mov,ipod,3gp,3g2,psp,f4v,flv,mpegts");
    const enum AVCodecID wanted[] = {
        plain_target(decoder, container),
        prefers_aac ? AV_CODEC_ID_AAC : AV_CODEC_ID_NONE,
        container->audio_codec,
        AV_CODEC_ID_AC3,  // takes more channels than MP3
        AV_CODEC_ID_MP3,
        AV_CODEC_ID_AAC,
    };
    size_t count = 0;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        const AVCodec *codec = wanted[i] != AV_CODEC_ID_NONE ? avcodec_find_encoder(wanted[i])
                                                             : NULL;
        // Transport streams say of no codec but their favourite that they carry it.
        bool carried = (prefers_aac && wanted[i] == AV_CODEC_ID_AAC) ||
                       avformat_query_codec(container, wanted[i], FF_COMPLIANCE_NORMAL) == 1;
        if (codec && carried && !(codec->capabilities & AV_CODEC_CAP_EXPERIMENTAL))
            list[count++] = codec;
    }
    list[count] = NULL;
}

// The source's format, or else the one with the most bits.
static enum AVSampleFormat pick_format(const AVCodec *codec, enum AVSampleFormat from)
{
    const enum AVSampleFormat *list = rl_codec_sample_formats(codec);
    if (!list)
        return from;
    enum AVSampleFormat best = *list;
    for (; *list != AV_SAMPLE_FMT_NONE; list++) {
        if (av_get_packed_sample_fmt(*list) == av_get_packed_sample_fmt(from))
            return *list;
        if (av_get_bytes_per_sample(*list) > av_get_bytes_per_sample(best))
            best = *list;
    }
    return best;
}

// The source's rate, or else the next higher, or else the highest.
static int pick_rate(const AVCodec *codec, int from)
{
    const int *list = rl_codec_sample_rates(codec);
    int best = 0;
    for (; list && *list; list++)
        if (*list == from || (best < from ? *list > best : *list >= from && *list < best))
            best = *list;
    return best ? best : from;
}

static int try_encoder(struct rl_sound *s, const AVCodec *codec, const AVChannelLayout *layout,
                       int64_t bit_rate, const AVOutputFormat *container)
{
    avcodec_free_context(&s->encoder);
    AVCodecContext *e = s->encoder = avcodec_alloc_context3(codec);
    if (!e)
        return AVERROR(ENOMEM);
    rl_codec_hush(e);
    e->sample_fmt = pick_format(codec, s->decoder->sample_fmt);
    e->sample_rate = pick_rate(codec, s->decoder->sample_rate);
    e->time_base = (AVRational){1, e->sample_rate};
    e->bits_per_raw_sample = s->decoder->bits_per_raw_sample;
    if (bit_rate > 0)
        e->bit_rate = bit_rate;
    if (container->flags & AVFMT_GLOBALHEADER)
        e->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    int failed = av_channel_layout_copy(&e->ch_layout, layout);
    return failed < 0 ? failed : avcodec_open2(e, codec, NULL);
}

static int try_layout(struct rl_sound *s, const AVChannelLayout *layout,
                      const AVOutputFormat *container)
{
    const AVCodec *targets[MOST_TARGETS];
    int failed = AVERROR_ENCODER_NOT_FOUND;
    list_targets(s->decoder, container, targets);
    for (const AVCodec **codec = targets; *codec; codec++) {
        const int64_t bits = INT64_C(1) * CHANNEL_BITS * layout->nb_channels;
        // Not every encoder takes every bit rate: then its own choice.
        failed = try_encoder(s, *codec, layout, bits, container);
        if (failed < 0 && failed != AVERROR(ENOMEM))
            failed = try_encoder(s, *codec, layout, 0, container);
        if (failed >= 0 || failed == AVERROR(ENOMEM))
            return failed;
    }
    return failed;
}

// Rather another codec than fewer channels.
static int open_encoder(struct rl_sound *s, const AVOutputFormat *container)
{
    // Speakers at the side and at the back are the same ones in most living rooms, but AAC and Opus
    // have short names for layouts with those at the back only, and many players know no other.
    static const struct {
        uint64_t side, back;
    } twins[] = {{AV_CH_LAYOUT_5POINT1, AV_CH_LAYOUT_5POINT1_BACK},
                 {AV_CH_LAYOUT_5POINT0, AV_CH_LAYOUT_5POINT0_BACK},
                 {AV_CH_LAYOUT_2_2, AV_CH_LAYOUT_QUAD}};
    static const int fewer[] = {8, 6, 2, 1};
    const AVChannelLayout own = native_layout(&s->decoder->ch_layout);
    AVChannelLayout layout = own;
    int failed = AVERROR(EINVAL);
    for (size_t i = 0; i < sizeof twins / sizeof *twins && failed < 0; i++)
        if (own.order == AV_CHANNEL_ORDER_NATIVE && own.u.mask == twins[i].side &&
            av_channel_layout_from_mask(&layout, twins[i].back) >= 0)
            failed = try_layout(s, &layout, container);
    if (failed < 0)
        failed = try_layout(s, &own, container);
    for (size_t i = 0; i < sizeof fewer / sizeof *fewer && failed < 0; i++) {
        av_channel_layout_default(&layout, fewer[i]);
        if (fewer[i] < own.nb_channels)
            failed = try_layout(s, &layout, container);
    }
    return failed;
}

static int open_decoder(struct rl_sound *s, const AVStream *stream)
{
    const AVCodec *codec = avcodec_find_decoder(stream->codecpar->codec_id);
    if (!codec)
        return AVERROR_DECODER_NOT_FOUND;
    s->decoder = avcodec_alloc_context3(codec);
    if (!s->decoder)
        return AVERROR(ENOMEM);
    rl_codec_hush(s->decoder);
    int failed = avcodec_parameters_to_context(s->decoder, stream->codecpar);
    s->decoder->pkt_timebase = stream->time_base;
    if (failed >= 0)
        failed = avcodec_open2(s->decoder, codec, NULL);
    if (failed >= 0 && (s->decoder->sample_rate <= 0 || s->decoder->ch_layout.nb_channels <= 0 ||
                        s->decoder->sample_fmt == AV_SAMPLE_FMT_NONE))
        failed = AVERROR_INVALIDDATA;  // nothing of it could be decoded so far
    return failed;
}

static int open_filling(struct rl_sound *s)
{
    const AVCodecContext *e = s->encoder;
    s->filling->format = e->sample_fmt;
    s->filling->sample_rate = e->sample_rate;
    s->filling->nb_samples = e->frame_size > 0 ? e->frame_size : FREE_FRAME;
    int failed = av_channel_layout_copy(&s->filling->ch_layout, &e->ch_layout);
    return failed < 0 ? failed : av_frame_get_buffer(s->filling, 0);
}

int rl_sound_open(struct rl_sound **sound, const AVStream *stream, const AVOutputFormat *container)
{
    struct rl_sound *s = *sound = calloc(1, sizeof *s);
    if (!s)
        return AVERROR(ENOMEM);
    s->decoded = av_frame_alloc();
    s->taken = av_frame_alloc();
    s->filling = av_frame_alloc();
    s->packet = av_packet_alloc();
    bool made = s->decoded && s->taken && s->filling && s->packet;
    int failed = made ? open_decoder(s, stream) : AVERROR(ENOMEM);
    if (failed >= 0)
        failed = open_encoder(s, container);
    if (failed >= 0)
        failed = open_filling(s);
    if (failed < 0)
        rl_sound_close(sound);
    return failed;
}

enum AVCodecID rl_sound_codec(const struct rl_sound *sound)
{
    return sound->encoder->codec_id;
}

int rl_sound_parameters(const struct rl_sound *sound, AVCodecParameters *parameters)
{
    return avcodec_parameters_from_context(parameters, sound->encoder);
}

AVRational rl_sound_time_base(const struct rl_sound *sound)
{
    return sound->encoder->time_base;
}

int rl_sound_damaged(const struct rl_sound *sound)
{
    return sound->damaged;
}

// --- Samples on their way to the encoder ---

static int encode(struct rl_sound *s, const AVFrame *frame)
{
    int failed = avcodec_send_frame(s->encoder, frame);
    while (failed >= 0) {
        failed = avcodec_receive_packet(s->encoder, s->packet);
        if (failed == AVERROR(EAGAIN) || failed == AVERROR_EOF)
            return 0;
        if (failed >= 0)
            failed = s->give(s->user, s->packet);
        av_packet_unref(s->packet);
    }
    return failed;
}

static int encode_filling(struct rl_sound *s)
{
    int whole = s->filling->nb_samples;
    s->filling->nb_samples = s->filled;
    s->filling->pts = s->next - s->filled;
    s->filled = 0;
    int failed = encode(s, s->filling);
    s->filling->nb_samples = whole;
    return failed;
}

// `samples` of NULL is silence.
static int append(struct rl_sound *s, uint8_t *const *samples, int64_t count)
{
    const int channels = s->encoder->ch_layout.nb_channels;
    const enum AVSampleFormat format = s->encoder->sample_fmt;
    int64_t done = FFMIN(s->skip, count);
    s->skip -= done;
    while (done < count) {
        AVFrame *to = s->filling;
        int some = (int)FFMIN(count - done, to->nb_samples - s->filled);
        int failed = s->filled ? 0 : av_frame_make_writable(to);
        if (failed < 0)
            return failed;
        if (samples)
            av_samples_copy(to->extended_data, samples, s->filled, (int)done, some, channels,
                            format);
        else
            av_samples_set_silence(to->extended_data, s->filled, some, channels, format);
        s->filled += some;
        s->next += some;
        done += some;
        failed = s->filled == to->nb_samples ? encode_filling(s) : 0;
        if (failed < 0)
            return failed;
    }
    return 0;
}

static int make_room(struct rl_sound *s, int samples)
{
    if (samples <= s->room)
        return 0;
    if (s->resampled)
        av_freep(&s->resampled[0]);
    av_freep(&s->resampled);
    s->room = 0;
    int failed = av_samples_alloc_array_and_samples(
        &s->resampled, NULL, s->encoder->ch_layout.nb_channels, samples, s->encoder->sample_fmt, 0);
    s->room = failed < 0 ? 0 : samples;
    return failed;
}

// `from` of NULL: what the resampler still holds.
static int resample(struct rl_sound *s, const AVFrame *from)
{
    int count = from ? from->nb_samples : 0;
    int most = swr_get_out_samples(s->resampler, count);
    int failed = most < 0 ? most : make_room(s, most + 1);
    if (failed < 0)
        return failed;
    const uint8_t **data = from ? (const uint8_t **)(uintptr_t)from->extended_data : NULL;
    int got = swr_convert(s->resampler, s->resampled, s->room, data, count);
    return got <= 0 ? got : append(s, s->resampled, got);
}

static int drain_resampler(struct rl_sound *s)
{
    return s->resampler ? resample(s, NULL) : 0;
}

// Sound may change its form on the way: from stereo to 5.1 at the end of the commercials.
static int open_resampler(struct rl_sound *s, const AVFrame *from)
{
    AVCodecContext *e = s->encoder;
    AVChannelLayout layout = native_layout(&from->ch_layout);
    if (s->resampler && s->taken->format == from->format &&
        s->taken->sample_rate == from->sample_rate &&
        av_channel_layout_compare(&s->taken->ch_layout, &layout) == 0)
        return 0;
    int failed = drain_resampler(s);
    swr_free(&s->resampler);
    s->taken->format = from->format;
    s->taken->sample_rate = from->sample_rate;
    if (failed >= 0)
        failed = av_channel_layout_copy(&s->taken->ch_layout, &layout);
    enum { HUSHED = 100 };  // as in rl_codec_hush()
    if (failed >= 0)
        failed = swr_alloc_set_opts2(&s->resampler, &e->ch_layout, e->sample_fmt, e->sample_rate,
                                     &layout, (enum AVSampleFormat)from->format, from->sample_rate,
                                     HUSHED, NULL);
    return failed < 0 ? failed : swr_init(s->resampler);
}

// --- Time ---

// A gap too long to fill: the stream goes on later.
static int leap(struct rl_sound *s, int64_t to)
{
    int failed = s->filled ? append(s, NULL, s->filling->nb_samples - s->filled) : 0;
    s->next = FFMAX(to, s->next);
    return failed;
}

// The next sample that comes in belongs to `at`.
static int keep_time(struct rl_sound *s, int64_t at)
{
    const int64_t second = s->encoder->sample_rate;
    if (!s->begun) {
        s->begun = true;
        s->next = at;
        return 0;
    }
    int64_t drift = at - (s->next + swr_get_delay(s->resampler, second) - s->skip);
    if (FFABS(drift) * 1000 <= SLACK_MS * second)
        return 0;
    int failed = drain_resampler(s);
    if (failed >= 0)
        failed = swr_init(s->resampler);
    int64_t gap = at - s->next;
    if (gap < -FARTHEST_BACK_S * second) {
        s->moved -= gap;
        gap = 0;
    }
    s->skip = gap < 0 ? -gap : 0;
    if (failed < 0 || gap <= 0)
        return failed;
    return gap > LONGEST_SILENCE_S * second ? leap(s, at) : append(s, NULL, gap);
}

static int take_frame(struct rl_sound *s, const AVFrame *frame)
{
    if (frame->sample_rate <= 0 || frame->nb_samples <= 0 || frame->ch_layout.nb_channels <= 0)
        return 0;
    int failed = open_resampler(s, frame);
    int64_t at = AV_NOPTS_VALUE;
    if (frame->pts != AV_NOPTS_VALUE)
        at = av_rescale_q(frame->pts, s->decoder->pkt_timebase, s->encoder->time_base);
    bool known = at > -farthest_time && at < farthest_time;
    if (failed >= 0 && (known || !s->begun))
        failed = keep_time(s, known ? at + s->moved : 0);
    return failed < 0 ? failed : resample(s, frame);
}

int rl_sound_convert(struct rl_sound *sound, const AVPacket *packet, rl_sound_fn give, void *user)
{
    struct rl_sound *s = sound;
    s->give = give;
    s->user = user;
    int failed = avcodec_send_packet(s->decoder, packet);
    int decoded = failed, done = 0;
    while (decoded >= 0 && done >= 0) {
        decoded = avcodec_receive_frame(s->decoder, s->decoded);
        if (decoded >= 0)
            done = take_frame(s, s->decoded);
        av_frame_unref(s->decoded);
    }
    if (decoded == AVERROR(ENOMEM) || done < 0)
        return done < 0 ? done : decoded;
    s->damaged += packet && decoded < 0 && decoded != AVERROR(EAGAIN) && decoded != AVERROR_EOF;
    if (packet || !s->begun)
        return 0;
    done = drain_resampler(s);
    if (done >= 0 && s->filled)
        done = encode_filling(s);
    return done < 0 ? done : encode(s, NULL);
}

void rl_sound_close(struct rl_sound **sound)
{
    struct rl_sound *s = *sound;
    *sound = NULL;
    if (!s)
        return;
    avcodec_free_context(&s->decoder);
    avcodec_free_context(&s->encoder);
    swr_free(&s->resampler);
    av_frame_free(&s->decoded);
    av_frame_free(&s->taken);
    av_frame_free(&s->filling);
    av_packet_free(&s->packet);
    if (s->resampled)
        av_freep(&s->resampled[0]);
    av_freep(&s->resampled);
    free(s);
}
