// SPDX-License-Identifier: MIT
//
// Finding and describing models.
#include "check.h"

#include "depth/model.h"

#include "base/str.h"

#include <sys/stat.h>

static char folder[256];

static const char *in_folder(const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void put(const char *name, const char *text)
{
    FILE *file = fopen(in_folder(name), "w");
    fputs(text, file);
    fclose(file);
}

// The folders above a name count too, so each family has its own.
static void put_in(const char *below, const char *name)
{
    char path[600];
    snprintf(path, sizeof path, "%s/%s", folder, below);
    mkdir(path, 0777);
    snprintf(path, sizeof path, "%s/%s", below, name);
    put(path, "weights");
}

static void a_descriptor_says_all(void)
{
    struct rl_model m;
    struct relief_error err = {0};
    put("a.onnx", "abc");
    put("a.json",
        "{\"name\": \"fine\", \"licence\": \"MIT\", \"credits\": \"me\", \"file\": \"a.onnx\","
        "\"sha256\": \"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\","
        "\"size\": 512, \"multiple\": 14, \"keep_aspect\": false, \"mean\": [0, 0.5, 1],"
        "\"std\": [1, 2, 0.25], \"output\": \"depth\"}");
    static const char *const names[] = {"a.onnx", "a.json"};
    for (size_t i = 0; i < 2; i++) {
        CHECK_INT(rl_model_find(&m, in_folder(names[i]), NULL, &err), RELIEF_OK);
        CHECK_TEXT(err.message, "");
        CHECK_TEXT(m.name, "fine");
        CHECK_TEXT(m.licence, "MIT");
        CHECK_TEXT(m.path, in_folder("a.onnx"));
        CHECK_INT(m.size, 512);
        CHECK_INT(m.multiple, 14);
        CHECK(m.fit == RL_FIT_EXACT && m.described);
        CHECK_NEAR(m.mean[1], 0.5, 0);
        CHECK_NEAR(m.std[2], 0.25, 0);
        CHECK_INT(m.output, RL_OUTPUT_DEPTH);
    }
}

static void a_file_in_8_bits_takes_the_place_of_the_other(void)
{
    struct rl_model m;
    struct relief_error err = {0};
    put("w.onnx", "weights");
    put("w8.onnx", "abc");
    put("w.json", "{\"int8\": {\"file\": \"w8.onnx\", \"sha256\":"
                  "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"}}");
    CHECK_INT(rl_model_find(&m, in_folder("w.onnx"), NULL, &err), RELIEF_OK);
    CHECK_TEXT(m.path, in_folder("w.onnx"));
    CHECK_TEXT(m.int8_path, in_folder("w8.onnx"));
    CHECK_INT(rl_model_take_int8(&m, &err), RELIEF_OK);
    CHECK_TEXT(m.path, in_folder("w8.onnx"));
    put("w8.onnx", "abd");
    CHECK_INT(rl_model_take_int8(&m, &err), RELIEF_E_MODEL);
    CHECK(strstr(err.message, "w8.onnx"));
}

static void without_one_there_are_defaults(void)
{
    struct rl_model m;
    put("bare.onnx", "weights");
    CHECK_INT(rl_model_find(&m, in_folder("bare.onnx"), NULL, NULL), RELIEF_OK);
    CHECK(!m.described);
    CHECK_TEXT(m.name, "bare.onnx");
    CHECK_INT(m.size, 384);
    CHECK_INT(m.multiple, 32);
    CHECK_NEAR(m.mean[0], 0.485, 1e-6);
    CHECK_NEAR(m.std[2], 0.225, 1e-6);
    CHECK_INT(m.output, RL_OUTPUT_INVERSE_DEPTH);
}

static void families_are_known_by_name(void)
{
    struct rl_model m;
    put_in("Depth-Anything-V2-small", "model.onnx");
    CHECK_INT(rl_model_find(&m, in_folder("Depth-Anything-V2-small/model.onnx"), NULL, NULL),
              RELIEF_OK);
    CHECK_INT(m.multiple, 14);
    CHECK_INT(m.size, 518);
    CHECK_INT(m.output, RL_OUTPUT_INVERSE_DEPTH);
    put_in("depth_anything_v3-base", "model.onnx");
    CHECK_INT(rl_model_find(&m, in_folder("depth_anything_v3-base/model.onnx"), NULL, NULL),
              RELIEF_OK);
    CHECK_INT(m.size, 504);
    CHECK_INT(m.output, RL_OUTPUT_DEPTH);
    put_in("dpt-hybrid-midas", "model.onnx");
    CHECK_INT(rl_model_find(&m, in_folder("dpt-hybrid-midas/model.onnx"), NULL, NULL), RELIEF_OK);
    CHECK_INT(m.fit, RL_FIT_EXACT);
    CHECK_NEAR(m.mean[1], 0.5, 0);
}

static void bad_descriptors_are_refused(void)
{
    static const char *const bad[] = {
        "",
        "{",
        "[]",
        "7",
        "{\"size\": \"big\"}",
        "{\"size\": 1.5}",
        "{\"size\": -1}",
        "{\"size\": 100000}",
        "{\"multiple\": 0}",
        "{\"keep_aspect\": 1}",
        "{\"fit\": \"wide\"}",
        "{\"normalisation\": 1}",
        "{\"tensors\": {\"middle\": \"x\"}}",
        "{\"mean\": [1, 2]}",
        "{\"mean\": [1, 2, \"x\"]}",
        "{\"std\": [1, 1, 0]}",
        "{\"output\": \"distance\"}",
        "{\"output\": 3}",
        "{\"name\": null}",
        "{\"sha256\": \"abc\"}",
        "{\"int8\": \"b8.onnx\"}",
        "{\"int8\": {\"sha256\": \"abc\"}}",
        "{\"int8\": {\"file\": \"\"}}",
        "{\"int8\": {\"file\": \"b8.onnx\", \"sha256\": \"abc\"}}",
        "{\"int8\": {\"file\": \"b8.onnx\", \"size\": 384}}",
        "{\"file\": \"\"}",
        "{\"file\": \"not-there.onnx\"}",
        "{\"szie\": 384}",
        "{\"size\": 384, \"size\": 512}",
        "{\"sha256\": \"0000000000000000000000000000000000000000000000000000000000000000\"}",
    };
    put("b.onnx", "weights");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct rl_model m;
        struct relief_error err = {0};
        put("b.json", bad[i]);
        if (rl_model_find(&m, in_folder("b.onnx"), NULL, &err) != RELIEF_E_MODEL)
            printf("taken: %s\n", bad[i]);
        CHECK_INT(err.status, RELIEF_E_MODEL);
        CHECK(strstr(err.message, folder) && !strchr(err.message, '\n'));
    }
}

static void missing_files_are_named(void)
{
    struct rl_model m;
    struct relief_error err = {0};
    CHECK_INT(rl_model_find(&m, in_folder("none.onnx"), NULL, &err), RELIEF_E_MODEL);
    CHECK(strstr(err.message, "none.onnx") && *err.hint);
    CHECK_INT(rl_model_find(&m, folder, NULL, NULL), RELIEF_E_MODEL);
    put("alone.json", "{\"size\": 384}");
    CHECK_INT(rl_model_find(&m, in_folder("alone.json"), NULL, NULL), RELIEF_E_MODEL);
    CHECK_INT(rl_model_find(&m, "", NULL, NULL), RELIEF_E_MODEL);
    char longer[RELIEF_TEXT_MAX + 64];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = 0;
    CHECK_INT(rl_model_find(&m, longer, NULL, NULL), RELIEF_E_MODEL);
}

static void the_built_in_model_is_there(void)
{
    struct rl_model m;
    struct relief_error err = {0};
    CHECK_INT(rl_model_find(&m, "built-in", NULL, &err), RELIEF_OK);
    CHECK_TEXT(err.message, "");
    CHECK(m.described && *m.sha256 && *m.licence);
    CHECK(rl_str_ends(m.path, "relief-small.onnx"));
    CHECK_INT(rl_model_take_int8(&m, &err), RELIEF_OK);
    CHECK(rl_str_ends(m.path, "relief-small-int8.onnx"));
    CHECK_INT(m.multiple, 32);
    char *kept = rl_str_format("%s", getenv("RELIEF_MODELS"));
    setenv("RELIEF_MODELS", folder, 1);
    CHECK_INT(rl_model_find(&m, "built-in", NULL, &err), RELIEF_E_MODEL);
    CHECK(strstr(err.message, folder));
    setenv("RELIEF_MODELS", kept, 1);
    free(kept);
}

static void sizes_keep_the_shape(void)
{
    static const int cases[][5] = {
        // width, height, wanted -> width, height
        {1920, 1080, 0, 384, 224},   {1080, 1920, 0, 224, 384}, {640, 480, 0, 384, 288},
        {1920, 800, 0, 384, 160},    {512, 512, 0, 384, 384},   {1920, 1080, 512, 512, 288},
        {4000, 10, 0, 384, 32},      {1, 1, 0, 384, 384},       {1920, 1080, 1, 32, 32},
        {1920, 1080, 500, 512, 288},
    };
    struct rl_model m;
    int w, h;
    rl_model_default(&m);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rl_model_input_size(&m, cases[i][0], cases[i][1], cases[i][2], &w, &h);
        CHECK_INT(w, cases[i][3]);
        CHECK_INT(h, cases[i][4]);
    }
    m.multiple = 14;
    rl_model_input_size(&m, 1920, 1080, 518, &w, &h);
    CHECK_INT(w, 518);
    CHECK_INT(h, 294);
    m.fit = RL_FIT_EXACT;
    rl_model_input_size(&m, 1920, 1080, 0, &w, &h);
    CHECK_INT(w, 378);
    CHECK_INT(h, 378);
}

// MiDaS's own figures for its size rules.
static void minimal_sizes_are_those_of_dpt(void)
{
    static const int cases[][4] = {
        {1920, 1080, 672, 384}, {1080, 1920, 384, 672}, {640, 480, 512, 384},
        {500, 300, 384, 224},   {200, 100, 384, 192},   {384, 384, 384, 384},
    };
    struct rl_model m;
    int w, h;
    rl_model_default(&m);
    m.fit = RL_FIT_MINIMAL;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rl_model_input_size(&m, cases[i][0], cases[i][1], 0, &w, &h);
        CHECK_INT(w, cases[i][2]);
        CHECK_INT(h, cases[i][3]);
    }
    // A size that was asked for is that of the longer side.
    rl_model_input_size(&m, 1920, 1080, 512, &w, &h);
    CHECK_INT(w, 512);
    CHECK_INT(h, 288);
    m.size = 518;
    m.multiple = 14;
    rl_model_input_size(&m, 1920, 1080, 0, &w, &h);
    CHECK_INT(w, 924);
    CHECK_INT(h, 518);
}

static void areas_are_equal_whatever_the_shape(void)
{
    static const int cases[][4] = {
        {1920, 1080, 384, 224}, {1080, 1920, 224, 384}, {640, 480, 352, 256}, {512, 512, 288, 288},
        {1920, 800, 448, 192},  {4000, 200, 768, 32},   {200, 4000, 32, 768}, {1, 1, 288, 288},
    };
    struct rl_model m;
    int w, h;
    rl_model_default(&m);
    m.fit = RL_FIT_AREA;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rl_model_input_size(&m, cases[i][0], cases[i][1], 0, &w, &h);
        CHECK_INT(w, cases[i][2]);
        CHECK_INT(h, cases[i][3]);
    }
    // A size that was asked for is that of the longer side.
    rl_model_input_size(&m, 640, 480, 512, &w, &h);
    CHECK_INT(w, 512);
    CHECK_INT(h, 384);
}

static void every_key_of_a_descriptor_is_taken(void)
{
    struct rl_model m;
    put("k.onnx", "abc");
    put("k.json", "{\"fit\": \"minimal\", \"normalisation\": \"half\", \"non_commercial\": true,"
                  "\"tensors\": {\"input\": \"x\", \"output\": \"y\"},"
                  "\"output\": \"metric_depth\", \"tta\": true}");
    CHECK_INT(rl_model_find(&m, in_folder("k.onnx"), NULL, NULL), RELIEF_OK);
    CHECK_INT(m.fit, RL_FIT_MINIMAL);
    CHECK_NEAR(m.mean[0], 0.5, 0);
    CHECK_NEAR(m.std[2], 0.5, 0);
    CHECK(m.non_commercial && m.tta);
    CHECK_TEXT(m.input, "x");
    CHECK_TEXT(m.result, "y");
    CHECK_INT(m.output, RL_OUTPUT_METRIC_DEPTH);
    put("k.json", "{\"fit\": \"area\"}");
    CHECK_INT(rl_model_find(&m, in_folder("k.onnx"), NULL, NULL), RELIEF_OK);
    CHECK_INT(m.fit, RL_FIT_AREA);
    put("k.json", "{\"normalisation\": \"inside\", \"fit\": \"exact\"}");
    CHECK_INT(rl_model_find(&m, in_folder("k.onnx"), NULL, NULL), RELIEF_OK);
    CHECK_INT(m.fit, RL_FIT_EXACT);
    CHECK_NEAR(m.mean[1], 0, 0);
    CHECK_NEAR(m.std[1], 1, 0);
}

int main(void)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/relief-test-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(folder))
        return 1;
    RUN(a_descriptor_says_all);
    RUN(a_file_in_8_bits_takes_the_place_of_the_other);
    RUN(without_one_there_are_defaults);
    RUN(families_are_known_by_name);
    RUN(bad_descriptors_are_refused);
    RUN(missing_files_are_named);
    RUN(the_built_in_model_is_there);
    RUN(sizes_keep_the_shape);
    RUN(minimal_sizes_are_those_of_dpt);
    RUN(areas_are_equal_whatever_the_shape);
    RUN(every_key_of_a_descriptor_is_taken);
    char command[300];
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    return system(command) ? 1 : check_result();
}
