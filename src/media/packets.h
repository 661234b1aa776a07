// SPDX-License-Identifier: MIT
//
// Packets that wait. Internal to the room's reading side.
//
// Files whose sound comes long before the first picture may let very many wait: 64 MiB are kept in
// memory, what is beyond goes into a temporary file without a name.
#ifndef RL_MEDIA_PACKETS_H
#define RL_MEDIA_PACKETS_H

#include "base/error.h"

#include <stdbool.h>
#include <stdio.h>

#include <libavcodec/packet.h>

struct rl_packets {
    AVPacket **items;
    size_t count, capacity;
    size_t bytes;    // of the items
    size_t most;     // bytes to keep in memory; 0: the usual
    FILE *spill;     // the ones behind them; NULL: none
    size_t spilled;  // how many
};

typedef enum relief_status (*rl_packets_fn)(void *user, const AVPacket *packet,
                                            struct relief_error *err);

// Adds a reference to `packet`, or a copy on disk. Fails with RELIEF_E_MEMORY, or RELIEF_E_FAILED
// when the disk is full.
enum relief_status rl_packets_add(struct rl_packets *packets, const AVPacket *packet,
                                  struct relief_error *err);

// All of them in their order, until `fn` fails. Once.
enum relief_status rl_packets_give(struct rl_packets *packets, rl_packets_fn fn, void *user,
                                   struct relief_error *err);

void rl_packets_clear(struct rl_packets *packets);

// Shortens a packet that may be shown for a part of its time to what lies in [begin, end), which is
// in its own time base. False when nothing of it does.
bool rl_packet_cut(AVPacket *packet, int64_t begin, int64_t end);

#endif
