// SPDX-License-Identifier: MIT
#include "cli/inputs.h"

#include "base/file.h"
#include "base/str.h"

#include <dirent.h>
#include <strings.h>

// Another pointer behind `count` of them; the list is grown at powers of two.
static bool add(void *list, size_t count, const void *pointer)
{
    const void ***pointers = list;
    if ((count & (count - 1)) == 0) {
        const void **grown = realloc(*pointers, (count ? 2 * count : 1) * sizeof *grown);
        if (!grown)
            return false;
        *pointers = grown;
    }
    (*pointers)[count] = pointer;
    return pointer;
}

// True for NAME_3d.EXT, and for NAME_3D_ and what players look for, where NAME lies in the list.
static bool is_made(char *const *names, size_t count, const char *name)
{
    static const char mark[] = "_3d";
    for (size_t i = 0; i < count; i++) {
        const size_t stem = (size_t)(rl_path_extension(names[i]) - names[i]) - 1;
        const char *rest = name + stem;
        if (!strncmp(names[i], name, stem) && !strncasecmp(rest, mark, strlen(mark)) &&
            (rest[strlen(mark)] == '.' || rest[strlen(mark)] == '_'))
            return true;
    }
    return false;
}

static int compare(const void *a, const void *b)
{
    return rl_str_compare_naturally(*(const char *const *)a, *(const char *const *)b);
}

// The films of a folder, each a string on the heap. False when out of memory.
static bool list_films(const char *folder, char ***names, size_t *count)
{
    DIR *dir = opendir(folder);
    bool fits = true;
    *names = NULL;
    *count = 0;
    for (struct dirent *entry; fits && dir && (entry = readdir(dir));) {
        if (entry->d_name[0] == '.' || !rl_path_is_film(entry->d_name))
            continue;
        char *name = rl_str_format("%s", entry->d_name);
        fits = add(names, *count, name);
        *count += fits;
        if (!fits)
            free(name);
    }
    if (dir)
        closedir(dir);
    if (*count)
        qsort(*names, *count, sizeof **names, compare);
    return fits;
}

static bool add_input(struct rl_inputs *inputs, const char *path)
{
    const bool fits = add(&inputs->args.inputs, inputs->args.input_count, path);
    inputs->args.input_count += fits;
    return fits;
}

static bool add_film(struct rl_inputs *inputs, const char *folder, const char *name)
{
    char *path = rl_str_format("%s%s%s", folder, rl_str_ends(folder, "/") ? "" : "/", name);
    if (!add(&inputs->found, inputs->found_count, path)) {
        free(path);
        return false;
    }
    inputs->found_count++;
    inputs->args.in_folder = true;
    return add_input(inputs, path);
}

static bool open_folder(struct rl_inputs *inputs, const char *folder)
{
    char **names;
    size_t count;
    bool fits = list_films(folder, &names, &count);
    if (fits && !count)
        fits = add_input(inputs, folder);
    for (size_t i = 0; i < count && fits; i++)
        if (!is_made(names, count, names[i]))
            fits = add_film(inputs, folder, names[i]);
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
    return fits;
}

enum relief_status rl_inputs_open(struct rl_inputs *inputs, const struct rl_args *args,
                                  struct relief_error *err)
{
    *inputs = (struct rl_inputs){.args = *args};
    inputs->args.inputs = NULL;
    inputs->args.input_count = 0;
    for (size_t i = 0; i < args->input_count; i++) {
        const char *input = args->inputs[i];
        if (!(rl_path_is_folder(input) ? open_folder(inputs, input) : add_input(inputs, input)))
            return rl_fail_memory(err);
    }
    return RELIEF_OK;
}

void rl_inputs_clear(struct rl_inputs *inputs)
{
    for (size_t i = 0; i < inputs->found_count; i++)
        free(inputs->found[i]);
    free(inputs->found);
    free(inputs->args.inputs);
    *inputs = (struct rl_inputs){0};
}
