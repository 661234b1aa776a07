// SPDX-License-Identifier: MIT
#include "media/packets.h"

enum relief_status rl_packets_add(struct rl_packets *packets, const AVPacket *packet,
                                  struct relief_error *err)
{
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
    return RELIEF_OK;
}

void rl_packets_clear(struct rl_packets *packets)
{
    for (size_t i = 0; i < packets->count; i++)
        av_packet_free(&packets->items[i]);
    free(packets->items);
    *packets = (struct rl_packets){0};
}
