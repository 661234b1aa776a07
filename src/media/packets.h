// SPDX-License-Identifier: MIT
//
// Packets that wait. Internal to the room's reading side.
#ifndef RL_MEDIA_PACKETS_H
#define RL_MEDIA_PACKETS_H

#include "base/error.h"

#include <libavcodec/packet.h>

struct rl_packets {
    AVPacket **items;
    size_t count, capacity;
};

// Adds a reference to `packet`. Fails with RELIEF_E_MEMORY.
enum relief_status rl_packets_add(struct rl_packets *packets, const AVPacket *packet,
                                  struct relief_error *err);
void rl_packets_clear(struct rl_packets *packets);

#endif
