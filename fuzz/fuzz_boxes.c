// SPDX-License-Identifier: MIT
//
// The writer's own patches of finished files on arbitrary bytes: MP4's index, Matroska's tracks,
// packets of H.264 and H.265.
#include "media/boxes.h"
#include "media/mkv_tracks.h"
#include "media/sei.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct rl_track_words words = {1, "title", "pt-BR", AV_DISPOSITION_FORCED, true};
    const struct rl_boxes boxes = {
        rl_layout_of(RELIEF_FORMAT_SBSL), 640, 360, &words, 1, NULL, true};
    for (int wide = 0; wide < 2; wide++) {
        uint8_t *out = NULL, *again = NULL;
        size_t out_size = 0, again_size = 0;
        bool told;
        if (!rl_boxes_rewrite(data, size, &boxes, 1000, wide, &out, &out_size, &told))
            continue;
        // What was made can be read, and saying it twice says it once.
        if (!rl_boxes_rewrite(out, out_size, &boxes, 0, wide, &again, &again_size, &told) ||
            again_size != out_size)
            abort();
        free(out);
        free(again);
    }
    AVFormatContext *demuxer = avformat_alloc_context();
    AVStream *stream = demuxer ? avformat_new_stream(demuxer, NULL) : NULL;
    if (stream && rl_tracks_read_moov(demuxer, data, size) < 0)
        abort();
    uint8_t *tracks = malloc(size + 1);
    if (tracks) {
        memcpy(tracks, data, size);
        (void)rl_mkv_tracks_replace(tracks, size, 10);
        if (stream && rl_mkv_tracks_read_element(demuxer, tracks, size) < 0)
            abort();
    }
    free(tracks);
    avformat_free_context(demuxer);
    for (int i = 0; i < 2; i++)
        if (rl_sei_place(i ? AV_CODEC_ID_HEVC : AV_CODEC_ID_H264, data, size) > size)
            abort();
    return 0;
}
