// SPDX-License-Identifier: MIT
#include "depth/openvino_network.h"

#include "base/str.h"

enum { RANK_MAX = 8 };

// ---------------------------------------------------------------------------------------------
// What goes in

static bool is_fixed(ov_dimension_t dim)
{
    return dim.min == dim.max && dim.max > 0;
}

// A side of the input: the network's own, or the wanted one within the network's bounds.
static int64_t fit_side(ov_dimension_t dim, int wanted)
{
    if (dim.max > 0 && wanted > dim.max)
        return dim.max;
    return wanted < dim.min ? dim.min : wanted;
}

// Three to five dimensions: [leading ones,] 3, H, W, or H, W, 3 where only that fits.
static enum relief_status settle_dims(struct rl_network *n, ov_dimension_t *dims, int rank,
                                      const struct rl_network_params *params,
                                      struct relief_error *err)
{
    if (rank < 3 || rank > 5)
        return rl_fail(err, RELIEF_E_MODEL,
                       "%s: takes an input of %d dimensions, not a picture (3 to 5)", n->path,
                       rank);
    ov_dimension_t first = dims[rank - 3], last = dims[rank - 1];
    n->channels_last = is_fixed(last) && last.max == 3 && !(is_fixed(first) && first.max == 3);
    int channel = n->channels_last ? rank - 1 : rank - 3;
    int row = n->channels_last ? rank - 3 : rank - 2;
    for (int i = 0; i < rank; i++) {
        int64_t size = i == channel   ? 3
                       : i == row     ? fit_side(dims[i], params->height)
                       : i == row + 1 ? fit_side(dims[i], params->width)
                                      : 1;
        if (is_fixed(dims[i]) && dims[i].max != size)
            return rl_fail(err, RELIEF_E_MODEL,
                           i == channel ? "%s: takes pictures of %d channels, not of 3"
                                        : "%s: takes %d pictures at once, not one",
                           n->path, (int)dims[i].max);
        dims[i] = (ov_dimension_t){size, size};
    }
    n->input_rank = rank;
    n->info.height = (int)dims[row].max;
    n->info.width = (int)dims[row + 1].max;
    return RELIEF_OK;
}

static enum relief_status reshape(struct rl_network *n, const ov_dimension_t *dims, int rank,
                                  struct relief_error *err)
{
    ov_partial_shape_t shape = {0};
    ov_status_e status = n->ov.ov_partial_shape_create(rank, dims, &shape);
    if (status == OK) {
        status = n->ov.ov_model_reshape_single_input(n->model, shape);
        n->ov.ov_partial_shape_free(&shape);
    }
    if (status == OK)
        return RELIEF_OK;
    char what[96];
    snprintf(what, sizeof what, "cannot take an input of %dx%d", n->info.width, n->info.height);
    rl_openvino_fail(n, status, what, err);
    rl_hint(err, "--depth-size chooses another size");
    return RELIEF_E_MODEL;
}

static bool port_is_named(const struct rl_network *n, const ov_output_const_port_t *port,
                          const char *wanted)
{
    char *name = NULL;
    bool same = n->ov.ov_port_get_any_name(port, &name) == OK && strcmp(name, wanted) == 0;
    if (name)
        n->ov.ov_free(name);
    return same;
}

static enum relief_status settle_input(struct rl_network *n, const struct rl_network_params *params,
                                       struct relief_error *err)
{
    size_t count = 0;
    ov_output_const_port_t *port = NULL;
    ov_partial_shape_t shape = {0};
    ov_status_e status = n->ov.ov_model_inputs_size(n->model, &count);
    if (status == OK && count != 1)
        return rl_fail(err, RELIEF_E_MODEL, "%s: takes %zu inputs, not one picture", n->path,
                       count);
    if (status == OK)
        status = n->ov.ov_model_const_input_by_index(n->model, 0, &port);
    if (status == OK)
        status = n->ov.ov_port_get_partial_shape(port, &shape);
    const char *wanted = params->model->input;
    bool named = status != OK || !*wanted || port_is_named(n, port, wanted);
    if (port)
        n->ov.ov_output_const_port_free(port);
    if (status != OK)
        return rl_openvino_fail(n, status, "its input cannot be read", err);
    if (!named) {
        n->ov.ov_partial_shape_free(&shape);
        return rl_fail(err, RELIEF_E_MODEL, "%s: its input is not called \"%s\"", n->path, wanted);
    }
    // Nothing said about the rank: what most networks take.
    ov_dimension_t dims[RANK_MAX] = {{-1, -1}, {-1, -1}, {-1, -1}, {-1, -1}};
    int rank = is_fixed(shape.rank) ? (int)shape.rank.max : 4;
    if (is_fixed(shape.rank))
        for (int i = 0; i < rank && i < RANK_MAX; i++)
            dims[i] = shape.dims[i];
    n->ov.ov_partial_shape_free(&shape);
    enum relief_status settled = settle_dims(n, dims, rank, params, err);
    return settled == RELIEF_OK ? reshape(n, dims, rank, err) : settled;
}

// ---------------------------------------------------------------------------------------------
// What comes out

bool rl_openvino_map_size(const int64_t *dims, int rank, int *height, int *width)
{
    int found = 0;
    int64_t sides[2] = {0, 0};
    for (int i = 0; i < rank; i++)
        if (dims[i] > 1 && found++ < 2)
            sides[found - 1] = dims[i];
    *height = (int)sides[0];
    *width = (int)sides[1];
    return found == 2 && sides[0] <= INT16_MAX && sides[1] <= INT16_MAX;
}

// `wanted` is the name that a descriptor gives; empty when there is none.
static int rate_name(const char *name, const char *wanted)
{
    if (*wanted && strcmp(name, wanted) == 0)
        return 4;
    return strcasestr(name, "inverse")                               ? 3
           : strcasestr(name, "depth") || strcasestr(name, "dispar") ? 2
           : strcasestr(name, "conf")                                ? 0
                                                                     : 1;
}

// How much output `index` looks like the map; -1 when it cannot be one. Sides that are known only
// after a run are left 0.
static int rate_output(struct rl_network *n, size_t index, const char *wanted, int *height,
                       int *width)
{
    int rating = -1;
    ov_output_const_port_t *port = NULL;
    ov_partial_shape_t shape = {0};
    char *name = NULL;
    *height = *width = 0;
    if (n->ov.ov_model_const_output_by_index(n->model, index, &port) != OK)
        return -1;
    if (n->ov.ov_port_get_any_name(port, &name) != OK)
        name = NULL;
    if (n->ov.ov_port_get_partial_shape(port, &shape) == OK) {
        int64_t dims[RANK_MAX];
        int rank = is_fixed(shape.rank) && shape.rank.max <= RANK_MAX ? (int)shape.rank.max : 0;
        bool known = rank > 0;
        for (int i = 0; i < rank; i++) {
            known = known && is_fixed(shape.dims[i]);
            dims[i] = shape.dims[i].max;
        }
        if (!known || rl_openvino_map_size(dims, rank, height, width))
            rating = rate_name(name ? name : "", wanted);
        n->ov.ov_partial_shape_free(&shape);
    }
    if (name)
        n->ov.ov_free(name);
    n->ov.ov_output_const_port_free(port);
    return rating;
}

static enum relief_status settle_output(struct rl_network *n, const char *wanted,
                                        struct relief_error *err)
{
    size_t count = 0;
    int best = -1;
    ov_status_e status = n->ov.ov_model_outputs_size(n->model, &count);
    if (status != OK)
        return rl_openvino_fail(n, status, "its outputs cannot be read", err);
    for (size_t i = 0; i < count; i++) {
        int height, width, rating = rate_output(n, i, wanted, &height, &width);
        if (rating <= best)
            continue;
        best = rating;
        n->output_index = i;
        n->info.output_height = height;
        n->info.output_width = width;
    }
    if (best < 0)
        return rl_fail(err, RELIEF_E_MODEL, "%s: gives no depth map: no output of height x width",
                       n->path);
    return RELIEF_OK;
}

// ---------------------------------------------------------------------------------------------
// float32 planes on both sides, whatever the network holds inside

static const char *layout_of(int rank, bool channels_last)
{
    static const char *const names[2][3] = {{"CHW", "NCHW", "NDCHW"}, {"HWC", "NHWC", "NDHWC"}};
    return names[channels_last][rank - 3];
}

static ov_status_e convert_layout(struct rl_network *n, ov_preprocess_input_info_t *info,
                                  ov_preprocess_input_tensor_info_t *tensor)
{
    ov_preprocess_input_model_info_t *model = NULL;
    ov_layout_t *ours = NULL, *theirs = NULL;
    ov_status_e status = n->ov.ov_layout_create(layout_of(n->input_rank, false), &ours);
    if (status == OK)
        status = n->ov.ov_layout_create(layout_of(n->input_rank, true), &theirs);
    if (status == OK)
        status = n->ov.ov_preprocess_input_tensor_info_set_layout(tensor, ours);
    if (status == OK)
        status = n->ov.ov_preprocess_input_info_get_model_info(info, &model);
    if (status == OK)
        status = n->ov.ov_preprocess_input_model_info_set_layout(model, theirs);
    if (model)
        n->ov.ov_preprocess_input_model_info_free(model);
    if (theirs)
        n->ov.ov_layout_free(theirs);
    if (ours)
        n->ov.ov_layout_free(ours);
    return status;
}

static ov_status_e convert_input(struct rl_network *n, ov_preprocess_prepostprocessor_t *steps)
{
    ov_preprocess_input_info_t *info = NULL;
    ov_preprocess_input_tensor_info_t *tensor = NULL;
    ov_status_e status = n->ov.ov_preprocess_prepostprocessor_get_input_info_by_index(steps, 0,
                                                                                      &info);
    if (status == OK)
        status = n->ov.ov_preprocess_input_info_get_tensor_info(info, &tensor);
    if (status == OK)
        status = n->ov.ov_preprocess_input_tensor_info_set_element_type(tensor, F32);
    if (status == OK && n->channels_last)
        status = convert_layout(n, info, tensor);
    if (tensor)
        n->ov.ov_preprocess_input_tensor_info_free(tensor);
    if (info)
        n->ov.ov_preprocess_input_info_free(info);
    return status;
}

static ov_status_e convert_output(struct rl_network *n, ov_preprocess_prepostprocessor_t *steps)
{
    ov_preprocess_output_info_t *info = NULL;
    ov_preprocess_output_tensor_info_t *tensor = NULL;
    ov_status_e status = n->ov.ov_preprocess_prepostprocessor_get_output_info_by_index(
        steps, n->output_index, &info);
    if (status == OK)
        status = n->ov.ov_preprocess_output_info_get_tensor_info(info, &tensor);
    if (status == OK)
        status = n->ov.ov_preprocess_output_set_element_type(tensor, F32);
    if (tensor)
        n->ov.ov_preprocess_output_tensor_info_free(tensor);
    if (info)
        n->ov.ov_preprocess_output_info_free(info);
    return status;
}

static enum relief_status convert_types(struct rl_network *n, struct relief_error *err)
{
    ov_preprocess_prepostprocessor_t *steps = NULL;
    ov_model_t *model = NULL;
    ov_status_e status = n->ov.ov_preprocess_prepostprocessor_create(n->model, &steps);
    if (status == OK)
        status = convert_input(n, steps);
    if (status == OK)
        status = convert_output(n, steps);
    if (status == OK)
        status = n->ov.ov_preprocess_prepostprocessor_build(steps, &model);
    if (steps)
        n->ov.ov_preprocess_prepostprocessor_free(steps);
    if (status != OK)
        return rl_openvino_fail(n, status, "its input or output cannot be converted", err);
    n->ov.ov_model_free(n->model);
    n->model = model;
    return RELIEF_OK;
}

enum relief_status rl_openvino_settle_ports(struct rl_network *n,
                                            const struct rl_network_params *params,
                                            struct relief_error *err)
{
    enum relief_status status = settle_input(n, params, err);
    if (status == RELIEF_OK)
        status = settle_output(n, params->model->result, err);
    if (status == RELIEF_OK)
        status = convert_types(n, err);
    return status;
}
