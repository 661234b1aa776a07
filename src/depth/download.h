// SPDX-License-Identifier: MIT
//
// One file from the web into a part on disk. Goes on where an earlier attempt stopped.
//
// 1. The part is only ever appended to, or begun anew when the server cannot go on from its end.
//    Whether it is the right file, its reader has to check.
// 2. Redirects are followed, from https to https only. Proxies come from the usual variables
//    (https_proxy, no_proxy, ...), certificates from the system or from CURL_CA_BUNDLE,
//    SSL_CERT_FILE, SSL_CERT_DIR.
// 3. A transfer that stands still for `stall_s`, breaks off or meets a busy server is taken up
//    again by itself, and given up after three attempts in a row that brought nothing.
#ifndef RL_DEPTH_DOWNLOAD_H
#define RL_DEPTH_DOWNLOAD_H

#include "base/log.h"

#include <stdbool.h>

struct rl_download {
    const char *url;
    const char *part;
    int64_t bytes;  // what the whole file has; 0 = not known
    int stall_s;    // 0: RELIEF_STALL_SECONDS, or 30
    // Called several times a second; false ends the transfer (RELIEF_E_CANCELLED). `total` is 0
    // when not known.
    bool (*go_on)(void *user, int64_t done, int64_t total);
    void *user;
    struct rl_log *log;
};

// Fails with RELIEF_E_MODEL (server, network), RELIEF_E_OUTPUT (disk) or RELIEF_E_CANCELLED.
enum relief_status rl_download(const struct rl_download *download, struct relief_error *err);

#endif
