// SPDX-License-Identifier: MIT
//
// A main for fuzz targets without a fuzzer: runs each file named, or those of a folder, once. So
// the corpus, with every past crash in it, is a test like any other.
#include "base/file.h"
#include "base/str.h"

#include <dirent.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return 1;
    enum { LARGEST = 1 << 22 };
    uint8_t *data = malloc(LARGEST);
    size_t size = data ? fread(data, 1, LARGEST, file) : 0;
    fclose(file);
    // A copy of the exact size, so that a read behind the end is seen.
    uint8_t *exact = malloc(size ? size : 1);
    if (exact && data)
        memcpy(exact, data, size);
    free(data);
    if (exact)
        LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return exact == NULL;
}

static int run_folder(const char *path)
{
    int failed = 0;
    DIR *dir = opendir(path);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        char *name = rl_str_format("%s/%s", path, entry->d_name);
        if (name && entry->d_name[0] != '.')
            failed |= run_file(name);
        free(name);
    }
    if (dir)
        closedir(dir);
    return failed;
}

int main(int argc, char **argv)
{
    int failed = 0;
    for (int i = 1; i < argc; i++)
        failed |= rl_path_is_folder(argv[i]) ? run_folder(argv[i]) : run_file(argv[i]);
    return failed;
}
