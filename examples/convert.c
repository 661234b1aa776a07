// SPDX-License-Identifier: MIT
//
// Converts a film: convert INPUT OUTPUT [NAME=VALUE...], for example
//
//     convert film.mp4 film_3d.mkv format=sbs2l divergence=2.5
//
// Build: cc convert.c $(pkg-config --cflags --libs relief)
#include <relief/relief.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    struct relief_error err = {0};
    struct relief_params params;
    struct relief_context *ctx = NULL;
    struct relief_job *job = NULL;
    enum relief_status status = argc < 3 ? RELIEF_E_ARGUMENT : RELIEF_OK;

    relief_params_default(&params);
    for (int i = 3; i < argc && status == RELIEF_OK; i++) {
        char *value = strchr(argv[i], '=');
        if (value)
            *value++ = 0;
        status = relief_params_set(&params, argv[i], value ? value : "1", &err);
    }
    if (status == RELIEF_OK)
        status = relief_context_create(&ctx, NULL, &err);
    if (status == RELIEF_OK)
        status = relief_job_create(&job, ctx, argv[1], argv[2], &params, &err);
    if (status == RELIEF_OK)
        status = relief_job_run(job, NULL, NULL, &err);
    if (status != RELIEF_OK)
        fprintf(stderr, "%s\n", *err.message ? err.message : "usage: convert INPUT OUTPUT");
    relief_job_free(&job);
    relief_context_free(&ctx);
    return relief_status_exit_code(status);
}
