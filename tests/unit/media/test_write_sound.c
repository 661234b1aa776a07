// SPDX-License-Identifier: MIT
//
// Sound that a container cannot carry: it is converted, and a click stays where it was.
#include "film.h"

#include "base/str.h"

struct take {
    const char *name;  // of the file; its ending says the container
    enum AVCodecID codec;
    enum AVSampleFormat format;
    int rate, channels;
    double click, start, length;  // seconds
    double gap_from, gap_to;      // nothing is written between these
};

static void set_sample(AVFrame *frame, int channel, int i, float value)
{
    const bool planar = av_sample_fmt_is_planar((enum AVSampleFormat)frame->format);
    const int channels = frame->ch_layout.nb_channels;
    uint8_t *data = frame->extended_data[planar ? channel : 0];
    int at = planar ? i : i * channels + channel;
    enum AVSampleFormat packed = av_get_packed_sample_fmt((enum AVSampleFormat)frame->format);
    if (packed == AV_SAMPLE_FMT_U8)
        data[at] = (uint8_t)(128 + value * 120);
    else if (packed == AV_SAMPLE_FMT_S16)
        ((int16_t *)(void *)data)[at] = (int16_t)(value * 30000);
    else
        ((float *)(void *)data)[at] = value;
}

static AVCodecContext *open_codec(const struct take *take, AVStream *stream)
{
    AVCodecContext *codec = avcodec_alloc_context3(avcodec_find_encoder(take->codec));
    codec->sample_rate = take->rate;
    codec->sample_fmt = take->format;
    codec->bit_rate = 64000 * take->channels;
    codec->time_base = (AVRational){1, take->rate};
    av_channel_layout_default(&codec->ch_layout, take->channels);
    CHECK(avcodec_open2(codec, NULL, NULL) >= 0);
    avcodec_parameters_from_context(stream->codecpar, codec);
    stream->time_base = codec->time_base;
    return codec;
}

static void play(const struct take *take, AVFormatContext *format, AVStream *stream,
                 AVCodecContext *codec)
{
    const int size = codec->frame_size ? codec->frame_size : 480;
    AVPacket *packet = av_packet_alloc();
    for (int64_t at = 0; at < (int64_t)(take->length * take->rate); at += size) {
        const double time = (double)at / take->rate;
        if (time >= take->gap_from && time < take->gap_to)
            continue;
        AVFrame *frame = av_frame_alloc();
        frame->format = take->format;
        frame->sample_rate = take->rate;
        frame->nb_samples = size;
        av_channel_layout_copy(&frame->ch_layout, &codec->ch_layout);
        CHECK(av_frame_get_buffer(frame, 0) >= 0);
        for (int c = 0; c < take->channels; c++)
            for (int i = 0; i < size; i++) {
                double late = (double)(at + i) / take->rate - take->click;
                bool loud = late >= 0 && late < 0.02;
                set_sample(frame, c, i, loud ? (float)sin(late * 6283) : 0);
            }
        frame->pts = at + (int64_t)(take->start * take->rate);
        CHECK(avcodec_send_frame(codec, frame) >= 0);
        while (avcodec_receive_packet(codec, packet) >= 0) {
            packet->stream_index = stream->index;
            av_packet_rescale_ts(packet, codec->time_base, stream->time_base);
            CHECK(av_interleaved_write_frame(format, packet) >= 0);
        }
        av_frame_free(&frame);
    }
    av_packet_free(&packet);
}

// Stream 0 is a stub of a picture, stream 1 the sound.
static void record(const struct take *take)
{
    static const uint8_t pixels[FILM_W * FILM_H * 3 / 2];
    AVFormatContext *format = NULL;
    CHECK(avformat_alloc_output_context2(&format, NULL, NULL, in_folder(take->name)) >= 0);
    AVStream *video = add_stream(format, AVMEDIA_TYPE_VIDEO, AV_CODEC_ID_RAWVIDEO);
    video->codecpar->width = FILM_W;
    video->codecpar->height = FILM_H;
    video->codecpar->format = AV_PIX_FMT_YUV420P;
    video->codecpar->codec_tag = MKTAG('I', '4', '2', '0');
    video->time_base = (AVRational){1, 25};
    AVStream *sound = add_stream(format, AVMEDIA_TYPE_AUDIO, take->codec);
    AVCodecContext *codec = open_codec(take, sound);
    CHECK(avio_open(&format->pb, in_folder(take->name), AVIO_FLAG_WRITE) >= 0);
    CHECK(avformat_write_header(format, NULL) >= 0);
    for (int i = 0; i < 25; i++)
        write_bytes(format, video, pixels, sizeof pixels, i / 25.0, 0.04);
    play(take, format, sound, codec);
    CHECK(av_write_trailer(format) >= 0);
    avio_closep(&format->pb);
    avcodec_free_context(&codec);
    avformat_free_context(format);
}

struct warnings {
    int count;
    double moved;  // where the source's muxer put the picture to make room for the sound's delay
    char first[256];
};

static void take_line(void *user, enum relief_log_level level, const char *text)
{
    struct warnings *warnings = user;
    (void)level;
    if (!warnings->count++)
        snprintf(warnings->first, sizeof warnings->first, "%s", text);
}

// 25 frames of 40 ms, and the sound. `damage` spoils every n-th packet of it.
static enum relief_status convert(const char *from, const char *to, int damage,
                                  struct warnings *warnings, char *fate, size_t fate_size)
{
    struct film film;
    struct rl_writer *writer = NULL;
    struct relief_error err = {0};
    struct rl_log log;
    *warnings = (struct warnings){0};
    rl_log_init(&log, &(struct relief_log_sink){take_line, warnings, RELIEF_LOG_WARN});
    open_film(&film, in_folder(from), (AVRational){1, 25});
    struct rl_writer_params params = film_params(&film);
    params.log = &log;
    params.overwrite = true;
    enum relief_status status = rl_writer_open(&writer, in_folder(to), &film.source, &params, &err);
    const AVStream *video = film.demuxer->streams[0];
    if (video->start_time != AV_NOPTS_VALUE)
        warnings->moved = (double)video->start_time * av_q2d(video->time_base);
    AVPacket *packet = av_packet_alloc();
    for (int count = 0; status == RELIEF_OK && av_read_frame(film.demuxer, packet) >= 0;) {
        bool sound = packet->stream_index == 1;
        if (sound && damage && ++count % damage == 0 && packet->size > 4 &&
            av_packet_make_writable(packet) >= 0)
            memset(packet->data, 0xff, 4);
        if (sound)
            status = rl_writer_packet(writer, packet, &err);
        av_packet_unref(packet);
    }
    av_packet_free(&packet);
    for (int i = 0; i < 25 && status == RELIEF_OK; i++) {
        AVFrame *picture = draw(params.format, params.width, params.height, i);
        struct rl_frame frame = {.index = i, .pts = i, .duration = 1};
        status = rl_writer_frame(writer, &frame, picture, &err);
        av_frame_free(&picture);
    }
    if (status == RELIEF_OK)
        status = rl_writer_finish(writer, &err);
    size_t count = 0;
    const struct rl_stream_fate *fates = writer ? rl_writer_fates(writer, &count) : NULL;
    snprintf(fate, fate_size, "%s %s", count ? fates[0].outcome : "", count ? fates[0].reason : "");
    CHECK_TEXT(err.message, "");
    rl_writer_close(&writer);
    rl_log_clear(&log);
    close_film(&film);
    return status;
}

struct heard {
    enum AVCodecID codec;
    int rate, channels;
    double begin, end;  // seconds
    double click;       // since the first picture; < 0: none
    float peak;
};

static void hear_frame(struct heard *heard, const AVFrame *frame, AVRational base)
{
    double time = (double)frame->pts * av_q2d(base);
    if (heard->click < 0 && heard->end == 0)
        heard->begin = time;
    for (int i = 0; i < frame->nb_samples; i++) {
        float value = fabsf(((const float *)(const void *)frame->extended_data[0])[i]);
        heard->peak = fmaxf(heard->peak, value);
        if (value > 0.3f && heard->click < 0)
            heard->click = time + (double)i / frame->sample_rate;
    }
    heard->end = time + (double)frame->nb_samples / frame->sample_rate;
}

static struct heard hear(const char *name)
{
    struct heard heard = {.click = -1};
    AVFormatContext *demuxer = NULL;
    CHECK(avformat_open_input(&demuxer, in_folder(name), NULL, NULL) >= 0);
    CHECK(avformat_find_stream_info(demuxer, NULL) >= 0);
    int index = demuxer ? av_find_best_stream(demuxer, AVMEDIA_TYPE_AUDIO, -1, -1, NULL, 0) : -1;
    CHECK(index >= 0);
    if (index < 0) {
        avformat_close_input(&demuxer);
        return heard;
    }
    const AVStream *stream = demuxer->streams[index];
    heard.codec = stream->codecpar->codec_id;
    AVCodecContext *codec = avcodec_alloc_context3(avcodec_find_decoder(heard.codec));
    avcodec_parameters_to_context(codec, stream->codecpar);
    codec->pkt_timebase = stream->time_base;
    codec->request_sample_fmt = AV_SAMPLE_FMT_FLTP;
    CHECK(avcodec_open2(codec, NULL, NULL) >= 0);
    AVPacket *packet = av_packet_alloc();
    AVFrame *frame = av_frame_alloc();
    for (bool more = true; more;) {
        more = av_read_frame(demuxer, packet) >= 0;
        if (more && packet->stream_index == index)
            CHECK(avcodec_send_packet(codec, packet) >= 0);
        else if (!more)
            avcodec_send_packet(codec, NULL);
        while (avcodec_receive_frame(codec, frame) >= 0)
            if (frame->format == AV_SAMPLE_FMT_FLTP)
                hear_frame(&heard, frame, stream->time_base);
        av_packet_unref(packet);
    }
    heard.rate = codec->sample_rate;
    heard.channels = codec->ch_layout.nb_channels;
    // A transport stream puts all later, to have room for the decoder.
    int picture = av_find_best_stream(demuxer, AVMEDIA_TYPE_VIDEO, -1, -1, NULL, 0);
    stream = picture >= 0 ? demuxer->streams[picture] : stream;
    heard.click -= (double)stream->start_time * av_q2d(stream->time_base);
    av_frame_free(&frame);
    av_packet_free(&packet);
    avcodec_free_context(&codec);
    avformat_close_input(&demuxer);
    return heard;
}

// What is said, the codec, channels, rate, and that the click is heard when it was made.
static struct heard check_take(const struct take *take, const char *to, enum AVCodecID codec,
                               int rate)
{
    struct warnings warnings;
    char fate[160], wanted[160];
    record(take);
    CHECK_INT(convert(take->name, to, 0, &warnings, fate, sizeof fate), RELIEF_OK);
    snprintf(wanted, sizeof wanted, "converted to %s: ", avcodec_get_name(codec));
    CHECK(rl_str_starts(fate, wanted));
    CHECK_INT(warnings.count, 1);
    CHECK(strstr(warnings.first, fate) != NULL);
    CHECK(strstr(warnings.first, "audio stream 1") != NULL);
    struct heard heard = hear(to);
    CHECK_INT(heard.codec, codec);
    CHECK_INT(heard.channels, take->channels);
    CHECK_INT(heard.rate, rate);
    CHECK_NEAR(heard.click, take->click + take->start + warnings.moved, 0.003);
    CHECK(heard.peak > 0.5f && heard.peak < 1.5f);
    return heard;
}

static const struct take plain = {"plain.avi", AV_CODEC_ID_PCM_U8, AV_SAMPLE_FMT_U8, 48000,
                                  2,           .click = 0.5,       .length = 1};

static void plain_samples_become_aac(void)
{
    struct take take = plain;
    struct heard heard = check_take(&take, "plain.mp4", AV_CODEC_ID_AAC, 48000);
    CHECK_NEAR(heard.begin, 0, 0.001);
    CHECK_NEAR(heard.end, 1, 0.03);  // AAC counts in blocks of 21 ms
    take.channels = 1;
    check_take(&take, "mono.mp4", AV_CODEC_ID_AAC, 48000);
    take.channels = 6;
    check_take(&take, "six.mp4", AV_CODEC_ID_AAC, 48000);
    take.rate = 44100;
    check_take(&take, "cd.mp4", AV_CODEC_ID_AAC, 44100);
    take.rate = 8000;
    take.channels = 1;
    check_take(&take, "phone.mp4", AV_CODEC_ID_AAC, 8000);
}

static void every_container_gets_its_own_codec(void)
{
    struct take take = {"law.nut", AV_CODEC_ID_PCM_MULAW, AV_SAMPLE_FMT_S16, 44100,
                        2,         .click = 0.5,          .length = 1};
    if (avcodec_find_encoder_by_name("libopus"))
        check_take(&take, "law.webm", AV_CODEC_ID_OPUS, 48000);  // by resampling
    check_take(&take, "law.mp4", AV_CODEC_ID_AAC, 44100);
    check_take(&take, "law.ts", AV_CODEC_ID_AAC, 44100);
}

static void a_late_start_and_gaps_stay(void)
{
    struct take take = {"late.nut", AV_CODEC_ID_PCM_MULAW, AV_SAMPLE_FMT_S16, 48000,
                        2,          .click = 0.3,          .start = 0.25,     .length = 0.7};
    struct heard heard = check_take(&take, "late.mp4", AV_CODEC_ID_AAC, 48000);
    CHECK(heard.begin > 0.2);
    take = (struct take){"gap.nut",    AV_CODEC_ID_PCM_MULAW, AV_SAMPLE_FMT_S16, 48000,        2,
                         .click = 0.8, .length = 1,           .gap_from = 0.2,   .gap_to = 0.5};
    check_take(&take, "gap.mp4", AV_CODEC_ID_AAC, 48000);
    take.gap_to = 100.2;  // too long to fill
    take.click = 100.6;
    take.length = 101;
    check_take(&take, "leap.mp4", AV_CODEC_ID_AAC, 48000);
}

static void windows_media_is_converted(void)
{
    if (!avcodec_find_encoder(AV_CODEC_ID_WMAV2))
        return;
    struct take take = {"wma.mkv", AV_CODEC_ID_WMAV2, AV_SAMPLE_FMT_FLTP, 44100,
                        2,         .click = 0.5,      .length = 1};
    check_take(&take, "wma.mp4", AV_CODEC_ID_AAC, 44100);
}

// ADTS needs a filter on its way into MP4, which refuses what is damaged.
static void damaged_packets_do_not_end_a_job(void)
{
    struct take take = {"adts.ts", AV_CODEC_ID_AAC, AV_SAMPLE_FMT_FLTP, 48000,
                        2,         .click = 0.5,    .length = 1};
    struct warnings warnings;
    char fate[160];
    record(&take);
    CHECK_INT(convert(take.name, "damaged.mp4", 7, &warnings, fate, sizeof fate), RELIEF_OK);
    CHECK_TEXT(fate, "copied ");
    CHECK_INT(warnings.count, 1);
    CHECK(strstr(warnings.first, "damaged packets") != NULL);
    struct heard heard = hear("damaged.mp4");
    CHECK_INT(heard.codec, AV_CODEC_ID_AAC);
    CHECK(heard.end > 0.9);
    struct outcome o;
    open_outcome(&o, in_folder("damaged.mp4"));
    CHECK_INT(o.count, 25);
    close_outcome(&o);
}

int main(void)
{
    av_log_set_level(AV_LOG_QUIET);
    make_folder();
    RUN(plain_samples_become_aac);
    RUN(every_container_gets_its_own_codec);
    RUN(a_late_start_and_gaps_stay);
    RUN(windows_media_is_converted);
    RUN(damaged_packets_do_not_end_a_job);
    remove_folder();
    return check_result();
}
