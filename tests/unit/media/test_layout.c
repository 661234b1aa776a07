// SPDX-License-Identifier: MIT
//
// What says how the eyes lie: boxes of MP4, messages of H.264 and H.265, a byte of Matroska. Files
// are built here, byte by byte; whole films are looked at by tests/cli/test_layout.py.
#include "bytes.h"
#include "check.h"

#include "media/boxes.h"
#include "media/sei.h"

#include <stdint.h>
#include <unistd.h>

// ---------------------------------------------------------------------------------------------
// A small MP4

static void put32(struct bytes *b, uint32_t value)
{
    const uint8_t bytes[] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8),
                             (uint8_t)value};
    put(b, bytes, 4);
}

static uint32_t get32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static size_t begin(struct bytes *b, const char *type)
{
    put32(b, 0);
    put(b, type, 4);
    return b->size - 8;
}

static void end(struct bytes *b, size_t at)
{
    struct bytes size = {.size = 0};
    put32(&size, (uint32_t)(b->size - at));
    memcpy(b->data + at, size.data, 4);
}

static void put_box(struct bytes *b, const char *type, const void *body, size_t size)
{
    size_t box = begin(b, type);
    put(b, body, size);
    end(b, box);
}

static void put_offsets(struct bytes *b, uint32_t count, uint32_t first)
{
    size_t stco = begin(b, "stco");
    put32(b, 0);
    put32(b, count);
    for (uint32_t i = 0; i < count; i++)
        put32(b, first + 10 * i);
    end(b, stco);
}

static void put_entry(struct bytes *b, const char *type, uint16_t width, uint16_t height)
{
    uint8_t fixed[78] = {0};
    fixed[24] = (uint8_t)(width >> 8);
    fixed[25] = (uint8_t)width;
    fixed[26] = (uint8_t)(height >> 8);
    fixed[27] = (uint8_t)height;
    size_t entry = begin(b, type);
    put(b, fixed, sizeof fixed);
    put_box(b, "avcC", "parameters", 10);
    put_box(b, "st3d", "\0\0\0\0\1", 5);  // somebody else's
    put32(b, 0);                          // QuickTime's end mark
    end(b, entry);
}

static void put_track(struct bytes *b, const char *kind, uint32_t first)
{
    uint8_t handler[24] = {0};
    memcpy(handler + 8, kind, 4);
    size_t trak = begin(b, "trak"), mdia = begin(b, "mdia");
    put_box(b, "hdlr", handler, sizeof handler);
    size_t minf = begin(b, "minf"), stbl = begin(b, "stbl"), stsd = begin(b, "stsd");
    put32(b, 0);
    put32(b, 1);
    put_entry(b, "avc1", 640, 360);
    end(b, stsd);
    put_offsets(b, 3, first);
    end(b, stbl);
    end(b, minf);
    end(b, mdia);
    end(b, trak);
}

static void put_moov(struct bytes *b, uint32_t first)
{
    size_t moov = begin(b, "moov");
    put_box(b, "mvhd", "header", 6);
    put_track(b, "soun", first);
    put_track(b, "vide", first + 100);
    end(b, moov);
}

static struct rl_boxes boxes_for(enum relief_format format)
{
    return (struct rl_boxes){rl_layout_of(format), 640, 360};
}

static const uint8_t *find(const uint8_t *data, size_t size, const char *type)
{
    return memmem(data, size, type, 4);
}

static void boxes_go_into_the_picture_track(void)
{
    struct bytes moov = {.size = 0};
    struct rl_boxes boxes = boxes_for(RELIEF_FORMAT_SBSL);
    uint8_t *out = NULL;
    size_t size = 0;
    bool told;
    put_moov(&moov, 1000);
    CHECK(rl_boxes_rewrite(moov.data, moov.size, &boxes, 7, false, &out, &size, &told));
    CHECK_INT(get32(out), size);
    CHECK(told);
    // The sound's entry is as it was, the picture's has one st3d, and Apple's boxes.
    const uint8_t *first = find(out, size, "st3d");
    const uint8_t *second = find(first + 4, size - (size_t)(first + 4 - out), "st3d");
    CHECK_INT(first[8], 1);
    CHECK_INT(second[8], 2);
    CHECK(!find(second + 4, size - (size_t)(second + 4 - out), "st3d"));
    CHECK(find(second, size - (size_t)(second - out), "vexu") != NULL);
    CHECK(!memcmp(find(out, size, "pkin") + 8, "side", 4));
    CHECK_INT(find(out, size, "stri")[8], 3);
    // All sizes around them add up: the last box ends where the moov does.
    const uint8_t *stco = find(second, size - (size_t)(second - out), "stco");
    CHECK_INT(stco - 4 + get32(stco - 4) - out, size);
    CHECK_INT(get32(stco + 12), 1107);
    CHECK_INT(get32(stco + 20), 1127);
    free(out);
}

// A file in which no track has the pictures' size must not pass for one that says how it is seen.
static void pictures_of_another_size_are_told(void)
{
    static const enum relief_format formats[] = {RELIEF_FORMAT_SBSL, RELIEF_FORMAT_ARCC};
    for (int i = 0; i < 2; i++) {
        struct bytes moov = {.size = 0};
        struct rl_boxes boxes = boxes_for(formats[i]);
        uint8_t *out = NULL;
        size_t size = 0;
        bool told;
        boxes.height += 8;
        put_moov(&moov, 1000);
        CHECK(rl_boxes_rewrite(moov.data, moov.size, &boxes, 7, false, &out, &size, &told));
        CHECK_INT(told, formats[i] == RELIEF_FORMAT_ARCC);
        free(out);
    }
}

static void right_first_is_apples_word_alone(void)
{
    struct bytes moov = {.size = 0};
    struct rl_boxes boxes = boxes_for(RELIEF_FORMAT_ABR);
    uint8_t *out = NULL;
    size_t size = 0;
    bool told;
    put_moov(&moov, 1000);
    CHECK(rl_boxes_rewrite(moov.data, moov.size, &boxes, 0, false, &out, &size, &told));
    const uint8_t *first = find(out, size, "st3d");
    CHECK(!find(first + 4, size - (size_t)(first + 4 - out), "st3d"));
    CHECK_INT(find(out, size, "stri")[8], 11);
    CHECK(!memcmp(find(out, size, "pkin") + 8, "over", 4));
    free(out);
}

static void offsets_grow_to_64_bits(void)
{
    struct bytes moov = {.size = 0};
    struct rl_boxes boxes = boxes_for(RELIEF_FORMAT_ARCC);
    uint8_t *out = NULL;
    size_t size = 0;
    bool told;
    put_moov(&moov, 0xfffffff0u);
    CHECK(!rl_boxes_rewrite(moov.data, moov.size, &boxes, 100, false, &out, &size, &told));
    CHECK(!out);
    CHECK(rl_boxes_rewrite(moov.data, moov.size, &boxes, 100, true, &out, &size, &told));
    const uint8_t *co64 = find(out, size, "co64");
    CHECK(co64 && get32(co64 + 12) == 1 && get32(co64 + 16) == 84);
    CHECK(!find(out, size, "stco"));
    free(out);
}

// Every size of the file, wrong in every way: never a read outside, never a moov that lies.
static void sizes_are_not_believed(void)
{
    static const uint32_t wrong[] = {0, 1, 7, 8, 9, 15, 100, 0x7fffffff, 0x80000000, 0xffffffff};
    struct bytes moov = {.size = 0};
    struct rl_boxes boxes = boxes_for(RELIEF_FORMAT_SBSL);
    put_moov(&moov, 1000);
    for (size_t at = 0; at + 4 <= moov.size; at++)
        for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
            uint8_t *copy = malloc(moov.size), *out = NULL;
            size_t size = 0;
            bool told;
            struct bytes value = {.size = 0};
            put32(&value, wrong[i]);
            memcpy(copy, moov.data, moov.size);
            memcpy(copy + at, value.data, 4);
            if (rl_boxes_rewrite(copy, moov.size, &boxes, 5, false, &out, &size, &told))
                CHECK_INT(get32(out), size);
            free(out);
            free(copy);
        }
    for (size_t size = 0; size < moov.size; size++) {
        uint8_t *copy = malloc(size + 1), *out = NULL;
        size_t length = 0;
        bool told;
        memcpy(copy, moov.data, size);
        CHECK(!rl_boxes_rewrite(copy, size, &boxes, 0, false, &out, &length, &told));
        free(copy);
    }
}

static char path[] = "/tmp/relief-test-XXXXXX";

static void write_file(const struct bytes *file)
{
    memcpy(path + sizeof path - 7, "XXXXXX", 6);
    int fd = mkstemp(path);
    CHECK(fd >= 0 && write(fd, file->data, file->size) == (ssize_t)file->size);
    close(fd);
}

static void read_file(struct bytes *file)
{
    FILE *from = fopen(path, "rb");
    file->size = from ? fread(file->data, 1, sizeof file->data, from) : 0;
    if (from)
        fclose(from);
    unlink(path);
}

static void the_index_comes_to_the_front(void)
{
    struct bytes file = {.size = 0}, after = {.size = 0};
    struct rl_boxes boxes = boxes_for(RELIEF_FORMAT_SBS2L);
    bool understood = false;
    put_box(&file, "ftyp", "isom", 4);
    size_t mdat = begin(&file, "mdat");
    for (int i = 0; i < 300; i++)
        put(&file, &(uint8_t){(uint8_t)i}, 1);
    end(&file, mdat);
    put_moov(&file, (uint32_t)mdat + 8);
    write_file(&file);
    CHECK_INT(rl_boxes_finish(path, "film.mp4", &boxes, &understood, NULL), RELIEF_OK);
    CHECK(understood);
    read_file(&after);
    const uint8_t *moov = find(after.data, after.size, "moov");
    CHECK_INT(moov - after.data, 16);
    // Each track's first sample is found where its offset says.
    const uint8_t *stco = find(after.data, after.size, "stco");
    CHECK_INT(after.data[get32(stco + 12)], 0);
    CHECK_INT(after.data[get32(stco + 20)], 20);
    const uint8_t *other = find(stco + 4, after.size - (size_t)(stco + 4 - after.data), "stco");
    CHECK_INT(after.data[get32(other + 12)], 100);
    CHECK_INT(after.size, get32(moov - 4) + 12 + 308);
}

static void what_is_not_understood_stays(void)
{
    struct bytes file = {.size = 0}, after = {.size = 0};
    struct rl_boxes boxes = boxes_for(RELIEF_FORMAT_SBS2L);
    bool understood = true;
    put_box(&file, "ftyp", "isom", 4);
    put_moov(&file, 1000);
    put_box(&file, "moof", "a fragment", 10);
    write_file(&file);
    CHECK_INT(rl_boxes_finish(path, "film.mp4", &boxes, &understood, NULL), RELIEF_OK);
    CHECK(!understood);
    read_file(&after);
    CHECK(after.size == file.size && !memcmp(after.data, file.data, file.size));
    struct relief_error err = {0};
    CHECK_INT(rl_boxes_finish("/nowhere/film.mp4", "film.mp4", &boxes, &understood, &err),
              RELIEF_E_OUTPUT);
    CHECK(strstr(err.message, "film.mp4") != NULL);
}

// ---------------------------------------------------------------------------------------------
// Messages

// x264's own message for side by side, and what the standards say bit by bit for others.
static void messages_are_the_standards(void)
{
    static const struct {
        enum relief_format format;
        enum AVCodecID codec;
        const char *bytes;
        size_t size;
    } rows[] = {
        {RELIEF_FORMAT_SBSL, AV_CODEC_ID_H264, "\0\0\0\1\6\x2d\7\x81\x81\0\0\3\0\1\x20\x80", 16},
        {RELIEF_FORMAT_SBSR, AV_CODEC_ID_H264, "\0\0\0\1\6\x2d\7\x81\x82\0\0\3\0\1\x20\x80", 16},
        {RELIEF_FORMAT_AB2L, AV_CODEC_ID_H264, "\0\0\0\1\6\x2d\7\x82\1\0\0\3\0\1\x20\x80", 16},
        {RELIEF_FORMAT_CHL, AV_CODEC_ID_H264, "\0\0\0\1\6\x2d\5\x80\x41\0\1\x20\x80", 13},
        {RELIEF_FORMAT_SBS2L, AV_CODEC_ID_HEVC, "\0\0\0\1\x4e\1\x2d\6\x81\x81\0\0\3\0\3\x80", 16},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t nal[RL_SEI_BYTES_MAX];
        struct rl_layout layout = rl_layout_of(rows[i].format);
        size_t size = rl_sei_write(nal, rows[i].codec, &layout, true);
        CHECK_INT(size, rows[i].size);
        CHECK(!memcmp(nal, rows[i].bytes, rows[i].size));
    }
}

static void messages_stand_before_the_first_slice(void)
{
    static const uint8_t h264[] = {0, 0, 0, 1, 0x67, 1, 2, 0, 0, 1, 0x68, 3, 0, 0, 0, 1, 0x65, 9};
    static const uint8_t hevc[] = {0, 0, 1, 0x40, 1, 7, 0, 0, 1, 0x26, 1, 9};
    CHECK_INT(rl_sei_place(AV_CODEC_ID_H264, h264, sizeof h264), 12);
    CHECK_INT(rl_sei_place(AV_CODEC_ID_HEVC, hevc, sizeof hevc), 6);
    CHECK_INT(rl_sei_place(AV_CODEC_ID_H264, h264, 12), 12);
    CHECK_INT(rl_sei_place(AV_CODEC_ID_H264, h264, 0), 0);
    struct rl_layout layout = rl_layout_of(RELIEF_FORMAT_SBSR);
    AVPacket *packet = av_packet_alloc();
    CHECK(av_new_packet(packet, sizeof h264) >= 0);
    memcpy(packet->data, h264, sizeof h264);
    packet->pts = 42;
    packet->flags = AV_PKT_FLAG_KEY;
    CHECK_INT(rl_sei_insert(packet, AV_CODEC_ID_H264, &layout, true), 0);
    CHECK(packet->pts == 42 && packet->flags == AV_PKT_FLAG_KEY);
    CHECK(!memcmp(packet->data, h264, 12) && packet->data[16] == 6);
    CHECK(!memcmp(packet->data + packet->size - 6, h264 + 12, 6));
    av_packet_free(&packet);
}

int main(void)
{
    RUN(boxes_go_into_the_picture_track);
    RUN(pictures_of_another_size_are_told);
    RUN(right_first_is_apples_word_alone);
    RUN(offsets_grow_to_64_bits);
    RUN(sizes_are_not_believed);
    RUN(the_index_comes_to_the_front);
    RUN(what_is_not_understood_stays);
    RUN(messages_are_the_standards);
    RUN(messages_stand_before_the_first_slice);
    return check_result();
}
