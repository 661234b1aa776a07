// SPDX-License-Identifier: MIT
//
// OpenVINO's C library, loaded while the program runs: relief starts fast, works without it
// (imported depth, the dummy engine), and can say why it is missing.
//
// 1. There is no state of ours: each network holds a table of its own. The system's loader counts
//    the uses of the library, and never unloads it, for OpenVINO keeps threads and globals.
// 2. Looked for in this order: $RELIEF_OPENVINO (the library, or its folder; nothing else is tried
//    then); relief/ and openvino/libs beside librelief; .deps/ of the checkout that holds the build
//    folder; the system's.
// 3. Only releases of the year of our headers are taken: older ones number element types otherwise.
#ifndef RL_DEPTH_OPENVINO_API_H
#define RL_DEPTH_OPENVINO_API_H

#include "base/error.h"

#include <stdbool.h>

#include <openvino/c/openvino.h>

// FUNCTION(result, name, arguments): all that is used of the library. openvino_api.c checks them
// against OpenVINO's own declarations.
#define RL_OPENVINO_FUNCTIONS(FUNCTION) \
    FUNCTION(ov_status_e, ov_get_openvino_version, (ov_version_t *)) \
    FUNCTION(void, ov_version_free, (ov_version_t *)) \
    FUNCTION(const char *, ov_get_error_info, (ov_status_e)) \
    FUNCTION(const char *, ov_get_last_err_msg, (void)) \
    FUNCTION(void, ov_free, (const char *)) \
    FUNCTION(ov_status_e, ov_core_create, (ov_core_t **)) \
    FUNCTION(void, ov_core_free, (ov_core_t *)) \
    FUNCTION(ov_status_e, ov_core_get_available_devices, \
             (const ov_core_t *, ov_available_devices_t *)) \
    FUNCTION(void, ov_available_devices_free, (ov_available_devices_t *)) \
    FUNCTION(ov_status_e, ov_core_get_property, \
             (const ov_core_t *, const char *, const char *, char **)) \
    FUNCTION(ov_status_e, ov_core_read_model, \
             (const ov_core_t *, const char *, const char *, ov_model_t **)) \
    FUNCTION(void, ov_model_free, (ov_model_t *)) \
    FUNCTION(ov_status_e, ov_model_inputs_size, (const ov_model_t *, size_t *)) \
    FUNCTION(ov_status_e, ov_model_outputs_size, (const ov_model_t *, size_t *)) \
    FUNCTION(ov_status_e, ov_model_const_input_by_index, \
             (const ov_model_t *, const size_t, ov_output_const_port_t **)) \
    FUNCTION(ov_status_e, ov_model_const_output_by_index, \
             (const ov_model_t *, const size_t, ov_output_const_port_t **)) \
    FUNCTION(ov_status_e, ov_model_reshape_single_input, \
             (const ov_model_t *, const ov_partial_shape_t)) \
    FUNCTION(ov_status_e, ov_port_get_partial_shape, \
             (const ov_output_const_port_t *, ov_partial_shape_t *)) \
    FUNCTION(ov_status_e, ov_port_get_any_name, (const ov_output_const_port_t *, char **)) \
    FUNCTION(void, ov_output_const_port_free, (ov_output_const_port_t *)) \
    FUNCTION(ov_status_e, ov_partial_shape_create, \
             (const int64_t, const ov_dimension_t *, ov_partial_shape_t *)) \
    FUNCTION(void, ov_partial_shape_free, (ov_partial_shape_t *)) \
    FUNCTION(ov_status_e, ov_preprocess_prepostprocessor_create, \
             (const ov_model_t *, ov_preprocess_prepostprocessor_t **)) \
    FUNCTION(void, ov_preprocess_prepostprocessor_free, (ov_preprocess_prepostprocessor_t *)) \
    FUNCTION( \
        ov_status_e, ov_preprocess_prepostprocessor_get_input_info_by_index, \
        (const ov_preprocess_prepostprocessor_t *, const size_t, ov_preprocess_input_info_t **)) \
    FUNCTION(void, ov_preprocess_input_info_free, (ov_preprocess_input_info_t *)) \
    FUNCTION(ov_status_e, ov_preprocess_input_info_get_tensor_info, \
             (const ov_preprocess_input_info_t *, ov_preprocess_input_tensor_info_t **)) \
    FUNCTION(void, ov_preprocess_input_tensor_info_free, (ov_preprocess_input_tensor_info_t *)) \
    FUNCTION(ov_status_e, ov_preprocess_input_tensor_info_set_element_type, \
             (ov_preprocess_input_tensor_info_t *, const ov_element_type_e)) \
    FUNCTION(ov_status_e, ov_preprocess_input_tensor_info_set_layout, \
             (ov_preprocess_input_tensor_info_t *, ov_layout_t *)) \
    FUNCTION(ov_status_e, ov_preprocess_input_info_get_model_info, \
             (const ov_preprocess_input_info_t *, ov_preprocess_input_model_info_t **)) \
    FUNCTION(void, ov_preprocess_input_model_info_free, (ov_preprocess_input_model_info_t *)) \
    FUNCTION(ov_status_e, ov_preprocess_input_model_info_set_layout, \
             (ov_preprocess_input_model_info_t *, ov_layout_t *)) \
    FUNCTION( \
        ov_status_e, ov_preprocess_prepostprocessor_get_output_info_by_index, \
        (const ov_preprocess_prepostprocessor_t *, const size_t, ov_preprocess_output_info_t **)) \
    FUNCTION(void, ov_preprocess_output_info_free, (ov_preprocess_output_info_t *)) \
    FUNCTION(ov_status_e, ov_preprocess_output_info_get_tensor_info, \
             (const ov_preprocess_output_info_t *, ov_preprocess_output_tensor_info_t **)) \
    FUNCTION(void, ov_preprocess_output_tensor_info_free, (ov_preprocess_output_tensor_info_t *)) \
    FUNCTION(ov_status_e, ov_preprocess_output_set_element_type, \
             (ov_preprocess_output_tensor_info_t *, const ov_element_type_e)) \
    FUNCTION(ov_status_e, ov_preprocess_prepostprocessor_build, \
             (const ov_preprocess_prepostprocessor_t *, ov_model_t **)) \
    FUNCTION(ov_status_e, ov_layout_create, (const char *, ov_layout_t **)) \
    FUNCTION(void, ov_layout_free, (ov_layout_t *)) \
    FUNCTION(ov_status_e, ov_core_compile_model, \
             (const ov_core_t *, const ov_model_t *, const char *, const size_t, \
              ov_compiled_model_t **, ...)) \
    FUNCTION(void, ov_compiled_model_free, (ov_compiled_model_t *)) \
    FUNCTION(ov_status_e, ov_compiled_model_create_infer_request, \
             (const ov_compiled_model_t *, ov_infer_request_t **)) \
    FUNCTION(void, ov_infer_request_free, (ov_infer_request_t *)) \
    FUNCTION(ov_status_e, ov_infer_request_get_input_tensor_by_index, \
             (const ov_infer_request_t *, const size_t, ov_tensor_t **)) \
    FUNCTION(ov_status_e, ov_infer_request_get_output_tensor_by_index, \
             (const ov_infer_request_t *, const size_t, ov_tensor_t **)) \
    FUNCTION(ov_status_e, ov_infer_request_start_async, (ov_infer_request_t *)) \
    FUNCTION(ov_status_e, ov_infer_request_wait, (ov_infer_request_t *)) \
    FUNCTION(ov_status_e, ov_tensor_data, (const ov_tensor_t *, void **)) \
    FUNCTION(ov_status_e, ov_tensor_get_shape, (const ov_tensor_t *, ov_shape_t *)) \
    FUNCTION(ov_status_e, ov_shape_free, (ov_shape_t *)) \
    FUNCTION(void, ov_tensor_free, (ov_tensor_t *))

struct rl_openvino {
    void *library;
    char version[32];  // "2026.4.1"
#define RL_OPENVINO_POINTER(result, name, arguments) result(*name) arguments;
    RL_OPENVINO_FUNCTIONS(RL_OPENVINO_POINTER)
#undef RL_OPENVINO_POINTER
};

// False when the library is not there or not fit; `why` then says so in one line.
bool rl_openvino_load(struct rl_openvino *ov, char *why, size_t size);
void rl_openvino_unload(struct rl_openvino *ov);

// What the library says about its last failure in this thread, brought down to the line that tells
// something.
void rl_openvino_cause(const struct rl_openvino *ov, ov_status_e status, char *text, size_t size);

#endif
