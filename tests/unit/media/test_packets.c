// SPDX-License-Identifier: MIT
//
// Packets that wait: in memory up to a bound, on disk behind it, and given back as they came.
#include "check.h"

#include "media/packets.h"

#include <libavutil/error.h>

enum { COUNT = 50 };

static void make(AVPacket *packet, int number)
{
    CHECK(av_new_packet(packet, number * 7 % 40) >= 0);
    memset(packet->data, number, (size_t)packet->size);
    packet->pts = 1000 + number;
    packet->dts = 900 + number;
    packet->duration = number;
    packet->pos = number * 3;
    packet->stream_index = number % 3;
    packet->flags = number & 1;
    if (number % 5 == 0) {
        uint8_t *side = av_packet_new_side_data(packet, AV_PKT_DATA_SKIP_SAMPLES, 10);
        memset(side, number, 10);
    }
}

struct seen {
    int count, stop_at;
};

static enum relief_status look(void *user, const AVPacket *packet, struct relief_error *err)
{
    struct seen *seen = user;
    AVPacket *wanted = av_packet_alloc();
    make(wanted, seen->count);
    CHECK(packet->pts == wanted->pts && packet->dts == wanted->dts && packet->pos == wanted->pos);
    CHECK(packet->duration == wanted->duration && packet->flags == wanted->flags);
    CHECK_INT(packet->stream_index, wanted->stream_index);
    CHECK_INT(packet->size, wanted->size);
    CHECK(!wanted->size || !memcmp(packet->data, wanted->data, (size_t)wanted->size));
    CHECK_INT(packet->side_data_elems, wanted->side_data_elems);
    if (wanted->side_data_elems)
        CHECK(packet->side_data->size == 10 && packet->side_data->data[9] == seen->count);
    av_packet_free(&wanted);
    if (++seen->count == seen->stop_at)
        return rl_fail(err, RELIEF_E_OUTPUT, "enough");
    return RELIEF_OK;
}

static void fill(struct rl_packets *packets)
{
    AVPacket *packet = av_packet_alloc();
    for (int i = 0; i < COUNT; i++) {
        make(packet, i);
        CHECK_INT(rl_packets_add(packets, packet, NULL), RELIEF_OK);
        av_packet_unref(packet);
    }
    av_packet_free(&packet);
}

static void they_come_back_as_they_went(void)
{
    static const size_t bounds[] = {0, 1, 2000, 5000};
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
        struct rl_packets packets = {.most = bounds[i]};
        struct seen seen = {0, -1};
        fill(&packets);
        CHECK(packets.spilled ? bounds[i] != 0 : bounds[i] == 0);
        CHECK(!bounds[i] || packets.bytes <= bounds[i] + 500);
        CHECK_INT(rl_packets_give(&packets, look, &seen, NULL), RELIEF_OK);
        CHECK_INT(seen.count, COUNT);
        CHECK(!packets.count && !packets.spill);
    }
}

static void a_failure_ends_it(void)
{
    for (int stop_at = 1; stop_at < COUNT; stop_at += 11) {
        struct rl_packets packets = {.most = 3000};
        struct seen seen = {0, stop_at};
        fill(&packets);
        CHECK_INT(rl_packets_give(&packets, look, &seen, NULL), RELIEF_E_OUTPUT);
        CHECK_INT(seen.count, stop_at);
        CHECK(!packets.spill);
    }
}

int main(void)
{
    RUN(they_come_back_as_they_went);
    RUN(a_failure_ends_it);
    return check_result();
}
