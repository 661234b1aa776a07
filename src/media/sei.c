// SPDX-License-Identifier: MIT
#include "media/sei.h"

#include <math.h>
#include <string.h>

#include <libavutil/mem.h>

enum { PAYLOAD_REGISTERED = 4, PAYLOAD_FRAME_PACKING = 45, CAPTIONS_MOST = 31 };

struct bits {
    uint8_t bytes[128];
    int count;
};

static void put(struct bits *bits, int count, unsigned value)
{
    for (int i = count - 1; i >= 0; i--, bits->count++)
        bits->bytes[bits->count / 8] |= (uint8_t)((value >> i & 1) << (7 - bits->count % 8));
}

static void write_payload(struct bits *bits, enum AVCodecID codec, const struct rl_layout *layout,
                          bool is_frame0)
{
    const bool temporal = layout->packing == RL_SEI_TEMPORAL;
    const bool quincunx = layout->packing == 0;  // a checkerboard's sampling
    put(bits, 1, 1);                             // arrangement 0, Exp-Golomb
    put(bits, 1, 0);                             // no cancellation
    put(bits, 7, (unsigned)layout->packing);
    put(bits, 1, quincunx);
    put(bits, 6, layout->right_first ? 2 : 1);  // which eye's view frame 0 is
    put(bits, 3, 0);                            // nothing is flipped, no fields
    put(bits, 1, temporal && is_frame0);
    put(bits, 2, 0);  // views are not decoded without each other
    if (!quincunx && !temporal)
        put(bits, 16, 0);  // where the samples lie in their grids: unknown
    put(bits, 8, 0);
    if (codec == AV_CODEC_ID_H264) {
        put(bits, temporal ? 1 : 3, temporal ? 1 : 2);  // repetition period 0 or 1, Exp-Golomb
        put(bits, 1, 0);
    } else {
        put(bits, 1, !temporal);  // persists
        // The sample aspect ratio is that of views brought back to full size.
        put(bits, 1, layout->half_across > 1 || layout->half_down > 1);
    }
    if (bits->count % 8)
        put(bits, 1, 1);
    bits->count = (bits->count + 7) / 8 * 8;
}

// A NAL unit of one message: `nal` has room for what writing around start codes adds.
static size_t write_nal(uint8_t *nal, enum AVCodecID codec, unsigned type, const uint8_t *payload,
                        size_t bytes)
{
    static const uint8_t h264[] = {0, 0, 0, 1, 6}, hevc[] = {0, 0, 0, 1, 39 << 1, 1};
    const bool is_h264 = codec == AV_CODEC_ID_H264;
    const uint8_t head[] = {(uint8_t)type, (uint8_t)bytes};
    size_t size = is_h264 ? sizeof h264 : sizeof hevc;
    memcpy(nal, is_h264 ? h264 : hevc, size);
    for (size_t i = 0, zeros = 0; i < 2 + bytes + 1; i++) {
        const uint8_t byte = i < 2 ? head[i] : i < 2 + bytes ? payload[i - 2] : 0x80;
        // Two zeros and a small byte would look like a start code.
        if (zeros >= 2 && byte <= 3) {
            nal[size++] = 3;
            zeros = 0;
        }
        nal[size++] = byte;
        zeros = byte ? 0 : zeros + 1;
    }
    return size;
}

size_t rl_sei_write(uint8_t nal[RL_SEI_BYTES_MAX], enum AVCodecID codec,
                    const struct rl_layout *layout, bool is_frame0)
{
    struct bits bits = {0};
    write_payload(&bits, codec, layout, is_frame0);
    return write_nal(nal, codec, PAYLOAD_FRAME_PACKING, bits.bytes, (size_t)bits.count / 8);
}

static bool is_slice(enum AVCodecID codec, uint8_t first)
{
    if (codec == AV_CODEC_ID_H264)
        return (first & 31) >= 1 && (first & 31) <= 5;
    return (first >> 1 & 63) < 32;
}

size_t rl_sei_place(enum AVCodecID codec, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i + 3 < size; i++) {
        if (data[i] || data[i + 1] || data[i + 2] != 1)
            continue;
        if (is_slice(codec, data[i + 3]))
            return i > 0 && !data[i - 1] ? i - 1 : i;
        i += 2;
    }
    return size;
}

static int insert_nal(AVPacket *packet, enum AVCodecID codec, const uint8_t *nal, size_t added)
{
    const size_t size = (size_t)packet->size, place = rl_sei_place(codec, packet->data, size);
    if (place == size)
        return 0;
    AVPacket *grown = av_packet_alloc();
    int failed = grown ? av_new_packet(grown, (int)(size + added)) : AVERROR(ENOMEM);
    if (failed >= 0)
        failed = av_packet_copy_props(grown, packet);
    if (failed >= 0) {
        memcpy(grown->data, packet->data, place);
        memcpy(grown->data + place, nal, added);
        memcpy(grown->data + place + added, packet->data + place, size - place);
        grown->stream_index = packet->stream_index;
        av_packet_unref(packet);
        av_packet_move_ref(packet, grown);
    }
    av_packet_free(&grown);
    return failed;
}

int rl_sei_insert(AVPacket *packet, enum AVCodecID codec, const struct rl_layout *layout,
                  bool is_frame0)
{
    uint8_t nal[RL_SEI_BYTES_MAX];
    return insert_nal(packet, codec, nal, rl_sei_write(nal, codec, layout, is_frame0));
}

int rl_sei_insert_captions(AVPacket *packet, enum AVCodecID codec, const uint8_t *captions,
                           size_t bytes)
{
    // Country and provider (ATSC), "GA94", kind 3: captions.
    uint8_t payload[12 + 3 * CAPTIONS_MOST] = {0xb5, 0, 0x31, 'G', 'A', '9', '4', 3};
    uint8_t nal[2 * sizeof payload];
    const size_t count = bytes / 3 < CAPTIONS_MOST ? bytes / 3 : CAPTIONS_MOST;
    payload[8] = (uint8_t)(0x40 | count);
    payload[9] = 0xff;
    memcpy(payload + 10, captions, 3 * count);
    payload[10 + 3 * count] = 0xff;
    return insert_nal(packet, codec, nal,
                      write_nal(nal, codec, PAYLOAD_REGISTERED, payload, 11 + 3 * count));
}

// In how many parts of one a value is counted.
static void put_ratio(struct bits *bits, int count, AVRational value, int parts)
{
    const double number = value.den ? av_q2d(value) * parts : 0;
    const double most = (1 << count) - 1;
    put(bits, count, (unsigned)lrint(number < 0 ? 0 : number > most ? most : number));
}

static void put_curve(struct bits *bits, const AVHDRPlusColorTransformParams *window)
{
    put(bits, 1, window->tone_mapping_flag);
    if (window->tone_mapping_flag) {
        put_ratio(bits, 12, window->knee_point_x, 4095);
        put_ratio(bits, 12, window->knee_point_y, 4095);
        put(bits, 4, window->num_bezier_curve_anchors);
        for (int i = 0; i < window->num_bezier_curve_anchors; i++)
            put_ratio(bits, 10, window->bezier_curve_anchors[i], 1023);
    }
    put(bits, 1, window->color_saturation_mapping_flag);
    if (window->color_saturation_mapping_flag)
        put_ratio(bits, 6, window->color_saturation_weight, 8);
}

bool rl_sei_carries_plus(const AVDynamicHDRPlus *plus)
{
    return plus->num_windows == 1 && !plus->targeted_system_display_actual_peak_luminance_flag &&
           !plus->mastering_display_actual_peak_luminance_flag &&
           plus->params[0].num_distribution_maxrgb_percentiles <= 15 &&
           plus->params[0].num_bezier_curve_anchors <= 15;
}

int rl_sei_insert_plus(AVPacket *packet, enum AVCodecID codec, const AVDynamicHDRPlus *plus)
{
    enum { COLOURS = 100000 };
    const AVHDRPlusColorTransformParams *window = &plus->params[0];
    struct bits bits = {0};
    uint8_t nal[2 * sizeof bits.bytes];
    put(&bits, 8, 0xb5);     // country
    put(&bits, 16, 0x003c);  // provider and its kind of message
    put(&bits, 16, 1);
    put(&bits, 8, 4);  // application 4 of ST 2094
    put(&bits, 8, plus->application_version);
    put(&bits, 2, plus->num_windows);
    put_ratio(&bits, 27, plus->targeted_system_display_maximum_luminance, 1);
    put(&bits, 1, 0);
    for (int i = 0; i < 3; i++)
        put_ratio(&bits, 17, window->maxscl[i], COLOURS);
    put_ratio(&bits, 17, window->average_maxrgb, COLOURS);
    put(&bits, 4, window->num_distribution_maxrgb_percentiles);
    for (int i = 0; i < window->num_distribution_maxrgb_percentiles; i++) {
        put(&bits, 7, window->distribution_maxrgb[i].percentage);
        put_ratio(&bits, 17, window->distribution_maxrgb[i].percentile, COLOURS);
    }
    put_ratio(&bits, 10, window->fraction_bright_pixels, 1000);
    put(&bits, 1, 0);
    put_curve(&bits, window);
    return insert_nal(
        packet, codec, nal,
        write_nal(nal, codec, PAYLOAD_REGISTERED, bits.bytes, (size_t)(bits.count + 7) / 8));
}

int rl_sei_append(AVCodecContext *codec, const struct rl_layout *layout)
{
    uint8_t nal[RL_SEI_BYTES_MAX];
    const size_t old = (size_t)codec->extradata_size;
    if (codec->codec_id != AV_CODEC_ID_HEVC || !old)
        return 0;
    const size_t added = rl_sei_write(nal, codec->codec_id, layout, true);
    uint8_t *grown = av_mallocz(old + added + AV_INPUT_BUFFER_PADDING_SIZE);
    if (!grown)
        return AVERROR(ENOMEM);
    memcpy(grown, codec->extradata, old);
    memcpy(grown + old, nal, added);
    av_freep(&codec->extradata);
    codec->extradata = grown;
    codec->extradata_size = (int)(old + added);
    return 0;
}
