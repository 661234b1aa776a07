// SPDX-License-Identifier: MIT
#include "depth/openvino_api.h"

#include "base/file.h"
#include "base/str.h"

#include <dlfcn.h>

// clang-format off
#define SAME_TYPE(result, name, arguments) \
    _Static_assert(_Generic(&name, result(*) arguments : 1, default : 0), #name " has changed");
// clang-format on
RL_OPENVINO_FUNCTIONS(SAME_TYPE)
#undef SAME_TYPE

static const char release_year[] = "2026.";

static const char *const file_names[] = {"libopenvino_c.so.2641", "libopenvino_c.so"};

// Seen from the folder of librelief or the program.
static const char *const folders[] = {
    "relief",
    "openvino/libs",
    "../lib/relief",
    "../../.deps/openvino/libs",
    "../../../.deps/openvino/libs",
    "../../../../.deps/openvino/libs",
};

// A file that is there but does not load leaves its cause in `why`.
static void *open_file(const char *path, char *why, size_t size)
{
    if (strchr(path, '/') && !rl_path_exists(path))
        return NULL;
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    const char *cause = library ? NULL : dlerror();
    if (cause && strchr(path, '/'))
        rl_str_copy(why, size, cause);
    return library;
}

static void *open_in(const char *base, const char *folder, char *why, size_t size)
{
    for (size_t i = 0; i < sizeof file_names / sizeof *file_names; i++) {
        char path[RELIEF_TEXT_MAX] = "";
        void *library = NULL;
        if (rl_str_add(path, sizeof path, "%s%s/%s", base, folder, file_names[i]))
            library = open_file(path, why, size);
        if (library)
            return library;
    }
    return NULL;
}

static void *find_library(char *why, size_t size)
{
    char own[RELIEF_TEXT_MAX - 64] = "";
    void *library = NULL;
    const char *named = getenv("RELIEF_OPENVINO");
    rl_str_copy(why, size, "the OpenVINO library was not found");
    if (named && *named) {
        snprintf(why, size, "%s, which RELIEF_OPENVINO names, holds no OpenVINO library", named);
        return rl_path_is_folder(named) ? open_in(named, "", why, size)
                                        : open_file(named, why, size);
    }
    rl_path_own_folder(own, sizeof own - 1);
    rl_str_add(own, sizeof own, "/");
    for (size_t i = 0; !library && i < sizeof folders / sizeof *folders; i++)
        library = open_in(own, folders[i], why, size);
    for (size_t i = 0; !library && i < sizeof file_names / sizeof *file_names; i++)
        library = open_file(file_names[i], why, size);
    return library;
}

static bool find_functions(struct rl_openvino *ov, char *why, size_t size)
{
    const char *missing = NULL;
#define FIND(result, name, arguments) \
    if (!(*(void **)&ov->name = dlsym(ov->library, #name))) \
        missing = #name;
    RL_OPENVINO_FUNCTIONS(FIND)
#undef FIND
    if (missing)
        snprintf(why, size, "the OpenVINO library has no %s: another release is needed", missing);
    return !missing;
}

static bool check_version(struct rl_openvino *ov, char *why, size_t size)
{
    ov_version_t version = {0};
    if (ov->ov_get_openvino_version(&version) == OK && version.buildNumber)
        snprintf(ov->version, sizeof ov->version, "%.*s", (int)strcspn(version.buildNumber, "-"),
                 version.buildNumber);
    ov->ov_version_free(&version);
    if (rl_str_starts(ov->version, release_year))
        return true;
    snprintf(why, size, "OpenVINO %s was found, a release %sx is needed", ov->version,
             release_year);
    return false;
}

bool rl_openvino_load(struct rl_openvino *ov, char *why, size_t size)
{
    *ov = (struct rl_openvino){0};
    ov->library = find_library(why, size);
    if (!ov->library)
        return false;
    if (find_functions(ov, why, size) && check_version(ov, why, size)) {
        rl_str_copy(why, size, "");
        return true;
    }
    rl_openvino_unload(ov);
    return false;
}

void rl_openvino_unload(struct rl_openvino *ov)
{
    if (ov->library)
        dlclose(ov->library);
    *ov = (struct rl_openvino){0};
}

// Lines such as "Exception from src/core.cpp:97:" and "Check 'x' failed at src/y.cpp:5:" name
// places in OpenVINO's source.
static bool names_a_place(const char *line, size_t length)
{
    char copy[512];
    snprintf(copy, sizeof copy, "%.*s", (int)length, line);
    return rl_str_starts(copy, "Exception from ") || strstr(copy, " failed at src/") ||
           strstr(copy, ".cpp:");
}

void rl_openvino_cause(const struct rl_openvino *ov, ov_status_e status, char *text, size_t size)
{
    const char *message = ov->ov_get_last_err_msg();
    rl_str_copy(text, size, ov->ov_get_error_info(status));
    for (const char *line = message ? message : ""; *line;) {
        size_t length = strcspn(line, "\n");
        if (length > 0 && !names_a_place(line, length)) {
            snprintf(text, size, "%.*s", (int)length, line);
            break;
        }
        line += length + (line[length] == '\n');
    }
    if (message)
        ov->ov_free(message);
}
