// SPDX-License-Identifier: MIT
#include "media/input.h"

#include "base/file.h"
#include "base/str.h"
#include "media/mkv_tracks.h"
#include "media/tracks.h"

#include <libavcodec/avcodec.h>
#include <libavutil/avstring.h>
#include <libavutil/display.h>
#include <libavutil/parseutils.h>

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUFFER_BYTES = 1 << 16, POLL_MS = 50, PATIENCE_MS = 10000, PROBE_BYTES = 32 << 20 };

bool rl_input_stopped(const struct rl_input *input)
{
    return input->stop && atomic_load(input->stop);
}

static int interrupted(void *opaque)
{
    return rl_input_stopped(opaque);
}

// ---------------------------------------------------------------------------------------------
// Bytes

static int wait_readable(struct rl_input *input)
{
    struct pollfd waiting = {.fd = input->fd, .events = POLLIN};
    while (poll(&waiting, 1, POLL_MS) <= 0) {
        if (rl_input_stopped(input))
            return AVERROR_EXIT;
        // A named pipe that nobody writes to would wait for ever.
        input->waited_ms += POLL_MS;
        if (!input->has_begun && input->fd != STDIN_FILENO && input->waited_ms >= PATIENCE_MS)
            return AVERROR(ETIMEDOUT);
    }
    return 0;
}

static int read_bytes(void *opaque, uint8_t *buffer, int size)
{
    struct rl_input *input = opaque;
    for (;;) {
        if (rl_input_stopped(input))
            return AVERROR_EXIT;
        int waited = input->is_regular ? 0 : wait_readable(input);
        if (waited < 0)
            return waited;
        ssize_t got = read(input->fd, buffer, (size_t)size);
        input->has_begun |= got > 0;
        if (got > 0)
            return (int)got;
        if (got == 0)
            return AVERROR_EOF;
        if (errno != EINTR && errno != EAGAIN)
            return AVERROR(errno);
    }
}

static int64_t seek_bytes(void *opaque, int64_t offset, int whence)
{
    struct rl_input *input = opaque;
    struct stat info;
    if (whence & AVSEEK_SIZE)
        return fstat(input->fd, &info) ? AVERROR(errno) : info.st_size;
    off_t at = lseek(input->fd, offset, whence & ~AVSEEK_FORCE);
    return at < 0 ? AVERROR(errno) : at;
}

static enum relief_status open_bytes(struct rl_input *input, struct relief_error *err)
{
    const char *path = input->path;
    struct stat info;
    // Not to hang in open() on a named pipe; regular files do not care.
    input->fd = strcmp(path, "-") == 0 ? STDIN_FILENO
                                       : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (input->fd < 0 || fstat(input->fd, &info))
        return rl_fail_errno(err, RELIEF_E_INPUT, errno, "%s: cannot be read", path);
    if (S_ISDIR(info.st_mode))
        return rl_fail(err, RELIEF_E_INPUT, "%s: is a folder", path);
    if (isatty(input->fd))
        return rl_fail(err, RELIEF_E_INPUT, "%s: is a terminal, not a film", path);
    input->is_regular = S_ISREG(info.st_mode);
    if (input->is_regular && info.st_size == 0)
        return rl_fail(err, RELIEF_E_INPUT, "%s: is empty", path);
    uint8_t *buffer = av_malloc(BUFFER_BYTES);
    if (buffer)
        input->io = avio_alloc_context(buffer, BUFFER_BYTES, 0, input, read_bytes, NULL,
                                       input->is_regular ? seek_bytes : NULL);
    if (input->io)
        return RELIEF_OK;
    av_free(buffer);
    return rl_fail_memory(err);
}

// ---------------------------------------------------------------------------------------------
// Demuxer

// Demuxers that read other files than the one they are given, or no film at all.
static const struct {
    const char *name, *why;
} refused[] = {
    {"hls", "is a playlist, not a film"},
    {"concat", "is a list of files, not a film"},
    {"dash", "is a playlist, not a film"},
    {"imf", "is a playlist, not a film"},
    {"sdp", "describes a network stream, not a film"},
    {"rtsp", "describes a network stream, not a film"},
    {"rtp", "describes a network stream, not a film"},
    {"svg_pipe", "is a drawing, which may name other files"},
    {"lavfi", "is a filter graph, not a film"},
    {"lrc", "is text, not a film"},
    {"tty", "is text, not a film"},
    {"bin", "is text, not a film"},
    {"xbin", "is text, not a film"},
    {"adf", "is text, not a film"},
    {"idf", "is text, not a film"},
};

static enum relief_status check_kind(const struct rl_input *input, const AVInputFormat *kind,
                                     struct relief_error *err)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        if (!av_match_name(refused[i].name, kind->name))
            continue;
        rl_fail(err, RELIEF_E_INPUT, "%s: %s", input->path, refused[i].why);
        rl_hint(err, "name the film itself");
        return RELIEF_E_INPUT;
    }
    return RELIEF_OK;
}

static int refuse_file(struct AVFormatContext *demuxer, AVIOContext **io, const char *url,
                       int flags, AVDictionary **options)
{
    (void)demuxer, (void)io, (void)url, (void)flags, (void)options;
    return AVERROR(EPERM);
}

// The name that demuxers see: some go by the extension, and none may take the rest for a pattern
// or an address.
static void plain_name(char *name, size_t size, const char *path)
{
    const char *extension = rl_path_extension(path);
    size_t length = 0;
    while (isalnum((unsigned char)extension[length]))
        length++;
    rl_str_copy(name, size, "film");
    if (length && length <= 8 && !extension[length])
        rl_str_add(name, size, ".%s", extension);
}

static enum relief_status fail_open(const struct rl_input *input, int cause,
                                    struct relief_error *err)
{
    if (cause == AVERROR(ETIMEDOUT))
        return rl_fail(err, RELIEF_E_INPUT, "%s: nobody writes to this pipe", input->path);
    if (cause == AVERROR_EOF)
        return rl_fail(err, RELIEF_E_INPUT, "%s: is empty", input->path);
    rl_fail_av(err, RELIEF_E_INPUT, cause, "%s: is not a film that can be read", input->path);
    if (!input->is_regular)
        rl_hint(err, RL_INPUT_PIPE_HINT);
    return rl_input_stopped(input) ? RELIEF_E_CANCELLED : RELIEF_E_INPUT;
}

static enum relief_status open_demuxer(struct rl_input *input, struct relief_error *err)
{
    char name[16];
    plain_name(name, sizeof name, input->path);
    const AVInputFormat *kind = NULL;
    int ret = av_probe_input_buffer2(input->io, &kind, name, NULL, 0, 0);
    if (ret < 0)
        return fail_open(input, ret, err);
    enum relief_status status = check_kind(input, kind, err);
    if (status != RELIEF_OK)
        return status;
    input->demuxer = avformat_alloc_context();
    if (!input->demuxer)
        return rl_fail_memory(err);
    input->demuxer->interrupt_callback = (AVIOInterruptCB){interrupted, input};
    input->demuxer->io_open = refuse_file;
    input->demuxer->probesize = PROBE_BYTES;
    // No protocol has this name: what a demuxer opens behind io_open's back fails as well.
    input->demuxer->protocol_whitelist = av_strdup("none");
    if (!input->demuxer->protocol_whitelist)
        return rl_fail_memory(err);
    // On failure it frees the context, and not our bytes; until here closing would close them.
    input->demuxer->pb = input->io;
    ret = avformat_open_input(&input->demuxer, name, kind, NULL);
    if (ret < 0)
        return fail_open(input, ret, err);
    input->is_picture = av_match_name(kind->name, "image2,gif,apng,jpegxl_anim,webp_anim") ||
                        rl_str_ends(kind->name, "_pipe");
    return RELIEF_OK;
}

// Decoders that probing opens obey the same limit as ours.
static enum relief_status find_streams(struct rl_input *input, struct relief_error *err)
{
    AVFormatContext *demuxer = input->demuxer;
    unsigned count = demuxer->nb_streams;
    AVDictionary **options = av_calloc(count + 1, sizeof *options);
    if (!options)
        return rl_fail_memory(err);
    int ret = 0;
    for (unsigned i = 0; i < count && ret >= 0; i++)
        ret = av_dict_set_int(&options[i], "max_pixels", RL_INPUT_PIXELS_MAX, 0);
    if (ret >= 0)
        ret = avformat_find_stream_info(demuxer, count ? options : NULL);
    for (unsigned i = 0; i < count; i++)
        av_dict_free(&options[i]);
    av_free(options);
    if (rl_input_stopped(input))
        return rl_fail_cancelled(err);
    if (ret < 0)
        return fail_open(input, ret, err);
    return RELIEF_OK;
}

// ---------------------------------------------------------------------------------------------
// The video stream

// Higher is better, negative is no candidate: the default one, then one that has a decoder, then
// the largest.
static int64_t worth(const AVStream *stream)
{
    const AVCodecParameters *codec = stream->codecpar;
    if (codec->codec_type != AVMEDIA_TYPE_VIDEO ||
        (stream->disposition & AV_DISPOSITION_ATTACHED_PIC))
        return -1;
    int64_t pixels = (int64_t)codec->width * codec->height;
    int64_t points = pixels > 0 && pixels < (INT64_C(1) << 40) ? pixels : 0;
    if (avcodec_find_decoder(codec->codec_id))
        points += INT64_C(1) << 41;
    if (stream->disposition & AV_DISPOSITION_DEFAULT)
        points += INT64_C(1) << 42;
    return points;
}

static enum relief_status choose_video(struct rl_input *input, struct relief_error *err)
{
    const AVFormatContext *demuxer = input->demuxer;
    int64_t best = -1;
    bool has_sound = false, has_cover = false;
    for (unsigned i = 0; i < demuxer->nb_streams; i++) {
        const AVStream *stream = demuxer->streams[i];
        int64_t points = worth(stream);
        has_sound |= stream->codecpar->codec_type == AVMEDIA_TYPE_AUDIO;
        has_cover |= stream->disposition & AV_DISPOSITION_ATTACHED_PIC;
        if (points > best) {
            best = points;
            input->video_index = (int)i;
        }
    }
    if (best >= 0)
        return RELIEF_OK;
    return rl_fail(err, RELIEF_E_INPUT, "%s: holds no film%s", input->path,
                   has_sound && has_cover ? ": only sound and a cover picture"
                   : has_sound            ? ": only sound"
                                          : "");
}

AVStream *rl_input_video(const struct rl_input *input)
{
    return input->demuxer->streams[input->video_index];
}

const void *rl_input_side_data(const struct rl_input *input, enum AVPacketSideDataType type,
                               size_t *size)
{
    const AVStream *stream = rl_input_video(input);
#if LIBAVFORMAT_VERSION_INT >= AV_VERSION_INT(60, 15, 100)
    const AVPacketSideData *data = av_packet_side_data_get(
        stream->codecpar->coded_side_data, stream->codecpar->nb_coded_side_data, type);
    *size = data ? data->size : 0;
    return data ? data->data : NULL;
#else
    *size = 0;
    return av_stream_get_side_data(stream, type, size);
#endif
}

const int32_t *rl_input_matrix(const struct rl_input *input)
{
    size_t size;
    const void *matrix = rl_input_side_data(input, AV_PKT_DATA_DISPLAYMATRIX, &size);
    return size >= 9 * sizeof(int32_t) ? matrix : NULL;
}

AVRational rl_input_rate(const struct rl_input *input)
{
    const AVStream *stream = rl_input_video(input);
    // The average is what variable rates need; some files give nonsense for it.
    const AVRational candidates[] = {stream->avg_frame_rate, stream->r_frame_rate};
    for (int i = 0; i < 2; i++) {
        AVRational rate = candidates[i];
        if (rate.num > 0 && rate.den > 0 && av_q2d(rate) <= 480 && av_q2d(rate) >= 1.0 / 3600)
            return rate;
    }
    return (AVRational){0, 1};
}

int64_t rl_input_frames(const struct rl_input *input)
{
    const AVStream *video = rl_input_video(input);
    const AVDictionaryEntry *tag = av_dict_get(video->metadata, "NUMBER_OF_FRAMES", NULL,
                                               AV_DICT_IGNORE_SUFFIX);
    if (video->nb_frames > 0)
        return video->nb_frames;
    char *end = NULL;
    long long count = tag ? strtoll(tag->value, &end, 10) : 0;
    return end && !*end && count > 0 && count < INT64_C(1) << 40 ? count : 0;
}

int64_t rl_input_start_us(const struct rl_input *input)
{
    int64_t start = input->demuxer->start_time;
    return start == AV_NOPTS_VALUE ? 0 : start;
}

// Matroska's DURATION tag, which says when the stream ends.
static int64_t tagged_end_us(const AVStream *stream)
{
    const AVDictionaryEntry *tag = av_dict_get(stream->metadata, "DURATION", NULL, 0);
    int64_t end = 0, start = 0;
    if (!tag || av_parse_time(&end, tag->value, 1) < 0)
        return 0;
    if (stream->start_time != AV_NOPTS_VALUE)
        start = av_rescale_q(stream->start_time, stream->time_base, AV_TIME_BASE_Q);
    return end - start;
}

int64_t rl_input_duration_us(const struct rl_input *input)
{
    const AVStream *stream = rl_input_video(input);
    int64_t us = tagged_end_us(stream);
    if (stream->duration > 0)
        us = av_rescale_q(stream->duration, stream->time_base, AV_TIME_BASE_Q);
    else if (us > 0)
        return us;
    else if (input->demuxer->duration > 0)
        us = input->demuxer->duration;
    return us > 0 ? us : 0;
}

// ---------------------------------------------------------------------------------------------

// What FFmpeg does not read of the tracks of a file on disk. 0, or AVERROR(ENOMEM).
static int read_words(const struct rl_input *input)
{
    const char *format = input->demuxer->iformat->name;
    if (av_match_name("mov", format))
        return rl_tracks_read(input->demuxer, input->fd);
    return av_match_name("matroska", format) ? rl_mkv_tracks_read(input->demuxer, input->fd) : 0;
}

enum relief_status rl_input_open(struct rl_input *input, const char *path, const atomic_bool *stop,
                                 struct relief_error *err)
{
    *input = (struct rl_input){.path = path, .stop = stop, .fd = -1, .video_index = -1};
    enum relief_status status = open_bytes(input, err);
    if (status == RELIEF_OK)
        status = open_demuxer(input, err);
    // Formats of single pictures say nothing in front of the picture that its decoder would not.
    if (status == RELIEF_OK && !rl_str_ends(input->demuxer->iformat->name, "_pipe"))
        status = find_streams(input, err);
    if (status == RELIEF_OK && input->is_regular && read_words(input) < 0)
        status = rl_fail_memory(err);
    if (status == RELIEF_OK)
        status = choose_video(input, err);
    return status;
}

void rl_input_close(struct rl_input *input)
{
    avformat_close_input(&input->demuxer);
    if (input->io)
        av_freep(&input->io->buffer);
    avio_context_free(&input->io);
    if (input->fd > STDIN_FILENO)
        close(input->fd);
    input->fd = -1;
}
