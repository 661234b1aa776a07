// SPDX-License-Identifier: MIT
//
// The media reader on arbitrary bytes: it must end in bounded time, and neither crash nor leak.
#include "media/read.h"

#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_some(const char *path)
{
    struct rl_reader *reader = NULL;
    struct relief_error err = {0};
    struct rl_reader_params params = {.threads = 1, .format = AV_PIX_FMT_NONE};
    enum relief_status status = rl_reader_open(&reader, path, &params, &err);
    for (int i = 0; i < 20 && status == RELIEF_OK; i++) {
        struct rl_frame *frame = NULL;
        status = rl_reader_next(reader, &frame, &err);
        if (!frame)
            break;
        rl_frame_free(&frame);
    }
    rl_reader_close(&reader);
    // A failure without a text would leave the user in the dark.
    if (status != RELIEF_OK && !*err.message)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64] = "/tmp/relief-fuzz-XXXXXX";
    int fd = mkstemp(path);
    if (fd < 0)
        return 0;
    if (write(fd, data, size) == (ssize_t)size)
        read_some(path);
    close(fd);
    unlink(path);
    return 0;
}
