// SPDX-License-Identifier: MIT
#include "serve/jpeg.h"

#include <setjmp.h>

#include <jpeglib.h>

enum { QUALITY = 90 };

// libjpeg leaves an error by its handler, which may not return.
struct writer {
    struct jpeg_error_mgr errors;
    jmp_buf leave;
    struct jpeg_destination_mgr target;
};

static void on_error(j_common_ptr jpeg)
{
    struct writer *writer = (struct writer *)(void *)jpeg->err;
    longjmp(writer->leave, 1);
}

static void on_message(j_common_ptr jpeg)
{
    (void)jpeg;
}

static void begin_target(j_compress_ptr jpeg)
{
    (void)jpeg;
}

// The room is full.
static boolean full_target(j_compress_ptr jpeg)
{
    on_error((j_common_ptr)jpeg);
    return FALSE;
}

static void compress(struct jpeg_compress_struct *jpeg, const struct relief_image *image)
{
    jpeg->image_width = (JDIMENSION)image->width;
    jpeg->image_height = (JDIMENSION)image->height;
    jpeg->input_components = 4;
    jpeg->in_color_space = JCS_EXT_RGBX;
    jpeg_set_defaults(jpeg);
    jpeg_set_quality(jpeg, QUALITY, TRUE);
    for (int i = 0; i < jpeg->num_components; i++)
        jpeg->comp_info[i].h_samp_factor = jpeg->comp_info[i].v_samp_factor = 1;
    jpeg_start_compress(jpeg, TRUE);
    while (jpeg->next_scanline < jpeg->image_height) {
        JSAMPROW row = image->pixels + (ptrdiff_t)jpeg->next_scanline * image->stride;
        jpeg_write_scanlines(jpeg, &row, 1);
    }
    jpeg_finish_compress(jpeg);
}

enum relief_status rl_jpeg_write(const struct relief_image *image, uint8_t *room, size_t room_size,
                                 size_t *bytes, struct relief_error *err)
{
    struct jpeg_compress_struct jpeg;
    struct writer writer = {0};
    enum relief_status status = RELIEF_OK;
    jpeg.err = jpeg_std_error(&writer.errors);
    writer.errors.error_exit = on_error;
    writer.errors.output_message = on_message;
    if (setjmp(writer.leave)) {
        jpeg_destroy_compress(&jpeg);
        return rl_fail(err, RELIEF_E_FAILED, "the picture is too large for a preview");
    }
    jpeg_create_compress(&jpeg);
    writer.target = (struct jpeg_destination_mgr){
        .next_output_byte = room,
        .free_in_buffer = room_size,
        .init_destination = begin_target,
        .empty_output_buffer = full_target,
        .term_destination = begin_target,
    };
    jpeg.dest = &writer.target;
    compress(&jpeg, image);
    *bytes = room_size - writer.target.free_in_buffer;
    jpeg_destroy_compress(&jpeg);
    return status;
}
