// SPDX-License-Identifier: MIT
//
// The OpenVINO engine: reads ONNX and OpenVINO IR, finds out how the network wants its picture and
// where the map comes out, and runs it in asynchronous requests.
#include "depth/engine.h"

#include "base/str.h"
#include "base/workers.h"
#include "depth/openvino_api.h"

#include <ctype.h>

enum { RANK_MAX = 8 };

struct request {
    ov_infer_request_t *request;
    ov_tensor_t *input, *output;
    float *input_data;
    bool busy;
};

struct rl_network {
    struct rl_openvino ov;
    ov_core_t *core;
    ov_model_t *model;  // until it is compiled
    ov_compiled_model_t *compiled;
    struct request requests[RL_REQUESTS_MAX];
    const char *path;    // of the file, for error texts; only while opening
    bool channels_last;  // the network takes H x W x 3
    int input_rank;
    size_t output_index;
    struct rl_network_info info;
};

// "FILE: what: why"
static enum relief_status fail(const struct rl_network *n, ov_status_e status, const char *what,
                               struct relief_error *err)
{
    char cause[384];
    rl_openvino_cause(&n->ov, status, cause, sizeof cause);
    return rl_fail(err, RELIEF_E_MODEL, "%s: %s: %s", n->path, what, cause);
}

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
    fail(n, status, what, err);
    rl_hint(err, "--depth-size chooses another size");
    return RELIEF_E_MODEL;
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
    if (port)
        n->ov.ov_output_const_port_free(port);
    if (status != OK)
        return fail(n, status, "its input cannot be read", err);
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

// A map has exactly two sides that are not 1: its height, then its width.
static bool find_sides(const int64_t *dims, int rank, int *height, int *width)
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

static int rate_name(const char *name)
{
    return strcasestr(name, "inverse")                               ? 3
           : strcasestr(name, "depth") || strcasestr(name, "dispar") ? 2
           : strcasestr(name, "conf")                                ? 0
                                                                     : 1;
}

// How much output `index` looks like the map; -1 when it cannot be one. Sides that are known only
// after a run are left 0.
static int rate_output(struct rl_network *n, size_t index, int *height, int *width)
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
        if (!known || find_sides(dims, rank, height, width))
            rating = rate_name(name ? name : "");
        n->ov.ov_partial_shape_free(&shape);
    }
    if (name)
        n->ov.ov_free(name);
    n->ov.ov_output_const_port_free(port);
    return rating;
}

static enum relief_status settle_output(struct rl_network *n, struct relief_error *err)
{
    size_t count = 0;
    int best = -1;
    ov_status_e status = n->ov.ov_model_outputs_size(n->model, &count);
    if (status != OK)
        return fail(n, status, "its outputs cannot be read", err);
    for (size_t i = 0; i < count; i++) {
        int height, width, rating = rate_output(n, i, &height, &width);
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
        return fail(n, status, "its input or output cannot be converted", err);
    n->ov.ov_model_free(n->model);
    n->model = model;
    return RELIEF_OK;
}

// ---------------------------------------------------------------------------------------------
// Compiling and running

static bool can_bf16(const struct rl_network *n, const char *device)
{
    char *capabilities = NULL;
    if (n->ov.ov_core_get_property(n->core, device, "OPTIMIZATION_CAPABILITIES", &capabilities) !=
        OK)
        return false;
    bool can = strstr(capabilities, "BF16") != NULL;
    n->ov.ov_free(capabilities);
    return can;
}

// One request after the other on all threads: measured against a stream per request, this is as
// many pictures a second and half the wait. Threads are not pinned, for they share the cores with
// the decoder, the kernels and the encoder.
static ov_status_e compile_cpu(struct rl_network *n, const struct rl_network_params *params)
{
    char threads[16];
    bool bf16 = params->precision != RELIEF_PRECISION_F32 && can_bf16(n, "CPU");
    snprintf(threads, sizeof threads, "%d",
             params->threads > 0 ? params->threads : rl_core_count());
    rl_str_copy(n->info.device, sizeof n->info.device, "cpu");
    rl_str_copy(n->info.precision, sizeof n->info.precision, bf16 ? "bf16" : "f32");
    return n->ov.ov_core_compile_model(n->core, n->model, "CPU", 10, &n->compiled,
                                       "PERFORMANCE_HINT", "LATENCY", "NUM_STREAMS", "1",
                                       "INFERENCE_NUM_THREADS", threads, "INFERENCE_PRECISION_HINT",
                                       n->info.precision, "ENABLE_CPU_PINNING", "NO");
}

static ov_status_e compile_device(struct rl_network *n, const struct rl_network_params *params)
{
    char name[sizeof n->info.device];
    rl_str_copy(name, sizeof name, params->device);
    rl_str_copy(n->info.device, sizeof n->info.device, params->device);
    for (char *c = name; *c; c++)
        *c = (char)toupper((unsigned char)*c);
    if (params->precision != RELIEF_PRECISION_F32)
        return n->ov.ov_core_compile_model(n->core, n->model, name, 2, &n->compiled,
                                           "PERFORMANCE_HINT", "LATENCY");
    rl_str_copy(n->info.precision, sizeof n->info.precision, "f32");
    return n->ov.ov_core_compile_model(n->core, n->model, name, 4, &n->compiled, "PERFORMANCE_HINT",
                                       "LATENCY", "INFERENCE_PRECISION_HINT", "f32");
}

static enum relief_status compile(struct rl_network *n, const struct rl_network_params *params,
                                  struct relief_error *err)
{
    ov_status_e status;
    if (strcasecmp(params->device, "auto") != 0 && strcasecmp(params->device, "cpu") != 0) {
        status = compile_device(n, params);
        if (status == OK)
            return RELIEF_OK;
        rl_openvino_cause(&n->ov, status, n->info.fallback, sizeof n->info.fallback);
    }
    status = compile_cpu(n, params);
    return status == OK ? RELIEF_OK : fail(n, status, "the network cannot be prepared", err);
}

static enum relief_status make_requests(struct rl_network *n, int count, struct relief_error *err)
{
    for (int i = 0; i < count; i++) {
        struct request *r = &n->requests[i];
        void *data = NULL;
        ov_status_e status = n->ov.ov_compiled_model_create_infer_request(n->compiled, &r->request);
        if (status == OK)
            status = n->ov.ov_infer_request_get_input_tensor_by_index(r->request, 0, &r->input);
        if (status == OK)
            status = n->ov.ov_tensor_data(r->input, &data);
        if (status != OK)
            return fail(n, status, "the network cannot be prepared", err);
        r->input_data = data;
        memset(data, 0, 3 * sizeof(float) * (size_t)n->info.width * (size_t)n->info.height);
    }
    return RELIEF_OK;
}

static enum relief_status openvino_start(struct rl_network *n, int slot, struct relief_error *err)
{
    struct request *r = &n->requests[slot];
    ov_status_e status = n->ov.ov_infer_request_start_async(r->request);
    r->busy = status == OK;
    if (status == OK)
        return RELIEF_OK;
    char cause[384];
    rl_openvino_cause(&n->ov, status, cause, sizeof cause);
    return rl_fail(err, RELIEF_E_FAILED, "depth: the network cannot be run: %s", cause);
}

// The output belongs to the request; its place may change from run to run.
static ov_status_e take_output(struct rl_network *n, struct request *r, ov_shape_t *shape,
                               void **data)
{
    if (r->output)
        n->ov.ov_tensor_free(r->output);
    r->output = NULL;
    ov_status_e status = n->ov.ov_infer_request_get_output_tensor_by_index(
        r->request, n->output_index, &r->output);
    if (status == OK)
        status = n->ov.ov_tensor_get_shape(r->output, shape);
    if (status == OK)
        status = n->ov.ov_tensor_data(r->output, data);
    return status;
}

static enum relief_status openvino_wait(struct rl_network *n, int slot, const float **output,
                                        struct relief_error *err)
{
    struct request *r = &n->requests[slot];
    ov_shape_t shape = {0};
    void *data = NULL;
    int height = 0, width = 0;
    ov_status_e status = n->ov.ov_infer_request_wait(r->request);
    r->busy = false;
    if (status == OK)
        status = take_output(n, r, &shape, &data);
    if (status != OK) {
        char cause[384];
        rl_openvino_cause(&n->ov, status, cause, sizeof cause);
        return rl_fail(err, RELIEF_E_FAILED, "depth: the network failed: %s", cause);
    }
    bool is_map = find_sides(shape.dims, (int)shape.rank, &height, &width);
    n->ov.ov_shape_free(&shape);
    if (!n->info.output_width && is_map) {
        n->info.output_width = width;
        n->info.output_height = height;
    }
    if (!is_map || width != n->info.output_width || height != n->info.output_height)
        return rl_fail(err, RELIEF_E_MODEL, "depth: the network gives no map of height x width");
    *output = data;
    return RELIEF_OK;
}

// ---------------------------------------------------------------------------------------------
// Opening

static void openvino_close(struct rl_network **network)
{
    struct rl_network *n = *network;
    *network = NULL;
    if (!n)
        return;
    for (int i = 0; i < RL_REQUESTS_MAX; i++) {
        struct request *r = &n->requests[i];
        if (r->busy)
            n->ov.ov_infer_request_wait(r->request);
        if (r->output)
            n->ov.ov_tensor_free(r->output);
        if (r->input)
            n->ov.ov_tensor_free(r->input);
        if (r->request)
            n->ov.ov_infer_request_free(r->request);
    }
    if (n->compiled)
        n->ov.ov_compiled_model_free(n->compiled);
    if (n->model)
        n->ov.ov_model_free(n->model);
    if (n->core)
        n->ov.ov_core_free(n->core);
    rl_openvino_unload(&n->ov);
    free(n);
}

static enum relief_status read_file(struct rl_network *n, struct relief_error *err)
{
    ov_status_e status = n->ov.ov_core_create(&n->core);
    if (status != OK) {
        char cause[384];
        rl_openvino_cause(&n->ov, status, cause, sizeof cause);
        return rl_fail(err, RELIEF_E_DEVICE, "depth: OpenVINO cannot start: %s", cause);
    }
    status = n->ov.ov_core_read_model(n->core, n->path, "", &n->model);
    return status == OK ? RELIEF_OK : fail(n, status, "is not a network that can be read", err);
}

static enum relief_status open_network(struct rl_network *n, const struct rl_network_params *params,
                                       struct relief_error *err)
{
    const float *output;
    enum relief_status status = read_file(n, err);
    if (status == RELIEF_OK)
        status = settle_input(n, params, err);
    if (status == RELIEF_OK)
        status = settle_output(n, err);
    if (status == RELIEF_OK)
        status = convert_types(n, err);
    if (status == RELIEF_OK)
        status = compile(n, params, err);
    if (status == RELIEF_OK)
        status = make_requests(n, params->requests, err);
    if (n->model)
        n->ov.ov_model_free(n->model);
    n->model = NULL;
    // Some networks know the size of their map only when they have run.
    if (status == RELIEF_OK && !n->info.output_width)
        status = openvino_start(n, 0, err);
    if (status == RELIEF_OK && !n->info.output_width)
        status = openvino_wait(n, 0, &output, err);
    return status;
}

static enum relief_status openvino_open(struct rl_network **network,
                                        const struct rl_network_params *params,
                                        struct relief_error *err)
{
    char why[256];
    struct rl_network *n = calloc(1, sizeof *n);
    if (!n)
        return rl_fail_memory(err);
    if (!rl_openvino_load(&n->ov, why, sizeof why)) {
        free(n);
        rl_fail(err, RELIEF_E_DEVICE, "depth: no engine can run the network: %s", why);
        rl_hint(err, "RELIEF_OPENVINO names the folder of libopenvino_c.so");
        return RELIEF_E_DEVICE;
    }
    n->path = params->model->path;
    enum relief_status status = open_network(n, params, err);
    n->path = "depth";
    if (status != RELIEF_OK)
        openvino_close(&n);
    *network = n;
    return status;
}

static const struct rl_network_info *openvino_info(const struct rl_network *network)
{
    return &network->info;
}

static float *openvino_input(struct rl_network *network, int slot)
{
    return network->requests[slot].input_data;
}

// ---------------------------------------------------------------------------------------------
// Devices

static bool openvino_available(char *why, size_t size)
{
    struct rl_openvino ov;
    bool available = rl_openvino_load(&ov, why, size);
    rl_openvino_unload(&ov);
    return available;
}

static void describe_device(const struct rl_openvino *ov, const ov_core_t *core, const char *name,
                            struct relief_device *device)
{
    char *full = NULL;
    *device = (struct relief_device){.usable = 1};
    for (size_t i = 0; name[i] && i + 1 < sizeof device->name; i++)
        device->name[i] = (char)tolower((unsigned char)name[i]);
    if (ov->ov_core_get_property(core, name, "FULL_DEVICE_NAME", &full) != OK)
        full = NULL;
    rl_str_add(device->detail, sizeof device->detail, "OpenVINO %s: %s", ov->version,
               full ? full : name);
    if (full)
        ov->ov_free(full);
}

static size_t list_devices(const struct rl_openvino *ov, struct relief_device *devices,
                           size_t capacity, char *why, size_t size)
{
    ov_core_t *core = NULL;
    ov_available_devices_t list = {0};
    ov_status_e status = ov->ov_core_create(&core);
    if (status == OK)
        status = ov->ov_core_get_available_devices(core, &list);
    if (status != OK)
        rl_openvino_cause(ov, status, why, size);
    size_t count = status == OK ? list.size : 0;
    for (size_t i = 0; i < count && i < capacity; i++)
        describe_device(ov, core, list.devices[i], &devices[i]);
    if (status == OK)
        ov->ov_available_devices_free(&list);
    if (core)
        ov->ov_core_free(core);
    return count;
}

static size_t openvino_devices(struct relief_device *devices, size_t capacity)
{
    struct rl_openvino ov;
    char why[160] = "no device";
    size_t count = 0;
    if (rl_openvino_load(&ov, why, sizeof why))
        count = list_devices(&ov, devices, capacity, why, sizeof why);
    rl_openvino_unload(&ov);
    if (count == 0 && capacity > 0) {
        *devices = (struct relief_device){"cpu", "", 0};
        rl_str_add(devices->detail, sizeof devices->detail, "OpenVINO: %s", why);
    }
    return count ? count : 1;
}

const struct rl_engine rl_engine_openvino = {
    .name = "openvino",
    .available = openvino_available,
    .devices = openvino_devices,
    .open = openvino_open,
    .info = openvino_info,
    .input = openvino_input,
    .start = openvino_start,
    .wait = openvino_wait,
    .close = openvino_close,
};
