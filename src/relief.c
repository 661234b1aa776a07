// SPDX-License-Identifier: MIT
#include "base/error.h"

const char *relief_version(void)
{
    return "0.1.0";
}
