// SPDX-License-Identifier: MIT
#include "cli/inputs.h"

#include "base/file.h"
#include "base/str.h"

#include <dirent.h>
#include <strings.h>

// Takes over `name`, NULL when there was no memory for it; false then. Grows at powers of two.
static bool add(struct rl_names *names, char *name)
{
    const size_t count = names->count;
    if (name && (count & (count - 1)) == 0) {
        char **grown = realloc(names->at, (count ? 2 * count : 1) * sizeof *grown);
        if (!grown) {
            free(name);
            return false;
        }
        names->at = grown;
    }
    if (name)
        names->at[names->count++] = name;
    return name;
}

void rl_names_clear(struct rl_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->at[i]);
    free(names->at);
    *names = (struct rl_names){0};
}

// True for NAME_3d.EXT, and for NAME_3D_ and what players look for, where NAME lies in the list.
static bool is_made(const struct rl_names *names, const char *name)
{
    static const char mark[] = "_3d";
    for (size_t i = 0; i < names->count; i++) {
        const size_t stem = (size_t)(rl_path_extension(names->at[i]) - names->at[i]) - 1;
        const char *rest = name + stem;
        if (!strncmp(names->at[i], name, stem) && !strncasecmp(rest, mark, strlen(mark)) &&
            (rest[strlen(mark)] == '.' || rest[strlen(mark)] == '_'))
            return true;
    }
    return false;
}

static int compare(const void *a, const void *b)
{
    return rl_str_compare_naturally(*(const char *const *)a, *(const char *const *)b);
}

// The names of a folder's films. False when out of memory.
static bool list_films(struct rl_names *films, const char *folder)
{
    DIR *dir = opendir(folder);
    bool fits = true;
    for (struct dirent *entry; fits && dir && (entry = readdir(dir));)
        if (entry->d_name[0] != '.' && rl_path_is_film(entry->d_name))
            fits = add(films, rl_str_format("%s", entry->d_name));
    if (dir)
        closedir(dir);
    if (films->count)
        qsort(films->at, films->count, sizeof *films->at, compare);
    return fits;
}

// Adds a folder's films, or the input itself. False when out of memory.
static bool add_input(struct rl_names *inputs, const char *input, bool *in_folder)
{
    struct rl_names films = {0};
    bool fits = !rl_path_is_folder(input) || list_films(&films, input);
    if (fits && !films.count)
        fits = add(inputs, rl_str_format("%s", input));
    const char *slash = rl_str_ends(input, "/") ? "" : "/";
    for (size_t i = 0; i < films.count && fits; i++) {
        *in_folder = true;
        if (!is_made(&films, films.at[i]))
            fits = add(inputs, rl_str_format("%s%s%s", input, slash, films.at[i]));
    }
    rl_names_clear(&films);
    return fits;
}

enum relief_status rl_inputs_find(struct rl_names *inputs, bool *in_folder,
                                  const struct rl_args *args, struct relief_error *err)
{
    *inputs = (struct rl_names){0};
    *in_folder = false;
    for (size_t i = 0; i < args->input_count; i++)
        if (!add_input(inputs, args->inputs[i], in_folder))
            return rl_fail_memory(err);
    return RELIEF_OK;
}
