// SPDX-License-Identifier: MIT
#include "depth/model.h"

#include "base/file.h"
#include "base/str.h"
#include "depth/descriptor.h"
#include "depth/registry.h"
#include "depth/stock.h"

#include <math.h>

static const char built_in[] = "built-in";
static const char built_in_file[] = "relief-small.json";

// Seen from the folder of the library: installed, then a build folder inside or below the checkout.
static const char *const model_folders[] = {
    "../share/relief/models", "../../share/relief/models", "models", "../models", "../../models",
    "../../../models",        "../../../../models",
};

void rl_model_default(struct rl_model *model)
{
    *model = (struct rl_model){
        .size = 384,
        .multiple = 32,
        .mean = {0.485f, 0.456f, 0.406f},
        .std = {0.229f, 0.224f, 0.225f},
    };
}

// Families that are known by their names. The first row that matches holds.
struct family {
    const char *words[2];
    int size, multiple;
    enum rl_model_fit fit;
    bool half;  // mean and std are 0.5 instead of ImageNet's
    enum rl_model_output output;
};

static const struct family families[] = {
    {{"depth-anything-v3", "da3"}, 504, 14, RL_FIT_LONGER, false, RL_OUTPUT_DEPTH},
    {{"depth-anything", "da2"}, 518, 14, RL_FIT_LONGER, false, RL_OUTPUT_INVERSE_DEPTH},
    {{"dpt-", NULL}, 384, 32, RL_FIT_EXACT, true, RL_OUTPUT_INVERSE_DEPTH},
};

// Files of these families are often just called model.onnx: the two folders above count too.
static void guess_family(struct rl_model *model)
{
    const char *tail = model->path + strlen(model->path);
    for (int slashes = 0; tail > model->path; tail--)
        if (tail[-1] == '/' && ++slashes == 3)
            break;
    char text[RELIEF_TEXT_MAX];
    rl_str_copy(text, sizeof text, tail);
    for (char *c = text; *c; c++)
        if (*c == '_')
            *c = '-';
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        const struct family *f = &families[i];
        if (!strcasestr(text, f->words[0]) && !(f->words[1] && strcasestr(text, f->words[1])))
            continue;
        model->size = f->size;
        model->multiple = f->multiple;
        model->fit = f->fit;
        model->output = f->output;
        for (int c = 0; c < 3 && f->half; c++)
            model->mean[c] = model->std[c] = 0.5f;
        return;
    }
}

// The descriptor that belongs to a network's file, when it is there.
static enum relief_status read_beside(struct rl_model *model, struct relief_error *err)
{
    char path[RELIEF_TEXT_MAX] = "";
    const char *extension = rl_path_extension(model->path);
    int stem = (int)(*extension ? (size_t)(extension - 1 - model->path) : strlen(model->path));
    if (!rl_str_add(path, sizeof path, "%.*s.json", stem, model->path) || !rl_path_exists(path))
        return RELIEF_OK;
    return rl_descriptor_read(model, path, err);
}

bool rl_model_own_file(const char *name, char *path, size_t size)
{
    char own[RELIEF_TEXT_MAX] = "";
    const char *named = getenv("RELIEF_MODELS");
    if (named && *named) {
        *path = 0;
        return rl_str_add(path, size, "%s/%s", named, name) && rl_path_exists(path);
    }
    rl_path_own_folder(own, sizeof own);
    for (size_t i = 0; i < sizeof model_folders / sizeof *model_folders; i++) {
        *path = 0;
        if (rl_str_add(path, size, "%s/%s/%s", own, model_folders[i], name) && rl_path_exists(path))
            return true;
    }
    *path = 0;
    rl_str_add(path, size, "%s/%s/%s", own, model_folders[0], name);
    return false;
}

static enum relief_status find_built_in(struct rl_model *model, struct relief_error *err)
{
    char path[RELIEF_TEXT_MAX];
    if (!rl_model_own_file(built_in_file, path, sizeof path)) {
        rl_fail(err, RELIEF_E_MODEL, "%s: the built-in model is not there", path);
        rl_hint(err, "RELIEF_MODELS names the folder, --model another network");
        return RELIEF_E_MODEL;
    }
    rl_str_copy(model->name, sizeof model->name, built_in);
    return rl_descriptor_read(model, path, err);
}

static enum relief_status check_file(const struct rl_model *model, struct relief_error *err)
{
    char digest[65];
    struct relief_error cause = {0};
    FILE *file = fopen(model->path, "rb");
    if (!file || rl_path_is_folder(model->path)) {
        if (file)
            fclose(file);
        rl_fail(err, RELIEF_E_MODEL, "%s: no such model", model->path);
        rl_hint(err, "--model built-in, or the path of an ONNX or OpenVINO IR file");
        return RELIEF_E_MODEL;
    }
    fclose(file);
    if (!*model->sha256)
        return RELIEF_OK;
    if (rl_sha256_file(model->path, digest, &cause) != RELIEF_OK)
        return rl_fail(err, RELIEF_E_MODEL, "%s", cause.message);
    if (strcmp(digest, model->sha256) != 0)
        return rl_fail(err, RELIEF_E_MODEL,
                       "%s: is damaged: its SHA-256 is %.8s..., the descriptor says %.8s...",
                       model->path, digest, model->sha256);
    return RELIEF_OK;
}

static enum relief_status find_by_path(struct rl_model *model, const char *path,
                                       struct relief_error *err)
{
    if (strcasecmp(rl_path_extension(path), "json") == 0)
        return rl_descriptor_read(model, path, err);
    rl_str_copy(model->path, sizeof model->path, path);
    guess_family(model);
    return read_beside(model, err);
}

enum relief_status rl_model_find(struct rl_model *model, const char *name, struct rl_log *log,
                                 struct relief_error *err)
{
    enum relief_status status;
    rl_model_default(model);
    if (rl_registry_is_name(name))
        status = rl_stock_find(model, name, log, err);
    else if (strcmp(name, built_in) == 0)
        status = find_built_in(model, err);
    else
        status = find_by_path(model, name, err);
    if (status == RELIEF_OK)
        status = check_file(model, err);
    if (!*model->name)
        rl_str_copy(model->name, sizeof model->name, rl_path_name(name));
    if (status == RELIEF_OK && model->non_commercial)
        rl_warn(log, "%s: %s: NOT FOR COMMERCIAL USE", model->name, model->licence);
    else if (status == RELIEF_OK && *model->licence)
        rl_info(log, "%s: licence %s", model->name, model->licence);
    return status;
}

enum relief_status rl_model_take_int8(struct rl_model *model, struct relief_error *err)
{
    memcpy(model->path, model->int8_path, sizeof model->path);
    memcpy(model->sha256, model->int8_sha256, sizeof model->sha256);
    return check_file(model, err);
}

static int to_multiple(double side, int multiple)
{
    int count = (int)lround(side / multiple);
    return (count > 0 ? count : 1) * multiple;
}

// Which of both sides comes closer to `size` without being scaled much: MiDaS's "minimal".
static bool minimal_fits_width(int width, int height, int size)
{
    return fabs(1 - (double)size / width) < fabs(1 - (double)size / height);
}

// About as many pixels as a 16:9 picture has whose longer side is `size`: a network that learnt at
// one area sees things as large as it knows them, and no shape costs more than another.
static void size_by_area(double aspect, int size, int multiple, int *width, int *height)
{
    const double area = (double)size * to_multiple(size * 9 / 16.0, multiple);
    const double longer = fmin(2.0 * size, sqrt(area * fmax(aspect, 1 / aspect)));
    *width = to_multiple(aspect > 1 ? longer : longer * aspect, multiple);
    *height = to_multiple(aspect > 1 ? longer / aspect : longer, multiple);
}

void rl_model_input_size(const struct rl_model *model, int width, int height, int wanted,
                         int *input_width, int *input_height)
{
    const int size = to_multiple(wanted > 0 ? wanted : model->size, model->multiple);
    *input_width = *input_height = size;
    if (model->fit == RL_FIT_EXACT || width <= 0 || height <= 0)
        return;
    if (model->fit == RL_FIT_AREA && wanted <= 0) {
        size_by_area((double)width / height, size, model->multiple, input_width, input_height);
        return;
    }
    // A size that somebody wants is always that of the longer side.
    bool fits_width = width >= height;
    if (model->fit == RL_FIT_MINIMAL && wanted <= 0)
        fits_width = minimal_fits_width(width, height, size);
    if (fits_width)
        *input_height = to_multiple((double)size * height / width, model->multiple);
    else
        *input_width = to_multiple((double)size * width / height, model->multiple);
}
