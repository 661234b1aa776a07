// SPDX-License-Identifier: MIT
#include "film.h"

#include "base/str.h"

#include <pthread.h>

static void even_times(struct film *film, int count, int64_t start, int64_t step)
{
    film->count = count;
    for (int i = 0; i < count; i++) {
        film->pts[i] = start + i * step;
        film->duration[i] = step;
    }
}

struct feeder {
    struct film *film;
    struct rl_writer *writer;
};

// Plays the packets as the reader's thread does, beside the frames.
static void *feed(void *arg)
{
    struct feeder *feeder = arg;
    struct film *film = feeder->film;
    struct AVMD5 *md5 = av_md5_alloc();
    AVPacket *packet = av_packet_alloc();
    av_md5_init(md5);
    while (av_read_frame(film->demuxer, packet) >= 0) {
        if (film->demuxer->streams[packet->stream_index]->codecpar->codec_type ==
            AVMEDIA_TYPE_AUDIO)
            av_md5_update(md5, packet->data, (size_t)packet->size);
        if (packet->stream_index != film->source.video_index)
            CHECK_INT(rl_writer_packet(feeder->writer, packet, NULL), RELIEF_OK);
        av_packet_unref(packet);
    }
    av_packet_free(&packet);
    digest(md5, film->md5);
    av_free(md5);
    return NULL;
}

static enum relief_status convert(struct film *film, const char *path,
                                  const struct rl_writer_params *params, struct relief_error *err)
{
    struct feeder feeder = {.film = film};
    enum relief_status status = rl_writer_open(&feeder.writer, path, &film->source, params, err);
    if (status != RELIEF_OK)
        return status;
    pthread_t thread;
    CHECK_INT(pthread_create(&thread, NULL, feed, &feeder), 0);
    for (int i = 0; i < film->count && status == RELIEF_OK; i++) {
        AVFrame *picture = draw(params->format, params->width, params->height, i);
        struct rl_frame frame = {.index = i, .pts = film->pts[i], .duration = film->duration[i]};
        picture->color_range = film->first->color_range;
        picture->colorspace = film->first->colorspace;
        picture->pict_type = AV_PICTURE_TYPE_I;  // as decoders leave it
        status = rl_writer_frame(feeder.writer, &frame, picture, err);
        av_frame_free(&picture);
    }
    pthread_join(thread, NULL);
    if (status == RELIEF_OK)
        status = rl_writer_finish(feeder.writer, err);
    rl_writer_close(&feeder.writer);
    return status;
}

static double seconds(const struct outcome *o, int stream, int64_t at)
{
    return (double)at * av_q2d(o->demuxer->streams[stream]->time_base);
}

// Every frame has its time; the last one its duration.
static void check_times(const struct film *film, const struct outcome *o, double tolerance)
{
    CHECK_INT(o->count, film->count);
    for (int i = 0; i < film->count && o->count == film->count; i++)
        CHECK_NEAR(seconds(o, o->video, o->pts[i]),
                   (double)film->pts[i] * av_q2d(film->source.time_base), tolerance);
}

static void convert_and_check(const char *from, const char *name, AVRational time_base,
                              int64_t start, int64_t step, double tolerance)
{
    struct film film;
    struct outcome o;
    struct relief_error err = {0};
    open_film(&film, from, time_base);
    even_times(&film, 20, start, step);
    struct rl_writer_params params = film_params(&film);
    CHECK_INT(convert(&film, in_folder(name), &params, &err), RELIEF_OK);
    CHECK_TEXT(err.message, "");
    open_outcome(&o, in_folder(name));
    if (o.demuxer) {
        check_times(&film, &o, tolerance);
        // WebM takes no AC-3: see test_write_sound.c.
        CHECK(o.sound >= 0);
        if (o.sound >= 0 && !rl_str_ends(name, ".webm"))
            CHECK_TEXT(o.md5, film.md5);
    }
    close_outcome(&o);
    close_film(&film);
}

static void every_container_keeps_times_and_sound(void)
{
    char film[512];
    snprintf(film, sizeof film, "%s", in_folder("film.mkv"));
    const AVRational fine = {1, 12800}, ntsc = {1, 30000};
    convert_and_check(film, "plain.mp4", fine, 0, 512, 1e-9);
    convert_and_check(film, "plain.mov", fine, 0, 512, 1e-9);
    convert_and_check(film, "plain.mkv", fine, 0, 512, 0.0005);
    convert_and_check(film, "plain.webm", fine, 0, 512, 0.0005);
    convert_and_check(film, "plain.avi", fine, 0, 512, 1e-6);
    convert_and_check(film, "plain.ts", fine, 0, 512, 1.5);  // the muxer adds a delay of its own
    convert_and_check(film, "ntsc.mp4", ntsc, 0, 1001, 1e-9);
    convert_and_check(film, "late.mp4", (AVRational){1, 90000}, 126000, 3600, 1e-9);
    convert_and_check(film, "late.mkv", (AVRational){1, 90000}, 126000, 3600, 0.0005);
}

static void uneven_times_stay_uneven(void)
{
    static const int64_t pts[] = {0, 40, 41, 200, 800, 1033, 1066}, last = 100;
    struct film film;
    struct outcome o;
    open_film(&film, in_folder("film.mkv"), (AVRational){1, 1000});
    film.count = 7;
    for (int i = 0; i < 7; i++) {
        film.pts[i] = pts[i];
        film.duration[i] = i < 6 ? pts[i + 1] - pts[i] : last;
    }
    struct rl_writer_params params = film_params(&film);
    params.overwrite = true;
    static const char *const presets[] = {"ultrafast", "slow"};
    for (int i = 0; i < 2; i++) {
        params.preset = presets[i];  // without and with B-frames
        CHECK_INT(convert(&film, in_folder("uneven.mp4"), &params, NULL), RELIEF_OK);
        open_outcome(&o, in_folder("uneven.mp4"));
        check_times(&film, &o, 1e-9);
        // From version 61 on libavformat takes a film's length from its tracks, which count in
        // order of decoding.
        if (i == 0 || LIBAVFORMAT_VERSION_MAJOR < 61)
            CHECK_NEAR((double)o.demuxer->duration / AV_TIME_BASE, 1.166, 1e-3);
        if (i == 0)
            CHECK_NEAR(seconds(&o, o.video, o.demuxer->streams[o.video]->duration), 1.166, 1e-6);
        CHECK_INT(o.demuxer->streams[o.video]->time_base.den, 1000);
        close_outcome(&o);
    }
    close_film(&film);
}

// With --start all times count from the first frame.
static void a_start_moves_everything(void)
{
    struct film film;
    struct outcome o;
    open_film(&film, in_folder("film.mkv"), (AVRational){1, 1000});
    even_times(&film, 10, 100, 40);
    film.source.start_pts = 100;
    struct rl_writer_params params = film_params(&film);
    CHECK_INT(convert(&film, in_folder("moved.mp4"), &params, NULL), RELIEF_OK);
    open_outcome(&o, in_folder("moved.mp4"));
    CHECK_NEAR(seconds(&o, o.video, o.pts[0]), 0, 1e-9);
    CHECK_NEAR(seconds(&o, o.sound, o.sound_start), -0.1, 0.0006);
    CHECK_NEAR(seconds(&o, o.subtitle, o.text_start), 0.1, 0.0006);
    CHECK_INT(o.demuxer->nb_chapters, 2);
    if (o.demuxer->nb_chapters == 2)
        CHECK_INT(av_rescale_q(o.demuxer->chapters[1]->start, o.demuxer->chapters[1]->time_base,
                               (AVRational){1, 1000}),
                  300);
    close_outcome(&o);
    close_film(&film);
}

static void mp4_converts_text_and_leaves_the_font(void)
{
    struct film film;
    struct rl_writer *writer = NULL;
    size_t count = 0;
    open_film(&film, in_folder("film.mkv"), (AVRational){1, 1000});
    struct rl_writer_params params = film_params(&film);
    CHECK_INT(rl_writer_open(&writer, in_folder("fate.mp4"), &film.source, &params, NULL),
              RELIEF_OK);
    const struct rl_stream_fate *fates = rl_writer_fates(writer, &count);
    CHECK_INT(count, 3);
    if (count == 3) {
        CHECK_TEXT(fates[0].kind, "audio");
        CHECK_TEXT(fates[0].codec, "ac3");
        CHECK_TEXT(fates[0].outcome, "copied");
        CHECK_TEXT(fates[0].reason, "");
        CHECK_TEXT(fates[1].outcome, "converted");
        CHECK_TEXT(fates[1].reason, "to mov_text");
        CHECK_TEXT(fates[2].kind, "attachment");
        CHECK_INT(fates[2].index, 3);
        CHECK_TEXT(fates[2].outcome, "left out");
        CHECK(strstr(fates[2].reason, "mp4") != NULL);
    }
    rl_writer_close(&writer);
    CHECK(access(in_folder("fate.mp4"), F_OK) != 0);
    struct outcome o;
    open_outcome(&o, in_folder("plain.mp4"));
    CHECK_INT(o.texts, 2);
    CHECK(strstr(o.text, "Guten Tag") != NULL);
    CHECK_NEAR(seconds(&o, o.subtitle, o.text_start), 0.2, 1e-3);
    AVDictionaryEntry *language = av_dict_get(o.demuxer->streams[o.sound]->metadata, "language",
                                              NULL, 0);
    CHECK_TEXT(language ? language->value : "", "deu");
    AVDictionaryEntry *title = av_dict_get(o.demuxer->metadata, "title", NULL, 0);
    CHECK_TEXT(title ? title->value : "", "Der Film");
    CHECK_INT(o.demuxer->nb_chapters, 2);
    close_outcome(&o);
    close_film(&film);
}

// And back: text of an MP4 becomes SubRip in Matroska, which keeps everything else too.
static void matroska_keeps_everything(void)
{
    struct outcome o;
    open_outcome(&o, in_folder("plain.mkv"));
    CHECK_INT(o.demuxer->nb_streams, 4);
    CHECK_INT(o.demuxer->streams[3]->codecpar->codec_type, AVMEDIA_TYPE_ATTACHMENT);
    CHECK_INT(o.demuxer->streams[3]->codecpar->extradata_size, 32);
    CHECK_TEXT(o.text, "<i>Guten</i> Tag");
    CHECK_INT(o.demuxer->nb_chapters, 2);
    const AVCodecParameters *par = o.demuxer->streams[o.video]->codecpar;
    CHECK_INT(par->color_space, AVCOL_SPC_BT709);
    CHECK_INT(par->color_range, AVCOL_RANGE_MPEG);
    CHECK_INT(av_cmp_q(o.demuxer->streams[o.video]->sample_aspect_ratio, (AVRational){4, 3}), 0);
    close_outcome(&o);
    convert_and_check(in_folder("plain.mp4"), "back.mkv", (AVRational){1, 12800}, 0, 512, 0.0005);
    open_outcome(&o, in_folder("back.mkv"));
    CHECK_INT(o.demuxer->streams[o.subtitle]->codecpar->codec_id, AV_CODEC_ID_SUBRIP);
    CHECK(strstr(o.text, "Guten") != NULL);
    CHECK_INT(o.texts, 2);
    close_outcome(&o);
}

// Faststart: the index comes before the samples.
static void the_index_is_in_front(void)
{
    uint8_t head[65536];
    FILE *file = fopen(in_folder("plain.mp4"), "rb");
    size_t size = file ? fread(head, 1, sizeof head, file) : 0;
    if (file)
        fclose(file);
    const uint8_t *moov = memmem(head, size, "moov", 4), *mdat = memmem(head, size, "mdat", 4);
    CHECK(moov && (!mdat || moov < mdat));
}

static void layouts_are_said(void)
{
    static const struct {
        enum relief_format layout;
        const char *name;
    } rows[] = {{RELIEF_FORMAT_SBSL, "left_right"},
                {RELIEF_FORMAT_SBSR, "right_left"},
                {RELIEF_FORMAT_AB2L, "top_bottom"},
                {RELIEF_FORMAT_ABR, "bottom_top"},
                {RELIEF_FORMAT_IRL, "row_interleaved_lr"},
                {RELIEF_FORMAT_ICR, "col_interleaved_rl"},
                {RELIEF_FORMAT_CHL, "checkerboard_lr"},
                {RELIEF_FORMAT_ARCC, "anaglyph_cyan_red"},
                {RELIEF_FORMAT_AGMD, "anaglyph_green_magenta"},
                {RELIEF_FORMAT_AYBC, ""},
                {RELIEF_FORMAT_ML, ""}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct film film;
        struct outcome o;
        open_film(&film, in_folder("film.mkv"), (AVRational){1, 1000});
        even_times(&film, 3, 0, 40);
        struct rl_writer_params params = film_params(&film);
        params.layout = rows[i].layout;
        params.overwrite = true;
        CHECK_INT(convert(&film, in_folder("layout.mkv"), &params, NULL), RELIEF_OK);
        open_outcome(&o, in_folder("layout.mkv"));
        AVDictionaryEntry *mode = av_dict_get(o.demuxer->streams[o.video]->metadata, "stereo_mode",
                                              NULL, 0);
        CHECK_TEXT(mode ? mode->value : "", rows[i].name);
        close_outcome(&o);
        // No container may stumble over it.
        CHECK_INT(convert(&film, in_folder("layout.mp4"), &params, NULL), RELIEF_OK);
        CHECK_INT(convert(&film, in_folder("layout.webm"), &params, NULL), RELIEF_OK);
        close_film(&film);
    }
}

// SVT-AV1 1.4 clears some of its tables from two threads at once.
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
    return "race:libSvtAv1Enc";
}

int main(void)
{
    quiet_libraries();
    make_folder();
    make_film(in_folder("film.mkv"));
    RUN(every_container_keeps_times_and_sound);
    RUN(uneven_times_stay_uneven);
    RUN(a_start_moves_everything);
    RUN(mp4_converts_text_and_leaves_the_font);
    RUN(matroska_keeps_everything);
    RUN(the_index_is_in_front);
    RUN(layouts_are_said);
    remove_folder();
    return check_result();
}
