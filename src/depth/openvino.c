// SPDX-License-Identifier: MIT
//
// The OpenVINO engine: reads ONNX and OpenVINO IR, and runs the network in asynchronous requests.
#include "depth/openvino_network.h"

#include "base/cpu.h"
#include "base/str.h"
#include "base/workers.h"

#include <ctype.h>

enum relief_status rl_openvino_fail(const struct rl_network *n, ov_status_e status,
                                    const char *what, struct relief_error *err)
{
    char cause[384];
    rl_openvino_cause(&n->ov, status, cause, sizeof cause);
    return rl_fail(err, RELIEF_E_MODEL, "%s: %s: %s", n->path, what, cause);
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

static bool takes_bf16(const struct rl_network *n, enum relief_precision precision)
{
    const bool wanted = precision == RELIEF_PRECISION_AUTO ? rl_cpu_is_fast_in_bf16()
                                                           : precision == RELIEF_PRECISION_BF16;
    return wanted && can_bf16(n, "CPU");
}

// A stream for each request, the threads shared out among them: two threads that work on one
// picture wait for each other at every layer, which costs a third of the speed when the cores also
// serve the decoder, the kernels and the encoder. For the same reason threads are not pinned.
static ov_status_e compile_cpu(struct rl_network *n, const struct rl_network_params *params)
{
    char threads[16], streams[16];
    int count = params->threads > 0 ? params->threads : rl_core_count();
    const bool bf16 = takes_bf16(n, params->precision),
               int8 = params->precision == RELIEF_PRECISION_INT8;
    snprintf(threads, sizeof threads, "%d", count);
    snprintf(streams, sizeof streams, "%d", count < params->requests ? count : params->requests);
    rl_str_copy(n->info.device, sizeof n->info.device, "cpu");
    rl_str_copy(n->info.precision, sizeof n->info.precision, int8 ? "int8" : bf16 ? "bf16" : "f32");
    return n->ov.ov_core_compile_model(n->core, n->model, "CPU", 10, &n->compiled,
                                       "PERFORMANCE_HINT", "LATENCY", "NUM_STREAMS", streams,
                                       "INFERENCE_NUM_THREADS", threads, "INFERENCE_PRECISION_HINT",
                                       bf16 ? "bf16" : "f32", "ENABLE_CPU_PINNING", "NO");
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
    return status == OK ? RELIEF_OK
                        : rl_openvino_fail(n, status, "the network cannot be prepared", err);
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
            return rl_openvino_fail(n, status, "the network cannot be prepared", err);
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
    bool is_map = rl_openvino_map_size(shape.dims, (int)shape.rank, &height, &width);
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
    char cause[384];
    ov_status_e status = n->ov.ov_core_create(&n->core);
    if (status != OK) {
        rl_openvino_cause(&n->ov, status, cause, sizeof cause);
        return rl_fail(err, RELIEF_E_DEVICE, "depth: OpenVINO cannot start: %s", cause);
    }
    status = n->ov.ov_core_read_model(n->core, n->path, "", &n->model);
    if (status == OK)
        return RELIEF_OK;
    // The library's own words for "none of my readers knows it" are long and say no more.
    rl_openvino_cause(&n->ov, status, cause, sizeof cause);
    if (rl_str_starts(cause, "Unable to read the model"))
        return rl_fail(err, RELIEF_E_MODEL, "%s: is neither an ONNX nor an OpenVINO IR network",
                       n->path);
    return rl_fail(err, RELIEF_E_MODEL, "%s: is not a network that can be read: %s", n->path,
                   cause);
}

static enum relief_status open_network(struct rl_network *n, const struct rl_network_params *params,
                                       struct relief_error *err)
{
    const float *output;
    enum relief_status status = read_file(n, err);
    if (status == RELIEF_OK)
        status = rl_openvino_settle_ports(n, params, err);
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
