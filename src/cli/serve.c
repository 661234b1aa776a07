// SPDX-License-Identifier: MIT
//
// relief serve: the local page. Options were parsed into args->serve.
#include "cli/commands.h"

enum relief_status rl_run_server(const struct rl_args *args, struct relief_error *err)
{
    return rl_serve(&args->serve, err);
}
