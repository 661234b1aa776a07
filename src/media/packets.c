// SPDX-License-Identifier: MIT
#include "media/packets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/avutil.h>

static const size_t usual_most = 64 << 20;

// How a packet stands in the file: this, its bytes, then each piece of side data.
struct record {
    int64_t pts, dts, duration, pos;
    int stream_index, flags, size, side_count;
};

struct side_record {
    enum AVPacketSideDataType type;
    size_t size;
};

static enum relief_status fail_spill(struct relief_error *err)
{
    return rl_fail_errno(err, RELIEF_E_FAILED, errno,
                         "sound that comes long before the first picture cannot be put aside");
}

static bool put(FILE *file, const void *data, size_t size)
{
    return !size || fwrite(data, 1, size, file) == size;
}

static bool get(FILE *file, void *data, size_t size)
{
    return !size || fread(data, 1, size, file) == size;
}

static enum relief_status spill(struct rl_packets *packets, const AVPacket *packet,
                                struct relief_error *err)
{
    const struct record record = {
        packet->pts,          packet->dts,   packet->duration, packet->pos,
        packet->stream_index, packet->flags, packet->size,     packet->side_data_elems};
    if (!packets->spill)
        packets->spill = tmpfile();
    FILE *file = packets->spill;
    bool done = file && put(file, &record, sizeof record) &&
                put(file, packet->data, (size_t)packet->size);
    for (int i = 0; done && i < packet->side_data_elems; i++) {
        const struct side_record side = {packet->side_data[i].type, packet->side_data[i].size};
        done = put(file, &side, sizeof side) && put(file, packet->side_data[i].data, side.size);
    }
    if (!done)
        return fail_spill(err);
    packets->spilled++;
    return RELIEF_OK;
}

enum relief_status rl_packets_add(struct rl_packets *packets, const AVPacket *packet,
                                  struct relief_error *err)
{
    const size_t most = packets->most ? packets->most : usual_most;
    if (packets->spill || packets->bytes + (size_t)packet->size > most)
        return spill(packets, packet, err);
    if (packets->count == packets->capacity) {
        size_t capacity = packets->capacity ? 2 * packets->capacity : 64;
        AVPacket **grown = realloc(packets->items, capacity * sizeof *grown);
        if (!grown)
            return rl_fail_memory(err);
        packets->items = grown;
        packets->capacity = capacity;
    }
    AVPacket *copy = av_packet_clone(packet);
    if (!copy)
        return rl_fail_memory(err);
    packets->items[packets->count++] = copy;
    // What a packet costs beside its bytes counts too: there may be a million small ones.
    packets->bytes += (size_t)packet->size + sizeof *copy + sizeof(AVBufferRef);
    return RELIEF_OK;
}

static enum relief_status read_back(FILE *file, AVPacket *packet, struct relief_error *err)
{
    struct record record;
    if (!get(file, &record, sizeof record))
        return fail_spill(err);
    if (av_new_packet(packet, record.size) < 0)
        return rl_fail_memory(err);
    packet->pts = record.pts;
    packet->dts = record.dts;
    packet->duration = record.duration;
    packet->pos = record.pos;
    packet->stream_index = record.stream_index;
    packet->flags = record.flags;
    if (!get(file, packet->data, (size_t)record.size))
        return fail_spill(err);
    for (int i = 0; i < record.side_count; i++) {
        struct side_record side;
        if (!get(file, &side, sizeof side))
            return fail_spill(err);
        uint8_t *data = av_packet_new_side_data(packet, side.type, side.size);
        if (!data)
            return rl_fail_memory(err);
        if (!get(file, data, side.size))
            return fail_spill(err);
    }
    return RELIEF_OK;
}

static enum relief_status give_spilled(struct rl_packets *packets, rl_packets_fn fn, void *user,
                                       struct relief_error *err)
{
    AVPacket *packet = av_packet_alloc();
    enum relief_status status = packet ? RELIEF_OK : rl_fail_memory(err);
    if (status == RELIEF_OK && fseek(packets->spill, 0, SEEK_SET))
        status = fail_spill(err);
    for (size_t i = 0; i < packets->spilled && status == RELIEF_OK; i++) {
        status = read_back(packets->spill, packet, err);
        if (status == RELIEF_OK)
            status = fn(user, packet, err);
        av_packet_unref(packet);
    }
    av_packet_free(&packet);
    return status;
}

enum relief_status rl_packets_give(struct rl_packets *packets, rl_packets_fn fn, void *user,
                                   struct relief_error *err)
{
    enum relief_status status = RELIEF_OK;
    for (size_t i = 0; i < packets->count && status == RELIEF_OK; i++)
        status = fn(user, packets->items[i], err);
    if (status == RELIEF_OK && packets->spill)
        status = give_spilled(packets, fn, user, err);
    rl_packets_clear(packets);
    return status;
}

void rl_packets_clear(struct rl_packets *packets)
{
    for (size_t i = 0; i < packets->count; i++)
        av_packet_free(&packets->items[i]);
    free(packets->items);
    if (packets->spill)
        fclose(packets->spill);
    *packets = (struct rl_packets){.most = packets->most};
}

bool rl_packet_cut(AVPacket *packet, int64_t begin, int64_t end)
{
    const int64_t pts = packet->pts, stop = pts + packet->duration;
    if (pts == AV_NOPTS_VALUE)
        return true;
    if (pts >= end || (pts < begin && stop <= begin))
        return false;
    if (packet->duration > 0 && stop > end)
        packet->duration = end - pts;
    if (pts < begin) {
        packet->duration -= begin - pts;
        packet->pts = packet->dts = begin;
    }
    return true;
}
